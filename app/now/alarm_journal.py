"""Reads and keeps a venue's alarms, opening their log only for as long as that takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.core.document import Venue

if TYPE_CHECKING:
    from analytics.alarms.alarm import Alarm

MOST_READ = 200


def read_alarms(venue: Venue) -> tuple[Alarm, ...]:
    """The last alarms of a venue, the newest first; none where none was ever raised.

    Raises:
        StoreError: the log cannot be read.
    """
    # the store's engines take a second to load, which the window must not wait for
    from analytics.alarms.alarm_log import LOG_NAME, AlarmLog

    if not (venue.folder / LOG_NAME).exists():
        return ()
    log = AlarmLog(venue.folder)
    try:
        return log.read(most=MOST_READ)
    finally:
        log.close()


def keep_alarms(venue: Venue, changed: Sequence[Alarm]) -> tuple[Alarm, ...]:
    """Keep alarms as they are now, joined with what other programs kept of them; as they are kept.

    Raises:
        StoreError: the log cannot be written.
    """
    from analytics.alarms.alarm_log import AlarmLog

    log = AlarmLog(venue.folder)
    try:
        return log.save(changed)
    finally:
        log.close()
