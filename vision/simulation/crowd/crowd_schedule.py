"""What changes for a simulated crowd in the course of a day."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt


class CrowdSchedule(Protocol):
    """Times are those of the simulation, seconds; stands are numbers in the hall's order."""

    def find_arrivals_per_s(self, now_s: float) -> float:
        """Mean rate at a moment; 0 while nobody is let in."""
        ...

    def is_closing(self, now_s: float) -> bool:
        """Whether whoever has seen a stand to its end leaves."""
        ...

    def find_attractions(self, now_s: float) -> npt.NDArray[np.float64]:
        """Of the stands, shape (stands,)."""
        ...

    def draw_call(self, stand: int | None, now_s: float, rng: np.random.Generator) -> int | None:
        """The stand to which somebody at ``stand`` goes now, whatever attracts them; None: as they like."""
        ...

    def draw_leave_s(self, stand: int, now_s: float, until_s: float, rng: np.random.Generator) -> float:
        """When somebody who has come to a stand and would stay until ``until_s`` leaves it."""
        ...
