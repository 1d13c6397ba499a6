"""Lengths of the visits that began in each quarter of an hour, as counts that can be added up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.zone import Zone
from analytics.dwell.dwell import DwellSettings
from analytics.dwell.survival_curve import EnteredVisits, list_entered
from analytics.dwell.zone_summary import join_stays
from analytics.rollups.clock_steps import find_steps
from analytics.rollups.stretch import Stretch

VISIT_LENGTH_COLUMN_NAMES = ("zone", "start_s", "cell", "entered", "ended")
"""Columns of the table. ``start_s``: of a quarter of an hour of the UTC clock. ``cell``: length in whole
``CELL_S``. ``entered``: visits of this length whose start was seen, by their start; ``ended``: how many of
them ended so, the others being cut (see ``EnteredVisits``). Cells without visits have no row."""
QUARTER_S = 900.0
"""Resolution of opening hours and of matched hours of days."""


def tabulate_visit_lengths(stretch: Stretch) -> pd.DataFrame:
    """Return one row per zone, quarter and length, columns of ``VISIT_LENGTH_COLUMN_NAMES``."""
    return count_visit_lengths(
        stretch.stays,
        stretch.geometry.zones,
        start_utc_s=stretch.start_utc_s,
        settings=stretch.settings.dwell,
    )


def count_visit_lengths(
    stays: pd.DataFrame, zones: Sequence[Zone], *, start_utc_s: float, settings: DwellSettings
) -> pd.DataFrame:
    """Return the table of stays.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES``, of visitors.
        start_utc_s: seconds since the epoch at which their times are 0.
    """
    parts = []
    for zone in zones:
        own = join_stays(zone=zone, stays=stays[stays["zone"] == str(zone.name)], settings=settings)
        entered_s, cell, entered, ended = list_entered(
            stays=own, minimum_stay_s=zone.minimum_stay_s, ended_share=settings.ended_share
        )
        start_s = find_steps(entered_s, start_utc_s=start_utc_s, step_s=QUARTER_S)
        parts.append(
            pd.DataFrame(
                {"zone": str(zone.name), "start_s": start_s, "cell": cell, "entered": entered, "ended": ended}
            )
        )
    empty = pd.DataFrame({name: np.empty(0) for name in VISIT_LENGTH_COLUMN_NAMES})
    table = pd.concat(parts or [empty], ignore_index=True)
    counts = table.groupby(["zone", "start_s", "cell"], as_index=False, sort=True).sum()
    return counts.astype(
        {"zone": "str", "start_s": "float64", "cell": "int32", "entered": "float64", "ended": "float64"}
    )


class VisitLengths:
    """Visits that began in some intervals, indexed by zone and interval."""

    def __init__(self, table: pd.DataFrame, intervals_s: FloatArray) -> None:
        """Sort the rows into the intervals.

        Args:
            table: columns of ``VISIT_LENGTH_COLUMN_NAMES``, on one clock with the intervals.
            intervals_s: disjoint and in order, of whole quarters of an hour, shape (intervals, 2).
        """
        within = find_interval(table["start_s"].to_numpy(np.float64), intervals_s)
        zones = pd.Categorical(table["zone"])
        self._zone = {str(name): number for number, name in enumerate(zones.categories)}
        place = np.where(within >= 0, zones.codes.astype(np.int64) * len(intervals_s) + within, -1)
        self._order = np.argsort(place, kind="stable")
        self._edges = np.searchsorted(place[self._order], np.arange(len(self._zone) * len(intervals_s) + 1))
        self._intervals = len(intervals_s)
        self._cell, self._entered, self._ended = (
            table[name].to_numpy()[self._order] for name in ("cell", "entered", "ended")
        )

    def read(self, zone: str, interval: int) -> EnteredVisits:
        """Return the visits to a zone that began in an interval."""
        if zone not in self._zone:
            return EnteredVisits(np.empty(0), np.empty(0))
        place = self._zone[zone] * self._intervals + interval
        rows = slice(self._edges[place], self._edges[place + 1])
        cell = self._cell[rows]
        count, ended = (
            np.bincount(cell, values[rows]).astype(np.float64) for values in (self._entered, self._ended)
        )
        return EnteredVisits(count, ended)


def find_interval(at_s: FloatArray, intervals_s: FloatArray) -> IntArray:
    """Return the index of the disjoint ordered interval of each moment, -1 for none; shape as ``at_s``."""
    if not len(intervals_s):
        return np.full(len(at_s), -1)
    found = np.searchsorted(intervals_s[:, 0], at_s, side="right") - 1
    is_in = (found >= 0) & (at_s < intervals_s[np.maximum(found, 0), 1])
    return np.where(is_in, found, -1)


def add_entered_visits(parts: list[EnteredVisits]) -> EnteredVisits:
    """Return the visits of several zones or intervals together."""
    length = max((len(part.count) for part in parts), default=0)
    count, ended = np.zeros(length), np.zeros(length)
    for part in parts:
        count[: len(part.count)] += part.count
        ended[: len(part.ended)] += part.ended
    return EnteredVisits(count, ended)
