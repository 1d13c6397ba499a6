"""Stands with more or fewer visitors than their place predicts, and cold zones.

The number of visitors who stop at a stand per observed hour is compared with the prediction for its place:
visitors who come within 3 m (aisle flow), size, sides open to the aisles, and the way from the entrance
(`place_model` holds model and test). A stand is better or worse than its place where the test says that it
is an exception and the ratio is beyond ``min_ratio``. A zone is cold where it is an exception and even
the upper limit of the ratio is below ``cold_limit``: then a third and less of what the same place gives
others is lost, and per m² and exposed visitor it is below half of the hall's median, so that it is
cold by the plain figures as well. A reachable zone with very few exposed visitors for its
distance, is cold for its place.

A cold zone is not also a worse stand. Zones observed for less than 80 % of the time are not assessed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse, stats
from scipy.sparse import csgraph
from shapely.geometry.base import BaseGeometry

from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.zone import Zone, ZoneKind
from analytics.findings.finding import (
    Effect,
    FindingKind,
    Impact,
    ImpactUnit,
    LayoutFinding,
    Outcome,
    SkipReason,
)
from analytics.findings.observed_time import (
    HOUR_S,
    MIN_COVERAGE,
    count_days,
    cut_hours,
    measure_observed_s,
)
from analytics.metrics.coverage import FloorGrid
from analytics.metrics.estimate import Estimate
from analytics.rollups.exposed_visitors import list_elements
from analytics.rollups.period_facts import PeriodFacts

MIN_STANDS = 8
"""Minimum number of stands for estimating their spread."""
STANDS_PER_PREDICTOR = 4
"""Stands needed for each predictor beyond the first four."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Parameters of the outlier search.

    Attributes:
        alpha: probability that any stand of a hall without exceptions is named.
        max_share: maximum share of exceptional stands.
        confidence: confidence level of the intervals.
    """

    alpha: float = 0.04
    max_share: float = 0.3
    confidence: float = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class StandFit:
    """Each stand relative to the unexceptional others; arrays of shape (stands,).

    Attributes:
        expected: predicted stops.
        ratio: observed over expected.
        low, high: prediction interval of the ratio.
        adjusted_p: adjusted p-value of being like the others.
        is_exception: whether the search named it.
        degrees_of_freedom: those of the last fit.
    """

    expected: FloatArray
    ratio: FloatArray
    low: FloatArray
    high: FloatArray
    adjusted_p: FloatArray
    is_exception: npt.NDArray[np.bool_]
    degrees_of_freedom: float


def choose_predictors(predictors: FloatArray, stands: int) -> FloatArray:
    """Return as many leading columns as the number of stands allows, without constant ones.

    Args:
        predictors: shape (stands, k), most important first.
    """
    varying = predictors[:, np.ptp(predictors, axis=0) > 1e-9]
    return varying[:, : max(0, (stands - 4) // STANDS_PER_PREDICTOR)]


def fit_stands(
    *,
    stopped: FloatArray,
    hours: FloatArray,
    predictors: FloatArray,
    dispersion: float,
    settings: ModelSettings,
) -> StandFit | None:
    """Fit the model and find the exceptions; None with fewer than ``MIN_STANDS`` stands.

    Args:
        stopped: visitors who stopped at each stand, shape (stands,).
        hours: observed hours of each, shape (stands,).
        predictors: of their places, shape (stands, k), most important first, each in units in which its
            coefficient is unlikely to be beyond -1 to 1 (normal prior): where few stands differ in one, the
            data alone would not tell its effect, and a stand left out could be predicted to be anything.
        dispersion: phi, at least 1.
    """
    count = len(stopped)
    if count < MIN_STANDS:
        return None
    design = _make_design(choose_predictors(predictors, count))
    counts = _Counts(stopped, np.log(hours), design, dispersion)
    left = np.arange(count)
    removed: list[int] = []
    last_significant = 0
    for step in range(1, int(settings.max_share * count) + 1):
        scores, freedom = _judge_each(counts, left, left)
        if freedom < 1:
            break
        worst = int(np.argmax(np.abs(scores)))
        limit = float(stats.t.isf(settings.alpha / (2 * len(left)), freedom))
        removed.append(int(left[worst]))
        if abs(scores[worst]) > limit:
            last_significant = step
        left = np.delete(left, worst)
    exceptions = removed[:last_significant]
    pool = np.setdiff1d(np.arange(count), exceptions)
    return _describe(counts, pool, settings)


def _make_design(predictors: FloatArray) -> FloatArray:
    centred = predictors - predictors.mean(axis=0) if predictors.size else predictors
    return np.column_stack([np.ones(len(predictors)), centred])


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Data of the model: counts, logarithms of their hours, predictors with a constant, and phi."""

    stopped: FloatArray
    offset: FloatArray
    design: FloatArray
    dispersion: float

    def fit(self, stands: IntArray) -> _Fit:
        """Fit weighted least squares of the logarithm with the prior; tau² and weights by moments."""
        design, offset = self.design[stands], self.offset[stands]
        logs = np.log(self.stopped[stands] + 0.5) - offset
        expected = self.stopped[stands] + 0.5
        tau2 = 0.0
        freedom = max(1, len(logs) - design.shape[1])
        coefficients = np.zeros(design.shape[1])
        covariance: FloatArray = np.eye(design.shape[1])
        precision = np.diag([0.0] + [1.0] * (design.shape[1] - 1))
        for _ in range(_ROUNDS):
            weights = 1.0 / (tau2 + self.dispersion / expected)
            weighted = design * weights[:, None]
            covariance = np.asarray(np.linalg.inv(design.T @ weighted + precision), np.float64)
            coefficients = covariance @ (weighted.T @ logs)
            expected = np.exp(design @ coefficients + offset)
            residual2 = (logs - design @ coefficients) ** 2
            # Paule and Mandel (1982): tau² for which the weighted squares are as large as their freedom
            tau2 = _find_tau2(residual2, self.dispersion / expected, freedom)
        return _Fit(coefficients, covariance, tau2)

    def predict(self, fit: _Fit, stand: int) -> tuple[float, float, float]:
        """Return the expected number, the variance of its logarithm for one stand, and that of the fit."""
        row = self.design[stand]
        expected = float(np.exp(row @ fit.coefficients + self.offset[stand]))
        return expected, fit.tau2 + self.dispersion / expected, float(row @ fit.covariance @ row)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Fit to some stands: coefficients, their covariance, and tau²."""

    coefficients: FloatArray
    covariance: FloatArray
    tau2: float


_ROUNDS, _STEPS = 4, 30


def _find_tau2(residual2: FloatArray, sampling: FloatArray, freedom: int) -> float:
    # the sum falls and is convex in tau², so Newton's steps from below do not overshoot
    tau2 = 0.0
    for _ in range(_STEPS):
        terms = residual2 / (tau2 + sampling)
        excess = float(terms.sum()) - freedom
        if excess <= _LITTLE:
            break
        tau2 += excess / float((terms / (tau2 + sampling)).sum())
    return tau2


def _judge_each(counts: _Counts, judged: IntArray, pool: IntArray) -> tuple[FloatArray, float]:
    """Return each judged stand's studentised difference from a fit to the others, and the freedom."""
    scores = np.zeros(len(judged))
    predictors = counts.design.shape[1]
    freedom = len(pool) - predictors - 1
    for number, stand in enumerate(judged.tolist()):
        others = pool[pool != stand]
        if len(others) <= predictors:
            return scores, 0.0
        fit = counts.fit(others)
        expected, own, error2 = counts.predict(fit, stand)
        found = _stabilise(float(counts.stopped[stand]), fit.tau2, counts.dispersion)
        difference = found - _stabilise(expected, fit.tau2, counts.dispersion)
        scores[number] = difference / math.sqrt(1.0 + error2 / own)
    return scores, float(freedom)


def _stabilise(count: float, tau2: float, dispersion: float) -> float:
    """Transform a count to unit standard deviation: (2 / tau) asinh(tau sqrt(n / phi))."""
    root = math.sqrt((count + _ANSCOMBE) / dispersion)
    tau = math.sqrt(tau2)
    return 2.0 * root if tau * root < _LITTLE else 2.0 / tau * math.asinh(tau * root)


_ANSCOMBE, _LITTLE = 0.375, 1e-4


def _describe(counts: _Counts, pool: IntArray, settings: ModelSettings) -> StandFit:
    count = len(counts.stopped)
    all_stands = np.arange(count)
    expected, low, high = np.zeros(count), np.zeros(count), np.zeros(count)
    freedom = float(max(1, len(pool) - counts.design.shape[1] - 1))
    reach = float(stats.t.ppf(0.5 + settings.confidence / 2, freedom))
    scores, _ = _judge_each(counts, all_stands, pool)
    for stand in all_stands.tolist():
        fit = counts.fit(pool[pool != stand])
        expected[stand], own, error2 = counts.predict(fit, stand)
        found = max(float(counts.stopped[stand]), 0.5)
        # the observed number has its own sampling error, not that of the expected number
        sampling = counts.dispersion * (1.0 / max(found, 1.0) - 1.0 / expected[stand])
        error = math.sqrt(own + sampling + error2)
        ratio = found / expected[stand]
        low[stand], high[stand] = ratio * math.exp(-reach * error), ratio * math.exp(reach * error)
    p_values = 2 * stats.t.sf(np.abs(scores), freedom)
    return StandFit(
        expected=expected,
        ratio=counts.stopped / expected,
        low=low,
        high=high,
        adjusted_p=np.minimum(1.0, p_values * count),
        is_exception=~np.isin(all_stands, pool),
        degrees_of_freedom=freedom,
    )


OPEN_M = 1.5
"""Width of an aisle on which two people walk side by side."""
_STEP_M, _TOUCH_M = 0.25, 0.05
WAY_CELL_M = 0.5
"""Cell size for finding paths: an error of half a body's width at either side."""


@dataclass(frozen=True, slots=True)
class StandPlace:
    """Place of a stand on the floor.

    Attributes:
        area_m2: area of its zone.
        openness: share of its outline with 1.5 m of free floor in front, 0 to 1: a stand at a corner has
            more of it than one in a row.
        door_m: path length from the nearest entrance on the free floor; None without an entrance or
            path.
    """

    zone: Zone
    area_m2: float
    openness: float
    door_m: float | None


def measure_places(
    plan: FloorPlan, geometry: FloorGeometry, stands: Sequence[Zone]
) -> tuple[StandPlace, ...]:
    """Return the places of stands, in their order."""
    ways_m = _measure_ways(plan, geometry)
    grid = FloorGrid.around(plan.outline, cell_m=WAY_CELL_M)
    elements = list_elements(geometry.zones)
    floor = plan.outline.to_shape()
    obstacles = [obstacle.outline.to_shape() for obstacle in plan.obstacles]
    # aisles drawn as zones count as free floor
    shapes = {
        zone: zone.outline.to_shape()
        for zone in elements
        if zone.kind not in (ZoneKind.AISLE, ZoneKind.OTHER)
    }
    places = []
    for zone in stands:
        shape = zone.outline.to_shape()
        # only obstacles within that distance matter
        around = shape.buffer(2 * OPEN_M)
        elsewhere = [outline for other, outline in shapes.items() if other != zone]
        near = [other for other in (*elsewhere, *obstacles) if other.intersects(around)]
        free = floor.intersection(around).difference(shapely.union_all(near))
        places.append(
            StandPlace(
                zone, float(shape.area), _measure_openness(shape, free), _find_way(ways_m, grid, shape)
            )
        )
    return tuple(places)


def _measure_openness(shape: shapely.Polygon, free: BaseGeometry) -> float:
    """Return the share of an outline with free floor straight ahead for 1.5 m."""
    ring = shape.exterior
    at_m = np.arange(_STEP_M / 2, ring.length, _STEP_M)
    on = shapely.get_coordinates(shapely.line_interpolate_point(ring, at_m))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(ring, at_m + _TOUCH_M))
    along = (ahead - on) / np.maximum(np.hypot(*(ahead - on).T), 1e-9)[:, None]
    outward = np.column_stack([along[:, 1], -along[:, 0]]) * (1.0 if ring.is_ccw else -1.0)
    rays = shapely.linestrings(np.stack([on + outward * _TOUCH_M, on + outward * OPEN_M], axis=1))
    shapely.prepare(free)
    return float(shapely.contains(free, rays).mean())


def _find_way(ways_m: FloatArray | None, grid: FloorGrid, shape: shapely.Polygon) -> float | None:
    """Return the shortest path to any cell of a zone or beside it."""
    if ways_m is None:
        return None
    centres = grid.centres()
    near = shapely.contains_xy(shape.buffer(grid.cell_m), centres[:, 0], centres[:, 1])
    reached = ways_m[near & np.isfinite(ways_m)]
    return float(reached.min()) if len(reached) else None


def _measure_ways(plan: FloorPlan, geometry: FloorGeometry) -> FloatArray | None:
    """Return metres from the nearest entrance to every cell on the free floor; None without an entrance."""
    doors: list[BaseGeometry] = [
        zone.outline.to_shape() for zone in geometry.zones if zone.kind is ZoneKind.ENTRANCE
    ]
    doors += [line.path.to_shape() for line in geometry.lines if line.kind is ZoneKind.ENTRANCE]
    if not doors:
        return None
    grid = FloorGrid.around(plan.outline, cell_m=WAY_CELL_M)
    centres = grid.centres()
    free = plan.outline.to_shape().difference(
        shapely.union_all([obstacle.outline.to_shape() for obstacle in plan.obstacles])
    )
    is_free = shapely.contains_xy(free, centres[:, 0], centres[:, 1]).reshape(grid.shape)
    door = shapely.union_all(doors).buffer(grid.cell_m)
    starts = np.flatnonzero(is_free.ravel() & shapely.contains_xy(door, centres[:, 0], centres[:, 1]))
    if not len(starts):
        return None
    ways = csgraph.dijkstra(_link_cells(is_free) * WAY_CELL_M, indices=starts, min_only=True)
    return np.asarray(ways, np.float64)


def _link_cells(is_free: npt.NDArray[np.bool_]) -> sparse.csr_matrix:
    """Return links between adjacent free cells, with their distance in cells."""
    number = np.arange(is_free.size).reshape(is_free.shape)
    from_, to, length = [], [], []
    for rows, columns in ((0, 1), (1, 0), (1, 1), (1, -1)):
        left, right = max(0, -columns), is_free.shape[1] - max(0, columns)
        here = (slice(0, is_free.shape[0] - rows), slice(left, right))
        there = (slice(rows, None), slice(left + columns, right + columns))
        both = is_free[here] & is_free[there]
        from_.append(number[here][both])
        to.append(number[there][both])
        length.append(np.full(int(both.sum()), float(np.hypot(rows, columns))))
    pairs = (np.concatenate(length), (np.concatenate(from_), np.concatenate(to)))
    matrix = sparse.csr_matrix(pairs, shape=(is_free.size, is_free.size))
    return (matrix + matrix.T).tocsr()


FLOW_PRIOR, SIZE_PRIOR = 1.0, 1.0
"""Prior: twice the visitors in the aisle, or twice the size, hardly more than doubles the stops."""
OPENNESS_PRIOR = 2.0
"""Prior: opening half an outline hardly changes the stops by more than a factor of e."""
WAY_PRIOR_PER_M = 0.02
"""Prior: fifty metres further from the entrance hardly cost more than a factor of e."""
_FAMILIES = ((ZoneKind.BOOTH,), (ZoneKind.OTHER,))
"""Comparable kinds of zones: a stage or a café attracts by other means than a stand."""


@dataclass(frozen=True, slots=True)
class AttractionSettings:
    """Parameters of the rule.

    Attributes:
        min_expected: minimum expected stops for an assessment.
        min_ratio: minimum excess, or shortfall, to be reported.
        cold_ratio, cold_limit: maximum ratio of a cold zone, and maximum of its upper limit.
    """

    model: ModelSettings = field(default_factory=ModelSettings)
    min_expected: float = 10.0
    min_ratio: float = 1.25
    cold_ratio: float = 0.25
    cold_limit: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class StandCounts:
    """Counts at stands; arrays of shape (stands,).

    Attributes:
        exposed: visitors within 3 m.
        stopped: exposed visitors who stopped.
        hours: observed hours since the stand's last change.
        dispersion: variance over mean of the stops by hour, at least 1.
    """

    places: tuple[StandPlace, ...]
    exposed: FloatArray
    stopped: FloatArray
    hours: FloatArray
    dispersion: float


def judge_stands(facts: PeriodFacts, settings: AttractionSettings | None = None) -> tuple[Outcome, Outcome]:
    """Find cold zones, and stands better or worse than their place."""
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


def compare_with_places(
    facts: PeriodFacts, settings: AttractionSettings | None = None
) -> dict[str, Estimate]:
    """Return the stops at every stand over those that its place lets expect, also where it proves nothing.

    The ratio and its 95 % prediction interval are those of `judge_stands`. Stands that were not observed or
    have too few expected stops are left out, and all where there are too few to compare.
    """
    settings = settings or AttractionSettings()
    ratios: dict[str, Estimate] = {}
    for kinds in _FAMILIES:
        seen = _find_seen(facts, [zone for zone in facts.zones if zone.kind in kinds])
        if len(seen) < MIN_STANDS:
            continue
        _counts, fit, has_enough = _fit_family(facts, seen, settings)
        for stand in np.flatnonzero(has_enough).tolist():
            ratios[str(seen[stand].name)] = Estimate(
                float(fit.ratio[stand]), (float(fit.low[stand]), float(fit.high[stand]))
            )
    return ratios


def _find_seen(facts: PeriodFacts, zones: list[Zone]) -> list[Zone]:
    seen = [zone for zone in zones if facts.measure_coverage(zone) >= MIN_COVERAGE]
    return [zone for zone in seen if measure_observed_s(facts, facts.zone_since_s[str(zone.name)]) > 0]


def _fit_family(
    facts: PeriodFacts, seen: list[Zone], settings: AttractionSettings
) -> tuple[StandCounts, StandFit, npt.NDArray[np.bool_]]:
    """Return counts, their fit, and which stands have enough stops to be assessed."""
    counts = count_stands(facts, seen)
    fit = fit_stands(
        stopped=counts.stopped,
        hours=counts.hours,
        predictors=_make_predictors(counts),
        dispersion=counts.dispersion,
        settings=settings.model,
    )
    assert fit is not None
    return counts, fit, np.maximum(fit.expected, counts.stopped) >= settings.min_expected


def _add(outcome: Outcome, findings: list[LayoutFinding], family: Outcome) -> Outcome:
    return Outcome(
        outcome.kind,
        (*outcome.findings, *findings),
        outcome.assessed + family.assessed,
        (*outcome.skipped, *family.skipped),
    )


def _judge_family(facts: PeriodFacts, zones: list[Zone], settings: AttractionSettings) -> Outcome:
    kind = FindingKind.BETTER_STAND
    if not zones:
        return Outcome(kind, skipped=(("", SkipReason.NO_ZONES),))
    seen = _find_seen(facts, zones)
    skipped = tuple((str(zone.name), SkipReason.NOT_OBSERVED) for zone in zones if zone not in seen)
    if len(seen) < MIN_STANDS:
        return Outcome(kind, skipped=(*skipped, ("", SkipReason.TOO_FEW_STANDS)))
    counts, fit, has_enough = _fit_family(facts, seen, settings)
    findings = _name_exceptions(facts, counts, fit, has_enough, settings)
    named = {finding.place for finding in findings}
    deserted = _find_deserted(facts, counts, settings)
    findings += [finding for finding in deserted if finding.place not in named]
    named |= {finding.place for finding in deserted}
    few = tuple(
        (str(place.zone.name), SkipReason.TOO_FEW_VISITORS)
        for place, enough in zip(counts.places, has_enough, strict=True)
        if not enough and str(place.zone.name) not in named
    )
    return Outcome(kind, tuple(findings), len(seen) - len(few), (*skipped, *few))


def count_stands(facts: PeriodFacts, zones: list[Zone]) -> StandCounts:
    """Return exposed visitors and stops of stands, from the table ``zone_blocks``."""
    sums, names = facts.block_sums, [str(zone.name) for zone in zones]
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
    """Return Pearson's chi² of stops by stand and hour over its freedom, at least 1.

    Source: McCullagh and Nelder 1989.

    Visitors come in groups and stop together, so counts vary more than Poisson's. A stand's hours are those
    since its last change; the distribution of visitors over the hours is taken from stands present all
    the time.

    Args:
        stopped: stops by stand and block, shape (stands, blocks); blocks begin at ``starts_s``.
        since_s: last change of each stand, shape (stands,).
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
    """Return logarithms of flow and size, openness, and path from the door; most important first."""
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
        elif ratio >= settings.min_ratio:
            kind = FindingKind.BETTER_STAND
        elif ratio <= 1.0 / settings.min_ratio:
            kind = FindingKind.WORSE_STAND
        else:
            continue
        found.append(_make_finding(facts, counts, fit, stand, kind, came_near=1.0))
    return found


def _find_deserted(
    facts: PeriodFacts, counts: StandCounts, settings: AttractionSettings
) -> list[LayoutFinding]:
    """Find zones that are reachable but have very few exposed visitors."""
    fit = fit_stands(
        stopped=counts.exposed,
        hours=counts.hours,
        predictors=WAY_PRIOR_PER_M * _list_ways(counts)[:, None],
        dispersion=counts.dispersion,
        settings=settings.model,
    )
    assert fit is not None
    cold = fit.is_exception & (fit.ratio <= settings.cold_ratio) & (fit.high < settings.cold_limit)
    cold &= fit.expected >= settings.min_expected
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
        # visitors who stayed away are taken to stop as often as elsewhere
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
    """Return the mean seconds of stop in a visit with a stop; 0 without any."""
    uses = facts.tables["zone_uses"]
    stops = float(uses["stop_visits"].sum())
    return float(uses["stop_s"].sum()) / stops if stops else 0.0
