"""Upgrade tables by numbered steps, forward only.

The first step makes the tables of the present schema. Whoever changes a released schema freezes
a copy of what the first step made, and adds a step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, insert, inspect, select

from analytics.domain.errors import StoreError
from analytics.store.sql_schema import metadata, schema_version


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration step; ``upgrade`` runs in the transaction that also sets the version."""

    version: int
    upgrade: Callable[[Connection], None]


_POLL_INTERVAL_S = 0.1
_MAX_RETRIES = 50
"""Retries for a database whose tables are being created, which may take seconds on a slow disk."""

MIGRATIONS: tuple[Migration, ...] = (Migration(1, metadata.create_all),)


def migrate(
    engine: Engine, *, now_us: int, place: str, migrations: Sequence[Migration] = MIGRATIONS
) -> list[int]:
    """Upgrade a database to the newest version, each step in its own transaction.

    Args:
        now_us: time for the version record.
        place: name of the database in errors.

    Returns:
        The applied versions, oldest first.

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
    """Return the version of a database; 0 for an empty one.

    Raises:
        StoreError: the database is of a newer ExpoFlow, or of another program.
    """
    _refuse_programs(connection, place)
    tables = set(inspect(connection).get_table_names())
    if schema_version.name not in tables:
        if tables:
            raise StoreError(
                "{place} contains tables of another program.",
                "Choose another folder for the venue, or another database.",
                place=place,
            )
        return 0
    version = connection.scalar(select(func.max(schema_version.c.version))) or 0
    if version > newest:
        raise StoreError(
            "{place} was written by a newer version of ExpoFlow (table version {version} instead of "
            "{newest}).",
            "Install the newer version of ExpoFlow, or open a copy from before the upgrade.",
            place=place,
            version=version,
            newest=newest,
        )
    return int(version)


def _refuse_programs(connection: Connection, place: str) -> None:
    """Reject views, whose queries may never end, and triggers, which run with our writes."""
    if connection.dialect.name != "sqlite":
        return
    found = connection.exec_driver_sql(
        "SELECT name FROM sqlite_schema WHERE type IN ('view', 'trigger') LIMIT 1"
    ).scalar()
    if found is not None:
        raise StoreError(
            "{place} contains the view or trigger '{name}', which ExpoFlow never creates.",
            "Do not use this file, because it was modified by another program. Ask for another copy of "
            "the venue.",
            place=place,
            name=found,
        )


def require_newest_version(engine: Engine, *, place: str) -> None:
    """Check that a database can be read without an upgrade, waiting for one that is being created.

    Raises:
        StoreError: it is older, newer, or of another program.
    """
    for _look in range(_MAX_RETRIES):
        with engine.connect() as connection:
            version = read_version(connection, place=place)
        if version > 0:
            break
        time.sleep(_POLL_INTERVAL_S)
    if version < MIGRATIONS[-1].version:
        raise StoreError(
            "{place} was written by an older version of ExpoFlow (table version {version}).",
            "Start a recording or an import once to upgrade it.",
            place=place,
            version=version,
        )
