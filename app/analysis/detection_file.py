"""Detections that anyone made, as they stand in a file: CSV, Parquet or MOTChallenge."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.errors import DetectionFileError
from app.error_reporting import explain_error

if TYPE_CHECKING:
    from _csv import Reader


COLUMNS = ("time_s", "camera", "x1", "y1", "x2", "y2", "score")
MOT_COLUMNS = 7
"""frame, id, left, top, width, height, confidence; further ones are ignored."""
_FORMAT = (
    "The first line is time_s,camera,x1,y1,x2,y2,score, separated by commas; every other one is a detection."
)
LONGEST_EMPTY_S = 3600.0
"""MOTChallenge: a longer stretch without a row was not analysed, rather than empty."""
NumberedRow = tuple[int, list[str]]
_PARQUET_MAGIC = b"PAR1"
_ROWS_AT_A_TIME = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class DetectionRows:
    """Rows as they stand in the file, good and bad; a value that is missing or no number is NaN.

    Attributes:
        camera: shape (n,), index into ``cameras``.
        cameras: the names that occur; an empty one where a row names none.
        xyxy: shape (n, 4), left, top, right, bottom in pixels.
        is_blank: box and score are empty: an analysed frame without a person.
        line: shape (n,), in a text file; the row's number, from 1, in Parquet.
        short_lines: lines with fewer columns than the first one.
    """

    time_s: FloatArray
    camera: IntArray
    cameras: tuple[str, ...]
    xyxy: FloatArray
    score: FloatArray
    is_blank: BoolArray
    line: IntArray
    short_lines: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.line)

    def select_camera(self, name: str) -> DetectionRows:
        """The rows of one camera."""
        chosen = self.camera == (self.cameras.index(name) if name in self.cameras else -1)
        return DetectionRows(
            time_s=self.time_s[chosen],
            camera=self.camera[chosen],
            cameras=self.cameras,
            xyxy=self.xyxy[chosen],
            score=self.score[chosen],
            is_blank=self.is_blank[chosen],
            line=self.line[chosen],
            short_lines=self.short_lines,
        )


def read_detection_rows(file: Path, *, camera: str | None = None, fps: float | None = None) -> DetectionRows:
    """All rows of a file in their order.

    Args:
        camera: for MOTChallenge, which names none.
        fps: likewise; frame 1 is at 0 s. Every frame up to the last counts as analysed.

    Raises:
        DetectionFileError: no such file, empty, neither of the formats, columns missing, no rate for
            MOTChallenge; names the file.
    """
    try:
        with file.open("rb") as content:
            beginning = content.read(len(_PARQUET_MAGIC))
        if beginning == _PARQUET_MAGIC:
            return _read_parquet(file)
        with file.open(encoding="utf-8-sig", newline="") as text:
            return _read_text(text, file=file.name, camera=camera, fps=fps)
    except OSError as error:
        raise explain_error(DetectionFileError, error, file=file) from error
    except UnicodeDecodeError:
        raise DetectionFileError(
            "{file} is not text in UTF-8, and not Parquet either.", "Save it as 'CSV UTF-8'.", file=file.name
        ) from None
    except csv.Error as error:
        raise DetectionFileError(
            "{file} is not CSV: {reason}.", _FORMAT, file=file.name, reason=error
        ) from None


def _read_text(text: Iterable[str], *, file: str, camera: str | None, fps: float | None) -> DetectionRows:
    reader = csv.reader(text, skipinitialspace=True)
    # evaluated after the row was read, so that the number is that of its last line
    numbered = _number_rows(reader, file=file)
    first = next(numbered, None)
    if first is None:
        raise DetectionFileError("{file} is empty.", _FORMAT, file=file)
    heading = [name.strip() for name in first[1]]
    if len(heading) >= MOT_COLUMNS - 1 and not any(np.isnan(_to_floats(heading[: MOT_COLUMNS - 1]))):
        return _read_mot(chain([first], numbered), file=file, camera=camera, fps=fps)
    missing = [name for name in COLUMNS if name not in heading]
    if missing:
        raise DetectionFileError(
            "{file}: line 1 lacks the columns {missing}.", _FORMAT, file=file, missing=", ".join(missing)
        )
    places = [heading.index(name) for name in COLUMNS]
    rows = _Collector()
    for lines, cells in _iterate_parts(numbered, max(places) + 1, rows.short_lines):
        time_s, names, *box = (cells[place] for place in places)
        numbers = [_to_floats(column) for column in box]
        is_blank = [not any(map(str.strip, values)) for values in zip(*box, strict=True)]
        rows.add(lines, _to_floats(time_s), names, numbers, is_blank)
    return rows.finish()


def _number_rows(reader: Reader, *, file: str) -> Iterator[NumberedRow]:
    """Rows that are not empty, with their lines.

    Raises:
        DetectionFileError: a quotation mark is not closed in its line, so that it may have swallowed others.
    """
    before = 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            # so long that the reader gave up
            if reader.line_num > before + 1:
                raise _describe_open_quotation(file, before + 1) from None
            raise
        if row is None:
            return
        if reader.line_num > before + 1:
            raise _describe_open_quotation(file, before + 1)
        before = reader.line_num
        if any(cell.strip() for cell in row):
            yield before, row


def _describe_open_quotation(file: str, line: int) -> DetectionFileError:
    return DetectionFileError(
        "{file}: a quotation mark in line {line} is not closed in that line.",
        "Remove it, or close it, and replay the file again.",
        file=file,
        line=line,
    )


def _read_mot(
    numbered: Iterator[NumberedRow], *, file: str, camera: str | None, fps: float | None
) -> DetectionRows:
    if fps is None or camera is None:
        raise DetectionFileError(
            "{file} has no heading, as MOTChallenge files have none; they name neither a camera nor times.",
            "Give --fps and --camera, or a CSV with the columns {columns}.",
            file=file,
            columns=",".join(COLUMNS),
        )
    rows = _Collector()
    for lines, cells in _iterate_parts(numbered, MOT_COLUMNS, rows.short_lines):
        frame, _, left, top, width, height, score = map(_to_floats, cells[:MOT_COLUMNS])
        is_frame = (frame >= 1) & (frame == np.round(frame))
        time_s = np.where(is_frame, (frame - 1) / fps, np.nan)
        numbers = [left, top, left + width, top + height, score]
        rows.add(lines, time_s, [camera] * len(lines), numbers, np.zeros(len(lines), bool))
    return _fill_frames(rows.finish(), fps=fps)


def _fill_frames(rows: DetectionRows, *, fps: float) -> DetectionRows:
    """Add a blank row for every frame without one: the format cannot say that nobody was in a frame."""
    frames = np.unique(np.round(rows.time_s[np.isfinite(rows.time_s)] * fps).astype(np.int64))
    pauses = np.diff(frames)
    # a frame number that is a slip must not become days of frames in which nobody was seen
    starts = np.flatnonzero((pauses > 1) & (pauses < LONGEST_EMPTY_S * fps))
    missing = [np.arange(frames[start] + 1, frames[start + 1]) for start in starts]
    if len(frames) and frames[0] < LONGEST_EMPTY_S * fps:
        missing.append(np.arange(frames[0]))
    filled = np.concatenate([np.empty(0, np.int64), *missing])
    count = len(filled)
    time_s = np.append(rows.time_s, filled / fps)
    # frames are numbered, so that the order of the rows means nothing
    order = np.argsort(time_s, kind="stable")
    return replace(
        rows,
        time_s=time_s[order],
        camera=np.zeros(len(order), np.int64),
        xyxy=np.vstack([rows.xyxy, np.full((count, 4), np.nan)])[order],
        score=np.append(rows.score, np.full(count, np.nan))[order],
        is_blank=np.append(rows.is_blank, np.ones(count, bool))[order],
        line=np.append(rows.line, np.zeros(count, np.int64))[order],
    )


def _read_parquet(file: Path) -> DetectionRows:
    try:
        table = pq.read_table(file, columns=None)
    except (pa.ArrowException, OSError) as error:
        raise DetectionFileError(
            "{file} is Parquet that cannot be read ({reason}).",
            "Write it again; it may not have been copied to its end.",
            file=file.name,
            reason=str(error).splitlines()[0],
        ) from error
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise DetectionFileError(
            "{file} lacks the columns {missing}.",
            "Its columns must be {columns}.",
            file=file.name,
            missing=", ".join(missing),
            columns=",".join(COLUMNS),
        )
    time_s, *numbers = (
        pd.to_numeric(table.column(name).to_pandas(), errors="coerce").to_numpy(np.float64, na_value=np.nan)
        for name in COLUMNS
        if name != "camera"
    )
    names = [str(name).strip() if name is not None else "" for name in table.column("camera").to_pylist()]
    rows = _Collector()
    is_blank = np.isnan(np.stack(numbers)).all(axis=0)
    rows.add(range(1, len(names) + 1), time_s, names, numbers, is_blank)
    return rows.finish()


class _Collector:
    """Puts the parts of a file together."""

    def __init__(self) -> None:
        self.short_lines: list[int] = []
        self._cameras: dict[str, int] = {}
        self._parts: list[tuple[IntArray, FloatArray, IntArray, FloatArray, FloatArray, BoolArray]] = []

    def add(
        self,
        lines: Sequence[int],
        time_s: FloatArray,
        names: Sequence[str],
        numbers: Sequence[FloatArray],
        is_blank: Sequence[bool] | BoolArray,
    ) -> None:
        known = {
            name: self._cameras.setdefault(name.strip(), len(self._cameras)) for name in dict.fromkeys(names)
        }
        codes = np.array([known[name] for name in names], np.int64)
        xyxy = np.stack(numbers[:4], axis=1)
        self._parts.append(
            (np.array(lines, np.int64), time_s, codes, xyxy, numbers[4], np.asarray(is_blank, np.bool_))
        )

    def finish(self) -> DetectionRows:
        nothing = np.empty(0)
        self._parts.append(
            (
                np.empty(0, np.int64),
                nothing,
                np.empty(0, np.int64),
                np.empty((0, 4)),
                nothing,
                np.empty(0, bool),
            )
        )
        line, time_s, camera, xyxy, score, is_blank = (
            np.concatenate([part[index] for part in self._parts]) for index in range(6)
        )
        return DetectionRows(
            time_s=time_s,
            camera=camera,
            cameras=tuple(self._cameras),
            xyxy=xyxy,
            score=score,
            is_blank=is_blank,
            line=line,
            short_lines=tuple(self.short_lines),
        )


def _iterate_parts(
    numbered: Iterator[NumberedRow], width: int, short_lines: list[int]
) -> Iterator[tuple[list[int], list[Sequence[str]]]]:
    """Lines and columns of many rows at a time; rows with fewer than ``width`` cells are left out."""
    while part := list(islice(numbered, _ROWS_AT_A_TIME)):
        short_lines += [line for line, row in part if len(row) < width]
        whole = [(line, row[:width]) for line, row in part if len(row) >= width]
        if whole:
            yield [line for line, _ in whole], list(zip(*(row for _, row in whole), strict=True))


def _to_floats(cells: Sequence[str]) -> FloatArray:
    """Numbers; NaN for what is empty or none."""
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array([_to_float(cell) for cell in cells])


def _to_float(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return np.nan
