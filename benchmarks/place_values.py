"""How well places are valued, in halls drawn at random whose true values are known.

Visitors are of a kind of their own: each has tastes of his own, minds distances more or less than others,
tires after a time of his own, hardly comes back, and stops on impulse at what he passes. One day is observed;
the product fits its model to it and values the places.

``python -m benchmarks.place_values [HALLS [FIRST_SEED]] [--calibrate] [--out FILE]``; with
``OPENBLAS_NUM_THREADS=1`` it takes half the time of the processor, because the matrices are small. With
``--calibrate`` it prints the constant of ``analytics.places.place_value`` that fits best; run it on halls
that are not used to judge by.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from scipy import sparse, stats
from scipy.sparse import csgraph

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.floor_geometry import Polygon
from analytics.domain.zone import ZoneKind
from analytics.places.choice_basis import ChoiceBasis, make_basis
from analytics.places.itineraries import Itineraries
from analytics.places.layout import Layout, LayoutDoor, LayoutZone
from analytics.places.place_value import PLACE_ERROR, average_attraction, estimate_place_values

CELL_M = 1.0
AISLE_M, WALL_M = 3.0, 0.3
NEAR_M = 2.5
"""Distance from the way at which a stand can stop a visitor on impulse."""
SPEED_M_PER_MIN = 66.0
NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True, eq=False)
class Hall:
    """A hall and its true visitors.

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


def simulate_day(hall: Hall, *, visitors: int, seed: int) -> Itinerary:
    """Simulate the visitors of a hall."""
    rng = np.random.default_rng([hall.seed, seed])
    stands = hall.stands
    door = np.searchsorted(np.cumsum(hall.door_shares)[:-1], rng.random(visitors), side="right")
    minds = hall.beta_per_m * np.exp(rng.normal(0.0, 0.3, visitors))
    stay_min = hall.stay_min * np.exp(rng.normal(0.0, 0.5, visitors))
    taste = hall.attraction + rng.normal(0.0, 0.5, (visitors, stands))
    way_m, passes = hall.way_m, hall.passes
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


def count_visits(hall: Hall, *, visitors: int, seed: int) -> FloatArray:
    """Return true visits of each stand by one arrival."""
    day = simulate_day(hall, visitors=visitors, seed=seed)
    return np.bincount(day.stand, minlength=hall.stands) / visitors


OPEN_S = 8 * 3600.0


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
            LayoutZone(name, ZoneKind.BOOTH, _polygon(one))
            for name, one in zip(name_stands(hall), hall.outlines, strict=True)
        ),
        entrances=doors,
        exits=doors,
    )


def _polygon(shape: shapely.Polygon) -> Polygon:
    return Polygon(tuple((float(x), float(y)) for x, y in shapely.get_coordinates(shape)[:-1]))


def observe(hall: Hall, day: Itinerary) -> ChoiceBasis:
    """Return what the product makes of a day."""
    count = len(day.door)
    came_s = np.random.default_rng(hall.seed).uniform(0.0, OPEN_S, count)
    entered_s, left_s = (came_s[day.visitor] + 60.0 * one for one in (day.entered_min, day.left_min))
    end_s = came_s.copy()
    np.maximum.at(end_s, day.visitor, left_s)
    itineraries = Itineraries(
        zones=tuple(name_stands(hall)),
        entrances=("door 0", "door 1"),
        first=np.concatenate([[0], np.cumsum(np.bincount(day.visitor, minlength=count))]),
        zone=day.stand,
        entered_utc_s=entered_s,
        left_utc_s=left_s,
        stopped=np.ones(len(day.stand), bool),
        start_utc_s=came_s,
        end_utc_s=end_s,
        is_start_seen=np.ones(count, bool),
        is_end_seen=np.ones(count, bool),
        entrance=day.door,
    )
    names = name_stands(hall)
    stops = dict(zip(names, np.bincount(day.stand, minlength=hall.stands).astype(float), strict=True))
    basis = make_basis(itineraries, make_layout(hall), stops=stops, coverage=dict.fromkeys(names, 1.0))
    assert isinstance(basis, ChoiceBasis), basis
    return basis


def value_hall(seed: int, *, visitors: int) -> dict[str, Any]:
    """Return the values of a hall's places as estimated from one day, and the true ones."""
    hall = draw_hall(seed)
    day = simulate_day(hall, visitors=visitors, seed=1)
    found = estimate_place_values(observe(hall, day))
    log_area = np.log([one.area for one in hall.outlines])
    average = average_attraction(hall.attraction[None], log_area)[0]
    rows = []
    for stand, name in enumerate(name_stands(hall)):
        attraction = hall.attraction.copy()
        attraction[stand] = average[stand]
        there = replace(hall, attraction=attraction)
        true = np.mean(
            [count_visits(there, visitors=10_000, seed=7000 + round_)[stand] for round_ in range(2)]
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
    """Print the error of places by which their values are likeliest."""
    value, true, low, high = (
        np.array([one[key] for row in rows for one in row["places"]])
        for key in ("value", "true", "low", "high")
    )
    variance = (np.log(high / low) / 2 / NORMAL_95) ** 2 - PLACE_ERROR**2
    # the truth is a mean of visits
    variance += 1.0 / (10.0 * true)

    def lose(error: float) -> float:
        """Return the mean negative logarithm of the likelihood of normal errors."""
        whole = np.maximum(variance + error**2, 1e-8)
        return float((np.log(whole) + np.log(true / value) ** 2 / whole).mean())

    found = min(np.arange(0.01, 0.305, 0.01).tolist(), key=lose)
    print(f"{len(rows)} halls, {len(value)} places: PLACE_ERROR = {found:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("halls", type=int, nargs="?", default=30)
    parser.add_argument("first_seed", type=int, nargs="?", default=0)
    parser.add_argument("--visitors", type=int, default=2000)
    parser.add_argument("--calibrate", action="store_true", help="print the constant that fits best")
    parser.add_argument("--out", type=Path, default=Path("place_values.jsonl"), help="earlier rows are kept")
    chosen = parser.parse_args()
    with chosen.out.open("a") as file:
        for seed in range(chosen.first_seed, chosen.first_seed + chosen.halls):
            print(json.dumps(value_hall(seed, visitors=chosen.visitors)), file=file, flush=True)
    rows = [json.loads(line) for line in chosen.out.read_text().splitlines()]
    if chosen.calibrate:
        print_calibration(rows)
    print_places(rows)


if __name__ == "__main__":
    main()
