"""Floor layers other than presence, from tracks of a short period or hourly sums of a long one."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from analytics.density.direction_field import compute_direction_field
from analytics.density.floor_layers import compute_floor_layers, find_median_stops
from analytics.density.heatmap import (
    MAX_SAMPLE_S,
    MIN_BANDWIDTH_M,
    MIN_OBSERVED,
    Heatmap,
    correct_presence,
    measure_floor,
)
from analytics.density.level_of_service import Level
from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.floor_plan import FloorPlan
from analytics.dwell.zone_figures import ZoneFigures
from analytics.metrics.coverage import FloorGrid, compute_observed_seconds
from analytics.rollups.crowded_floor import measure_floor_service, sum_crowded_minutes
from analytics.rollups.floor_sums import FloorSums, sum_cells
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.period_zones import summarise_period_zones
from analytics.rollups.stretch import FLOOR_CELL_M, Stretch
from analytics.rollups.zone_minutes import HALL, STEP_S
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.period_facts import read_period_facts
from app.floor_plan.floor_map import FloorLayer, FloorMap, FloorResults, make_floor_map, map_presence

STOP_CELL_M = 1.0
"""Cell size for stops; smaller cells have too few stops in a day."""
TABLE_OF: Mapping[FloorLayer, str] = {FloorLayer.STOP_TIME: "stops", FloorLayer.CROWDING: "crowded_floor"}
"""Tables for layers of long periods, where they are not ``floor_hours``."""


def compute_layer(stretch: Stretch, layer: FloorLayer) -> FloorMap:
    """Compute a layer other than presence from the tracks of a stretch."""
    cell_m = STOP_CELL_M if layer in (FloorLayer.STOP_TIME, FloorLayer.STOP_SHARE) else FLOOR_CELL_M
    grid = FloorGrid.around(stretch.plan.outline, cell_m=cell_m)
    seen_s = compute_observed_seconds(
        grid=grid, views=stretch.views, spans=stretch.spans, period_s=stretch.period_s
    )
    observed_s = float(np.diff(stretch.observed, axis=1).sum())
    rows = stretch.ordered.cut(longest_gap_s=MAX_SAMPLE_S)
    if layer is FloorLayer.SPEED:
        values = compute_direction_field(rows=rows, grid=grid).median_speed_m_s
    elif layer is FloorLayer.CROWDING:
        values = measure_floor_service(stretch, grid, seen_s).minutes_at_or_below(Level.D)
    else:
        layers = compute_floor_layers(rows=rows, stops=stretch.stops, grid=grid)
        values = {
            FloorLayer.VISITORS: layers.visitors_per_m2,
            FloorLayer.STOP_TIME: layers.median_stop_s,
            FloorLayer.STOP_SHARE: layers.stop_probability,
        }[layer]
    return _make_map(layer, values, grid=grid, plan=stretch.plan, seen_s=seen_s, observed_s=observed_s)


def compute_facts_presence(facts: PeriodFacts) -> Heatmap:
    """Compute presence from hourly sums, relative to the time with any camera analysed."""
    return correct_presence(
        sum_cells(facts.tables["floor_hours"], "person_seconds", facts.grid),
        grid=facts.grid,
        observed_s=facts.measure_observed_cells(),
        outline=facts.plan.outline,
        obstacles=[obstacle.outline for obstacle in facts.plan.obstacles],
        period_s=(0.0, facts.observed_s),
        bandwidth_m=MIN_BANDWIDTH_M,
    )


def compute_facts_layer(facts: PeriodFacts, layer: FloorLayer) -> FloorMap:
    """Compute a layer from the stored days of a period (see ``TABLE_OF``)."""
    if layer is FloorLayer.PRESENCE:
        return map_presence(compute_facts_presence(facts), is_by_hours=True)
    grid = facts.grid
    if layer is FloorLayer.CROWDING:
        values = sum_crowded_minutes(facts.tables[TABLE_OF[layer]], grid)
    elif layer is FloorLayer.STOP_TIME:
        grid = FloorGrid.around(facts.plan.outline, cell_m=STOP_CELL_M)
        values = find_median_stops(facts.tables[TABLE_OF[layer]], grid)
    else:
        sums = FloorSums.of(facts.tables["floor_hours"], grid)
        values = {
            FloorLayer.VISITORS: sums.visitors_per_m2,
            FloorLayer.STOP_SHARE: sums.stop_probability,
            FloorLayer.SPEED: sums.mean_speed_m_s,
        }[layer]()
    seen_s = compute_observed_seconds(
        grid=grid, views=facts.views, spans=facts.tables["spans"], period_s=facts.period_s
    )
    return _make_map(
        layer,
        values,
        grid=grid,
        plan=facts.plan,
        seen_s=seen_s,
        observed_s=facts.observed_s,
        is_by_hours=layer not in TABLE_OF,
    )


def _make_map(
    layer: FloorLayer,
    values: FloatArray,
    *,
    grid: FloorGrid,
    plan: FloorPlan,
    seen_s: FloatArray,
    observed_s: float,
    is_by_hours: bool = False,
) -> FloorMap:
    area_m2 = measure_floor(
        grid, outline=plan.outline, obstacles=[obstacle.outline for obstacle in plan.obstacles]
    )
    return make_floor_map(
        layer,
        grid=grid,
        values=values,
        is_unobserved=seen_s < MIN_OBSERVED * observed_s,
        is_floor=area_m2 > 0,
        coverage=seen_s / observed_s if observed_s > 0 else np.zeros(grid.shape),
        observed_s=observed_s,
        is_by_hours=is_by_hours,
    )


def analyse_stored_days(
    venue: Venue, period_s: Interval, empty: FloorResults, context: JobContext
) -> FloorResults:
    """Compute a period from its stored days; return ``empty`` where nothing was observed.

    Args:
        empty: results with the requested layer.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the job was cancelled.
    """
    names = ["minutes", "floor_hours", "zone_days"]
    names += [TABLE_OF[empty.layer]] if empty.layer in TABLE_OF else []
    facts = read_period_facts(venue=venue, period_s=period_s, context=context, names=names)
    if facts is None:
        return empty
    observed, since_s = facts.observed, max(facts.zone_since_s.values(), default=facts.period_s[0])
    mean_people, peak_people = count_people(facts)
    return dataclasses.replace(
        empty,
        period_s=(float(observed[0, 0]), float(observed[-1, 1])),
        # a period that begins before the history has no change of zones at its start
        have_zones_changed=since_s > facts.period_s[0],
        observed_s=facts.observed_s,
        heatmap=compute_facts_presence(facts),
        floor=compute_facts_layer(facts, empty.layer),
        zones=summarise_facts(facts),
        mean_people=mean_people,
        peak_people=peak_people,
    )


def count_people(facts: PeriodFacts) -> tuple[float | None, float | None]:
    """Return mean people in view, and those of the fullest of the best-observed minutes."""
    minutes = facts.tables["minutes"]
    minutes = minutes[minutes["zone"] == HALL]
    observed_s = float(minutes["observed_s"].sum())
    if observed_s <= 0:
        return None, None
    whole = minutes[minutes["observed_s"] > STEP_S / 2]
    peak = (whole["person_seconds"] / whole["observed_s"]).max()
    return float(minutes["person_seconds"].sum()) / observed_s, None if math.isnan(peak) else float(peak)


def summarise_facts(facts: PeriodFacts) -> tuple[ZoneFigures, ...]:
    """Summarise zones from their daily sums; joining the stays of a month again would take seconds."""
    zones = {str(zone.name): zone for zone in facts.zones}
    return tuple(
        dataclasses.replace(zone, coverage=facts.measure_coverage(zones[name]))
        for name, zone in summarise_period_zones(facts).items()
    )
