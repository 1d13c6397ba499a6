"""The four result files: tracks.parquet, visits.csv, crossings.csv and summary.json.

Names of zones and lines are written as they are; but one that a spreadsheet would take for a formula has an
a leading apostrophe in the CSV files, which ``analytics.evaluation.result_reading`` removes.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.columns import CROSSING_COLUMNS, TRACK_COLUMNS, VISIT_COLUMNS, Column, require_columns
from analytics.domain.errors import OutputError
from analytics.results.cell_text import disarm
from resources.atomic_file import replace_file

TRACKS_FILE = "tracks.parquet"
VISITS_FILE = "visits.csv"
CROSSINGS_FILE = "crossings.csv"
SUMMARY_FILE = "summary.json"
RESULT_FILES = (SUMMARY_FILE, CROSSINGS_FILE, VISITS_FILE, TRACKS_FILE)
"""File names in order of writing: the summary is renamed last, so that its presence implies the others."""

_TRACK_FIELDS: list[Any] = [
    pa.field("time_s", pa.float64(), nullable=False),
    pa.field("camera", pa.string(), nullable=False),
    pa.field("tracklet", pa.int64(), nullable=False),
    pa.field("visitor", pa.int64()),
    pa.field("x_m", pa.float32(), nullable=False),
    pa.field("y_m", pa.float32(), nullable=False),
    pa.field("sigma_m", pa.float32(), nullable=False),
    pa.field("height_m", pa.float32()),
    pa.field("state", pa.string(), nullable=False),
]
TRACKS_SCHEMA: pa.Schema = pa.schema(_TRACK_FIELDS)

SECONDS_DECIMALS = 3
"""Milliseconds: finer than any camera's frame interval."""


def write_result_files(
    *,
    out_folder: Path,
    tracks: pd.DataFrame,
    visits: pd.DataFrame,
    crossings: pd.DataFrame,
    summary: Mapping[str, object],
    attachments: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Write the four files, all or none; earlier ones survive a failure. Equal input gives equal bytes.

    The folder is created if missing.

    Args:
        attachments: contents of further files, by name, written with them.

    Raises:
        OutputError: no permission, a full disk, or a file that another program holds open.
    """
    require_columns(tracks, TRACK_COLUMNS)
    require_columns(visits, VISIT_COLUMNS)
    require_columns(crossings, CROSSING_COLUMNS)
    try:
        out_folder.mkdir(parents=True, exist_ok=True)
        names = (*RESULT_FILES, *attachments)
        for name in names:
            _check_replaceable(out_folder / name)
        with contextlib.ExitStack() as files:
            paths = {name: files.enter_context(replace_file(out_folder / name)) for name in names}
            _write_tracks(paths[TRACKS_FILE], tracks)
            _write_csv(paths[VISITS_FILE], visits, VISIT_COLUMNS)
            _write_csv(paths[CROSSINGS_FILE], crossings, CROSSING_COLUMNS)
            _write_json(paths[SUMMARY_FILE], summary)
            for name, content in attachments.items():
                paths[name].write_bytes(content)
            for path in paths.values():
                _flush_to_disk(path)
    except OSError as error:
        raise describe_failed_write(error, out_folder) from error


def describe_failed_write(error: OSError, path: Path) -> OutputError:
    """Return the sentence and remedy for results that could not be written to a file or folder."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            "The disk is full: the results could not be written to {path}.",
            "Free some space, or choose a folder on another disk.",
            path=path,
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(
            "No permission to write to {path}.",
            "Choose another folder, or close the program that has one of its files open.",
            path=path,
        )
    if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
        return OutputError(
            "The results cannot be written to {path}: a file with that name already exists.",
            "Choose another folder.",
            path=path,
        )
    return OutputError(
        "The results could not be written to {path} ({reason}).",
        "Choose another folder.",
        path=path,
        reason=error.strerror or type(error).__name__,
    )


def _check_replaceable(path: Path) -> None:
    """Check that each of the four can be replaced before the first one is."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder has this name", str(path))
    if path.exists():
        # on Windows this fails while a spreadsheet has the file open
        with path.open("r+b"):
            pass


def _flush_to_disk(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _write_tracks(path: Path, tracks: pd.DataFrame) -> None:
    ordered = tracks.sort_values(["time_s", "camera", "tracklet"], kind="stable")
    arrays = []
    for field in TRACKS_SCHEMA:
        values = ordered[field.name]
        if field.name in ("camera", "state"):
            arrays.append(pa.array(values.astype(str).to_numpy(object), field.type))
        elif field.name == "visitor":
            missing = values.isna().to_numpy()
            arrays.append(pa.array(values.fillna(0).to_numpy(np.int64), field.type, mask=missing))
        else:
            numbers = values.to_numpy(field.type.to_pandas_dtype())
            mask = np.isnan(numbers) if field.nullable else None
            arrays.append(pa.array(numbers, field.type, mask=mask))
    table = pa.Table.from_arrays(arrays, schema=TRACKS_SCHEMA)
    floats = ["time_s", "x_m", "y_m", "sigma_m", "height_m"]
    integers = ["tracklet", "visitor"]
    options: dict[str, Any] = {
        "compression": "zstd",
        "use_dictionary": ["camera", "state"],
        "column_encoding": dict.fromkeys(floats, "BYTE_STREAM_SPLIT")
        | dict.fromkeys(integers, "DELTA_BINARY_PACKED"),
        "row_group_size": 1_000_000,
    }
    pq.write_table(table, path, **options)


def _write_csv(path: Path, table: pd.DataFrame, columns: tuple[Column, ...]) -> None:
    written = table[[column.name for column in columns]].copy()
    for column in columns:
        if column.dtype == "float64":
            written[column.name] = written[column.name].round(SECONDS_DECIMALS)
        elif column.dtype == "str":
            written[column.name] = written[column.name].map(disarm)
    text = written.to_csv(index=False, lineterminator="\n")
    path.write_bytes(text.encode("utf-8"))


def _write_json(path: Path, summary: Mapping[str, object]) -> None:
    text = json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_bytes((text + "\n").encode("utf-8"))
