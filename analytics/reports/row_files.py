"""Rows of a data set into a file, part by part, so that a year needs no more memory than a day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.reports.cell_text import disarm
from analytics.reports.data_sets import RowColumn, RowFormat, RowKind

ROWS_AT_ONCE = 100_000
DECIMALS = 3
"""Milliseconds and millimetres: finer than anything that is measured."""


class RowFile:
    """A file that is being written; a context, which ends the file.

    CSV: UTF-8, one header; texts that a spreadsheet would take for a formula begin with an apostrophe; what
    is not known is empty. JSON lines: one object a row; not known is null. Parquet: typed columns. Moments
    are in UTC, and in the venue's own time with its offset.

    Args:
        path: is replaced.

    Raises:
        OSError: it cannot be written, now or later.
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
        """How many were written."""

    def write(self, table: pd.DataFrame) -> None:
        """Add rows; the table has the columns by name, moments in seconds since the epoch.

        Raises:
            OSError: the disk is full, or the like.
        """
        for first in range(0, len(table), ROWS_AT_ONCE):
            part = table.iloc[first : first + ROWS_AT_ONCE]
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
        """End the file.

        Raises:
            OSError: what is left cannot be written.
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
        made: dict[str, object] = {}
        for column in self._columns:
            values = part[column.name]
            if column.kind is RowKind.MOMENT:
                moments = _read_moments(values)
                utc, local = column.list_names()
                made[utc] = [
                    f"{moment.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"
                    for moment in moments
                ]
                made[local] = self._tell_local(moments)
            elif column.kind is RowKind.TEXT:
                texts = values.astype("str")
                made[column.name] = [disarm(text) for text in texts] if is_csv else texts.to_numpy(object)
            elif column.kind is RowKind.NUMBER:
                made[column.name] = values.astype("float64").round(DECIMALS).to_numpy()
            else:
                made[column.name] = pd.array(_to_whole(values), dtype="Int64")
        return pd.DataFrame(made)

    def _make_arrow(self, part: pd.DataFrame) -> pa.Table:
        arrays = []
        for column in self._columns:
            values = part[column.name]
            if column.kind is RowKind.MOMENT:
                moments = _read_moments(values)
                arrays.append(pa.array(moments.asi8, pa.int64()).cast(pa.timestamp("ms", "UTC")))
                arrays.append(pa.array(self._tell_local(moments), pa.string()))
            elif column.kind is RowKind.TEXT:
                arrays.append(pa.array(values.astype("str").to_numpy(object), pa.string()))
            elif column.kind is RowKind.NUMBER:
                arrays.append(pa.array(values.to_numpy(np.float64), pa.float64(), from_pandas=True))
            else:
                arrays.append(pa.array(_to_whole(values), pa.int64()))
        return pa.Table.from_arrays(arrays, schema=_make_schema(self._columns))

    def _tell_local(self, moments: pd.DatetimeIndex) -> list[str]:
        local = moments.tz_convert(self._time_zone)
        return [moment.isoformat(timespec="milliseconds") for moment in local]


def _read_moments(seconds: pd.Series) -> pd.DatetimeIndex:
    whole_ms = np.round(seconds.to_numpy(np.float64) * 1000).astype("int64")
    return pd.DatetimeIndex(whole_ms.astype("datetime64[ms]"), tz="UTC")


def _to_whole(values: pd.Series) -> list[int | None]:
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
        if column.kind is RowKind.MOMENT:
            utc, local = column.list_names()
            fields += [(utc, pa.timestamp("ms", "UTC")), (local, pa.string())]
        else:
            fields.append((column.name, kinds[column.kind]))
    return pa.schema(fields)
