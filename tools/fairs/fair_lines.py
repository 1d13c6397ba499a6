"""Where people wait at a simulated fair: the line for coffee, and the crowd in front of a narrow passage."""

from __future__ import annotations

import math

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Point
from tools.fairs.fair_hall import OWN_QUEUE_PLACES

_WALK_M_S = 1.0
_BESIDE_M, _SQUEEZING = 1.5, 0.6
"""Within so far of a queue in their way, people get on with this share of their speed."""
_STEP_UP_S = 0.8
"""To go one place forward."""
_CROWD_PER_M2 = 2.2
"""People who wait to get through stand so close together."""
_CROWD_ANGLE_RAD = math.radians(75.0)
_CROWD_STEPS = 6
_THROUGH_S = 1.5


def find_slowing(places_m: FloatArray, tail_m: FloatArray) -> FloatArray:
    """What a queue's tail leaves of the speed of those who squeeze past it.

    Args:
        places_m: ways, shape (size, k, 2), in short pieces.
        tail_m: where people stand in the way, shape (n, 2).

    Returns:
        a factor for each piece, shape (size, k - 1).
    """
    middles = (places_m[:, 1:] + places_m[:, :-1]) / 2
    if not len(tail_m):
        return np.ones(middles.shape[:2])
    distance_m = np.hypot(*(middles[:, :, None] - tail_m).transpose(3, 0, 1, 2)).min(axis=2)
    return np.where(distance_m < _BESIDE_M, _SQUEEZING, 1.0)


class CoffeeLine:
    """Groups that are served one after the other; each member takes a place."""

    def __init__(self, places: tuple[Point, ...]) -> None:
        self._places = np.asarray(places, np.float64)
        self._served: list[tuple[float, int]] = []

    @property
    def most(self) -> int:
        """How many people can wait."""
        return len(self._places)

    def count_waiting(self, now_s: float) -> int:
        """People in the line."""
        return sum(size for until_s, size in self._served if until_s > now_s)

    def find_tail(self, now_s: float) -> Point:
        """Where the next to come would stand."""
        x, y = self._places[min(self.count_waiting(now_s), self.most - 1)]
        return float(x), float(y)

    def find_tail_places(self, now_s: float) -> FloatArray:
        """Where people stand who have no room in the queue's own zone, shape (n, 2)."""
        return self._places[OWN_QUEUE_PLACES : self.count_waiting(now_s)]

    def join(self, own_xy: FloatArray, now_s: float, served_s: float) -> tuple[FloatArray, FloatArray]:
        """Wait and be served.

        Args:
            own_xy: where each member comes from, shape (size, 2).
            served_s: how long that takes at the head of the line.

        Returns:
            the members' bends: times, shape (size, k), and places, shape (size, k, 2); all leave at the last.
        """
        before = [(until_s, count) for until_s, count in self._served if until_s > now_s]
        self._served = before
        ahead = sum(count for _, count in before)
        tail = np.minimum(ahead + np.arange(len(own_xy)), self.most - 1)
        stands_s = now_s + float(np.hypot(*(self._places[tail] - own_xy).T).max()) / _WALK_M_S
        left_s = max(before[-1][0] if before else now_s, stands_s) + served_s
        times, rows = [stands_s], [ahead]
        for until_s, count in before:
            # stand until those at the head go, then step up
            times += [until_s, min(until_s + _STEP_UP_S, left_s - 1e-3)]
            rows += [ahead, ahead - count]
            ahead -= count
        times.append(left_s)
        rows.append(ahead)
        self._served.append((left_s, len(own_xy)))
        own = np.minimum(np.asarray(rows)[None] + np.arange(len(own_xy))[:, None], self.most - 1)
        moments = np.maximum.accumulate(np.asarray(times))
        return np.repeat(moments[None], len(own_xy), axis=0), self._places[own]


class PassageLine:
    """People who go through a passage, no more in a second than it lets through.

    Attributes:
        passed: when each came, and when they went through, seconds.
    """

    def __init__(self, per_s: float | None) -> None:
        self._interval_s = 0.0 if per_s is None else 1.0 / per_s
        self._last_s = -math.inf
        self.passed: list[tuple[float, float]] = []

    def take(
        self,
        own_xy: FloatArray,
        through_xy: FloatArray,
        now_s: float,
        *,
        backwards_rad: float,
        random: np.random.Generator,
    ) -> tuple[FloatArray, FloatArray]:
        """Let a group through, which goes on together.

        Who has to wait stands in a half circle in front of the passage, as near as the others leave room,
        and comes nearer as they go through.

        Args:
            own_xy, through_xy: where each member comes from and gets to, shape (size, 2).
            backwards_rad: the direction from the passage to those who wait.

        Returns:
            the members' bends: times, shape (size, k), and places, shape (size, k, 2).
        """
        size = len(own_xy)
        came = np.full(size, now_s)
        went = np.empty(size)
        for member in range(size):
            self._last_s = max(now_s, self._last_s + self._interval_s)
            went[member] = self._last_s
        self.passed += [(now_s, float(at)) for at in went]
        waits = went - came
        steps = np.linspace(0.0, 1.0, _CROWD_STEPS)
        times = came[:, None] + waits[:, None] * steps
        ahead = waits / self._interval_s if self._interval_s else np.zeros(size)
        radius = np.sqrt(2 * ahead[:, None] * (1 - steps) / (math.pi * _CROWD_PER_M2))
        times[:, 0] += np.minimum(radius[:, 0] / _WALK_M_S, waits / _CROWD_STEPS / 2)
        angle = backwards_rad + random.uniform(-_CROWD_ANGLE_RAD, _CROWD_ANGLE_RAD, size)
        out = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        places = own_xy[:, None] + radius[:, :, None] * out[:, None]
        times = np.concatenate([times, went[:, None] + _THROUGH_S], axis=1)
        # a group waits behind the passage for its last member
        together = np.full((size, 1), float(went.max()) + _THROUGH_S + 1e-3)
        times = np.concatenate([times, together], axis=1)
        places = np.concatenate([places, through_xy[:, None], through_xy[:, None]], axis=1)
        return times, places
