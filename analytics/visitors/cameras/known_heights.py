"""Mean measured heights of people between two moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray
from analytics.visitors.tracklet_rows import TrackletRows, find_first
from analytics.visitors.visitor_settings import HEIGHTS


@dataclass(frozen=True, slots=True, eq=False)
class KnownHeights:
    """Rows with a measured height, ordered by piece and time, with running sums."""

    starts: IntArray
    time_s: FloatArray
    total_m: FloatArray

    @staticmethod
    def read(rows: TrackletRows) -> KnownHeights:
        """Return the measured heights of all pieces."""
        known = np.flatnonzero(np.isfinite(rows.height_m) & rows.is_seen)
        starts = np.searchsorted(known, np.append(rows.starts, len(rows.time_s)))
        total_m = np.append(0.0, np.cumsum(rows.height_m[known]))
        return KnownHeights(starts, rows.time_s[known], total_m)

    def average(
        self, piece: IntArray, from_s: FloatArray, to_s: FloatArray, *, fewest: int = 1
    ) -> tuple[FloatArray, FloatArray]:
        """Return mean heights of pieces between two moments, and their variances, m and m².

        NaN with fewer rows than ``fewest``.
        """
        starts, ends = self.starts[piece], self.starts[piece + 1]
        low, high = (find_first(self.time_s, starts, ends, at_s) for at_s in (from_s, to_s))
        mean_m, variance_m2 = np.full(len(piece), np.nan), np.full(len(piece), np.nan)
        some = np.flatnonzero(high - low >= fewest)
        low, high = low[some], high[some]
        mean_m[some] = (self.total_m[high] - self.total_m[low]) / (high - low)
        looks = 1 + (self.time_s[high - 1] - self.time_s[low]) / HEIGHTS.correlation_s
        variance_m2[some] = HEIGHTS.bias_sigma_m**2 + HEIGHTS.look_sigma_m**2 / looks
        return mean_m, variance_m2
