"""Movement over a floor, from tracks of a short period or stored sums of a long one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import numpy as np
import shapely

from analytics.density.direction_field import compute_direction_field
from analytics.density.heatmap import MAX_SAMPLE_S
from analytics.domain.arrays import FloatArray, Interval
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
from app.floor_plan.floor_analysis import MAX_TRACKED_S, make_stretch
from app.floor_plan.floor_map import Arrows, FloorMovement, RouteLine

ARROW_CELL_M = 1.0
MAX_ROUTES = 15
"""Maximum number of routes drawn; more would hide one another."""
MAX_PATHS = 200
PATH_TOLERANCE_M = 0.3
"""Tolerance for simplifying drawn paths."""
PATH_STEP_S = 0.8
MIN_PATH_M = 3.0
"""Minimum extent of a path; standing people have none."""
PATHS_OF_LONG_S = 7200.0
_STEPS = 3.0


def compute_floor_movement(
    *, venue: Venue, period_s: Interval, context: JobContext | None = None
) -> FloorMovement | None:
    """Compute directions, common routes and sampled paths; None where nothing was observed.

    Args:
        period_s: the floor plan's period, seconds since the epoch, whose tracks are cached.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the job was cancelled.
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
    return FloorMovement(
        arrows=_draw_sums(facts),
        routes=find_route_lines(read_ways(facts), facts.zones),
        paths=paths,
        paths_s=last_s,
        people=people,
    )


def find_route_lines(
    ways: Ways, zones: Sequence[Zone], *, most: int | None = MAX_ROUTES
) -> tuple[RouteLine, ...]:
    """Return steps between zones taken by at least five visitors, the most frequent first."""
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
    return tuple(lines[:most])


def sample_paths(rows: PresenceRows, *, max_paths: int = MAX_PATHS) -> tuple[tuple[FloatArray, ...], int]:
    """Return the paths of an even sample of the people, and the number of people.

    Args:
        rows: cut where people are unseen, which ends a path.
    """
    people = len(rows.person_ids)
    chosen = np.unique(np.linspace(0, people - 1, min(max_paths, people)).round().astype(np.int64))
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
    simplified = shapely.simplify(np.array(paths, object), PATH_TOLERANCE_M)
    return tuple(np.asarray(shapely.get_coordinates(path)) for path in simplified), people


def identify_floor(venue: Venue, period_s: Interval) -> IdentifiedPeriod | None:
    """Identify a period as cached for the floor plan; None where nothing was observed.

    Raises:
        StoreError: the history cannot be read.
    """
    with closing(open_reader(venue.folder)) as reader:
        reader.check_tracks(*period_s)
        spans = reader.read_spans(*period_s)
        spans = spans[spans["end_s"] > spans["start_s"]]
        if spans.empty:
            return None
        geometry = venue.geometry_at(period_s[1])
        return read_identified_period(
            venue=venue,
            reader=reader,
            spans=spans,
            period_s=period_s,
            zones=geometry.zones,
            lines=geometry.lines,
            read_tracks=lambda: reader.read_tracks(*period_s),
        )


def _show_stretch(stretch: Stretch, period_s: Interval) -> FloorMovement:
    rows = stretch.ordered.cut(longest_gap_s=MAX_SAMPLE_S)
    field = compute_direction_field(
        rows=rows, grid=FloorGrid.around(stretch.plan.outline, cell_m=ARROW_CELL_M), views=stretch.views
    )
    paths, people = sample_paths(rows)
    return FloorMovement(
        arrows=_draw_arrows(field.grid, field.vx_m_s, field.vy_m_s, field.concentration),
        routes=find_route_lines(Ways.of(stretch.journeys), stretch.geometry.zones),
        paths=paths,
        paths_s=period_s,
        people=people,
    )


def _draw_sums(facts: PeriodFacts) -> Arrows:
    """Draw one arrow for every other half-metre cell each way, as the sums are already smoothed."""
    vx, vy, agreement = FloorSums.of(facts.tables["floor_hours"], facts.grid).mean_velocity_m_s()
    is_thinned = np.zeros(facts.grid.shape, bool)
    step = max(1, round(ARROW_CELL_M / facts.grid.cell_m))
    is_thinned[step // 2 :: step, step // 2 :: step] = True
    return _draw_arrows(facts.grid, np.where(is_thinned, vx, np.nan), vy, agreement)


def _draw_arrows(grid: FloorGrid, vx: FloatArray, vy: FloatArray, agreement: FloatArray) -> Arrows:
    known = np.flatnonzero(np.isfinite(vx.ravel()))
    centres = grid.centres()[known]
    return Arrows(
        x_m=centres[:, 0],
        y_m=centres[:, 1],
        vx_m_s=vx.ravel()[known],
        vy_m_s=vy.ravel()[known],
        agreement=agreement.ravel()[known],
    )
