"""Visitors of a planted choice model in a hall of two rows, as itineraries without a camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Polygon
from analytics.domain.zone import ZoneKind
from analytics.forecast.itineraries import Itineraries
from analytics.forecast.layout import Layout, LayoutDoor, LayoutZone, measure_ways

STANDS = 12
BLOCK_M = 4.0
ROWS_Y_M = (4.0, 12.0)


def make_rows(order: list[int] | None = None, *, off_m: float = 0.0, seed: int = 0) -> Layout:
    """Twelve stands in two rows, each a block with floor around, in some order of the places."""
    shift = np.random.default_rng(seed).uniform(-off_m, off_m, (STANDS, 2, 4, 2))
    zones, obstacles = [], []
    for name, place in enumerate(order or range(STANDS)):
        x, y = 6.0 + 7.0 * (place % 6), ROWS_Y_M[place // 6]
        for part, (reach, shapes) in enumerate(((1.2, zones), (0.0, obstacles))):
            corners = np.array(
                [
                    (x - reach, y - reach),
                    (x + BLOCK_M + reach, y - reach),
                    (x + BLOCK_M + reach, y + 2 + reach),
                    (x - reach, y + 2 + reach),
                ]
            )
            outline = Polygon(tuple(map(tuple, (corners + shift[name, part]).tolist())))
            shapes.append(
                LayoutZone(f"S{name}", ZoneKind.BOOTH, "booth", outline) if shapes is zones else outline
            )
    hall = Polygon(((0.0, 0.0), (52.0, 0.0), (52.0, 18.0), (0.0, 18.0)))
    doors = (LayoutDoor("in", (0.0, 9.0)),), (LayoutDoor("out", (0.0, 2.0)),)
    return Layout(hall, tuple(obstacles), tuple(zones), *doors)


@dataclass(frozen=True)
class Walkers:
    """What visitors did: their itineraries and the stops at each stand."""

    itineraries: Itineraries
    stops: FloatArray


def walk(
    layout: Layout,
    *,
    visitors: int,
    seed: int,
    beta: float = 0.12,
    is_gravity: bool = False,
    listed: int = 0,
) -> Walkers:
    """Visitors who choose one stand after the other, with memory; or by a power of the distance.

    Args:
        listed: number of stands on each visitor's list, drawn by their attraction, of which the nearest comes
            first; 0: no lists.
    """
    rng = np.random.default_rng(seed)
    attraction = np.random.default_rng(5).normal(0.0, 0.7, STANDS)
    ways = measure_ways(layout)
    away_m = ways.distance_m[: STANDS + 1, :STANDS]
    pull = -1.6 * np.log(away_m + 2.0) if is_gravity else -beta * away_m
    zone, stopped, entered, left, lengths, ends = [], [], [], [], [], []
    starts = np.sort(rng.uniform(0.0, 6 * 3600.0, visitors))
    for start in starts.tolist():
        place, time_s, been = STANDS, start, np.zeros(STANDS, bool)
        steps = 0
        chance = np.exp(attraction) / np.exp(attraction).sum()
        goals = rng.choice(STANDS, listed, replace=False, p=chance).tolist()
        while not listed or goals:
            weight = np.exp(attraction + pull[place] - 1.5 * been)
            if place < STANDS:
                weight[place] = 0.0
            leave = 0.0 if place == STANDS else np.exp(-2.0 + 0.03 * (time_s - start) / 60) * weight.sum()
            pick = int(rng.choice(STANDS + 1, p=np.append(weight, leave) / (weight.sum() + leave)))
            if listed:
                pick = min(goals, key=lambda goal, place=place: away_m[place, goal])
                goals.remove(pick)
            if pick == STANDS:
                break
            time_s += away_m[place, pick] / 1.0
            entered.append(time_s)
            time_s += float(rng.exponential(60.0)) + 5.0
            left.append(time_s)
            zone.append(pick)
            stopped.append(True)
            been[pick] = True
            place, steps = pick, steps + 1
        lengths.append(steps)
        ends.append(time_s + 20.0)
    names = tuple(stand.name for stand in layout.stands)
    seen = np.ones(visitors, bool)
    itineraries = Itineraries(
        names,
        ("in",),
        ("out",),
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.array(zone, np.int64),
        np.array(entered),
        np.array(left),
        np.array(stopped),
        starts,
        np.array(ends),
        seen,
        seen,
        np.zeros(visitors, np.int64),
        np.zeros(visitors, np.int64),
    )
    return Walkers(itineraries, np.bincount(zone, minlength=STANDS).astype(np.float64))
