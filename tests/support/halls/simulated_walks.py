"""Small crowds of JuPedSim for comparisons: a bottleneck, a corridor, and the hall."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import shapely

from analytics.domain.identifiers import CameraId
from tests.support.halls.known_crowd import make_track_table
from tools.simulation.crowd.crowd_settings import CrowdSettings
from tools.simulation.crowd.crowd_simulation import simulate_crowd
from tools.simulation.crowd.exhibition_hall import make_exhibition
from tools.simulation.crowd.truth import make_true_tracks

STEP_S = 0.1


@dataclass(frozen=True, eq=False)
class SimulatedWalk:
    """Exact positions, ten a second, and where one can walk."""

    tracks: pd.DataFrame
    floor: shapely.Polygon


def walk_through_bottleneck() -> SimulatedWalk:
    """Forty people who stand densely go through a door of 1.2 m; it is at x = 8 m, around y = 3 m."""
    floor = shapely.union_all(
        [shapely.box(0, 0, 8, 6), shapely.box(8, 2.4, 9, 3.6), shapely.box(9, 0, 14, 6)]
    )
    start = [(x, y) for x in np.arange(3.0, 7.0, 0.5) for y in np.arange(1.0, 3.5, 0.5)]
    return _walk(floor, start, exit_m=shapely.box(13, 0, 14, 6), duration_s=20.0)


def walk_along_corridor() -> SimulatedWalk:
    """Thirty people in loose order walk along a corridor of 3 m; from x = 0 to x = 20 m."""
    floor = shapely.box(0, 0, 20, 3)
    start = [(x, y) for x in np.arange(0.5, 8.0, 0.8) for y in (0.6, 1.5, 2.4)]
    return _walk(floor, start, exit_m=shapely.box(19, 0, 20, 3), duration_s=14.0)


@cache
def walk_in_hall() -> SimulatedWalk:
    """The demonstration's hall with its stands, some minutes after it opened, for a quarter of a minute."""
    layout = make_exhibition("A")
    paths = simulate_crowd(
        layout=layout,
        duration_s=15.0,
        seed=3,
        settings=CrowdSettings(arrivals_per_s=1.0, warm_up_s=60.0),
    )
    moments = np.round(np.arange(0.0, 15.0, STEP_S), 3)
    tracks = make_true_tracks(paths=paths, times_s=moments, camera=CameraId("hall"))
    stands = shapely.union_all([shapely.box(*item.footprint) for item in layout.furniture])
    floor = shapely.box(0, 0, *layout.hall.size_m).difference(stands)
    is_on_floor = shapely.contains_xy(floor, tracks["x_m"], tracks["y_m"])
    return SimulatedWalk(tracks[is_on_floor].reset_index(drop=True), floor)


def _walk(
    floor: shapely.Polygon, start: list[tuple[float, float]], *, exit_m: shapely.Polygon, duration_s: float
) -> SimulatedWalk:
    key = (floor.wkt, tuple((float(x), float(y)) for x, y in start), exit_m.wkt, duration_s)
    return SimulatedWalk(_simulate(*key), floor)


@cache
def _simulate(
    floor_wkt: str, start: tuple[tuple[float, float], ...], exit_wkt: str, duration_s: float
) -> pd.DataFrame:
    import jupedsim

    simulation = jupedsim.Simulation(
        model=jupedsim.CollisionFreeSpeedModelV2(), geometry=shapely.from_wkt(floor_wkt), dt=0.05
    )
    stage = simulation.add_exit_stage(shapely.from_wkt(exit_wkt))
    journey = simulation.add_journey(jupedsim.JourneyDescription([stage]))
    for number, position in enumerate(start):
        simulation.add_agent(
            jupedsim.CollisionFreeSpeedModelV2AgentParameters(
                position=position, journey_id=journey, stage_id=stage, radius=0.18,
                desired_speed=1.0 + 0.02 * (number % 10),
            )
        )  # fmt: skip
    rows = []
    for step in range(round(duration_s / STEP_S)):
        rows.extend(
            (step * STEP_S, agent.id, agent.position[0], agent.position[1]) for agent in simulation.agents()
        )
        simulation.iterate(2)
    time_s, person, x_m, y_m = np.array(rows).T
    return make_track_table(time_s=time_s, tracklet=person, visitor=person, x_m=x_m, y_m=y_m, state="truth")
