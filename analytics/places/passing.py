"""Visits in passing: who goes by a zone on the way from one stand to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray
from analytics.places.choice_model import ExpectedMoves
from analytics.places.itineraries import UNKNOWN, Itineraries
from analytics.places.layout import Layout, LayoutWays

REACHES_M = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Detours among which the one is chosen that fits the passages seen."""


@dataclass(frozen=True, slots=True, eq=False)
class PassingModel:
    """Share of walks that visit a zone in passing: p_k exp(-detour / reach).

    Attributes:
        reach_m: additional way at which a walk goes by a zone e times less often.
        share: p_k of each zone of the layout, shape (zones,).
        through: visitors by entrance who stopped nowhere, shape (entrances,).
    """

    reach_m: float
    share: FloatArray
    through: FloatArray


def fit_passing(
    itineraries: Itineraries, layout: Layout, ways: LayoutWays, arrivals: FloatArray
) -> PassingModel:
    """Estimate how far from the shortest way a zone is still passed, and how often.

    Args:
        arrivals: visitors by entrance, with and without a stop, shape (entrances,).
    """
    legs, passages, through = _count_legs(itineraries, layout, ways)
    best: tuple[float, float, FloatArray] | None = None
    for reach_m in REACHES_M:
        near = weigh_detours(layout, ways, reach_m)
        expected = np.einsum("ij,ijk->k", legs, near)
        seen = passages.sum(axis=(0, 1))
        share = seen / np.maximum(expected, 1e-9) * (expected > 0)
        rate = legs[:, :, None] * near * share
        happened = passages > 0
        fit = float((passages[happened] * np.log(np.maximum(rate[happened], 1e-12))).sum() - rate.sum())
        if best is None or fit > best[0]:
            best = fit, reach_m, share
    assert best is not None
    known = through.sum()
    shares = arrivals / max(float(arrivals.sum()), 1e-9)
    return PassingModel(best[1], best[2], through if known else 0.0 * shares)


def weigh_detours(layout: Layout, ways: LayoutWays, reach_m: float) -> FloatArray:
    """Return the weight with which a walk from place to place goes by each zone, shape of ``detour_m``."""
    near = np.exp(-ways.detour_m / reach_m)
    # whoever comes from a stand or goes to it does not pass it
    stand = 0
    for index, zone in enumerate(layout.zones):
        if zone.is_stand:
            near[stand, :, index] = 0.0
            near[:, stand, index] = 0.0
            stand += 1
    return near


def expected_passages(
    layout: Layout, ways: LayoutWays, moves: ExpectedMoves, passing: PassingModel, through: FloatArray
) -> FloatArray:
    """Return the walks that go by each zone, weighted with their detours, shape (sets, zones).

    Args:
        through: visitors by entrance of this layout who stop nowhere, shape (entrances,).
    """
    stands, doors = len(layout.stands), len(layout.entrances)
    places = len(ways.distance_m)
    near = weigh_detours(layout, ways, passing.reach_m)
    exits = nearest_exits(layout, ways)
    sets = len(moves.moves)
    legs = np.zeros((sets, places, places))
    legs[:, : stands + doors, :stands] = moves.moves[:, : stands + doors, :-1]
    if len(layout.exits):
        rows = np.arange(stands)
        legs[:, rows, exits[:stands]] += moves.moves[:, :stands, -1]
        for door in range(doors):
            legs[:, stands + door, exits[stands + door]] += through[door]
    flat = legs.reshape(sets, -1) @ near.reshape(-1, near.shape[2])
    return np.asarray(flat, np.float64)


def nearest_exits(layout: Layout, ways: LayoutWays) -> IntArray:
    """Return the place of the nearest exit of each stand and entrance, shape (stands + entrances,)."""
    count = len(layout.stands) + len(layout.entrances)
    if not len(layout.exits):
        return np.zeros(count, np.int64)
    nearest: IntArray = ways.distance_m[:count, count:].argmin(axis=1).astype(np.int64)
    return count + nearest


def _count_legs(
    itineraries: Itineraries, layout: Layout, ways: LayoutWays
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return walks from place to place, the zones passed on them, and visitors who stopped nowhere.

    Returns:
        Shapes (places, places), (places, places, zones) and (entrances,).
    """
    stand_names = [stand.name for stand in layout.stands]
    stands, doors, places = len(stand_names), len(layout.entrances), len(ways.distance_m)
    stand_code = {name: code for code, name in enumerate(stand_names)}
    zone_code = {zone.name: code for code, zone in enumerate(layout.zones)}
    stand_of = np.array([stand_code.get(name, UNKNOWN) for name in itineraries.zones] or [UNKNOWN], np.int64)
    zone_of = np.array([zone_code.get(name, UNKNOWN) for name in itineraries.zones] or [UNKNOWN], np.int64)
    exits = nearest_exits(layout, ways)
    legs = np.zeros((places, places))
    passages = np.zeros((places, places, len(layout.zones)))
    through = np.zeros(doors)
    stand = stand_of[itineraries.zone]
    zone = zone_of[itineraries.zone]
    is_stop = itineraries.stopped & (stand >= 0)
    first, door = itineraries.first.tolist(), itineraries.entrance.tolist()
    for visitor in range(len(itineraries)):
        came = door[visitor] if doors and itineraries.is_start_seen[visitor] else UNKNOWN
        place = UNKNOWN if came < 0 else stands + came
        passed: list[int] = []
        begin, end = first[visitor], first[visitor + 1]
        for step in range(begin, end):
            if not is_stop[step]:
                passed.append(int(zone[step]))
                continue
            target = int(stand[step])
            if place >= 0 and place != target:
                legs[place, target] += 1
                for one in passed:
                    if one >= 0:
                        passages[place, target, one] += 1
            place, passed = target, []
        if place >= 0 and len(layout.exits) and itineraries.is_end_seen[visitor]:
            out = exits[place] if place < stands + doors else UNKNOWN
            legs[place, out] += 1
            for one in passed:
                if one >= 0:
                    passages[place, out, one] += 1
            if place >= stands:
                through[place - stands] += 1
    return legs, passages, through
