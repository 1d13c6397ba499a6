"""Tables of a report for other programs: a CSV or Parquet file per table, and a list of the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from analytics.domain.clock import format_utc
from analytics.results.cell_text import disarm
from analytics.results.content import Cell, CellKind, ReportColumn, ReportContent, Table

if TYPE_CHECKING:
    import pandas as pd

COLUMNS_FILE = "columns.csv"


def write_csv_tables(folder: Path, content: ReportContent) -> None:
    """Write ``KEY.csv`` for each table, in UTF-8, and ``columns.csv`` with the meaning of the columns.

    A time has two columns, in UTC and in venue time; a value with an interval has three. Texts that a
    spreadsheet would evaluate as a formula get a leading apostrophe.

    Args:
        folder: an existing folder.

    Raises:
        OSError: a file cannot be written.
    """
    for table in content.list_tables():
        with (folder / f"{table.key}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow([name for name, _ in _list_columns(table)])
            for row in table.rows:
                writer.writerow([_escape(value) for value in _flatten(row, table, content.time_zone)])
    with (folder / COLUMNS_FILE).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("table", "column", "title", "unit", "definition"))
        for table in content.list_tables():
            for name, column in _list_columns(table):
                writer.writerow((table.key, name, column.title, column.unit, column.definition))


def write_parquet_tables(folder: Path, content: ReportContent) -> None:
    """Write ``KEY.parquet`` for each table, with the columns of the CSV files, typed.

    Raises:
        OSError: a file cannot be written.
    """
    for table in content.list_tables():
        _make_frame(table, content.time_zone).to_parquet(folder / f"{table.key}.parquet", index=False)


def _make_frame(table: Table, time_zone: str) -> pd.DataFrame:
    import pandas as pd

    columns = _list_columns(table)
    rows = [list(_flatten(row, table, time_zone)) for row in table.rows]
    frame = pd.DataFrame(rows, columns=[name for name, _ in columns], dtype="object")
    return frame.astype({name: _find_type(column) for name, column in columns})


def _find_type(column: ReportColumn) -> str:
    if column.kind in (CellKind.TEXT, CellKind.TIME):
        return "string"
    return "Int64" if column.kind is CellKind.COUNT and not column.has_interval else "Float64"


def _list_columns(table: Table) -> list[tuple[str, ReportColumn]]:
    found: list[tuple[str, ReportColumn]] = []
    for column in table.columns:
        names = [column.key]
        if column.kind is CellKind.TIME:
            names = [f"{column.key}_utc", f"{column.key}_local"]
        elif column.has_interval:
            names += [f"{column.key}_low", f"{column.key}_high"]
        found += [(name, column) for name in names]
    return found


def _flatten(row: tuple[Cell, ...], table: Table, time_zone: str) -> Iterator[str | float | int | None]:
    for cell, column in zip(row, table.columns, strict=True):
        if column.kind is CellKind.TIME:
            if isinstance(cell, int | float):
                yield format_utc(float(cell))
                yield datetime.fromtimestamp(float(cell), ZoneInfo(time_zone)).isoformat(
                    timespec="milliseconds"
                )
            else:
                yield None
                yield None
        elif column.has_interval:
            yield from cell if isinstance(cell, tuple) else (None, None, None)
        else:
            yield None if isinstance(cell, tuple) else cell


def _escape(value: str | float | int | None) -> str | float | int:
    if value is None:
        return ""
    return disarm(value) if isinstance(value, str) else value
