"""The camera geometry that a tracker on the floor needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from analytics.domain.camera import NEW_TRACK_SCORE, Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError

NOWHERE: shapely.Geometry = shapely.GeometryCollection()
MAX_SIGMA_M = 5.0
"""Maximum standard deviation of a place; a less certain one, just under the horizon, is worthless."""
SHAPE_TOLERANCE = 0.02
"""Relative difference of width to height up to which two frame sizes are the same view, scaled."""


@dataclass(frozen=True, slots=True, eq=False)
class FloorView:
    """A camera's view of the floor in pictures of one size.

    Attributes:
        geometry: geometry for pixels of pictures of ``frame_size_wh``.
        mask: polygons, each of shape (k, 2), in the same pixels; people whose feet are inside do not count.
            A camera's privacy mask is part of it.
        new_track_score: as of ``Camera``.
        seats: floor on which people sit; may be empty.
        obstacles: outlines on the floor and heights, metres, of what hides the floor behind it.
    """

    geometry: CameraGeometry
    frame_size_wh: tuple[int, int]
    mask: tuple[npt.NDArray[np.float64], ...] = ()
    new_track_score: float = NEW_TRACK_SCORE
    seats: shapely.Geometry = NOWHERE
    obstacles: tuple[tuple[shapely.Geometry, float], ...] = ()


def make_floor_view(camera: Camera, geometry: CameraGeometry, frame_size_wh: tuple[int, int]) -> FloorView:
    """Return the view of a calibrated camera in pictures of ``frame_size_wh``.

    ``geometry`` and the camera's masks are for pictures of ``camera.frame_size_wh``, or of the same size as
    the stream where that is not known.

    Raises:
        CalibrationError: the stream's pictures have another aspect ratio than the calibration's.
    """
    calibrated_wh = camera.frame_size_wh or frame_size_wh
    ratio = (frame_size_wh[0] * calibrated_wh[1]) / (frame_size_wh[1] * calibrated_wh[0])
    if abs(ratio - 1) > SHAPE_TOLERANCE:
        raise CalibrationError(
            "Camera '{camera}' delivers pictures of {width}x{height}, but was calibrated at "
            "{calibrated_width}x{calibrated_height}, which has another aspect ratio.",
            "Restore the camera's calibrated aspect ratio, or calibrate it again.",
            camera=camera.name,
            width=frame_size_wh[0],
            height=frame_size_wh[1],
            calibrated_width=calibrated_wh[0],
            calibrated_height=calibrated_wh[1],
        )
    scale = np.array(frame_size_wh) / np.array(calibrated_wh)
    return FloorView(
        geometry.scaled_from(calibrated_wh, frame_size_wh),
        frame_size_wh,
        tuple(np.array(polygon, dtype=np.float64) * scale for polygon in camera.unobserved),
        camera.new_track_score,
        shapely.union_all([seats.to_shape() for seats in camera.seats]),
        tuple((outline.to_shape(), height_m) for outline, height_m in camera.obstacles),
    )
