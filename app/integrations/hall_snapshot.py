"""Snapshot of the hall for other systems: only counts of people, no individual paths.

None means not observed or unknown, never 0.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from analytics.alarms.alarm import Alarm


@dataclass(frozen=True, slots=True)
class ZoneSnapshot:
    """A zone at the time of the snapshot.

    Attributes:
        kind: a value of ``ZoneKind``.
        people: None while less than 80 % of the zone is observed.
        density_per_m2: people per m² of observed floor.
        level_of_service: Fruin's level for walkways, A to F.
        arrivals_15_min: visits that began in the last 15 minutes, as far as observed.
        visits_today: stays of at least the zone's minimum since local midnight.
        queue, wait_s: people in a queue zone and their recent waiting time by Little's law.
    """

    name: str
    kind: str
    people: int | None = None
    capacity: int | None = None
    density_per_m2: float | None = None
    level_of_service: str | None = None
    arrivals_15_min: int | None = None
    visits_today: int | None = None
    queue: int | None = None
    wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class LineSnapshot:
    """A counting line; crossings since local midnight, as far as it was observed."""

    name: str
    kind: str
    in_today: int | None = None
    out_today: int | None = None


@dataclass(frozen=True, slots=True)
class CameraSnapshot:
    """A camera at the time of the snapshot.

    Attributes:
        state: ``live`` (being analysed), ``down`` (should be analysed but is not) or ``idle`` (not
            recorded).
        frames_per_s: recent analysis rate; None unless live.
        down_s: seconds since it went down.
    """

    name: str
    state: str
    frames_per_s: float | None = None
    down_s: float | None = None


@dataclass(frozen=True, slots=True)
class HallSnapshot:
    """The state of the whole hall.

    Attributes:
        at_utc_s: seconds since the epoch.
        is_observed: any camera is being analysed.
        observed_share: share of the zones' floor that live cameras see; None without zones.
        people: people in view of the cameras, each counted once.
        arrivals_15_min: inward crossings of the entrance lines in the last 15 minutes.
        observed_15_min_s: seconds of those 15 minutes in which any camera was analysed.
        arrivals_today: inward crossings since local midnight.
        observed_today_min: observed minutes since local midnight.
        today_until_utc_s: time up to which today's zone and line figures are counted.
        alarms: open alarms, newest first.
    """

    venue: str
    at_utc_s: float
    is_observed: bool = False
    observed_share: float | None = None
    people: int | None = None
    capacity: int | None = None
    arrivals_15_min: int | None = None
    observed_15_min_s: float | None = None
    arrivals_today: int | None = None
    observed_today_min: int | None = None
    today_until_utc_s: float | None = None
    zones: tuple[ZoneSnapshot, ...] = ()
    lines: tuple[LineSnapshot, ...] = ()
    cameras: tuple[CameraSnapshot, ...] = ()
    alarms: tuple[Alarm, ...] = ()


class LatestSnapshot:
    """A thread-safe holder of the latest snapshot."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._newest: HallSnapshot | None = None

    def replace(self, snapshot: HallSnapshot) -> None:
        """Replace the snapshot."""
        with self._lock:
            self._number += 1
            self._newest = snapshot

    def read(self) -> tuple[int, HallSnapshot | None]:
        """Return the number of snapshots so far and the latest one."""
        with self._lock:
            return self._number, self._newest
