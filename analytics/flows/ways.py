"""Ways through the zones as numbers: millions of steps are counted without an object for each."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """The ways of visitors, one after the other.

    Attributes:
        names: of the zones.
        zone: of every step its place in ``names``, shape (steps,); none twice in a row within a way.
        first: where the steps of each way begin and, at last, end, shape (ways + 1,).
        start_s, end_s: when each visitor was first and last seen, shape (ways,).
        is_start_seen, is_end_seen: whether they were seen to come and to go, shape (ways,).
    """

    names: tuple[str, ...]
    zone: IntArray
    first: IntArray
    start_s: FloatArray
    end_s: FloatArray
    is_start_seen: BoolArray
    is_end_seen: BoolArray

    @classmethod
    def of(cls, journeys: pd.DataFrame) -> Ways:
        """The ways of journeys, columns of ``JOURNEY_COLUMN_NAMES``; names in alphabetical order."""
        lengths = journeys["zones"].map(len).to_numpy(np.int64)
        steps = pd.Categorical(list(itertools.chain.from_iterable(journeys["zones"])))
        return cls(
            names=tuple(str(name) for name in steps.categories),
            zone=steps.codes.astype(np.int64),
            first=count_up(lengths),
            start_s=journeys["start_s"].to_numpy(np.float64),
            end_s=journeys["end_s"].to_numpy(np.float64),
            is_start_seen=journeys["is_start_seen"].to_numpy(bool),
            is_end_seen=journeys["is_end_seen"].to_numpy(bool),
        )

    def __len__(self) -> int:
        """How many ways there are."""
        return len(self.start_s)

    @property
    def lengths(self) -> IntArray:
        """How many steps each has, shape (ways,)."""
        return np.diff(self.first)

    @property
    def is_whole(self) -> BoolArray:
        """Which were seen from beginning to end, shape (ways,)."""
        return self.is_start_seen & self.is_end_seen

    @property
    def way_of_step(self) -> IntArray:
        """To which way each step belongs, shape (steps,)."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def choose(self, is_chosen: BoolArray) -> Ways:
        """Some of the ways, shape (ways,)."""
        lengths = self.lengths
        return Ways(
            names=self.names,
            zone=self.zone[np.repeat(is_chosen, lengths)],
            first=count_up(lengths[is_chosen]),
            start_s=self.start_s[is_chosen],
            end_s=self.end_s[is_chosen],
            is_start_seen=self.is_start_seen[is_chosen],
            is_end_seen=self.is_end_seen[is_chosen],
        )

    def take(self, route: Sequence[str]) -> BoolArray:
        """Which ways go through the zones of a route without another between, shape (ways,)."""
        steps = len(self.zone) - len(route) + 1
        found = np.ones(max(0, steps), bool)
        for place, zone in enumerate(route):
            found &= self.zone[place : place + len(found)] == self.find(zone)
        way, at = self.way_of_step, np.flatnonzero(found)
        takes = np.zeros(len(self), bool)
        takes[way[at[way[at] == way[at + len(route) - 1]]]] = True
        return takes

    def find(self, zone: str) -> int:
        """The place of a zone in ``names``; one that no step has where it is not among them."""
        return self.names.index(zone) if zone in self.names else len(self.names)

    def mark(self, zones: Sequence[str]) -> BoolArray:
        """Which of ``names`` are among zones, shape (names,)."""
        return np.isin(np.array(self.names, dtype=object), list(zones))


def count_up(lengths: IntArray) -> IntArray:
    """Where parts of these lengths begin that follow each other and, at last, end."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
