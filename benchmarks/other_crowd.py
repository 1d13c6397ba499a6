"""A second crowd, deliberately unlike the first, so that nothing is fitted to one simulator.

No force model: everybody looks for the velocity nearest to the wished one that runs into nobody soon, among
a few that are tried (van den Berg et al., Reciprocal velocity obstacles, 2008, by sampling). Stays are a
mixture of short exponential and long gamma ones, people stand in half circles, sway all the time, and come
in waves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from tools.simulation.crowd.visitor_paths import STEP_S, VisitorPath, VisitorPaths

_WARM_UP_S = 240.0
_WAVE_S, _WAVE_SHARE = 280.0, 0.4
_PAIR_SHARE, _PASSING_SHARE = 0.22, 0.3
_LEAVES_AFTER_STOP = 0.4
_LONG_SHARE, _SHORT_MEAN_S, _LONG_SHAPE, _LONG_MEAN_S = 0.42, 16.0, 3.0, 95.0
_BODY_M = 0.5
"""Two people's middles are about so far apart at least."""
_LOOK_AHEAD_S = 2.5
_ACCELERATION_M_S2 = 2.5
_PATIENCE_S = 10.0
_SWAY_SIGMA_M, _SWAY_S = 0.05, 1.5
_TURNS_RAD = np.deg2rad([0.0, 25.0, -25.0, 50.0, -50.0, 85.0, -85.0])
_PACES = (1.0, 0.55)


@dataclass(frozen=True, slots=True)
class OtherStand:
    """A stand with the half circle (or circle) of people before it: centre, from and to which angle."""

    zone: Zone
    centre: Point
    from_deg: float
    to_deg: float
    footprint: tuple[float, float, float, float]
    attraction: float


@dataclass(slots=True)
class _Person:
    number: int
    start_s: float
    xy: FloatArray
    speed: float
    goal: FloatArray
    stand: int | None
    velocity: FloatArray = field(default_factory=lambda: np.zeros(2))
    sway: FloatArray = field(default_factory=lambda: np.zeros(2))
    stays_until_s: float | None = None
    goal_since_s: float = 0.0
    partner: _Person | None = None
    samples: list[Point] = field(default_factory=list)


_DOORS: tuple[tuple[Point, Point], ...] = (((-0.6, 6.4), (-0.6, 8.4)), ((8.2, -0.8), (10.8, -0.8)))


def _make_zone(name: str, corners: list[Point]) -> Zone:
    return Zone(ZoneId(name), ZoneKind.BOOTH, Polygon.from_points(corners, what=f"zone '{name}'"))


def _make_line(name: str, points: list[Point]) -> CountingLine:
    return CountingLine(LineId(name), ZoneKind.ENTRANCE, Polyline.from_points(points, what=f"line '{name}'"))


def _make_box(left: float, low: float, right: float, high: float) -> list[Point]:
    return [(left, low), (right, low), (right, high), (left, high)]


OTHER_STANDS = (
    OtherStand(
        _make_zone("Bread", _make_box(3.4, 8.7, 6.6, 11.0)),
        (5.0, 10.7),
        200,
        340,
        (3.9, 10.4, 6.1, 11.0),
        1.3,
    ),
    OtherStand(
        _make_zone("Wine", _make_box(7.6, 8.7, 10.8, 11.0)),
        (9.2, 10.7),
        200,
        340,
        (8.1, 10.4, 10.3, 11.0),
        1.0,
    ),
    OtherStand(
        _make_zone("Cheese", [(11.7, 6.0), (14.0, 6.0), (14.0, 9.0), (11.7, 9.0), (11.4, 7.5)]),
        (13.7, 7.5),
        110,
        250,
        (13.4, 6.4, 14.0, 8.6),
        1.1,
    ),
    OtherStand(
        _make_zone("Fruit", _make_box(11.7, 2.2, 14.0, 5.2)),
        (13.7, 3.7),
        110,
        250,
        (13.4, 2.6, 14.0, 4.8),
        0.8,
    ),
    OtherStand(
        _make_zone(
            "Table",
            [(7.2 + 1.7 * math.cos(a), 5.4 + 1.7 * math.sin(a)) for a in np.arange(8) * math.pi / 4 + 0.39],
        ),
        (7.2, 5.4),
        0,
        360,
        (6.8, 5.0, 7.6, 5.8),
        0.9,
    ),
)
OTHER_LINES = (
    _make_line("door west", [(3.0, 5.6), (3.0, 8.6)]),
    _make_line("door south", [(11.4, 1.6), (7.4, 1.6)]),
)


def walk_other_crowd(*, duration_s: float, seed: int, arrivals_per_s: float, max_people: int) -> VisitorPaths:
    """Walk visitors through the other hall; the same arguments give the same ways.

    Args:
        max_people: while so many are in the hall, nobody comes in.
    """
    crowd = _OtherCrowd(np.random.default_rng([seed, 31]), arrivals_per_s, max_people)
    steps = round((_WARM_UP_S + duration_s) / STEP_S)
    for step in range(steps + 1):
        crowd.step(step * STEP_S - _WARM_UP_S)
    return VisitorPaths(duration_s, crowd.collect_paths())


class _OtherCrowd:
    def __init__(self, rng: np.random.Generator, arrivals_per_s: float, max_people: int) -> None:
        self._rng = rng
        self._max_people = max_people
        self._rate = arrivals_per_s
        self._inside: list[_Person] = []
        self._everyone: list[_Person] = []

    def step(self, now_s: float) -> None:
        rate = self._rate * (1 + _WAVE_SHARE * math.sin(2 * math.pi * now_s / _WAVE_S))
        if len(self._inside) < self._max_people and self._rng.random() < rate * STEP_S:
            self._arrive(now_s)
        for person in self._inside:
            person.samples.append((float(person.xy[0]), float(person.xy[1])))
        for person in self._inside:
            self._decide(person, now_s)
        self._inside = [person for person in self._inside if not _has_left(person)]
        self._move()

    def collect_paths(self) -> tuple[VisitorPath, ...]:
        paths = []
        for person in self._everyone:
            if len(person.samples) < 2:
                continue
            xy = np.array(person.samples)
            way = np.diff(xy, axis=0, prepend=xy[:1])
            length = np.hypot(way[:, 0], way[:, 1])
            heading = np.unwrap(np.arctan2(way[:, 1], way[:, 0]))
            paths.append(VisitorPath(person.number, person.start_s, xy, heading, np.cumsum(length)))
        return tuple(path for path in paths if path.times_s[-1] >= 0)

    def _arrive(self, now_s: float) -> None:
        door = int(self._rng.integers(len(_DOORS)))
        place = self._draw_at_door(door)
        speed = float(np.clip(self._rng.normal(1.2, 0.25), 0.6, 1.8))
        first = self._add(place, speed, now_s)
        if self._rng.random() < _PASSING_SHARE:
            first.goal = self._draw_at_door(1 - door)
        else:
            self._go_to_stand(first, now_s)
        if self._rng.random() < _PAIR_SHARE:
            second = self._add(place + self._rng.normal(0, 0.5, 2), speed, now_s)
            second.partner, second.stand = first, first.stand
            second.goal = self._find_beside(first.goal)

    def _add(self, place: FloatArray, speed: float, now_s: float) -> _Person:
        person = _Person(len(self._everyone) + 1, now_s, place, speed, place, None, goal_since_s=now_s)
        self._inside.append(person)
        self._everyone.append(person)
        return person

    def _draw_at_door(self, door: int) -> FloatArray:
        start, end = (np.asarray(point) for point in _DOORS[door])
        return np.asarray(start + self._rng.random() * (end - start), np.float64)

    def _decide(self, person: _Person, now_s: float) -> None:
        if person.stays_until_s is not None:
            if now_s >= person.stays_until_s:
                person.stays_until_s = None
                self._go_on(person, now_s)
            return
        if person.stand is None:
            return
        gap_m = float(np.hypot(*(person.goal - person.xy)))
        waited = now_s - person.goal_since_s > _PATIENCE_S
        if gap_m < 0.25 or (waited and gap_m < 1.0):
            person.goal = person.xy.copy()
            person.stays_until_s = now_s + self._draw_stay_s(person, now_s)
        elif waited and float(np.hypot(*person.velocity)) < 0.2:
            self._go_to_stand(person, now_s)

    def _draw_stay_s(self, person: _Person, now_s: float) -> float:
        partner = person.partner
        if partner is not None and partner.stand == person.stand and partner.stays_until_s is not None:
            return max(partner.stays_until_s - now_s, 0.0) + float(self._rng.uniform(0, 1.5))
        if self._rng.random() < _LONG_SHARE:
            return float(self._rng.gamma(_LONG_SHAPE, _LONG_MEAN_S / _LONG_SHAPE))
        return float(self._rng.exponential(_SHORT_MEAN_S)) + 1.0

    def _go_on(self, person: _Person, now_s: float) -> None:
        partner = person.partner
        person.goal_since_s = now_s
        if partner is not None and partner in self._inside:
            person.stand = partner.stand
            person.goal = self._find_beside(partner.goal)
        elif self._rng.random() < _LEAVES_AFTER_STOP:
            person.stand = None
            person.goal = self._draw_at_door(int(self._rng.integers(len(_DOORS))))
        else:
            self._go_to_stand(person, now_s)

    def _go_to_stand(self, person: _Person, now_s: float) -> None:
        odds = np.array([stand.attraction for stand in OTHER_STANDS])
        if person.stand is not None:
            odds[person.stand] = 0.0
        index = int(self._rng.choice(len(odds), p=odds / odds.sum()))
        stand = OTHER_STANDS[index]
        goals = np.array([other.goal for other in self._inside if other is not person]).reshape(-1, 2)
        goal = person.xy
        for _ in range(20):
            angle = math.radians(float(self._rng.uniform(stand.from_deg, stand.to_deg)))
            radius = float(self._rng.triangular(0.9, 1.0, 1.75))
            goal = np.asarray(stand.centre) + radius * np.array([math.cos(angle), math.sin(angle)])
            if not len(goals) or np.hypot(*(goals - goal).T).min() > 0.55:
                break
        person.stand, person.goal, person.goal_since_s = index, goal, now_s

    def _find_beside(self, goal: FloatArray) -> FloatArray:
        angle = float(self._rng.uniform(0, 2 * math.pi))
        return goal + 0.65 * np.array([math.cos(angle), math.sin(angle)])

    def _move(self) -> None:
        if not self._inside:
            return
        xy = np.array([person.xy for person in self._inside])
        velocity = np.array([person.velocity for person in self._inside])
        for i, person in enumerate(self._inside):
            if person.stays_until_s is not None:
                self._stand(person)
                continue
            chosen = _choose_velocity(person, i, xy, velocity)
            change = chosen - person.velocity
            limit = _ACCELERATION_M_S2 * STEP_S
            person.velocity = person.velocity + change * min(1.0, limit / max(float(np.hypot(*change)), 1e-9))
            person.xy = _keep_out(person.xy + STEP_S * person.velocity)
        self._move_apart()

    def _stand(self, person: _Person) -> None:
        kept = math.exp(-STEP_S / _SWAY_S)
        person.sway = kept * person.sway + math.sqrt(1 - kept**2) * self._rng.normal(0, _SWAY_SIGMA_M, 2)
        person.velocity = np.zeros(2)
        person.xy = person.xy + 0.3 * (person.goal + person.sway - person.xy)

    def _move_apart(self) -> None:
        """Whoever walks gives way where two are too close."""
        xy = np.array([person.xy for person in self._inside])
        apart = xy[:, None] - xy[None]
        distance = np.hypot(apart[..., 0], apart[..., 1])
        for i, j in np.argwhere(np.triu(distance < 0.4, k=1)):
            way = apart[i, j] / max(distance[i, j], 1e-6)
            push = 0.5 * (0.4 - distance[i, j])
            for person, sign in ((self._inside[i], 1.0), (self._inside[j], -1.0)):
                if person.stays_until_s is None:
                    person.xy = _keep_out(person.xy + sign * push * way)


def _choose_velocity(person: _Person, own: int, xy: FloatArray, velocity: FloatArray) -> FloatArray:
    """Of the tried velocities, the one that is near to the wished one and hits nobody within seconds."""
    way = person.goal - person.xy
    gap_m = float(np.hypot(*way))
    if gap_m < 1e-6:
        return np.zeros(2)
    pace = min(person.speed, 0.3 + 1.2 * gap_m)
    wished = way / gap_m * pace
    turn = np.arctan2(wished[1], wished[0]) + _TURNS_RAD
    towards = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    tried = np.vstack([*(pace * share * towards for share in _PACES), np.zeros((1, 2))])
    cost = np.hypot(*(tried - wished).T) + 0.15 * np.hypot(*(tried - person.velocity).T)
    table = OTHER_STANDS[-1].centre
    others = np.vstack([np.delete(xy, own, axis=0), [table]])
    moves = np.vstack([np.delete(velocity, own, axis=0), np.zeros((1, 2))])
    reach = np.append(np.full(len(others) - 1, _BODY_M), 0.75)
    near = np.hypot(*(others - person.xy).T) < 3.5
    if near.any():
        offset = others[near] - person.xy
        relative = tried[:, None] - moves[near][None]
        speed2 = np.maximum((relative**2).sum(axis=2), 1e-6)
        closest_s = np.clip((relative * offset[None]).sum(axis=2) / speed2, 0, _LOOK_AHEAD_S)
        miss = offset[None] - relative * closest_s[..., None]
        gap = np.hypot(miss[..., 0], miss[..., 1])
        danger = np.clip(1 - gap / reach[near][None], 0, 1) * (1.2 - closest_s / _LOOK_AHEAD_S)
        cost += 4.0 * danger.sum(axis=1)
    return np.asarray(tried[int(np.argmin(cost))], np.float64)


def _keep_out(xy: FloatArray) -> FloatArray:
    """Out of the stands by the nearest side."""
    for stand in OTHER_STANDS:
        left, low, right, high = stand.footprint
        x, y = xy
        if left < x < right and low < y < high:
            side = int(np.argmin([x - left, right - x, y - low, high - y]))
            xy = np.array([(left, y), (right, y), (x, low), (x, high)][side])
    return xy


def _has_left(person: _Person) -> bool:
    return person.stand is None and float(np.hypot(*(person.goal - person.xy))) < 0.5
