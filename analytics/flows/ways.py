"""Paths of visitors through the zones as arrays: millions of steps without an object for each."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """The zone sequences of visitors, one after the other.

    Attributes:
        zone: index in ``names`` of every step, shape (steps,); none twice in a row within a way.
        first: first step of each way, and at last the number of steps, shape (ways + 1,).
        start_s, end_s: first and last time each visitor was seen, shape (ways,).
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
        """Return the ways of journeys, columns of ``JOURNEY_COLUMN_NAMES``; names in alphabetical order."""
        lengths = journeys["zones"].map(len).to_numpy(np.int64)
        steps = pd.Categorical(list(itertools.chain.from_iterable(journeys["zones"])))
        return cls(
            names=tuple(str(name) for name in steps.categories),
            zone=steps.codes.astype(np.int64),
            first=find_offsets(lengths),
            start_s=journeys["start_s"].to_numpy(np.float64),
            end_s=journeys["end_s"].to_numpy(np.float64),
            is_start_seen=journeys["is_start_seen"].to_numpy(bool),
            is_end_seen=journeys["is_end_seen"].to_numpy(bool),
        )

    def __len__(self) -> int:
        """Return the number of ways."""
        return len(self.start_s)

    @property
    def lengths(self) -> IntArray:
        """Number of steps of each way, shape (ways,)."""
        return np.diff(self.first)

    @property
    def is_whole(self) -> BoolArray:
        """Ways that were seen from beginning to end, shape (ways,)."""
        return self.is_start_seen & self.is_end_seen

    @property
    def way_of_step(self) -> IntArray:
        """Index of the way of each step, shape (steps,)."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def choose(self, is_chosen: BoolArray) -> Ways:
        """Return a selection of the ways."""
        lengths = self.lengths
        return Ways(
            names=self.names,
            zone=self.zone[np.repeat(is_chosen, lengths)],
            first=find_offsets(lengths[is_chosen]),
            start_s=self.start_s[is_chosen],
            end_s=self.end_s[is_chosen],
            is_start_seen=self.is_start_seen[is_chosen],
            is_end_seen=self.is_end_seen[is_chosen],
        )

    def take(self, route: Sequence[str]) -> BoolArray:
        """Return which ways pass through the zones of a route without another between, shape (ways,)."""
        steps = len(self.zone) - len(route) + 1
        found = np.ones(max(0, steps), bool)
        for place, zone in enumerate(route):
            found &= self.zone[place : place + len(found)] == self.find(zone)
        way, at = self.way_of_step, np.flatnonzero(found)
        takes = np.zeros(len(self), bool)
        takes[way[at[way[at] == way[at + len(route) - 1]]]] = True
        return takes

    def find(self, zone: str) -> int:
        """Return the index of a zone in ``names``, or one past the last if unknown."""
        return self.names.index(zone) if zone in self.names else len(self.names)

    def mark(self, zones: Sequence[str]) -> BoolArray:
        """Return which of ``names`` are among zones, shape (names,)."""
        return np.isin(np.array(self.names, dtype=object), list(zones))


def find_offsets(lengths: IntArray) -> IntArray:
    """Return the start of each of consecutive parts of these lengths, and at last the end."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
