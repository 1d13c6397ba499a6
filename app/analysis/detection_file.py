"""Detections from a file: read, checked, and assigned to cameras."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.errors import DetectionFileError, Phrase
from analytics.domain.identifiers import CameraId
from app.error_reporting import convert_error

if TYPE_CHECKING:
    from _csv import Reader


REORDERED_WITHIN_S = 1.0
"""Maximum delay of a row that is sorted into place; programs with several threads write such files."""
MAX_BOX_FRAMES = 1.05
"""Maximum box size in frame sizes; detectors exceed the frame by a few per cent."""
MAX_FRAMES = 1.0
"""Maximum distance of an edge outside the frame, in frame sizes; cut-off bodies reach half as far."""
MAX_PAUSE_S = 86400.0
"""Maximum pause in seconds; a longer one means a wrong time."""
MAX_SKIPPED_SHARE = 0.1
"""Share of skipped rows above which the results may not represent the file."""
EXAMPLES = 3
"""Number of examples named of each kind of bad row."""

REASONS = {
    "too_few_columns": "too few columns",
    "bad_time": "no time, or one before 0 s",
    "unknown_camera": "a camera without a calibration",
    "out_of_order": "out of order by more than a second",
    "clock_set_back": "the clock was set back, and ran through this time twice",
    "far_in_time": "more than a day away from all others",
    "nan_box": "a missing or non-numeric corner",
    "nan_score": "a missing or non-numeric score",
    "inverted_box": "a box whose right or lower edge is not beyond its left or upper one",
    "outside_frame": "a box outside the frame",
    "oversized_box": "a box larger than the frame",
    "score_out_of_range": "a score outside 0 to 1",
    "duplicate": "a duplicate row",
}
"""Reasons for skipped rows, in the order of checking; a row counts under the first that applies."""

REMEDIES = {
    "out_of_order": "Sort the file by time_s.",
    "clock_set_back": "Sort the file by time_s, or split it where the clock was set back.",
    "far_in_time": "Check its times: they must be seconds from the first frame of a single recording.",
    "unknown_camera": "Provide the calibration of its cameras under the same names.",
    "outside_frame": (
        "Check --frame-size: it must be the size of the pictures in which the boxes were detected."
    ),
    "oversized_box": (
        "Check --frame-size: it must be the size of the pictures in which the boxes were detected."
    ),
}
"""Remedies for reasons that skip many rows; the others are faults of the program that wrote the file."""


@dataclass(slots=True)
class SkippedRows:
    """Rows that could not be used.

    Attributes:
        counts: rows for each of ``REASONS`` that occurred.
        lines: the first few lines of each.
        reordered: late rows that were sorted into place; they are used.
        rows: all rows of the file, with those that are used.
    """

    counts: dict[str, int] = field(default_factory=dict)
    lines: dict[str, tuple[int, ...]] = field(default_factory=dict)
    reordered: int = 0
    rows: int = 0

    def add(self, reason: str, lines: IntArray) -> None:
        """Count rows under a reason."""
        if len(lines):
            self.counts[reason] = self.counts.get(reason, 0) + len(lines)
            known = self.lines.get(reason, ())
            self.lines[reason] = tuple(sorted({*known, *lines[:EXAMPLES].tolist()}))[:EXAMPLES]

    def describe(self, reasons: Mapping[str, str]) -> Iterator[Phrase]:
        """Yield a sentence for each reason that occurred, in the order of these reasons."""
        for reason in reasons:
            count, lines = self.counts.get(reason), self.lines.get(reason, ())
            if count:
                examples = ", ".join(map(str, lines)) + (", …" if count > len(lines) else "")
                yield Phrase(
                    "Rows skipped: {count}, {reason} (line {lines}).",
                    {
                        "count": count,
                        "reason": Phrase(reasons[reason]),
                        "lines": examples,
                    },
                )

    @property
    def total(self) -> int:
        """Number of all skipped rows."""
        return sum(self.counts.values())

    @property
    def share(self) -> float:
        """Share of skipped rows in the file, 0 to 1."""
        return self.total / self.rows if self.rows else 0.0

    @property
    def remedy(self) -> str | None:
        """Remedy for the most frequent reason, if many rows are skipped and there is one."""
        if self.share <= MAX_SKIPPED_SHARE:
            return None
        return REMEDIES.get(max(self.counts, key=self.counts.__getitem__))


@dataclass(frozen=True, slots=True, eq=False)
class CameraFrames:
    """One camera's analysed frames in the order of time, with the boxes of a frame by score.

    Attributes:
        times_s: shape (frames,).
        borders: shape (frames + 1,); the boxes of frame i are those from borders[i] to borders[i + 1].
        xyxy, score: as in ``Detections``.
    """

    camera: CameraId
    times_s: FloatArray
    borders: IntArray
    xyxy: npt.NDArray[np.float32]
    score: npt.NDArray[np.float32]

    @property
    def interval_s(self) -> float:
        """Typical time between two frames; 0 for fewer than two."""
        return float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 0.0


def check_detections(
    rows: DetectionRows,
    *,
    known: Sequence[CameraId],
    frame_sizes_wh: Mapping[CameraId, tuple[int, int]],
    file: str,
) -> tuple[tuple[CameraFrames, ...], SkippedRows]:
    """Return the frames of every camera from the usable rows.

    A row with an invalid box or score still marks its frame as analysed.

    Args:
        known: all calibrated cameras, for errors.
        frame_sizes_wh: the selected cameras, in order.
        file: file name in errors.

    Raises:
        DetectionFileError: no row is usable, or the times do not count from the first frame.
    """
    skipped = SkippedRows(rows=len(rows.line) + len(rows.short_lines))
    skipped.add("too_few_columns", np.array(rows.short_lines, np.int64))
    codes = {name: code for code, name in enumerate(rows.cameras)}
    is_known = np.isin(rows.camera, [codes[name] for name in frame_sizes_wh if name in codes])
    has_time = np.isfinite(rows.time_s) & (rows.time_s >= 0)
    skipped.add("bad_time", rows.line[~has_time])
    skipped.add("unknown_camera", rows.line[has_time & ~is_known])
    usable = has_time & is_known
    cameras = []
    for name, size_wh in frame_sizes_wh.items():
        own = np.flatnonzero(usable & (rows.camera == codes.get(name, -1)))
        if len(own):
            own = _put_in_order(rows, own, skipped)
            cameras.append(_collect_frames(name, rows, own, size_wh, skipped))
    if not cameras:
        raise _nothing_usable(rows, skipped, known, file)
    first_s = min(float(camera.times_s[0]) for camera in cameras)
    if first_s > MAX_PAUSE_S:
        raise DetectionFileError(
            "{file} begins at {first:.0f} s.",
            "time_s counts from the first frame: subtract its time, and pass it as --start-utc.",
            file=file,
            first=first_s,
        )
    return tuple(cameras), skipped


def _put_in_order(rows: DetectionRows, own: IntArray, skipped: SkippedRows) -> IntArray:
    """Return one camera's rows in the order of time, without misplaced ones."""
    times_s, line = rows.time_s[own], rows.line[own]
    pauses = np.diff(times_s)
    if (pauses < 0).any():
        is_kept = _find_longest_sorted(times_s)
        newest_s = np.maximum.accumulate(np.where(is_kept, times_s, -np.inf))
        next_s = np.minimum.accumulate(np.where(is_kept, times_s, np.inf)[::-1])[::-1]
        off_s = np.where(is_kept, 0.0, np.where(times_s < newest_s, newest_s - times_s, times_s - next_s))
        is_set_back = _find_clock_set_back(times_s, off_s)
        is_near = ~is_kept & ~is_set_back & (off_s <= REORDERED_WITHIN_S)
        skipped.reordered += int(is_near.sum())
        skipped.add("clock_set_back", line[is_set_back])
        skipped.add("out_of_order", line[~is_kept & ~is_near & ~is_set_back])
        own = own[is_kept | is_near]
        own = own[np.argsort(rows.time_s[own], kind="stable")]
        times_s, line = rows.time_s[own], rows.line[own]
    stretch = np.append(0, np.cumsum(np.diff(times_s) > MAX_PAUSE_S))
    is_main = stretch == np.bincount(stretch).argmax()
    skipped.add("far_in_time", line[~is_main])
    in_order: IntArray = own[is_main]
    return in_order


def _find_longest_sorted(times_s: FloatArray) -> BoolArray:
    """Return the longest non-decreasing subsequence of values."""
    ends: list[float] = []
    places: list[int] = []
    before = np.full(len(times_s), -1, np.int64)
    for index, time_s in enumerate(times_s.tolist()):
        length = bisect_right(ends, time_s)
        if length:
            before[index] = places[length - 1]
        if length == len(ends):
            ends.append(time_s)
            places.append(index)
        else:
            ends[length], places[length] = time_s, index
    is_kept = np.zeros(len(times_s), bool)
    index = places[-1]
    while index >= 0:
        is_kept[index] = True
        index = int(before[index])
    return is_kept


def _find_clock_set_back(times_s: FloatArray, off_s: FloatArray) -> BoolArray:
    """Return which misplaced rows are consecutive with running time: the clock was set back.

    Of the time that the clock then ran through twice, they are the shorter part.
    """
    is_off = off_s > 0
    run = np.cumsum(np.append(True, is_off[1:] != is_off[:-1]))
    table = pd.DataFrame({"run": run, "time_s": times_s, "off_s": off_s}).groupby("run", sort=False)
    is_running = (table["time_s"].transform("nunique") > 1).to_numpy()
    is_far = (table["off_s"].transform("max") > REORDERED_WITHIN_S).to_numpy()
    is_set_back: BoolArray = is_off & is_running & is_far
    return is_set_back


def _collect_frames(
    name: CameraId, rows: DetectionRows, own: IntArray, size_wh: tuple[int, int], skipped: SkippedRows
) -> CameraFrames:
    times_s = rows.time_s[own]
    frame_times_s = np.unique(times_s)
    is_box = ~rows.is_blank[own]
    left, top, right, bottom = rows.xyxy[own].T
    score, line = rows.score[own], rows.line[own]
    width, height = size_wh
    with np.errstate(invalid="ignore"):
        for reason, is_bad in (
            ("nan_box", ~np.isfinite(rows.xyxy[own]).all(axis=1)),
            ("nan_score", ~np.isfinite(score)),
            ("inverted_box", (right <= left) | (bottom <= top)),
            (
                "oversized_box",
                (right - left > MAX_BOX_FRAMES * width) | (bottom - top > MAX_BOX_FRAMES * height),
            ),
            (
                "outside_frame",
                (right <= 0) | (left >= width) | (bottom <= 0) | (top >= height)
                | (np.minimum(left / width, top / height) < -MAX_FRAMES)
                | (np.maximum(right / width, bottom / height) > 1 + MAX_FRAMES),
            ),
            ("score_out_of_range", (score < 0) | (score > 1)),
        ):  # fmt: skip
            skipped.add(reason, line[is_box & is_bad])
            is_box &= ~is_bad
    table = pd.DataFrame(np.column_stack([times_s, rows.xyxy[own], score]))
    is_copy = table.duplicated().to_numpy() & (is_box | (rows.is_blank[own] & (line > 0)))
    skipped.add("duplicate", line[is_copy])
    chosen = np.flatnonzero(is_box & ~is_copy)
    chosen = chosen[np.lexsort((chosen, -score[chosen], times_s[chosen]))]
    return CameraFrames(
        camera=name,
        times_s=frame_times_s,
        borders=np.append(np.searchsorted(times_s[chosen], frame_times_s), len(chosen)).astype(np.int64),
        xyxy=rows.xyxy[own][chosen].astype(np.float32),
        score=score[chosen].astype(np.float32),
    )


def _nothing_usable(
    rows: DetectionRows, skipped: SkippedRows, known: Sequence[CameraId], file: str
) -> DetectionFileError:
    if not len(rows) and not skipped.total:
        return DetectionFileError(
            "{file} contains no detections.",
            "Write a frame without people as a row without box and score.",
            file=file,
        )
    if set(skipped.counts) == {"unknown_camera"}:
        return DetectionFileError(
            "{file} contains the cameras {found}; the calibrated ones are {known}.",
            "Provide the calibration of its cameras under the same names.",
            file=file,
            found=", ".join(f"'{name}'" for name in rows.cameras),
            known=", ".join(f"'{name}'" for name in known),
        )
    reason, count = max(skipped.counts.items(), key=lambda item: item[1])
    return DetectionFileError(
        "No row of {file} can be used; {count} of them have the fault '{reason}', such as line {line}.",
        "Check how the file was made.",
        file=file,
        count=count,
        reason=Phrase(REASONS[reason]),
        line=skipped.lines[reason][0],
    )


COLUMNS = ("time_s", "camera", "x1", "y1", "x2", "y2", "score")
MOT_COLUMNS = 7
"""Columns: frame, id, left, top, width, height, confidence; further ones are ignored."""
_FORMAT = (
    "The first line is time_s,camera,x1,y1,x2,y2,score, separated by commas; each following line "
    "is a detection."
)
MAX_EMPTY_S = 3600.0
"""Limit for MOTChallenge: a longer stretch without a row was not analysed, rather than empty."""
NumberedRow = tuple[int, list[str]]
_PARQUET_MAGIC = b"PAR1"
_ROWS_AT_A_TIME = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class DetectionRows:
    """Rows as in the file, good and bad; a missing or invalid number is NaN.

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
        """Return the rows of one camera."""
        chosen = self.camera == (self.cameras.index(name) if name in self.cameras else -1)
        arrays = ("time_s", "camera", "xyxy", "score", "is_blank", "line")
        return replace(self, **{name: getattr(self, name)[chosen] for name in arrays})


def read_detection_rows(file: Path, *, camera: str | None = None, fps: float | None = None) -> DetectionRows:
    """Return all rows of a file in order.

    Args:
        camera: camera for MOTChallenge, which has no names.
        fps: rate for MOTChallenge; frame 1 is at 0 s. Every frame up to the last counts as analysed.

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
        raise convert_error(DetectionFileError, error, file=file) from error
    except UnicodeDecodeError:
        raise DetectionFileError(
            "{file} is neither UTF-8 text nor Parquet.", "Save it as 'CSV UTF-8'.", file=file.name
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
    """Yield the rows that are not empty, with their lines.

    Raises:
        DetectionFileError: a quotation mark is not closed in its line, so that it may have swallowed others.
    """
    before = 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            # too long for the reader
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
            "{file} has no header, like MOTChallenge files, which name neither a camera nor times.",
            "Use --fps and --camera, or a CSV with the columns {columns}.",
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
    """Add a blank row for every frame without one, as the format cannot express an empty frame."""
    frames = np.unique(np.round(rows.time_s[np.isfinite(rows.time_s)] * fps).astype(np.int64))
    pauses = np.diff(frames)
    # a wrong frame number must not become days of empty frames
    starts = np.flatnonzero((pauses > 1) & (pauses < MAX_EMPTY_S * fps))
    missing = [np.arange(frames[start] + 1, frames[start + 1]) for start in starts]
    if len(frames) and frames[0] < MAX_EMPTY_S * fps:
        missing.append(np.arange(frames[0]))
    filled = np.concatenate([np.empty(0, np.int64), *missing])
    count = len(filled)
    time_s = np.append(rows.time_s, filled / fps)
    # frames are numbered, so the order of the rows is irrelevant
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
            "Create it again; the copy may be incomplete.",
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
    """Collector that joins the parts of a file."""

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
        whole, number = np.empty(0, np.int64), np.empty(0)
        self._parts.append((whole, number, whole, np.empty((0, 4)), number, np.empty(0, bool)))
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
    """Yield lines and columns of many rows at a time; rows with fewer than ``width`` cells are left out."""
    while part := list(islice(numbered, _ROWS_AT_A_TIME)):
        short_lines += [line for line, row in part if len(row) < width]
        whole = [(line, row[:width]) for line, row in part if len(row) >= width]
        if whole:
            yield [line for line, _ in whole], list(zip(*(row for _, row in whole), strict=True))


def _to_floats(cells: Sequence[str]) -> FloatArray:
    """Return numbers; NaN for empty or invalid text."""
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array([_to_float(cell) for cell in cells])


def _to_float(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return np.nan
