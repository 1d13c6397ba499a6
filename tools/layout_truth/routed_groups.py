"""Groups who follow routes through a hall and stop together at what one of them likes on the way."""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.zone import ZoneKind
from tools.layout_truth.hall_ways import HallWays
from tools.layout_truth.true_halls import CATEGORIES, TrueHall
from tools.layout_truth.visitor_legs import Parties

GROUP_SIZES, GROUP_SHARES = np.array([1, 2, 3, 4, 5, 12]), np.array([0.25, 0.35, 0.16, 0.14, 0.06, 0.04])
_CLASS = 8
"""A group of so many has a guide, who stops where the programme says."""
_LIKING, _INTEREST = 0.07, 2.5
_BUDGET_S = 1500.0


class RoutedGroups:
    """Groups on routes.

    A route is a series of crossings: through the rows up and down, through the columns, round along the
    walls, or to the middle and back. A group leaves it for a famous stand in sight, and follows it again
    from there; it goes out when the route or the time is over.
    """

    least_share = 0.35

    def __init__(self, hall: TrueHall, ways: HallWays, parties: Parties, rng: np.random.Generator) -> None:
        count, stands = parties.visited.shape
        self._ways, self._rng = ways, rng
        self._fame, appeal, self._dwell_s, category = (
            np.array([getattr(stand, name) for stand in hall.stands])
            for name in ("fame", "appeal", "median_dwell_s", "category")
        )
        is_cafe = np.array([stand.kind is ZoneKind.CATERING for stand in hall.stands])
        front_m = np.array([sum(front[2] for front in stand.spot.list_fronts()) for stand in hall.stands])
        self._places = np.maximum(4, (front_m / 0.7).astype(np.int64))
        interest = np.ones((count, CATEGORIES + 1))
        interest[np.arange(count), rng.integers(CATEGORIES, size=count)] = _INTEREST
        liking = _LIKING * appeal * interest[:, category] / np.mean(interest[:, :CATEGORIES])
        people = np.minimum(parties.size, _CLASS)[:, None]
        self._stop = 1.0 - (1.0 - np.minimum(liking, 0.8)) ** (0.6 + 0.4 * people)
        # a guide's programme: ten stands, by fame and chance
        wish = np.log(np.maximum(self._fame, 1e-9)) + rng.gumbel(size=(count, stands))
        is_planned = np.argsort(np.argsort(-wish, axis=1), axis=1) < 10
        has_guide = (parties.size >= _CLASS)[:, None]
        self._stop = np.where(has_guide, np.where(is_planned, 0.97, 0.01), self._stop)
        self._stop[:, is_cafe] = 0.06
        routes = _list_routes(hall)
        longest = max(len(route) for route in routes)
        self._routes = np.array([route + [-1] * (longest - len(route)) for route in routes])
        self._route: IntArray = np.asarray(rng.choice(len(routes), size=count, p=[0.3, 0.2, 0.2, 0.15, 0.15]))
        self._step = np.zeros(count, np.int64)
        self._stops = np.zeros(count, np.int64)
        self._budget_s = _BUDGET_S * np.exp(rng.normal(0.0, 0.4, count))

    def choose_goal(self, who: IntArray, parties: Parties, crowd: IntArray) -> IntArray:
        """Return the next crossing of the route, a famous stand in sight, or an exit."""
        del crowd
        rng, ways = self._rng, self._ways
        nodes, count = parties.node[who], len(who)
        calls = ways.sees[nodes] & ~parties.visited[who] & (self._fame > 1.5)
        chance = np.where(calls, 0.08 * self._fame, 0.0) * (parties.size[who] < _CLASS)[:, None]
        is_called = rng.random(chance.shape) < chance
        stand = np.argmin(np.where(is_called, ways.measure_to_stands(nodes), np.inf), axis=1)
        leaves_route = is_called.any(axis=1)
        # now and then a crossing is cut short
        self._step[who] += np.where(leaves_route, 0, 1 + (rng.random(count) < 0.08))
        at = np.minimum(self._step[who] - 1, self._routes.shape[1] - 1)
        crossing = self._routes[self._route[who], np.maximum(at, 0)]
        is_over = (crossing < 0) | (self._step[who] > self._routes.shape[1])
        is_over |= parties.clock_s[who] - parties.arrived_s[who] > self._budget_s[who]
        goal = np.where(leaves_route, ways.nearest[nodes, stand], ways.junctions[np.maximum(crossing, 0)])
        return np.where(is_over, ways.find_nearest_exit(nodes), goal)

    def find_stop_chance(self, who: IntArray, parties: Parties, crowd: IntArray) -> FloatArray:
        """Return the chance that somebody of the group likes a stand, less after every stop."""
        fresh = np.where(parties.size[who] >= _CLASS, 1.0, np.exp(-0.05 * self._stops[who]))[:, None]
        is_full = crowd[parties.day[who]] >= self._places
        chance = self._stop[who] * fresh * np.where(is_full, 0.5, 1.0)
        return np.where(parties.visited[who], 0.0, chance)

    def draw_stay_s(
        self, who: IntArray, stands: IntArray, parties: Parties, crowd: IntArray
    ) -> tuple[FloatArray, BoolArray]:
        """Draw how long the last one stays: longer in larger groups, less after every stop."""
        count = len(who)
        full = crowd[parties.day[who], stands] + parties.size[who] > 2 * self._places[stands]
        put_off = full & (self._rng.random(count) < 0.5)
        parties.visited[who, stands] = True
        self._stops[who] += 1
        stay_s = self._dwell_s[stands] * np.exp(self._rng.normal(0.0, 0.7, count))
        stay_s *= (0.9 + 0.1 * np.minimum(parties.size[who], 6)) * np.exp(-0.03 * self._stops[who])
        return np.where(put_off, 4.0, np.clip(stay_s, 4.0, 1200.0)), put_off


def _list_routes(hall: TrueHall) -> list[list[int]]:
    """Return five routes as indices of crossings, from the crossings' rows and columns."""
    xy = np.array(hall.junctions)
    rows = [sorted(np.flatnonzero(xy[:, 1] == y), key=lambda i: xy[i, 0]) for y in np.unique(xy[:, 1])]
    columns = [sorted(np.flatnonzero(xy[:, 0] == x), key=lambda i: xy[i, 1]) for x in np.unique(xy[:, 0])]
    by_rows = [int(i) for n, row in enumerate(rows) for i in (row if n % 2 == 0 else row[::-1])]
    by_columns = [int(i) for n, col in enumerate(columns) for i in (col if n % 2 == 0 else col[::-1])]
    round_walls = [*rows[0], *columns[-1][1:], *rows[-1][::-1][1:], *columns[0][::-1][1:-1]]
    middle = rows[len(rows) // 2]
    there_and_back = [*middle, *rows[len(rows) // 2 + 1][::-1]]
    return [
        by_rows,
        by_columns,
        [int(i) for i in round_walls],
        [int(i) for i in there_and_back],
        by_rows[::-1],
    ]
