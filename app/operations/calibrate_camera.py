"""Calibrating a venue's cameras, one function for each intent of an installer.

Each checks that what it would write gives a geometry, and writes nothing otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import CalibrationError
from analytics.domain.lens import Lens
from app.operations.change_set import ChangeSet
from app.venue.document import Venue
from app.venue.file_format import read_venue, write_venue
from vision.calibration.camera_fit import fit_camera, place_lens
from vision.calibration.camera_pose import compute_focal_px
from vision.calibration.floor_placement import Placement, place_by_direction, place_by_points
from vision.calibration.homography import MINIMUM_PAIRS
from vision.calibration.lens_distortion import LensFit, estimate_lens
from vision.calibration.pose_refinement import RefinedPose, refine_pose
from vision.calibration.rectangle import fit_local_geometry, measure_rectangle, place_pairs
from vision.calibration.walkers import estimate_pose_from_walkers

FloatArray = npt.NDArray[np.float64]

FARTHEST_WALKERS_PAIR_M = 15.0
"""From below the camera: pairs that stand for a pose lie on the floor that is worth knowing."""
_LOWEST_ROW, _ROWS = 0.95, 60
_LEFT, _RIGHT = 0.1, 0.9


def set_pairs(folder: Path, camera: str, pairs: Sequence[PointPair]) -> tuple[Venue, ChangeSet]:
    """Calibrate a camera by pairs, in place of those that it has.

    Raises:
        VenueError: there is no such camera, or the folder cannot be read or written.
        CalibrationError: the pairs give no homography.
    """
    venue = read_venue(folder)
    return _write(venue, replace(venue.camera(camera).camera, pairs=tuple(pairs)))


def remove_pair(folder: Path, camera: str, number: int) -> tuple[Venue, ChangeSet]:
    """Take one of a camera's pairs away; the last four stay.

    Args:
        number: from 1.

    Raises:
        VenueError, CalibrationError: as for ``set_pairs``; there is no such pair, or too few would be left.
    """
    venue = read_venue(folder)
    known = venue.camera(camera).camera
    if not 1 <= number <= len(known.pairs):
        raise CalibrationError(
            "Camera '{camera}' has no point pair {number}.",
            "Its pairs are numbered from 1 to {count}.",
            camera=camera,
            number=number,
            count=len(known.pairs),
        )
    if len(known.pairs) <= MINIMUM_PAIRS:
        raise CalibrationError(
            "Without this point pair, camera '{camera}' would have only {count}.",
            "Add another one first; a calibration takes four.",
            camera=camera,
            count=len(known.pairs) - 1,
        )
    left = tuple(pair for index, pair in enumerate(known.pairs, start=1) if index != number)
    return _write(venue, replace(known, pairs=left))


def set_lens(folder: Path, camera: str, lens: Lens | None) -> tuple[Venue, ChangeSet]:
    """Say how a camera bends straight lines; None: not at all.

    Raises:
        VenueError, CalibrationError: as for ``set_pairs``; the size of the camera's pictures is not known.
    """
    venue = read_venue(folder)
    return _write(venue, replace(venue.camera(camera).camera, lens=lens))


def fit_lens(camera: Camera, lines: Sequence[FloatArray]) -> LensFit:
    """Estimate a camera's lens from lines, in pixels of shape (n, 2) each, and from its pairs.

    Raises:
        CalibrationError: see ``estimate_lens``; the size of the camera's pictures is not known.
    """
    return estimate_lens(lines, _require_size(camera), pairs=camera.pairs)


def store_calibrations(folder: Path, cameras: Sequence[Camera]) -> tuple[Venue, ChangeSet]:
    """Write pairs, lenses and sizes of pictures of several cameras, all or none.

    Raises:
        VenueError, CalibrationError: as for ``set_pairs``.
    """
    venue = before = read_venue(folder)
    for camera in cameras:
        entry = venue.camera(camera.name)
        _check(camera)
        calibrated = replace(
            entry.camera, pairs=camera.pairs, lens=camera.lens, frame_size_wh=camera.frame_size_wh
        )
        venue = venue.with_camera(replace(entry, camera=calibrated))
    if venue == before:
        return venue, ChangeSet()
    write_venue(venue)
    return venue, ChangeSet(cameras=True)


def take_rectangle(
    folder: Path,
    camera: str,
    corners_px: Sequence[tuple[float, float]],
    *,
    width_m: float,
    depth_m: float,
    known: Sequence[PointPair],
    towards: tuple[tuple[float, float], float] | None = None,
) -> tuple[Venue, ChangeSet]:
    """Calibrate a camera by a rectangle on the floor whose sides were measured.

    Args:
        corners_px: one after the other; ``width_m`` is from the first to the second.
        known: two or more points whose places on the plan are known, or one with ``towards``.
        towards: a second pixel and the direction on the plan to it from the known point, counter-clockwise
            from x in radians.

    Raises:
        VenueError, CalibrationError: as for ``set_pairs``; the rectangle or its placement cannot be.
    """
    venue = read_venue(folder)
    entry = venue.camera(camera).camera
    pairs = fit_rectangle(entry, corners_px, width_m=width_m, depth_m=depth_m, known=known, towards=towards)
    return _write(venue, replace(entry, pairs=pairs))


def fit_rectangle(
    camera: Camera,
    corners_px: Sequence[tuple[float, float]],
    *,
    width_m: float,
    depth_m: float,
    known: Sequence[PointPair],
    towards: tuple[tuple[float, float], float] | None = None,
) -> tuple[PointPair, ...]:
    """The corners of a rectangle on the plan, and the known points that are none of them; see above.

    Raises:
        CalibrationError: the rectangle or its placement cannot be.
    """
    local = measure_rectangle(corners_px, width_m=width_m, depth_m=depth_m)
    geometry = fit_local_geometry(local, lens=place_lens(camera))
    placement: Placement
    if towards is not None and len(known) == 1:
        placement = place_by_direction(geometry, known[0], *towards)
    else:
        placement = place_by_points(geometry, known)
    corners = place_pairs(local, placement)
    clicked = {(pair.u_px, pair.v_px) for pair in corners}
    return corners + tuple(pair for pair in known if (pair.u_px, pair.v_px) not in clicked)


def fit_walkers(
    camera: Camera,
    tracks: Sequence[FloatArray],
    *,
    horizontal_fov_rad: float,
    mean_height_m: float,
    mean_height_sigma_m: float,
    known: Sequence[PointPair],
) -> RefinedPose:
    """A camera's place and direction from people who walk through, and two or more known points.

    Args:
        tracks: boxes in pixels of the camera's pictures, shape (n, 4) each, one person each.

    Raises:
        CalibrationError: see ``estimate_pose_from_walkers`` and ``refine_pose``.
    """
    size_wh, lens = _require_size(camera), place_lens(camera)
    walkers = estimate_pose_from_walkers(
        tracks,
        size_wh=size_wh,
        focal_px=compute_focal_px(horizontal_fov_rad, size_wh, lens),
        mean_height_m=mean_height_m,
        mean_height_sigma_m=mean_height_sigma_m,
        lens=lens,
    )
    return refine_pose(walkers, known)


def make_pairs_of_pose(refined: RefinedPose, size_wh: tuple[int, int]) -> tuple[PointPair, ...]:
    """Four pairs that stand for a pose, for a venue keeps pairs: near and far, left and right.

    Raises:
        CalibrationError: the camera sees no floor within reach.
    """
    width_px, height_px = size_wh
    below_m = np.array([refined.pose.x_m, refined.pose.y_m])
    rows = []
    for part in np.linspace(_LOWEST_ROW, 0.0, _ROWS):
        row = np.array([[_LEFT * width_px, part * height_px], [_RIGHT * width_px, part * height_px]])
        floor = refined.geometry.project_to_floor(row)
        with np.errstate(invalid="ignore"):
            if (np.linalg.norm(floor - below_m, axis=1) <= FARTHEST_WALKERS_PAIR_M).all():
                rows.append((row, floor))
    if len(rows) < 2:
        raise CalibrationError(
            "The camera sees no floor within {reach:.0f} m.",
            "Turn it farther down, or calibrate it by point pairs.",
            reach=FARTHEST_WALKERS_PAIR_M,
        )
    return tuple(
        PointPair(float(u), float(v), float(x), float(y))
        for row, floor in (rows[0], rows[-1])
        for (u, v), (x, y) in zip(row, floor, strict=True)
    )


def _write(venue: Venue, camera: Camera) -> tuple[Venue, ChangeSet]:
    entry = venue.camera(camera.name)
    if camera == entry.camera:
        return venue, ChangeSet()
    _check(camera)
    changed = venue.with_camera(replace(entry, camera=camera))
    write_venue(changed)
    return changed, ChangeSet(cameras=True)


def _check(camera: Camera) -> None:
    place_lens(camera)
    if camera.pairs:
        fit_camera(camera)


def _require_size(camera: Camera) -> tuple[int, int]:
    if camera.frame_size_wh is None:
        raise CalibrationError(
            "The size of the pictures of camera '{camera}' is not known.",
            "Give it, such as --frame-size 1280x720.",
            camera=camera.name,
        )
    return camera.frame_size_wh
