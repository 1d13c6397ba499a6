"""Journeys of visitors through the zones, also as arrays: millions of steps without an object each."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.zone import Zone
from analytics.dwell.visits import VisitSettings
from analytics.flows.transitions import describe_presence
from analytics.metrics.coverage import ViewEdge
from analytics.metrics.presence import OrderedRows


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


JOURNEY_COLUMN_NAMES = ("visitor", "start_s", "end_s", "is_start_seen", "is_end_seen", "zones", "entered_s")
"""Columns of the table. ``zones`` is a tuple of names in order of entry, none twice in a row;
``entered_s`` a tuple of times. A start or end is seen where the visitor came or went through a door or
across the edge of the view."""


def list_journeys(
    *,
    ordered: OrderedRows,
    visits: pd.DataFrame,
    zones: Sequence[Zone],
    spans: pd.DataFrame | None,
    view_edge: ViewEdge | None = None,
    settings: VisitSettings | None = None,
) -> pd.DataFrame:
    """Return one row per visitor, columns of ``JOURNEY_COLUMN_NAMES``, ordered by start.

    A visitor whose track was lost appears as two, each with an incomplete journey: statistics of whole
    journeys must leave these out, and counts of visitors include both. Visitors divided by an outage are left
    out.

    Args:
        ordered: the tracks by visitor.
        visits: columns of ``VISIT_COLUMNS``; those of the given zones count.
        zones: doors among them tell where people come and go.
        view_edge: of the floor on which the tracks are; None: every beginning and end is taken as seen.
    """
    people = describe_presence(ordered, zones, spans, view_edge, settings or VisitSettings())
    chosen = visits[visits["zone"].isin([str(zone.name) for zone in zones])]
    chosen = chosen[chosen["visitor"].isin(people.index)]
    chosen = chosen.sort_values(["visitor", "entered_s"], kind="stable")
    again = (chosen["visitor"] == chosen["visitor"].shift()) & (chosen["zone"] == chosen["zone"].shift())
    chosen = chosen[~again]
    ways: dict[int, list[tuple[str, float]]] = {}
    for visitor, zone, entered_s in zip(chosen["visitor"], chosen["zone"], chosen["entered_s"], strict=True):
        ways.setdefault(int(visitor), []).append((str(zone), float(entered_s)))
    visitors = people.index.to_numpy()
    table = pd.DataFrame(
        {
            "visitor": visitors.astype(np.int64),
            "start_s": people["start_s"].to_numpy(np.float64),
            "end_s": people["end_s"].to_numpy(np.float64),
            "is_start_seen": people["comes"].to_numpy(bool),
            "is_end_seen": people["goes"].to_numpy(bool),
        }
    )
    for name, part in (("zones", 0), ("entered_s", 1)):
        values = [tuple(step[part] for step in ways.get(int(visitor), ())) for visitor in visitors]
        table[name] = pd.Series(values, dtype=object, index=table.index)
    return table.sort_values(["start_s", "visitor"], kind="stable", ignore_index=True)
