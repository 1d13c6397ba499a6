"""People who walk together: a visible companion predicts the path of a hidden person.

People who came together stay together. For two people who have walked beside each other for some seconds, the
position of one two seconds later is predicted better by the other's motion than by their own velocity (0.3 to
0.5 m against 0.35 to 0.7, and 0.5 to 0.7 against 1.1 to 1.8 after four; medians of three simulators by three
authors), and no worse after one.
"""

from __future__ import annotations

import math

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IndexArray
from vision.tracking.box_looks import LEARNING_EVERY_S
from vision.tracking.floor_motion import WALKING, FloorMotion

BESIDE_M, ALIKE_M_PER_S, WALKS_M_PER_S = 1.6, 0.6, 0.3
"""Limits of distance, velocity difference and speed for two people who walk together. People who stand beside
each other may leave separately."""
COMPANION_S, FADES_S = 1.5, 5.0
"""Seconds of walking together that make companions, and the time constant of forgetting."""
COMPANION_SIGMA_M_PER_S, LASTS_S = 0.3, 1.0
"""Standard deviation of the velocity difference along each axis, and its correlation time, which is also that
of errors of places and heights."""
MAX_LOOK_S = 0.5
"""Maximum time that one frame after a pause counts for."""


class Companions:
    """Companionship between the people of one camera; parallel to its tracks."""

    def __init__(self) -> None:
        self._together_s = np.zeros((0, 0))
        self._unlooked_s = 0.0

    def add(self, count: int) -> None:
        """Add people without companions."""
        self._together_s = np.pad(self._together_s, (0, count))

    def keep(self, is_kept: BoolArray) -> None:
        """Remove the people who are not marked."""
        self._together_s = self._together_s[np.ix_(is_kept, is_kept)]

    def has_any(self, row: int) -> bool:
        """Return whether a person walked with another, seen now or not."""
        return bool(self._together_s[row].max() >= COMPANION_S)

    def lead(self, motion: FloorMotion, seen: IndexArray, walked: BoolArray, dt_s: float) -> None:
        """Correct the velocity of people not ``seen`` in a frame by their visible companions.

        Args:
            motion: motion of all people, already corrected by the frame; it is updated.
            walked: whether each walked when last seen, shape (n,); people who stood stay.
            dt_s: time since the previous frame.
        """
        if not len(seen) or len(motion) < 2:
            return
        velocity = motion.mean[2:, WALKING] * motion.probability[WALKING]
        self._unlooked_s += dt_s
        if self._unlooked_s >= LEARNING_EVERY_S:
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
        # one difference, measured in every frame for as long as it lasts
        variance *= max(LASTS_S / max(dt_s, 1e-3), 1.0)
        motion.correct_velocities(hidden[is_led], velocity[:, companion], variance)

    def _look(self, motion: FloorMotion, velocity: FloatArray, seen: IndexArray) -> None:
        """Update which of those ``seen`` walk together."""
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
    """Return squared distances between points, shape (2, n)."""
    apart = points[:, :, None] - points[:, None]
    apart *= apart
    squared: FloatArray = apart[0] + apart[1]
    return squared
