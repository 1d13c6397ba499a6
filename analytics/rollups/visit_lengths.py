"""Lengths of the visits that began in each quarter of an hour, as counts that can be added up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray, IntArray
from analytics.dwell.visit_lengths import CELL_S
from analytics.rollups.clock_steps import find_steps
from analytics.rollups.stretch import Stretch

VISIT_LENGTH_COLUMN_NAMES = ("zone", "start_s", "cell", "entered")
"""Columns of the table. ``start_s``: of a quarter of an hour of the UTC clock. ``cell``: length in whole
``CELL_S``. ``entered``: visits of this length, by their start. Cells without visits have no row."""
QUARTER_S = 900.0
"""Resolution of opening hours and of matched hours of days."""


def tabulate_visit_lengths(stretch: Stretch) -> pd.DataFrame:
    """Return one row per zone, quarter and length, columns of ``VISIT_LENGTH_COLUMN_NAMES``."""
    return count_visit_lengths(stretch.visits, start_utc_s=stretch.start_utc_s)


def count_visit_lengths(visits: pd.DataFrame, *, start_utc_s: float) -> pd.DataFrame:
    """Return the table of visits.

    Args:
        visits: columns of ``VISIT_COLUMNS``.
        start_utc_s: seconds since the epoch at which their times are 0.
    """
    table = pd.DataFrame(
        {
            "zone": visits["zone"].to_numpy(object),
            "start_s": find_steps(
                visits["entered_s"].to_numpy(np.float64), start_utc_s=start_utc_s, step_s=QUARTER_S
            ),
            "cell": (visits["seconds"].to_numpy(np.float64) / CELL_S + 1e-6).astype(np.int64),
            "entered": 1.0,
        }
    )
    counts = table.groupby(["zone", "start_s", "cell"], as_index=False, sort=True).sum()
    return counts.astype({"zone": "str", "start_s": "float64", "cell": "int32", "entered": "float64"})


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
        self._cell, self._entered = (table[name].to_numpy()[self._order] for name in ("cell", "entered"))

    def read(self, zone: str, interval: int) -> FloatArray:
        """Return the visits to a zone that began in an interval, by length in whole ``CELL_S``."""
        if zone not in self._zone:
            return np.empty(0)
        place = self._zone[zone] * self._intervals + interval
        rows = slice(self._edges[place], self._edges[place + 1])
        return np.bincount(self._cell[rows], self._entered[rows]).astype(np.float64)


def find_interval(at_s: FloatArray, intervals_s: FloatArray) -> IntArray:
    """Return the index of the disjoint ordered interval of each moment, -1 for none; shape as ``at_s``."""
    if not len(intervals_s):
        return np.full(len(at_s), -1)
    found = np.searchsorted(intervals_s[:, 0], at_s, side="right") - 1
    is_in = (found >= 0) & (at_s < intervals_s[np.maximum(found, 0), 1])
    return np.where(is_in, found, -1)
