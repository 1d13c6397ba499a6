"""Sums of every floor cell by hour, from which every layer of a longer period is made."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.arrays import FloatArray, IntArray
from analytics.metrics.speed import STANDING_M_S, measure_velocity
from analytics.rollups.stretch import Stretch

FLOOR_HOUR_COLUMN_NAMES = (
    "hour_s",
    "cell",
    "person_seconds",
    "visitors",
    "walking_s",
    "vx_sum_m",
    "vy_sum_m",
    "speed_sum_m",
    "stops",
    "stopped_visitors",
    "stop_seconds",
)
"""Columns of the table. ``hour_s``: start of an hour of the UTC clock. ``cell``: raveled index in
``Stretch.grid``; cells without people have no row; observation follows from spans and views. ``visitors``:
different ones within the hour. ``walking_s``: seconds above 0.3 m/s, ``vx_sum_m``, ``vy_sum_m``,
``speed_sum_m`` are velocity and speed times these seconds. A stop belongs to the cell of its mean position
and the hour of its start; ``stop_seconds`` is the sum of their lengths."""
HOUR_S = 3600.0
MAX_GAP_S = 1.5


def tabulate_floor_hours(stretch: Stretch, *, step_s: float = HOUR_S) -> pd.DataFrame:
    """Return one row per hour and visited cell, columns of ``FLOOR_HOUR_COLUMN_NAMES``.

    Args:
        step_s: step other than an hour, for periods whose tracks are read.
    """
    rows, grid = stretch.ordered.cut(longest_gap_s=MAX_GAP_S), stretch.grid
    cells = grid.rows * grid.columns
    first_hour_s = -(stretch.start_utc_s % step_s)

    def find_slots(time_s: FloatArray, x_m: FloatArray, y_m: FloatArray) -> IntArray:
        cell = grid.find_cells(x_m, y_m)
        hour = np.floor((time_s - first_hour_s) / step_s).astype(np.int64)
        return np.where(cell >= 0, hour * cells + cell, -1)

    slot = find_slots(rows.time_s, rows.x_m, rows.y_m)
    is_on = slot >= 0
    who = rows.person_ids[rows.person].astype(np.int64)
    vx, vy = measure_velocity(rows)
    speed = np.hypot(vx, vy)
    seconds = rows.seconds()
    walking_s = np.where(speed >= STANDING_M_S, seconds, 0.0)
    stops = stretch.stops
    stop_slot = find_slots(*(stops[name].to_numpy(np.float64) for name in ("started_s", "x_m", "y_m")))
    stopped = stop_slot >= 0
    slots = np.unique(np.concatenate([slot[is_on], stop_slot[stopped]]))
    at, stop_at = np.searchsorted(slots, slot[is_on]), np.searchsorted(slots, stop_slot[stopped])

    def sum_up(values: FloatArray) -> FloatArray:
        return np.bincount(at, weights=values[is_on], minlength=len(slots)).astype(np.float32)

    return pd.DataFrame(
        {
            "hour_s": first_hour_s + (slots // cells) * step_s if cells else slots.astype(np.float64),
            "cell": (slots % cells).astype(np.int32),
            "person_seconds": sum_up(seconds),
            "visitors": _count_different(at, who[is_on], len(slots)),
            "walking_s": sum_up(walking_s),
            "vx_sum_m": sum_up(np.nan_to_num(vx) * walking_s),
            "vy_sum_m": sum_up(np.nan_to_num(vy) * walking_s),
            "speed_sum_m": sum_up(np.nan_to_num(speed) * walking_s),
            "stops": np.bincount(stop_at, minlength=len(slots)).astype(np.int32),
            "stopped_visitors": _count_different(
                stop_at, stops["visitor"].to_numpy(np.int64)[stopped], len(slots)
            ),
            "stop_seconds": np.bincount(
                stop_at, weights=stops["seconds"].to_numpy(np.float64)[stopped], minlength=len(slots)
            ).astype(np.float32),
        }
    )


def _count_different(at: IntArray, who: IntArray, slots: int) -> npt.NDArray[np.int32]:
    pairs = np.unique(np.column_stack([at, who]), axis=0) if len(at) else np.empty((0, 2), np.int64)
    return np.bincount(pairs[:, 0], minlength=slots).astype(np.int32)
