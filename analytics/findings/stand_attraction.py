"""Stands that attract more or fewer visitors than their place lets expect, and zones that stay cold.

Compared are the visitors who stop at a stand, by hour of observed time, with what its place predicts:
visitors who come within 3 m (aisle flow), size, sides open to the aisles, and the way from the entrance
(`place_model` holds model and test). A stand is better or worse than its place where the test says that it
is an exception and the ratio is beyond ``least_ratio``. A zone is cold where it is an exception and even
the upper limit of the ratio is below ``cold_limit``: then a third and less of what the same place gives
others is lost, and per m² and exposed visitor it is below half of the hall's median, too, so that it is
cold by the plain figures as well. A zone that a way leads to and that hardly anybody comes near, for its
distance, is cold for its place.

A cold zone is not named as a worse stand. What is observed for less than 80 % of the time is not judged.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analytics.domain.zone import Zone, ZoneKind
from analytics.findings.finding import (
    Effect,
    FindingKind,
    Hindrance,
    Impact,
    ImpactUnit,
    LayoutFinding,
    Outcome,
)
from analytics.findings.observed_time import (
    HOUR_S,
    LEAST_COVERAGE,
    count_days,
    cut_hours,
    measure_observed_s,
)
from analytics.findings.place_model import LEAST_STANDS, ModelSettings, StandFit, fit_stands
from analytics.findings.stand_places import StandPlace, measure_places
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.zone_blocks import BlockSums

FloatArray = npt.NDArray[np.float64]

FLOW_PRIOR, SIZE_PRIOR = 1.0, 1.0
"""Twice the visitors in the aisle, or twice the size, hardly give more than twice the stops."""
OPENNESS_PRIOR = 2.0
"""Half an outline more that is open hardly gives more than a factor of e."""
WAY_PRIOR_PER_M = 0.02
"""Fifty metres further from the entrance hardly cost more than a factor of e."""
_FAMILIES = ((ZoneKind.BOOTH,), (ZoneKind.OTHER,))
"""Kinds within which zones are comparable: a stage or a café attracts by other means than a stand."""


@dataclass(frozen=True, slots=True)
class AttractionSettings:
    """Parameters of the rule.

    Attributes:
        least_expected: a stand with fewer expected stops is not judged: a small number may be any.
        least_ratio: a smaller excess, or the same shortfall, is not worth telling.
        cold_ratio, cold_limit: of a cold zone's ratio, and of its upper limit.
    """

    model: ModelSettings = field(default_factory=ModelSettings)
    least_expected: float = 10.0
    least_ratio: float = 1.25
    cold_ratio: float = 0.25
    cold_limit: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class StandCounts:
    """What was counted at stands; arrays of shape (stands,).

    Attributes:
        exposed: visitors who came within 3 m.
        stopped: those of them who stopped there.
        hours: of observed time since the stand is as it is.
        dispersion: variance over mean of the stops by hour, at least 1.
    """

    places: tuple[StandPlace, ...]
    exposed: FloatArray
    stopped: FloatArray
    hours: FloatArray
    dispersion: float


def judge_stands(facts: PeriodFacts, settings: AttractionSettings | None = None) -> tuple[Outcome, Outcome]:
    """What came of cold zones, and of stands better or worse than their place."""
    settings = settings or AttractionSettings()
    cold = Outcome(FindingKind.COLD_ZONE)
    stands = Outcome(FindingKind.BETTER_STAND)
    for kinds in _FAMILIES:
        zones = [zone for zone in facts.zones if zone.kind in kinds]
        if not zones and kinds != _FAMILIES[0]:
            continue
        of_family = _judge_family(facts, zones, settings)
        cold = _add(cold, [f for f in of_family.findings if f.kind is FindingKind.COLD_ZONE], of_family)
        stands = _add(
            stands, [f for f in of_family.findings if f.kind is not FindingKind.COLD_ZONE], of_family
        )
    return cold, stands


def _add(outcome: Outcome, findings: list[LayoutFinding], family: Outcome) -> Outcome:
    return Outcome(
        outcome.kind,
        (*outcome.findings, *findings),
        outcome.looked_at + family.looked_at,
        (*outcome.hindered, *family.hindered),
    )


def _judge_family(facts: PeriodFacts, zones: list[Zone], settings: AttractionSettings) -> Outcome:
    kind = FindingKind.BETTER_STAND
    if not zones:
        return Outcome(kind, hindered=(("", Hindrance.NO_ZONES),))
    seen = [zone for zone in zones if facts.measure_coverage(zone) >= LEAST_COVERAGE]
    seen = [zone for zone in seen if measure_observed_s(facts, facts.zone_since_s[str(zone.name)]) > 0]
    hindered = tuple((str(zone.name), Hindrance.NOT_OBSERVED) for zone in zones if zone not in seen)
    if len(seen) < LEAST_STANDS:
        return Outcome(kind, hindered=(*hindered, ("", Hindrance.TOO_FEW_STANDS)))
    counts = count_stands(facts, seen)
    fit = fit_stands(
        stopped=counts.stopped,
        hours=counts.hours,
        predictors=_make_predictors(counts),
        dispersion=counts.dispersion,
        settings=settings.model,
    )
    assert fit is not None
    has_enough = np.maximum(fit.expected, counts.stopped) >= settings.least_expected
    findings = _name_exceptions(facts, counts, fit, has_enough, settings)
    named = {finding.place for finding in findings}
    deserted = _find_deserted(facts, counts, settings)
    findings += [finding for finding in deserted if finding.place not in named]
    named |= {finding.place for finding in deserted}
    few = tuple(
        (str(place.zone.name), Hindrance.TOO_FEW_VISITORS)
        for place, enough in zip(counts.places, has_enough, strict=True)
        if not enough and str(place.zone.name) not in named
    )
    return Outcome(kind, tuple(findings), len(seen) - len(few), (*hindered, *few))


def count_stands(facts: PeriodFacts, zones: list[Zone]) -> StandCounts:
    """Exposed visitors and stops of stands, from the table ``zone_blocks``."""
    sums, names = BlockSums(facts.tables["zone_blocks"]), [str(zone.name) for zone in zones]
    stopped = np.array([sums.read(name, "exposed_stopped") for name in names]).reshape(len(names), -1)
    since_s = np.array([facts.zone_since_s[name] for name in names], np.float64)
    hours = np.array([measure_observed_s(facts, since) / HOUR_S for since in since_s.tolist()], np.float64)
    return StandCounts(
        measure_places(facts.plan, facts.geometry, zones),
        np.array([sums.read(name, "exposed").sum() for name in names], np.float64),
        np.asarray(stopped.sum(axis=1), np.float64),
        hours,
        _measure_dispersion(stopped, sums.starts_s, since_s, cut_hours(facts)),
    )


def _measure_dispersion(
    stopped: FloatArray, starts_s: FloatArray, since_s: FloatArray, edges_s: FloatArray
) -> float:
    """Pearson's chi² of stops by stand and hour over its freedom, at least 1 (McCullagh and Nelder 1989).

    Visitors come in groups and stop together: counts vary more than Poisson's. A stand's hours are those
    since it is as it is; how the visitors are spread over the hours, those stands tell that were there all
    the time.

    Args:
        stopped: of each stand in each block, shape (stands, blocks); the blocks begin at ``starts_s``.
        since_s: of each stand, shape (stands,).
    """
    if len(edges_s) < 3:
        return 1.0
    last = len(edges_s) - 2
    hour = np.clip(np.searchsorted(edges_s, starts_s, "right") - 1, 0, last)
    table = np.array([np.bincount(hour, own, minlength=last + 1) for own in stopped])
    is_valid = edges_s[None, :-1] >= since_s[:, None]
    is_whole = is_valid[:, 1:].all(axis=1)
    by_hour = table[is_whole if is_whole.any() else slice(None)].sum(axis=0)
    is_valid &= by_hour > 0
    of_stand = (table * is_valid).sum(axis=1, keepdims=True)
    share = by_hour * is_valid / np.maximum((by_hour * is_valid).sum(axis=1, keepdims=True), 1)
    expected = of_stand * share
    used = expected >= 1.0
    freedom = float(used.sum() - used.any(axis=1).sum() - used.any(axis=0).sum() + 1)
    if freedom < 1:
        return 1.0
    return max(1.0, float(((table - expected)[used] ** 2 / expected[used]).sum() / freedom))


def _make_predictors(counts: StandCounts) -> FloatArray:
    """Logarithms of flow and size, openness, and the way from the door; the most important first."""
    flow = np.log((counts.exposed + 1.0) / counts.hours)
    size = np.log([place.area_m2 for place in counts.places])
    openness = np.array([place.openness for place in counts.places])
    return np.column_stack(
        [
            FLOW_PRIOR * flow,
            SIZE_PRIOR * size,
            OPENNESS_PRIOR * openness,
            WAY_PRIOR_PER_M * _list_ways(counts),
        ]
    )


def _list_ways(counts: StandCounts) -> FloatArray:
    ways = np.array([np.nan if place.door_m is None else place.door_m for place in counts.places])
    known = ways[np.isfinite(ways)]
    return np.where(np.isfinite(ways), ways, known.mean() if len(known) else 0.0)


def _name_exceptions(
    facts: PeriodFacts,
    counts: StandCounts,
    fit: StandFit,
    has_enough: npt.NDArray[np.bool_],
    settings: AttractionSettings,
) -> list[LayoutFinding]:
    area_m2 = np.array([place.area_m2 for place in counts.places])
    plain = counts.stopped / np.maximum(counts.exposed, 1.0) / area_m2
    found = []
    for stand in np.flatnonzero(fit.is_exception & has_enough).tolist():
        ratio, high = float(fit.ratio[stand]), float(fit.high[stand])
        is_cold = ratio <= settings.cold_ratio and high < settings.cold_limit
        is_cold &= bool(plain[stand] < 0.5 * float(np.median(plain)))
        if is_cold:
            kind = FindingKind.COLD_ZONE
        elif ratio >= settings.least_ratio:
            kind = FindingKind.BETTER_STAND
        elif ratio <= 1.0 / settings.least_ratio:
            kind = FindingKind.WORSE_STAND
        else:
            continue
        found.append(_make_finding(facts, counts, fit, stand, kind, came_near=1.0))
    return found


def _find_deserted(
    facts: PeriodFacts, counts: StandCounts, settings: AttractionSettings
) -> list[LayoutFinding]:
    """Zones that hardly anybody comes near although a way leads there."""
    fit = fit_stands(
        stopped=counts.exposed,
        hours=counts.hours,
        predictors=WAY_PRIOR_PER_M * _list_ways(counts)[:, None],
        dispersion=counts.dispersion,
        settings=settings.model,
    )
    assert fit is not None
    cold = fit.is_exception & (fit.ratio <= settings.cold_ratio) & (fit.high < settings.cold_limit)
    cold &= fit.expected >= settings.least_expected
    return [
        _make_finding(facts, counts, fit, stand, FindingKind.COLD_ZONE, came_near=float(fit.ratio[stand]))
        for stand in np.flatnonzero(cold).tolist()
        if counts.places[stand].door_m is not None
    ]


def _make_finding(  # noqa: PLR0917
    facts: PeriodFacts,
    counts: StandCounts,
    fit: StandFit,
    stand: int,
    kind: FindingKind,
    came_near: float,
) -> LayoutFinding:
    place = counts.places[stand]
    name = str(place.zone.name)
    middle = place.zone.outline.to_shape().representative_point()
    days = count_days(facts) * float(counts.hours[stand]) * HOUR_S / max(facts.observed_s, 1.0)
    stopped, expected = float(counts.stopped[stand]), float(fit.expected[stand])
    if came_near < 1.0:
        # of those who would have come near, as many would have stopped as elsewhere
        share = float(counts.stopped.sum() / max(counts.exposed.sum(), 1.0))
        expected *= share
    visitors = abs(stopped - expected) / max(days, 1e-6)
    minutes = _measure_mean_stop_s(facts) / 60.0
    attraction = counts.stopped / np.maximum(counts.exposed, 1.0)
    return LayoutFinding(
        kind=kind,
        place=name,
        zone=name,
        point_m=(float(middle.x), float(middle.y)),
        period_s=facts.period_s,
        effect=Effect(float(fit.ratio[stand]), (float(fit.low[stand]), float(fit.high[stand]))),
        impact=Impact(visitors, ImpactUnit.VISITORS, visitors * minutes),
        evidence={
            "stopped": stopped,
            "expected": expected,
            "exposed": float(counts.exposed[stand]),
            "attraction": float(attraction[stand]),
            "median_attraction": float(np.median(attraction)),
            "stands": float(len(counts.places)),
            "adjusted_p": float(fit.adjusted_p[stand]),
            "came_near": came_near,
        },
    )


def _measure_mean_stop_s(facts: PeriodFacts) -> float:
    """Mean seconds of stop in a visit with a stop; 0 without any."""
    uses = facts.tables["zone_uses"]
    stops = float(uses["stop_visits"].sum())
    return float(uses["stop_s"].sum()) / stops if stops else 0.0
