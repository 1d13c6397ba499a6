"""Positions of people measured by other sensors and programs, read from a file and checked."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import shapely

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.errors import DetectionFileError, Phrase
from analytics.domain.floor_geometry import Polygon
from app.analysis.detection_file import SkippedRows
from app.core.job import JobContext
from app.error_reporting import convert_error

OUTSIDE_M = 2.0
"""Distance beyond the hall's outline up to which a position counts as in the hall."""
MAX_OUTSIDE_SHARE = 0.5
"""Share of positions outside the hall above which the file has other units or another origin."""
MAX_UNUSABLE_SHARE = 0.5
"""Share of rows above which a file is not what it should be."""
MIN_POSITIONS = 100
"""Minimum number of positions for telling that no ``track_id`` comes twice."""
MAX_ABSENCE_S = 300.0
"""Pause after which a ``track_id`` is somebody else: sensors count from 1 again."""
USUAL_SIGMA_M = 0.1
"""Standard deviation of positions for which the file states none."""
REASONS = {
    "too_many_columns": "more or fewer columns than the first line",
    "no_number": "a missing or invalid time or position",
    "no_id": "no track_id",
    "outside_hall": "more than 2 m outside of the hall",
    "clock_back": "earlier than the row before of the same track_id",
    "doubled": "a second row of the same track_id and time",
}
"""Reasons for skipped rows, in the order of checking; a row counts under the first that applies."""
FORMAT = (
    "The first line is time_s,track_id,x_m,y_m with commas (or time_utc, such as 2026-11-25T09:00:00Z, "
    "instead of time_s; sigma_m and height_m may follow); each following line is the position of one person "
    "at one time, in metres."
)
ONE_PERSON = (
    "A track_id must be one person for as long as this person is followed, with rows in order of time."
)
_NUMBERS = ("x_m", "y_m", "sigma_m", "height_m")
_BLOCK_BYTES = 16 << 20
_ROWS_AT_A_TIME = 500_000
_PARQUET_MAGIC, _SQLITE_MAGIC = b"PAR1", b"SQLite format 3\0"
_FRAME_RATE = re.compile(r"(?:frame\s?rate|fps)\D*([0-9.]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class SensorTracks:
    """Usable positions, ordered by person and time; columns of equal length.

    Attributes:
        person: from 1, in order of ``track_id``.
        time_s: seconds since the epoch.
        height_m: NaN where unknown.
    """

    person: IntArray
    time_s: FloatArray
    x_m: npt.NDArray[np.float32]
    y_m: npt.NDArray[np.float32]
    sigma_m: npt.NDArray[np.float32]
    height_m: npt.NDArray[np.float32]

    @property
    def interval_s(self) -> float:
        """Typical time between two positions of a person; 0 without two."""
        step_s = np.diff(self.time_s)[np.diff(self.person) == 0]
        return float(np.median(step_s)) if len(step_s) else 0.0


def read_sensor_tracks(
    file: Path, *, start_utc_s: float | None, outline: Polygon, context: JobContext | None = None
) -> tuple[SensorTracks, SkippedRows]:
    """Read CSV, Parquet, or a trajectory of PedPy or JuPedSim (text or SQLite).

    Args:
        start_utc_s: time at which ``time_s`` or the frames begin; not needed with ``time_utc``.
        outline: the hall.

    Raises:
        DetectionFileError: the file cannot be read, lacks a column or its beginning, or has other units.
        JobCancelled: the reading was cancelled.
    """
    try:
        with file.open("rb") as content:
            beginning = content.read(len(_SQLITE_MAGIC))
            content.seek(0)
            first_line = content.readline(65536).decode("utf-8-sig", "replace").strip()
        if beginning.startswith(_PARQUET_MAGIC):
            parts = _read_parquet(file)
        elif beginning == _SQLITE_MAGIC:
            parts = _read_sqlite(file)
        elif first_line.startswith("#"):
            parts = _read_trajectory_text(file)
        else:
            parts = _read_csv(file, first_line)
        rows = _Rows.collect(parts, file.name, context or JobContext())
    except OSError as error:
        raise convert_error(DetectionFileError, error, file=file) from error
    except (ValueError, sqlite3.Error, pa.ArrowException) as error:
        raise DetectionFileError(
            "{file} cannot be read: {reason}.", FORMAT, file=file.name, reason=str(error).splitlines()[0]
        ) from error
    time_s = rows.time_s
    if not rows.is_utc:
        if start_utc_s is None:
            raise DetectionFileError(
                "{file} states times from its beginning, which is not known.",
                "Add --start-utc, such as --start-utc 2026-11-25T09:00:00Z.",
                file=file.name,
            )
        time_s = time_s + start_utc_s
    return _check(rows, time_s, outline, file.name)


def _check(rows: _Rows, time_s: FloatArray, outline: Polygon, file: str) -> tuple[SensorTracks, SkippedRows]:
    skipped = SkippedRows(rows=len(time_s) + len(rows.bad_lines))
    skipped.add("too_many_columns", np.array(rows.bad_lines, np.int64))
    line = rows.number_lines()
    x_m, y_m, sigma_m, height_m = rows.numbers
    is_good = np.isfinite(time_s) & np.isfinite(x_m) & np.isfinite(y_m)
    skipped.add("no_number", line[~is_good])
    has_id = rows.person > 0
    skipped.add("no_id", line[is_good & ~has_id])
    is_good &= has_id
    is_outside = is_good.copy()
    is_outside[is_good] = _find_outside(x_m[is_good], y_m[is_good], outline)
    if is_outside.sum() > MAX_OUTSIDE_SHARE * max(1, int(is_good.sum())):
        raise DetectionFileError(
            "{percent:.0f} % of the positions in {file} lie outside of the hall.",
            "x_m and y_m must be in metres from the lower left corner of the plan, y upwards; pixels or "
            "centimetres must be converted first.",
            percent=100 * is_outside.sum() / is_good.sum(),
            file=file,
        )
    skipped.add("outside_hall", line[is_outside])
    chosen = np.flatnonzero(is_good & ~is_outside)
    # by person, in the order of the file
    chosen = chosen[np.argsort(rows.person[chosen], kind="stable")]
    person, time_s = rows.person[chosen], time_s[chosen]
    since_s = time_s - (float(np.min(time_s)) if len(time_s) else 0.0)
    # one clock on which each person comes after the one before
    length_s = float(np.max(since_s, initial=0.0))
    ahead_s = since_s + person * (2.0 * length_s + 1.0)
    before_s = np.concatenate([[-np.inf], np.maximum.accumulate(ahead_s)[:-1]])
    skipped.add("clock_back", line[chosen[ahead_s < before_s]])
    skipped.add("doubled", line[chosen[ahead_s == before_s]])
    is_kept = ahead_s > before_s
    chosen, person, time_s = chosen[is_kept], person[is_kept], time_s[is_kept]
    if skipped.share > MAX_UNUSABLE_SHARE:
        reason, count = max(skipped.counts.items(), key=lambda item: item[1])
        raise DetectionFileError(
            "{percent:.0f} % of the rows of {file} cannot be used; {count} of them have the fault "
            "'{reason}', such as line {line}.",
            ONE_PERSON if reason in ("no_id", "clock_back", "doubled") else FORMAT,
            percent=100 * skipped.share,
            file=file,
            count=count,
            reason=Phrase(REASONS[reason]),
            line=skipped.lines[reason][0],
        )
    sigma_m = sigma_m[chosen]
    is_new = (np.diff(person) != 0) | (np.diff(time_s) > MAX_ABSENCE_S)
    if len(chosen) >= MIN_POSITIONS and 2 * is_new.sum() > len(chosen):
        raise DetectionFileError(
            "Most people in {file} have only one position.",
            ONE_PERSON,
            file=file,
        )
    tracks = SensorTracks(
        person=np.concatenate([[1], 1 + np.cumsum(is_new)]),
        time_s=time_s,
        x_m=x_m[chosen],
        y_m=y_m[chosen],
        sigma_m=np.where(np.isfinite(sigma_m) & (sigma_m > 0), sigma_m, np.float32(USUAL_SIGMA_M)),
        height_m=height_m[chosen],
    )
    return tracks, skipped


def _find_outside(x_m: npt.NDArray[np.float32], y_m: npt.NDArray[np.float32], outline: Polygon) -> BoolArray:
    hall = outline.to_shape().buffer(OUTSIDE_M)
    shapely.prepare(hall)
    return np.asarray(~shapely.contains_xy(hall, x_m, y_m), np.bool_)


@dataclass(slots=True, eq=False)
class _Rows:
    """All rows of a file in order; a missing or invalid number is NaN, a missing person 0."""

    time_s: FloatArray
    is_utc: bool
    person: IntArray
    numbers: tuple[npt.NDArray[np.float32], ...]
    bad_lines: list[int]
    first_line: int

    @staticmethod
    def collect(parts: _Parts, file: str, context: JobContext) -> _Rows:
        """Read all parts of a file.

        Raises:
            DetectionFileError: it is empty.
            JobCancelled: the reading was cancelled.
        """
        times, ids, numbers = [], [], []
        for batch in parts.batches:
            context.checkpoint(0, 0)
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            times.append(_to_utc_s(columns["time_utc"]) if parts.is_utc else _to_floats(columns["time_s"]))
            ids.append(columns["track_id"].cast(pa.string()))
            # single precision is exact to a hundredth of a millimetre, and halves the memory
            numbers.append({n: _to_floats(columns[n]).astype(np.float32) for n in _NUMBERS if n in columns})
        if not times:
            raise DetectionFileError("{file} contains no positions.", FORMAT, file=file)
        codes = pc.dictionary_encode(pa.chunked_array(ids)).combine_chunks()
        names = codes.dictionary.to_pylist()
        is_named = np.array([bool(name and name.strip()) for name in names] or [False])
        code = pc.fill_null(codes.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        unknown = np.broadcast_to(np.float32(np.nan), len(code))
        return _Rows(
            time_s=np.concatenate(times),
            is_utc=parts.is_utc,
            person=np.where((code >= 0) & is_named[code], code + 1, 0),
            numbers=tuple(
                np.concatenate([part[n] for part in numbers]) if n in numbers[0] else unknown
                for n in _NUMBERS
            ),
            bad_lines=parts.bad_lines,
            first_line=parts.first_line,
        )

    def number_lines(self) -> IntArray:
        """Return the line of every row, with the lines left out by the reader counted."""
        line = np.arange(len(self.time_s)) + self.first_line
        for bad in sorted(self.bad_lines):
            line[line >= bad] += 1
        return line


@dataclass(slots=True)
class _Parts:
    """A file that is read in parts; ``bad_lines`` is complete once all were read."""

    batches: Iterator[pa.RecordBatch]
    is_utc: bool
    bad_lines: list[int]
    first_line: int = 1


def _to_floats(column: pa.Array) -> FloatArray:
    if pa.types.is_string(column.type):
        try:
            column = pc.utf8_trim_whitespace(column).cast(pa.float64())
        except pa.ArrowInvalid:
            return np.asarray(pd.to_numeric(pd.Series(column.to_pandas()), errors="coerce"), np.float64)
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def _to_utc_s(column: pa.Array) -> FloatArray:
    moments = pd.to_datetime(column.to_pandas(), utc=True, errors="coerce", format="ISO8601")
    microseconds = moments.to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(microseconds), np.nan, microseconds.astype(np.int64) / 1e6)


def _choose_columns(names: Sequence[str], file: str) -> tuple[str, ...]:
    time = "time_utc" if "time_utc" in names else "time_s"
    missing = [name for name in (time, "track_id", "x_m", "y_m") if name not in names]
    if missing:
        raise DetectionFileError(
            "{file} lacks the columns {missing}.", FORMAT, file=file, missing=", ".join(missing)
        )
    return (time, "track_id", *(name for name in _NUMBERS if name in names))


def _read_parquet(file: Path) -> _Parts:
    stored = pq.ParquetFile(file)
    columns = _choose_columns(stored.schema_arrow.names, file.name)
    batches = stored.iter_batches(batch_size=_ROWS_AT_A_TIME, columns=list(columns))
    return _Parts(batches, "time_utc" in columns, [])


def _read_csv(file: Path, heading: str) -> _Parts:
    names = [name.strip().strip('"') for name in heading.split(",")]
    columns = _choose_columns(names, file.name)
    bad_lines: list[int] = []

    def leave_out(row: Any) -> str:
        bad_lines.append(row.number or 0)
        return "skip"

    batches = pa_csv.open_csv(
        file,
        read_options=pa_csv.ReadOptions(
            block_size=_BLOCK_BYTES, use_threads=False, column_names=names, skip_rows=1
        ),
        parse_options=pa_csv.ParseOptions(invalid_row_handler=leave_out),
        convert_options=pa_csv.ConvertOptions(
            include_columns=list(columns), column_types=dict.fromkeys(columns, pa.string())
        ),
    )
    return _Parts(batches, "time_utc" in columns, bad_lines, first_line=2)


def _read_trajectory_text(file: Path) -> _Parts:
    """Read the text of PedPy and JuPedSim: person, frame, x, y (and z) behind lines that begin with #."""
    heading = []
    with file.open(encoding="utf-8-sig") as lines:
        for line in lines:
            if not line.startswith("#"):
                break
            heading.append(line)
    header = "".join(heading)
    rate = _FRAME_RATE.search(header)
    fps = _require_rate(None if rate is None else rate[1], file)
    metres = 0.01 if re.search(r"[xX]\s*/\s*cm|\[?in cm\]?", header) else 1.0
    parts = pd.read_csv(
        file,
        sep=r"\s+",
        comment="#",
        header=None,
        dtype=str,
        chunksize=_ROWS_AT_A_TIME,
        usecols=range(4),
        encoding="utf-8-sig",
    )
    batches = (
        _make_batch(part[0], pd.to_numeric(part[1], errors="coerce") / fps, part[2], part[3], metres)
        for part in parts
    )
    return _Parts(batches, False, [], first_line=len(heading) + 1)


def _make_batch(person: Any, time_s: Any, x: Any, y: Any, metres: float) -> pa.RecordBatch:
    x_m, y_m = (np.asarray(pd.to_numeric(values, errors="coerce"), np.float64) * metres for values in (x, y))
    return pa.record_batch(
        {
            "time_s": pa.array(np.asarray(time_s, np.float64)),
            "track_id": pa.array(np.asarray(person, object), pa.string()),
            "x_m": pa.array(x_m),
            "y_m": pa.array(y_m),
        }
    )


def _read_sqlite(file: Path) -> _Parts:
    """Read JuPedSim's SQLite trajectory."""

    def read(fps: float) -> Iterator[pa.RecordBatch]:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            query = "SELECT id, frame, pos_x, pos_y FROM trajectory_data ORDER BY frame, id"
            rows = database.execute(query)
            while part := rows.fetchmany(_ROWS_AT_A_TIME):
                person, frame, x, y = zip(*part, strict=True)
                yield _make_batch([str(p) for p in person], np.array(frame, np.float64) / fps, x, y, 1.0)

    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
        found = database.execute("SELECT value FROM metadata WHERE key = 'fps'").fetchone()
    return _Parts(read(_require_rate(None if found is None else found[0], file)), False, [])


def _require_rate(stated: object, file: Path) -> float:
    try:
        fps = float(str(stated))
    except ValueError:
        fps = 0.0
    if not 0 < fps < 1e4:
        raise DetectionFileError(
            "{file} does not state its frame rate.",
            "Add the line '# framerate: 16.00' at its top, with its true rate.",
            file=file.name,
        )
    return fps
