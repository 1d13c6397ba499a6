"""A rendered hall whose camera is watched: pictures of it with a drawn crowd, nudged, dimmed or covered."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from tools.simulation.crowd.walk_hall import make_demo_hall
from tools.simulation.pinhole_camera import PinholeCamera
from tools.simulation.rendering.demo_scene import build_demo_renderer, hang_demo_camera
from vision.alignment.background import shrink_picture
from vision.alignment.view_report import ViewReport
from vision.alignment.view_watch import SAMPLE_EVERY_S, ViewMonitor
from vision.pixel_types import Picture

SIZE_WH = (480, 270)
HALL = make_demo_hall()
CAMERA = hang_demo_camera(hall=HALL, size_wh=SIZE_WH)
SETTLED_S = 42.0
"""By then a watch has its reference and a first verdict."""

ChangePicture = Callable[[Picture], Picture]


def nudge_camera(part: float) -> PinholeCamera:
    """The camera turned to its side, so that the middle of its picture moves by a part of the width."""
    return dataclasses.replace(
        CAMERA, heading_rad=CAMERA.heading_rad + math.atan(part * SIZE_WH[0] / CAMERA.focal_px)
    )


@lru_cache
def film_empty_hall(camera: PinholeCamera = CAMERA) -> Picture:
    renderer = build_demo_renderer(hall=HALL, camera=camera, seed=2, oversampling=1)
    return renderer.render([])[0]


_NOISE = np.random.default_rng(9).integers(-4, 5, (*SIZE_WH[::-1], 3), dtype=np.int8)


@lru_cache(maxsize=500)
def _dress(number: int, height: int) -> Picture:
    clothes = np.random.default_rng(number).integers(0, 255, (height, height // 3, 3))
    return np.asarray(cv2.blur(clothes.astype(np.uint8), (3, 3)), np.uint8)


class Crowd:
    """Drawn coarsely, for a picture has to cost a millisecond: some walk through, some stand for a minute."""

    def __init__(self, *, walking: int = 8, standing: int = 8, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self._people = [
            (is_walking, rng.uniform(0, 600, 2), int(rng.integers(1 << 30)))
            for is_walking in [True] * walking + [False] * standing
        ]

    def draw_on(self, picture: Picture, time_s: float) -> npt.NDArray[np.float32]:
        """Draw everybody, and say their boxes, shape (n, 4)."""
        boxes = []
        for is_walking, (offset, lane), number in self._people:
            seed = number if is_walking else number + int((time_s + offset) // 60)
            left = int((offset + 45 * time_s) % 560) - 60 if is_walking else seed % 440
            foot, height = 120 + int(lane + 7 * (seed % 20)) % 140, 60 + seed % 25
            box = left, max(0, foot - height), left + height // 3, foot
            body = _dress(seed, height)
            right, bottom = min(box[2], SIZE_WH[0]), min(foot, SIZE_WH[1])
            first = max(0, left)
            if right > first and bottom > box[1]:
                picture[box[1] : bottom, first:right] = body[: bottom - box[1], first - left : right - left]
                boxes.append((first, box[1], right, bottom))
        return np.array(boxes, np.float32).reshape(-1, 4)


def film(
    crowd: Crowd | None, time_s: float, *, camera: PinholeCamera = CAMERA
) -> tuple[Picture, npt.NDArray[np.float32]]:
    """A picture with noise, and the boxes of everybody in it, shape (n, 4)."""
    picture = film_empty_hall(camera).copy()
    boxes = np.empty((0, 4), np.float32) if crowd is None else crowd.draw_on(picture, time_s)
    noise = np.roll(_NOISE, round(time_s * 1000), axis=0)
    return np.asarray(cv2.add(picture, noise, dtype=cv2.CV_8U), np.uint8), boxes


def watch_hall(
    watch: ViewMonitor,
    start_s: float,
    end_s: float,
    crowd: Crowd | None = None,
    change: ChangePicture | None = None,
    camera: PinholeCamera = CAMERA,
    *,
    tells_boxes: bool = True,
) -> list[ViewReport]:
    """Let a watch see the hall for some time; what it reports whenever that changes."""
    reports = []
    for time_s in np.arange(start_s, end_s, SAMPLE_EVERY_S).tolist():
        picture, boxes = film(crowd, time_s, camera=camera)
        if change is not None:
            picture = change(picture)
        if watch.observe(time_s, shrink_picture(picture), boxes if tells_boxes else ()):
            reports.append(watch.report)
    return reports
