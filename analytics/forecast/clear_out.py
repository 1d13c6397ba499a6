"""Time in which a hall empties when everybody leaves at once, and its densest floor, simulated by JuPedSim.

JuPedSim is installed apart from the other packages (``pip install --no-deps jupedsim``), see
``docs/dependencies.md``; nothing else of the product needs it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import ForecastError
from analytics.domain.floor_geometry import Point

STEP_S = 0.05
RADIUS_M = 0.2
SPEED_M_S, SPEED_SD_M_S = 1.34, 0.26
"""Free walking speed (Weidmann 1993, Transporttechnik der Fussgänger)."""
BESIDE_M, MOST_BESIDE_M = 1.0, 3.0
"""Floor beside a stand that is full or a solid block, where its visitors stand; who finds none is shut in."""
CELL_M = 2.0
AVERAGED_S = 10
"""Seconds over which a density is averaged."""
MIN_FREE_M2 = 2.0
"""Free floor of a cell with a density."""
MAX_S = 900
STUCK_S = 60
"""Seconds after which a crowd out of which nobody comes any more is stuck."""


@dataclass(frozen=True, slots=True)
class ClearOut:
    """Range of what simulations with other walking speeds and places say of a layout.

    Attributes:
        people: inside at the beginning.
        shortest_s, longest_s: until the last one who got out was out, of all runs.
        densest_per_m2: largest density of a square of 2 m over 10 s in any run.
        left: largest number of people who did not get out.
    """

    people: int
    shortest_s: float
    longest_s: float
    densest_per_m2: float
    left: int


RUNS = 5
"""Runs of each layout: who is slowest, and how far from a door, is chance."""


def is_simulator_installed() -> bool:
    """Return whether JuPedSim can be imported."""
    return importlib.util.find_spec("jupedsim") is not None


def simulate_clear_out(
    *,
    hall: shapely.Polygon,
    obstacles: Sequence[shapely.Polygon],
    doors: Sequence[shapely.Polygon],
    groups: Sequence[tuple[shapely.Polygon, int, int]],
    seed: int,
    runs: int = RUNS,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> ClearOut:
    """Simulate that all people leave at once, each by the door of its group.

    Args:
        doors: floor on which people have left.
        groups: where people stand, how many, and the index of their door.
        on_progress: gets the share who have left about every second; may raise to stop.

    Raises:
        ForecastError: JuPedSim is not installed, or a door has no free floor.
    """

    def advance(run: int, share: float) -> None:
        on_progress((run + share) / runs)

    if not is_simulator_installed():
        raise ForecastError(
            "Clear-out times cannot be simulated: JuPedSim is not installed.",
            "Run: pip install deprecated && pip install --no-deps jupedsim",
        )
    found = [
        _run(
            hall,
            obstacles,
            doors,
            groups,
            rng=np.random.default_rng([seed, run]),
            on_progress=partial(advance, run),
        )
        for run in range(runs)
    ]
    people, seconds, densest, left = zip(*found, strict=True)
    return ClearOut(max(people), min(seconds), max(seconds), max(densest), max(left))


def _run(
    hall: shapely.Polygon,
    obstacles: Sequence[shapely.Polygon],
    doors: Sequence[shapely.Polygon],
    groups: Sequence[tuple[shapely.Polygon, int, int]],
    *,
    rng: np.random.Generator,
    on_progress: Callable[[float], None],
) -> tuple[int, float, float, int]:
    """Return people, seconds, largest density and people left of one run."""
    import jupedsim

    floor = _find_floor(hall, obstacles, doors)
    room = floor.buffer(-RADIUS_M - 0.05)
    simulation = jupedsim.Simulation(model=jupedsim.CollisionFreeSpeedModel(), geometry=floor, dt=STEP_S)
    stages = [simulation.add_exit_stage(_fit_door(door, floor)) for door in doors]
    journeys = [simulation.add_journey(jupedsim.JourneyDescription([stage])) for stage in stages]
    places = _place_people(groups, room, rng)
    for (x, y), group in places:
        door = groups[group][2]
        simulation.add_agent(
            jupedsim.CollisionFreeSpeedModelAgentParameters(
                position=(x, y),
                journey_id=journeys[door],
                stage_id=stages[door],
                radius=RADIUS_M,
                desired_speed=float(np.clip(rng.normal(SPEED_M_S, SPEED_SD_M_S), 0.6, 2.0)),
            )
        )
    count = simulation.agent_count()
    density = _Density(floor)
    last_out_s, before = 0, count
    for second in range(MAX_S):
        here = np.array([agent.position for agent in simulation.agents()]).reshape(-1, 2)
        density.add(here)
        if len(here) < before:
            last_out_s, before = second, len(here)
        if not len(here) or second - last_out_s >= STUCK_S:
            break
        on_progress(1.0 - len(here) / max(1, count))
        for _ in range(round(1.0 / STEP_S)):
            # one step at a time, as other threads of the window wait while it computes
            simulation.iterate(1)
    people = sum(group[1] for group in groups)
    return people, float(last_out_s), density.find_largest(), before + people - count


def _find_floor(
    hall: shapely.Polygon, obstacles: Sequence[shapely.Polygon], doors: Sequence[shapely.Polygon]
) -> shapely.Polygon:
    """Return the connected floor with the most doors."""
    blocked = shapely.union_all(list(obstacles))
    parts = [part for part in shapely.get_parts(hall.difference(blocked)) if part.geom_type == "Polygon"]
    return max(
        parts, key=lambda part: (sum(part.intersects(door) for door in doors), part.area), default=hall
    )


def _fit_door(door: shapely.Polygon, floor: shapely.Polygon) -> shapely.Polygon:
    """Return the convex floor of a door.

    Raises:
        ForecastError: something stands on all of it.
    """
    free = max(
        shapely.get_parts(door.intersection(floor.buffer(-0.05))), key=lambda part: part.area, default=None
    )
    if free is None or free.area <= 0:
        raise ForecastError("A door has no free floor.", "Leave the floor of doors free.")
    hull = free.convex_hull
    if floor.covers(hull):
        return shapely.Polygon(hull.exterior)
    middle = free.representative_point()
    return shapely.Polygon(middle.buffer(min(0.5, middle.distance(free.boundary))).exterior)


def _place_people(
    groups: Sequence[tuple[shapely.Polygon, int, int]], room: BaseGeometry, rng: np.random.Generator
) -> list[tuple[Point, int]]:
    """Return places with their groups, at random and not in each other; a full place overflows."""
    taken = np.empty((0, 2))
    placed: list[tuple[Point, int]] = []
    for group, (area, count, _door) in enumerate(groups):
        left, around = count, 0.0
        while left > 0 and around <= MOST_BESIDE_M:
            free = area.buffer(around).intersection(room)
            for _try in range(20 * left if not free.is_empty else 0):
                x0, y0, x1, y1 = free.bounds
                x, y = float(rng.uniform(x0, x1)), float(rng.uniform(y0, y1))
                apart_m = np.hypot(*(taken - (x, y)).T).min(initial=np.inf)
                if apart_m > 2 * RADIUS_M + 0.05 and shapely.contains_xy(free, x, y):
                    taken = np.vstack([taken, (x, y)])
                    placed.append(((x, y), group))
                    left -= 1
                    if not left:
                        break
            around += BESIDE_M
    return placed


class _Density:
    """People per square of 2 m, averaged over some seconds."""

    def __init__(self, floor: shapely.Polygon) -> None:
        self._x_m, self._y_m, right_m, top_m = floor.bounds
        self._shape = (
            int(np.ceil((right_m - self._x_m) / CELL_M)) or 1,
            int(np.ceil((top_m - self._y_m) / CELL_M)) or 1,
        )
        columns, rows = (np.arange(size) for size in self._shape)
        x, y = np.meshgrid(self._x_m + CELL_M * columns, self._y_m + CELL_M * rows, indexing="ij")
        cells = shapely.box(x, y, x + CELL_M, y + CELL_M)
        self._free_m2 = shapely.area(shapely.intersection(cells, floor))
        self._counts: list[FloatArray] = []

    def add(self, places_m: FloatArray) -> None:
        """Count the people of a second."""
        at = ((places_m - (self._x_m, self._y_m)) // CELL_M).astype(np.int64)
        at = np.clip(at, 0, np.array(self._shape) - 1)
        counts = np.zeros(self._shape)
        np.add.at(counts, (at[:, 0], at[:, 1]), 1.0)
        self._counts.append(counts)

    def find_largest(self) -> float:
        """Return the largest density in persons per m²."""
        sums = np.cumsum([np.zeros(self._shape), *self._counts], axis=0)
        span = min(AVERAGED_S, len(self._counts))
        means = (sums[span:] - sums[:-span]) / span
        with np.errstate(divide="ignore", invalid="ignore"):
            density = np.where(self._free_m2 >= MIN_FREE_M2, means.max(axis=0) / self._free_m2, 0.0)
        return float(density.max())
