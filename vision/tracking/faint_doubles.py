"""How often a camera's detector finds one person twice, the second time faintly.

Suppression leaves a second box of a person where it lies enough beside the first. Some networks make one for
every seventh person, most hardly any. Where they are frequent, a faint box over somebody who is seen says
nothing of a person behind them, and would let the track of whoever left there go on in their company.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vision.tracking.association import compute_overlaps

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LEAST_OVERLAP = 0.3
"""Intersection over union from which a faint box may be a second one of the same person."""
FREQUENT_SHARE = 0.08
"""Second boxes for each person seen. Whoever is behind somebody, and was never seen alone, has such a box
too: up to 0.015 in crowds."""
PRIOR_SIGHTINGS = 200.0
"""To begin with, so many people are taken as seen, none of them twice."""
REMEMBERED_SIGHTINGS = 5000.0


class FaintDoubles:
    """What was learned of one camera's detector."""

    def __init__(self) -> None:
        self._sightings, self._doubles = PRIOR_SIGHTINGS, 0.0

    @property
    def are_frequent(self) -> bool:
        """Whether a faint box over somebody who is seen is no sign of another person."""
        return self._doubles > FREQUENT_SHARE * self._sightings

    def learn(self, sightings: int, doubles: int) -> None:
        """Count the people seen in a frame, and the faint boxes over them in which nobody else can be."""
        self._sightings += sightings
        self._doubles += doubles
        if self._sightings > REMEMBERED_SIGHTINGS:
            self._doubles *= REMEMBERED_SIGHTINGS / self._sightings
            self._sightings = REMEMBERED_SIGHTINGS


def find_over(faint_xyxy: FloatArray, seen_xyxy: FloatArray) -> BoolArray:
    """Which of the faint boxes, shape (k, 4), are over one of those of the people seen, shape (n, 4)."""
    is_over: BoolArray = compute_overlaps(faint_xyxy, seen_xyxy).max(axis=1, initial=0.0) > LEAST_OVERLAP
    return is_over
