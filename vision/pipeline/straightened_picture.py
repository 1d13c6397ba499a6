"""The picture that a straight lens would have taken: trackers work in it, and people look at the other."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.lens import PictureLens
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.floor_view import FloorView

FloatArray = npt.NDArray[np.float64]

_Move = Callable[[FloatArray], FloatArray]

EDGE_MARGIN_PARTS = 0.01
"""Of the picture: a box that ends so near an edge is cut off by it."""
_MASK_STEPS = 8
"""Into so many pieces each side of a mask is cut, which straighten to a polygon close to the true curve."""


class StraightenedPicture:
    """Carries boxes of a bent picture into a straight one and back.

    The straight picture is the smallest with straight sides that holds all of the bent one. A box that
    touches an edge of the bent picture is made to touch that of the straight one, for that is how trackers
    know that somebody is cut off.

    Attributes:
        size_wh: of the straight picture.
        camera: the same camera without a lens, its size and both its masks (as ``mask``) in the straight
            picture.
        geometry: from the straight picture to the floor.
    """

    def __init__(self, camera: Camera, view: FloorView, lens: PictureLens) -> None:
        """For the pictures of ``view``, whose geometry has ``lens``."""
        self._lens = lens
        self._bent_wh = np.array(view.frame_size_wh, dtype=np.float64)
        border = lens.straighten(_walk_round(view.frame_size_wh))
        self._origin = border.min(axis=0)
        width, height = np.ceil(border.max(axis=0) - self._origin).astype(int).tolist()
        self.size_wh: tuple[int, int] = (width, height)
        shift = np.array([[1.0, 0.0, self._origin[0]], [0.0, 1.0, self._origin[1]], [0.0, 0.0, 1.0]])
        geometry = view.geometry
        self.geometry = CameraGeometry(
            geometry.floor_from_pixel @ shift,
            geometry.pair_rms_m,
            floor_errors=geometry.floor_errors,
            lens_width_px=float(view.frame_size_wh[0]),
        )
        self.camera = dataclasses.replace(
            camera,
            frame_size_wh=self.size_wh,
            lens=None,
            privacy_mask=(),
            mask=tuple(
                tuple((float(u), float(v)) for u, v in self._straighten(_cut_sides(polygon)))
                for polygon in view.mask
            ),
        )

    def straighten_detections(self, detections: Detections) -> Detections:
        """Boxes of the bent picture as boxes of the straight one."""
        if not len(detections):
            return detections
        xyxy = np.clip(detections.xyxy.astype(np.float64), 0.0, np.tile(self._bent_wh, 2))
        straight = _move_sides(xyxy, self._straighten)
        margin = self._bent_wh * EDGE_MARGIN_PARTS
        for side in (0, 1):
            straight[xyxy[:, side] <= margin[side], side] = 0.0
            is_cut = xyxy[:, 2 + side] >= self._bent_wh[side] - margin[side]
            straight[is_cut, 2 + side] = self.size_wh[side]
        return Detections(straight.astype(np.float32), detections.score, detections.appearance)

    def bend_boxes(self, boxes: Sequence[TrackedBox]) -> list[TrackedBox]:
        """Tracked boxes of the straight picture as boxes of the bent picture, for people to look at."""
        if not boxes:
            return []
        nowhere = (math.nan, math.nan)
        bent = _move_sides(np.array([box.xyxy for box in boxes], dtype=np.float64), self._bend).tolist()
        feet_px = self._bend(np.array([box.foot[:2] if box.foot else nowhere for box in boxes])).tolist()
        return [_place_box(box, xyxy, uv_px) for box, xyxy, uv_px in zip(boxes, bent, feet_px, strict=True)]

    def _straighten(self, uv_px: FloatArray) -> FloatArray:
        return np.asarray(self._lens.straighten(uv_px) - self._origin, np.float64)

    def _bend(self, uv_px: FloatArray) -> FloatArray:
        return self._lens.distort(uv_px + self._origin)


def straighten_view(camera: Camera, view: FloorView) -> StraightenedPicture | None:
    """The straight picture of a view; None where the lens is straight."""
    lens = view.geometry.lens
    return None if lens is None else StraightenedPicture(camera, view, lens)


def _place_box(box: TrackedBox, xyxy: Sequence[float], foot_px: Sequence[float]) -> TrackedBox:
    """A tracked box elsewhere in a picture, its foot too; as it was where the new place is no number."""
    left, top, right, bottom = xyxy
    if not all(map(math.isfinite, xyxy)):
        return box
    foot, (u_px, v_px) = box.foot, foot_px
    if foot is not None and math.isfinite(u_px):
        foot = foot._replace(u_px=u_px, v_px=v_px)
    return box._replace(xyxy=(left, top, right, bottom), foot=foot)


def _move_sides(xyxy: FloatArray, move: _Move) -> FloatArray:
    """Boxes, shape (n, 4), whose sides go through the moved middles of their sides."""
    left, top, right, bottom = xyxy.T
    middle_u, middle_v = (left + right) / 2, (top + bottom) / 2
    middles = np.array([[left, middle_v], [middle_u, top], [right, middle_v], [middle_u, bottom]])
    moved = move(np.moveaxis(middles, 1, 2).reshape(-1, 2)).reshape(4, -1, 2)
    return np.stack([moved[0, :, 0], moved[1, :, 1], moved[2, :, 0], moved[3, :, 1]], axis=1)


def _walk_round(size_wh: tuple[int, int]) -> FloatArray:
    return _cut_sides(np.array([(0, 0), (size_wh[0], 0), size_wh, (0, size_wh[1])], dtype=np.float64))


def _cut_sides(polygon: FloatArray) -> FloatArray:
    """The corners of a polygon, shape (k, 2), with points between them."""
    parts = np.arange(_MASK_STEPS)[None, :, None] / _MASK_STEPS
    ahead = np.roll(polygon, -1, axis=0)
    cut: FloatArray = (polygon[:, None] * (1 - parts) + ahead[:, None] * parts).reshape(-1, 2)
    return cut
