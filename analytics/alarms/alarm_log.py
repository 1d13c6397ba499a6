"""Store a venue's alarms in ``alarms.sqlite`` in its folder.

The file is separate because only the recording process writes ``events.sqlite``, whereas alarms are raised by
any program that monitors the venue. Several programs may evaluate and write at once: an alarm is identified
by its subject and time, and one that was raised while another of its subject was open is the same alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Index,
    MetaData,
    Row,
    Table,
    Text,
    and_,
    delete,
    insert,
    or_,
    select,
)
from sqlalchemy.dialects import sqlite

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import StoreError
from analytics.domain.zone_targets import AlarmMeasure
from analytics.store.database_url import open_sqlite
from analytics.store.microseconds import to_s, to_us
from analytics.store.migrations import Migration, migrate
from analytics.store.store_failures import converting_store_errors, is_damage

tables = MetaData()
Whole = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
alarms = Table(
    "alarms",
    tables,
    Column("measure", Text, primary_key=True),
    Column("zone", Text, primary_key=True),
    Column("camera", Text, primary_key=True),
    Column("raised_us", Whole, primary_key=True, autoincrement=False),
    Column("level_milli", Whole, nullable=False),
    Column("worst_milli", Whole, nullable=False),
    Column("acknowledged_us", Whole, nullable=True),
    Column("cleared_us", Whole, nullable=True),
    Index("alarms_by_time", "raised_us"),
    sqlite_strict=True,
)
"""One row per alarm; levels in thousandths of the measure's unit, times in microseconds since the epoch."""


def _make_first(connection: Connection) -> None:
    tables.create_all(connection)


MIGRATIONS: tuple[Migration, ...] = (Migration(1, _make_first),)
LOG_NAME = "alarms.sqlite"


class AlarmLog:
    """The stored alarms of a venue."""

    def __init__(self, folder: Path, *, clock: Clock | None = None) -> None:
        """Open or create the log in a venue's folder.

        Raises:
            StoreError: it cannot be written, is damaged, or was written by a newer ExpoFlow.
        """
        self._place = str(folder / LOG_NAME)
        self._engine: Engine = open_sqlite(folder / LOG_NAME)
        try:
            with converting_store_errors(self._place):
                now_us = to_us((clock or SystemClock()).now_utc_s())
                migrate(self._engine, now_us=now_us, place=self._place, migrations=MIGRATIONS)
        except BaseException as error:
            self._engine.dispose()
            if is_damage(error.__cause__):
                raise StoreError(
                    "The alarm log {place} is damaged.",
                    "Move the file to another folder; a new log will be created. Alarms continue to work "
                    "meanwhile.",
                    place=self._place,
                ) from error
            raise

    def save(self, changed: Sequence[Alarm]) -> tuple[Alarm, ...]:
        """Save alarms, merged with their stored state, all or none.

        Returns:
            The alarms as stored, with the earliest times of raising, clearing and acknowledgement by any
                program.

        Raises:
            StoreError: the file cannot be written.
        """
        with converting_store_errors(self._place), self._engine.begin() as connection:
            return tuple(_save(connection, alarm) for alarm in changed)

    def read(self, *, max_count: int) -> tuple[Alarm, ...]:
        """Return the latest alarms, newest first.

        Raises:
            StoreError: the file cannot be read.
        """
        query = select(alarms).order_by(alarms.c.raised_us.desc()).limit(max_count)
        with converting_store_errors(self._place), self._engine.connect() as connection:
            return tuple(_unpack(row) for row in connection.execute(query))

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()


def _save(connection: Connection, alarm: Alarm) -> Alarm:
    same = _find_same_alarm(connection, alarm)
    if same is not None:
        connection.execute(
            delete(alarms).where(*_is_of(same.key), alarms.c.raised_us == to_us(same.raised_utc_s))
        )
        alarm = _join(same, alarm)
    key = alarm.key
    row = {
        "measure": key.measure.value,
        "zone": key.zone,
        "camera": key.camera,
        "raised_us": to_us(alarm.raised_utc_s),
        "level_milli": round(alarm.level * 1000),
        "worst_milli": round(alarm.worst * 1000),
        "acknowledged_us": None if alarm.acknowledged_utc_s is None else to_us(alarm.acknowledged_utc_s),
        "cleared_us": None if alarm.cleared_utc_s is None else to_us(alarm.cleared_utc_s),
    }
    connection.execute(insert(alarms), [row])
    return Alarm(
        key,
        to_s(to_us(alarm.raised_utc_s)),
        alarm.level,
        alarm.worst,
        None if alarm.acknowledged_utc_s is None else to_s(to_us(alarm.acknowledged_utc_s)),
        None if alarm.cleared_utc_s is None else to_s(to_us(alarm.cleared_utc_s)),
    )


def _find_same_alarm(connection: Connection, alarm: Alarm) -> Alarm | None:
    """Return the stored alarm with the same subject that overlaps an alarm in time."""
    raised_us = to_us(alarm.raised_utc_s)
    conditions = [or_(alarms.c.cleared_us.is_(None), alarms.c.cleared_us > raised_us)]
    if alarm.cleared_utc_s is not None:
        conditions.append(alarms.c.raised_us < to_us(alarm.cleared_utc_s))
    query = (
        select(alarms)
        .where(*_is_of(alarm.key), or_(alarms.c.raised_us == raised_us, and_(*conditions)))
        .order_by(alarms.c.raised_us.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _unpack(row)


def _join(stored: Alarm, new: Alarm) -> Alarm:
    return Alarm(
        stored.key,
        min(stored.raised_utc_s, new.raised_utc_s),
        stored.level,
        max(stored.worst, new.worst),
        _find_first(stored.acknowledged_utc_s, new.acknowledged_utc_s),
        _find_first(stored.cleared_utc_s, new.cleared_utc_s),
    )


def _find_first(*times_s: float | None) -> float | None:
    return min((time_s for time_s in times_s if time_s is not None), default=None)


def _is_of(key: AlarmKey) -> tuple[ColumnElement[bool], ...]:
    return (
        alarms.c.measure == key.measure.value,
        alarms.c.zone == key.zone,
        alarms.c.camera == key.camera,
    )


def _unpack(row: Row[Any]) -> Alarm:
    return Alarm(
        AlarmKey(AlarmMeasure(row.measure), row.zone, row.camera),
        to_s(row.raised_us),
        row.level_milli / 1000,
        row.worst_milli / 1000,
        None if row.acknowledged_us is None else to_s(row.acknowledged_us),
        None if row.cleared_us is None else to_s(row.cleared_us),
    )
