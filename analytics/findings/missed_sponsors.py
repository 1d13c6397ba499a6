"""Popular routes that miss a sponsor: visitors take them in numbers and never come near the sponsor's zone.

A route is a sequence of two to five zones without another between (``count_common_routes``); it is popular
with at least ``least_share`` of the visitors of any zone. It misses a sponsor where more than
``most_missing`` of its visitors were never within 3 m of the sponsor's zone, by the lower limit of the
interval, which is a ratio over blocks of five minutes of when they entered the hall. Of a sponsor the route
with the most such visitors is told. Who is a sponsor somebody has to say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from analytics.domain.zone import Zone
from analytics.findings.finding import (
    Effect,
    FindingKind,
    Hindrance,
    Impact,
    ImpactUnit,
    LayoutFinding,
    Outcome,
)
from analytics.findings.observed_time import LEAST_COVERAGE, count_days
from analytics.metrics.routes import LEAST_SUPPORT, count_common_routes
from analytics.metrics.ways import Ways
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.period_ways import read_ways


@dataclass(frozen=True, slots=True)
class SponsorSettings:
    """Parameters of the rule.

    Attributes:
        least_share: of the visitors with a zone, for a route to be popular.
        least_visitors: and at least so many.
        most_missing: share of a route's visitors that may miss the sponsor.
        most_routes: so many of the most popular ones are looked at.
    """

    least_share: float = 0.05
    least_visitors: int = 30
    most_missing: float = 0.5
    most_routes: int = 50


def find_missed_sponsors(
    facts: PeriodFacts, sponsors: Collection[str], settings: SponsorSettings | None = None
) -> Outcome:
    """What came of looking at the routes past every sponsor.

    Args:
        sponsors: names of zones.
    """
    settings = settings or SponsorSettings()
    kind = FindingKind.MISSED_SPONSOR
    zones = [zone for zone in facts.zones if str(zone.name) in sponsors]
    if not zones:
        return Outcome(kind, hindered=(("", Hindrance.NOT_ENTERED),))
    ways = read_ways(facts)
    routes = _list_popular(facts, ways, settings)
    if not routes:
        return Outcome(kind, hindered=(("", Hindrance.TOO_FEW_VISITORS),))
    seen = [zone for zone in zones if facts.measure_coverage(zone) >= LEAST_COVERAGE]
    hindered = tuple((str(zone.name), Hindrance.NOT_OBSERVED) for zone in zones if zone not in seen)
    findings = [
        finding for zone in seen if (finding := _judge(facts, zone, ways, routes, settings)) is not None
    ]
    return Outcome(kind, tuple(findings), len(seen), hindered)


def _list_popular(facts: PeriodFacts, ways: Ways, settings: SponsorSettings) -> list[tuple[str, ...]]:
    common = count_common_routes(ways, least_support=max(LEAST_SUPPORT, settings.least_visitors))
    popular = common[common["share"] >= settings.least_share].head(settings.most_routes)
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
    # the ways are those of the journeys, in their order
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
        if share.value is None or share.interval is None or share.interval[0] <= settings.most_missing:
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
        # of those who miss it, as many would stop as of those who come near
        impact=Impact(per_day, ImpactUnit.VISITORS, per_day * float(attraction) * minutes),
        evidence={
            "route_visitors": float(visitors),
            "missing": float(missing),
            "near_share": float(len(reached) / max(len(since), 1)),
            "visitors": float(len(since)),
        },
        others=route,
    )
