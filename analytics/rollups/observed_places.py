"""Observed time of many places, computed once for each set of cameras."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.zone import Zone
from analytics.metrics.coverage import CameraView, FloorGrid
from analytics.metrics.observation import JOIN_S, measure_intervals, unite_intervals

_CELLS_ACROSS = 20
"""As in ``compute_zone_coverage``."""


class ObservedPlaces:
    """Observed seconds as in ``compute_observed_seconds``, for periods with many spans and many places.

    Args:
        spans: columns of ``SPAN_COLUMNS``, on one clock with the period.
        views: the cameras' fields of view; without any, a place is seen while any camera was analysed.
    """

    def __init__(
        self, *, spans: pd.DataFrame, views: Sequence[CameraView], period_s: tuple[float, float]
    ) -> None:
        self._views = tuple(views)
        self._period_s = period_s
        self._all = spans[["start_s", "end_s"]].to_numpy(np.float64)
        self._camera = spans["camera"].to_numpy(object)
        self._united: dict[frozenset[str] | None, FloatArray] = {}

    def measure_seconds(self, points_m: FloatArray) -> FloatArray:
        """Return the seconds for which at least one camera saw each point, shape (n, 2); shape (n,)."""
        if not len(points_m):
            return np.empty(0)
        sets, which = self._find_cameras(points_m)
        whole = np.array([self._period_s])
        return np.array([self._measure_lengths(cameras, whole)[0] for cameras in sets])[which]

    def measure_zones(self, zones: Sequence[Zone]) -> FloatArray:
        """Return the mean observed seconds of each zone's floor, shape (zones,)."""
        found: FloatArray = self.measure_zones_in(zones, np.array([self._period_s]))[0]
        return found

    def measure_zones_in(self, zones: Sequence[Zone], intervals_s: FloatArray) -> FloatArray:
        """Return each zone's mean observed seconds in each interval, shape (n, 2); shape (n, zones)."""
        if not zones or not len(intervals_s):
            return np.empty((len(intervals_s), len(zones)))
        centres, weights = [], []
        for zone in zones:
            shape = zone.outline.to_shape()
            grid = FloorGrid.around(zone.outline, cell_m=math.sqrt(shape.area) / _CELLS_ACROSS)
            centres.append(grid.centres())
            weights.append(grid.measure_share(shape).ravel())
        sets, which = self._find_cameras(np.vstack(centres))
        parts = np.split(which, np.cumsum([len(weight) for weight in weights])[:-1])
        shares = [
            np.bincount(part, weight, len(sets)) / weight.sum()
            for part, weight in zip(parts, weights, strict=True)
        ]
        lengths_s = [self._measure_lengths(cameras, intervals_s) for cameras in sets]
        return np.asarray((np.array(shares) @ np.array(lengths_s)).T, np.float64)

    def _find_cameras(self, points_m: FloatArray) -> tuple[list[frozenset[str] | None], IntArray]:
        """Return the sets of cameras that see any of the points, None for all, and the set of each point."""
        if not self._views:
            return [None], np.zeros(len(points_m), np.int64)
        seen = np.column_stack([view.sees(points_m) for view in self._views])
        _, first, which = np.unique(np.packbits(seen, axis=1), axis=0, return_index=True, return_inverse=True)
        names = [str(view.camera) for view in self._views]
        return [
            frozenset(name for name, is_seen in zip(names, row, strict=True) if is_seen)
            for row in seen[first]
        ], which.ravel()

    def _measure_lengths(self, cameras: frozenset[str] | None, intervals_s: FloatArray) -> FloatArray:
        """Return for how long any of the cameras was analysed in each interval, shape (n,)."""
        if cameras not in self._united:
            own = self._all if cameras is None else self._all[np.isin(self._camera, sorted(cameras))]
            self._united[cameras] = unite_intervals(own, join_s=JOIN_S)
        return measure_intervals(self._united[cameras], intervals_s)
