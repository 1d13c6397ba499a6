"""Stands far above or below what their place lets expect, and cold zones.

The visitors who stop at a stand over those that its place lets expect, with the interval, are those of every
page (`analytics.places.place_value`). Stands differ; a finding is an exception among them, and its whole
interval lies beyond ``min_ratio``. It is a cold zone, not a worse stand, where it lies below ``cold_ratio``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.zone import Zone
from analytics.findings.finding import (
    Effect,
    FindingKind,
    Impact,
    ImpactUnit,
    LayoutFinding,
    Outcome,
    SkipReason,
)
from analytics.findings.observed_time import MIN_COVERAGE, count_days, measure_observed_s
from analytics.places.place_value import VALUED_KINDS, PlaceValue, PlaceValues
from analytics.rollups.period_facts import PeriodFacts

_MEDIAN_DEVIATION = 0.6745
"""Median distance from the mean of a normal distribution, in standard deviations."""


@dataclass(frozen=True, slots=True)
class AttractionSettings:
    """Parameters of the rule.

    Attributes:
        min_expected: minimum expected stops for an assessment.
        min_ratio: excess, or shortfall, beyond which the interval must lie.
        min_deviations: minimum distance of an exception from the average, in standard deviations of the
            hall's stands (robust: the median distance is 0.67 of them).
        cold_ratio: ratio below which the interval of a cold zone lies.
    """

    min_expected: float = 10.0
    min_ratio: float = 1.5
    min_deviations: float = 2.0
    cold_ratio: float = 0.25


@dataclass(frozen=True, slots=True)
class _Stand:
    """A stand against its place, with the visitors who came near, who stopped, and who are expected to."""

    zone: Zone
    ratio: float
    interval: tuple[float, float]
    exposed: float
    stopped: float
    expected: float

    @property
    def attraction(self) -> float:
        return self.stopped / max(self.exposed, 1.0)


def judge_stands(
    facts: PeriodFacts, places: PlaceValues, settings: AttractionSettings | None = None
) -> tuple[Outcome, Outcome]:
    """Find cold zones, and stands better or worse than their place.

    Args:
        places: values of the stands' places in the period.
    """
    settings = settings or AttractionSettings()
    if places.refusal is not None:
        return (
            Outcome(FindingKind.COLD_ZONE, refusal=places.refusal),
            Outcome(FindingKind.BETTER_STAND, refusal=places.refusal),
        )
    skipped: list[tuple[str, SkipReason]] = []
    stands = []
    for zone in facts.zones:
        name = str(zone.name)
        if zone.kind not in VALUED_KINDS:
            continue
        if facts.measure_coverage(zone) < MIN_COVERAGE:
            skipped.append((name, SkipReason.NOT_OBSERVED))
        elif name in places.values:
            stand = _read_stand(facts, zone, places.values[name])
            if stand is None or max(stand.stopped, stand.expected) < settings.min_expected:
                skipped.append((name, SkipReason.TOO_FEW_VISITORS))
            else:
                stands.append(stand)
    logs = np.abs(np.log([stand.ratio for stand in stands] or [1.0]))
    least = settings.min_deviations * float(np.median(logs)) / _MEDIAN_DEVIATION
    found = []
    for stand in stands:
        kind = _classify(stand, settings)
        if kind is not None and abs(math.log(stand.ratio)) >= least:
            found.append(_make_finding(facts, stand, stands, kind))
    cold = tuple(one for one in found if one.kind is FindingKind.COLD_ZONE)
    other = tuple(one for one in found if one.kind is not FindingKind.COLD_ZONE)
    return (
        Outcome(FindingKind.COLD_ZONE, cold, len(stands), tuple(skipped)),
        Outcome(FindingKind.BETTER_STAND, other, len(stands), tuple(skipped)),
    )


def _read_stand(facts: PeriodFacts, zone: Zone, value: PlaceValue) -> _Stand | None:
    ratio, interval, visits = value.ratio.value, value.ratio.interval, value.visits.value
    if ratio is None or interval is None or visits is None:
        return None
    exposed, stopped = (
        float(facts.block_sums.read(str(zone.name), column).sum())
        for column in ("exposed", "exposed_stopped")
    )
    return _Stand(zone, ratio, interval, exposed, stopped, stopped / ratio or visits)


def _classify(stand: _Stand, settings: AttractionSettings) -> FindingKind | None:
    low, high = stand.interval
    if low > settings.min_ratio:
        return FindingKind.BETTER_STAND
    if high < settings.cold_ratio:
        return FindingKind.COLD_ZONE
    return FindingKind.WORSE_STAND if high < 1.0 / settings.min_ratio else None


def _make_finding(
    facts: PeriodFacts, stand: _Stand, stands: Sequence[_Stand], kind: FindingKind
) -> LayoutFinding:
    name = str(stand.zone.name)
    middle = stand.zone.outline.to_shape().representative_point()
    observed_s = measure_observed_s(facts, facts.zone_since_s[name])
    days = count_days(facts) * observed_s / max(facts.observed_s, 1.0)
    visitors = abs(stand.stopped - stand.expected) / max(days, 1e-6)
    return LayoutFinding(
        kind=kind,
        place=name,
        zone=name,
        point_m=(float(middle.x), float(middle.y)),
        period_s=facts.period_s,
        effect=Effect(stand.ratio, stand.interval),
        impact=Impact(visitors, ImpactUnit.VISITORS, visitors * _measure_mean_stop_s(facts) / 60.0),
        evidence={
            "stopped": stand.stopped,
            "expected": stand.expected,
            "exposed": stand.exposed,
            "attraction": stand.attraction,
            "median_attraction": float(np.median([one.attraction for one in stands])),
            "stands": float(len(stands)),
        },
    )


def _measure_mean_stop_s(facts: PeriodFacts) -> float:
    """Return the mean seconds of stop in a visit with a stop; 0 without any."""
    uses = facts.tables["zone_uses"]
    stops = float(uses["stop_visits"].sum())
    return float(uses["stop_s"].sum()) / stops if stops else 0.0
