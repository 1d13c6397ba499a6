"""Walking speed: the central difference of positions, within one unbroken segment of a track."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.metrics.presence import PresenceRows

WINDOW_S = 1.0
STANDING_M_S = 0.3
"""A person slower than this stands."""


@dataclass(frozen=True, slots=True, eq=False)
class SegmentPaths:
    """The segments of presence rows, one after the other on one clock, for interpolation at any moment.

    Attributes:
        clock_s: seconds on that clock, rising, shape (n,).
        begin_s, end_s: of the segment of each row, on that clock, shape (n,).
    """

    rows: PresenceRows
    clock_s: FloatArray
    begin_s: FloatArray
    end_s: FloatArray

    @staticmethod
    def of(rows: PresenceRows) -> SegmentPaths:
        """Return the segments set on one clock."""
        if not len(rows.time_s):
            return SegmentPaths(rows, np.empty(0), np.empty(0), np.empty(0))
        starts, ends = rows.segment_starts(), rows.segment_ends()
        lasts_s = rows.time_s[ends] - rows.time_s[starts]
        # a second between two segments, so that no moment belongs to both
        offset_s = np.concatenate([[0.0], np.cumsum(lasts_s + 1.0)[:-1]])
        clock_s = rows.time_s - rows.time_s[starts][rows.segment] + offset_s[rows.segment]
        return SegmentPaths(rows, clock_s, clock_s[starts][rows.segment], clock_s[ends][rows.segment])

    def shift(self, by_s: float) -> FloatArray:
        """Return the moments ``by_s`` after the rows, but within their segments, shape (n,)."""
        return np.clip(self.clock_s + by_s, self.begin_s, self.end_s)

    def place(self, values: FloatArray, at_s: FloatArray) -> FloatArray:
        """Interpolate values of the rows linearly, shape of ``at_s``."""
        return np.interp(at_s, self.clock_s, values) if len(values) else np.empty(0)


def measure_velocity(rows: PresenceRows, *, window_s: float = WINDOW_S) -> tuple[FloatArray, FloatArray]:
    """Return the velocity of each row, metres per second in x and in y, each of shape (n,).

    v(t) = (x(t + w/2) - x(t - w/2)) / w, linear between two rows. The window is cut at the ends of a segment;
    a segment of one row has no velocity (NaN).

    Args:
        window_s: w, seconds.
    """
    paths = SegmentPaths.of(rows)
    before_s, after_s = paths.shift(-window_s / 2), paths.shift(window_s / 2)
    elapsed_s = np.where(after_s > before_s, after_s - before_s, np.nan)
    vx, vy = (
        (paths.place(values, after_s) - paths.place(values, before_s)) / elapsed_s
        for values in (rows.x_m, rows.y_m)
    )
    return vx, vy


def measure_speed(rows: PresenceRows, *, window_s: float = WINDOW_S) -> FloatArray:
    """Return the speed of each row, metres per second, shape (n,); see ``measure_velocity``."""
    vx, vy = measure_velocity(rows, window_s=window_s)
    return np.asarray(np.hypot(vx, vy), np.float64)


def smooth_positions(rows: PresenceRows, *, window_s: float) -> PresenceRows:
    """Return the rows at the mean of their path over ``window_s``, cut at the ends of a segment."""
    if window_s <= 0 or not len(rows.time_s):
        return rows
    paths = SegmentPaths.of(rows)
    # a window cut at one side is cut at the other too, as a one-sided mean lags behind
    half_s = np.minimum(window_s / 2, np.minimum(paths.clock_s - paths.begin_s, paths.end_s - paths.clock_s))
    before_s, after_s = paths.clock_s - half_s, paths.clock_s + half_s
    smoothed = []
    for values in (rows.x_m, rows.y_m):
        steps = np.diff(paths.clock_s)
        integral = np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / 2 * steps)])
        way = paths.place(integral, after_s) - paths.place(integral, before_s)
        smoothed.append(np.divide(way, 2 * half_s, out=values.copy(), where=half_s > 0))
    return PresenceRows(
        person=rows.person,
        person_ids=rows.person_ids,
        starts=rows.starts,
        time_s=rows.time_s,
        x_m=smoothed[0],
        y_m=smoothed[1],
        sigma_m=rows.sigma_m,
    )
