"""The alarms of a venue: judged from live figures, read and kept in their log."""

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
    """The last alarms of a venue, the newest first; none where none was ever raised.

    Raises:
        StoreError: the log cannot be read.
    """
    # the store's engines take a second to load, which the window must not wait for
    from analytics.alarms.alarm_log import LOG_NAME, AlarmLog

    if not (venue.folder / LOG_NAME).exists():
        return ()
    with closing(AlarmLog(venue.folder)) as log:
        return log.read(most=MAX_READ)


def keep_alarms(venue: Venue, changed: Sequence[Alarm]) -> tuple[Alarm, ...]:
    """Keep alarms as they are now, joined with what other programs kept of them; as they are kept.

    Raises:
        StoreError: the log cannot be written.
    """
    from analytics.alarms.alarm_log import AlarmLog

    with closing(AlarmLog(venue.folder)) as log:
        return log.save(changed)


READ_EVERY_S = 5.0
"""How soon it is noticed that somebody has acknowledged an alarm elsewhere."""

_LOG = logging.getLogger(__name__)


class AlarmJudge:
    """Follows the figures of one venue; for one thread at a time.

    Nothing is judged before the log has been read, lest an alarm that holds be raised twice.
    """

    def __init__(self) -> None:
        self._watch: AlarmWatch | None = None
        self._to_keep: dict[tuple[AlarmKey, float], Alarm] = {}
        self._read_s = float("-inf")
        self._has_complained = False

    @property
    def open_alarms(self) -> tuple[Alarm, ...]:
        """Those that hold, the newest first."""
        return () if self._watch is None else self._watch.open_alarms

    def look(self, venue: Venue, values: Mapping[AlarmKey, float | None], *, now_utc_s: float) -> None:
        """Take the figures of a moment; an unreadable log is said once, and alarms are raised without it."""
        if self._watch is None:
            self._watch = AlarmWatch({}, open_alarms=self._read(venue, now_utc_s))
        elif now_utc_s - self._read_s >= READ_EVERY_S:
            for alarm in self._read(venue, now_utc_s):
                self._watch.adopt(alarm)
        changed = [
            *self._watch.change_rules(list_rules(venue), now_utc_s=now_utc_s),
            *self._watch.update(now_utc_s, values),
        ]
        self._to_keep.update({(alarm.key, alarm.raised_utc_s): alarm for alarm in changed})
        if self._to_keep:
            self._keep(venue)

    def _read(self, venue: Venue, now_utc_s: float) -> tuple[Alarm, ...]:
        self._read_s = now_utc_s
        try:
            alarms = read_alarms(venue)
        except StoreError as error:
            self._complain(error)
            return ()
        return tuple(alarm for alarm in alarms if alarm.is_open)

    def _keep(self, venue: Venue) -> None:
        assert self._watch is not None
        try:
            kept = keep_alarms(venue, tuple(self._to_keep.values()))
        except StoreError as error:
            # tried again at the next look
            self._complain(error)
            return
        self._to_keep.clear()
        self._has_complained = False
        for alarm in kept:
            self._watch.adopt(alarm)

    def _complain(self, error: StoreError) -> None:
        if not self._has_complained:
            self._has_complained = True
            _LOG.warning("%s %s", error.problem, error.remedy)
