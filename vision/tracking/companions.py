"""Find people who walk together: a companion who is seen shows where a hidden person goes.

People who came together go on together. Of those who have walked beside each other for some seconds, where
one is two seconds later is known better by how the other moved than by their own velocity (0.3 to 0.5 m
against 0.35 to 0.7, and 0.5 to 0.7 against 1.1 to 1.8 after four; medians of three simulators by three
authors), and no worse after one.
"""

from __future__ import annotations

import math

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IndexArray
from vision.tracking.floor_motion import WALKING, FloorMotion

BESIDE_M, ALIKE_M_PER_S, WALKS_M_PER_S = 1.6, 0.6, 0.3
"""Two walk together while they are so near, their velocities differ by so little, and both are faster. Those
who stand beside each other need not leave together."""
COMPANION_S, FADES_S = 1.5, 5.0
"""Time after which people who walk together are companions, and time constant of forgetting it."""
COMPANION_SIGMA_M_PER_S, LASTS_S = 0.3, 1.0
"""Standard deviation of the velocities' difference along each axis, and how long a difference lasts."""
LOOKS_EVERY_S, MAX_LOOK_S = 0.15, 0.5
"""Frames nearer to each other tell little more, and one frame after a pause no more than this of it."""


class Companions:
    """Parallel to the tracks of one camera."""

    def __init__(self) -> None:
        self._together_s = np.zeros((0, 0))
        self._unlooked_s = 0.0

    def add(self, count: int) -> None:
        """Begin people, who are with nobody yet."""
        self._together_s = np.pad(self._together_s, (0, count))

    def keep(self, is_kept: BoolArray) -> None:
        """Forget the people who are not marked."""
        self._together_s = self._together_s[np.ix_(is_kept, is_kept)]

    def has_any(self, row: int) -> bool:
        """Return whether a person walked with another, seen now or not."""
        return bool(self._together_s[row].max() >= COMPANION_S)

    def lead(self, motion: FloorMotion, seen: IndexArray, walked: BoolArray, dt_s: float) -> None:
        """Let everybody who is not among those ``seen`` in a frame walk as a companion does who is.

        Args:
            motion: of all people, corrected by the frame, which is changed.
            walked: whether each walked when they were last seen, shape (n,); who stood stays.
            dt_s: since the frame before.
        """
        if not len(seen) or len(motion) < 2:
            return
        velocity = motion.mean[2:, WALKING] * motion.probability[WALKING]
        self._unlooked_s += dt_s
        if self._unlooked_s >= LOOKS_EVERY_S:
            self._look(motion, velocity, seen)
            self._unlooked_s = 0.0
        if len(seen) == len(motion):
            return
        is_hidden = walked.copy()
        is_hidden[seen] = False
        hidden = is_hidden.nonzero()[0]
        if not len(hidden):
            return
        with_seen_s = self._together_s[np.ix_(hidden, seen)]
        companion = seen[with_seen_s.argmax(axis=1)]
        is_led = with_seen_s.max(axis=1) >= COMPANION_S
        if not is_led.any():
            return
        companion = companion[is_led]
        variance = motion.covariance[7:9, WALKING].take(companion, axis=1).mean(axis=0)
        variance += (COMPANION_SIGMA_M_PER_S * motion.unit_m) ** 2
        # one difference, told anew in every frame for as long as it lasts
        variance *= max(LASTS_S / max(dt_s, 1e-3), 1.0)
        motion.correct_velocities(hidden[is_led], velocity[:, companion], variance)

    def _look(self, motion: FloorMotion, velocity: FloatArray, seen: IndexArray) -> None:
        """Note who of those ``seen`` walks with whom."""
        unit_m = motion.unit_m
        place = motion.mean[:2, WALKING].take(seen, axis=1)
        velocity = velocity.take(seen, axis=1)
        is_walking = np.hypot(*velocity) > WALKS_M_PER_S * unit_m
        are_together = is_walking[:, None] & is_walking
        are_together &= _measure_apart2(place) < (BESIDE_M * unit_m) ** 2
        are_together &= _measure_apart2(velocity) < (ALIKE_M_PER_S * unit_m) ** 2
        np.fill_diagonal(are_together, False)
        pairs = np.ix_(seen, seen)
        together_s = self._together_s[pairs]
        together_s *= math.exp(-self._unlooked_s / FADES_S)
        together_s += min(self._unlooked_s, MAX_LOOK_S) * are_together
        self._together_s[pairs] = together_s


def _measure_apart2(points: FloatArray) -> FloatArray:
    """Squared distances between points, shape (2, n)."""
    apart = points[:, :, None] - points[:, None]
    apart *= apart
    squared: FloatArray = apart[0] + apart[1]
    return squared
