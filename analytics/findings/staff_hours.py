"""Hours with too few staff: more visitors per member of staff than can be served.

Staff are those entered (``StaffShift``); without any, there is no finding. An hour of a zone
is assessed where it was observed and staffed for at least half. It has too few staff where the mean number of
visitors present for each of the staff is above ``max_visitors``, or the engaged visits (of at least 5 s of
stop) that begin in it, for each staff-hour, by their lower limit above ``max_engaged``. Both are settings
of the stand, not laws: the defaults are a talk with three at once, and a talk of five minutes
with each. Staff not left out of the tracks count as visitors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.staff_shift import StaffShift
from analytics.domain.zone import Zone
from analytics.dwell.engagement_tier import Tier
from analytics.findings.finding import (
    Effect,
    FindingKind,
    Impact,
    ImpactUnit,
    LayoutFinding,
    Outcome,
    SkipReason,
)
from analytics.findings.observed_time import HOUR_S, MIN_COVERAGE, count_days, cut_hours, join_times
from analytics.metrics.observation import clip_intervals, integrate_overlap
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.zone_blocks import BlockSums

_ONE_SIDED = 1.645
"""Standard errors to the lower limit of a one-sided 95 % interval."""
_IN_GROUPS = 2.0
"""Variance over mean of hourly visits: visitors come in groups of about two."""


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """Parameters of the rule.

    Attributes:
        max_visitors: visitors present per member of staff, mean of an hour.
        max_engaged: engaged visits per staff-hour.
        min_hours: hours a day with too few staff.
    """

    max_visitors: float = 3.0
    max_engaged: float = 12.0
    min_hours: float = 1.0


def find_short_staff(
    facts: PeriodFacts, shifts: Sequence[StaffShift], settings: StaffSettings | None = None
) -> Outcome:
    """Find hours with too few staff."""
    settings = settings or StaffSettings()
    kind = FindingKind.FEW_STAFF
    known = {str(zone.name): zone for zone in facts.zones}
    staffed = sorted({shift.zone for shift in shifts if shift.zone in known})
    if not staffed:
        return Outcome(kind, skipped=(("", SkipReason.NOT_ENTERED),))
    seen = [name for name in staffed if facts.measure_coverage(known[name]) >= MIN_COVERAGE]
    skipped = tuple((name, SkipReason.NOT_OBSERVED) for name in staffed if name not in seen)
    findings = [
        finding
        for name in seen
        if (finding := _judge(facts, known[name], [s for s in shifts if s.zone == name], settings))
        is not None
    ]
    return Outcome(kind, tuple(findings), len(seen), skipped)


def _judge(
    facts: PeriodFacts, zone: Zone, shifts: Sequence[StaffShift], settings: StaffSettings
) -> LayoutFinding | None:
    name = str(zone.name)
    edges_s = cut_hours(facts)
    if len(edges_s) < 2:
        return None
    last = len(edges_s) - 2
    minutes = facts.tables["minutes"]
    own = minutes[minutes["zone"] == name]
    hour = np.clip(np.searchsorted(edges_s, own["start_s"].to_numpy(np.float64), side="right") - 1, 0, last)
    person_s, observed_s = (
        np.bincount(hour, weights=own[column].to_numpy(np.float64), minlength=last + 1)
        for column in ("person_seconds", "observed_s")
    )
    staff_s = sum((_add_shift(shift, edges_s) for shift in shifts), np.zeros(last + 1))
    sums = BlockSums(facts.tables["zone_blocks"])
    # blocks of five minutes lie within the hours
    engaged, _ = np.histogram(
        sums.starts_s, edges_s, weights=sums.read(name, f"reached_{Tier.ENGAGED.value}")
    )
    used = (observed_s >= HOUR_S / 2) & (staff_s >= HOUR_S / 2)
    if not used.any():
        return None
    staff = np.where(used, staff_s, 1.0) / HOUR_S
    per_staff = np.where(used, person_s / np.maximum(observed_s, 1.0) / staff, 0.0)
    engaged_per_hour = np.where(used, engaged / staff * HOUR_S / np.maximum(observed_s, 1.0), 0.0)
    surely = engaged_per_hour * (1.0 - _ONE_SIDED * np.sqrt(_IN_GROUPS / np.maximum(engaged, 1)))
    short = (per_staff > settings.max_visitors) | (surely > settings.max_engaged)
    days = count_days(facts)
    if short.sum() < settings.min_hours * days:
        return None
    # visitors beyond the capacity of the staff wait for the whole time
    served = np.minimum(person_s, settings.max_visitors * staff * observed_s)
    waiting_min = float((person_s - served)[short].sum()) / 60.0 / days
    middle = zone.outline.to_shape().representative_point()
    needed = np.maximum(
        person_s / np.maximum(observed_s, 1.0) / settings.max_visitors, engaged / settings.max_engaged
    )
    return LayoutFinding(
        kind=FindingKind.FEW_STAFF,
        place=name,
        zone=name,
        point_m=(float(middle.x), float(middle.y)),
        period_s=facts.period_s,
        effect=Effect(float(per_staff[short].mean())),
        impact=Impact(waiting_min, ImpactUnit.PERSON_MINUTES, waiting_min),
        evidence={
            "hours_per_day": float(short.sum()) / days,
            "visitors_per_staff": float(per_staff[short].mean()),
            "engaged_per_staff_hour": float(engaged_per_hour[short].mean()),
            "staff": float(staff[short].mean()),
            "staff_wanted": float(np.ceil(needed[short].max())),
        },
        hours_s=join_times(edges_s[:-1][short], length_s=HOUR_S),
    )


def _add_shift(shift: StaffShift, edges_s: FloatArray) -> FloatArray:
    """Return staff-seconds in each hour."""
    times = clip_intervals(
        np.array([[shift.start_s, shift.end_s]]), start_s=float(edges_s[0]), end_s=float(edges_s[-1])
    )
    return np.asarray(np.diff(integrate_overlap(times, edges_s)) * shift.people, np.float64)
