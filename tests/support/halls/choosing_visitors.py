"""Visitors of a planted choice model in a hall of two rows, as itineraries without a camera."""

from __future__ import annotations

import numpy as np

from analytics.domain.floor_geometry import Polygon
from analytics.domain.zone import ZoneKind
from analytics.places.itineraries import Itineraries
from analytics.places.layout import Layout, LayoutDoor, LayoutZone, measure_ways

STANDS = 12
BLOCK_M = 4.0
ROWS_Y_M = (4.0, 12.0)


def make_rows() -> Layout:
    """Twelve stands in two rows, each a block with floor around."""
    zones, obstacles = [], []
    for place in range(STANDS):
        x, y = 6.0 + 7.0 * (place % 6), ROWS_Y_M[place // 6]
        zone, block = (
            Polygon(
                ((x - reach, y - reach), (x + BLOCK_M + reach, y - reach),
                 (x + BLOCK_M + reach, y + 2 + reach), (x - reach, y + 2 + reach))
            )
            for reach in (1.2, 0.0)
        )  # fmt: skip
        zones.append(LayoutZone(f"S{place}", ZoneKind.BOOTH, zone))
        obstacles.append(block)
    hall = Polygon(((0.0, 0.0), (52.0, 0.0), (52.0, 18.0), (0.0, 18.0)))
    doors = (LayoutDoor("in", (0.0, 9.0)),), (LayoutDoor("out", (0.0, 2.0)),)
    return Layout(hall, tuple(obstacles), tuple(zones), *doors)


def walk(layout: Layout, *, visitors: int, seed: int, beta: float = 0.12, listed: int = 0) -> Itineraries:
    """Visitors who choose one stand after the other, with memory.

    Args:
        listed: number of stands on each visitor's list, drawn by their attraction, of which the nearest comes
            first; 0: no lists.
    """
    rng = np.random.default_rng(seed)
    attraction = np.random.default_rng(5).normal(0.0, 0.7, STANDS)
    ways = measure_ways(layout)
    away_m = ways.distance_m[: STANDS + 1, :STANDS]
    pull = -beta * away_m
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
    return Itineraries(
        names,
        ("in",),
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
    )
