"""The filter of all people at once against the same of one person, written out in matrices."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vision.tracking.floor_motion import (
    ACCELERATION_M2_PER_S3,
    MEAN_STAND_S,
    MEAN_WALK_S,
    OUTLIER_DISTANCE2,
    SWAY_M_PER_S,
    WALKING_AT_FIRST,
    WALKING_SPEED_M_PER_S,
    WANDER_M2_PER_S,
    FloorMotion,
)

UNIT_M = 1.3
SEES_PLACE, SEES_VELOCITY = np.eye(2, 4), np.eye(2, 4, k=2)


class OnePerson:
    """Standing and walking by the textbook: means, covariances and probabilities of both."""

    def __init__(self, place: np.ndarray, covariance: np.ndarray) -> None:
        self.means = [np.concatenate([place, np.zeros(2)]) for _ in range(2)]
        self.covariances = [
            np.block([[covariance, np.zeros((2, 2))], [np.zeros((2, 2)), (speed * UNIT_M) ** 2 * np.eye(2)]])
            for speed in (SWAY_M_PER_S, WALKING_SPEED_M_PER_S)
        ]
        self.probability = np.array([1 - WALKING_AT_FIRST, WALKING_AT_FIRST])
        self.stood_s = 0.0

    def predict(self, dt_s: float) -> None:
        stays = math.exp(-dt_s / (MEAN_STAND_S + self.stood_s)), math.exp(-dt_s / MEAN_WALK_S)
        change = np.array([[stays[0], 1 - stays[0]], [1 - stays[1], stays[1]]])
        joint = change * self.probability[:, None]
        self.probability = joint.sum(axis=0)
        shares = joint / self.probability
        self.stood_s = float(shares[0, 0]) * (self.stood_s + dt_s)
        means = [sum(shares[i, j] * self.means[i] for i in range(2)) for j in range(2)]
        covariances = [
            sum(
                shares[i, j]
                * (self.covariances[i] + np.outer(self.means[i] - means[j], self.means[i] - means[j]))
                for i in range(2)
            )
            for j in range(2)
        ]
        forget = np.diag([1.0, 1.0, 0.0, 0.0])
        stand = forget @ covariances[0] @ forget
        stand += UNIT_M**2 * np.diag([WANDER_M2_PER_S * dt_s] * 2 + [SWAY_M_PER_S**2] * 2)
        move = np.eye(4) + dt_s * np.eye(4, k=2)
        push = np.array([[dt_s**3 / 3, dt_s**2 / 2], [dt_s**2 / 2, dt_s]])
        walk = move @ covariances[1] @ move.T
        walk += ACCELERATION_M2_PER_S3 * UNIT_M**2 * np.kron(push, np.eye(2))
        self.means, self.covariances = [forget @ means[0], move @ means[1]], [stand, walk]

    def correct(self, measured: np.ndarray, noise: np.ndarray, sees: np.ndarray = SEES_PLACE) -> None:
        off = [measured - sees @ mean for mean in self.means]
        spreads = [sees @ covariance @ sees.T for covariance in self.covariances]
        nearest = min(find_distance2(off[model], spreads[model] + noise) for model in range(2))
        noise = noise * max(nearest / OUTLIER_DISTANCE2, 1.0) ** 2
        likelihood = np.zeros(2)
        for model in range(2):
            spread = spreads[model] + noise
            distance2 = find_distance2(off[model], spread)
            likelihood[model] = math.exp(-distance2 / 2) / math.sqrt(np.linalg.det(spread))
            gain = self.covariances[model] @ sees.T @ np.linalg.inv(spread)
            self.means[model] = self.means[model] + gain @ off[model]
            self.covariances[model] = self.covariances[model] - gain @ spread @ gain.T
        self.probability = self.probability * likelihood / (self.probability @ likelihood)

    def combine(self) -> tuple[np.ndarray, np.ndarray]:
        mean = sum(p * m for p, m in zip(self.probability, self.means, strict=True))
        spread = [
            p * (c + np.outer(m - mean, m - mean))
            for p, m, c in zip(self.probability, self.means, self.covariances, strict=True)
        ]
        return mean[:2], sum(spread)[:2, :2]


def find_distance2(off: np.ndarray, spread: np.ndarray) -> float:
    return float(off @ np.linalg.inv(spread) @ off)


def to_place(place: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    return np.array([*place, covariance[0, 0], covariance[1, 1], covariance[0, 1]])


def draw_covariance(rng: np.random.Generator) -> np.ndarray:
    root = rng.normal(0, 0.2, (2, 2))
    return root @ root.T + 0.01 * np.eye(2)


@pytest.mark.parametrize("dt_s", [1 / 15, 0.5])
def test_everybody_moves_and_is_corrected_as_one_person_would_be(dt_s: float) -> None:
    rng = np.random.default_rng(7)
    begun = [(rng.uniform(-5, 5, 2), draw_covariance(rng)) for _ in range(4)]
    people = [OnePerson(*place) for place in begun]
    motion = FloorMotion()
    motion.unit_m = UNIT_M
    motion.add(np.array([to_place(*place) for place in begun]).T)
    for step in range(12):
        motion.predict(dt_s)
        for person in people:
            person.predict(dt_s)
        # now and then somebody is found far off
        rows = rng.permutation(4)[:3]
        off_m = 3.0 if step % 4 == 3 else 0.2
        measured = [
            (people[row].combine()[0] + rng.normal(0, off_m, 2), draw_covariance(rng)) for row in rows
        ]
        motion.correct(rows, np.array([to_place(*place) for place in measured]).T)
        for row, place in zip(rows, measured, strict=True):
            people[row].correct(*place)
        # and of somebody else it is known how they go
        (led,) = set(range(4)) - set(rows.tolist())
        velocity, variance = rng.normal(0, off_m, 2), rng.uniform(0.05, 0.5)
        motion.correct_velocities(np.array([led]), velocity[:, None], np.array([variance]))
        people[led].correct(velocity, variance * np.eye(2), SEES_VELOCITY)
        expected = np.array([to_place(*person.combine()) for person in people]).T
        np.testing.assert_allclose(motion.combine(), expected, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(motion.probability.T, [person.probability for person in people], rtol=1e-9)
        np.testing.assert_allclose(motion.stood_s, [person.stood_s for person in people], rtol=1e-9)
        np.testing.assert_allclose(
            motion.mean.transpose(2, 1, 0), [person.means for person in people], rtol=1e-9, atol=1e-12
        )


def test_nobody_and_those_who_left_are_not_moved() -> None:
    motion = FloorMotion()
    motion.predict(0.2)
    assert motion.combine().shape == (5, 0)
    motion.add(np.array([[1.0, 4.0], [2.0, 5.0], [0.1, 0.2], [0.1, 0.2], [0.0, 0.1]]))
    motion.keep(np.array([False, True]))
    np.testing.assert_allclose(motion.combine()[:, 0], [4.0, 5.0, 0.2, 0.2, 0.1])


def test_who_has_stood_for_minutes_is_expected_to_stand_on() -> None:
    motion = FloorMotion()
    place = np.array([[1.0], [2.0], [0.01], [0.01], [0.0]])
    motion.add(place)
    walks = []
    for _ in range(600):
        motion.correct(np.array([0]), place)
        motion.predict(0.5)
        walks.append(1 - float(motion.standing[0]))
    assert motion.stood_s[0] > 60
    # a tenth of the chance to have begun to walk within half a second, before and after five minutes
    assert walks[-1] < 0.2 * walks[20]
