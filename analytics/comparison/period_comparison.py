"""Two periods compared zone by zone: what changed, what did not, and what cannot be told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np
from scipy import stats

from analytics.comparison.block_effects import (
    MIN_CONTROLS,
    Effect,
    control_false_discoveries,
    estimate_block_effect,
    estimate_control_effect,
)
from analytics.comparison.block_figures import (
    OF_COUNTS,
    OF_DWELL,
    WHOLE_HALL,
    Block,
    Metric,
    Side,
    Verdict,
    measure,
)
from analytics.domain.arrays import FloatArray

MIN_ENDS = 10
"""With fewer stays that were seen to end on a side the test's approximation does not hold."""


def compare_dwell_curves(blocks: Sequence[Block], zone: str) -> float | None:
    """The p-value of equal dwell times (Mantel 1966, Cancer Chemother. Rep. 50, 163); None with few stays.

    Of stays whose entry was seen, by whole seconds; those that were not seen to end are censored. It takes
    stays for independent, which those of groups and of one day are not, so that it is too small.
    """
    sides = [_add_up(blocks, side, zone) for side in Side]
    if any(ended.sum() < MIN_ENDS for _, ended in sides):
        return None
    length = max(len(count) for count, _ in sides)
    counts, ends = (
        np.array([np.pad(side[part], (0, length - len(side[part]))) for side in sides]) for part in (0, 1)
    )
    at_risk = counts[:, ::-1].cumsum(axis=1)[:, ::-1]
    everybody, ended = at_risk.sum(axis=0), ends.sum(axis=0)
    is_told = (ended > 0) & (everybody > 1)
    share = at_risk[0, is_told] / everybody[is_told]
    expected = ended[is_told] * share
    # hypergeometric: of those at risk as many end as end, whichever side they are of
    spread = expected * (1 - share) * (everybody - ended)[is_told] / (everybody[is_told] - 1)
    variance = float(spread.sum())
    if variance <= 0:
        return None
    statistic = float(ends[0, is_told].sum() - expected.sum()) / np.sqrt(variance)
    return float(2 * stats.norm.sf(abs(statistic)))


def _add_up(blocks: Sequence[Block], side: Side, zone: str) -> tuple[FloatArray, FloatArray]:
    known = [
        entered
        for block in blocks
        if block.side is side and zone in block.zones and (entered := block.zones[zone].entered) is not None
    ]
    length = max((len(entered.count) for entered in known), default=0)
    count, ended = np.zeros(length), np.zeros(length)
    for entered in known:
        count[: len(entered.count)] += entered.count
        ended[: len(entered.ended)] += entered.ended
    return count, ended


MIN_DAYS = 4
"""Days of a side from which on days are compared with days."""
MIN_DAYS_IN_HALVES = 2
"""Days of a side from which on half-days are compared, relative to zones that did not change."""
MIN_COVERAGE = 0.8
"""A zone that was observed less, on either side, is not compared."""
MIN_VISITS = 5
"""A block with fewer visits to a zone gives no figure of it: its logarithm would be noise."""
SIGNIFICANCE = 0.05
TRACKING_DIFFERENCE = 0.10
"""A larger relative difference of the tracked share says that the measurement changed, too."""


class Unit(StrEnum):
    """What is compared with what."""

    DAYS = "days"
    """Days with days: four or more on each side."""
    RELATIVE_DAYS = "relative_days"
    """The same, relative to zones that did not change, so that what a day does to all zones cancels."""
    HALF_DAYS = "half_days"
    """Half-days with half-days, relative to zones that did not change: two days or more on each side.

    With four such zones it is held against the spread of their changes instead.
    """
    ZONES = "zones"
    """The change of a zone with those of zones that did not change: four or more of them."""


class Refusal(StrEnum):
    """Why nothing is said."""

    NOT_ON_BOTH_SIDES = "not_on_both_sides"
    HARDLY_OBSERVED = "hardly_observed"
    NOT_KNOWN = "not_known"
    TOO_FEW_VISITS = "too_few_visits"
    TOO_FEW_DAYS = "too_few_days"
    TOO_FEW_BLOCKS = "too_few_blocks"
    NO_CONTROLS = "no_controls"
    """Too few of the zones that did not change have this figure."""


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """What is known of the change of one figure of one zone.

    Attributes:
        zone: its name, or ``WHOLE_HALL``.
        level_a, level_b: the figure on either side, a geometric mean over the blocks; None where refused.
        effect: B over A; relative to zones that did not change unless the unit is days. None where refused.
        adjusted_p: of the effect, after control of false discoveries over all changes.
        dwell_curves_p: of the log-rank test over visits, support for a dwell time alone: it takes visits
            for independent, which they are not.
        coverage_a, coverage_b: mean over the blocks, 0 to 1.
        is_tracked_differently: the tracked shares differ so much that the measurement changed, too.
    """

    zone: str
    metric: Metric
    verdict: Verdict
    refusal: Refusal | None = None
    level_a: float | None = None
    level_b: float | None = None
    effect: Effect | None = None
    adjusted_p: float | None = None
    dwell_curves_p: float | None = None
    coverage_a: float | None = None
    coverage_b: float | None = None
    is_tracked_differently: bool = False


@dataclass(frozen=True, slots=True)
class PeriodComparison:
    """All changes, in the order of zones and figures.

    Attributes:
        unit: None where nothing could be compared.
        controls: the zones that are said not to have changed.
    """

    unit: Unit | None
    controls: tuple[str, ...]
    changes: tuple[ZoneChange, ...]


def choose_unit(*, days_a: int, days_b: int, controls: int, is_relative: bool = False) -> Unit | None:
    """What so many days on each side, and zones that did not change, allow; None: nothing can be told.

    Args:
        is_relative: hold against the zones that did not change even where there are days enough.
    """
    fewer = min(days_a, days_b)
    if fewer >= MIN_DAYS:
        return Unit.RELATIVE_DAYS if is_relative and controls else Unit.DAYS
    if fewer >= MIN_DAYS_IN_HALVES and controls:
        return Unit.HALF_DAYS
    return Unit.ZONES if fewer and controls >= MIN_CONTROLS else None


def compare_blocks(
    blocks: Sequence[Block],
    *,
    unit: Unit | None,
    zones: Sequence[str],
    metrics: Sequence[Metric],
    controls: Iterable[str] = (),
) -> PeriodComparison:
    """Compare the blocks of side A with those of side B.

    Args:
        blocks: of both sides; whole days, or halves of days for ``Unit.HALF_DAYS``.
        unit: of ``choose_unit``; None refuses everything, with the reason.
        zones: to compare, in this order; ``WHOLE_HALL`` for the hall.
        controls: zones that did not change. They are not compared unless the unit is days.
    """
    held = tuple(dict.fromkeys(controls))
    # a zone cannot be held against itself, nor against the hall that holds it
    wanted = [z for z in zones if unit in (Unit.DAYS, None) or (z not in held and z != WHOLE_HALL)]
    changes = [
        _compare_zone(blocks, unit, zone, metric, held)
        for zone in wanted
        for metric in metrics
        if (zone == WHOLE_HALL or metric is not Metric.FOOTFALL)
    ]
    return PeriodComparison(
        unit=unit,
        controls=held,
        changes=tuple(_control(_add_dwell_curves(changes, blocks))),
    )


def _add_dwell_curves(changes: Sequence[ZoneChange], blocks: Sequence[Block]) -> list[ZoneChange]:
    """The changes of dwell times with the test of the visits, which is one for all figures of a zone."""
    told = dict.fromkeys(c.zone for c in changes if c.metric in OF_DWELL and c.effect is not None)
    p_values = {zone: compare_dwell_curves(blocks, zone) for zone in told}
    return [
        replace(change, dwell_curves_p=p_values[change.zone])
        if change.metric in OF_DWELL and change.effect is not None
        else change
        for change in changes
    ]


def _control(changes: Sequence[ZoneChange]) -> list[ZoneChange]:
    """The changes judged, with the false discoveries over all of them controlled."""
    adjusted = iter(control_false_discoveries([c.effect.p_value for c in changes if c.effect is not None]))
    judged = []
    for change in changes:
        if change.effect is not None:
            p_value = next(adjusted)
            change = replace(change, adjusted_p=p_value, verdict=_judge(change.effect, p_value))  # noqa: PLW2901
        judged.append(change)
    return judged


def _judge(effect: Effect, adjusted_p: float) -> Verdict:
    if effect.p_value > SIGNIFICANCE:
        return Verdict.NO_EVIDENCE
    # with so few blocks that no permutation can be rare, the permutation says nothing
    is_doubted = effect.smallest_permutation_p <= SIGNIFICANCE < effect.permutation_p
    if adjusted_p > SIGNIFICANCE or is_doubted:
        return Verdict.UNCERTAIN
    return Verdict.RISE if effect.ratio > 1 else Verdict.FALL


def _compare_zone(
    blocks: Sequence[Block], unit: Unit | None, zone: str, metric: Metric, controls: Sequence[str]
) -> ZoneChange:
    change = ZoneChange(
        zone,
        metric,
        Verdict.REFUSED,
        coverage_a=_mean_coverage(blocks, Side.A, zone),
        coverage_b=_mean_coverage(blocks, Side.B, zone),
    )
    if unit is None:
        return replace(change, refusal=Refusal.TOO_FEW_DAYS)
    refusal = _find_refusal(blocks, zone, metric)
    if refusal is not None:
        return replace(change, refusal=refusal)
    values = _collect_values(blocks, zone, metric)
    known = [name for name in controls if _find_refusal(blocks, name, metric) is None]
    if unit is not Unit.DAYS and len(known) < (MIN_CONTROLS if unit is Unit.ZONES else 1):
        return replace(change, refusal=Refusal.NO_CONTROLS)
    min_variance = _find_least_variance(blocks, unit, zone, metric)
    effect = None
    if unit is not Unit.ZONES:
        others = [] if unit is Unit.DAYS else [_collect_values(blocks, name, metric) for name in known]
        effect = _compare_with_blocks(values, others, min_variance)
    if unit is Unit.ZONES or (unit is Unit.HALF_DAYS and effect is not None):
        # halves of a day share what befalls a zone on that day, which the other zones' changes show
        effect = _compare_with_zones(blocks, values, zone, metric, known, min_variance) or effect
    if effect is None:
        return replace(change, refusal=Refusal.TOO_FEW_BLOCKS)
    return replace(
        change,
        verdict=Verdict.NO_EVIDENCE,
        level_a=_average(values[Side.A]),
        level_b=_average(values[Side.B]),
        effect=effect,
        is_tracked_differently=_is_tracked_differently(blocks, zone),
    )


def _find_refusal(blocks: Sequence[Block], zone: str, metric: Metric) -> Refusal | None:
    coverages = [_mean_coverage(blocks, side, zone) for side in Side]
    known = [coverage for coverage in coverages if coverage is not None]
    if len(known) < len(coverages):
        return Refusal.NOT_ON_BOTH_SIDES
    if min(known) < MIN_COVERAGE:
        return Refusal.HARDLY_OBSERVED
    observed = [block for block in blocks if _is_observed(block, zone)]
    if metric is Metric.FOOTFALL:
        counts = [block.footfall for block in observed]
    else:
        counts = [block.zones[zone].visits for block in observed]
        if any(measure(block, zone, metric) is None and (count or 0) >= MIN_VISITS
               for block, count in zip(observed, counts, strict=True)):  # fmt: skip
            return Refusal.NOT_KNOWN
    if any(count is None for count in counts):
        return Refusal.NOT_KNOWN
    if any((count or 0) < MIN_VISITS for count in counts):
        return Refusal.TOO_FEW_VISITS
    return None


_Values = dict[Side, dict[tuple[date, int], float]]


def _collect_values(blocks: Sequence[Block], zone: str, metric: Metric) -> _Values:
    values: _Values = {Side.A: {}, Side.B: {}}
    for block in blocks:
        value = measure(block, zone, metric) if _is_observed(block, zone) else None
        if value is not None and value > 0:
            values[block.side][block.day, block.part] = value
    return values


def _is_observed(block: Block, zone: str) -> bool:
    return zone in block.zones and block.zones[zone].coverage >= MIN_COVERAGE


def _compare_with_blocks(values: _Values, others: Sequence[_Values], min_variance: float) -> Effect | None:
    parts = sorted({part for side in values.values() for _, part in side})
    sides: list[list[FloatArray]] = []
    for side in Side:
        by_part: list[FloatArray] = []
        for part in parts:
            relative = [
                value / reference
                for key, value in values[side].items()
                if key[1] == part and (reference := _find_reference(others, side, key)) is not None
            ]
            by_part.append(np.array(relative))
        sides.append(by_part)
    return estimate_block_effect(sides[0], sides[1], min_variance=min_variance)


def _find_least_variance(blocks: Sequence[Block], unit: Unit, zone: str, metric: Metric) -> float:
    """That of the difference of logarithms of two counts of visitors who decide independently.

    Of how many come, by themselves: 1 / N. Of how many of those who came visit a zone, as against the
    exhibition or other zones: (1 - p) / N, with the share p of them.
    """
    if metric not in OF_COUNTS:
        return 0.0
    variance = 0.0
    for side in Side:
        own = [b for b in blocks if b.side is side and _is_observed(b, zone)]
        if metric is Metric.FOOTFALL:
            count, share = sum(b.footfall or 0 for b in own), 0.0
        else:
            count = sum(b.zones[zone].visits or 0 for b in own)
            share = min(1.0, count / max(1, sum(b.visitors or 0 for b in own)))
        is_of_visitors = metric is Metric.VISITS_PER_100 or unit is not Unit.DAYS
        variance += (1.0 - share * is_of_visitors) / max(1, count)
    return variance


def _find_reference(others: Sequence[_Values], side: Side, key: tuple[date, int]) -> float | None:
    """The geometric mean of the zones that did not change, in one block; None where one has no figure."""
    figures = [other[side].get(key) for other in others]
    known = [figure for figure in figures if figure is not None]
    if len(known) < len(figures):
        return None
    return math.exp(math.fsum(math.log(figure) for figure in known) / len(known)) if known else 1.0


def _compare_with_zones(  # noqa: PLR0917
    blocks: Sequence[Block],
    values: _Values,
    zone: str,
    metric: Metric,
    controls: Sequence[str],
    min_variance: float,
) -> Effect | None:
    change = _find_change(values)
    if change is None:
        return None
    known = [
        (found, _count_visits(blocks, name))
        for name in controls
        if (found := _find_change(_collect_values(blocks, name, metric))) is not None
    ]
    return estimate_control_effect(
        change,
        visits=_count_visits(blocks, zone),
        control_changes=np.array([found for found, _ in known]),
        control_visits=np.array([visits for _, visits in known]),
        min_variance=min_variance,
    )


def _find_change(values: _Values) -> float | None:
    if not all(values.values()):
        return None
    logs = [np.log(list(values[side].values())).mean() for side in (Side.A, Side.B)]
    return float(logs[1] - logs[0])


def _count_visits(blocks: Sequence[Block], zone: str) -> float:
    return float(sum(block.zones[zone].visits or 0 for block in blocks if zone in block.zones))


def _average(side: Mapping[tuple[date, int], float]) -> float:
    return float(math.exp(np.log(list(side.values())).mean()))


def _mean_coverage(blocks: Sequence[Block], side: Side, zone: str) -> float | None:
    found = [b.zones[zone].coverage for b in blocks if b.side is side and zone in b.zones]
    return float(np.mean(found)) if found else None


def _is_tracked_differently(blocks: Sequence[Block], zone: str) -> bool:
    shares = []
    for side in Side:
        found = [b.zones[zone].tracked_share for b in blocks if b.side is side and zone in b.zones]
        known = [share for share in found if share is not None]
        if not known:
            return False
        shares.append(float(np.mean(known)))
    return abs(shares[1] / shares[0] - 1) > TRACKING_DIFFERENCE
