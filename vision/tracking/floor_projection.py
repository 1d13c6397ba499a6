"""Projection of tracked people's boxes to points on the floor, with the uncertainty of each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.track import TrackPoint, TrackState
from vision.pixel_types import FootPoint, TrackedBox
from vision.tracking.floor_view import MAX_SIGMA_M, make_floor_view
from vision.tracking.sightings import MARGIN_PARTS
from vision.tracking.vertical_direction import find_below_camera

FOOT_SIGMA_HEIGHTS = np.array([0.03, 0.04])
"""Standard deviation of a box's bottom centre around the point between the feet, across and down, in box
heights. YOLO11n against 42 hand-drawn boxes of CAVIAR: 0.016 across and 0.012 down for most, 0.066 down with
the partly hidden ones; and the middle of the box is not the middle between the feet of a person in stride."""

INTERPOLATED_SIGMA_HEIGHTS = 0.1
"""Added for a point between two sightings: a person who walks at 1.4 m/s and turns by 60 degrees in the
middle of a hidden second is about 0.2 m off the straight line."""

HIDDEN_FEET_SIGMA_HEIGHTS = 0.25
"""Vertical sigma for a box that ends at the picture's lower edge: the feet are somewhere below, and legs cut
off at the knee are a quarter of a person."""

FEET_AHEAD_M = 0.1
"""Distance of the lowest visible point of a body (a toe, a heel or the nearer foot) before its middle,
towards the camera. Shoes are 0.28 m long, and feet stand 0.2 m apart. Without this correction, places were
0.15 to 0.22 m too near in eight of nine scenes of two authors who drew bodies (0.09 m in the other), and
within 0.01 m in a third one's."""


class FloorProjection:
    """Projection of the boxes of one camera's tracks.

    The foot point is the tracker's estimate on the floor, if it has one, and otherwise the bottom centre of
    the box.

    Attributes:
        masked: boxes left out so far because their foot point lies in a mask polygon.
        off_floor: boxes left out so far at or above the horizon, or so near it that the point would be
            worthless.
    """

    def __init__(self, camera: Camera, geometry: CameraGeometry, frame_size_wh: tuple[int, int]) -> None:
        """Prepare for boxes of pictures of ``frame_size_wh``.

        ``geometry`` and the camera's masks are for pictures of ``camera.frame_size_wh``, or of the same size
        as the stream where that is not known.

        Raises:
            CalibrationError: the stream's pictures have another aspect ratio than the calibration's.
        """
        view = make_floor_view(camera, geometry, frame_size_wh)
        self._camera = camera.name
        self._geometry = view.geometry
        self._below_camera = find_below_camera(view)
        self._mask = tuple(_Enclosure(polygon) for polygon in view.mask)
        self._cut_off_v_px = frame_size_wh[1] * (1 - MARGIN_PARTS)
        self.masked = 0
        self.off_floor = 0

    def project(self, boxes: Sequence[TrackedBox]) -> list[TrackPoint]:
        """Return the places of people whose foot point is on the floor and not masked, in order."""
        if not boxes:
            return []
        feet = [box.foot for box in boxes if box.foot is not None]
        if len(feet) < len(boxes):
            feet = [box.foot or found for box, found in zip(boxes, self._find_feet(boxes), strict=True)]
        if self._mask:
            uv_px = np.array([foot[:2] for foot in feet])
            kept = (~self._is_masked(uv_px)).tolist()
            boxes, feet = list(compress(boxes, kept)), list(compress(feet, kept))
            self.masked += len(kept) - len(boxes)
        camera = self._camera
        points = [
            TrackPoint(time_s, camera, tracklet, x_m, y_m, sigma_m, height_m, state)
            for (tracklet, time_s, _, _, state, _), (*_, sigma_m, height_m), (x_m, y_m) in zip(
                boxes, feet, self._find_middles(feet), strict=True
            )
            if sigma_m <= MAX_SIGMA_M
        ]
        self.off_floor += len(boxes) - len(points)
        return points

    def _find_middles(self, feet: Sequence[FootPoint]) -> list[list[float]]:
        """Return the places of the middles of bodies, which are behind the visible feet."""
        xy_m = np.array([foot[2:4] for foot in feet]).reshape(-1, 2)
        if self._below_camera is not None:
            away = xy_m - self._below_camera
            xy_m += FEET_AHEAD_M * away / np.maximum(np.hypot(away[:, :1], away[:, 1:]), 1.0)
        places: list[list[float]] = xy_m.tolist()
        return places

    def _find_feet(self, boxes: Sequence[TrackedBox]) -> list[FootPoint]:
        """Return bottom centres; the sigma of one that is not on the floor is NaN."""
        xyxy = np.array([box.xyxy for box in boxes], dtype=np.float64)
        foot_px = np.stack([(xyxy[:, 0] + xyxy[:, 2]) / 2, xyxy[:, 3]], axis=1)
        is_interpolated = np.array([box.state is TrackState.INTERPOLATED for box in boxes])
        sigma_px = self._estimate_sigma_px(xyxy, is_interpolated)
        xy_m, covariance = self._geometry.project_with_errors(foot_px, sigma_px)
        sigma_m = np.sqrt((covariance[:, 0, 0] + covariance[:, 1, 1]) / 2)
        sigma_m[~np.isfinite(xy_m).all(axis=1)] = np.nan
        return [FootPoint(*foot) for foot in np.column_stack([foot_px, xy_m, sigma_m]).tolist()]

    def _estimate_sigma_px(self, xyxy: FloatArray, is_interpolated: BoolArray) -> FloatArray:
        height_px = np.maximum(xyxy[:, 3] - xyxy[:, 1], 1.0)
        variance = np.broadcast_to(FOOT_SIGMA_HEIGHTS**2, (len(xyxy), 2)).copy()
        variance[is_interpolated] += INTERPOLATED_SIGMA_HEIGHTS**2
        variance[xyxy[:, 3] >= self._cut_off_v_px, 1] += HIDDEN_FEET_SIGMA_HEIGHTS**2
        sigma_px: FloatArray = np.sqrt(variance) * height_px[:, None]
        return sigma_px

    def _is_masked(self, uv_px: FloatArray) -> BoolArray:
        is_masked = np.zeros(len(uv_px), dtype=bool)
        for polygon in self._mask:
            is_masked |= polygon.contains(uv_px)
        return is_masked


class _Enclosure:
    """The interior of a polygon, shape (k, 2), by the even-odd rule."""

    def __init__(self, polygon: FloatArray) -> None:
        end = np.roll(polygon, -1, axis=0)
        rise = end[:, 1] - polygon[:, 1]
        self._slope = (end[:, 0] - polygon[:, 0]) / np.where(rise == 0, 1.0, rise)
        self._begin_u, self._begin_v = polygon.T
        self._end_v = end[:, 1]

    def contains(self, points: FloatArray) -> BoolArray:
        """Return whether each point, shape (n, 2), is inside."""
        u, v = points[:, :1], points[:, 1:]
        is_spanned = (self._begin_v > v) != (self._end_v > v)
        crossing_u = self._begin_u + (v - self._begin_v) * self._slope
        inside: BoolArray = np.bitwise_xor.reduce(is_spanned & (u < crossing_u), axis=1)
        return inside
