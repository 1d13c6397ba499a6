"""Calibration from files: point pairs, lines along straight edges, boxes of walkers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import CalibrationError, OutputError, Phrase
from analytics.domain.identifiers import CameraId
from analytics.domain.lens import Lens
from app.calibration.calibrate_camera import fit_lens, fit_rectangle, fit_walkers
from app.calibration.calibration_preview import CalibrationReport
from app.cameras.frame_sizes import FrameSizes
from app.core.calibration_csv import MINIMUM_PAIRS, read_calibration, read_corners, read_lines, read_walkers
from app.core.document import Venue
from app.error_reporting import convert_error
from resources.atomic_file import write_text_atomically
from vision.calibration.camera_pose import CameraPose
from vision.calibration.lens_distortion import LensFit
from vision.calibration.pose_pairs import make_pose_pairs

CALIBRATION_FORMAT = 1


@dataclass(frozen=True, slots=True)
class WalkersRequest:
    """The parameters of a calibration from walkers.

    Attributes:
        horizontal_fov_deg: horizontal field of view.
    """

    file: Path
    horizontal_fov_deg: float
    mean_height_m: float
    mean_height_sigma_m: float


@dataclass(frozen=True, slots=True)
class RectangleRequest:
    """A file of rectangle corners, with the lengths of the sides, starting at the first corner."""

    file: Path
    width_m: float
    depth_m: float


@dataclass(frozen=True, slots=True)
class CalibratedCamera:
    """A camera and its estimated lens and pose.

    Attributes:
        lens_fit: None if the lens was given, or none.
        pose: None without walkers.
    """

    camera: Camera
    lens_fit: LensFit | None = None
    pose: CameraPose | None = None


def calibrate_from_files(
    pairs_file: Path,
    *,
    only: str | None = None,
    sizes: FrameSizes,
    lines_file: Path | None = None,
    lens: Lens | None = None,
    walkers: WalkersRequest | None = None,
    rectangle: RectangleRequest | None = None,
    venue: Venue | None = None,
) -> list[CalibratedCamera]:
    """Calibrate the cameras of a file of pairs, with lenses and poses where requested.

    Args:
        only: the one camera of the file that is wanted.
        lines_file: lenses are estimated for the cameras that it names.
        lens: of all cameras that have no lines; None: the one that the venue knows, if any.
        walkers: cameras with boxes take their pose from these, and only their place from the pairs.
        rectangle: cameras with corners take their geometry from these, and only their place from the pairs.
        venue: whose cameras they are.

    Raises:
        CalibrationError, VenueError: names the file and its problem.
    """
    least = MINIMUM_PAIRS if walkers is None and rectangle is None else 1
    pairs = read_calibration(pairs_file, minimum_pairs=least)
    lines = read_lines(lines_file) if lines_file else {}
    boxes = read_walkers(walkers.file) if walkers else {}
    corners = read_corners(rectangle.file) if rectangle else {}
    for file, named in (
        (lines_file, lines),
        (walkers.file if walkers else None, boxes),
        (rectangle.file if rectangle else None, corners),
    ):
        if file is not None:
            _require_known(file, named, pairs_file, pairs)
    calibrated = []
    for name in _choose(pairs, only, pairs_file):
        camera = Camera(name) if venue is None else venue.camera(name).camera
        camera = replace(
            camera.with_frame_size(sizes.get(name, sizes.get(None))),
            lens=lens or camera.lens,
            pairs=pairs[name],
            pair_sigma_px=None,
        )
        lens_fit = fit_lens(camera, lines[name]) if name in lines else None
        if lens_fit is not None:
            camera = replace(camera, lens=lens_fit.lens)
        pose = None
        if rectangle is not None and name in corners:
            camera = _calibrate_by_rectangle(camera, corners[name], rectangle)
        elif walkers is not None and name in boxes:
            camera, pose = _calibrate_by_walkers(camera, boxes[name], walkers)
        calibrated.append(CalibratedCamera(camera, lens_fit, pose))
    return calibrated


def describe_calibration(calibrated: CalibratedCamera, report: CalibrationReport) -> dict[str, object]:
    """Convert one camera's calibration to JSON-ready values, metres and pixels."""
    camera, fit, pose = calibrated.camera, calibrated.lens_fit, calibrated.pose
    return {
        "frame_size": camera.frame_size_wh,
        "lens": None
        if camera.lens is None
        else {
            "division": camera.lens.division,
            "sigma": None if fit is None else fit.division_sigma,
            "line_rms_px": [] if fit is None else fit.line_rms_px.tolist(),
        },
        "pose": None
        if pose is None
        else {
            "height_m": pose.height_m,
            "tilt_deg": math.degrees(pose.tilt_rad),
            "roll_deg": math.degrees(pose.roll_rad),
        },
        "floor_from_pixel": report.uncertainty.geometry.floor_from_pixel.tolist(),
        "rms_m": report.rms_m,
        "click_noise_px": report.noise_px,
        "pairs": [
            {
                **asdict(pair),
                "residual_m": of_pair.residual_m,
                "left_out_m": of_pair.left_out_m,
                "spoils": of_pair.is_outlier,
            }
            for pair, of_pair in zip(camera.pairs, report.pairs, strict=True)
        ],
        "picture_known_to_0.2_and_0.5_m": report.picture_shares,
        "floor_known_to_0.2_and_0.5_m": report.floor_shares,
        "warnings": [str(warning) for warning in report.warnings],
    }


def write_calibration_report(file: Path, described: Mapping[str, object]) -> None:
    """Write descriptions of cameras as JSON, atomically.

    Raises:
        OutputError: the file cannot be written.
    """
    text = json.dumps(described, ensure_ascii=False, indent=1, allow_nan=False)
    try:
        write_text_atomically(file, text + "\n")
    except OSError as error:
        raise convert_error(OutputError, error, file=file) from error


def _calibrate_by_rectangle(
    camera: Camera, corners_px: Sequence[tuple[float, float]], rectangle: RectangleRequest
) -> Camera:
    pairs = fit_rectangle(
        camera, corners_px, width_m=rectangle.width_m, depth_m=rectangle.depth_m, known=camera.pairs
    )
    return replace(camera, pairs=pairs)


def _calibrate_by_walkers(
    camera: Camera, boxes: Sequence[FloatArray], walkers: WalkersRequest
) -> tuple[Camera, CameraPose]:
    refined = fit_walkers(
        camera,
        boxes,
        horizontal_fov_rad=math.radians(walkers.horizontal_fov_deg),
        mean_height_m=walkers.mean_height_m,
        mean_height_sigma_m=walkers.mean_height_sigma_m,
        known=camera.pairs,
    )
    assert camera.frame_size_wh is not None
    pose_pairs = make_pose_pairs(refined, camera.frame_size_wh)
    return replace(camera, pairs=pose_pairs.pairs, pair_sigma_px=pose_pairs.sigma_px), refined.pose


def _choose(pairs: Mapping[CameraId, Sequence[PointPair]], only: str | None, file: Path) -> list[CameraId]:
    if only is None:
        return list(pairs)
    if only not in pairs:
        raise CalibrationError(
            "{file} has no camera '{camera}'; it has {names}.",
            "Check the name, or add the camera's point pairs.",
            file=file.name,
            camera=only,
            names=_list_names(pairs),
        )
    return [CameraId(only)]


def _require_known(
    file: Path, named: Mapping[CameraId, object], pairs_file: Path, pairs: Mapping[CameraId, object]
) -> None:
    for name in named:
        if name not in pairs:
            raise CalibrationError(
                "{file} is for camera '{camera}', which has no point pairs in {pairs_file}.",
                "Use the same names in both files; {pairs_file} has {names}.",
                file=file.name,
                camera=name,
                pairs_file=pairs_file.name,
                names=_list_names(pairs),
            )


def _list_names(names: Mapping[CameraId, object]) -> str | Phrase:
    return ", ".join(f"'{name}'" for name in names) or Phrase("none")
