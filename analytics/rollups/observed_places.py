"""For how long somebody looked at places, where many of them are asked about: each set of cameras once."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.zone import Zone
from analytics.metrics.coverage import CameraView, FloorGrid
from analytics.metrics.observation import JOIN_S, clip_intervals, unite_intervals

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_CELLS_ACROSS = 20
"""As in ``compute_zone_coverage``."""


class ObservedPlaces:
    """Answers as ``compute_observed_seconds`` does, for a period with many spans and many places.

    Args:
        spans: columns of ``SPAN_COLUMNS``, on one clock with the period.
        views: what the cameras see; without any, every place is seen while any camera was analysed.
    """

    def __init__(
        self, *, spans: pd.DataFrame, views: Sequence[CameraView], period_s: tuple[float, float]
    ) -> None:
        self._views = tuple(views)
        self._period_s = period_s
        self._all = spans[["start_s", "end_s"]].to_numpy(np.float64)
        self._camera = spans["camera"].to_numpy(object)
        self._lengths_s: dict[frozenset[str] | None, float] = {}

    def measure_seconds(self, points_m: FloatArray) -> FloatArray:
        """For how many seconds at least one camera looked at each point, shape (n, 2); shape (n,)."""
        if not self._views:
            return np.full(len(points_m), self._measure_length(None))
        if not len(points_m):
            return np.empty(0)
        seen = np.column_stack([view.sees(points_m) for view in self._views])
        _, first, which = np.unique(np.packbits(seen, axis=1), axis=0, return_index=True, return_inverse=True)
        names = [str(view.camera) for view in self._views]
        lengths_s = [
            self._measure_length(frozenset(name for name, is_seen in zip(names, row, strict=True) if is_seen))
            for row in seen[first]
        ]
        return np.array(lengths_s, np.float64)[which.ravel()]

    def measure_zones(self, zones: Sequence[Zone]) -> FloatArray:
        """The same on the average of each zone's floor, seconds, shape (zones,)."""
        if not zones:
            return np.empty(0)
        centres, weights = [], []
        for zone in zones:
            shape = zone.outline.to_shape()
            grid = FloorGrid.around(zone.outline, cell_m=math.sqrt(shape.area) / _CELLS_ACROSS)
            centres.append(grid.centres())
            weights.append(grid.measure_share(shape).ravel())
        seconds = self.measure_seconds(np.vstack(centres))
        ends = np.cumsum([len(weight) for weight in weights])
        parts = np.split(seconds, ends[:-1])
        return np.array([part @ weight / weight.sum() for part, weight in zip(parts, weights, strict=True)])

    def _measure_length(self, cameras: frozenset[str] | None) -> float:
        if cameras not in self._lengths_s:
            own = self._all if cameras is None else self._all[np.isin(self._camera, sorted(cameras))]
            united = unite_intervals(own, join_s=JOIN_S)
            within = clip_intervals(united, start_s=self._period_s[0], end_s=self._period_s[1])
            self._lengths_s[cameras] = float(np.diff(within, axis=1).sum())
        return self._lengths_s[cameras]
