"""The log of a venue's alarms: ``alarms.sqlite`` in its folder.

A file of its own, since the one writer of ``events.sqlite`` is the process that records, and alarms are
raised where somebody watches. Several windows may write: an alarm is known by what it is about and by when it
was raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, select

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.alarms.alarm_tables import MIGRATIONS, alarms
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import StoreError
from analytics.domain.zone_targets import AlarmMeasure
from analytics.store.database_url import open_sqlite
from analytics.store.microseconds import to_s, to_us
from analytics.store.migrations import migrate
from analytics.store.store_failures import failures_in_words, is_damage

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

    def save(self, changed: Sequence[Alarm]) -> None:
        """Keep alarms as they are now, in place of what was kept of them; all or none.

        Raises:
            StoreError: the file cannot be written.
        """
        with failures_in_words(self._place), self._engine.begin() as connection:
            for alarm in changed:
                _save(connection, alarm)

    def read(self, *, most: int) -> tuple[Alarm, ...]:
        """The last alarms, the newest first.

        Raises:
            StoreError: the file cannot be read.
        """
        wanted = select(alarms).order_by(alarms.c.raised_us.desc()).limit(most)
        with failures_in_words(self._place), self._engine.connect() as connection:
            return tuple(
                Alarm(
                    AlarmKey(AlarmMeasure(row.measure), row.zone, row.camera),
                    to_s(row.raised_us),
                    row.level_milli / 1000,
                    row.worst_milli / 1000,
                    None if row.acknowledged_us is None else to_s(row.acknowledged_us),
                    None if row.cleared_us is None else to_s(row.cleared_us),
                )
                for row in connection.execute(wanted)
            )

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def _save(connection: Connection, alarm: Alarm) -> None:
    key, raised_us = alarm.key, to_us(alarm.raised_utc_s)
    connection.execute(
        delete(alarms).where(
            alarms.c.measure == key.measure.value,
            alarms.c.zone == key.zone,
            alarms.c.camera == key.camera,
            alarms.c.raised_us == raised_us,
        )
    )
    row = {
        "measure": key.measure.value,
        "zone": key.zone,
        "camera": key.camera,
        "raised_us": raised_us,
        "level_milli": round(alarm.level * 1000),
        "worst_milli": round(alarm.worst * 1000),
        "acknowledged_us": None if alarm.acknowledged_utc_s is None else to_us(alarm.acknowledged_utc_s),
        "cleared_us": None if alarm.cleared_utc_s is None else to_us(alarm.cleared_utc_s),
    }
    connection.execute(insert(alarms), [row])
