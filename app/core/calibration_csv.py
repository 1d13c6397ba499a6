"""Calibrations of cameras as CSV: ``camera,u_px,v_px,x_m,y_m``, one point pair per line.

Beside them what lenses and poses are estimated from: points along straight edges, and boxes of walkers.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import PointPair
from analytics.domain.errors import CalibrationError, OutputError, Phrase
from analytics.domain.identifiers import CameraId
from app.error_reporting import convert_error
from resources.atomic_file import write_text_atomically
from resources.bounded_file import read_bounded

COLUMNS = ("camera", "u_px", "v_px", "x_m", "y_m")
LINE_COLUMNS = ("camera", "line", "u_px", "v_px")
CORNER_COLUMNS = ("camera", "u_px", "v_px")
WALKER_COLUMNS = ("camera", "walker", "x1", "y1", "x2", "y2")
MINIMUM_PAIRS = 4
_FORMAT = (
    "The first line is camera,u_px,v_px,x_m,y_m; each following line is a point pair with decimal points."
)
_LINE_FORMAT = (
    "The first line is camera,line,u_px,v_px; each following line is a point along the line of that name."
)
_CORNER_FORMAT = "The first line is camera,u_px,v_px; the next four are the corners in order."
_WALKER_FORMAT = (
    "The first line is camera,walker,x1,y1,x2,y2; each following line is a box of that walker in pixels."
)


def read_calibration(
    file: Path, *, minimum_pairs: int = MINIMUM_PAIRS
) -> dict[CameraId, tuple[PointPair, ...]]:
    """Read the point pairs of every camera, cameras and pairs in file order; extra columns are ignored.

    Whether a camera's pairs give a homography is for `vision.calibration.homography` to say.

    Args:
        minimum_pairs: of a camera; fewer than four where the pose is known from elsewhere.

    Raises:
        CalibrationError: no such file, columns missing, a value that is not a number, fewer than four pairs
            of a camera; names file, line and camera.
    """
    pairs: dict[CameraId, list[PointPair]] = {}
    for line, row in _read_rows(file, COLUMNS, _FORMAT):
        numbers = [_parse_number(row, name, _FORMAT, line=line, file=file) for name in COLUMNS[1:]]
        pairs.setdefault(CameraId(row["camera"]), []).append(PointPair(*numbers))
    _require_enough(pairs, minimum_pairs, file=file.name)
    return {camera: tuple(of_camera) for camera, of_camera in pairs.items()}


def read_lines(file: Path) -> dict[CameraId, tuple[FloatArray, ...]]:
    """Read points along straight edges: for every camera its lines, pixels of shape (n, 2) each.

    Raises:
        CalibrationError: no such file, columns missing, a value that is not a number; names file and line.
    """
    lines: dict[CameraId, dict[str, list[list[float]]]] = {}
    for line, row in _read_rows(file, LINE_COLUMNS, _LINE_FORMAT):
        point = [_parse_number(row, name, _LINE_FORMAT, line=line, file=file) for name in LINE_COLUMNS[2:]]
        lines.setdefault(CameraId(row["camera"]), {}).setdefault(row["line"], []).append(point)
    return {camera: _make_arrays(of_camera) for camera, of_camera in lines.items()}


def read_corners(file: Path) -> dict[CameraId, tuple[tuple[float, float], ...]]:
    """Read the corners of a floor rectangle in every camera's picture, pixels.

    Raises:
        CalibrationError: no such file, columns missing, a value that is not a number; names file and line.
    """
    corners: dict[CameraId, list[tuple[float, float]]] = {}
    for line, row in _read_rows(file, CORNER_COLUMNS, _CORNER_FORMAT):
        u_px, v_px = (_parse_number(row, n, _CORNER_FORMAT, line=line, file=file) for n in ("u_px", "v_px"))
        corners.setdefault(CameraId(row["camera"]), []).append((u_px, v_px))
    return {camera: tuple(of_camera) for camera, of_camera in corners.items()}


def read_walkers(file: Path) -> dict[CameraId, tuple[FloatArray, ...]]:
    """Read boxes of people who walk through: for every camera its walkers, pixels of shape (n, 4) each.

    Raises:
        CalibrationError: no such file, columns missing, a value that is not a number; names file and line.
    """
    walkers: dict[CameraId, dict[str, list[list[float]]]] = {}
    for line, row in _read_rows(file, WALKER_COLUMNS, _WALKER_FORMAT):
        box = [_parse_number(row, name, _WALKER_FORMAT, line=line, file=file) for name in WALKER_COLUMNS[2:]]
        walkers.setdefault(CameraId(row["camera"]), {}).setdefault(row["walker"], []).append(box)
    return {camera: _make_arrays(of_camera) for camera, of_camera in walkers.items()}


def write_calibration(file: Path, pairs: Mapping[CameraId, Sequence[PointPair]]) -> None:
    """Write the point pairs of cameras atomically.

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
        raise convert_error(OutputError, error, file=file) from error


def _make_arrays(groups: Mapping[str, list[list[float]]]) -> tuple[FloatArray, ...]:
    return tuple(np.array(group, dtype=np.float64) for group in groups.values())


def _read_rows(file: Path, columns: Sequence[str], advice: str) -> list[tuple[int, dict[str, str]]]:
    """Return the non-empty rows with their line numbers; every row names a camera."""
    try:
        text = read_bounded(file).decode("utf-8-sig")
    except OSError as error:
        raise convert_error(CalibrationError, error) from error
    except UnicodeDecodeError:
        raise CalibrationError(
            "{file} is not UTF-8 text.", "Save it as 'CSV UTF-8'.", file=file.name
        ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True)
    try:
        heading = [name.strip() for name in reader.fieldnames or ()]
        missing = [name for name in columns if name not in heading]
        if missing:
            raise CalibrationError(
                "{file}: line 1 lacks the columns {missing}.",
                advice,
                file=file.name,
                missing=", ".join(missing),
            )
        reader.fieldnames = heading
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise CalibrationError("{file} is not CSV: {reason}.", advice, file=file.name, reason=error) from None
    filled = []
    for line, row in rows:
        values = {name: (row[name] or "").strip() for name in columns}
        if not any(isinstance(value, str) and value.strip() for value in row.values()):
            continue
        if not values["camera"]:
            raise CalibrationError(
                "{file}: line {line} has no camera name.", advice, file=file.name, line=line
            )
        filled.append((line, values))
    return filled


def _parse_number(row: Mapping[str, str], name: str, advice: str, *, line: int, file: Path) -> float:
    text = row[name]
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise CalibrationError(
            "{file}: line {line}: {name} is {shown}, not a number.",
            advice,
            file=file.name,
            line=line,
            name=name,
            shown=Phrase("'{name}'", {"name": text}) if text else Phrase("empty"),
        )
    return number


def _require_enough(pairs: Mapping[CameraId, Sequence[PointPair]], minimum_pairs: int, *, file: str) -> None:
    if not pairs:
        raise CalibrationError("{file} contains no point pairs.", _FORMAT, file=file)
    for camera, of_camera in pairs.items():
        if len(of_camera) < minimum_pairs:
            raise CalibrationError(
                "{file}: camera '{camera}' has {count} point pairs.",
                "Provide at least four pairs, spread over the visible floor.",
                file=file,
                camera=camera,
                count=len(of_camera),
            )
