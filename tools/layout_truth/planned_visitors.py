"""Visitors with lists of what they must see, who stop on impulse, tire, and avoid crowds."""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.zone import ZoneKind
from tools.layout_truth.hall_ways import HallWays
from tools.layout_truth.true_halls import CATEGORIES, TrueHall
from tools.layout_truth.visitor_legs import Parties

_BUDGET_S, _BUDGET_SPREAD = 1200.0, 0.5
_LIST_MEAN = 1.5
_INTEREST = 3.5
"""Pull of a stand of a category that a visitor comes for."""
_IMPULSE = 0.22
_PLACE_M = 0.9
"""Width that a visitor takes up at a stand's front."""


class PlannedVisitors:
    """Single visitors.

    They go through their lists by what seems nearest, and stop at what they pass: more where a few others
    stand, less where it is full, and less the more of their time is over. With the list done they look for
    anything striking in sight, nearest first, or wander to a crossing, until they leave.
    """

    least_share = 1.0

    def __init__(self, hall: TrueHall, ways: HallWays, parties: Parties, rng: np.random.Generator) -> None:
        count, stands = parties.visited.shape
        self._ways, self._rng = ways, rng
        fame, appeal, self._dwell_s, category = (
            np.array([getattr(stand, name) for stand in hall.stands])
            for name in ("fame", "appeal", "median_dwell_s", "category")
        )
        self._is_cafe = np.array([stand.kind is ZoneKind.CATERING for stand in hall.stands])
        front_m = np.array([sum(front[2] for front in stand.spot.list_fronts()) for stand in hall.stands])
        self._places = np.maximum(2, (front_m / _PLACE_M).astype(np.int64) + 1)
        interest = np.ones((count, CATEGORIES + 1))
        for _ in range(2):
            chosen = rng.integers(CATEGORIES, size=count)
            interest[np.arange(count), chosen] = _INTEREST
        affinity = interest[:, category]
        self._pull = appeal * affinity**0.7 / np.mean(affinity**0.7)
        with np.errstate(divide="ignore"):
            wish = np.log(fame * affinity) + rng.gumbel(size=(count, stands))
        wanted = np.minimum(1 + rng.poisson(_LIST_MEAN, count), stands - 2)
        rank = np.argsort(np.argsort(-wish, axis=1), axis=1)
        self._must = (rank < wanted[:, None]) & (fame > 0)
        self._budget_s = _BUDGET_S * np.exp(rng.normal(0.0, _BUDGET_SPREAD, count))
        self._tempo = np.exp(rng.normal(0.0, 0.3, count))
        self._was_put_off = np.zeros((count, stands), bool)

    def choose_goal(self, who: IntArray, parties: Parties, crowd: IntArray) -> IntArray:
        """Return the nearest of the list; then something striking in sight, a crossing, or an exit."""
        del crowd
        rng, ways = self._rng, self._ways
        nodes, count = parties.node[who], len(who)
        tired = self._find_fatigue(who, parties)
        listed = self._must[who] & ~parties.visited[who]
        has_list = listed.any(axis=1)
        way_m = ways.measure_to_stands(nodes)
        felt_m = way_m * np.exp(rng.normal(0.0, 0.35, way_m.shape))
        striking = ways.sees[nodes] & ~parties.visited[who] & ~self._is_cafe
        striking &= self._pull[who] * np.exp(rng.normal(0.0, 0.4, way_m.shape)) > 1.3
        candidates = np.where(has_list[:, None], listed, striking)
        stand = np.argmin(np.where(candidates, felt_m, np.inf), axis=1)
        if self._is_cafe.any():
            cafe = int(np.flatnonzero(self._is_cafe)[0])
            is_hungry = (tired > 0.4) & ~parties.visited[who, cafe] & (rng.random(count) < 0.06)
            stand = np.where(is_hungry, cafe, stand)
            candidates[is_hungry, cafe] = True
        goal = ways.nearest[nodes, stand]
        crossing = rng.choice(ways.junctions, count)
        goal = np.where(candidates.any(axis=1), goal, crossing)
        leaves = (tired > 1.0) | (~has_list & (rng.random(count) < 0.15 + 0.5 * tired))
        return np.where(leaves, ways.find_nearest_exit(nodes), goal)

    def find_stop_chance(self, who: IntArray, parties: Parties, crowd: IntArray) -> FloatArray:
        """Return the chance of an impulse stop; what is on the list is hardly passed by."""
        tired = self._find_fatigue(who, parties)[:, None]
        others = crowd[parties.day[who]]
        curious = np.where(others < self._places, 0.7 + 0.2 * np.minimum(others, 3), 0.3)
        chance = _IMPULSE * self._pull[who] * curious * np.clip(1.0 - 0.6 * tired, 0.1, 1.0)
        chance = np.where(self._is_cafe, 0.02, chance)
        chance = np.where(self._must[who], 0.9, chance)
        return np.where(parties.visited[who], 0.0, np.minimum(chance, 0.95))

    def draw_stay_s(
        self, who: IntArray, stands: IntArray, parties: Parties, crowd: IntArray
    ) -> tuple[FloatArray, BoolArray]:
        """Draw how long they stay; before a full stand many turn away, and come back once if it is listed."""
        rng, count = self._rng, len(who)
        is_listed = self._must[who, stands]
        is_full = crowd[parties.day[who], stands] >= self._places[stands]
        put_off = is_full & (rng.random(count) < np.where(is_listed, 0.4, 0.7))
        comes_back = put_off & is_listed & ~self._was_put_off[who, stands]
        self._was_put_off[who, stands] |= put_off
        parties.visited[who, stands] = ~comes_back
        tired = self._find_fatigue(who, parties)
        stay_s = self._dwell_s[stands] * self._tempo[who] * np.exp(rng.normal(0.0, 0.8, count))
        stay_s *= np.where(is_listed, 1.4, 0.6) * np.clip(1.0 - 0.4 * tired, 0.3, 1.0)
        return np.where(put_off, rng.uniform(2.0, 8.0, count), np.clip(stay_s, 3.0, 1500.0)), put_off

    def _find_fatigue(self, who: IntArray, parties: Parties) -> FloatArray:
        fatigue: FloatArray = (parties.clock_s[who] - parties.arrived_s[who]) / self._budget_s[who]
        return fatigue
