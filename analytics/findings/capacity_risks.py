"""Zones, or the hall, that approach their capacity, or will if they go on growing.

People are the means of minutes (table ``minutes``), minutes observed for less than half are left out. A
capacity is at risk where people were above ``near_share`` of it for ``min_minutes`` a day or more; or
where, with at least ``min_days`` observed days, the peaks of the days rise on a straight line whose
prediction for the next day, by the lower limit of its 80 % interval, is above that share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analytics.domain.arrays import FloatArray
from analytics.domain.zone_targets import ZoneTargets
from analytics.findings.finding import (
    Effect,
    FindingKind,
    Impact,
    ImpactUnit,
    LayoutFinding,
    Outcome,
    SkipReason,
)
from analytics.findings.observed_time import DAY_S, MIN_COVERAGE, count_days, join_times
from analytics.rollups.period_facts import PeriodFacts

_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class CapacitySettings:
    """Parameters of the rule.

    Attributes:
        near_share: share of the capacity.
        min_minutes: minutes a day above it; a single minute of a passing group is no risk.
        min_days: minimum observed days for a projection.
        projection_confidence: confidence of the interval whose lower limit must be above the share.
    """

    near_share: float = 0.9
    min_minutes: float = 5.0
    min_days: int = 4
    projection_confidence: float = 0.8


def find_capacity_risks(
    facts: PeriodFacts, targets: Sequence[ZoneTargets], settings: CapacitySettings | None = None
) -> Outcome:
    """Compare people with the capacities of zones and hall.

    Args:
        targets: those without a capacity are ignored.
    """
    settings = settings or CapacitySettings()
    kind = FindingKind.CAPACITY
    known = {str(zone.name): zone for zone in facts.zones}
    entered = [t for t in targets if t.capacity is not None and (t.is_hall or str(t.zone) in known)]
    if not entered:
        return Outcome(kind, skipped=(("", SkipReason.NOT_ENTERED),))
    findings, skipped = [], []
    for target in entered:
        name = str(target.zone)
        if not target.is_hall and facts.measure_coverage(known[name]) < MIN_COVERAGE:
            skipped.append((name, SkipReason.NOT_OBSERVED))
            continue
        finding = _judge(facts, target, settings)
        if finding is not None:
            findings.append(finding)
    return Outcome(kind, tuple(findings), len(entered) - len(skipped), tuple(skipped))


def _judge(facts: PeriodFacts, target: ZoneTargets, settings: CapacitySettings) -> LayoutFinding | None:
    assert target.capacity is not None
    name, capacity = str(target.zone), float(target.capacity)
    minutes = facts.tables["minutes"]
    own = minutes[(minutes["zone"] == name) & (minutes["observed_s"] >= _MINUTE_S / 2)]
    if own.empty:
        return None
    start_s = own["start_s"].to_numpy(np.float64)
    people = own["person_seconds"].to_numpy(np.float64) / own["observed_s"].to_numpy(np.float64)
    days = count_days(facts)
    near = people > settings.near_share * capacity
    above = people > capacity
    peak = float(people.max())
    projected = _project_peak(start_s, people, settings)
    per_day = float(near.sum()) / days
    is_projected = projected is not None and projected[1] > settings.near_share * capacity
    if per_day < settings.min_minutes and not is_projected:
        return None
    crowded = float((people[near] - settings.near_share * capacity).sum()) / days if near.any() else 0.0
    point = _find_point(facts, name)
    return LayoutFinding(
        kind=FindingKind.CAPACITY,
        place=name,
        zone=name or None,
        point_m=point,
        period_s=facts.period_s,
        effect=Effect(peak / capacity),
        impact=Impact(per_day, ImpactUnit.MINUTES, crowded),
        evidence={
            "capacity": capacity,
            "peak": peak,
            "minutes_near_per_day": per_day,
            "minutes_above_per_day": float(above.sum()) / days,
            "is_projected": float(is_projected and per_day < settings.min_minutes),
        }
        | ({} if projected is None else {"projected": projected[0]}),
        hours_s=join_times(start_s[near], length_s=_MINUTE_S, max_pause_s=10 * _MINUTE_S),
    )


def _project_peak(
    start_s: FloatArray, people: FloatArray, settings: CapacitySettings
) -> tuple[float, float] | None:
    """Project the next day's peak by a straight line, with its lower limit; None without a rise."""
    day = np.floor((start_s - start_s.min()) / DAY_S)
    peaks = pd.Series(people).groupby(day).max()
    if len(peaks) < settings.min_days:
        return None
    x, y = peaks.index.to_numpy(np.float64), peaks.to_numpy(np.float64)
    line = stats.linregress(x, y)
    if line.slope <= 0:
        return None
    following = float(x.max()) + 1.0
    residual = y - line.intercept - line.slope * x
    freedom = len(x) - 2
    spread = float(residual @ residual) / freedom
    around = 1.0 + 1.0 / len(x) + (following - x.mean()) ** 2 / float(((x - x.mean()) ** 2).sum())
    reach = float(stats.t.ppf(0.5 + settings.projection_confidence / 2, freedom)) * math.sqrt(spread * around)
    value = float(line.intercept + line.slope * following)
    return value, value - reach


def _find_point(facts: PeriodFacts, name: str) -> tuple[float, float]:
    zone = next((zone for zone in facts.zones if str(zone.name) == name), None)
    shape = (facts.plan if zone is None else zone).outline.to_shape()
    middle = shape.representative_point()
    return float(middle.x), float(middle.y)
