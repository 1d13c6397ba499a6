"""Define the values that the timeline page shows, without loading heavy packages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.external_count import CountKind
from analytics.domain.staff_shift import StaffShift
from analytics.domain.timed_event import TimedEvent, TimedNote


class EffectVerdict(StrEnum):
    """A verdict about an event's effect; the values are those of ``EventVerdict``."""

    FULLER = "fuller"
    EMPTIER = "emptier"
    NO_EVIDENCE = "no_evidence"
    TOO_LITTLE = "too_little"


@dataclass(frozen=True, slots=True)
class ZoneEffect:
    """The effect of an event on one zone.

    Attributes:
        zone: name of the zone; empty for the whole hall.
        before, during, after: mean people; None without observation.
        ratio: during divided by before, relative to the other zones; None if unknown.
    """

    zone: str
    before: float | None
    during: float | None
    after: float | None
    ratio: float | None
    interval: tuple[float, float] | None
    verdict: EffectVerdict


@dataclass(frozen=True, slots=True)
class EventEffects:
    """An event with its effects, the zone of the event first."""

    event: TimedEvent
    zones: tuple[ZoneEffect, ...]


@dataclass(frozen=True, slots=True)
class ZoneConversion:
    """Counts of another system against the visits to a zone or the visitors of the hall.

    Attributes:
        zone: name of the zone; empty for the whole hall.
        counted: count of the other system in the period.
        own: visits to the zone; for the whole hall and for tickets, arrivals through entrance lines; None
            without such a line.
        per_one: counts per visit; for tickets, visitors by our count per ticket.
        interval: its 95 % interval.
        amount: amount of money; None if not stated.
    """

    source: str
    kind: CountKind
    zone: str
    counted: float
    own: int | None
    per_one: float | None
    interval: tuple[float, float] | None
    amount: float | None


@dataclass(frozen=True, slots=True, eq=False)
class TimelineFigures:
    """Everything the page shows of a period.

    Attributes:
        edges_s: steps of the curve, shape (n + 1,), seconds since the epoch.
        people: people in the whole hall, shape (n,); NaN without observation.
        open_s: opening hours within the period.
        events, notes, shifts: entries of the period.
    """

    period: Interval
    edges_s: FloatArray
    people: FloatArray
    zone_people: FloatArray | None
    zone: str | None
    open_s: tuple[Interval, ...]
    events: tuple[TimedEvent, ...]
    notes: tuple[TimedNote, ...]
    effects: tuple[EventEffects, ...]
    conversions: tuple[ZoneConversion, ...]
    shifts: tuple[StaffShift, ...]
    sources: tuple[str, ...]
    zones: tuple[str, ...]
