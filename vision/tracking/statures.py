"""How tall each person of a camera is, relative to the mean, learned from the boxes that show them whole."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vision.tracking.upright_bodies import STATURE_SIGMA

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]

MEASURED_SIGMA, CORRELATED_S = 0.05, 0.5
"""Standard deviation of a box's height around the person's, in parts, and how long such an error lasts."""
LEAST_SIGMA = 0.02
OTHER_SIGMA = 0.06
"""Of a stature that was taken from boxes which do not fit the former one."""
OTHER_RANGE = 0.1
"""So far apart, in parts, boxes still tell of one other stature."""
OTHER_AFTER_S, OTHER_AFTER_M = 1.0, 1.5
"""Such boxes count once they were seen for so long with the feet in sight, or over so long a way: whoever is
hidden by a counter does not stay as high as before when they walk on."""


class Statures:
    """Parallel to the tracks of one camera.

    Attributes:
        value, variance: relative to the mean person, shape (n,).
    """

    def __init__(self) -> None:
        self._hold(np.empty((4, 0)))

    def _hold(self, state: FloatArray) -> None:
        """Let the attributes be rows of one array, in which people are found and replaced at once."""
        self._state = state
        self.value, self.variance, self._other, self._evidence = state

    def add(self, measured: FloatArray, is_odd: BoolArray) -> None:
        """Begin people; those whose boxes are odd for a mean person, but show the feet, are as measured."""
        state = np.array(
            [
                np.where(is_odd, measured, 1.0),
                np.where(is_odd, OTHER_SIGMA**2, STATURE_SIGMA**2),
                measured,
                np.zeros(len(measured)),
            ]
        )
        self._hold(np.concatenate([self._state, state], axis=1))

    def keep(self, is_kept: BoolArray) -> None:
        """Forget the people who are not marked."""
        self._hold(self._state.compress(is_kept, axis=1))

    def rescale(self, ratio: float) -> None:
        """Compare everybody with another mean person, whom the former one is ``ratio`` times as tall as."""
        self._state[:3] *= np.array([[ratio], [ratio**2], [ratio]])

    def take(self, rows: IndexArray) -> tuple[FloatArray, FloatArray]:
        """Values and variances of the people ``rows``."""
        return self.value.take(rows), self.variance.take(rows)

    def measure(self, rows: IndexArray, measured: FloatArray, dt_s: float) -> tuple[FloatArray, FloatArray]:
        """Take heights of boxes that show people ``rows`` whole, each row once.

        Returns:
            How far off they were, and the variances before, both in parts.
        """
        state = self._state.take(rows, axis=1)
        value, variance, _, evidence = state
        off = measured - value
        relative, before = off / value, variance / (value * value)
        noise = MEASURED_SIGMA**2 * max(1.0, CORRELATED_S / max(dt_s, 1e-3))
        gain = variance / (variance + noise)
        value += gain * off
        variance *= 1 - gain
        np.maximum(variance, LEAST_SIGMA**2, out=variance)
        evidence -= dt_s / OTHER_AFTER_S
        np.maximum(evidence, 0.0, out=evidence)
        self._state[:, rows] = state
        return relative, before

    def doubt(self, rows: IndexArray, measured: FloatArray, *, weight: FloatArray) -> None:
        """Take heights of boxes that do not fit the people ``rows``.

        Args:
            weight: of each box, shape (k,): seconds over ``OTHER_AFTER_S`` where the feet are in sight,
                metres over ``OTHER_AFTER_M`` where they may be hidden.
        """
        goes_on = np.abs(measured / self._other[rows] - 1) < OTHER_RANGE
        self._evidence[rows] = np.where(goes_on, self._evidence[rows] + weight, 0.0)
        self._other[rows] = np.where(goes_on, 0.8 * self._other[rows] + 0.2 * measured, measured)
        changed = rows[self._evidence[rows] >= 1.0]
        self.value[changed] = self._other[changed]
        self.variance[changed] = OTHER_SIGMA**2
        self._evidence[changed] = 0.0
