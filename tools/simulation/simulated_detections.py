"""Detections of a crowd by a demo camera, without rendering.

Where people stand in the picture follows from the camera's geometry, what hides them from the hall and from
each other, and what is reported of them from the error model.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import BoolArray, FloatArray
from tools.simulation.body_boxes import BodySizes, place_body_points, project_bodies
from tools.simulation.crowd.crowd_samples import CrowdSamples
from tools.simulation.crowd.exhibition_hall import ExhibitionLayout
from tools.simulation.detector_simulation import BodiesInFrame, DetectorErrors, DetectorSimulation
from tools.simulation.pinhole_camera import PinholeCamera
from tools.simulation.rendering.demo_scene import dress_visitor
from tools.simulation.rendering.exhibition_scene import cast_exhibition
from vision.pixel_types import Detections

_ERRORS = DetectorErrors(smallest_px=10.0, large_enough_px=22.0, edge_sigma_px=0.6)
"""Error parameters for the small people in the demo cameras' pictures."""
_HALF_WIDTH_M = 0.27
_FRAMES = 250
"""Number of frames prepared at once."""


def simulate_detections(
    *,
    samples: CrowdSamples,
    layout: ExhibitionLayout,
    camera: str,
    view: PinholeCamera,
    seed: int,
    errors: DetectorErrors = _ERRORS,
    bodies: BodySizes | None = None,
) -> Iterator[tuple[float, Detections]]:
    """Yield time and detections of every frame, in order; equal arguments give equal detections.

    Args:
        bodies: of all visitors, by their numbers; None: drawn as for the rendered clips.
    """
    numbers, number = np.unique(samples.visitor, return_inverse=True)
    if bodies is None:
        looks = [dress_visitor(visitor=int(visitor), seed=seed) for visitor in numbers]
        height_m = np.array([look.height_m for look in looks])
        half_m = _HALF_WIDTH_M * np.array([look.build for look in looks])
    else:
        height_m, half_m = bodies.height_m[numbers], bodies.half_width_m[numbers]
    obstacle_m = cast_exhibition(layout=layout, view=view, oversampling=1).obstacle_distance_m
    detector = DetectorSimulation(
        errors=errors,
        size_wh=view.size_wh,
        count=len(numbers),
        banners=np.empty((0, 4)),
        rng=np.random.default_rng([seed, *camera.encode()]),
    )
    frames = len(samples.times_s)
    # a whole day's bodies and their points would take hundreds of megabytes
    for begin in range(0, frames, _FRAMES):
        end = min(begin + _FRAMES, frames)
        rows = slice(*np.searchsorted(samples.frame, (begin, end)).tolist())
        who = number[rows]
        boxed = project_bodies(
            view=view, xy_m=samples.xy_m[rows], height_m=height_m[who], half_width_m=half_m[who]
        )
        seen = np.nonzero(boxed.is_visible)[0]
        who, boxes, distance_m = who[seen], boxed.xyxy[seen], boxed.distance_m[seen]
        hidden = _hide_behind_furniture(boxes, distance_m, obstacle_m)
        borders = np.searchsorted(samples.frame[rows][seen], np.arange(begin, end + 1)).tolist()
        for index, time_s in enumerate(samples.times_s[begin:end].tolist()):
            part = slice(borders[index], borders[index + 1])
            found = detector.report(
                BodiesInFrame(time_s, who[part], boxes[part], distance_m[part], hidden[part])
            )
            yield time_s, Detections(found.xyxy, found.score)


def _hide_behind_furniture(
    boxes: FloatArray, distance_m: FloatArray, obstacle_m: npt.NDArray[np.float32]
) -> BoolArray:
    """Return which body points, shape (n, ROWS * COLUMNS), a stand hides or the picture cuts off.

    Args:
        obstacle_m: how far the nearest stand is in every pixel, shape (height, width).
    """
    height, width = obstacle_m.shape
    points = place_body_points(boxes)
    u, v = points[:, :, 0], points[:, :, 1]
    column = np.clip(u, 0, width - 1).astype(int)
    row = np.clip(v, 0, height - 1).astype(int)
    is_outside = (u < 0) | (u >= width) | (v < 0) | (v >= height)
    return np.asarray(is_outside | (obstacle_m[row, column] < distance_m[:, None]), np.bool_)
