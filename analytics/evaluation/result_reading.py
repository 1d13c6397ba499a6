"""Reader of the four files of a result, of this program, a truth or another program."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.columns import CROSSING_COLUMNS, TRACK_COLUMNS, VISIT_COLUMNS, Column
from analytics.domain.errors import ResultFileError
from analytics.domain.track import TrackState
from analytics.results.result_files import CROSSINGS_FILE, SUMMARY_FILE, TRACKS_FILE, VISITS_FILE

T = TypeVar("T")

_OPTIONAL: dict[str, object] = {
    "camera": "",
    "tracklet": -1,
    "visitor": pd.NA,
    "sigma_m": 0.0,
    "height_m": np.nan,
    "state": TrackState.CONFIRMED.value,
    "seconds": np.nan,
    "censored_start": 0,
    "censored_end": 0,
}
"""Defaults for missing columns and empty cells."""
_TRUTH_VALUES = {"true": "1", "false": "0"}
_DISARMED = re.compile(r"^'(?=[=+\-@\t\r])")


@dataclass(frozen=True, slots=True, eq=False)
class ResultFiles:
    """The content of a result folder.

    Attributes:
        tracks: columns of ``TRACK_COLUMNS``, rows without a finite time and position left out.
        visits: columns of ``VISIT_COLUMNS``.
        crossings: columns of ``CROSSING_COLUMNS``.
        summary: as in summary.json.
    """

    folder: Path
    tracks: pd.DataFrame
    visits: pd.DataFrame
    crossings: pd.DataFrame
    summary: dict[str, object]


def read_result_files(folder: Path) -> ResultFiles:
    """Read ``tracks.parquet``, ``visits.csv``, ``crossings.csv`` and ``summary.json`` of a folder.

    Columns that say nothing of who was where and when (camera, sigma_m, …) may be missing.

    Raises:
        ResultFileError: the folder or a file is missing, cannot be read, or lacks a column; a value is no
            number.
    """
    if not folder.is_dir():
        raise ResultFileError("There is no folder {path}.", "Check the path.", path=folder)
    tracks = _read(folder / TRACKS_FILE, _read_parquet)
    if "visitor" not in tracks.columns and "tracklet" not in tracks.columns:
        raise _lacks_column(folder / TRACKS_FILE, "visitor")
    tracks = _convert(tracks, TRACK_COLUMNS, folder / TRACKS_FILE)
    is_usable = np.isfinite(tracks[["time_s", "x_m", "y_m"]].to_numpy(np.float64)).all(axis=1)
    tracks = tracks[is_usable].sort_values("time_s", kind="stable", ignore_index=True)
    visits = _convert(_read(folder / VISITS_FILE, _read_csv), VISIT_COLUMNS, folder / VISITS_FILE)
    visits["seconds"] = visits["seconds"].fillna(visits["left_s"] - visits["entered_s"])
    crossings = _convert(_read(folder / CROSSINGS_FILE, _read_csv), CROSSING_COLUMNS, folder / CROSSINGS_FILE)
    crossings["direction"] = crossings["direction"].str.lower()
    summary = _read(folder / SUMMARY_FILE, _read_json)
    return ResultFiles(folder, tracks, visits, crossings, summary)


def _read_parquet(path: Path) -> pd.DataFrame:
    table: pd.DataFrame = pq.read_table(path).to_pandas()
    return table


def _read_csv(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False, dtype=str, skipinitialspace=True)
    # as `result_files` disarms names that begin like a formula
    return table.rename(columns=str.strip).replace(_DISARMED, "", regex=True)


def _read_json(path: Path) -> dict[str, object]:
    summary = json.loads(path.read_text("utf-8-sig"))
    if not isinstance(summary, dict):
        raise _unreadable(path, "it holds no object")
    return summary


def _read(path: Path, reader: Callable[[Path], T]) -> T:
    if not path.is_file():
        raise ResultFileError(
            "{path} is missing.",
            "A result has four files: tracks.parquet, visits.csv, crossings.csv and summary.json.",
            path=path,
        )
    try:
        return reader(path)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except (ValueError, pa.ArrowException) as error:
        # parsers' messages run over several lines
        raise _unreadable(path, (str(error).splitlines() or [type(error).__name__])[0]) from error


def _unreadable(path: Path, reason: str) -> ResultFileError:
    return ResultFileError(
        "{path} cannot be read: {reason}.", "Write the result again.", path=path, reason=reason.rstrip(".")
    )


def _lacks_column(path: Path, column: str) -> ResultFileError:
    return ResultFileError(
        "{path} lacks the column {column}.",
        "Write the result again, or give the column that name.",
        path=path,
        column=column,
    )


def _convert(table: pd.DataFrame, columns: tuple[Column, ...], path: Path) -> pd.DataFrame:
    converted = {}
    for column in columns:
        if column.name in table.columns:
            converted[column.name] = _convert_column(table[column.name], column, path)
        elif column.name in _OPTIONAL:
            values = pd.Series([_OPTIONAL[column.name]] * len(table), index=table.index, dtype=object)
            converted[column.name] = _cast(values, column.dtype)
        else:
            raise _lacks_column(path, column.name)
    return pd.DataFrame(converted)


def _convert_column(values: pd.Series, column: Column, path: Path) -> pd.Series:
    if column.dtype == "str":
        return values.astype("str").str.strip()
    text = values.astype(str).str.strip().str.lower()
    is_present = values.notna() & (text != "")
    written = values.where(~text.isin(_TRUTH_VALUES), text.map(_TRUTH_VALUES))
    numbers = pd.Series(pd.to_numeric(written, errors="coerce"))
    stand_in = _OPTIONAL.get(column.name)
    if isinstance(stand_in, int) and not column.is_nullable:
        numbers = numbers.where(is_present, stand_in)
    wrong = is_present & numbers.isna() & (text != "nan")
    if not column.is_nullable and column.dtype == "int64":
        wrong |= ~np.isfinite(numbers.to_numpy(np.float64, na_value=np.nan))
    if wrong.any():
        row = int(np.flatnonzero(wrong.to_numpy())[0])
        raise ResultFileError(
            "{path} has {value} in column {column} of row {row}, which is not a number.",
            "Correct the row or write the result again.",
            path=path,
            value=repr(str(values.iloc[row])),
            column=column.name,
            row=row + 1,
        )
    if column.dtype in ("int64", "Int64"):
        return _cast(numbers.round(), column.dtype)
    return _cast(numbers, column.dtype)


def _cast(values: pd.Series, dtype: Any) -> pd.Series:
    return values.astype(dtype)
