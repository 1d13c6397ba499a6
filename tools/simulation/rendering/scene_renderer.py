"""Rendering of people into a hall's picture, far to near, with each person's visible pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from tools.simulation.pinhole_camera import PinholeCamera
from tools.simulation.rendering.backdrop import Backdrop
from tools.simulation.rendering.figure import Appearance, Pose
from tools.simulation.rendering.figure_painter import Sprite, paint_figure
from vision.pixel_types import Picture

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class RenderedPerson:
    """The visible part of one person.

    Attributes:
        index: in the sequence given to the renderer.
        whole_xyxy: box of the whole figure, also of what is covered or outside the picture.
        visible_xyxy: box of what is seen, or None.
        covered_share: part of the figure's area that is covered or outside the picture, 0 to 1.
    """

    index: int
    whole_xyxy: Box
    visible_xyxy: Box | None
    covered_share: float


@dataclass(frozen=True, slots=True)
class Look:
    """The camera's imperfections and the light.

    Attributes:
        exposure: brightness factor.
        warmth: factor of red against blue.
        blur_px, noise: standard deviations, in pixels and in grey levels.
        light_uv: where the light comes from in the picture.
        shadow: darkness of the soft shadows at the feet, 0 to 1.
    """

    exposure: float = 1.0
    warmth: float = 1.0
    blur_px: float = 0.6
    noise: float = 3.0
    light_uv: tuple[float, float] = (-0.5, -0.8)
    shadow: float = 0.4
    vignette: float = 0.15


class SceneRenderer:
    """A renderer of one camera's field of view of one hall."""

    def __init__(self, *, camera: PinholeCamera, backdrop: Backdrop, look: Look, seed: int = 0) -> None:
        self._camera = camera
        self._look = look
        self._obstacle_distance_m = backdrop.obstacle_distance_m
        self._random = np.random.default_rng(seed)
        width, height = camera.size_wh
        gain = np.array([look.exposure / look.warmth, look.exposure, look.exposure * look.warmth])
        v, u = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        falloff = 1 - look.vignette * (u**2 + v**2) / 2
        self._gain = (gain * falloff[:, :, None]).astype(np.float32)
        self._picture = np.clip(backdrop.picture * self._gain, 0, 255).astype(np.uint8)
        noise = self._random.normal(0, max(look.noise, 1e-3), (height + 64, width + 64, 3))
        self._noise = np.clip(np.round(noise), -100, 100).astype(np.int16)
        self._sprites: dict[tuple[Appearance, Pose], Sprite | None] = {}

    @property
    def camera(self) -> PinholeCamera:
        """The camera."""
        return self._camera

    def render(self, people: Sequence[tuple[Appearance, Pose]]) -> tuple[Picture, list[RenderedPerson]]:
        """Return the picture and the people who are at least partly inside it, in order."""
        picture = self._picture.copy()
        eye = np.asarray(self._camera.position_m[:2])
        distance = [float(np.hypot(*(np.asarray(pose.xy_m) - eye))) for _, pose in people]
        seen_by = np.full(picture.shape[:2], -1, np.int16)
        for _, pose in people:
            self._cast_shadow(picture, pose)
        whole: dict[int, tuple[Box, float]] = {}
        sprites = {person: self._paint_once(*person) for person in people}
        # motionless visitors are not painted again
        self._sprites = sprites
        for index in np.argsort(distance)[::-1]:
            sprite = sprites[people[index]]
            if sprite is None:
                continue
            whole[int(index)] = (
                _box_of(sprite.alpha > 0.5, sprite.left, sprite.top),
                float((sprite.alpha > 0.5).sum()),
            )
            self._paint(picture, seen_by, sprite, int(index), distance[index])
        return self._finish(picture), _describe(whole, seen_by)

    def _paint_once(self, appearance: Appearance, pose: Pose) -> Sprite | None:
        if (appearance, pose) in self._sprites:
            return self._sprites[appearance, pose]
        return paint_figure(
            appearance=appearance, pose=pose, camera=self._camera, light_uv=self._look.light_uv
        )

    def _paint(
        self, picture: Picture, seen_by: npt.NDArray[np.int16], sprite: Sprite, index: int, distance_m: float
    ) -> None:
        height, width = seen_by.shape
        h, w = sprite.alpha.shape
        left, top = max(sprite.left, 0), max(sprite.top, 0)
        right, bottom = min(sprite.left + w, width), min(sprite.top + h, height)
        if left >= right or top >= bottom:
            return
        inside = (
            slice(top - sprite.top, bottom - sprite.top),
            slice(left - sprite.left, right - sprite.left),
        )
        region = (slice(top, bottom), slice(left, right))
        alpha = sprite.alpha[inside] * (self._obstacle_distance_m[region] > distance_m)
        lit = sprite.colour[inside] * self._gain[region]
        mixed = picture[region] + (lit - picture[region]) * alpha[:, :, None]
        picture[region] = np.clip(mixed, 0, 255).astype(np.uint8)
        seen_by[region][alpha > 0.5] = index

    def _cast_shadow(self, picture: Picture, pose: Pose) -> None:
        if self._look.shadow <= 0:
            return
        turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        ring = np.column_stack(
            [pose.xy_m[0] + 0.34 * np.cos(turn), pose.xy_m[1] + 0.34 * np.sin(turn), np.zeros(16)]
        )
        seen = self._camera.project(ring)
        if seen[:, 2].min() < 0.4:
            return
        margin = int(np.ptp(seen[:, 1])) // 2 + 2
        height, width = picture.shape[:2]
        left, top = (np.floor(seen[:, :2].min(axis=0)).astype(int) - margin).tolist()
        right, bottom = (np.ceil(seen[:, :2].max(axis=0)).astype(int) + margin).tolist()
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
        if x0 >= x1 or y0 >= y1 or right - left > width:
            return
        shade = np.zeros((bottom - top, right - left), np.float32)
        outline = np.round(seen[:, :2] - (left, top)).astype(np.int32)
        cv2.fillConvexPoly(shade, outline, float(self._look.shadow))
        soft = cv2.blur(shade, (margin | 1, max(margin // 2, 1) | 1))
        soft = soft[y0 - top : y1 - top, x0 - left : x1 - left]
        region = picture[y0:y1, x0:x1]
        open_floor = np.isinf(self._obstacle_distance_m[y0:y1, x0:x1])
        region[:] = region * (1 - soft * open_floor)[:, :, None]

    def _finish(self, picture: Picture) -> Picture:
        if self._look.blur_px > 0.2:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), self._look.blur_px), np.uint8)
        if self._look.noise <= 0:
            return picture
        height, width = picture.shape[:2]
        dy, dx = self._random.integers(0, 64, 2)
        noise = self._noise[dy : dy + height, dx : dx + width]
        return np.asarray(cv2.add(picture, noise, dtype=cv2.CV_8U), np.uint8)


def _describe(whole: dict[int, tuple[Box, float]], seen_by: npt.NDArray[np.int16]) -> list[RenderedPerson]:
    described = []
    for index, (box, area) in sorted(whole.items()):
        left, top = max(int(box[0]), 0), max(int(box[1]), 0)
        mine = seen_by[top : max(int(box[3]), 0), left : max(int(box[2]), 0)] == index
        seen_area = int(mine.sum())
        visible = _box_of(mine, left, top) if seen_area else None
        share = 1 - seen_area / area if area else 1.0
        described.append(RenderedPerson(index, box, visible, min(max(share, 0.0), 1.0)))
    return described


def _box_of(mask: npt.NDArray[np.bool_], left: int, top: int) -> Box:
    columns, rows = np.nonzero(mask.any(axis=0))[0], np.nonzero(mask.any(axis=1))[0]
    if not len(columns):
        return float(left), float(top), float(left), float(top)
    return (
        float(left + columns[0]),
        float(top + rows[0]),
        float(left + columns[-1] + 1),
        float(top + rows[-1] + 1),
    )
