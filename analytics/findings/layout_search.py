"""Search for layout findings: all rules over the facts of a period, ranked by impact."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.comparison.block_effects import (
    MIN_CONTROLS,
    adjust_p_values,
    estimate_control_effect,
)
from analytics.comparison.block_effects import Effect as ControlEffect
from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.staff_shift import StaffShift
from analytics.domain.timed_event import TimedEvent
from analytics.domain.zone import Zone, ZoneKind
from analytics.domain.zone_targets import ZoneTargets
from analytics.dwell.engagement_tier import Tier
from analytics.findings.blocking_queues import BlockingQueueSettings, find_blocking_queues
from analytics.findings.bottlenecks import BottleneckSettings, find_bottlenecks
from analytics.findings.capacity_risks import CapacitySettings, find_capacity_risks
from analytics.findings.finding import (
    Effect,
    FindingKind,
    Impact,
    ImpactUnit,
    LayoutFinding,
    Outcome,
    SkipReason,
)
from analytics.findings.observed_time import MIN_COVERAGE, count_days
from analytics.findings.staff_hours import StaffSettings, find_short_staff
from analytics.findings.stand_attraction import AttractionSettings, judge_stands
from analytics.flows.routes import MIN_SUPPORT, count_common_routes
from analytics.flows.ways import Ways
from analytics.places.place_value import PlaceValues
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.period_ways import read_ways
from analytics.rollups.zone_blocks import BlockSums

_VISITS = f"reached_{Tier.VISIT.value}"
_NOT_EMPTIED = (ZoneKind.AISLE, ZoneKind.ENTRANCE, ZoneKind.EXIT, ZoneKind.STAFF)


@dataclass(frozen=True, slots=True)
class EventSettings:
    """Parameters of the rule.

    Attributes:
        alpha: accepted share of false findings.
        margin_s: seconds before and after an event in which people come and go.
        max_remaining: maximum share of the expected people.
        upper_limit: maximum upper limit of the ratio's interval.
        min_people: minimum mean people around the events for a zone to be assessed.
        slack_s: person-seconds added on both sides, so that an empty zone has a logarithm.
    """

    alpha: float = 0.02
    margin_s: float = 300.0
    max_remaining: float = 0.5
    upper_limit: float = 0.75
    min_people: float = 0.3
    slack_s: float = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """Change of one zone over the events at one place."""

    zone: Zone
    log_ratio: float
    around: float
    during: float
    seconds: float
    visits: float


def find_emptied_zones(
    facts: PeriodFacts, events: Sequence[TimedEvent], settings: EventSettings | None = None
) -> Outcome:
    """Find zones that are emptied by events.

    Args:
        events: those outside the period are ignored.
    """
    settings = settings or EventSettings()
    kind = FindingKind.EMPTYING_EVENT
    within = [e for e in events if facts.period_s[0] <= e.start_s < e.end_s <= facts.period_s[1]]
    if not within:
        return Outcome(kind, skipped=(("", SkipReason.NOT_ENTERED),))
    zones = [zone for zone in facts.zones if zone.kind not in _NOT_EMPTIED]
    seen = [zone for zone in zones if facts.measure_coverage(zone) >= MIN_COVERAGE]
    skipped = [(str(zone.name), SkipReason.NOT_OBSERVED) for zone in zones if zone not in seen]
    series = _split_by_zone(facts, seen)
    judged: list[tuple[list[TimedEvent], _Change, ControlEffect]] = []
    for group in _group_events(within):
        place = group[0].zone
        others = [zone for zone in seen if str(zone.name) != place]
        changes = [
            change
            for zone in others
            if (change := _measure_change(facts, series[str(zone.name)], group, within, settings)) is not None
        ]
        if len(changes) <= MIN_CONTROLS:
            skipped.append((place or group[0].name, SkipReason.TOO_FEW_VISITORS))
            continue
        for change in changes:
            controls = [other for other in changes if other is not change]
            effect = estimate_control_effect(
                change.log_ratio,
                visits=change.visits,
                control_changes=np.array([c.log_ratio for c in controls]),
                control_visits=np.array([c.visits for c in controls]),
            )
            if effect is not None:
                judged.append((group, change, effect))
    adjusted = adjust_p_values([effect.p_value for _, _, effect in judged])
    findings = [
        _make_finding(facts, group, change, effect, p)
        for (group, change, effect), p in zip(judged, adjusted, strict=True)
        if p < settings.alpha
        and effect.ratio <= settings.max_remaining
        and effect.interval[1] < settings.upper_limit
    ]
    return Outcome(kind, tuple(findings), len(judged), tuple(skipped))


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """A zone's minutes, and its visits in steps of five minutes, in order of time.

    Attributes:
        start_s: start of the minutes, shape (n,).
        sums: cumulative person-seconds and observed seconds, shape (n + 1, 2).
        steps_s: start of the steps, shape (steps,).
        visits: cumulative visits, shape (steps + 1,).
    """

    zone: Zone
    start_s: FloatArray
    sums: FloatArray
    steps_s: FloatArray
    visits: FloatArray

    def sum_minutes(self, windows: FloatArray) -> tuple[float, float]:
        """Return person-seconds and observed seconds within windows that do not overlap, shape (m, 2)."""
        first, last = (np.searchsorted(self.start_s, windows[:, side] - 1e-6) for side in (0, 1))
        person_s, observed_s = (self.sums[last] - self.sums[first]).sum(axis=0).tolist()
        return float(person_s), float(observed_s)

    def count_visits(self, windows: FloatArray) -> float:
        """Return the visits that begin in steps within windows, shape (m, 2)."""
        return float(np.diff(self.visits[np.searchsorted(self.steps_s, windows)], axis=1).sum())


def _split_by_zone(facts: PeriodFacts, zones: Sequence[Zone]) -> dict[str, _Series]:
    minutes = {str(name): rows for name, rows in facts.tables["minutes"].groupby("zone", sort=False)}
    blocks = BlockSums(facts.tables["zone_blocks"])
    series = {}
    for zone in zones:
        name = str(zone.name)
        columns = ["start_s", "person_seconds", "observed_s"]
        own = minutes[name][columns].to_numpy(np.float64) if name in minutes else np.empty((0, 3))
        own = own[np.argsort(own[:, 0], kind="stable")]
        visits = np.append(0.0, np.cumsum(blocks.read(name, _VISITS)))
        minute_sums = np.concatenate([np.zeros((1, 2)), np.cumsum(own[:, 1:], axis=0)])
        series[name] = _Series(zone, own[:, 0], minute_sums, blocks.starts_s, visits)
    return series


def _group_events(events: Sequence[TimedEvent]) -> list[list[TimedEvent]]:
    """Group events by place; those of the whole hall by name."""
    groups: dict[tuple[bool, str], list[TimedEvent]] = {}
    for event in sorted(events, key=lambda e: e.start_s):
        groups.setdefault((event.zone is None, event.zone or event.name), []).append(event)
    return list(groups.values())


def _measure_change(
    facts: PeriodFacts,
    series: _Series,
    group: Sequence[TimedEvent],
    everything: Sequence[TimedEvent],
    settings: EventSettings,
) -> _Change | None:
    since_s = facts.zone_since_s[str(series.zone.name)]
    logs, visits = [], 0.0
    totals = np.zeros(4)
    for event in group:
        if event.start_s < since_s:
            continue
        during = np.array([[event.start_s, event.end_s]])
        around = _find_around(event, everything, settings.margin_s)
        sums = [series.sum_minutes(part) for part in (during, around)]
        (in_s, in_observed_s), (out_s, out_observed_s) = sums
        length_s = event.end_s - event.start_s
        if min(in_observed_s, out_observed_s) < 0.5 * length_s:
            continue
        logs.append(
            math.log((in_s + settings.slack_s) / in_observed_s)
            - math.log((out_s + settings.slack_s * out_observed_s / in_observed_s) / out_observed_s)
        )
        totals += (in_s, in_observed_s, out_s, out_observed_s)
        visits += series.count_visits(np.concatenate([during, around]))
    if not logs or totals[2] / totals[3] < settings.min_people:
        return None
    return _Change(
        zone=series.zone,
        log_ratio=float(np.mean(logs)),
        around=float(totals[2] / totals[3]),
        during=max(0.0, float(totals[0] / totals[1])),
        seconds=float(totals[1]),
        visits=visits,
    )


def _find_around(event: TimedEvent, everything: Sequence[TimedEvent], margin_s: float) -> FloatArray:
    """Return as much time before and after an event, without the time of other events."""
    length_s = event.end_s - event.start_s
    parts = [
        (event.start_s - margin_s - length_s, event.start_s - margin_s),
        (event.end_s + margin_s, event.end_s + margin_s + length_s),
    ]
    for other in everything:
        begin_s, end_s = other.start_s - margin_s, other.end_s + margin_s
        parts = [
            piece
            for a, b in parts
            for piece in ((a, min(b, begin_s)), (max(a, end_s), b))
            if piece[1] > piece[0]
        ]
    return np.array(parts, np.float64).reshape(-1, 2)


def _make_finding(
    facts: PeriodFacts, group: list[TimedEvent], change: _Change, effect: ControlEffect, adjusted_p: float
) -> LayoutFinding:
    name = str(change.zone.name)
    middle = change.zone.outline.to_shape().representative_point()
    # expected change without the event: that of the other zones
    expected = change.around * math.exp(change.log_ratio) / effect.ratio
    lost_min = (expected - change.during) * change.seconds / 60.0 / count_days(facts)
    names = list(dict.fromkeys(event.name for event in group))
    hours: tuple[Interval, ...] = tuple((event.start_s, event.end_s) for event in group)
    return LayoutFinding(
        kind=FindingKind.EMPTYING_EVENT,
        place=name,
        zone=name,
        point_m=(float(middle.x), float(middle.y)),
        period_s=facts.period_s,
        effect=Effect(effect.ratio, effect.interval),
        impact=Impact(lost_min, ImpactUnit.PERSON_MINUTES, lost_min),
        evidence={
            "events": float(len(group)),
            "people_during": change.during,
            "people_expected": expected,
            "people_around": change.around,
            "adjusted_p": adjusted_p,
        },
        others=() if group[0].zone is None else (group[0].zone,),
        hours_s=hours,
        event=names[0] if len(names) == 1 else (group[0].zone or names[0]),
    )


@dataclass(frozen=True, slots=True)
class SponsorSettings:
    """Parameters of the rule.

    Attributes:
        min_share: minimum share of the visitors with a zone for a route to be popular.
        min_visitors: minimum number of visitors of a popular route.
        max_missing: share of a route's visitors that may miss the sponsor.
        max_routes: number of most popular routes assessed.
    """

    min_share: float = 0.05
    min_visitors: int = 30
    max_missing: float = 0.5
    max_routes: int = 50


def find_missed_sponsors(
    facts: PeriodFacts, sponsors: Collection[str], settings: SponsorSettings | None = None
) -> Outcome:
    """Find popular routes that miss a sponsor.

    Args:
        sponsors: names of their zones.
    """
    settings = settings or SponsorSettings()
    kind = FindingKind.MISSED_SPONSOR
    zones = [zone for zone in facts.zones if str(zone.name) in sponsors]
    if not zones:
        return Outcome(kind, skipped=(("", SkipReason.NOT_ENTERED),))
    ways = read_ways(facts)
    routes = _list_popular(facts, ways, settings)
    if not routes:
        return Outcome(kind, skipped=(("", SkipReason.TOO_FEW_VISITORS),))
    seen = [zone for zone in zones if facts.measure_coverage(zone) >= MIN_COVERAGE]
    skipped = tuple((str(zone.name), SkipReason.NOT_OBSERVED) for zone in zones if zone not in seen)
    findings = [
        finding for zone in seen if (finding := _judge(facts, zone, ways, routes, settings)) is not None
    ]
    return Outcome(kind, tuple(findings), len(seen), skipped)


def _list_popular(facts: PeriodFacts, ways: Ways, settings: SponsorSettings) -> list[tuple[str, ...]]:
    common = count_common_routes(ways, min_support=max(MIN_SUPPORT, settings.min_visitors))
    popular = common[common["share"] >= settings.min_share].head(settings.max_routes)
    known = {str(zone.name) for zone in facts.zones}
    return [tuple(route) for route in popular["route"] if set(route) <= known]


def _judge(
    facts: PeriodFacts,
    zone: Zone,
    ways: Ways,
    routes: list[tuple[str, ...]],
    settings: SponsorSettings,
) -> LayoutFinding | None:
    name = str(zone.name)
    exposed = facts.tables["exposed"]
    reached = exposed.loc[exposed["zone"] == name, "visitor"].unique()
    is_since = ways.start_s >= facts.zone_since_s[name]
    since = ways.choose(is_since)
    # paths and journeys are in the same order
    is_missing = ~facts.tables["journeys"].loc[is_since, "visitor"].isin(reached).to_numpy(bool)
    start_s = since.start_s
    blocks = facts.make_blocks()
    best: tuple[int, tuple[str, ...], Effect, int] | None = None
    for route in routes:
        if name in route:
            continue
        takes = since.take(route)
        missing = int((takes & is_missing).sum())
        if missing <= (0 if best is None else best[0]):
            continue
        share = blocks.divide(
            blocks.count(start_s[takes & is_missing]), blocks.count(start_s[takes]), high=1.0
        )
        if share.value is None or share.interval is None or share.interval[0] <= settings.max_missing:
            continue
        best = missing, route, Effect(share.value, share.interval), int(takes.sum())
    if best is None:
        return None
    missing, route, effect, visitors = best
    per_day = missing / count_days(facts)
    uses = facts.tables["zone_uses"]
    stops, stop_s = uses.loc[uses["zone"] == name, ["stop_visits", "stop_s"]].sum()
    attraction = exposed.loc[exposed["zone"] == name, "did_stop"].mean() if len(reached) else 0.0
    minutes = float(stop_s / stops) / 60.0 if stops else 0.0
    middle = zone.outline.to_shape().representative_point()
    return LayoutFinding(
        kind=FindingKind.MISSED_SPONSOR,
        place=name,
        zone=name,
        point_m=(float(middle.x), float(middle.y)),
        period_s=facts.period_s,
        effect=effect,
        # visitors who miss it are taken to stop as often as those who come near
        impact=Impact(per_day, ImpactUnit.VISITORS, per_day * float(attraction) * minutes),
        evidence={
            "route_visitors": float(visitors),
            "missing": float(missing),
            "near_share": float(len(reached) / max(len(since), 1)),
            "visitors": float(len(since)),
        },
        others=route,
    )


@dataclass(frozen=True, slots=True)
class FindingSettings:
    """Parameters of all rules, described with each rule."""

    attraction: AttractionSettings = field(default_factory=AttractionSettings)
    bottlenecks: BottleneckSettings = field(default_factory=BottleneckSettings)
    queues: BlockingQueueSettings = field(default_factory=BlockingQueueSettings)
    sponsors: SponsorSettings = field(default_factory=SponsorSettings)
    capacity: CapacitySettings = field(default_factory=CapacitySettings)
    staff: StaffSettings = field(default_factory=StaffSettings)
    events: EventSettings = field(default_factory=EventSettings)


def search_layout(
    facts: PeriodFacts,
    places: PlaceValues,
    *,
    settings: FindingSettings | None = None,
    targets: Sequence[ZoneTargets] = (),
    sponsors: Collection[str] = (),
    events: Sequence[TimedEvent] = (),
    shifts: Sequence[StaffShift] = (),
) -> tuple[Outcome, ...]:
    """Apply every rule; return their outcomes.

    Args:
        places: values of the stands' places in the period.
        targets: capacities of zones and hall.
        sponsors: names of sponsors' zones.
        events: talks and similar events.
        shifts: staff of zones.
    """
    settings = settings or FindingSettings()
    cold, stands = judge_stands(facts, places, settings.attraction)
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
    places: PlaceValues,
    *,
    targets: Sequence[ZoneTargets] = (),
    events: Sequence[TimedEvent] = (),
    shifts: Sequence[StaffShift] = (),
) -> tuple[LayoutFinding, ...]:
    """Return the findings, most important first; arguments as for ``search_layout``."""
    return rank_findings(search_layout(facts, places, targets=targets, events=events, shifts=shifts))


def rank_findings(outcomes: Sequence[Outcome]) -> tuple[LayoutFinding, ...]:
    """Return the findings of all rules by impact per day in person-minutes, largest first."""
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    return tuple(sorted(findings, key=lambda finding: -finding.impact.person_minutes))
