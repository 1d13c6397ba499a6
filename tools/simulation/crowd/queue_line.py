"""A queue in front of a counter: visitors join its tail, advance one after the other, and are served."""

from __future__ import annotations

import numpy as np

from analytics.domain.floor_geometry import Point
from tools.simulation.crowd.crowd_visitor import CrowdVisitor
from tools.simulation.crowd.visitor_paths import STEP_S

_REACTION_S = 0.7
"""Mean delay before a visitor follows the one ahead."""


class QueueLine:
    """The visitors at each place of a queue, head first."""

    def __init__(self, places: tuple[Point, ...], rng: np.random.Generator) -> None:
        self._places = places
        self._rng = rng
        self._waiting: list[CrowdVisitor] = []
        self._place_of: dict[int, int] = {}

    @property
    def is_full(self) -> bool:
        """Return whether every place is taken."""
        return self._find_tail() >= len(self._places)

    def find_tail(self) -> Point:
        """Return the next free place."""
        return self._places[min(self._find_tail(), len(self._places) - 1)]

    def join(self, visitor: CrowdVisitor) -> None:
        """Take the last place; the queue must not be full."""
        self._place_of[visitor.number] = self._find_tail()
        self._waiting.append(visitor)

    def leave(self, visitor: CrowdVisitor) -> None:
        """Leave the queue, served or not."""
        self._waiting.remove(visitor)
        del self._place_of[visitor.number]

    def has(self, visitor: CrowdVisitor) -> bool:
        """Return whether a visitor is in the queue."""
        return visitor.number in self._place_of

    def is_head(self, visitor: CrowdVisitor) -> bool:
        """Return whether a visitor is at the first place."""
        return self._place_of[visitor.number] == 0

    def find_place(self, visitor: CrowdVisitor) -> Point:
        """Return the place of a waiting visitor."""
        return self._places[self._place_of[visitor.number]]

    def advance(self) -> None:
        """Let visitors with room ahead move up, each after a delay."""
        free = 0
        for visitor in self._waiting:
            place = self._place_of[visitor.number]
            if place > free and self._rng.random() < STEP_S / _REACTION_S:
                place -= 1
                self._place_of[visitor.number] = place
            free = place + 1

    def _find_tail(self) -> int:
        return self._place_of[self._waiting[-1].number] + 1 if self._waiting else 0
