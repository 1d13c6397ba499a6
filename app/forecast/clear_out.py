"""Clear-out times of found layouts and of today's, with the people of the busiest moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from analytics.domain.errors import ForecastError
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.zone import ZoneKind
from analytics.forecast.clear_out import ClearOut, simulate_clear_out
from analytics.forecast.layout import layout_from_plan, measure_ways
from analytics.forecast.layout_forecast import LayoutForecast
from app.core.job import JobContext
from app.forecast.forecast_layout import VenueBasis
from app.forecast.search_layouts import ProposedLayout

SEED = 20_261_130
DOOR_DEPTH_M = 0.6
"""Depth of the floor at a line on which people have left."""


def simulate_clear_outs(
    read: VenueBasis, layouts: Sequence[ProposedLayout], context: JobContext | None = None
) -> tuple[ClearOut, ...]:
    """Simulate that everybody of the busiest moment leaves at once, in today's layout and then in each found.

    Raises:
        ForecastError: JuPedSim is not installed, or the plan has no doors.
        JobCancelled: the job was cancelled.
    """
    context = context or JobContext()
    people = count_busiest(read)
    observed = {name: zone.person_s for name, zone in read.basis.observed.items()}
    cases: list[tuple[FloorPlan, FloorGeometry, dict[str, float]]] = [
        (read.plan, read.geometry, observed),
        *((one.plan, one.geometry, _list_person_s(one.forecast)) for one in layouts),
    ]

    def advance(done: int, share: float) -> None:
        context.checkpoint(done + share, len(cases))

    return tuple(
        _simulate(plan, geometry, person_s, people, partial(advance, done))
        for done, (plan, geometry, person_s) in enumerate(cases)
    )


def count_busiest(read: VenueBasis) -> int:
    """Return the largest number of visitors who were inside at once."""
    journeys = read.facts.tables["journeys"]
    start_s, end_s = (journeys[name].to_numpy(np.float64) for name in ("start_s", "end_s"))
    moments = np.concatenate([start_s, end_s])
    steps = np.repeat([1, -1], [len(start_s), len(end_s)])
    return int(steps[np.argsort(moments, kind="stable")].cumsum().max(initial=0))


def _list_person_s(forecast: LayoutForecast) -> dict[str, float]:
    return {row.zone: row.person_s for row in forecast.rows}


def _simulate(
    plan: FloorPlan,
    geometry: FloorGeometry,
    person_s: Mapping[str, float],
    people: int,
    on_progress: Callable[[float], None],
) -> ClearOut:
    layout = layout_from_plan(plan, geometry)
    zones = {str(zone.name): zone.outline.to_shape() for zone in geometry.zones if zone.is_door}
    lines = {
        str(line.name): line.path.to_shape().buffer(DOOR_DEPTH_M / 2, cap_style="flat")
        for line in geometry.lines
        if line.kind in (ZoneKind.ENTRANCE, ZoneKind.EXIT)
    }
    # lines count who passes well before the doors themselves, where these are drawn
    shapes = zones or lines
    if not shapes:
        raise ForecastError(
            "No door is drawn by which people could leave.", "Draw the entrances and exits on Edit plan."
        )
    names = [door.name for door in (*layout.entrances, *layout.exits)]
    at = {name: len(layout.stands) + names.index(name) for name in shapes}
    way_m = measure_ways(layout).distance_m[: len(layout.stands), list(at.values())]
    shares = np.array([person_s.get(stand.name, 0.0) for stand in layout.stands])
    counts = np.floor(people * np.cumsum(shares) / max(float(shares.sum()), 1e-9) + 0.5).astype(int)
    return simulate_clear_out(
        hall=plan.outline.to_shape(),
        obstacles=[obstacle.outline.to_shape() for obstacle in plan.obstacles],
        doors=list(shapes.values()),
        groups=[
            (stand.polygon.to_shape(), int(count), int(ways.argmin()))
            for stand, count, ways in zip(layout.stands, np.diff(counts, prepend=0), way_m, strict=True)
        ],
        seed=SEED,
        on_progress=on_progress,
    )
