"""Two periods of one floor, as a plan shows them: side by side, or where people spend their time now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.exhibition import find_time_zone
from analytics.domain.floor_plan import FloorGeometry
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.expired_tracks import has_lost_tracks
from app.floor_plan.compute_views import MAX_TRACKED_S, HeatmapView, compute_heatmap_view
from app.floor_plan.floor_map import FloorLayer, FloorMap, trace_cells

if TYPE_CHECKING:
    from analytics.comparison.floor_difference import FloorBlocks, FloorDifference, FloorRatio
    from analytics.metrics.coverage import FloorGrid

Period = tuple[float, float]

_STEPS = 4.0
DIFFERING = frozenset(
    {FloorLayer.PRESENCE, FloorLayer.VISITORS, FloorLayer.STOP_TIME, FloorLayer.STOP_SHARE, FloorLayer.SPEED}
)
"""Layers of which a difference is told; how crowded a place was is kept by days alone."""
CHANGE_SHARE = 0.995
"""The scale of a change ends at this quantile of the sizes of changes."""


class ComparedWith(StrEnum):
    """What a period is held against."""

    NOTHING = "nothing"
    DAY_BEFORE = "day-before"
    WEEK_BEFORE = "week-before"
    OWN = "own"
    """A period of the same length from a moment that somebody chooses."""


@dataclass(frozen=True, slots=True, eq=False)
class FloorChange:
    """Where people spend more or less of their time than in the other period, or another layer's change.

    Attributes:
        values: this period minus the other; not a number where it was not compared; shape (rows, columns). Of
            presence and visitors, seconds and visitors per m² of each hour that somebody spends on the floor;
            of stops, seconds of their mean and a share; of speed, m/s of its mean.
        shown: the same, not a number also where the change does not stand out from chance; all of it where
            there are too few blocks to tell.
        rect: left, bottom, width, height, metres.
        unobserved: closed rings, shape (n, 2) in metres, round the floor that was not compared, even-odd.
        top: where the scale ends, on either side of 0.
        unit: "day", "hour" or "quarter": what was taken for independent; None where there was too little.
        blocks: how many in the other and in this period.
        people: mean number of people on the compared floor in the other and in this period.
    """

    grid: FloorGrid
    values: FloatArray
    shown: FloatArray
    is_real: BoolArray
    rect: tuple[float, float, float, float]
    unobserved: tuple[FloatArray, ...]
    top: float
    unit: str | None
    blocks: tuple[int, int]
    people: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class FloorComparison:
    """What is shown of two periods.

    Attributes:
        other: the layer in the other period; None where it is not known.
        other_s: from its first to its last observed moment; the wanted period where nothing was observed.
        geometry: the zones and lines that held at the end of the other period.
        change: None for layers that are not ``DIFFERING``, and where no floor was observed in both.
    """

    layer: FloorLayer
    other: FloorMap | None
    other_s: Period
    geometry: FloorGeometry
    change: FloorChange | None


def find_other_period(
    compared_with: ComparedWith, period_s: Period, *, time_zone: str, own_start_s: float | None = None
) -> Period | None:
    """The period that another one is compared with, seconds since the epoch; None for nothing.

    A day is a day of the venue's clock, also where the clocks change between.

    Args:
        own_start_s: where a chosen period begins.
    """
    if compared_with is ComparedWith.NOTHING:
        return None
    start_s, end_s = period_s
    if compared_with is ComparedWith.OWN:
        return None if own_start_s is None else (own_start_s, own_start_s + end_s - start_s)
    days = 1 if compared_with is ComparedWith.DAY_BEFORE else 7
    # before a period of many days lie as many
    whole = max(days, int(np.ceil((end_s - start_s) / 86_400.0 / days - 1e-6)) * days)
    zone = find_time_zone(time_zone)

    def go_back(at_s: float) -> float:
        local = datetime.fromtimestamp(at_s, zone).replace(tzinfo=None) - timedelta(days=whole)
        return local.replace(tzinfo=zone).timestamp()

    return go_back(start_s), go_back(end_s)


def compare_floor_periods(
    *,
    venue: Venue,
    period_s: Period,
    other_s: Period,
    layer: FloorLayer,
    now_utc_s: float,
    context: JobContext | None = None,
) -> FloorComparison:
    """Compute another period's layer and what changed since.

    Args:
        period_s, other_s: seconds since the epoch; the first is that of the floor plan.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the context says so.
    """
    context = context or JobContext()
    context.checkpoint(0, _STEPS)
    view = compute_heatmap_view(
        venue=venue, period_s=other_s, now_utc_s=now_utc_s, with_zones=False, layer=layer
    )
    context.checkpoint(2, _STEPS)
    change = None
    if layer in DIFFERING and view.heatmap is not None:
        change = _compute_change(venue, period_s, view, context)
    context.checkpoint(_STEPS, _STEPS)
    return FloorComparison(layer, view.floor, view.period_s, view.geometry, change)


def _compute_change(
    venue: Venue, period_s: Period, other: HeatmapView, context: JobContext
) -> FloorChange | None:
    from analytics.comparison.floor_difference import compare_floor
    from analytics.density.heatmap import measure_floor

    assert other.asked_s is not None
    ratio = _find_ratio(other.layer)
    is_long = any(
        end_s - start_s > MAX_TRACKED_S or has_lost_tracks(venue, (start_s, end_s))
        for start_s, end_s in (period_s, other.asked_s)
    )
    make = _make_blocks_of_facts if is_long else _make_blocks_of_tracks
    before = make(venue, other.asked_s, ratio, context)
    context.checkpoint(3, _STEPS)
    after = make(venue, period_s, ratio, context)
    if before is None or after is None:
        return None
    area_m2 = measure_floor(
        after.grid,
        outline=venue.plan.outline,
        obstacles=[obstacle.outline for obstacle in venue.plan.obstacles],
    )
    difference = compare_floor(before, after, area_m2=area_m2, ratio=ratio)
    return None if difference is None else _show_change(difference, area_m2 > 0)


def _find_ratio(layer: FloorLayer) -> FloorRatio | None:
    """What of a layer is compared; None for presence."""
    from analytics.comparison.floor_difference import FloorRatio

    return {
        FloorLayer.VISITORS: FloorRatio("visitors", None),
        FloorLayer.STOP_TIME: FloorRatio("stop_seconds", "stops", counted="stops"),
        FloorLayer.STOP_SHARE: FloorRatio("stopped_visitors", "visitors"),
        FloorLayer.SPEED: FloorRatio("speed_sum_m", "walking_s"),
    }.get(layer)


def _show_change(difference: FloorDifference, is_floor: BoolArray) -> FloorChange:
    grid, change = difference.grid, difference.change
    is_told = difference.is_real if difference.unit is not None else np.isfinite(change)
    sizes = np.abs(change[np.isfinite(change) & (change != 0)])
    return FloorChange(
        grid=grid,
        values=change,
        shown=np.where(is_told, change, np.nan),
        is_real=difference.is_real,
        rect=(grid.x_m, grid.y_m, grid.columns * grid.cell_m, grid.rows * grid.cell_m),
        unobserved=trace_cells(is_floor & np.isnan(change), grid),
        top=float(np.quantile(sizes, CHANGE_SHARE)) if len(sizes) else 0.0,
        unit=None if difference.unit is None else difference.unit.value,
        blocks=difference.blocks,
        people=(difference.people_a, difference.people_b),
    )


def _find_offset(venue: Venue, at_s: float) -> float:
    offset = datetime.fromtimestamp(at_s, find_time_zone(venue.exhibition.time_zone)).utcoffset()
    return 0.0 if offset is None else offset.total_seconds()


def _make_blocks_of_tracks(
    venue: Venue, period_s: Period, ratio: FloorRatio | None, _context: JobContext
) -> FloorBlocks | None:
    from analytics.comparison.floor_difference import QUARTER_S, make_floor_blocks, tabulate_presence
    from analytics.density.heatmap import MAX_SAMPLE_S
    from analytics.rollups.floor_hours import tabulate_floor_hours
    from app.floor_plan.compute_views import make_stretch
    from app.floor_plan.floor_ways_view import identify_floor

    identified = identify_floor(venue, period_s)
    if identified is None:
        return None
    stretch = make_stretch(venue, identified, period_s, venue.geometry_at(period_s[1]))
    if ratio is None:
        rows = stretch.ordered.cut(longest_gap_s=MAX_SAMPLE_S)
        hours = tabulate_presence(rows, stretch.grid, start_s=period_s[0])
    else:
        hours = tabulate_floor_hours(stretch, step_s=QUARTER_S)
        hours["hour_s"] += period_s[0]
    spans = stretch.spans
    return make_floor_blocks(
        hours=hours,
        grid=stretch.grid,
        views=stretch.views,
        spans=spans.assign(start_s=spans["start_s"] + period_s[0], end_s=spans["end_s"] + period_s[0]),
        period_s=period_s,
        block_s=QUARTER_S,
        sums=() if ratio is None else ratio.sums,
        time_zone_offset_s=_find_offset(venue, period_s[0]),
    )


def _make_blocks_of_facts(
    venue: Venue, period_s: Period, ratio: FloorRatio | None, context: JobContext
) -> FloorBlocks | None:
    from analytics.comparison.floor_difference import make_floor_blocks
    from app.facts.period_facts import read_period_facts

    facts = read_period_facts(
        venue=venue,
        period_s=period_s,
        context=JobContext(is_cancelled=lambda: context.is_cancelled),
        names={"floor_hours"},
    )
    if facts is None:
        return None
    return make_floor_blocks(
        hours=facts.tables["floor_hours"],
        grid=facts.grid,
        views=facts.views,
        spans=facts.tables["spans"],
        period_s=period_s,
        time_zone_offset_s=_find_offset(venue, period_s[0]),
        sums=() if ratio is None else ratio.sums,
    )
