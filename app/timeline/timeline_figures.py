"""What the timeline page shows: plain values, so that showing them loads nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.arrays import FloatArray
from analytics.domain.exhibition import Interval
from analytics.domain.external_count import CountKind
from analytics.domain.staff_shift import StaffShift
from analytics.domain.timed_event import TimedEvent, TimedNote


class EffectVerdict(StrEnum):
    """What is to be said of an event; the values are those of ``EventVerdict``."""

    FULLER = "fuller"
    EMPTIER = "emptier"
    NO_EVIDENCE = "no_evidence"
    TOO_LITTLE = "too_little"


@dataclass(frozen=True, slots=True)
class ZoneEffect:
    """What an event did to one zone.

    Attributes:
        zone: its name; empty for the whole hall.
        before, during, after: mean people; None where it was not observed.
        ratio: during over before, held against the other zones; None: not told.
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
    """An event with what it did, the zone where it was first."""

    event: TimedEvent
    zones: tuple[ZoneEffect, ...]


@dataclass(frozen=True, slots=True)
class ZoneConversion:
    """What became of the visits to a zone, or of the visitors of the whole hall.

    Attributes:
        zone: its name; empty for the whole hall.
        counted: what the other system counted in the period.
        own: visits to the zone; of the whole hall and of tickets, who came in by the entrance lines; None
            without such a line.
        per_one: counted over our own; for tickets, visitors by our count over theirs.
        interval: of it, 95 %.
        amount: of money; None where nobody has said.
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
    """All that the page shows of a period.

    Attributes:
        edges_s: steps of the curve, shape (n + 1,), seconds since the epoch.
        people: in the whole hall, shape (n,); not a number where it was not observed.
        open_s: opening hours within the period.
        alarms_s: when an alarm was raised, with its words.
        events, notes, shifts: of the period.
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
