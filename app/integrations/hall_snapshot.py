"""What the hall is like at one moment, as other systems are told: counts of people alone, nobody's way.

None stands for what was not observed or is not known, never 0.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from analytics.alarms.alarm import Alarm


@dataclass(frozen=True, slots=True)
class ZoneSnapshot:
    """One zone.

    Attributes:
        kind: of ``ZoneKind``.
        people: None while less than 80 % of the zone is observed.
        density_per_m2: people per m² of observed floor.
        level_of_service: after Fruin for walkways, A to F.
        arrivals_15_min: visits that began in the last quarter of an hour, as far as it was observed.
        visits_today: stays of at least the zone's shortest since midnight by the venue's clock.
        queue, wait_s: of zones of kind queue: people in it, and how long they stay by Little's law, of late.
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
    """One counting line; crossings since midnight by the venue's clock, as far as it was observed."""

    name: str
    kind: str
    in_today: int | None = None
    out_today: int | None = None


@dataclass(frozen=True, slots=True)
class CameraSnapshot:
    """One camera.

    Attributes:
        state: ``live`` (analysed at this moment), ``down`` (should be and is not) or ``idle`` (nothing is
            recorded).
        frames_per_s: analysed, of late; None unless it is live.
        down_s: for how long it has been down.
    """

    name: str
    state: str
    frames_per_s: float | None = None
    down_s: float | None = None


@dataclass(frozen=True, slots=True)
class HallSnapshot:
    """Everything, at one moment.

    Attributes:
        at_utc_s: when, seconds since the epoch.
        is_observed: whether any camera is analysed at this moment.
        observed_share: of the zones' floor, how much the live cameras see; None without zones.
        people: in view of the cameras, everybody once.
        arrivals_15_min: inward crossings of the entrance lines in the last quarter of an hour.
        observed_15_min_s: seconds of it in which any camera was analysed.
        arrivals_today: the same since midnight by the venue's clock, in the minutes that were observed.
        observed_today_min: those minutes.
        today_until_utc_s: up to when the day's figures of zones and lines were counted.
        alarms: those that hold, the newest first.
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
    """One place; a snapshot that is put there replaces the one before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._newest: HallSnapshot | None = None

    def put(self, snapshot: HallSnapshot) -> None:
        """Replace what is there."""
        with self._lock:
            self._number += 1
            self._newest = snapshot

    def take(self) -> tuple[int, HallSnapshot | None]:
        """What is there, and how many were put there so far."""
        with self._lock:
            return self._number, self._newest
