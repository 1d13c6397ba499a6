"""A day of groups that choose stands and walk to them, event by event, as bends of their ways in time."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.floor_geometry import Point
from tools.fairs.fair_hall import COFFEE, STAGE, FairHall
from tools.fairs.fair_lines import CoffeeLine, PassageLine, find_slowing
from tools.fairs.fair_programme import CALLED_S, FairProgramme
from tools.fairs.fair_ways import FairPlace, find_passage_sides, find_way, subdivide_ways

_OFFSET_M = 0.75
"""Everybody keeps a line of their own within so much of an aisle's middle."""
_SWAY_M = 0.08
_LATEST_S = 240.0
"""After closing, nobody stays longer at a stand."""


@dataclass(frozen=True, slots=True)
class VisitorHabits:
    """How visitors choose and stay; days and groups vary as in ``ItinerarySettings``.

    Attributes:
        mean_stops: of a group, geometrically distributed, at least one.
        day_pull: standard deviation of what a day does to the logarithm of a stand's attraction.
    """

    group_shares: tuple[float, ...] = (0.4, 0.35, 0.15, 0.1)
    mean_stops: float = 7.0
    distance_per_m: float = 0.04
    revisit: float = 0.1
    sigma_log: float = 0.8
    group_correlation: float = 0.5
    day_attendance: float = 0.15
    day_dwell: float = 0.1
    day_pull: float = 0.0
    speed_m_s: float = 1.1
    speed_spread_m_s: float = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class DayWalks:
    """Who was where when: between two bends everybody walks evenly, or stands.

    Attributes:
        person: of each bend, shape (n,), not falling; times rise within one person.
        time_s: from the opening, shape (n,).
        xy_m: shape (n, 2).
        stays: (person, stand's number, from, until) of whom stood at a stand or waited for coffee.
        passed: (came, went through) of everybody who came to the passage, seconds.
    """

    person: IntArray
    time_s: FloatArray
    xy_m: FloatArray
    stays: FloatArray
    passed: FloatArray


@dataclass(slots=True)
class _Group:
    first_person: int
    size: int
    speed_m_s: float
    offsets_m: FloatArray
    place: FairPlace
    own_xy: FloatArray
    been_to: npt.NDArray[np.bool_]
    stand: int = -1
    goal: int = -1
    was_called: bool = False


class FairDay:
    """One day while it is simulated."""

    def __init__(
        self, hall: FairHall, programme: FairProgramme, habits: VisitorHabits, random: np.random.Generator
    ) -> None:
        self._hall, self._programme, self._habits, self._random = hall, programme, habits, random
        day = random.normal(size=2) * (habits.day_attendance, habits.day_dwell)
        self._day_pull = np.exp(habits.day_pull * random.normal(size=len(hall.stands)))
        self._log_dwell = np.log([s.stand.median_dwell_s for s in hall.stands]) + day[1]
        self._visitors = programme.visitors * math.exp(day[0])
        self._coffee, self._stage = hall.find_stand(COFFEE), hall.find_stand(STAGE)
        self._line = CoffeeLine(hall.stands[self._coffee].stand.places)
        self._passage = PassageLine(programme.passage_per_s)
        self._doors = (
            FairPlace(hall.entrance, hall.design.entrance_at),
            FairPlace(hall.exit, hall.design.exit_at),
        )
        self._centres = [
            FairPlace(_find_middle(stand.stand.places), stand.aisle, is_in_way=number == self._coffee)
            for number, stand in enumerate(hall.stands)
        ]
        self._distance_m = _measure_distances(hall, (self._doors[0], *self._centres))
        self._events: list[tuple[float, int, bool, _Group]] = []
        self._persons: list[IntArray] = []
        self._times: list[FloatArray] = []
        self._places: list[FloatArray] = []
        self._stays: list[tuple[float, float, float, float]] = []

    def run(self) -> DayWalks:
        """Let everybody come, go round and leave."""
        self._admit()
        while self._events:
            now_s, _, is_at_passage, group = heapq.heappop(self._events)
            if is_at_passage:
                self._pass(group, now_s)
            else:
                self._choose(group, now_s)
        person = np.concatenate(self._persons) if self._persons else np.empty(0, np.int64)
        time_s = np.concatenate(self._times) if self._times else np.empty(0)
        xy = np.concatenate(self._places) if self._places else np.empty((0, 2))
        order = np.lexsort((time_s, person))
        return DayWalks(
            person[order],
            time_s[order],
            xy[order],
            np.array(self._stays, np.float64).reshape(-1, 4),
            np.array(self._passage.passed, np.float64).reshape(-1, 2),
        )

    def _admit(self) -> None:
        habits, random = self._habits, self._random
        shares = np.asarray(habits.group_shares) / sum(habits.group_shares)
        mean_size = float(np.arange(1, len(shares) + 1) @ shares)
        count = int(random.poisson(self._visitors / mean_size))
        sizes = random.choice(np.arange(1, len(shares) + 1), size=count, p=shares)
        first = 0
        for size, time_s in zip(sizes.tolist(), self._programme.draw_arrivals(count, random), strict=True):
            speed = float(np.clip(random.normal(habits.speed_m_s, habits.speed_spread_m_s), 0.7, 1.6))
            offsets = random.uniform(-_OFFSET_M, _OFFSET_M, (size, 2))
            own = np.asarray(self._doors[0].xy) + offsets * (0.0, 1.0)
            been = np.zeros(len(self._hall.stands), bool)
            group = _Group(first, size, speed, offsets, self._doors[0], own, been)
            self._record(group, np.full((size, 1), time_s), own[:, None])
            self._push(float(time_s), False, group)
            first += size

    def _choose(self, group: _Group, now_s: float) -> None:
        programme, random = self._programme, self._random
        talk = programme.find_called(now_s)
        is_called = talk is not None and (group.was_called or random.random() < talk.share)
        group.was_called = False
        if is_called and group.stand != self._stage:
            goal = self._stage
        elif now_s > programme.open_s or (group.stand >= 0 and random.random() < 1 / self._habits.mean_stops):
            goal = -1
        else:
            odds = programme.find_attractions(self._hall, now_s) * self._day_pull
            odds *= np.exp(-self._habits.distance_per_m * self._distance_m[group.stand + 1])
            odds[group.been_to] *= self._habits.revisit
            if group.stand >= 0:
                odds[group.stand] = 0.0
            if self._line.count_waiting(now_s) + group.size > self._line.most:
                odds[self._coffee] = 0.0
            goal = int(random.choice(len(odds), p=odds / odds.sum()))
        group.goal = goal
        place = self._doors[1] if goal < 0 else self._centres[goal]
        if place.is_behind_passage == group.place.is_behind_passage:
            self._arrive(group, now_s)
            return
        near, _ = find_passage_sides(self._hall, eastwards=place.is_behind_passage)
        arrived_s = self._walk(group, near, None, now_s)
        self._push(arrived_s, True, group)

    def _pass(self, group: _Group, now_s: float) -> None:
        is_eastwards = not group.place.is_behind_passage
        _, far = find_passage_sides(self._hall, eastwards=is_eastwards)
        half = self._hall.design.passage_m / 2 - 0.4
        through = np.column_stack([np.zeros(group.size), group.offsets_m[:, 1] / _OFFSET_M * half])
        times, places = self._passage.take(
            group.own_xy,
            np.asarray(far.xy) + through,
            now_s,
            backwards_rad=math.pi if is_eastwards else 0.0,
            random=self._random,
        )
        self._record(group, times, places)
        group.place, group.own_xy = far, places[:, -1]
        self._arrive(group, float(times[0, -1]))

    def _arrive(self, group: _Group, now_s: float) -> None:
        """Walk to the goal on this side of the passage, and stay there."""
        random = self._random
        group.stand = group.goal
        if group.goal < 0:
            self._walk(group, self._doors[1], None, now_s)
            return
        group.been_to[group.goal] = True
        if group.goal == self._coffee:
            self._have_coffee(group, now_s)
            return
        stand = self._hall.stands[group.goal].stand
        first = int(random.integers(len(stand.places)))
        chosen = [stand.places[(first + member) % len(stand.places)] for member in range(group.size)]
        own = np.asarray(chosen) + random.normal(0.0, _SWAY_M, (group.size, 2))
        centre = self._centres[group.goal]
        arrived_s = self._walk(group, FairPlace(chosen[0], centre.aisle), own, now_s)
        left_s = self._decide_leave(group, arrived_s)
        self._record(group, np.full((group.size, 1), left_s), own[:, None])
        self._note_stay(group, arrived_s, left_s)
        self._push(left_s, False, group)

    def _decide_leave(self, group: _Group, arrived_s: float) -> float:
        """The group goes on when its last member has seen enough, a talk is over, or another begins."""
        habits, random = self._habits, self._random
        name = self._hall.stands[group.goal].name
        if group.goal == self._stage:
            for talk in self._programme.talks:
                if talk.start_s - CALLED_S - 60.0 <= arrived_s < talk.end_s:
                    return max(arrived_s + 5.0, talk.end_s + float(random.uniform(0.0, 20.0)))
        shared = math.sqrt(habits.group_correlation) * habits.sigma_log
        own = math.sqrt(1 - habits.group_correlation) * habits.sigma_log
        log_s = self._log_dwell[group.goal] + shared * random.normal() + own * random.normal(size=group.size)
        left_s = arrived_s + float(np.exp(log_s).max())
        for talk in self._programme.talks:
            called_s = talk.start_s - float(random.uniform(0.0, 200.0))
            if talk.empties == name and arrived_s < talk.end_s and left_s > called_s:
                group.was_called = True
                left_s = max(arrived_s + 3.0, called_s)
        return min(left_s, max(arrived_s + 3.0, self._programme.open_s + _LATEST_S))

    def _have_coffee(self, group: _Group, now_s: float) -> None:
        served_s = self._programme.served_s * math.exp(0.4 * float(self._random.normal()))
        tail = self._line.find_tail(now_s)
        arrived_s = self._walk(group, FairPlace(tail, is_in_way=True), None, now_s)
        times, places = self._line.join(group.own_xy, arrived_s, served_s)
        self._record(group, times, places)
        group.own_xy = places[:, -1]
        group.place = FairPlace((float(places[0, -1, 0]), float(places[0, -1, 1])), is_in_way=True)
        left_s = float(times[0, -1])
        self._note_stay(group, arrived_s, left_s)
        self._push(left_s, False, group)

    def _walk(self, group: _Group, goal: FairPlace, own_goal: FloatArray | None, now_s: float) -> float:
        """Lead a group to a place; returns when it is there."""
        way = find_way(self._hall, group.place, goal)
        if own_goal is None:
            own_goal = np.asarray(goal.xy) + group.offsets_m * (0.0, 0.6)
        between = way.xy_m[None] + group.offsets_m[:, None] * way.spread[None]
        places = np.concatenate([group.own_xy[:, None], between, own_goal[:, None]], axis=1)
        tail = self._line.find_tail_places(now_s)
        if len(tail):
            places = subdivide_ways(places, step_m=1.0)
        length_m = np.hypot(*np.diff(places, axis=1).transpose(2, 0, 1))
        speed_m_s = group.speed_m_s * find_slowing(places, tail)
        times = now_s + np.cumsum(length_m / speed_m_s + 1e-4, axis=1)
        self._record(group, times, places[:, 1:])
        group.place, group.own_xy = goal, own_goal
        return float(times.max())

    def _record(self, group: _Group, times_s: FloatArray, places_m: FloatArray) -> None:
        """Bends of each member, shapes (size, k) and (size, k, 2)."""
        persons = np.arange(group.first_person, group.first_person + group.size)
        self._persons.append(np.repeat(persons, times_s.shape[1]))
        self._times.append(times_s.ravel())
        self._places.append(places_m.reshape(-1, 2))

    def _note_stay(self, group: _Group, arrived_s: float, left_s: float) -> None:
        for member in range(group.size):
            self._stays.append((group.first_person + member, group.goal, arrived_s, left_s))

    def _push(self, time_s: float, is_at_passage: bool, group: _Group) -> None:
        # the number of the first person breaks ties, so that the order never depends on anything else
        heapq.heappush(self._events, (time_s, group.first_person, is_at_passage, group))


def _find_middle(places: tuple[Point, ...]) -> Point:
    x, y = np.mean(places, axis=0)
    return float(x), float(y)


def _measure_distances(hall: FairHall, places: tuple[FairPlace, ...]) -> FloatArray:
    """Along the aisles, from each of the places to each but the first, shape (n, n - 1)."""
    lengths = np.zeros((len(places), len(places) - 1))
    for row, start in enumerate(places):
        for column, goal in enumerate(places[1:]):
            lengths[row, column] = _measure_way(hall, start, goal)
    return lengths


def _measure_way(hall: FairHall, start: FairPlace, goal: FairPlace) -> float:
    if start.is_behind_passage != goal.is_behind_passage:
        near, far = find_passage_sides(hall, eastwards=goal.is_behind_passage)
        return _measure_way(hall, start, near) + math.dist(near.xy, far.xy) + _measure_way(hall, far, goal)
    points = np.vstack([start.xy, find_way(hall, start, goal).xy_m, goal.xy])
    return float(np.hypot(*np.diff(points, axis=0).T).sum())
