"""All rules over the facts of a period: what was found, ranked, and what could not be told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from analytics.domain.staff_shift import StaffShift
from analytics.domain.timed_event import TimedEvent
from analytics.domain.zone_targets import ZoneTargets
from analytics.findings.blocking_queues import BlockingQueueSettings, find_blocking_queues
from analytics.findings.bottlenecks import BottleneckSettings, find_bottlenecks
from analytics.findings.capacity_risks import CapacitySettings, find_capacity_risks
from analytics.findings.emptying_events import EventSettings, find_emptied_zones
from analytics.findings.finding import LayoutFinding, Outcome
from analytics.findings.missed_sponsors import SponsorSettings, find_missed_sponsors
from analytics.findings.staff_hours import StaffSettings, find_short_staff
from analytics.findings.stand_attraction import AttractionSettings, judge_stands
from analytics.rollups.period_facts import PeriodFacts


@dataclass(frozen=True, slots=True)
class FindingSettings:
    """Parameters of all rules; each is described where the rule is."""

    attraction: AttractionSettings = field(default_factory=AttractionSettings)
    bottlenecks: BottleneckSettings = field(default_factory=BottleneckSettings)
    queues: BlockingQueueSettings = field(default_factory=BlockingQueueSettings)
    sponsors: SponsorSettings = field(default_factory=SponsorSettings)
    capacity: CapacitySettings = field(default_factory=CapacitySettings)
    staff: StaffSettings = field(default_factory=StaffSettings)
    events: EventSettings = field(default_factory=EventSettings)


def search_layout(
    facts: PeriodFacts,
    *,
    settings: FindingSettings | None = None,
    targets: Sequence[ZoneTargets] = (),
    sponsors: Collection[str] = (),
    events: Sequence[TimedEvent] = (),
    shifts: Sequence[StaffShift] = (),
) -> tuple[Outcome, ...]:
    """What came of every rule.

    Args:
        targets: with the capacities of zones and hall.
        sponsors: names of the zones of sponsors.
        events: talks and the like.
        shifts: staff of zones.
    """
    settings = settings or FindingSettings()
    cold, stands = judge_stands(facts, settings.attraction)
    return (
        cold,
        stands,
        find_bottlenecks(facts, settings.bottlenecks),
        find_blocking_queues(facts, settings.queues),
        find_capacity_risks(facts, targets, settings.capacity),
        find_missed_sponsors(facts, sponsors, settings.sponsors),
        find_emptied_zones(facts, events, settings.events),
        find_short_staff(facts, shifts, settings.staff),
    )


def find_findings(
    facts: PeriodFacts,
    *,
    settings: FindingSettings | None = None,
    targets: Sequence[ZoneTargets] = (),
    sponsors: Collection[str] = (),
    events: Sequence[TimedEvent] = (),
    shifts: Sequence[StaffShift] = (),
) -> tuple[LayoutFinding, ...]:
    """What was found, what matters most first; arguments as for ``search_layout``."""
    outcomes = search_layout(
        facts, settings=settings, targets=targets, sponsors=sponsors, events=events, shifts=shifts
    )
    return rank_findings(outcomes)


def rank_findings(outcomes: Sequence[Outcome]) -> tuple[LayoutFinding, ...]:
    """The findings of all rules by what they cost or gain a day, in person-minutes, the most first."""
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    return tuple(sorted(findings, key=lambda finding: -finding.impact.person_minutes))
