"""Realignment of a nudged camera from the shift of its picture, without new points on the floor."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import Camera, PixelPolygon, PointPair
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from vision.alignment.motion import move_points, scale_motion
from vision.alignment.view_report import ViewReport
from vision.calibration.camera_fit import fit_camera

_PARAMETERS, _PER_POINT = 8, 2
"""Parameters of a homography, and coordinates per point."""


@dataclass(frozen=True, slots=True)
class PositionShift:
    """Position error at the middle of a zone, metres.

    Attributes:
        before_m: with the present calibration.
        after_m: with the proposed one, a standard deviation.
    """

    zone: str
    before_m: float
    after_m: float


@dataclass(frozen=True, slots=True)
class Realignment:
    """A calibration moved with the picture.

    Attributes:
        before, after: the camera; only its pairs and masks differ.
        shifts: of the zones with a visible middle, the largest first.
    """

    before: Camera
    after: Camera
    shifts: tuple[PositionShift, ...]


def propose_realignment(
    venue: Venue, camera: str, view: ViewReport, *, picture_wh: tuple[int, int] | None = None
) -> Realignment:
    """Move a camera's pairs and masks with the shift of its picture.

    The lens stays where it is: its axis is that of the camera, which was moved as a whole. What a privacy
    mask hid stays hidden, too, for its new place may have been outside of the picture.

    Args:
        view: of a camera that was moved.
        picture_wh: size of its pictures, for a camera whose calibration names none.

    Raises:
        VenueError: there is no such camera.
        CalibrationError: it is not calibrated, the motion is not known, or points leave the lens's picture.
    """
    before = venue.camera(camera).camera
    size_wh = before.frame_size_wh or picture_wh
    if not before.pairs or size_wh is None or view.size_wh is None or view.reference_from_now is None:
        raise CalibrationError(
            "The movement of camera '{camera}' cannot be determined.",
            "Calibrate the camera again.",
            camera=camera,
        )
    move = _make_move(before, view, size_wh)
    pixels = move(np.array([(pair.u_px, pair.v_px) for pair in before.pairs]))
    mask = _move_polygons(before.mask, move)
    hidden = _move_polygons(before.privacy_mask, move)
    if not np.isfinite(pixels).all() or mask is None or hidden is None:
        raise CalibrationError(
            "Points of camera '{camera}' are no longer in its picture.",
            "Turn the camera back, or calibrate it again.",
            camera=camera,
        )
    after = replace(
        before,
        pairs=tuple(
            PointPair(round(u, 2), round(v, 2), pair.x_m, pair.y_m)
            for pair, (u, v) in zip(before.pairs, pixels.tolist(), strict=True)
        ),
        mask=mask,
        privacy_mask=before.privacy_mask + tuple(p for p in hidden if p not in before.privacy_mask),
    )
    error_px = view.rms_px * size_wh[0] / view.size_wh[0]
    error_px *= math.sqrt(_PARAMETERS / (_PER_POINT * max(view.points, _PARAMETERS)))
    return Realignment(before, after, _measure_shifts(venue, before, after, size_wh, error_px))


def accept_realignment(folder: Path, realignment: Realignment) -> tuple[Venue, ChangeSet]:
    """Save the moved calibration, in force from the next start of the recording.

    Raises:
        VenueError: the folder cannot be read or written.
        CalibrationError: the calibration was changed meanwhile; nothing has changed.
    """
    return _exchange(folder, realignment.before, realignment.after)


def undo_realignment(folder: Path, realignment: Realignment) -> tuple[Venue, ChangeSet]:
    """Restore the former calibration.

    Raises:
        VenueError, CalibrationError: as for ``accept_realignment``.
    """
    return _exchange(folder, realignment.after, realignment.before)


@changes_venue(Permission.EDIT_CAMERAS, "camera realigned")
def _exchange(folder: Path, old: Camera, new: Camera) -> tuple[Venue, ChangeSet]:
    venue = read_venue(folder)
    entry = venue.camera(old.name)
    if _describe(entry.camera) != _describe(old):
        raise CalibrationError(
            "The calibration of camera '{camera}' was changed in the meantime.",
            "Review the camera again.",
            camera=old.name,
        )
    camera = replace(entry.camera, pairs=new.pairs, mask=new.mask, privacy_mask=new.privacy_mask)
    fit_camera(camera)
    changed = venue.with_camera(replace(entry, camera=camera))
    write_venue(changed)
    return changed, ChangeSet(cameras=True)


def _describe(camera: Camera) -> tuple[object, ...]:
    return camera.pairs, camera.mask, camera.privacy_mask, camera.lens, camera.frame_size_wh


def _make_move(
    camera: Camera, view: ViewReport, size_wh: tuple[int, int]
) -> Callable[[FloatArray], FloatArray]:
    """Return the motion from the calibrated to the present picture, pixels."""
    assert view.size_wh is not None
    motion = scale_motion(np.array(view.reference_from_now), from_wh=view.size_wh, to_wh=size_wh)
    now_from_reference: FloatArray = np.asarray(np.linalg.inv(motion), np.float64)
    lens = None if camera.lens is None else camera.lens.in_picture(size_wh)

    def move(pixels: FloatArray) -> FloatArray:
        if lens is None:
            return move_points(now_from_reference, pixels)
        return lens.distort(move_points(now_from_reference, lens.straighten(pixels)))

    return move


def _move_polygons(
    polygons: tuple[PixelPolygon, ...], move: Callable[[FloatArray], FloatArray]
) -> tuple[PixelPolygon, ...] | None:
    moved = [move(np.array(polygon)) for polygon in polygons]
    if not all(np.isfinite(corners).all() for corners in moved):
        return None
    return tuple(tuple((round(u, 2), round(v, 2)) for u, v in corners.tolist()) for corners in moved)


def _measure_shifts(
    venue: Venue, before: Camera, after: Camera, size_wh: tuple[int, int], error_px: float
) -> tuple[PositionShift, ...]:
    old, new = fit_camera(before).geometry, fit_camera(after).geometry
    shifts = []
    for zone in venue.geometry_versions[-1].zones:
        centre = zone.outline.to_shape().representative_point()
        place = np.array([[centre.x, centre.y]])
        pixel = new.project_to_pixel(place)
        if not np.isfinite(pixel).all() or (pixel < 0).any() or (pixel > np.array(size_wh)).any():
            continue
        off_m = float(np.linalg.norm(old.project_to_floor(pixel) - place))
        if math.isfinite(off_m):
            shifts.append(PositionShift(str(zone.name), off_m, _measure_error(new, pixel, place, error_px)))
    return tuple(sorted(shifts, key=lambda shift: -shift.before_m))


def _measure_error(geometry: CameraGeometry, pixel: FloatArray, place: FloatArray, error_px: float) -> float:
    """Compute the floor error of a pixel error, along the worse of the picture's axes; metres."""
    beside = pixel + error_px * np.array([[1.0, 0.0], [0.0, 1.0]])
    return float(np.nanmax(np.linalg.norm(geometry.project_to_floor(beside) - place, axis=1)))
