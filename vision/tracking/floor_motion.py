"""Where people are on the floor and how they move: standing and walking as two models that interact.

Someone who stands stays, give or take a step; someone who walks keeps their velocity for a while. One filter
for both either loses people who stop or lets those who stand drift away while they are hidden. So two Kalman
filters run side by side and exchange what they know in proportion to their probabilities: the interacting
multiple model filter (Blom and Bar-Shalom, IEEE Transactions on Automatic Control 33, 1988).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

STANDING, WALKING = 0, 1

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

    Attributes:
        mean: shape (2, n, 4): x, y in metres and the velocity in m/s; the first axis is the model.
        covariance: shape (2, n, 4, 4).
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
        return FloorMotion(np.empty((2, 0, 4)), np.empty((2, 0, 4, 4)), np.empty((2, 0)))

    def __len__(self) -> int:
        return int(self.mean.shape[1])

    @property
    def standing(self) -> FloatArray:
        """Probability that each person stands, shape (n,)."""
        standing: FloatArray = self.probability[STANDING]
        return standing

    def add(self, xy_m: FloatArray, covariance_m2: FloatArray) -> None:
        """Begin people at places, shape (k, 2), with the covariances of these, shape (k, 2, 2)."""
        count = len(xy_m)
        mean = np.zeros((2, count, 4))
        mean[..., :2] = xy_m
        covariance = np.zeros((2, count, 4, 4))
        covariance[..., :2, :2] = covariance_m2
        axes = np.arange(2, 4)
        covariance[STANDING, :, axes, axes] = (SWAY_M_PER_S * self.unit_m) ** 2
        covariance[WALKING, :, axes, axes] = (WALKING_SPEED_M_PER_S * self.unit_m) ** 2
        probability = np.tile([[1 - WALKING_AT_FIRST], [WALKING_AT_FIRST]], count)
        self.mean = np.concatenate([self.mean, mean], axis=1)
        self.covariance = np.concatenate([self.covariance, covariance], axis=1)
        self.probability = np.concatenate([self.probability, probability], axis=1)

    def keep(self, is_kept: npt.NDArray[np.bool_]) -> None:
        """Forget the people who are not marked."""
        self.mean = self.mean[:, is_kept]
        self.covariance = self.covariance[:, is_kept]
        self.probability = self.probability[:, is_kept]

    def predict(self, dt_s: float) -> None:
        """Move everybody on by ``dt_s`` seconds."""
        if not len(self):
            return
        self._mix(dt_s)
        unit2 = self.unit_m**2
        stand = self.covariance[STANDING]
        self.mean[STANDING, :, 2:] = 0.0
        stand[:, 2:, :] = 0.0
        stand[:, :, 2:] = 0.0
        axes = np.arange(2)
        stand[:, axes, axes] += WANDER_M2_PER_S * unit2 * dt_s
        stand[:, axes + 2, axes + 2] = SWAY_M_PER_S**2 * unit2
        walk = self.covariance[WALKING]
        self.mean[WALKING, :, :2] += dt_s * self.mean[WALKING, :, 2:]
        crossed = walk[:, :2, 2:] + dt_s * walk[:, 2:, 2:]
        walk[:, :2, :2] += dt_s * (walk[:, 2:, :2] + crossed)
        walk[:, :2, 2:] = crossed
        walk[:, 2:, :2] = crossed.transpose(0, 2, 1)
        density = ACCELERATION_M2_PER_S3 * unit2
        walk[:, axes, axes] += density * dt_s**3 / 3
        walk[:, axes, axes + 2] += density * dt_s**2 / 2
        walk[:, axes + 2, axes] += density * dt_s**2 / 2
        walk[:, axes + 2, axes + 2] += density * dt_s

    def _mix(self, dt_s: float) -> None:
        leave = -np.expm1(-dt_s / np.array([MEAN_STAND_S, MEAN_WALK_S]))
        stay_and_switch = np.array([[1 - leave[0], leave[0]], [leave[1], 1 - leave[1]]])
        joint = stay_and_switch[:, :, None] * self.probability[:, None]
        probability = joint.sum(axis=0)
        weight = joint / probability
        difference = self.mean[WALKING] - self.mean[STANDING]
        outer = difference[:, :, None] * difference[:, None, :]
        first, second = self.covariance
        mixed_mean = np.empty_like(self.mean)
        mixed_covariance = np.empty_like(self.covariance)
        for model in (STANDING, WALKING):
            part = weight[WALKING, model]
            mixed_mean[model] = self.mean[STANDING] + part[:, None] * difference
            w = part[:, None, None]
            mixed_covariance[model] = (1 - w) * first + w * second + ((1 - w) * w) * outer
        self.mean, self.covariance, self.probability = mixed_mean, mixed_covariance, probability

    def correct(self, rows: IndexArray, xy_m: FloatArray, covariance_m2: FloatArray) -> FloatArray:
        """Take the measured places of the people ``rows``, each row once.

        Args:
            xy_m, covariance_m2: shapes (k, 2) and (k, 2, 2).

        Returns:
            The squared distance in sigmas of each measurement under the model that fits better, shape (k,).
        """
        mean, covariance = self.mean[:, rows], self.covariance[:, rows]
        innovation = xy_m - mean[..., :2]
        spread = covariance[..., :2, :2] + covariance_m2
        inverse, determinant = invert(spread)
        distance2 = _distance2(innovation, inverse)
        nearest = distance2.min(axis=0)
        too_far = np.maximum(nearest / OUTLIER_DISTANCE2, 1.0)
        if (too_far > 1).any():
            spread = covariance[..., :2, :2] + covariance_m2 * (too_far**2)[:, None, None]
            inverse, determinant = invert(spread)
            distance2 = _distance2(innovation, inverse)
        gain = covariance[..., :, :2] @ inverse
        self.mean[:, rows] = mean + (gain @ innovation[..., None])[..., 0]
        corrected = covariance - gain @ covariance[..., :2, :]
        # rounding errors that are not symmetric would grow from step to step
        self.covariance[:, rows] = (corrected + corrected.swapaxes(-1, -2)) / 2
        log_likelihood = -0.5 * (distance2 + np.log(determinant))
        weighted = self.probability[:, rows] * np.exp(log_likelihood - log_likelihood.max(axis=0))
        self.probability[:, rows] = weighted / weighted.sum(axis=0)
        return np.asarray(nearest, np.float64)

    def combine(self, rows: IndexArray) -> tuple[FloatArray, FloatArray]:
        """Places, shape (k, 2), and their covariances, shape (k, 2, 2), over both models."""
        second = self.probability[WALKING, rows]
        means = self.mean[:, rows, :2]
        difference = means[WALKING] - means[STANDING]
        xy_m = means[STANDING] + second[:, None] * difference
        w = second[:, None, None]
        outer = difference[:, :, None] * difference[:, None, :]
        both = self.covariance[:, rows, :2, :2]
        covariance_m2 = (1 - w) * both[STANDING] + w * both[WALKING] + ((1 - w) * w) * outer
        return xy_m, covariance_m2


def invert(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inverses and determinants of symmetric 2 by 2 matrices, shape (..., 2, 2)."""
    a, b, d = matrices[..., 0, 0], matrices[..., 0, 1], matrices[..., 1, 1]
    determinant = a * d - b * b
    inverse = np.empty_like(matrices)
    inverse[..., 0, 0] = d / determinant
    inverse[..., 1, 1] = a / determinant
    inverse[..., 0, 1] = inverse[..., 1, 0] = -b / determinant
    return inverse, determinant


def _distance2(difference: FloatArray, inverse: FloatArray) -> FloatArray:
    x, y = difference[..., 0], difference[..., 1]
    distance2: FloatArray = (
        x * x * inverse[..., 0, 0] + 2 * x * y * inverse[..., 0, 1] + y * y * inverse[..., 1, 1]
    )
    return distance2
