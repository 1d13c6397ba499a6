"""Positions and motion of people on the floor: standing and walking as two interacting models.

A person who stands stays within a step; a person who walks keeps their velocity for a while. A single filter
for both either loses people who stop or lets standing people drift away while they are hidden. So two Kalman
filters run side by side and exchange their estimates in proportion to their probabilities: the interacting
multiple model filter (Blom and Bar-Shalom, IEEE Transactions on Automatic Control 33, 1988).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray, IndexArray

STANDING, WALKING = 0, 1

WANDER_M2_PER_S = 0.01
"""Growth of the variance of a standing person's position along each axis: a shift of weight, a half turn or a
side step add about 0.2 m in four seconds."""
SWAY_M_PER_S = 0.15
"""Standard deviation of a standing person's velocity, from which a walk begins."""
ACCELERATION_M2_PER_S3 = 0.35
"""Spectral density of a walker's white acceleration along each axis: within a second walkers change their
velocity by about 0.6 m/s."""
WALKING_SPEED_M_PER_S = 0.85
"""Standard deviation along each axis of a newcomer's velocity: 1.2 m/s in any direction."""
MEAN_STAND_S, MEAN_WALK_S = 15.0, 8.0
"""Mean duration of standing, for somebody who just stopped, and of walking at a fair."""
WALKING_AT_FIRST = 0.7
"""Probability that a newcomer walks."""
OUTLIER_DISTANCE2 = 9.0
"""Squared distance in sigmas beyond which a measurement loses weight, as in Huber's estimator."""

_PAIRS = ((0, 0), (1, 1), (0, 1), (0, 2), (1, 3), (0, 3), (1, 2), (2, 2), (3, 3), (2, 3))
"""Components of the ten covariances: 0 and 1 are the place, 2 and 3 the velocity."""
_FIRST, _SECOND = np.array(_PAIRS, np.intp).T
_OF_PLACE = slice(0, 2), slice(0, 3), np.array([0, 2, 3, 5], np.intp), np.array([2, 1, 6, 4], np.intp)
_OF_VELOCITY = slice(2, 4), slice(7, 10), np.array([3, 6, 7, 9], np.intp), np.array([5, 4, 9, 8], np.intp)
"""Indices of measured means, of their covariances, and of those of x, and of y, with each of the four."""
_PLACE = np.array([0, 1, 4, 5, 6], np.intp)
"""Indices of the moments that are a place and its covariance."""
_MOMENTS = 4 + len(_PAIRS)
"""Number of moments: four means and ten covariances."""


class FloorMotion:
    """States of n people under both models.

    People are the last axis of every array, as few long operations are fastest for few people. Symmetric 2
    by 2 matrices, as arguments and results too, are three rows: of x, of y, and of both. A place with
    its covariance is five rows: x, y and those three.

    Attributes:
        mean: shape (4, 2, n): x, y in metres and the velocity in m/s; the second axis is the model.
        covariance: shape (10, 2, n): of the place in the first three rows, then with and of the velocity.
        probability: shape (2, n): probability of each model.
        stood_s: shape (n,): for how long those who stand have stood, on average; they stay as long again.
        unit_m: length of a metre for the constants above; other than 1 on a floor that is drawn to
            another scale.
    """

    def __init__(self) -> None:
        """Begin without people."""
        self.unit_m = 1.0
        self._hold(np.empty((2 * _MOMENTS + 3, 0)))

    def _hold(self, state: FloatArray) -> None:
        """Store the attributes as parts of one array, so that people are selected and replaced together."""
        self._state = state
        self._moments, self.probability = _divide(state)
        self.mean, self.covariance = self._moments[:4], self._moments[4:]
        self.stood_s = state[-1]

    def __len__(self) -> int:
        return int(self._state.shape[1])

    @property
    def standing(self) -> FloatArray:
        """Probability that each person stands, shape (n,)."""
        standing: FloatArray = self.probability[STANDING]
        return standing

    def add(self, places: FloatArray) -> None:
        """Add people at places, shape (5, k)."""
        state = np.zeros((2 * _MOMENTS + 3, places.shape[1]))
        moments, probability = _divide(state)
        moments[:2], moments[4:7] = places[:2, None], places[2:, None]
        moments[11:13, STANDING] = (SWAY_M_PER_S * self.unit_m) ** 2
        moments[11:13, WALKING] = (WALKING_SPEED_M_PER_S * self.unit_m) ** 2
        probability[STANDING], probability[WALKING] = 1 - WALKING_AT_FIRST, WALKING_AT_FIRST
        self._hold(np.concatenate([self._state, state], axis=1))

    def keep(self, is_kept: npt.NDArray[np.bool_]) -> None:
        """Remove the people who are not marked."""
        self._hold(self._state.compress(is_kept, axis=1))

    def predict(self, dt_s: float) -> None:
        """Predict the state of all people ``dt_s`` seconds later."""
        if not len(self):
            return
        state = np.empty_like(self._state)
        moments, probability = _divide(state)
        mixed = self._mix(dt_s, probability, state[-1])
        step = np.array([1.0, dt_s, dt_s**2 / 2, dt_s**3 / 6]) @ _STEPS
        by_model = mixed.transpose(1, 0, 2)
        matrices = step[: -2 * _MOMENTS].reshape(2, _MOMENTS, _MOMENTS)
        np.matmul(matrices, by_model, out=moments.transpose(1, 0, 2))
        moments += (step[-2 * _MOMENTS :] * self.unit_m**2).reshape(_MOMENTS, 2, 1)
        self._hold(state)

    def _mix(self, dt_s: float, probability: FloatArray, stood_s: FloatArray) -> FloatArray:
        """Return the mixed moments, shape (14, 2, n), and store new ``probability`` and ``stood_s``."""
        leave_stand = -np.expm1(-dt_s / (MEAN_STAND_S + self.stood_s))
        leave_walk = -math.expm1(-dt_s / MEAN_WALK_S)
        # those who walked before, and all, by present model
        second = np.array([[leave_walk], [1 - leave_walk]]) * self.probability[WALKING]
        leave_stand *= self.probability[STANDING]
        probability[:] = second
        probability[STANDING] += self.probability[STANDING] - leave_stand
        probability[WALKING] += leave_stand
        second /= probability
        np.multiply(self.stood_s + dt_s, 1 - second[STANDING], out=stood_s)
        stood = self._moments[:, STANDING]
        difference = self._moments[:, WALKING] - stood
        apart = difference.take(_FIRST, axis=0)
        apart *= difference.take(_SECOND, axis=0)
        mixed: FloatArray = second * difference[:, None]
        mixed += stood[:, None]
        mixed[4:] += (second - second * second) * apart[:, None]
        return mixed

    def correct(self, rows: IndexArray, measured: FloatArray) -> None:
        """Update the people ``rows``, each row once, with measured places, shape (5, k)."""
        self._correct(rows, measured, _OF_PLACE)

    def correct_velocities(self, rows: IndexArray, velocity: FloatArray, variance: FloatArray) -> None:
        """Update the people ``rows`` with velocities, shape (2, k), and variances along each axis."""
        self._correct(rows, np.stack([*velocity, variance, variance, np.zeros(len(rows))]), _OF_VELOCITY)

    def _correct(
        self, rows: IndexArray, measured: FloatArray, of_what: tuple[slice, slice, IndexArray, IndexArray]
    ) -> None:
        means, own, of_x, of_y = of_what
        state = self._state.take(rows, axis=1)
        moments, probability = _divide(state)
        # both models of all people side by side
        measured = np.concatenate([measured, measured], axis=1)
        mean, covariance = moments[:4].reshape(4, -1), moments[4:].reshape(10, -1)
        x, y = measured[:2] - mean[means]
        known = _KnownSpread(covariance[own] + measured[2:])
        distance2 = known.weigh(x, y)
        nearest = np.minimum.reduce(distance2.reshape(2, -1))
        if np.maximum.reduce(nearest) > OUTLIER_DISTANCE2:
            too_far = np.maximum(nearest / OUTLIER_DISTANCE2, 1.0)
            measured[2:] *= np.concatenate([too_far, too_far]) ** 2
            known = _KnownSpread(covariance[own] + measured[2:])
            distance2 = known.weigh(x, y)
        with_x, with_y = covariance.take(of_x, axis=0), covariance.take(of_y, axis=0)
        gain_x = with_x * known.of_x
        gain_x -= with_y * known.of_both
        gain_y = with_y * known.of_y
        gain_y -= with_x * known.of_both
        mean += gain_x * x
        mean += gain_y * y
        covariance -= gain_x.take(_FIRST, axis=0) * with_x.take(_SECOND, axis=0)
        covariance -= gain_y.take(_FIRST, axis=0) * with_y.take(_SECOND, axis=0)
        log_likelihood = np.log(known.determinant)
        log_likelihood += distance2
        log_likelihood *= -0.5
        log_likelihood = log_likelihood.reshape(2, -1)
        log_likelihood -= np.maximum(log_likelihood[0], log_likelihood[1])
        probability *= np.exp(log_likelihood)
        probability /= probability[0] + probability[1]
        self._state[:, rows] = state

    def combine(self) -> FloatArray:
        """Return the places of all people over both models, shape (5, n)."""
        second = self.probability[WALKING]
        both = self._moments.take(_PLACE, axis=0)
        places = both[:, WALKING] - both[:, STANDING]
        apart = places.take(_FIRST[:3], axis=0)
        apart *= places.take(_SECOND[:3], axis=0)
        apart *= second - second * second
        places *= second
        places += both[:, STANDING]
        places[2:] += apart
        return places


def _divide(state: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Split an array into moments, shape (14, 2, n), and probabilities, shape (2, n)."""
    return state[: 2 * _MOMENTS].reshape(_MOMENTS, 2, -1), state[2 * _MOMENTS : -1]


class _KnownSpread:
    """Covariances, shape (3, k), with their determinants and inverses, the third row of these negative."""

    def __init__(self, spread: FloatArray) -> None:
        a, d, b = spread
        determinant = a * d
        determinant -= b * b
        self.determinant = determinant
        self.of_x, self.of_y, self.of_both = d / determinant, a / determinant, b / determinant

    def weigh(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return squared distances in sigmas."""
        distance2: FloatArray = self.of_x * x
        distance2 -= 2 * self.of_both * y
        distance2 *= x
        distance2 += self.of_y * y * y
        return distance2


def _make_steps() -> FloatArray:
    """Return the transition and the noise of moments by 1, dt, dt² / 2 and dt³ / 6; shape (4, 2 * 14 * 15).

    A matrix of shape (14, 14) for each model, then the noise, shape (14, 2), in units of length².
    """
    walk = np.zeros((_MOMENTS, _MOMENTS))
    places = {pair: 4 + row for row, pair in enumerate(_PAIRS)}
    # the place moves by the velocity, and so does each covariance with the place by that with the velocity
    for axis in (0, 1):
        walk[axis, axis + 2] = 1.0
    for (first, second), row in places.items():
        for one, other in ((first, second), (second, first)):
            if one < 2:
                moved = (one + 2, other)
                walk[row, places[moved if moved in places else moved[::-1]]] += 1.0
    stand = np.diag([1.0, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    matrices = np.zeros((4, 2, _MOMENTS, _MOMENTS))
    matrices[0] = stand, np.eye(_MOMENTS)
    matrices[1, WALKING], matrices[2, WALKING] = walk, walk @ walk
    added = np.zeros((4, _MOMENTS, 2))
    added[0, 11:13, STANDING] = SWAY_M_PER_S**2
    added[1, 4:6, STANDING] = WANDER_M2_PER_S
    acceleration = np.zeros(_MOMENTS)
    acceleration[11:13] = ACCELERATION_M2_PER_S3
    for power in (1, 2, 3):
        added[power, :, WALKING] = acceleration
        acceleration = walk @ acceleration
    return np.concatenate([matrices.reshape(4, -1), added.reshape(4, -1)], axis=1)


_STEPS = _make_steps()
