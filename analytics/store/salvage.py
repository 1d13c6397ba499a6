"""Reads what can still be read of a damaged database, table by table, from both of its ends."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table

from analytics.store.sql_schema import metadata

Row = dict[str, object]

_ROWS_AT_ONCE = 200
_LARGEST_US = 2**53


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What could be read.

    Attributes:
        rows: of each of our tables, by the names of its columns.
        damaged: names of the tables of which a part could not be read.
    """

    rows: dict[str, list[Row]]
    damaged: frozenset[str]


NOTHING_SALVAGED = Salvaged(
    {table.name: [] for table in metadata.sorted_tables},
    frozenset(table.name for table in metadata.sorted_tables),
)
"""Of a file that is empty or gone."""


def salvage_rows(path: Path) -> Salvaged:
    """The readable rows of each of our tables in a SQLite file that may be damaged in any way.

    A table is read forwards until the damage, then backwards until the damage; what lies between is lost,
    and so are rows that hold what we never write.
    """
    found: dict[str, list[Row]] = {}
    damaged = set()
    for table in metadata.sorted_tables:
        rows: dict[int, Row] = {}
        is_whole = _read_until_damage(path, table, rows, is_backward=False)
        if not is_whole:
            damaged.add(table.name)
            _read_until_damage(path, table, rows, is_backward=True)
        found[table.name] = [rows[number] for number in sorted(rows)]
    return Salvaged(found, frozenset(damaged))


def _read_until_damage(path: Path, table: Table, rows: dict[int, Row], *, is_backward: bool) -> bool:
    """Collect rows by their number from one end; whether the other end was reached."""
    names = [column.name for column in table.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    order, beyond = ("DESC", "<") if is_backward else ("ASC", ">")
    query = (
        f'SELECT rowid, {columns} FROM "{table.name}" WHERE rowid {beyond} ? '  # noqa: S608 -- our own names
        f"ORDER BY rowid {order} LIMIT {_ROWS_AT_ONCE}"
    )
    last = 2**63 - 1 if is_backward else -(2**63)
    is_whole = True
    try:
        # writable, because a log that a killed process left is only read by who may index it
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        with contextlib.closing(connection):
            connection.execute("PRAGMA cell_size_check = ON")
            while True:
                read = 0
                for number, *values in connection.execute(query, (last,)):
                    read, last = read + 1, number
                    if _are_plausible(table, values):
                        rows.setdefault(number, dict(zip(names, values, strict=True)))
                    else:
                        is_whole = False
                if read < _ROWS_AT_ONCE:
                    return is_whole
    except (sqlite3.Error, OverflowError, UnicodeDecodeError):
        return False


def _are_plausible(table: Table, values: list[object]) -> bool:
    """Whether each value is of its column's kind: a damaged page may well give rows."""
    for column, value in zip(table.columns, values, strict=True):
        if value is None and column.nullable:
            continue
        if not isinstance(value, column.type.python_type):
            return False
        if column.name.endswith("_us") and isinstance(value, int) and not 0 <= value < _LARGEST_US:
            return False
    return True
