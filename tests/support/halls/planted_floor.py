"""What really happened on a simulated floor, straight from positions: nothing of the product in between."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.domain.zone import Zone

STANDING_M_S = 0.3


class FloorMoments:
    """Positions once a second, with the speed to the next one."""

    def __init__(self, tracks: pd.DataFrame) -> None:
        rows = tracks.sort_values(["visitor", "time_s"], kind="stable")
        self._time_s = rows["time_s"].to_numpy(np.float64)
        self._xy = rows[["x_m", "y_m"]].to_numpy(np.float64)
        visitor = rows["visitor"].to_numpy(np.int64)
        goes_on = np.append(visitor[1:] == visitor[:-1], False)
        way = np.diff(self._xy, axis=0, append=self._xy[-1:])
        self._speed_m_s = np.where(goes_on, np.hypot(way[:, 0], way[:, 1]), np.nan)

    def count_people(self, zone: Zone, period_s: tuple[float, float]) -> float:
        """Mean number in a rectangular zone."""
        return float(self._count(zone)[int(period_s[0]) : int(period_s[1])].mean())

    def find_peak(self, zone: Zone, period_s: tuple[float, float]) -> float:
        """Most people per m²."""
        count = self._count(zone)[int(period_s[0]) : int(period_s[1])]
        return float(count.max()) / zone.outline.to_shape().area

    def measure_crowding(self, zone: Zone, *, above_per_m2: float) -> tuple[float, float, float]:
        """Seconds above a density, the median speed of those in the zone then, and at other times."""
        is_dense = self._count(zone) / zone.outline.to_shape().area > above_per_m2
        inside = self._is_in(zone) & np.isfinite(self._speed_m_s)
        then = is_dense[self._time_s.astype(np.int64)]
        medians = [float(np.median(self._speed_m_s[inside & chosen])) for chosen in (then, ~then)]
        return float(is_dense.sum()), medians[0], medians[1]

    def measure_standing_s(self, zone: Zone) -> float:
        """Person-seconds at which people stood in a zone."""
        return float((self._is_in(zone) & (self._speed_m_s < STANDING_M_S)).sum())

    def _count(self, zone: Zone) -> np.ndarray:
        moments = self._time_s[self._is_in(zone)].astype(np.int64)
        return np.bincount(moments, minlength=int(self._time_s.max()) + 1)

    def _is_in(self, zone: Zone) -> np.ndarray:
        corners = np.asarray(zone.outline.points)
        low, high = corners.min(axis=0), corners.max(axis=0)
        return ((self._xy >= low) & (self._xy <= high)).all(axis=1)
