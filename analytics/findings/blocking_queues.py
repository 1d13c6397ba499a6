"""Queues that extend into an aisle and slow down passers-by.

From the table ``queue_tails``: in a minute a queue has a tail where on average ``min_tail`` people or more
stand outside its zone, connected with it. It blocks the aisle where that lasts for ``min_minutes`` a day and
other people who walk beside it are slower than in minutes of the same half-hour without a tail: by at least
``max_speed_ratio``, the upper limit of the interval below 1. Minutes are compared within half-hours, because
a full hall is slow everywhere; they are the units of the interval. Where fewer than two have both kinds of
minutes, all minutes are compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import stats

from analytics.domain.arrays import FloatArray
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
from analytics.findings.observed_time import MIN_COVERAGE, count_days, join_times
from analytics.rollups.period_facts import PeriodFacts

_MINUTE_S = 60.0
_HALF_HOUR_S = 1800.0


@dataclass(frozen=True, slots=True)
class BlockingQueueSettings:
    """Parameters of the rule.

    Attributes:
        min_tail: people outside the zone, mean of a minute.
        min_minutes: minutes a day with such a tail.
        max_speed_ratio: the walkers' speed beside it must be below this share of that without a tail.
        min_walking_s: minimum walking seconds with and without a tail for a half-hour to
            count.
        near_m: maximum distance from the tail to the blocked aisle.
    """

    min_tail: float = 3.0
    min_minutes: float = 10.0
    max_speed_ratio: float = 0.9
    min_walking_s: float = 30.0
    near_m: float = 1.0


def find_blocking_queues(facts: PeriodFacts, settings: BlockingQueueSettings | None = None) -> Outcome:
    """Find queues that block an aisle."""
    settings = settings or BlockingQueueSettings()
    queues = [zone for zone in facts.zones if zone.kind is ZoneKind.QUEUE]
    if not queues:
        return Outcome(FindingKind.BLOCKING_QUEUE, skipped=(("", SkipReason.NO_ZONES),))
    seen = [zone for zone in queues if facts.measure_coverage(zone) >= MIN_COVERAGE]
    skipped = tuple((str(zone.name), SkipReason.NOT_OBSERVED) for zone in queues if zone not in seen)
    tails = facts.tables["queue_tails"]
    findings = [
        finding
        for zone in seen
        if (finding := _judge(facts, zone, tails[tails["zone"] == str(zone.name)], settings)) is not None
    ]
    return Outcome(FindingKind.BLOCKING_QUEUE, tuple(findings), len(seen), skipped)


def _judge(
    facts: PeriodFacts, zone: Zone, rows: pd.DataFrame, settings: BlockingQueueSettings
) -> LayoutFinding | None:
    days = count_days(facts)
    with_tail = rows[rows["tail"] >= settings.min_tail]
    if len(with_tail) < settings.min_minutes * days:
        return None
    effect = measure_slowing(rows, settings)
    if effect is None or effect.value > settings.max_speed_ratio:
        return None
    if effect.interval is None or effect.interval[1] >= 1.0:
        return None
    weight = with_tail["tail"].sum()
    x_m, y_m = (float(with_tail[name].sum() / weight) for name in ("tail_x_m", "tail_y_m"))
    blocked = _find_blocked(facts, (x_m, y_m), settings.near_m)
    speed = float(with_tail["way_m"].sum() / max(with_tail["walking_s"].sum(), 1e-9))
    # the same distance takes less time without the tail
    lost_min = float(with_tail["walking_s"].sum()) * (1.0 - effect.value) / 60.0 / days
    without = rows[rows["tail"] < 1.0]
    return LayoutFinding(
        kind=FindingKind.BLOCKING_QUEUE,
        place=str(zone.name),
        zone=str(zone.name),
        point_m=(x_m, y_m),
        period_s=facts.period_s,
        effect=effect,
        impact=Impact(lost_min, ImpactUnit.PERSON_MINUTES, lost_min),
        evidence={
            "minutes_per_day": len(with_tail) / days,
            "tail": float(with_tail["tail"].mean()),
            "longest_tail": float(with_tail["tail"].max()),
            "speed_m_s": speed,
            "free_speed_m_s": float(without["way_m"].sum() / max(without["walking_s"].sum(), 1e-9)),
            "walkers_per_day": float(with_tail["walkers"].sum()) / days,
        },
        others=blocked,
        hours_s=join_times(
            with_tail["minute_s"].to_numpy(np.float64), length_s=_MINUTE_S, max_pause_s=10 * _MINUTE_S
        ),
    )


def measure_slowing(rows: pd.DataFrame, settings: BlockingQueueSettings) -> Effect | None:
    """Return the speed of walkers with a tail over that without, within half-hours; None if unknown."""
    is_with = (rows["tail"] >= settings.min_tail).to_numpy(bool)
    is_without = (rows["tail"] < 1.0).to_numpy(bool)
    half_hour = np.floor(rows["minute_s"].to_numpy(np.float64) / _HALF_HOUR_S).astype(np.int64)
    number, half_hours = pd.factorize(half_hour)
    walking_s, way_m = (rows[name].to_numpy(np.float64) for name in ("walking_s", "way_m"))

    def add_up(chosen: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
        seconds, way = (
            np.bincount(number[chosen], weights=values[chosen], minlength=len(half_hours)).astype(np.float64)
            for values in (walking_s, way_m)
        )
        return seconds, way

    (s_with, w_with), (s_without, w_without) = add_up(is_with), add_up(is_without)
    both = (s_with >= settings.min_walking_s) & (s_without >= settings.min_walking_s)
    if both.sum() >= 2:
        logs = np.log(w_with[both] / s_with[both]) - np.log(w_without[both] / s_without[both])
        weights = 1.0 / (1.0 / s_with[both] + 1.0 / s_without[both])
        mean = float(np.average(logs, weights=weights))
        count = len(logs)
        residual = weights * (logs - mean)
        error = math.sqrt(count / (count - 1) * float(residual @ residual)) / float(weights.sum())
        reach = float(stats.t.ppf(0.975, count - 1)) * error
        return Effect(math.exp(mean), (math.exp(mean - reach), math.exp(mean + reach)))
    return _compare_minutes(walking_s, way_m, is_with, is_without)


def _compare_minutes(
    walking_s: FloatArray,
    way_m: FloatArray,
    is_with: npt.NDArray[np.bool_],
    is_without: npt.NDArray[np.bool_],
) -> Effect | None:
    """Compare minutes instead, where the tail is always there at some hours and never at others."""
    means, errors = [], []
    for chosen in (is_with & (walking_s > 0), is_without & (walking_s > 0)):
        count = int(chosen.sum())
        if count < _MIN_MINUTES:
            return None
        ratio = float(way_m[chosen].sum() / walking_s[chosen].sum())
        residual = way_m[chosen] - ratio * walking_s[chosen]
        error = math.sqrt(count / (count - 1) * float(residual @ residual)) / float(walking_s[chosen].sum())
        means.append(ratio)
        errors.append(error / ratio)
    value = means[0] / means[1]
    reach = float(stats.norm.ppf(0.975)) * math.hypot(*errors)
    return Effect(value, (value * math.exp(-reach), value * math.exp(reach)))


_MIN_MINUTES = 30
"""Minimum number of minutes; they are correlated, so the interval of fewer would be too narrow."""


def _find_blocked(facts: PeriodFacts, at_m: tuple[float, float], near_m: float) -> tuple[str, ...]:
    """Return the aisles at a place, the nearest first."""
    here = shapely.Point(at_m)
    aisles = [
        (zone.outline.to_shape().distance(here), str(zone.name))
        for zone in facts.zones
        if zone.kind is ZoneKind.AISLE
    ]
    return tuple(name for distance, name in sorted(aisles) if distance <= near_m)
