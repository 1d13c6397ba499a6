"""The log of a venue's alarms: ``alarms.sqlite`` in its folder.

A file of its own, since the one writer of ``events.sqlite`` is the process that records, and alarms are
raised where somebody watches. Several programs may judge and write at once: an alarm is known by what it is
about and by when it was raised, and one that was raised while another of its kind held is the same.
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
from analytics.store.store_failures import failures_in_words, is_damage

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
"""One row an alarm; levels in thousandths of the measure's unit, times in microseconds since the epoch."""


def _make_first(connection: Connection) -> None:
    tables.create_all(connection)


MIGRATIONS: tuple[Migration, ...] = (Migration(1, _make_first),)
LOG_NAME = "alarms.sqlite"


class AlarmLog:
    """Every alarm that was raised, with when it was acknowledged and cleared."""

    def __init__(self, folder: Path, *, clock: Clock | None = None) -> None:
        """Open the log of a venue's folder, or make it.

        Raises:
            StoreError: it cannot be written, is damaged, or was written by a newer ExpoFlow.
        """
        self._place = str(folder / LOG_NAME)
        self._engine: Engine = open_sqlite(folder / LOG_NAME)
        try:
            with failures_in_words(self._place):
                now_us = to_us((clock or SystemClock()).now_utc_s())
                migrate(self._engine, now_us=now_us, place=self._place, migrations=MIGRATIONS)
        except BaseException as error:
            self._engine.dispose()
            if is_damage(error.__cause__):
                raise StoreError(
                    "The log of alarms, {place}, is damaged.",
                    "Move the file away; a new log is begun in its place. Alarms are raised meanwhile.",
                    place=self._place,
                ) from error
            raise

    def save(self, changed: Sequence[Alarm]) -> tuple[Alarm, ...]:
        """Keep alarms together with what is kept of them; all or none.

        Returns:
            The alarms as they are kept: raised and cleared when the first that judged did so, known since
            somebody first said so.

        Raises:
            StoreError: the file cannot be written.
        """
        with failures_in_words(self._place), self._engine.begin() as connection:
            return tuple(_save(connection, alarm) for alarm in changed)

    def read(self, *, most: int) -> tuple[Alarm, ...]:
        """The last alarms, the newest first.

        Raises:
            StoreError: the file cannot be read.
        """
        wanted = select(alarms).order_by(alarms.c.raised_us.desc()).limit(most)
        with failures_in_words(self._place), self._engine.connect() as connection:
            return tuple(_unpack(row) for row in connection.execute(wanted))

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def _save(connection: Connection, alarm: Alarm) -> Alarm:
    twin = _find_twin(connection, alarm)
    if twin is not None:
        connection.execute(
            delete(alarms).where(*_is_of(twin.key), alarms.c.raised_us == to_us(twin.raised_utc_s))
        )
        alarm = _join(twin, alarm)
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


def _find_twin(connection: Connection, alarm: Alarm) -> Alarm | None:
    """What is kept of the same: of its kind, and held at a moment at which this one does."""
    raised_us = to_us(alarm.raised_utc_s)
    held = [or_(alarms.c.cleared_us.is_(None), alarms.c.cleared_us > raised_us)]
    if alarm.cleared_utc_s is not None:
        held.append(alarms.c.raised_us < to_us(alarm.cleared_utc_s))
    wanted = (
        select(alarms)
        .where(*_is_of(alarm.key), or_(alarms.c.raised_us == raised_us, and_(*held)))
        .order_by(alarms.c.raised_us.desc())
        .limit(1)
    )
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _unpack(row)


def _join(kept: Alarm, new: Alarm) -> Alarm:
    return Alarm(
        kept.key,
        min(kept.raised_utc_s, new.raised_utc_s),
        kept.level,
        max(kept.worst, new.worst),
        _find_first(kept.acknowledged_utc_s, new.acknowledged_utc_s),
        _find_first(kept.cleared_utc_s, new.cleared_utc_s),
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
