"""Calibrations of cameras as CSV: ``camera,u_px,v_px,x_m,y_m``, one point pair a line."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from analytics.domain.camera import PointPair
from analytics.domain.errors import CalibrationError, OutputError, Phrase
from analytics.domain.identifiers import CameraId
from app.error_reporting import explain_error
from resources.atomic_file import write_text_atomically

COLUMNS = ("camera", "u_px", "v_px", "x_m", "y_m")
MINIMUM_PAIRS = 4
_FORMAT = "The first line is camera,u_px,v_px,x_m,y_m; every other one is a point pair with decimal points."


def read_calibration(file: Path) -> dict[CameraId, tuple[PointPair, ...]]:
    """The point pairs of every camera in a file, both in its order. Further columns are ignored.

    Whether a camera's pairs give a homography is for `vision.calibration.homography` to say.

    Raises:
        CalibrationError: no such file, columns missing, a value that is not a number, fewer than four pairs
            of a camera; names file, line and camera.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise explain_error(CalibrationError, error) from error
    except UnicodeDecodeError:
        raise CalibrationError(
            "{file} is not text in UTF-8.", "Save it as 'CSV UTF-8'.", file=file.name
        ) from None
    try:
        return _parse(text, file=file.name)
    except csv.Error as error:
        raise CalibrationError(
            "{file} is not CSV: {reason}.", _FORMAT, file=file.name, reason=error
        ) from None


def write_calibration(file: Path, pairs: Mapping[CameraId, Sequence[PointPair]]) -> None:
    """Write the point pairs of cameras, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for camera, of_camera in pairs.items():
        writer.writerows((camera, pair.u_px, pair.v_px, pair.x_m, pair.y_m) for pair in of_camera)
    try:
        write_text_atomically(file, text.getvalue())
    except OSError as error:
        raise explain_error(OutputError, error, file=file) from error


def _parse(text: str, *, file: str) -> dict[CameraId, tuple[PointPair, ...]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True)
    heading = [name.strip() for name in reader.fieldnames or ()]
    missing = [name for name in COLUMNS if name not in heading]
    if missing:
        raise CalibrationError(
            "{file}: line 1 lacks the columns {missing}.", _FORMAT, file=file, missing=", ".join(missing)
        )
    reader.fieldnames = heading
    pairs: dict[CameraId, list[PointPair]] = {}
    for row in reader:
        if not any(isinstance(value, str) and value.strip() for value in row.values()):
            continue
        camera = CameraId((row["camera"] or "").strip())
        if not camera:
            raise CalibrationError(
                "{file}: line {line} names no camera.", _FORMAT, file=file, line=reader.line_num
            )
        numbers = [
            _parse_number(row[name], name=name, line=reader.line_num, file=file) for name in COLUMNS[1:]
        ]
        pairs.setdefault(camera, []).append(PointPair(*numbers))
    _require_enough(pairs, file=file)
    return {camera: tuple(of_camera) for camera, of_camera in pairs.items()}


def _parse_number(text: str | None, *, name: str, line: int, file: str) -> float:
    try:
        number = float(text or "")
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise CalibrationError(
            "{file}: line {line}: {name} is {shown}, not a number.",
            _FORMAT,
            file=file,
            line=line,
            name=name,
            shown=Phrase("'{name}'", {"name": text}) if text else Phrase("empty"),
        )
    return number


def _require_enough(pairs: Mapping[CameraId, Sequence[PointPair]], *, file: str) -> None:
    if not pairs:
        raise CalibrationError("{file} holds no point pairs.", _FORMAT, file=file)
    for camera, of_camera in pairs.items():
        if len(of_camera) < MINIMUM_PAIRS:
            raise CalibrationError(
                "{file}: camera '{camera}' has {count} point pairs.",
                "Give at least four, spread over the floor that it sees.",
                file=file,
                camera=camera,
                count=len(of_camera),
            )
