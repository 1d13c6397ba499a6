"""What can be found out about a layout: what it is, where, how sure it is, and how much it matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from analytics.domain.floor_geometry import Point

Interval = tuple[float, float]
"""Start and end, seconds since the epoch; or the limits of an estimate."""


class FindingKind(StrEnum):
    """What a finding says; one rule looks for one of them, or for the two sides of one."""

    COLD_ZONE = "cold-zone"
    BOTTLENECK = "bottleneck"
    BLOCKING_QUEUE = "blocking-queue"
    BETTER_STAND = "better-stand"
    WORSE_STAND = "worse-stand"
    MISSED_SPONSOR = "missed-sponsor"
    CAPACITY = "capacity"
    FEW_STAFF = "few-staff"
    EMPTYING_EVENT = "emptying-event"


class ImpactUnit(StrEnum):
    """What an impact counts, for each observed day."""

    VISITORS = "visitors"
    MINUTES = "minutes"
    PERSON_MINUTES = "person-minutes"


@dataclass(frozen=True, slots=True)
class Impact:
    """What a finding costs (or, of a better stand, gains) each observed day.

    Attributes:
        person_minutes: the same in the unit in which findings are ranked.
    """

    amount: float
    unit: ImpactUnit
    person_minutes: float


@dataclass(frozen=True, slots=True)
class Effect:
    """How large it is.

    Attributes:
        value: a ratio to what was to be expected, or what the rule says.
        interval: 95 %; None where too little is known of the spread.
    """

    value: float
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class LayoutFinding:
    """One thing that was found.

    Attributes:
        place: the zone's name; of a bottleneck outside of all zones, its place in whole metres.
        zone: the zone it is about; None outside of all zones.
        others: other zones that are concerned, such as those a route passes.
        point_m: where on the floor.
        hours_s: when it holds, in order; empty for the whole period.
        evidence: the figures it rests on, by name; each rule says which.
        event: the name of what happened then; empty for nothing.
    """

    kind: FindingKind
    place: str
    zone: str | None
    point_m: Point
    period_s: Interval
    effect: Effect
    impact: Impact
    evidence: Mapping[str, float] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    hours_s: tuple[Interval, ...] = ()
    event: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """By which it is recognised when it is found again."""
        return self.kind.value, f"{self.event}/{self.place}" if self.event else self.place


class Hindrance(StrEnum):
    """Why something could not be told."""

    NO_ZONES = "no-zones"
    """There is nothing of the kind: no stand, no queue."""
    TOO_FEW_STANDS = "too-few-stands"
    TOO_FEW_VISITORS = "too-few-visitors"
    NOT_OBSERVED = "not-observed"
    NOT_ENTERED = "not-entered"
    """Somebody would have to say it first: a capacity, a sponsor, staff or an event."""
    TOO_SHORT = "too-short"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a rule.

    Attributes:
        kind: of a rule with two sides the first.
        looked_at: how many places it could judge.
        hindered: the places, or none for all of them, that it could not judge, and why.
    """

    kind: FindingKind
    findings: tuple[LayoutFinding, ...] = ()
    looked_at: int = 0
    hindered: tuple[tuple[str, Hindrance], ...] = ()
