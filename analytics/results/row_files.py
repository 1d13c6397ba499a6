"""Writing of a data set's rows in parts, so that memory use does not grow with the period."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.results.cell_text import disarm
from analytics.results.data_sets import RowColumn, RowFormat, RowKind

ROWS_PER_PART = 100_000
DECIMALS = 3
"""Milliseconds and millimetres: finer than any measurement."""


class RowFile:
    """A file that is being written; leaving the context completes it.

    CSV: UTF-8, one header; texts that a spreadsheet would evaluate as a formula get a leading apostrophe;
    unknown values are empty. JSON lines: one object a row; unknown values are null. Parquet: typed columns.
    Times are in UTC, and in venue time with its offset.

    Args:
        path: replaced if it exists.

    Raises:
        OSError: the file cannot be written, now or later.
    """

    def __init__(
        self, path: Path, columns: Sequence[RowColumn], *, row_format: RowFormat, time_zone: ZoneInfo
    ) -> None:
        self._columns, self._format, self._time_zone = tuple(columns), row_format, time_zone
        self._file = path.open("wb")
        self._parquet: pq.ParquetWriter | None = None
        if row_format is RowFormat.PARQUET:
            self._parquet = pq.ParquetWriter(self._file, _make_schema(columns), compression="zstd")
        elif row_format is RowFormat.CSV:
            names = [name for column in columns for name in column.list_names()]
            self._file.write((",".join(names) + "\n").encode("utf-8"))
        self.rows = 0
        """Number of rows written."""

    def write(self, table: pd.DataFrame) -> None:
        """Add rows of a table with the columns by name, times in seconds since the epoch.

        Raises:
            OSError: the file cannot be written.
        """
        for first in range(0, len(table), ROWS_PER_PART):
            part = table.iloc[first : first + ROWS_PER_PART]
            if self._parquet is not None:
                self._parquet.write_table(self._make_arrow(part))
            elif self._format is RowFormat.CSV:
                text = self._make_texts(part, is_csv=True).to_csv(
                    index=False, header=False, lineterminator="\n"
                )
                self._file.write(text.encode("utf-8"))
            else:
                text = self._make_texts(part, is_csv=False).to_json(
                    orient="records", lines=True, force_ascii=False, double_precision=DECIMALS
                )
                self._file.write(text.encode("utf-8"))
            self.rows += len(part)

    def close(self) -> None:
        """Complete the file.

        Raises:
            OSError: the rest cannot be written.
        """
        try:
            if self._parquet is not None:
                self._parquet.close()
        finally:
            self._file.close()

    def __enter__(self) -> RowFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _make_texts(self, part: pd.DataFrame, *, is_csv: bool) -> pd.DataFrame:
        columns: dict[str, object] = {}
        for column in self._columns:
            values = part[column.name]
            if column.kind is RowKind.TIME:
                times = _read_times(values)
                utc, local = column.list_names()
                columns[utc] = [
                    f"{time.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z" for time in times
                ]
                columns[local] = self._format_local(times)
            elif column.kind is RowKind.TEXT:
                texts = values.astype("str")
                columns[column.name] = [disarm(text) for text in texts] if is_csv else texts.to_numpy(object)
            elif column.kind is RowKind.NUMBER:
                columns[column.name] = values.astype("float64").round(DECIMALS).to_numpy()
            else:
                columns[column.name] = pd.array(_to_integers(values), dtype="Int64")
        return pd.DataFrame(columns)

    def _make_arrow(self, part: pd.DataFrame) -> pa.Table:
        arrays = []
        for column in self._columns:
            values = part[column.name]
            if column.kind is RowKind.TIME:
                times = _read_times(values)
                arrays.append(pa.array(times.asi8, pa.int64()).cast(pa.timestamp("ms", "UTC")))
                arrays.append(pa.array(self._format_local(times), pa.string()))
            elif column.kind is RowKind.TEXT:
                arrays.append(pa.array(values.astype("str").to_numpy(object), pa.string()))
            elif column.kind is RowKind.NUMBER:
                arrays.append(pa.array(values.to_numpy(np.float64), pa.float64(), from_pandas=True))
            else:
                arrays.append(pa.array(_to_integers(values), pa.int64()))
        return pa.Table.from_arrays(arrays, schema=_make_schema(self._columns))

    def _format_local(self, times: pd.DatetimeIndex) -> list[str]:
        local = times.tz_convert(self._time_zone)
        return [time.isoformat(timespec="milliseconds") for time in local]


def _read_times(seconds: pd.Series) -> pd.DatetimeIndex:
    whole_ms = np.round(seconds.to_numpy(np.float64) * 1000).astype("int64")
    return pd.DatetimeIndex(whole_ms.astype("datetime64[ms]"), tz="UTC")


def _to_integers(values: pd.Series) -> list[int | None]:
    numbers = values.to_numpy(np.float64)
    return [round(number) if np.isfinite(number) else None for number in numbers]


def _make_schema(columns: Sequence[RowColumn]) -> pa.Schema:
    kinds = {
        RowKind.TEXT: pa.string(),
        RowKind.COUNT: pa.int64(),
        RowKind.FLAG: pa.int64(),
        RowKind.NUMBER: pa.float64(),
    }
    fields: list[tuple[str, object]] = []
    for column in columns:
        if column.kind is RowKind.TIME:
            utc, local = column.list_names()
            fields += [(utc, pa.timestamp("ms", "UTC")), (local, pa.string())]
        else:
            fields.append((column.name, kinds[column.kind]))
    return pa.schema(fields)
