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
from analytics.domain.lens import DATA_SHEET_SIGMA, Lens
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.operations.change_set import ChangeSet
from app.venue.document import Venue
from app.venue.file_format import read_venue, write_venue
from vision.calibration.camera_fit import fit_camera, place_lens
from vision.calibration.camera_pose import compute_focal_px
from vision.calibration.floor_placement import Placement, place_by_direction, place_by_points
from vision.calibration.homography import MINIMUM_PAIRS
from vision.calibration.lens_distortion import LensFit, estimate_lens
from vision.calibration.pose_refinement import RefinedPose, refine_pose
from vision.calibration.rectangle import (
    fit_local_geometry,
    measure_chessboard,
    measure_rectangle,
    place_pairs,
)
from vision.calibration.walkers import estimate_pose_from_walkers

FloatArray = npt.NDArray[np.float64]


@changes_venue(Permission.EDIT_CAMERAS, "camera calibrated")
def set_pairs(folder: Path, camera: str, pairs: Sequence[PointPair]) -> tuple[Venue, ChangeSet]:
    """Calibrate a camera by pairs, in place of those that it has.

    Raises:
        VenueError: there is no such camera, or the folder cannot be read or written.
        CalibrationError: the pairs give no homography.
    """
    venue = read_venue(folder)
    return _write(venue, replace(venue.camera(camera).camera, pairs=tuple(pairs), pair_sigma_px=None))


@changes_venue(Permission.EDIT_CAMERAS, "camera calibrated")
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


@changes_venue(Permission.EDIT_CAMERAS, "camera calibrated")
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


@changes_venue(Permission.EDIT_CAMERAS, "camera calibrated")
def store_calibrations(folder: Path, cameras: Sequence[Camera]) -> tuple[Venue, ChangeSet]:
    """Write pairs, lenses and sizes of pictures of several cameras, all or none; no pairs: not calibrated.

    Raises:
        VenueError, CalibrationError: as for ``set_pairs``.
    """
    venue = before = read_venue(folder)
    for camera in cameras:
        entry = venue.camera(camera.name)
        _check(camera)
        calibrated = replace(
            entry.camera.with_frame_size(camera.frame_size_wh),
            pairs=camera.pairs,
            pair_sigma_px=camera.pair_sigma_px if camera.pairs else None,
            lens=camera.lens,
        )
        venue = venue.with_camera(replace(entry, camera=calibrated))
    if venue == before:
        return venue, ChangeSet()
    write_venue(venue)
    return venue, ChangeSet(cameras=True)


@changes_venue(Permission.EDIT_CAMERAS, "camera calibrated")
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
    return _write(venue, replace(entry, pairs=pairs, pair_sigma_px=None))


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
    return _place(camera, local, known=known, towards=towards)


def fit_chessboard(
    camera: Camera,
    corners_px: FloatArray,
    *,
    square_m: float,
    known: Sequence[PointPair],
    towards: tuple[tuple[float, float], float] | None = None,
) -> tuple[PointPair, ...]:
    """The inner corners of a chessboard on the floor, on the plan, and the known points; as a rectangle.

    Args:
        corners_px: shape (rows, columns, 2).

    Raises:
        CalibrationError: the board or its placement cannot be.
    """
    flat = [(float(u), float(v)) for u, v in corners_px.reshape(-1, 2)]
    local = measure_chessboard(flat, columns=corners_px.shape[1], square_m=square_m)
    return _place(camera, local, known=known, towards=towards)


def _place(
    camera: Camera,
    local: Sequence[PointPair],
    *,
    known: Sequence[PointPair],
    towards: tuple[tuple[float, float], float] | None,
) -> tuple[PointPair, ...]:
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
        focal_sigma=DATA_SHEET_SIGMA,
        lens=lens,
    )
    return refine_pose(walkers, known)


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
