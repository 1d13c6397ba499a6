"""Comparison of two periods on the floor: side by side, or their difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, Interval
from analytics.domain.exhibition import find_time_zone
from analytics.domain.floor_plan import FloorGeometry
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.expired_tracks import has_lost_tracks
from app.floor_plan.floor_analysis import MAX_TRACKED_S, analyse_floor
from app.floor_plan.floor_map import FloorLayer, FloorMap, FloorResults, trace_cells

if TYPE_CHECKING:
    from analytics.comparison.floor_difference import FloorBlocks, FloorDifference, FloorRatio

_STEPS = 4.0
DIFFERING = frozenset(
    {FloorLayer.PRESENCE, FloorLayer.VISITORS, FloorLayer.STOP_TIME, FloorLayer.STOP_SHARE, FloorLayer.SPEED}
)
"""Layers with a difference; crowding is stored by day only."""
CHANGE_SHARE = 0.995
"""Quantile of the sizes of changes at which the scale ends."""


class ComparedWith(StrEnum):
    """Kind of period to compare with."""

    NOTHING = "nothing"
    DAY_BEFORE = "day-before"
    WEEK_BEFORE = "week-before"
    OWN = "own"
    """A period of the same length from a chosen moment."""


@dataclass(frozen=True, slots=True, eq=False)
class FloorChange:
    """Difference of a layer between two periods, cell by cell; B is this period.

    Attributes:
        difference: for presence and visitors, seconds and visitors per m² for each person-hour on the floor;
            for stops, seconds of their mean and a share; for speed, m/s of its mean.
        shown: its change, NaN also where that is not significant; all of it where there are too few blocks
            for a test.
        unobserved: closed rings around floor that was not compared, shape (n, 2) in metres, even-odd.
        top: end of the scale on either side of 0.
    """

    difference: FloorDifference
    shown: FloatArray
    unobserved: tuple[FloatArray, ...]
    top: float


@dataclass(frozen=True, slots=True, eq=False)
class FloorComparison:
    """Layers and difference of two periods.

    Attributes:
        other: the layer in the other period; None where unknown.
        other_s: first to last observation; the requested period where nothing was observed.
        geometry: zones and lines in force at the end of the other period.
        change: None for layers not in ``DIFFERING``, and where no floor was observed in both.
    """

    layer: FloorLayer
    other: FloorMap | None
    other_s: Interval
    geometry: FloorGeometry
    change: FloorChange | None


def find_other_period(
    compared_with: ComparedWith, period_s: Interval, *, time_zone: str, own_start_s: float | None = None
) -> Interval | None:
    """Return the period to compare with, seconds since the epoch; None for no comparison.

    Days follow the venue's clock, also across daylight-saving changes.

    Args:
        own_start_s: start of a chosen period.
    """
    if compared_with is ComparedWith.NOTHING:
        return None
    start_s, end_s = period_s
    if compared_with is ComparedWith.OWN:
        return None if own_start_s is None else (own_start_s, own_start_s + end_s - start_s)
    days = 1 if compared_with is ComparedWith.DAY_BEFORE else 7
    # a period of many days follows one of as many days
    whole = max(days, int(np.ceil((end_s - start_s) / 86_400.0 / days - 1e-6)) * days)
    zone = find_time_zone(time_zone)

    def go_back(at_s: float) -> float:
        local = datetime.fromtimestamp(at_s, zone).replace(tzinfo=None) - timedelta(days=whole)
        return local.replace(tzinfo=zone).timestamp()

    return go_back(start_s), go_back(end_s)


def compare_floor_periods(
    *,
    venue: Venue,
    period_s: Interval,
    other_s: Interval,
    layer: FloorLayer,
    now_utc_s: float,
    context: JobContext | None = None,
) -> FloorComparison:
    """Compute another period's layer and the changes since.

    Args:
        period_s, other_s: seconds since the epoch; ``period_s`` is the floor plan's period.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the job was cancelled.
    """
    context = context or JobContext()
    context.checkpoint(0, _STEPS)
    view = analyse_floor(venue=venue, period_s=other_s, now_utc_s=now_utc_s, with_zones=False, layer=layer)
    context.checkpoint(2, _STEPS)
    change = None
    if layer in DIFFERING and view.heatmap is not None:
        change = _compute_change(venue, period_s, view, context)
    context.checkpoint(_STEPS, _STEPS)
    return FloorComparison(layer, view.floor, view.period_s, view.geometry, change)


def _compute_change(
    venue: Venue, period_s: Interval, other: FloorResults, context: JobContext
) -> FloorChange | None:
    from analytics.comparison.floor_difference import compare_floor
    from analytics.density.heatmap import measure_floor

    assert other.requested_s is not None
    ratio = _find_ratio(other.layer)
    is_long = any(
        end_s - start_s > MAX_TRACKED_S or has_lost_tracks(venue, (start_s, end_s))
        for start_s, end_s in (period_s, other.requested_s)
    )
    make = _make_blocks_of_facts if is_long else _make_blocks_of_tracks
    before = make(venue, other.requested_s, ratio, context)
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
    """Return the ratio to compare for a layer; None for presence."""
    from analytics.comparison.floor_difference import FloorRatio

    return {
        FloorLayer.VISITORS: FloorRatio("visitors", None),
        FloorLayer.STOP_TIME: FloorRatio("stop_seconds", "stops", counted="stops"),
        FloorLayer.STOP_SHARE: FloorRatio("stopped_visitors", "visitors"),
        FloorLayer.SPEED: FloorRatio("speed_sum_m", "walking_s"),
    }.get(layer)


def _show_change(difference: FloorDifference, is_floor: BoolArray) -> FloorChange:
    change = difference.change
    is_significant = difference.is_real if difference.unit is not None else np.isfinite(change)
    sizes = np.abs(change[np.isfinite(change) & (change != 0)])
    return FloorChange(
        difference=difference,
        shown=np.where(is_significant, change, np.nan),
        unobserved=trace_cells(is_floor & np.isnan(change), difference.grid),
        top=float(np.quantile(sizes, CHANGE_SHARE)) if len(sizes) else 0.0,
    )


def _find_offset(venue: Venue, at_s: float) -> float:
    offset = datetime.fromtimestamp(at_s, find_time_zone(venue.exhibition.time_zone)).utcoffset()
    return 0.0 if offset is None else offset.total_seconds()


def _make_blocks_of_tracks(
    venue: Venue, period_s: Interval, ratio: FloorRatio | None, _context: JobContext
) -> FloorBlocks | None:
    from analytics.comparison.floor_difference import QUARTER_S, make_floor_blocks, tabulate_presence
    from analytics.density.heatmap import MAX_SAMPLE_S
    from analytics.rollups.floor_hours import tabulate_floor_hours
    from app.floor_plan.floor_analysis import make_stretch
    from app.floor_plan.floor_movement import identify_floor

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
    venue: Venue, period_s: Interval, ratio: FloorRatio | None, context: JobContext
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
