"""Bottlenecks: crowded floor on which people walk more slowly than they do there otherwise.

From the table ``crowding``: a place is crowded in a minute whose mean density on 4 m² of open floor is above
the limit of level D of Fruin's walkway (0.93 m² a person, 1.08 persons per m²); neighbouring places are one.
It is a bottleneck where that lasts for ``min_share`` of the time, the mean speed of the people there in these
minutes is below ``max_speed_ratio`` of that in minutes at level A or B, with the upper limit of its interval
below 1, and the people change: a group that stands together for a talk moves slowly, but is no bottleneck.
Places where people stand even in free minutes, such as beside a full stand, are none either. Zones meant for
standing have no crowding, and people waiting outside a queue's zone belong to that queue's finding.

The cost is the time that is lost: person-seconds in the crowded minutes times (1 - v / v_free).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy import ndimage, stats

from analytics.domain.arrays import FloatArray, IntArray, Interval
from analytics.domain.zone import ZoneKind
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
from analytics.metrics.coverage import FloorGrid
from analytics.metrics.speed import STANDING_M_S
from analytics.rollups.crowding import SLOT_S, find_block_middles, make_crowding_grid
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.queue_tails import MIN_TAIL


@dataclass(frozen=True, slots=True)
class BottleneckSettings:
    """Parameters of the rule.

    Attributes:
        min_share: minimum share of the observed time, five minutes in eight hours; half a day has
            half the jams. A passage that jams for a minute after each of a day's talks is above it.
        min_slots: minimum number of crowded five-minute slots.
        max_speed_ratio: maximum speed as a share of the free one.
        max_stay_s: maximum mean time of a visitor there within a crowded minute; people who stay
            for all of it are standing.
        queueing_stay_s: minimum stay to count as queueing.
        near_m: maximum distance to the zone that names the place, and to a queue's tail that explains
            the slowing, as lost tracks may hide some of the waiting people.
    """

    min_share: float = 0.01
    min_slots: int = 3
    max_speed_ratio: float = 0.75
    max_stay_s: float = 40.0
    queueing_stay_s: float = 20.0
    near_m: float = 2.0


def find_bottlenecks(facts: PeriodFacts, settings: BottleneckSettings | None = None) -> Outcome:
    """Find bottlenecks."""
    settings = settings or BottleneckSettings()
    table = facts.tables["crowding"]
    min_minutes = settings.min_share * facts.observed_s / 60.0
    if facts.observed_s < (settings.min_slots - 1) * SLOT_S:
        return Outcome(FindingKind.BOTTLENECK, skipped=(("", SkipReason.TOO_SHORT),))
    grid = make_crowding_grid(facts.plan)
    days = count_days(facts)
    findings = [
        finding
        for blocks in _group_blocks(table, grid, min_minutes)
        if (finding := _judge(facts, table[table["block"].isin(blocks)], grid, days, settings)) is not None
    ]
    return Outcome(FindingKind.BOTTLENECK, tuple(findings), assessed=1, skipped=_list_unseen(facts))


def _list_unseen(facts: PeriodFacts) -> tuple[tuple[str, SkipReason], ...]:
    """Return aisles with too little observation to judge."""
    ways = (zone for zone in facts.zones if zone.kind in (ZoneKind.AISLE, ZoneKind.OTHER))
    return tuple(
        (str(way.name), SkipReason.NOT_OBSERVED) for way in ways if facts.measure_coverage(way) < MIN_COVERAGE
    )


def _group_blocks(table: pd.DataFrame, grid: FloorGrid, min_minutes: float) -> list[IntArray]:
    """Group adjacent blocks that were crowded for long enough."""
    minutes = np.bincount(
        table["block"].to_numpy(np.int64),
        weights=table["minutes"].to_numpy(np.float64),
        minlength=grid.rows * grid.columns,
    )
    labels, count = ndimage.label((minutes >= min_minutes).reshape(grid.shape), structure=np.ones((3, 3)))
    return [np.flatnonzero(labels.ravel() == label) for label in range(1, count + 1)]


def _judge(
    facts: PeriodFacts, rows: pd.DataFrame, grid: FloorGrid, days: int, settings: BottleneckSettings
) -> LayoutFinding | None:
    crowded = rows[rows["minutes"] > 0]
    slots = np.unique(crowded["slot_s"].to_numpy(np.float64))
    person_seconds = float(crowded["person_seconds"].sum())
    stay_s = person_seconds / max(float(crowded["visitors"].sum()), 1.0)
    slowing = measure_slowing(rows)
    if len(slots) < settings.min_slots or stay_s > settings.max_stay_s or slowing is None:
        return None
    effect, speed_m_s, free_m_s = slowing
    if free_m_s < STANDING_M_S or effect.value > settings.max_speed_ratio:
        return None
    if effect.interval is not None and effect.interval[1] >= 1.0:
        return None
    of_block = crowded.groupby("block")["minutes"].sum()
    worst = int(of_block.index[int(of_block.to_numpy().argmax())])
    x_m, y_m = (float(value) for value in find_block_middles(grid, np.array([worst]))[0])
    here = shapely.Point(x_m, y_m)
    near = sorted(
        (zone for zone in facts.zones if zone.outline.to_shape().distance(here) <= settings.near_m),
        key=lambda zone: (zone.outline.to_shape().distance(here), zone.outline.to_shape().area),
    )
    if stay_s > settings.queueing_stay_s and _is_queue_to_blame(facts, here, slots, settings.near_m):
        return None
    named = next((zone for zone in near if zone.kind in (ZoneKind.AISLE, ZoneKind.OTHER)), None)
    own = crowded[crowded["block"] == worst]
    # every cell is in four blocks
    lost_min = person_seconds / 4.0 * (1.0 - effect.value) / 60.0 / days
    return LayoutFinding(
        kind=FindingKind.BOTTLENECK,
        place=f"{x_m:.0f}, {y_m:.0f}" if named is None else str(named.name),
        zone=None if named is None else str(named.name),
        point_m=(x_m, y_m),
        period_s=facts.period_s,
        effect=effect,
        impact=Impact(lost_min, ImpactUnit.PERSON_MINUTES, lost_min),
        evidence={
            "minutes_per_day": float(of_block.max()) / days,
            "density_per_m2": _find_density(own),
            "speed_m_s": speed_m_s,
            "free_speed_m_s": free_m_s,
            "stay_s": stay_s,
        },
        others=tuple(str(zone.name) for zone in near if zone is not named),
        hours_s=_join_slots(slots),
    )


def measure_slowing(rows: pd.DataFrame) -> tuple[Effect, float, float] | None:
    """Return speed in crowded over free minutes, and both in m/s; None where either is unknown.

    The interval is that of the logarithm of the ratio of two ratios over slots of five minutes (Cochran 1977,
    6.3), with Student's t.
    """
    of_slot = rows.groupby("slot_s")[["person_seconds", "way_m", "free_person_seconds", "free_way_m"]].sum()
    crowded = _divide(of_slot["way_m"].to_numpy(np.float64), of_slot["person_seconds"].to_numpy(np.float64))
    free = _divide(
        of_slot["free_way_m"].to_numpy(np.float64), of_slot["free_person_seconds"].to_numpy(np.float64)
    )
    if crowded is None or free is None or free[0] <= 0:
        return None
    ratio = crowded[0] / free[0]
    if ratio <= 0:
        return Effect(0.0), crowded[0], free[0]
    error = math.hypot(crowded[1], free[1])
    reach = float(stats.t.ppf(0.975, max(1, min(crowded[2], free[2])))) * error
    interval: Interval = (ratio * math.exp(-reach), ratio * math.exp(reach))
    return Effect(ratio, interval), crowded[0], free[0]


def _divide(above: FloatArray, below: FloatArray) -> tuple[float, float, int] | None:
    """Return a ratio of sums over slots, the standard error of its logarithm, and its freedom."""
    used = below > 0
    slots = int(used.sum())
    if slots < 2:
        return None
    above, below = above[used], below[used]
    ratio = float(above.sum() / below.sum())
    residual = above - ratio * below
    error = math.sqrt(slots / (slots - 1) * float(residual @ residual)) / float(below.sum())
    return ratio, error / max(ratio, 1e-9), slots - 1


def _find_density(own: pd.DataFrame) -> float:
    """Return mean persons per m² in the crowded minutes of a block of 4 m²."""
    return float(own["person_seconds"].sum() / (own["minutes"].sum() * 60.0) / 4.0)


def _is_queue_to_blame(facts: PeriodFacts, here: shapely.Point, slots: FloatArray, near_m: float) -> bool:
    """Return whether the middle of a queue's tail is there while it is crowded."""
    tails = facts.tables["queue_tails"]
    slot = np.floor((tails["minute_s"].to_numpy(np.float64) - slots[0]) / SLOT_S) * SLOT_S + slots[0]
    tails = tails[(tails["tail"] >= MIN_TAIL) & np.isin(np.round(slot), np.round(slots))]
    for _, own in tails.groupby("zone", sort=False):
        x_m, y_m = (own[name].sum() / own["tail"].sum() for name in ("tail_x_m", "tail_y_m"))
        if math.hypot(x_m - here.x, y_m - here.y) <= near_m:
            return True
    return False


def _join_slots(slots: FloatArray) -> tuple[Interval, ...]:
    return join_times(slots, length_s=SLOT_S, max_pause_s=2 * SLOT_S)
