"""Comparison of two periods zone by zone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np

from analytics.comparison.block_effects import (
    MIN_CONTROLS,
    Effect,
    adjust_p_values,
    estimate_block_effect,
    estimate_control_effect,
)
from analytics.comparison.block_figures import (
    OF_COUNTS,
    WHOLE_HALL,
    Block,
    Metric,
    Refusal,
    Side,
    Verdict,
    measure,
)
from analytics.domain.arrays import FloatArray
from analytics.metrics.estimate import UNKNOWN, Estimate

MIN_DAYS = 4
"""Minimum days on each side for comparing days."""
MIN_DAYS_IN_HALVES = 2
"""Minimum days on each side for comparing half-days relative to unchanged zones."""
MIN_COVERAGE = 0.8
"""Minimum coverage of a zone on both sides."""
MIN_VISITS = 5
"""Minimum visits to a zone in a block; below it the logarithm is noise."""
SIGNIFICANCE = 0.05
MAX_DETECTABLE_RATIO = 2.0
"""Maximum detectable ratio of few days; above it, the range says nothing and the days needed are told."""
TRACKING_DIFFERENCE = 0.10
"""Relative difference of seen shares above which the measurement changed as well."""


class Unit(StrEnum):
    """Kind of blocks compared."""

    DAYS = "days"
    """Days, with four or more on each side."""
    RELATIVE_DAYS = "relative_days"
    """Days relative to unchanged zones, which cancels effects of a day on all zones."""
    HALF_DAYS = "half_days"
    """Half-days relative to unchanged zones, with two days or more on each side.

    With four such zones, the spread of their changes is used instead.
    """
    ZONES = "zones"
    """Changes of zones relative to four or more unchanged zones."""


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """Change of one figure of one zone.

    Attributes:
        zone: its name, or ``WHOLE_HALL``.
        level_a, level_b: geometric mean of the figure over the blocks of a side; also where only the
            comparison is refused, for too few days or as a reference.
        effect: B over A; relative to unchanged zones unless the unit is days. None where not estimated.
        adjusted_p: p-value of the effect, adjusted over all changes.
        is_tracked_differently: whether the seen shares differ enough to affect the measurement.
    """

    zone: str
    metric: Metric
    verdict: Verdict
    refusal: Refusal | None = None
    level_a: float | None = None
    level_b: float | None = None
    effect: Effect | None = None
    adjusted_p: float | None = None
    is_tracked_differently: bool = False

    @property
    def is_real(self) -> bool:
        """Return whether the change is significant."""
        return self.verdict in (Verdict.RISE, Verdict.FALL)

    @property
    def ratio(self) -> Estimate:
        """Return B over A with its 95 % interval, or over the value expected from unchanged zones.

        Where the comparison is refused, it is B over A, without an interval.
        """
        if self.effect is not None and self.refusal is None:
            return Estimate(self.effect.ratio, self.effect.interval)
        if self.level_a is None or self.level_b is None:
            return UNKNOWN
        return Estimate(self.level_b / self.level_a)

    @property
    def min_detectable_ratio(self) -> float | None:
        """Return the ratio above which a change is detected with 80 % power."""
        return None if self.effect is None or self.refusal is not None else self.effect.min_detectable_ratio


@dataclass(frozen=True, slots=True)
class PeriodComparison:
    """All changes, in the order of zones and metrics.

    Attributes:
        unit: None where nothing could be compared.
        controls: unchanged zones.
    """

    unit: Unit | None
    controls: tuple[str, ...]
    changes: tuple[ZoneChange, ...]


def choose_unit(*, days_a: int, days_b: int, controls: int, is_relative: bool = False) -> Unit | None:
    """Return the unit for a number of days on each side and unchanged zones; None if too few.

    Args:
        is_relative: use unchanged zones even where there are enough days.
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
        blocks: of both sides; whole days, or half-days for ``Unit.HALF_DAYS``.
        unit: result of ``choose_unit``; None refuses every comparison, with the reason.
        zones: zones to compare, in this order; ``WHOLE_HALL`` for the hall.
        controls: unchanged zones; they and the hall are compared only if the unit is days, and have
            their levels alone otherwise.
    """
    controls_held = tuple(dict.fromkeys(controls))
    changes = [
        _compare_zone(blocks, unit, zone, metric, controls_held)
        for zone in zones
        for metric in metrics
        if (zone == WHOLE_HALL or metric is not Metric.FOOTFALL)
    ]
    judged = _control(changes)
    if unit in (Unit.HALF_DAYS, Unit.ZONES):
        judged = [_refuse_vague(change) for change in judged]
    return PeriodComparison(unit=unit, controls=controls_held, changes=tuple(judged))


def _control(changes: Sequence[ZoneChange]) -> list[ZoneChange]:
    """Judge changes with the false discoveries over all of them controlled."""
    adjusted = iter(adjust_p_values([c.effect.p_value for c in changes if c.effect is not None]))
    judged = []
    for change in changes:
        if change.effect is not None:
            p_value = next(adjusted)
            change = replace(change, adjusted_p=p_value, verdict=_judge(change.effect, p_value))  # noqa: PLW2901
        judged.append(change)
    return judged


def _refuse_vague(change: ZoneChange) -> ZoneChange:
    """Refuse what a few days leave so open that even a doubling would go unnoticed."""
    is_vague = (
        change.effect is not None
        and change.verdict is Verdict.NO_EVIDENCE
        and change.effect.min_detectable_ratio > MAX_DETECTABLE_RATIO
    )
    return replace(change, verdict=Verdict.REFUSED, refusal=Refusal.TOO_FEW_DAYS) if is_vague else change


def _judge(effect: Effect, adjusted_p: float) -> Verdict:
    if effect.p_value > SIGNIFICANCE:
        return Verdict.NO_EVIDENCE
    # with too few blocks, no permutation can be significant
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
    )
    refusal = _find_refusal(blocks, zone, metric)
    if refusal is not None:
        is_all_refused = unit is None and not blocks
        return replace(change, refusal=Refusal.TOO_FEW_DAYS if is_all_refused else refusal)
    values = _collect_values(blocks, zone, metric)
    # a zone cannot be compared with itself, nor with the hall that contains it
    is_reference = unit is not Unit.DAYS and (zone == WHOLE_HALL or zone in controls)
    if all(values.values()):
        change = replace(change, level_a=_average(values[Side.A]), level_b=_average(values[Side.B]))
    if unit is None or is_reference:
        is_short = unit is None or (zone == WHOLE_HALL and unit is not Unit.RELATIVE_DAYS)
        return replace(change, refusal=Refusal.TOO_FEW_DAYS if is_short else Refusal.REFERENCE)
    known = [name for name in controls if _find_refusal(blocks, name, metric) is None]
    if unit is not Unit.DAYS and len(known) < (MIN_CONTROLS if unit is Unit.ZONES else 1):
        return replace(change, refusal=Refusal.NO_CONTROLS)
    min_variance = _find_min_variance(blocks, unit, zone, metric)
    effect = None
    if unit is not Unit.ZONES:
        others = [] if unit is Unit.DAYS else [_collect_values(blocks, name, metric) for name in known]
        effect = _compare_with_blocks(values, others, min_variance)
    if unit is Unit.ZONES or (unit is Unit.HALF_DAYS and effect is not None):
        # half-days share effects of their day, which the other zones' changes show
        effect = _compare_with_zones(blocks, values, zone, metric, known, min_variance) or effect
    if effect is None:
        return replace(change, refusal=Refusal.TOO_FEW_BLOCKS)
    return replace(
        change,
        verdict=Verdict.NO_EVIDENCE,
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


def _find_min_variance(blocks: Sequence[Block], unit: Unit, zone: str, metric: Metric) -> float:
    """Return the variance of the difference of logarithms of two counts of independent visitors.

    It is 1 / N for the number who come, and (1 - p) / N for those among them who visit a zone, relative
    to the exhibition or other zones, with their share p.
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
    """Return the geometric mean of the unchanged zones in a block; None if any is unknown."""
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
        found = [b.zones[zone].seen_share for b in blocks if b.side is side and zone in b.zones]
        known = [share for share in found if share is not None]
        if not known:
            return False
        shares.append(float(np.mean(known)))
    return abs(shares[1] / shares[0] - 1) > TRACKING_DIFFERENCE
