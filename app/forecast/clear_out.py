"""Clear-out times of found layouts and of today's, with the people of the busiest moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from analytics.domain.errors import ForecastError, Phrase
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.forecast.clear_out import ClearOut, simulate_clear_out
from analytics.forecast.layout import layout_from_plan, measure_ways
from analytics.forecast.layout_forecast import LayoutForecast
from app.core.job import JobContext
from app.forecast.forecast_layout import VenueBasis

ForecastPlan = tuple[FloorPlan, FloorGeometry, LayoutForecast]
"""A changed layout and its forecast."""
SEED = 20_261_130
DOOR_DEPTH_M = 0.6
"""Depth of the floor at a line on which people have left."""


def simulate_clear_outs(
    read: VenueBasis, layouts: Sequence[ForecastPlan], context: JobContext | None = None
) -> tuple[ClearOut, ...]:
    """Simulate that everybody of the busiest moment leaves at once, in today's layout and then in each other.

    Raises:
        ForecastError: JuPedSim is not installed, or the plan has no doors.
        JobCancelled: the job was cancelled.
    """
    context = context or JobContext()
    people = count_busiest(read)
    observed = {name: zone.person_s for name, zone in read.basis.observed.items()}
    cases: list[tuple[FloorPlan, FloorGeometry, dict[str, float]]] = [
        (read.plan, read.geometry, observed),
        *((plan, geometry, _list_person_s(forecast)) for plan, geometry, forecast in layouts),
    ]

    def advance(done: int, share: float) -> None:
        context.checkpoint(done + share, len(cases))

    return tuple(
        _simulate(plan, geometry, person_s, people, partial(advance, done))
        for done, (plan, geometry, person_s) in enumerate(cases)
    )


def describe_clear_out(found: ClearOut, today: ClearOut) -> tuple[Phrase, ...]:
    """Return how fast and how densely a layout empties, compared with today's."""
    fields = {
        "people": found.people,
        "shortest": found.shortest_s,
        "longest": found.longest_s,
        "today_shortest": today.shortest_s,
        "today_longest": today.longest_s,
        "density": found.densest_per_m2,
        "today_density": today.densest_per_m2,
    }
    said = Phrase(
        "If all {people} people seen at the busiest moment left at once: {shortest:.0f}–{longest:.0f} s "
        "(today {today_shortest:.0f}–{today_longest:.0f} s), at most {density:.1f} per m² (today "
        "{today_density:.1f}), in five simulations by JuPedSim.",
        fields,
    )
    if not found.left:
        return (said,)
    return said, Phrase("People who do not get out: {people}.", {"people": found.left})


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
    outlines = {str(zone.name): zone.outline.to_shape() for zone in geometry.zones}
    paths = {str(line.name): line.path.to_shape() for line in geometry.lines}
    doors = {door.name: door for door in (*layout.entrances, *layout.exits)}
    # lines count who passes well before the doors themselves, where these are drawn
    shapes = {name: outlines[door.zone] for name, door in doors.items() if door.zone is not None} or {
        name: paths[name].buffer(DOOR_DEPTH_M / 2, cap_style="flat") for name in doors
    }
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
