"""Positions of all people at regular moments, from which densities are computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray
from analytics.metrics.observation import clip_intervals
from analytics.metrics.presence import PresenceRows
from analytics.metrics.speed import SegmentPaths

STEP_S = 1.0
_BATCH_PEOPLE = 4096
MAX_GAP_S = 1.5
"""Longest gap in a track that is interpolated; trackers predict positions for that long."""


@dataclass(frozen=True, slots=True, eq=False)
class CrowdMoments:
    """Positions at the observed ones of equally spaced moments.

    Attributes:
        time_s: the moments, shape (m,); each stands for ``step_s``.
        first: first position of each moment, and at last their number, shape (m + 1,).
        person: as in the presence rows, shape (n,), by moment.
        x_m, y_m: shape (n,).
    """

    time_s: FloatArray
    step_s: float
    first: IntArray
    person: IntArray
    x_m: FloatArray
    y_m: FloatArray

    def batches(self) -> Iterator[slice]:
        """Yield slices of moments with some thousand people together, which is faster than single moments."""
        begin = 0
        while begin < len(self.time_s):
            beyond = int(np.searchsorted(self.first, self.first[begin] + _BATCH_PEOPLE, side="right"))
            end = max(begin + 1, beyond - 1)
            yield slice(begin, end)
            begin = end

    def moment(self) -> IntArray:
        """Return the index of the moment of each position, shape (n,)."""
        return np.repeat(np.arange(len(self.time_s)), np.diff(self.first))


def sample_crowd_moments(
    *,
    rows: PresenceRows,
    observed: FloatArray | None,
    period_s: tuple[float, float],
    step_s: float = STEP_S,
) -> CrowdMoments:
    """Interpolate everybody's position in the middle of each step of a period.

    Unobserved moments are left out, so that they count as neither empty nor full.

    Args:
        rows: cut with ``MAX_GAP_S`` or less.
        observed: shape (m, 2), disjoint and ordered observed intervals; None: all the time.
    """
    start_s, end_s = period_s
    count = max(1, round((end_s - start_s) / step_s))
    grid_s = np.asarray(start_s + (np.arange(count) + 0.5) * step_s, np.float64)
    grid_s = grid_s[grid_s < end_s]
    if observed is not None:
        within = clip_intervals(observed, start_s=start_s, end_s=end_s)
        inside = np.searchsorted(within[:, 0], grid_s, side="right") - 1
        seen = inside >= 0
        seen[seen] = grid_s[seen] < within[inside[seen], 1]
        grid_s = grid_s[seen]
    if not len(rows.time_s):
        nothing = np.empty(0)
        return CrowdMoments(
            grid_s, step_s, np.zeros(len(grid_s) + 1, np.int64), np.empty(0, np.int64), nothing, nothing
        )
    starts, ends = rows.segment_starts(), rows.segment_ends()
    # the last row stands for one sampling interval, as in the occupancy
    begin = np.searchsorted(grid_s, rows.time_s[starts])
    behind = np.searchsorted(grid_s, rows.time_s[ends] + rows.sample_interval_s())
    moments = np.maximum(behind - begin, 0)
    segment = np.repeat(np.arange(len(starts)), moments)
    offset = np.arange(len(segment)) - np.repeat(np.cumsum(moments) - moments, moments)
    moment = begin[segment] + offset
    order = np.argsort(moment, kind="stable")
    moment, segment = moment[order], segment[order]
    paths = SegmentPaths.of(rows)
    at_s = grid_s[moment] - rows.time_s[starts][segment] + paths.clock_s[starts][segment]
    at_s = np.minimum(at_s, paths.clock_s[ends][segment])
    return CrowdMoments(
        time_s=grid_s,
        step_s=step_s,
        first=np.searchsorted(moment, np.arange(len(grid_s) + 1)).astype(np.int64),
        person=rows.person[starts][segment],
        x_m=paths.place(rows.x_m, at_s),
        y_m=paths.place(rows.y_m, at_s),
    )
