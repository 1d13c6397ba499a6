"""Look at every hall through the hub's history, raise its alarms, and write its state for all machines."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import Engine, func, select
from sqlalchemy.dialects import postgresql

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError
from analytics.store.sql_event_store import open_reader
from app.core.file_format import read_venue
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.hall_watch import HallWatch
from app.now.alarm_journal import AlarmEvaluator
from app.site.hub_folder import HallFolder, list_hall_folders
from app.site.hub_writer import HUB_DUTY
from app.site.schema import duty, hall_state
from app.site.site_document import Membership

LOOK_EVERY_S = 5.0
_SNAPSHOT = TypeAdapter(HallSnapshot)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Observation:
    """The part of a hall's present day that is in the history.

    Attributes:
        until_s: end of the observations; None without any.
        gap_s: seconds missing today, for the average camera.
    """

    until_s: float | None
    gap_s: float


class HallStates:
    """The states of all halls, written by the machine that writes the hub's history; for one thread.

    Args:
        server: engine of the site's database.
        membership: of this machine.
        hub_folder: storage of the hub's history.
    """

    def __init__(
        self, server: Engine, membership: Membership, hub_folder: Path, *, clock: Clock | None = None
    ) -> None:
        self._server = server
        self._machine = membership.machine_id
        self._hub_folder = hub_folder
        self._clock = clock or SystemClock()
        self._watches: dict[int, HallWatch] = {}

    def update(self) -> bool:
        """Write the state of every hall that has a folder; return False: nothing is left to do.

        Raises:
            SQLAlchemyError: the server does not answer.
        """
        with self._server.connect() as connection:
            is_due = connection.scalar(
                select(func.count()).where(
                    duty.c.name == HUB_DUTY, duty.c.owner == self._machine, duty.c.until_utc > func.now()
                )
            )
        for one in list_hall_folders(self._hub_folder) if is_due else ():
            try:
                self._write(one)
            except (ExpoFlowError, OSError) as error:
                # the page says how old its last state is
                _LOG.warning("The state of %s is not known: %s", one.name, error)
        return False

    def close(self) -> None:
        """Release the histories."""
        for watch in self._watches.values():
            watch.close()
        self._watches.clear()

    def _write(self, one: HallFolder) -> None:
        if one.hall_id not in self._watches:
            self._watches[one.hall_id] = HallWatch(
                one.folder, clock=self._clock, judge=AlarmEvaluator(), computes_history_in_thread=False
            )
        snapshot = self._watches[one.hall_id].take_snapshot()
        observed = measure_observation(one.folder, now_s=self._clock.now_utc_s())
        until = None if observed.until_s is None else datetime.fromtimestamp(observed.until_s, UTC)
        values = {
            "at_utc": func.clock_timestamp(),
            "observed_until_utc": until,
            "gap_s": observed.gap_s,
            "body": _SNAPSHOT.dump_python(snapshot, mode="json"),
        }
        statement = postgresql.insert(hall_state).values(hall=one.hall_id, **values)
        with self._server.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["hall"], set_=values))


def measure_observation(folder: Path, *, now_s: float) -> _Observation:
    """Measure how much of a hall's present day is in the history.

    Raises:
        ExpoFlowError: the venue or its history cannot be read.
    """
    venue = read_venue(folder)
    day_s = venue.exhibition.day_interval_utc(venue.exhibition.local_day(now_s))[0]
    with closing(open_reader(folder)) as reader:
        extent, gaps = reader.time_range(), reader.read_gaps(day_s, now_s)
    missing_s = (gaps["end_s"].clip(day_s, now_s) - gaps["start_s"].clip(day_s, now_s)).sum()
    cameras = max(1, len(venue.cameras))
    return _Observation(None if extent is None else extent.end_s, float(missing_s) / cameras)
