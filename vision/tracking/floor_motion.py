"""Where people are on the floor and how they move: standing and walking as two models that interact.

Someone who stands stays, give or take a step; someone who walks keeps their velocity for a while. One filter
for both either loses people who stop or lets those who stand drift away while they are hidden. So two Kalman
filters run side by side and exchange what they know in proportion to their probabilities: the interacting
multiple model filter (Blom and Bar-Shalom, IEEE Transactions on Automatic Control 33, 1988).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

STANDING, WALKING = 0, 1
_NOISY = np.ravel_multi_index(
    (
        np.array([[0, 2, 0, 0, 2, 2], [1, 3, 1, 1, 3, 3]]),
        np.array([[0, 2, 0, 2, 0, 2], [1, 3, 1, 3, 1, 3]]),
        np.array([STANDING, STANDING, WALKING, WALKING, WALKING, WALKING]),
    ),
    (4, 4, 2),
)
"""What grows with time of the covariance, along x and along y; see ``FloorMotion``."""
_STATE_ROWS = 42
"""Eight of means, 32 of covariances, two of probabilities."""

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


class FloorMotion:
    """States of n people under both models.

    People are the last axis of every array: a frame's few people are worth few, long operations. Symmetric 2
    by 2 matrices, here and in what is taken and given, are three rows: of x, of y, and of both. A place with
    its covariance is five rows: x, y and those three.

    Attributes:
        mean: shape (4, 2, n): x, y in metres and the velocity in m/s; the second axis is the model.
        covariance: shape (4, 4, 2, n).
        probability: shape (2, n): of the models.
        unit_m: what counts as a metre for the constants above; other than 1 on a floor that is drawn to
            another scale.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self.unit_m = 1.0
        self._hold(np.empty((_STATE_ROWS, 0)))

    def _hold(self, state: FloatArray) -> None:
        """Let the attributes be parts of one array, in which people are found and replaced at once."""
        self._state = state
        self.mean, self.covariance, self.probability = _divide(state)

    def __len__(self) -> int:
        return int(self._state.shape[1])

    @property
    def standing(self) -> FloatArray:
        """Probability that each person stands, shape (n,)."""
        standing: FloatArray = self.probability[STANDING]
        return standing

    def add(self, places: FloatArray) -> None:
        """Begin people at places, shape (5, k)."""
        state = np.zeros((_STATE_ROWS, places.shape[1]))
        mean, covariance, probability = _divide(state)
        mean[:2] = places[:2, None]
        covariance[0, 0], covariance[1, 1] = places[2], places[3]
        covariance[0, 1] = covariance[1, 0] = places[4]
        covariance[2, 2, STANDING] = covariance[3, 3, STANDING] = (SWAY_M_PER_S * self.unit_m) ** 2
        covariance[2, 2, WALKING] = covariance[3, 3, WALKING] = (WALKING_SPEED_M_PER_S * self.unit_m) ** 2
        probability[STANDING], probability[WALKING] = 1 - WALKING_AT_FIRST, WALKING_AT_FIRST
        self._hold(np.concatenate([self._state, state], axis=1))

    def keep(self, is_kept: npt.NDArray[np.bool_]) -> None:
        """Forget the people who are not marked."""
        self._hold(self._state.compress(is_kept, axis=1))

    def predict(self, dt_s: float) -> None:
        """Move everybody on by ``dt_s`` seconds."""
        if not len(self):
            return
        self._mix(dt_s)
        stand, walk = self.covariance[:, :, STANDING], self.covariance[:, :, WALKING]
        self.mean[2:, STANDING] = 0.0
        stand[2:] = 0.0
        stand[:2, 2:] = 0.0
        place_m = self.mean[:2, WALKING]
        place_m += dt_s * self.mean[2:, WALKING]
        of_place, crossed, crossed_back = walk[:2, :2], walk[:2, 2:], walk[2:, :2]
        crossed += dt_s * walk[2:, 2:]
        of_place += dt_s * (crossed_back + crossed)
        crossed_back[:] = crossed.transpose(1, 0, 2)
        self.covariance += self._find_noise(dt_s)

    def _find_noise(self, dt_s: float) -> FloatArray:
        """What ``dt_s`` seconds add to the covariance, shape (4, 4, 2, 1)."""
        unit2 = self.unit_m**2
        density = ACCELERATION_M2_PER_S3 * unit2
        wander, sway = WANDER_M2_PER_S * unit2 * dt_s, SWAY_M_PER_S**2 * unit2
        place, crossed, velocity = density * dt_s**3 / 3, density * dt_s**2 / 2, density * dt_s
        noise = np.zeros(32)
        noise[_NOISY] = wander, sway, place, crossed, crossed, velocity
        return noise.reshape(4, 4, 2, 1)

    def _mix(self, dt_s: float) -> None:
        leave_stand, leave_walk = -math.expm1(-dt_s / MEAN_STAND_S), -math.expm1(-dt_s / MEAN_WALK_S)
        # by what people did before and what they do now
        change = np.array([[[1 - leave_stand], [leave_stand]], [[leave_walk], [1 - leave_walk]]])
        changed = change * self.probability[:, None]
        state = np.empty_like(self._state)
        mean, covariance, probability = _divide(state)
        np.add(changed[STANDING], changed[WALKING], out=probability)
        # of those who walked before, among those who stand and among those who walk now
        second = changed[WALKING] / probability
        first = 1 - second
        standing_mean = self.mean[:, STANDING]
        difference = self.mean[:, WALKING] - standing_mean
        np.multiply(second, difference[:, None], out=mean)
        mean += standing_mean[:, None]
        np.multiply(first, self.covariance[:, :, STANDING, None], out=covariance)
        covariance += second * self.covariance[:, :, WALKING, None]
        covariance += (first * second) * (difference[:, None] * difference)[:, :, None]
        self._hold(state)

    def correct(self, rows: IndexArray, measured: FloatArray) -> None:
        """Take the measured places, shape (5, k), of the people ``rows``, each row once."""
        state = self._state.take(rows, axis=1)
        mean, covariance, probability = _divide(state)
        innovation = measured[:2, None] - mean[:2]
        inverse, determinant = _invert_spread(covariance, measured[2:])
        distance2 = _distance2(innovation, inverse)
        nearest = np.minimum(distance2[0], distance2[1])
        if np.maximum.reduce(nearest) > OUTLIER_DISTANCE2:
            too_far = np.maximum(nearest / OUTLIER_DISTANCE2, 1.0)
            inverse, determinant = _invert_spread(covariance, measured[2:] * too_far**2)
            distance2 = _distance2(innovation, inverse)
        with_x, with_y = covariance[:, 0], covariance[:, 1]
        of_x, of_y, of_both = inverse
        gain_x = with_x * of_x
        gain_x -= with_y * of_both
        gain_y = with_y * of_y
        gain_y -= with_x * of_both
        mean += gain_x * innovation[0] + gain_y * innovation[1]
        corrected = covariance - (gain_x[:, None] * with_x + gain_y[:, None] * with_y)
        # rounding errors that are not symmetric would grow from step to step
        np.add(corrected, corrected.swapaxes(0, 1), out=covariance)
        covariance *= 0.5
        log_likelihood = np.log(determinant)
        log_likelihood += distance2
        log_likelihood *= -0.5
        log_likelihood -= np.maximum(log_likelihood[0], log_likelihood[1])
        probability *= np.exp(log_likelihood)
        probability /= probability[0] + probability[1]
        self._state[:, rows] = state

    def combine(self) -> FloatArray:
        """Places of everybody over both models, shape (5, n)."""
        first, second = 1 - self.probability[WALKING], self.probability[WALKING]
        mean, covariance = self.mean[:2], self.covariance[:2, :2]
        difference = mean[:, WALKING] - mean[:, STANDING]
        spread = first * covariance[:, :, STANDING]
        spread += second * covariance[:, :, WALKING]
        spread += ((first * second) * difference)[:, None] * difference
        places = np.empty((5, len(self)))
        np.add(mean[:, STANDING], second * difference, out=places[:2])
        places[2:4] = spread.reshape(4, -1)[::3]
        places[4] = spread[0, 1]
        return places


def _divide(state: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means, covariances and probabilities as parts of one array, shape (42, n)."""
    count = state.shape[1]
    return state[:8].reshape(4, 2, count), state[8:40].reshape(4, 4, 2, count), state[40:]


def _invert_spread(
    covariance: FloatArray, covariance_m2: FloatArray
) -> tuple[tuple[FloatArray, FloatArray, FloatArray], FloatArray]:
    """Of the sums of places' covariances and measured ones, shape (3, k): inverses, and determinants.

    The third row of an inverse is given as its negative.
    """
    a, d = covariance[0, 0] + covariance_m2[0], covariance[1, 1] + covariance_m2[1]
    b = covariance[0, 1] + covariance_m2[2]
    determinant = a * d - b * b
    return (d / determinant, a / determinant, b / determinant), determinant


def _distance2(difference: FloatArray, inverse: tuple[FloatArray, FloatArray, FloatArray]) -> FloatArray:
    x, y = difference
    of_x, of_y, of_both = inverse
    distance2: FloatArray = x * (x * of_x - 2 * y * of_both)
    distance2 += y * y * of_y
    return distance2
