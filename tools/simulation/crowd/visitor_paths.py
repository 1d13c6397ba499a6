"""Visitors who walk through a hall, stop at stands and leave, with their exact positions at any time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Point
from tools.simulation.crowd.detours import find_next_point
from tools.simulation.crowd.walk_hall import Stand, WalkHall

STEP_S = 0.1
MINIMUM_DISTANCE_M = 0.5
_MIN_DISTANCE_M = 0.56
_STRIDE_M = 1.4
_WALL_MARGIN_M = 0.25
_TURN_RATE_PER_S = 4.0


@dataclass(frozen=True, slots=True)
class WalkSettings:
    """Parameters of the visitors' behaviour.

    Attributes:
        arrivals_per_s: mean rate; arrivals are exponential and wait while the door is taken.
        walking_speed_m_s, speed_spread_m_s: mean and standard deviation (Weidmann 1993 gives 1.34 and 0.26
            outdoors; visitors of a fair are slower).
        dwell_spread: standard deviation of the logarithm of the dwell time.
        max_stands: a visitor goes to one to this many stands.
        warm_up_s: simulated before time 0, so that the hall is not empty at first.
    """

    arrivals_per_s: float = 0.22
    walking_speed_m_s: float = 1.1
    speed_spread_m_s: float = 0.15
    dwell_spread: float = 0.6
    max_stands: int = 3
    warm_up_s: float = 60.0


@dataclass(frozen=True, slots=True)
class VisitorState:
    """The state of one visitor at a time.

    Attributes:
        heading_rad: where the body faces, counter-clockwise from x.
        walked_m: distance walked so far, for the phase of the step.
    """

    visitor: int
    xy_m: Point
    heading_rad: float
    speed_m_s: float
    walked_m: float

    @property
    def step_rad(self) -> float:
        """Phase of the step: a full turn is a stride of two steps."""
        return 2 * math.pi * self.walked_m / _STRIDE_M


@dataclass(frozen=True, slots=True, eq=False)
class VisitorPath:
    """One visitor's path in equal time steps.

    Attributes:
        start_s: time of the first sample; negative for those who came before time 0.
        xy_m: shape (n, 2).
        heading_rad: shape (n,), without jumps at a full turn.
        walked_m: shape (n,).
    """

    visitor: int
    start_s: float
    xy_m: FloatArray
    heading_rad: FloatArray
    walked_m: FloatArray

    @property
    def times_s(self) -> FloatArray:
        """Times of the samples, shape (n,)."""
        return self.start_s + STEP_S * np.arange(len(self.xy_m), dtype=np.float64)

    def state_at(self, time_s: float) -> VisitorState | None:
        """Return the state interpolated linearly; None before the first and after the last sample."""
        place = (time_s - self.start_s) / STEP_S
        if place < -1e-9 or place > len(self.xy_m) - 1 + 1e-9:
            return None
        i = min(max(int(place), 0), len(self.xy_m) - 1)
        j = min(i + 1, len(self.xy_m) - 1)
        share = min(max(place - i, 0.0), 1.0)
        x, y = self.xy_m[i] + share * (self.xy_m[j] - self.xy_m[i])
        heading = self.heading_rad[i] + share * (self.heading_rad[j] - self.heading_rad[i])
        walked = self.walked_m[i] + share * (self.walked_m[j] - self.walked_m[i])
        speed = (self.walked_m[j] - self.walked_m[i]) / STEP_S if j > i else 0.0
        return VisitorState(self.visitor, (float(x), float(y)), float(heading), float(speed), float(walked))


@dataclass(frozen=True, slots=True, eq=False)
class VisitorPaths:
    """The paths of all visitors, from before time 0 to the end."""

    duration_s: float
    paths: tuple[VisitorPath, ...]

    def at(self, time_s: float) -> list[VisitorState]:
        """Return everyone in the hall at a time, by number."""
        return [moment for path in self.paths if (moment := path.state_at(time_s)) is not None]


class _Walker:
    """A visitor during the simulation."""

    def __init__(
        self, number: int, hall: WalkHall, settings: WalkSettings, start_s: float, rng: np.random.Generator
    ) -> None:
        self.number = number
        self.start_s = start_s
        self.xy = np.asarray(hall.entrance) + rng.normal(0, 0.05, 2)
        self.speed = max(float(rng.normal(settings.walking_speed_m_s, settings.speed_spread_m_s)), 0.6)
        self.velocity = np.zeros(2)
        self.heading = 0.0
        self.walked = 0.0
        self.remaining_dwell_s = 0.0
        self.is_gone = False
        self.goals = [*_choose_goals(hall, settings, rng), (None, np.asarray(hall.exit), 0.0)]
        self.samples: list[tuple[float, float, float, float]] = []

    @property
    def is_standing(self) -> bool:
        return self.remaining_dwell_s > 0

    def record(self) -> None:
        self.samples.append((*self.xy, self.heading, self.walked))

    def to_path(self) -> VisitorPath:
        samples = np.array(self.samples)
        return VisitorPath(self.number, self.start_s, samples[:, :2], np.unwrap(samples[:, 2]), samples[:, 3])


def simulate_visitors(
    *, hall: WalkHall, duration_s: float, seed: int, settings: WalkSettings | None = None
) -> VisitorPaths:
    """Simulate visitors of a hall; equal arguments give equal paths.

    Velocities are towards the goal with a push away from others and from stands; afterwards positions are
    moved apart so that no two come closer than half a metre.
    """
    settings = settings or WalkSettings()
    rng = np.random.default_rng(seed)
    inside: list[_Walker] = []
    everyone: list[_Walker] = []
    next_arrival_s = -settings.warm_up_s
    steps = round((settings.warm_up_s + duration_s) / STEP_S)
    for step in range(steps + 1):
        now_s = step * STEP_S - settings.warm_up_s
        if now_s >= next_arrival_s and _is_clear(np.asarray(hall.entrance), inside):
            walker = _Walker(len(everyone) + 1, hall, settings, now_s, rng)
            inside.append(walker)
            everyone.append(walker)
            next_arrival_s = now_s + float(rng.exponential(1 / settings.arrivals_per_s))
        for walker in inside:
            walker.record()
        _advance(inside, hall)
        inside = [walker for walker in inside if not walker.is_gone]
    paths = [walker.to_path() for walker in everyone]
    seen = tuple(path for path in paths if path.times_s[-1] >= 0 and len(path.xy_m) > 1)
    return VisitorPaths(duration_s, seen)


def _choose_goals(
    hall: WalkHall, settings: WalkSettings, rng: np.random.Generator
) -> list[tuple[Stand | None, FloatArray, float]]:
    count = min(int(rng.integers(1, settings.max_stands + 1)), len(hall.stands))
    weights = np.array([stand.attraction for stand in hall.stands])
    chosen = rng.choice(len(hall.stands), size=count, replace=False, p=weights / weights.sum())
    goals: list[tuple[Stand | None, FloatArray, float]] = []
    for index in chosen:
        stand = hall.stands[index]
        place = np.asarray(stand.places[int(rng.integers(len(stand.places)))]) + rng.normal(0, 0.08, 2)
        dwell_s = float(stand.median_dwell_s * np.exp(rng.normal(0, settings.dwell_spread)))
        goals.append((stand, place, dwell_s))
    return goals


def _is_clear(place: FloatArray, walkers: list[_Walker]) -> bool:
    return all(float(np.hypot(*(walker.xy - place))) > 2 * MINIMUM_DISTANCE_M for walker in walkers)


def _advance(walkers: list[_Walker], hall: WalkHall) -> None:
    if not walkers:
        return
    before = np.array([walker.xy for walker in walkers])
    wanted = np.array([_desire(walker, hall) for walker in walkers])
    apart = before[:, None] - before[None]
    distance = np.hypot(apart[:, :, 0], apart[:, :, 1])
    np.fill_diagonal(distance, np.inf)
    push = 1.6 * np.exp(-(distance - 0.4) / 0.22)
    wanted += np.nansum(apart / np.maximum(distance, 1e-6)[:, :, None] * push[:, :, None], axis=1)
    # a little to the right of oncoming visitors, to avoid a deadlock
    wanted += 0.35 * push.sum(axis=1, initial=0.0)[:, None] * np.column_stack([wanted[:, 1], -wanted[:, 0]])
    standing = np.array([walker.is_standing for walker in walkers])
    wanted[standing] *= 0.15
    for i, walker in enumerate(walkers):
        limit = 1.3 * walker.speed
        length = float(np.hypot(*wanted[i]))
        target = wanted[i] * min(1.0, limit / max(length, 1e-9))
        walker.velocity += (target - walker.velocity) * min(1.0, STEP_S / 0.3)
    moved = before + STEP_S * np.array([walker.velocity for walker in walkers])
    moved = _separate(moved, standing, hall)
    for walker, xy, old in zip(walkers, moved, before, strict=True):
        _settle(walker, xy, old)


def _desire(walker: _Walker, hall: WalkHall) -> FloatArray:
    _, goal, _ = walker.goals[0]
    if walker.is_standing:
        return np.zeros(2)
    target = goal
    for stand in hall.stands:
        target = find_next_point(start=walker.xy, goal=target, footprint=stand.footprint)
    way = target - walker.xy
    length = max(float(np.hypot(*way)), 1e-6)
    at_goal = min(1.0, float(np.hypot(*(goal - walker.xy))) / 0.5 + 0.2)
    speed = walker.speed * at_goal
    return way / length * speed


def _separate(xy: FloatArray, standing: npt.NDArray[np.bool_], hall: WalkHall) -> FloatArray:
    for _ in range(40):
        _keep_free(xy, hall)
        apart = xy[:, None] - xy[None]
        distance = np.hypot(apart[:, :, 0], apart[:, :, 1])
        np.fill_diagonal(distance, np.inf)
        close = np.argwhere(np.triu(distance < _MIN_DISTANCE_M))
        if not len(close):
            break
        for i, j in close:
            way = xy[i] - xy[j]
            length = float(np.hypot(*way))
            if length >= _MIN_DISTANCE_M:
                continue
            way = way / length if length > 1e-6 else np.array([1.0, 0.0])
            # walkers give way to standing visitors
            share = 0.5 if standing[i] == standing[j] else (0.1 if standing[i] else 0.9)
            xy[i] += way * (_MIN_DISTANCE_M - length + 0.005) * share
            xy[j] -= way * (_MIN_DISTANCE_M - length + 0.005) * (1 - share)
    _keep_free(xy, hall)
    return xy


def _keep_free(xy: FloatArray, hall: WalkHall) -> None:
    """Move everyone off stands and away from walls, in place."""
    for stand in hall.stands:
        left, low, right, high = stand.footprint
        edges = np.array([left, low, right, high]) + np.array([-1, -1, 1, 1]) * 0.22
        for i in np.nonzero(
            (xy[:, 0] > edges[0]) & (xy[:, 0] < edges[2]) & (xy[:, 1] > edges[1]) & (xy[:, 1] < edges[3])
        )[0]:
            ways = np.array(
                [xy[i, 0] - edges[0], xy[i, 1] - edges[1], edges[2] - xy[i, 0], edges[3] - xy[i, 1]]
            )
            side = int(np.argmin(ways))
            xy[i, side % 2] = edges[side]
    np.clip(xy, _WALL_MARGIN_M, np.asarray(hall.size_m) - _WALL_MARGIN_M, out=xy)


def _settle(walker: _Walker, xy: FloatArray, old: FloatArray) -> None:
    step = xy - old
    length = float(np.hypot(*step))
    walker.xy = xy
    walker.velocity = 0.5 * walker.velocity + 0.5 * step / STEP_S
    walker.walked += length
    stand, goal, dwell_s = walker.goals[0]
    facing = None
    if length > 0.25 * STEP_S and not walker.is_standing:
        facing = math.atan2(step[1], step[0])
    if walker.is_standing:
        walker.remaining_dwell_s -= STEP_S
        if stand is not None:
            left, low, right, high = stand.footprint
            aim = np.clip(xy, (left, low), (right, high)) - xy
            facing = math.atan2(aim[1], aim[0])
        if walker.remaining_dwell_s <= 0:
            walker.goals.pop(0)
    else:
        reach = 0.35 if stand is None else 0.3
        near = float(np.hypot(*(goal - xy)))
        crowded = near < 1.3 and float(np.hypot(*walker.velocity)) < 0.15
        if near < reach or (stand is not None and crowded):
            if stand is None:
                walker.is_gone = True
            else:
                walker.remaining_dwell_s = max(dwell_s, STEP_S)
    if facing is not None:
        turn = (facing - walker.heading + math.pi) % (2 * math.pi) - math.pi
        walker.heading += turn * min(1.0, _TURN_RATE_PER_S * STEP_S)
