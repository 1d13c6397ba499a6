"""Calibration of a venue's cameras, one function for each task of an installer.

Each checks that what it would write gives a geometry, and writes nothing otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import CalibrationError
from analytics.domain.lens import DATA_SHEET_SIGMA
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from vision.calibration.camera_fit import fit_camera, place_lens
from vision.calibration.camera_pose import compute_focal_px
from vision.calibration.floor_placement import Placement, place_by_direction, place_by_points
from vision.calibration.lens_distortion import LensFit, estimate_lens
from vision.calibration.pose_refinement import RefinedPose, refine_pose
from vision.calibration.rectangle import (
    fit_local_geometry,
    measure_chessboard,
    measure_rectangle,
    place_pairs,
)
from vision.calibration.walkers import estimate_pose_from_walkers


def fit_lens(camera: Camera, lines: Sequence[FloatArray]) -> LensFit:
    """Estimate a camera's lens from lines, in pixels of shape (n, 2) each, and from its pairs.

    Raises:
        CalibrationError: see ``estimate_lens``; the size of the camera's pictures is not known.
    """
    return estimate_lens(lines, _require_size(camera), pairs=camera.pairs)


@changes_venue(Permission.EDIT_CAMERAS, "camera calibrated")
def store_calibrations(folder: Path, cameras: Sequence[Camera]) -> tuple[Venue, ChangeSet]:
    """Save pairs, lenses and picture sizes of several cameras, all or none; no pairs: uncalibrated.

    Raises:
        VenueError: there is no such camera, or the folder cannot be read or written.
        CalibrationError: pairs that give no homography, or a lens without the size of the pictures.
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


def fit_rectangle(
    camera: Camera,
    corners_px: Sequence[tuple[float, float]],
    *,
    width_m: float,
    depth_m: float,
    known: Sequence[PointPair],
    towards: tuple[tuple[float, float], float] | None = None,
) -> tuple[PointPair, ...]:
    """Return the corners of a measured rectangle on the plan, and the known points that are none of them.

    Args:
        corners_px: one after the other; ``width_m`` is from the first to the second.
        known: two or more points whose places on the plan are known, or one with ``towards``.
        towards: a second pixel and the direction on the plan to it from the known point, counter-clockwise
            from x in radians.

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
    """Return the inner corners of a chessboard on the floor, placed on the plan, and the known points.

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
    """Estimate a camera's pose from people who walk through, and from two or more known points.

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


def _check(camera: Camera) -> None:
    place_lens(camera)
    if camera.pairs:
        fit_camera(camera)


def _require_size(camera: Camera) -> tuple[int, int]:
    if camera.frame_size_wh is None:
        raise CalibrationError(
            "The frame size of camera '{camera}' is unknown.",
            "Enter it, for example --frame-size 1280x720.",
            camera=camera.name,
        )
    return camera.frame_size_wh
