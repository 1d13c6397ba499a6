"""How much of the gain that a search for better layouts promises comes true, and how well places are valued.

Halls drawn at random, with visitors of their own kind: each has tastes of his own, minds distances more or
less than others, tires after a time of his own, hardly comes back, and stops on impulse at what he passes.
One day is observed; the product fits its model to it, searches, and values the places. A third of the halls
was made good beforehand: a long random search with the true visitors finds less than 2 % there.

``python -m benchmarks.layout_search [HALLS [FIRST_SEED]] [--places] [--calibrate] [--out FILE]``; with
``OPENBLAS_NUM_THREADS=1`` it takes half the time of the processor, because the matrices are small. With
``--calibrate`` it leaves good halls out, and prints the constants of ``analytics.forecast.layout_search``, or
of ``place_value``, that fit best; run it on halls that are not used to judge by.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from scipy import sparse, stats
from scipy.sparse import csgraph

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.floor_geometry import Polygon
from analytics.domain.zone import ZoneKind
from analytics.forecast.itineraries import Itineraries
from analytics.forecast.layout import Layout, LayoutDoor, LayoutZone
from analytics.forecast.layout_forecast import ForecastBasis, ObservedZone, make_basis
from analytics.forecast.layout_search import (
    CONSTANT_ERROR,
    GAIN_ERROR,
    NORMAL_80,
    REALISED,
    FoundLayouts,
    Goal,
    GoalMeasure,
    LayoutPromise,
    search_layouts,
)
from analytics.forecast.place_value import PLACE_ERROR, average_attraction, estimate_place_values
from analytics.forecast.placement_rules import PlacementRules, make_space

CELL_M = 1.0
AISLE_M, WALL_M = 3.0, 0.3
NEAR_M = 2.5
"""Distance from the way at which a stand can stop a visitor on impulse."""
SPEED_M_PER_MIN = 66.0
GOOD_GAIN = 0.02
"""A hall is good if a long random search finds no more."""
STAGES = (1500, 3000, 9000)
"""Visitors by which a layout is compared with another, while it seems the better one."""
NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True, eq=False)
class Hall:
    """A hall and its true visitors; place k is where stand k is on the observed day.

    Attributes:
        outlines: of the places.
        walls: between stands back to back.
        doors_m: entrances, which are exits as well, shape (doors, 2).
        way_m: between places, then doors, shape (places + doors, places + doors).
        passes: whether the way from one to the other leads past a place; of shape
            (places + doors, places, places).
        attraction: logarithm, by stand.
        door_shares: of arrivals.
    """

    seed: int
    size_m: tuple[float, float]
    outlines: tuple[shapely.Polygon, ...]
    walls: tuple[shapely.Polygon, ...]
    doors_m: FloatArray
    way_m: FloatArray
    passes: BoolArray
    attraction: FloatArray
    door_shares: FloatArray
    beta_per_m: float
    stay_min: float
    impulse: float
    dwell_min: FloatArray

    @property
    def stands(self) -> int:
        return len(self.outlines)


@dataclass(frozen=True, slots=True, eq=False)
class Itinerary:
    """Visits of a simulated day in order, by visitor and time; arrays of shape (visits,)."""

    visitor: IntArray
    stand: IntArray
    entered_min: FloatArray
    left_min: FloatArray
    door: IntArray
    """Of arrival, by visitor."""


def draw_hall(seed: int) -> Hall:
    """Draw islands of stands back to back, two sizes mixed, doors on two sides."""
    rng = np.random.default_rng([seed, 7])
    columns, rows = int(rng.integers(4, 7)), int(rng.integers(2, 4))
    depth_m, width_m = float(rng.choice([4.0, 5.0])), float(rng.choice([8.0, 10.0]))
    outlines: list[shapely.Polygon] = []
    walls: list[shapely.Polygon] = []
    for column in range(columns):
        for row in range(rows):
            x = AISLE_M + column * (width_m + AISLE_M)
            y = AISLE_M + row * (2 * depth_m + AISLE_M)
            is_split = rng.random() < 0.4
            middle = y + depth_m
            walls.append(shapely.box(x, middle - WALL_M / 2, x + width_m, middle + WALL_M / 2))
            for low, high in ((y, middle - WALL_M / 2), (middle + WALL_M / 2, y + 2 * depth_m)):
                if is_split:
                    outlines.append(shapely.box(x, low, x + width_m / 2, high))
                    outlines.append(shapely.box(x + width_m / 2, low, x + width_m, high))
                else:
                    outlines.append(shapely.box(x, low, x + width_m, high))
    size_m = (AISLE_M + columns * (width_m + AISLE_M), AISLE_M + rows * (2 * depth_m + AISLE_M))
    doors_m = np.array(
        [[0.5, rng.uniform(1.0, size_m[1] - 1.0)], [rng.uniform(1.0, size_m[0] - 1.0), size_m[1] - 0.5]]
    )
    share = rng.uniform(0.5, 0.9)
    way_m, passes = measure_hall(size_m, outlines, walls, doors_m)
    stands = len(outlines)
    is_large = np.array([one.area for one in outlines]) > 1.5 * min(one.area for one in outlines)
    return Hall(
        seed,
        size_m,
        tuple(outlines),
        tuple(walls),
        doors_m,
        way_m,
        passes,
        attraction=rng.normal(0.0, 0.7, stands) + 0.35 * is_large,
        door_shares=np.array([share, 1 - share]),
        beta_per_m=float(rng.uniform(0.08, 0.16)),
        stay_min=float(rng.uniform(14.0, 25.0)),
        impulse=float(rng.uniform(0.01, 0.04)),
        dwell_min=np.exp(rng.normal(0.2, 0.3, stands)),
    )


def measure_hall(
    size_m: tuple[float, float],
    outlines: Sequence[shapely.Polygon],
    walls: Sequence[shapely.Polygon],
    doors_m: FloatArray,
) -> tuple[FloatArray, BoolArray]:
    """Return ways between places and doors on a grid, and which places each of them passes."""
    nx, ny = (int(np.ceil(side / CELL_M)) for side in size_m)
    x, y = np.meshgrid((np.arange(nx) + 0.5) * CELL_M, (np.arange(ny) + 0.5) * CELL_M, indexing="ij")
    xy = np.column_stack([x.ravel(), y.ravel()])
    number = np.arange(nx * ny).reshape(nx, ny)
    steps = [
        (number[:-1].ravel(), number[1:].ravel()),
        (number[:, :-1].ravel(), number[:, 1:].ravel()),
        (number[:-1, :-1].ravel(), number[1:, 1:].ravel()),
        (number[:-1, 1:].ravel(), number[1:, :-1].ravel()),
    ]
    first, second = (np.concatenate([one[end] for one in steps]) for end in (0, 1))
    lines = shapely.linestrings(np.stack([xy[first], xy[second]], axis=1))
    is_free = ~shapely.intersects(shapely.union_all(list(walls)), lines)
    # people rather go round a stand than through it
    across = shapely.contains_xy(shapely.union_all(list(outlines)), xy[:, 0], xy[:, 1])
    length = np.hypot(*(xy[first] - xy[second]).T) * (1.0 + 0.5 * (across[first] | across[second]))
    graph = sparse.csr_matrix((length[is_free], (first[is_free], second[is_free])), shape=(nx * ny, nx * ny))
    places = np.array([[one.centroid.x, one.centroid.y] for one in outlines])
    nodes = np.concatenate([places, doors_m])
    at = np.array([int(np.argmin(np.hypot(*(xy - node).T))) for node in nodes])
    way_m, before = csgraph.dijkstra(graph, directed=False, indices=at, return_predecessors=True)
    points = np.array(shapely.points(xy), object)
    near = shapely.distance(points[:, None], np.array(outlines, object)[None, :]) < NEAR_M
    passes = np.zeros((len(nodes), len(places), len(places)), bool)
    for source in range(len(nodes)):
        for target in range(len(places)):
            cell = int(at[target])
            while cell >= 0:
                passes[source, target] |= near[cell]
                cell = int(before[source, cell])
            passes[source, target, target] = False
            if source < len(places):
                passes[source, target, source] = False
    return way_m[:, at], passes


def simulate_day(hall: Hall, places: IntArray, *, visitors: int, seed: int) -> Itinerary:
    """Simulate visitors of a layout.

    Args:
        places: place of each stand.
    """
    rng = np.random.default_rng([hall.seed, seed])
    stands = hall.stands
    door = np.searchsorted(np.cumsum(hall.door_shares)[:-1], rng.random(visitors), side="right")
    minds = hall.beta_per_m * np.exp(rng.normal(0.0, 0.3, visitors))
    stay_min = hall.stay_min * np.exp(rng.normal(0.0, 0.5, visitors))
    taste = hall.attraction + rng.normal(0.0, 0.5, (visitors, stands))
    order = np.concatenate([places, stands + np.arange(len(hall.doors_m))])
    way_m = hall.way_m[np.ix_(order, order)]
    passes = hall.passes[np.ix_(order, places, places)]
    exit_m = way_m[:, stands:].min(axis=1)
    at = stands + door
    minutes = np.zeros(visitors)
    been = np.zeros((visitors, stands))
    inside = np.arange(visitors)
    rows: list[tuple[IntArray, IntArray, FloatArray, FloatArray]] = []
    for turn in range(80):
        here = at[inside]
        utility = taste[inside] - minds[inside, None] * way_m[here, :stands] - 3.0 * been[inside]
        utility[np.arange(len(inside))[here < stands], here[here < stands]] = -np.inf
        utility += rng.gumbel(size=(len(inside), stands))
        leave = (
            0.5
            + 1.2 * (minutes[inside] / stay_min[inside] - 1.0)
            - 0.3 * minds[inside] * exit_m[here]
            + rng.gumbel(size=len(inside))
        )
        target = utility.argmax(axis=1)
        goes = (utility.max(axis=1) > leave) | (turn == 0)
        inside, target, here = inside[goes], target[goes], here[goes]
        if not len(inside):
            break
        # stops on impulse, on the way
        chance = hall.impulse * np.exp(taste[inside] - 2.0 * been[inside])
        stops = passes[here, target] & (rng.random((len(inside), stands)) < chance)
        who, stand = np.nonzero(stops)
        begin = minutes[inside]
        walk = way_m[here, target] / SPEED_M_PER_MIN
        along = way_m[here[who], stand] / SPEED_M_PER_MIN
        length = 0.5 * hall.dwell_min[stand] * rng.exponential(1.0, len(who)) + 0.1
        entered = begin[who] + np.minimum(along, walk[who] * 0.99)
        rows.append((inside[who], stand, entered, entered + np.minimum(length, 0.9)))
        been[inside[who], stand] = 1.0
        lost = np.bincount(who, length, len(inside))
        arrived = begin + walk + lost
        length = hall.dwell_min[target] * rng.exponential(1.0, len(inside)) + 0.2
        rows.append((inside, target, arrived, arrived + length))
        been[inside, target] = 1.0
        minutes[inside] = arrived + length
        at[inside] = target
    visitor, stand, entered, left = (np.concatenate([row[at] for row in rows]) for at in range(4))
    ordered = np.lexsort((entered, visitor))
    return Itinerary(visitor[ordered], stand[ordered], entered[ordered], left[ordered], door)


def count_visits(hall: Hall, places: IntArray, *, visitors: int, seed: int) -> FloatArray:
    """Return true visits of each stand by one arrival."""
    day = simulate_day(hall, places, visitors=visitors, seed=seed)
    return np.bincount(day.stand, minlength=hall.stands) / visitors


def list_swaps(hall: Hall) -> list[tuple[int, int]]:
    """Return the pairs of stands of one size."""
    areas = np.array([one.area for one in hall.outlines])
    return [
        (one, other)
        for one in range(hall.stands)
        for other in range(one + 1, hall.stands)
        if abs(areas[one] - areas[other]) < 1.0
    ]


def improve_truly(hall: Hall, *, tries: int, seed: int) -> tuple[IntArray, float]:
    """Return what a long random search with the true visitors finds, and its gain in visits."""
    rng = np.random.default_rng([hall.seed, seed, 3])
    swaps = list_swaps(hall)
    places = np.arange(hall.stands)
    for one in range(tries):
        tried = places.copy()
        for _ in range(int(rng.integers(1, 3))):
            first, second = swaps[int(rng.integers(len(swaps)))]
            tried[[first, second]] = tried[[second, first]]
        if is_better(hall, tried, places, seed=1000 * seed + one):
            places = tried
    return places, measure_gain(hall, places, Goal.VISITS)


def is_better(hall: Hall, tried: IntArray, places: IntArray, *, seed: int) -> bool:
    """Return whether a layout has more visits than another, by ever more visitors while it seems so."""
    lead = 0.0
    for stage, visitors in enumerate(STAGES):
        # the first visitors stay for a while: what is best for them by luck is not for the next
        day = 3 * (seed if stage else seed - seed % 60) + stage
        before = _count_all(hall, tuple(places.tolist()), visitors, day)
        lead += count_visits(hall, tried, visitors=visitors, seed=day).sum() * visitors - before
        if lead <= 0:
            return False
    return True


@lru_cache(maxsize=8)
def _count_all(hall: Hall, places: tuple[int, ...], visitors: int, seed: int) -> float:
    return float(count_visits(hall, np.array(places), visitors=visitors, seed=seed).sum()) * visitors


@lru_cache(maxsize=8)
def _count_once(hall: Hall, places: tuple[int, ...], seed: int) -> FloatArray:
    return count_visits(hall, np.array(places), visitors=20_000, seed=seed)


def measure_gain(hall: Hall, places: IntArray, goal: Goal, *, rounds: int = 3) -> float:
    """Return the true growth of a goal."""
    today = np.arange(hall.stands)
    visits = np.zeros((2, hall.stands))
    for round_ in range(rounds):
        for row, one in enumerate((today, places)):
            visits[row] += _count_once(hall, tuple(one.tolist()), 5000 + round_)
    if goal is Goal.WEAKEST_THIRD:
        visits = np.sort(visits, axis=1)[:, : int(np.ceil(hall.stands / 3))]
    elif goal is Goal.PERSON_SECONDS:
        # of stops by choice, which are nearly all
        visits = visits * (hall.dwell_min + 0.2)
    before, after = visits.sum(axis=1)
    return float(after / before - 1.0)


def rearrange(hall: Hall, places: IntArray) -> Hall:
    """Return a hall in which a layout is today's."""
    stand_at = np.argsort(places)
    return replace(hall, attraction=hall.attraction[stand_at], dwell_min=hall.dwell_min[stand_at])


OPEN_S = 8 * 3600.0
BLOCK_S = 1800.0


def name_stands(hall: Hall) -> list[str]:
    """Return names of the stands."""
    return [f"stand {number}" for number in range(hall.stands)]


def make_layout(hall: Hall) -> Layout:
    """Return today's layout as the product knows it."""
    doors = tuple(LayoutDoor(f"door {row}", (x, y)) for row, (x, y) in enumerate(hall.doors_m.tolist()))
    return Layout(
        hall=_polygon(shapely.box(0, 0, *hall.size_m)),
        obstacles=tuple(map(_polygon, hall.walls)),
        zones=tuple(
            LayoutZone(name, ZoneKind.BOOTH, "booth", _polygon(one))
            for name, one in zip(name_stands(hall), hall.outlines, strict=True)
        ),
        entrances=doors,
        exits=doors,
    )


def _polygon(shape: shapely.Polygon) -> Polygon:
    return Polygon(tuple((float(x), float(y)) for x, y in shapely.get_coordinates(shape)[:-1]))


def observe(hall: Hall, day: Itinerary, chosen: BoolArray) -> ForecastBasis:
    """Return what the product makes of the chosen visitors of a day."""
    number = np.cumsum(chosen) - 1
    rows = chosen[day.visitor]
    visitor, stand = number[day.visitor[rows]], day.stand[rows]
    count = int(chosen.sum())
    came_s = np.random.default_rng(hall.seed).uniform(0.0, OPEN_S, len(chosen))[chosen]
    entered_s, left_s = (came_s[visitor] + 60.0 * one[rows] for one in (day.entered_min, day.left_min))
    end_s = came_s.copy()
    np.maximum.at(end_s, visitor, left_s)
    visits = np.bincount(stand, minlength=hall.stands).astype(np.float64)
    person_s = np.bincount(stand, left_s - entered_s, minlength=hall.stands)
    itineraries = Itineraries(
        zones=tuple(name_stands(hall)),
        entrances=("door 0", "door 1"),
        exits=("door 0", "door 1"),
        first=np.concatenate([[0], np.cumsum(np.bincount(visitor, minlength=count))]),
        zone=stand,
        entered_utc_s=entered_s,
        left_utc_s=left_s,
        stopped=np.ones(len(stand), bool),
        start_utc_s=came_s,
        end_utc_s=end_s,
        is_start_seen=np.ones(count, bool),
        is_end_seen=np.ones(count, bool),
        entrance=day.door[chosen],
        exit=day.door[chosen],
    )
    observed = {
        name: ObservedZone(
            float(visits[row]), float(person_s[row]), 1.0, 1.0, float(visits[row]) ** -0.5, 1.0
        )
        for row, name in enumerate(name_stands(hall))
    }
    return make_basis(itineraries, make_layout(hall), observed)


def measure_goal(basis: ForecastBasis, goal: Goal) -> GoalMeasure:
    """Return the goal as observed."""
    observed = [basis.observed[stand.name] for stand in basis.layout.stands]
    amounts = [one.person_s if goal is Goal.PERSON_SECONDS else one.visits for one in observed]
    return GoalMeasure(goal, np.array(amounts), np.ones(len(amounts)), np.ones(len(amounts), bool))


def search_hall(
    hall: Hall, *, visitors: int, most_moves: int, goal: Goal
) -> tuple[ForecastBasis, FoundLayouts]:
    """Observe one day and search for better layouts."""
    day = simulate_day(hall, np.arange(hall.stands), visitors=visitors, seed=1)
    block = np.random.default_rng(hall.seed).uniform(0.0, OPEN_S, visitors) // BLOCK_S
    whole, *halves = (observe(hall, day, chosen) for chosen in (block >= 0, block % 2 == 0, block % 2 == 1))
    space = make_space(
        names=name_stands(hall),
        outlines=hall.outlines,
        can_move=[True] * hall.stands,
        hall=shapely.box(0, 0, *hall.size_m),
        obstacles=hall.walls,
        rules=PlacementRules(least_aisle_m=AISLE_M),
    )
    found = search_layouts(
        whole,
        [(half, measure_goal(half, goal)) for half in halves],
        measure_goal(whole, goal),
        space,
        most_moves=most_moves,
        rng=np.random.default_rng(hall.seed),
    )
    return whole, found


def make_good(hall: Hall) -> Hall | None:
    """Return a hall whose layout is already good, if a long search with the true visitors finds no more."""
    for round_ in range(3):
        if round_ == 0:
            _, found = search_hall(hall, visitors=12_000, most_moves=hall.stands, goal=Goal.VISITS)
            best = max(found.layouts, key=lambda one: one.gain, default=None)
            hall = hall if best is None else rearrange(hall, best.places)
        places, _ = improve_truly(hall, tries=240, seed=10 + round_)
        if measure_gain(hall, places, Goal.VISITS) > 0:
            hall = rearrange(hall, places)
        if improve_truly(hall, tries=240, seed=20 + round_)[1] < GOOD_GAIN:
            return hall
    return None


def is_good(seed: int) -> bool:
    """Return whether the hall of a seed is made good before it is searched."""
    return seed % 3 == 2


def judge_hall(seed: int, *, visitors: int, goal: Goal) -> dict[str, object]:
    """Return what the search promised in one hall, and what is true."""
    hall = make_good(draw_hall(seed)) if is_good(seed) else draw_hall(seed)
    if hall is None:
        return {"seed": seed, "is_good": True, "skipped": True}
    most_moves = (hall.stands, 4, 8)[seed // 3 % 3]
    began = time.process_time()
    _, found = search_hall(hall, visitors=visitors, most_moves=most_moves, goal=goal)
    seconds = time.process_time() - began
    return {
        "seed": seed,
        "is_good": is_good(seed),
        "stands": hall.stands,
        "most_moves": most_moves,
        "seconds": seconds,
        "curse": found.curse,
        "layouts": [
            {
                "moves": one.moves,
                "gain": one.gain,
                "low": one.gain_interval[0],
                "high": one.gain_interval[1],
                "real": measure_gain(hall, one.places, goal),
                "expected": one.gain / REALISED,
                "spread": _measure_spread(one),
            }
            for one in found.layouts
        ],
    }


def _measure_spread(promise: LayoutPromise) -> float:
    """Return the standard error of a gain that comes from the model's parameters."""
    error = (promise.gain_interval[1] - promise.gain) / NORMAL_80
    return math.sqrt(max(0.0, error**2 - (GAIN_ERROR * promise.gain) ** 2 - CONSTANT_ERROR**2))


def value_hall(seed: int, *, visitors: int) -> dict[str, Any]:
    """Return the values of a hall's places as estimated from one day, and the true ones."""
    hall = draw_hall(seed)
    today = np.arange(hall.stands)
    day = simulate_day(hall, today, visitors=visitors, seed=1)
    found = estimate_place_values(observe(hall, day, np.ones(visitors, bool)))
    log_area = np.log([one.area for one in hall.outlines])
    average = average_attraction(hall.attraction[None], log_area)[0]
    rows = []
    for stand, name in enumerate(name_stands(hall)):
        attraction = hall.attraction.copy()
        attraction[stand] = average[stand]
        there = replace(hall, attraction=attraction)
        true = np.mean(
            [count_visits(there, today, visitors=10_000, seed=7000 + round_)[stand] for round_ in range(2)]
        )
        value = found.values[name].visits
        if value.interval is not None:
            low, high = value.interval
            rows.append({"value": value.value, "low": low, "high": high, "true": float(visitors * true)})
    return {"seed": seed, "places": rows}


def print_places(rows: Sequence[dict[str, Any]]) -> None:
    """Print how the values of places agree with the true ones."""
    ranks, held, errors = [], [], []
    for row in rows:
        value, true, low, high = (
            np.array([one[key] for one in row["places"]]) for key in ("value", "true", "low", "high")
        )
        ranks.append(float(stats.spearmanr(value, true).statistic))
        held += ((low <= true) & (true <= high)).tolist()
        errors += np.log(value / true).tolist()
    print(
        f"places: {len(rows)} halls, rank correlation {np.mean(ranks):.3f} (least {min(ranks):.3f}); "
        f"{len(held)} intervals, {np.mean(held):.1%} hold; error of the logarithm {np.std(errors):.3f}"
    )


def print_calibration(rows: Sequence[dict[str, Any]]) -> None:
    """Print the constants by which promises are likeliest; every hall counts alike."""
    halls = [row["layouts"] for row in rows if row.get("layouts")]
    expected, real, spread = (
        np.array([one[key] for layouts in halls for one in layouts]) for key in ("expected", "real", "spread")
    )
    weight = np.concatenate([np.full(len(layouts), 1 / len(layouts)) for layouts in halls])
    share = float((weight * real).sum() / (weight * expected).sum())
    _, relative, constant = min(
        (
            _measure_loss(
                real - share * expected, spread**2 + (relative * share * expected) ** 2 + constant**2, weight
            ),
            relative,
            constant,
        )
        for relative in np.arange(0.0, 0.505, 0.01)
        for constant in np.arange(0.0, 0.0205, 0.0025)
    )
    print(
        f"{len(halls)} halls, {len(real)} layouts: REALISED = {share:.2f}, GAIN_ERROR = {relative:.2f}, "
        f"CONSTANT_ERROR = {constant:.4f}"
    )


def print_place_calibration(rows: Sequence[dict[str, Any]]) -> None:
    """Print the error of places by which their values are likeliest."""
    value, true, low, high = (
        np.array([one[key] for row in rows for one in row["places"]])
        for key in ("value", "true", "low", "high")
    )
    spread = (np.log(high / low) / 2 / NORMAL_95) ** 2 - PLACE_ERROR**2
    # the truth is a mean of visits
    variance = spread + 1.0 / (10.0 * true)
    found = min(
        (_measure_loss(np.log(true / value), variance + error**2, np.ones(len(value))), error)
        for error in np.arange(0.01, 0.305, 0.01)
    )
    print(f"{len(rows)} halls, {len(value)} places: PLACE_ERROR = {found[1]:.2f}")


def _measure_loss(rest: FloatArray, variance: FloatArray, weight: FloatArray) -> float:
    """Return the mean negative logarithm of the likelihood of normal errors."""
    variance = np.maximum(variance, 1e-8)
    return float((weight * (np.log(variance) + rest**2 / variance)).sum() / weight.sum() / 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("halls", type=int, nargs="?", default=60)
    parser.add_argument("first_seed", type=int, nargs="?", default=0)
    parser.add_argument("--visitors", type=int, default=2000)
    parser.add_argument("--goal", type=Goal, default=Goal.VISITS)
    parser.add_argument("--places", action="store_true", help="value places instead of searching")
    parser.add_argument("--calibrate", action="store_true", help="print the constants that fit best")
    parser.add_argument("--out", type=Path, default=Path("layout_search.jsonl"), help="earlier rows are kept")
    chosen = parser.parse_args()
    with chosen.out.open("a") as file:
        for seed in range(chosen.first_seed, chosen.first_seed + chosen.halls):
            if chosen.places:
                row = value_hall(seed, visitors=chosen.visitors)
            elif chosen.calibrate and is_good(seed):
                continue
            else:
                row = judge_hall(seed, visitors=chosen.visitors, goal=chosen.goal)
            print(json.dumps(row), file=file, flush=True)
    rows = [json.loads(line) for line in chosen.out.read_text().splitlines()]
    if chosen.calibrate:
        (print_place_calibration if chosen.places else print_calibration)(rows)
    (print_places if chosen.places else print_summary)(rows)


def print_summary(rows: Sequence[dict[str, Any]]) -> None:
    """Print how the promises came true."""
    judged = [row for row in rows if not row.get("skipped")]
    others = [row for row in judged if not row["is_good"]]
    good = [row for row in judged if row["is_good"]]
    layouts = [one for row in others for one in row["layouts"]]
    best = [max(row["layouts"], key=lambda one: one["gain"]) for row in others if row["layouts"]]
    print(f"halls {len(others)}, of them {len(best)} with better layouts; good halls {len(good)}")
    for title, some in (("best", best), ("all", layouts)):
        held = np.mean([one["low"] <= one["real"] <= one["high"] for one in some])
        promised, real = (np.array([one[key] for one in some]) for key in ("gain", "real"))
        print(
            f"{title}: {len(some)} layouts, promised {promised.mean():.1%}, real {real.mean():.1%}, realised "
            f"share {real.sum() / promised.sum():.2f} (mean {np.mean(real / promised):.2f}), interval holds "
            f"{held:.0%}"
        )
    told = [row["seed"] for row in good if row["layouts"]]
    print(f"good halls told of a gain: {len(told)} of {len(good)} {told}")
    print(f"longest search, seconds of processor:  {max(row['seconds'] for row in judged):.0f}")


if __name__ == "__main__":
    main()
