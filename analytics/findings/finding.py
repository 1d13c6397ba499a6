"""Layout findings: kind, place, effect and impact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase
from analytics.domain.floor_geometry import Point


class FindingKind(StrEnum):
    """Kind of finding; a rule covers one of them or two opposite ones."""

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
    """Unit of an impact per observed day."""

    VISITORS = "visitors"
    MINUTES = "minutes"
    PERSON_MINUTES = "person-minutes"


@dataclass(frozen=True, slots=True)
class Impact:
    """Cost of a finding per observed day, or gain for a better stand.

    Attributes:
        person_minutes: the same in the unit used for ranking.
    """

    amount: float
    unit: ImpactUnit
    person_minutes: float


@dataclass(frozen=True, slots=True)
class Effect:
    """Size of an effect.

    Attributes:
        value: ratio to the expected value, or as defined by the rule.
        interval: 95 %; None where the spread is unknown.
    """

    value: float
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class LayoutFinding:
    """A finding about the layout.

    Attributes:
        place: the zone's name; for a bottleneck outside all zones, its place in whole metres.
        zone: the zone concerned; None outside all zones.
        others: other zones concerned, such as those on a route.
        point_m: position on the floor.
        hours_s: times at which it applies, in order; empty for the whole period.
        evidence: supporting figures by name, as defined by the rule.
        event: name of the event concerned; empty for none.
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
        """Key that identifies the finding when it is found again."""
        return self.kind.value, f"{self.event}/{self.place}" if self.event else self.place


class SkipReason(StrEnum):
    """Reason why a place could not be assessed."""

    NO_ZONES = "no-zones"
    """No such thing exists, such as a queue."""
    TOO_FEW_VISITORS = "too-few-visitors"
    NOT_OBSERVED = "not-observed"
    NOT_ENTERED = "not-entered"
    """The capacity, sponsor, staff or event has not been entered."""
    TOO_SHORT = "too-short"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a rule.

    Attributes:
        kind: the first kind of a rule with two.
        assessed: number of places assessed.
        skipped: reasons for places not assessed; without places, for all.
        refusal: why nothing could be assessed, as every page says it.
    """

    kind: FindingKind
    findings: tuple[LayoutFinding, ...] = ()
    assessed: int = 0
    skipped: tuple[tuple[str, SkipReason], ...] = ()
    refusal: Phrase | None = None
