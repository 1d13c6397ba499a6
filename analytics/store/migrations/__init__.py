"""Numbered steps from one version of the tables to the next, forward only."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, insert, inspect, select

from analytics.domain.errors import StoreError
from analytics.store.migrations import m0001_initial
from analytics.store.sql_schema import schema_version


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; ``upgrade`` runs in the transaction that also stamps the version."""

    version: int
    upgrade: Callable[[Connection], None]


_POLL_INTERVAL_S = 0.1
_LOOKS_AT_EMPTY = 50
"""Whoever makes a database makes its file first; a slow disk may take seconds over the tables."""

MIGRATIONS: tuple[Migration, ...] = (Migration(1, m0001_initial.upgrade),)


def migrate(
    engine: Engine, *, now_us: int, place: str, migrations: Sequence[Migration] = MIGRATIONS
) -> list[int]:
    """Bring a database to the newest version, each step in its own transaction.

    Args:
        now_us: when, for the stamp.
        place: how to call the database in an error.

    Returns:
        The versions that were applied, oldest first.

    Raises:
        StoreError: the database is of a newer ExpoFlow, or of another program.
    """
    applied = []
    for migration in migrations:
        with engine.begin() as connection:
            if migration.version <= read_version(connection, place=place, newest=migrations[-1].version):
                continue
            schema_version.create(connection, checkfirst=True)
            migration.upgrade(connection)
            connection.execute(insert(schema_version), {"version": migration.version, "applied_us": now_us})
        applied.append(migration.version)
    return applied


def read_version(connection: Connection, *, place: str, newest: int = MIGRATIONS[-1].version) -> int:
    """The version of a database; 0 for an empty one.

    Raises:
        StoreError: the database is of a newer ExpoFlow, or of another program.
    """
    _refuse_programs(connection, place)
    tables = set(inspect(connection).get_table_names())
    if schema_version.name not in tables:
        if tables:
            raise StoreError(
                "{place} holds tables of another program.",
                "Choose another folder for the venue, or another database.",
                place=place,
            )
        return 0
    version = connection.scalar(select(func.max(schema_version.c.version))) or 0
    if version > newest:
        raise StoreError(
            "{place} was written by a newer ExpoFlow (its tables are of version {version}, not {newest}).",
            "Install the newer ExpoFlow, or open a copy from before it was installed.",
            place=place,
            version=version,
            newest=newest,
        )
    return int(version)


def _refuse_programs(connection: Connection, place: str) -> None:
    """A view in the place of a table may never end, and a trigger runs with what we write."""
    if connection.dialect.name != "sqlite":
        return
    found = connection.exec_driver_sql(
        "SELECT name FROM sqlite_schema WHERE type IN ('view', 'trigger') LIMIT 1"
    ).scalar()
    if found is not None:
        raise StoreError(
            "{place} holds '{name}', a view or trigger, which no history of ExpoFlow has.",
            "Do not use it: somebody else made it. Ask for another copy of the venue.",
            place=place,
            name=found,
        )


def require_newest_version(engine: Engine, *, place: str) -> None:
    """Check that a database can be read as it is; one that is just being made is waited for.

    Raises:
        StoreError: it is older, newer, or of another program.
    """
    for _look in range(_LOOKS_AT_EMPTY):
        with engine.connect() as connection:
            version = read_version(connection, place=place)
        if version > 0:
            break
        time.sleep(_POLL_INTERVAL_S)
    if version < MIGRATIONS[-1].version:
        raise StoreError(
            "{place} was written by an older ExpoFlow (version {version} of its tables).",
            "Record into it once, or import into it: that brings it up to date.",
            place=place,
            version=version,
        )
