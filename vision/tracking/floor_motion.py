"""Where people are on the floor and how they move: standing and walking as two models that interact.

Someone who stands stays, give or take a step; someone who walks keeps their velocity for a while. One filter
for both either loses people who stop or lets those who stand drift away while they are hidden. So two Kalman
filters run side by side and exchange what they know in proportion to their probabilities: the interacting
multiple model filter (Blom and Bar-Shalom, IEEE Transactions on Automatic Control 33, 1988).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

STANDING, WALKING = 0, 1
_PLACE_ROWS, _PLACE_COLUMNS = np.array([0, 1, 0]), np.array([0, 1, 1])
"""Of the covariance of x, y and both."""

WANDER_M2_PER_S = 0.01
"""How the variance of a standing person's place grows along each axis: a shift of weight, a half turn, a step
to the side make some 0.2 m in four seconds."""
SWAY_M_PER_S = 0.15
"""Standard deviation of the velocity of someone who stands, and so of what a walk begins with."""
ACCELERATION_M2_PER_S3 = 0.35
"""Spectral density of a walker's white acceleration along each axis: within a second walkers change their
velocity by some 0.6 m/s."""
WALKING_SPEED_M_PER_S = 0.85
"""Standard deviation along each axis of a newcomer's velocity: 1.2 m/s in any direction."""
MEAN_STAND_S, MEAN_WALK_S = 15.0, 8.0
"""How long people stand and walk at a time, at a fair."""
WALKING_AT_FIRST = 0.7
"""Probability that a newcomer walks."""
OUTLIER_DISTANCE2 = 9.0
"""A measurement further off, in squared sigmas, is trusted less in proportion, as in Huber's estimator."""


@dataclass(slots=True, eq=False)
class FloorMotion:
    """States of n people under both models.

    People are the last axis of every array: a frame's few people are worth few, long operations. Symmetric 2
    by 2 matrices, here and in what is taken and given, are three rows: of x, of y, and of both.

    Attributes:
        mean: shape (4, 2, n): x, y in metres and the velocity in m/s; the second axis is the model.
        covariance: shape (4, 4, 2, n).
        probability: shape (2, n): of the models.
        unit_m: what counts as a metre for the constants above; other than 1 on a floor that is drawn to
            another scale.
    """

    mean: FloatArray
    covariance: FloatArray
    probability: FloatArray
    unit_m: float = 1.0

    @staticmethod
    def empty() -> FloorMotion:
        """Nobody."""
        return FloorMotion(np.empty((4, 2, 0)), np.empty((4, 4, 2, 0)), np.empty((2, 0)))

    def __len__(self) -> int:
        return int(self.mean.shape[-1])

    @property
    def standing(self) -> FloatArray:
        """Probability that each person stands, shape (n,)."""
        standing: FloatArray = self.probability[STANDING]
        return standing

    def add(self, xy_m: FloatArray, covariance_m2: FloatArray) -> None:
        """Begin people at places, shape (2, k), with the covariances of these, shape (3, k)."""
        count = xy_m.shape[1]
        mean = np.zeros((4, 2, count))
        mean[:2] = xy_m[:, None]
        covariance = np.zeros((4, 4, 2, count))
        covariance[0, 0], covariance[1, 1] = covariance_m2[0], covariance_m2[1]
        covariance[0, 1] = covariance[1, 0] = covariance_m2[2]
        covariance[2, 2, STANDING] = covariance[3, 3, STANDING] = (SWAY_M_PER_S * self.unit_m) ** 2
        covariance[2, 2, WALKING] = covariance[3, 3, WALKING] = (WALKING_SPEED_M_PER_S * self.unit_m) ** 2
        probability = np.tile([[1 - WALKING_AT_FIRST], [WALKING_AT_FIRST]], count)
        self.mean = np.concatenate([self.mean, mean], axis=-1)
        self.covariance = np.concatenate([self.covariance, covariance], axis=-1)
        self.probability = np.concatenate([self.probability, probability], axis=-1)

    def keep(self, is_kept: npt.NDArray[np.bool_]) -> None:
        """Forget the people who are not marked."""
        self.mean = self.mean.compress(is_kept, axis=-1)
        self.covariance = self.covariance.compress(is_kept, axis=-1)
        self.probability = self.probability.compress(is_kept, axis=-1)

    def predict(self, dt_s: float) -> None:
        """Move everybody on by ``dt_s`` seconds."""
        if not len(self):
            return
        self._mix(dt_s)
        unit2 = self.unit_m**2
        stand, walk = self.covariance[:, :, STANDING], self.covariance[:, :, WALKING]
        self.mean[2:, STANDING] = 0.0
        stand[2:] = 0.0
        stand[:2, 2:] = 0.0
        wander, sway = WANDER_M2_PER_S * unit2 * dt_s, SWAY_M_PER_S**2 * unit2
        stand[0, 0] += wander
        stand[1, 1] += wander
        stand[2, 2] = stand[3, 3] = sway
        self.mean[:2, WALKING] += dt_s * self.mean[2:, WALKING]
        crossed = walk[:2, 2:] + dt_s * walk[2:, 2:]
        walk[:2, :2] += dt_s * (walk[2:, :2] + crossed)
        density = ACCELERATION_M2_PER_S3 * unit2
        for axis in range(2):
            crossed[axis, axis] += density * dt_s**2 / 2
            walk[axis, axis] += density * dt_s**3 / 3
            walk[axis + 2, axis + 2] += density * dt_s
        walk[:2, 2:] = crossed
        walk[2:, :2] = crossed.transpose(1, 0, 2)

    def _mix(self, dt_s: float) -> None:
        leave_stand, leave_walk = -math.expm1(-dt_s / MEAN_STAND_S), -math.expm1(-dt_s / MEAN_WALK_S)
        standing, walking = self.probability
        # of those who walked before, among those who stand and among those who walk now
        second = np.empty_like(self.probability)
        second[STANDING], second[WALKING] = leave_walk * walking, (1 - leave_walk) * walking
        probability = second.copy()
        probability[STANDING] += (1 - leave_stand) * standing
        probability[WALKING] += leave_stand * standing
        second /= probability
        first = 1 - second
        difference = self.mean[:, WALKING] - self.mean[:, STANDING]
        outer = difference[:, None] * difference[None]
        self.mean = self.mean[:, STANDING, None] + second * difference[:, None]
        covariance = first * self.covariance[:, :, STANDING, None]
        covariance += second * self.covariance[:, :, WALKING, None]
        covariance += (first * second) * outer[:, :, None]
        self.covariance = covariance
        self.probability = probability

    def correct(self, rows: IndexArray, xy_m: FloatArray, covariance_m2: FloatArray) -> None:
        """Take the measured places of the people ``rows``, each row once.

        Args:
            xy_m, covariance_m2: shapes (2, k) and (3, k).
        """
        mean, covariance = self.mean.take(rows, axis=-1), self.covariance.take(rows, axis=-1)
        innovation = xy_m[:, None] - mean[:2]
        inverse, determinant = _invert_spread(covariance, covariance_m2)
        distance2 = _distance2(innovation, inverse)
        nearest = np.minimum(distance2[0], distance2[1])
        if nearest.max() > OUTLIER_DISTANCE2:
            too_far = np.maximum(nearest / OUTLIER_DISTANCE2, 1.0)
            inverse, determinant = _invert_spread(covariance, covariance_m2 * too_far**2)
            distance2 = _distance2(innovation, inverse)
        with_x, with_y = covariance[:, 0], covariance[:, 1]
        gain_x = with_x * inverse[0] + with_y * inverse[2]
        gain_y = with_x * inverse[2] + with_y * inverse[1]
        self.mean[:, :, rows] = mean + (gain_x * innovation[0] + gain_y * innovation[1])
        corrected = covariance - (gain_x[:, None] * with_x[None] + gain_y[:, None] * with_y[None])
        # rounding errors that are not symmetric would grow from step to step
        self.covariance[:, :, :, rows] = (corrected + corrected.swapaxes(0, 1)) / 2
        log_likelihood = -0.5 * (distance2 + np.log(determinant))
        likelihood = np.exp(log_likelihood - np.maximum(log_likelihood[0], log_likelihood[1]))
        weighted = self.probability.take(rows, axis=-1) * likelihood
        self.probability[:, rows] = weighted / (weighted[0] + weighted[1])

    def combine(self, rows: IndexArray) -> tuple[FloatArray, FloatArray]:
        """Places, shape (2, k), and their covariances, shape (3, k), over both models."""
        second = self.probability[WALKING].take(rows)
        first = 1 - second
        means = self.mean[:2].take(rows, axis=-1)
        difference = means[:, WALKING] - means[:, STANDING]
        both = self.covariance[_PLACE_ROWS, _PLACE_COLUMNS].take(rows, axis=-1)
        covariance_m2 = first * both[:, STANDING]
        covariance_m2 += second * both[:, WALKING]
        covariance_m2 += (first * second) * difference[_PLACE_ROWS] * difference[_PLACE_COLUMNS]
        return means[:, STANDING] + second * difference, covariance_m2


def _invert_spread(covariance: FloatArray, covariance_m2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inverses and determinants of the sums of places' covariances and measured ones, shape (3, k)."""
    a, d = covariance[0, 0] + covariance_m2[0], covariance[1, 1] + covariance_m2[1]
    b = covariance[0, 1] + covariance_m2[2]
    determinant = a * d - b * b
    inverse = np.empty((3, *determinant.shape))
    inverse[0], inverse[1], inverse[2] = d, a, -b
    inverse /= determinant
    return inverse, determinant


def _distance2(difference: FloatArray, inverse: FloatArray) -> FloatArray:
    x, y = difference
    distance2: FloatArray = x * (x * inverse[0] + 2 * y * inverse[2]) + y * y * inverse[1]
    return distance2
