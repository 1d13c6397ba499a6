"""Computes the ways over a floor: from the tracks of a short period, and from what is kept of a long one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import numpy as np
import shapely

from analytics.density.direction_field import compute_direction_field
from analytics.density.heatmap import MAX_SAMPLE_S
from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.flows.routes import count_common_routes
from analytics.flows.ways import Ways
from analytics.metrics.coverage import FloorGrid
from analytics.metrics.presence import PresenceRows
from analytics.rollups.floor_sums import FloorSums
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.period_ways import read_ways
from analytics.rollups.stretch import Stretch
from analytics.store.sql_event_store import open_reader
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.identified_period import IdentifiedPeriod, derive, read_identified_period
from app.facts.period_facts import read_period_facts
from app.floor_plan.compute_views import MAX_TRACKED_S, Period, make_stretch
from app.floor_plan.floor_map import Arrows, FloorWays, RouteLine

ARROW_CELL_M = 1.0
MAX_ROUTES = 15
"""More lines hide one another."""
MAX_PATHS = 200
PATH_TOLERANCE_M = 0.3
"""Paths are drawn with the fewest corners that stay so close to them: who stands has no path."""
PATH_STEP_S = 0.8
MIN_PATH_M = 3.0
"""Who moves less has no way, only a place."""
PATHS_OF_LONG_S = 7200.0
_STEPS = 3.0


def compute_floor_ways(
    *, venue: Venue, period_s: Period, context: JobContext | None = None
) -> FloorWays | None:
    """Directions, common routes and a sample of paths; None where nothing was observed.

    Args:
        period_s: seconds since the epoch; that of the floor plan, whose tracks are remembered.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the context says so.
    """
    context = context or JobContext()
    if period_s[1] - period_s[0] <= MAX_TRACKED_S:
        identified = identify_floor(venue, period_s)
        context.checkpoint(1, _STEPS)
        if identified is None:
            return None
        stretch = make_stretch(venue, identified, period_s, venue.geometry_at(period_s[1]))
        return derive(
            identified, ("ways", venue.plan, stretch.geometry.zones), lambda: _show_stretch(stretch, period_s)
        )
    facts = read_period_facts(
        venue=venue, period_s=period_s, context=context, names={"floor_hours", "ways", "way_steps"}
    )
    if facts is None:
        return None
    end_s = float(facts.observed[-1, 1])
    last_s = (max(float(facts.observed[-1, 0]), end_s - PATHS_OF_LONG_S), end_s)
    identified = identify_floor(venue, last_s)
    paths: tuple[FloatArray, ...] = ()
    people = 0
    if identified is not None:
        stretch = make_stretch(venue, identified, last_s, venue.geometry_at(last_s[1]))
        paths, people = sample_paths(stretch.ordered.cut(longest_gap_s=MAX_SAMPLE_S))
    return FloorWays(
        arrows=_draw_sums(facts),
        routes=find_route_lines(read_ways(facts), facts.zones),
        paths=paths,
        paths_s=last_s,
        people=people,
    )


def find_route_lines(ways: Ways, zones: Sequence[Zone]) -> tuple[RouteLine, ...]:
    """The steps between zones that at least five visitors took, the most frequent first."""
    middles = {
        str(zone.name): (point.x, point.y)
        for zone in zones
        for point in (zone.outline.to_shape().representative_point(),)
    }
    routes = count_common_routes(ways, longest=2)
    lines = []
    for (start, end), visitors, share in zip(
        routes["route"], routes["visitors"], routes["share"], strict=True
    ):
        if start in middles and end in middles and start != end:
            lines.append(
                RouteLine(
                    start, end, middles[start], middles[end], visitors=int(visitors), share=float(share)
                )
            )
    return tuple(lines[:MAX_ROUTES])


def sample_paths(rows: PresenceRows, *, most: int = MAX_PATHS) -> tuple[tuple[FloatArray, ...], int]:
    """Walked paths of a sample of the people, evenly over all, and how many people there are.

    Args:
        rows: cut where people are unseen; a path ends there.
    """
    people = len(rows.person_ids)
    chosen = np.unique(np.linspace(0, people - 1, min(most, people)).round().astype(np.int64))
    is_chosen = np.zeros(people, bool)
    is_chosen[chosen] = True
    step = max(1, round(PATH_STEP_S / rows.sample_interval_s())) if rows.sample_interval_s() > 0 else 1
    paths = []
    for start, end in zip(rows.segment_starts(), rows.segment_ends(), strict=True):
        if not is_chosen[rows.person[start]]:
            continue
        at = np.append(np.arange(start, end, step), end)
        path = np.column_stack([rows.x_m[at], rows.y_m[at]])
        if np.ptp(path, axis=0).max() >= MIN_PATH_M:
            paths.append(shapely.linestrings(path))
    drawn = shapely.simplify(np.array(paths, object), PATH_TOLERANCE_M)
    return tuple(np.asarray(shapely.get_coordinates(path)) for path in drawn), people


def identify_floor(venue: Venue, period_s: Period) -> IdentifiedPeriod | None:
    """Who was where in a period, as the floor plan remembers it; None where nothing was observed.

    Raises:
        StoreError: the history cannot be read.
    """
    with closing(open_reader(venue.folder)) as reader:
        reader.check_tracks(*period_s)
        spans = reader.read_spans(*period_s)
        spans = spans[spans["end_s"] > spans["start_s"]]
        if spans.empty:
            return None
        return read_identified_period(
            venue=venue,
            reader=reader,
            spans=spans,
            period_s=period_s,
            zones=venue.geometry_at(period_s[1]).zones,
            read_tracks=lambda: reader.read_tracks(*period_s),
        )


def _show_stretch(stretch: Stretch, period_s: Period) -> FloorWays:
    rows = stretch.ordered.cut(longest_gap_s=MAX_SAMPLE_S)
    field = compute_direction_field(
        rows=rows, grid=FloorGrid.around(stretch.plan.outline, cell_m=ARROW_CELL_M), views=stretch.views
    )
    paths, people = sample_paths(rows)
    return FloorWays(
        arrows=_draw_arrows(field.grid, field.vx_m_s, field.vy_m_s, field.concentration),
        routes=find_route_lines(Ways.of(stretch.journeys), stretch.geometry.zones),
        paths=paths,
        paths_s=period_s,
        people=people,
    )


def _draw_sums(facts: PeriodFacts) -> Arrows:
    """One arrow for every other cell of half a metre each way: the sums are smoothed over a cell already."""
    vx, vy, agreement = FloorSums.of(facts.tables["floor_hours"], facts.grid).mean_velocity_m_s()
    is_thinned = np.zeros(facts.grid.shape, bool)
    step = max(1, round(ARROW_CELL_M / facts.grid.cell_m))
    is_thinned[step // 2 :: step, step // 2 :: step] = True
    return _draw_arrows(facts.grid, np.where(is_thinned, vx, np.nan), vy, agreement)


def _draw_arrows(grid: FloorGrid, vx: FloatArray, vy: FloatArray, agreement: FloatArray) -> Arrows:
    told = np.flatnonzero(np.isfinite(vx.ravel()))
    centres = grid.centres()[told]
    return Arrows(
        x_m=centres[:, 0],
        y_m=centres[:, 1],
        vx_m_s=vx.ravel()[told],
        vy_m_s=vy.ravel()[told],
        agreement=agreement.ravel()[told],
    )
