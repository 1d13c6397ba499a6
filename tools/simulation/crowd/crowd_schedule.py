"""Changes for a simulated crowd in the course of a day."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt


class CrowdSchedule(Protocol):
    """A schedule in simulation seconds; stands are numbers in the hall's order."""

    def find_arrivals_per_s(self, now_s: float) -> float:
        """Return the mean arrival rate at a time; 0 while the doors are closed."""
        ...

    def is_closing(self, now_s: float) -> bool:
        """Return whether visitors leave after the stand they are at."""
        ...

    def find_attractions(self, now_s: float) -> npt.NDArray[np.float64]:
        """Return the attractions of the stands, shape (stands,)."""
        ...

    def draw_call(self, stand: int | None, now_s: float, rng: np.random.Generator) -> int | None:
        """Return the stand that calls a visitor away from ``stand`` now; None if there is none."""
        ...

    def draw_leave_s(self, stand: int, now_s: float, until_s: float, rng: np.random.Generator) -> float:
        """Return when a visitor who would stay at a stand until ``until_s`` leaves it."""
        ...
