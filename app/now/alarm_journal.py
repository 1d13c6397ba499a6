"""Evaluate, read and store the alarms of a venue."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import closing

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.alarms.alarm_watch import AlarmWatch
from analytics.domain.errors import StoreError
from app.core.document import Venue
from app.live.live_figures import list_rules

MAX_READ = 200


def read_alarms(venue: Venue) -> tuple[Alarm, ...]:
    """Return the latest alarms of a venue, newest first.

    Raises:
        StoreError: the log cannot be read.
    """
    # the store's engines take a second to load, which the window must not wait for
    from analytics.alarms.alarm_log import LOG_NAME, AlarmLog

    if not (venue.folder / LOG_NAME).exists():
        return ()
    with closing(AlarmLog(venue.folder)) as log:
        return log.read(max_count=MAX_READ)


def save_alarms(venue: Venue, changed: Sequence[Alarm]) -> tuple[Alarm, ...]:
    """Store alarms, merged with changes by other programs, and return them as stored.

    Raises:
        StoreError: the log cannot be written.
    """
    from analytics.alarms.alarm_log import AlarmLog

    with closing(AlarmLog(venue.folder)) as log:
        return log.save(changed)


READ_EVERY_S = 5.0
"""Interval at which acknowledgements from other programs are read."""

_LOG = logging.getLogger(__name__)


class AlarmEvaluator:
    """An evaluator of one venue's alarm rules; for one thread at a time.

    The log is read before the first evaluation, so that an open alarm is not raised twice.
    """

    def __init__(self) -> None:
        self._watch: AlarmWatch | None = None
        self._unsaved: dict[tuple[AlarmKey, float], Alarm] = {}
        self._read_s = float("-inf")
        self._has_reported = False

    @property
    def open_alarms(self) -> tuple[Alarm, ...]:
        """Return the open alarms, newest first."""
        return () if self._watch is None else self._watch.open_alarms

    def update(self, venue: Venue, values: Mapping[AlarmKey, float | None], *, now_utc_s: float) -> None:
        """Evaluate the current values; if the log cannot be read, this is logged once and alarms are raised
        anyway.
        """
        if self._watch is None:
            self._watch = AlarmWatch({}, open_alarms=self._read(venue, now_utc_s))
        elif now_utc_s - self._read_s >= READ_EVERY_S:
            for alarm in self._read(venue, now_utc_s):
                self._watch.adopt(alarm)
        changed = [
            *self._watch.change_rules(list_rules(venue), now_utc_s=now_utc_s),
            *self._watch.update(now_utc_s, values),
        ]
        self._unsaved.update({(alarm.key, alarm.raised_utc_s): alarm for alarm in changed})
        if self._unsaved:
            self._save(venue)

    def _read(self, venue: Venue, now_utc_s: float) -> tuple[Alarm, ...]:
        self._read_s = now_utc_s
        try:
            alarms = read_alarms(venue)
        except StoreError as error:
            self._report(error)
            return ()
        return tuple(alarm for alarm in alarms if alarm.is_open)

    def _save(self, venue: Venue) -> None:
        assert self._watch is not None
        try:
            saved = save_alarms(venue, tuple(self._unsaved.values()))
        except StoreError as error:
            # retried with the next update
            self._report(error)
            return
        self._unsaved.clear()
        self._has_reported = False
        for alarm in saved:
            self._watch.adopt(alarm)

    def _report(self, error: StoreError) -> None:
        if not self._has_reported:
            self._has_reported = True
            _LOG.warning("%s %s", error.problem, error.remedy)
