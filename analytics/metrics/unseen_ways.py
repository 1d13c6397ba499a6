"""Where people were before they were first seen, after they were last seen, and between two visitors' tracks.

A line is crossed by people, whoever they are taken for: who is lost on this side of it and found as somebody
else on the other side has crossed it, as a stay that is lost goes on in one that begins nearby.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analytics.metrics.presence import TIME_TOLERANCE_S, PresenceRows
from analytics.metrics.track_breaks import LINK_REACH_M, LONGEST_LINK_S

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

WALK_OVER_S = 1.0
WALK_SIGMAS = 3.5
"""Somebody walks who gets on for a second by more than errors of the position can feign: those of both ends,
in one of a hundred cases."""
OVERLAP_S = 0.5
"""A track may begin so long before the one that it goes on from ends: its past is credited to it."""
GAP_COST_PER_S = 0.1
"""Of several that may go on from one that was lost, the one nearest to that place does; a second longer
unseen costs as much as a tenth of the reach."""


@dataclass(frozen=True, slots=True)
class _Walks:
    """The first or last second of all segments: metres on, and seconds for it; shape (segments,) each."""

    x_m: FloatArray
    y_m: FloatArray
    elapsed_s: FloatArray
    is_walking: BoolArray

    def speeds_m_s(self) -> tuple[FloatArray, FloatArray]:
        """Along both axes; 0 of who stands."""
        elapsed_s = np.where(self.is_walking, self.elapsed_s, np.inf)
        return self.x_m / elapsed_s, self.y_m / elapsed_s


def carry_over_unseen(
    *, rows: PresenceRows, unseen_s: float, walking_m_s: float, stray_m_s: float, observed: FloatArray
) -> PresenceRows:
    """Put a row before and behind the tracks of people who were walking when they were found or lost.

    Who comes in behind a companion, or just where the view begins, is detected a moment late, and who goes
    out is lost a moment early. Such a row lies ``unseen_s`` back on the straight way of the track's first
    second, or on along that of its last. Where a track may go on in one that begins nearby soon after it was
    lost, whosever it is, the row lies at the beginning of that one instead, which is not carried back.
    Nobody is carried beyond the observation.

    Args:
        walking_m_s: slower ones stood there.
        stray_m_s: who is lost is found within ``LINK_REACH_M`` of where the walk leads, and this much more
            for each second unseen.
        observed: disjoint stretches of observation in order, shape (n, 2), seconds.
    """
    starts, ends = rows.segment_starts(), rows.segment_ends()
    if not len(starts) or not len(observed):
        return rows
    first, last = _measure_walks(rows, walking_m_s)
    before, after = _join_walks(rows, first, last, stray_m_s)
    begin_s, end_s = rows.time_s[starts], rows.time_s[ends]
    back_s = np.minimum(unseen_s, begin_s - observed[_find_stretch(observed, begin_s), 0])
    on_s = np.minimum(unseen_s, observed[_find_stretch(observed, end_s), 1] - end_s)
    is_carried_back, is_carried_on = first.is_walking & (back_s > 0), last.is_walking & (on_s > 0)
    is_carried_back[after] = is_carried_on[before] = False
    found, lost = np.flatnonzero(is_carried_back), np.flatnonzero(is_carried_on)
    back, on = first.speeds_m_s(), last.speeds_m_s()
    follower = starts[after]
    behind, ahead = ends[np.concatenate([before, lost])] + 1, starts[found]
    # of two that are put between two tracks, that behind the one comes first
    at = np.concatenate([behind, ahead])
    edge = np.concatenate([behind - 1, ahead])
    time_s = np.concatenate(
        [
            np.maximum(begin_s[after], end_s[before] + TIME_TOLERANCE_S),
            end_s[lost] + on_s[lost],
            begin_s[found] - back_s[found],
        ]
    )
    x_m, y_m = (
        np.concatenate(
            [
                values[follower],
                values[ends[lost]] + on_s[lost] * on[axis][lost],
                values[starts[found]] - back_s[found] * back[axis][found],
            ]
        )
        for axis, values in enumerate((rows.x_m, rows.y_m))
    )
    more = np.searchsorted(np.sort(behind), starts, side="right") + np.searchsorted(ahead, starts)
    return replace(
        rows,
        person=np.insert(rows.person, at, rows.person[edge]),
        starts=starts + more,
        time_s=np.insert(rows.time_s, at, time_s),
        x_m=np.insert(rows.x_m, at, x_m),
        y_m=np.insert(rows.y_m, at, y_m),
        sigma_m=np.insert(rows.sigma_m, at, rows.sigma_m[edge]),
    )


def _find_stretch(observed: FloatArray, at_s: FloatArray) -> IntArray:
    return np.maximum(np.searchsorted(observed[:, 0], at_s, side="right") - 1, 0)


def _measure_walks(rows: PresenceRows, walking_m_s: float) -> tuple[_Walks, _Walks]:
    """The first and the last second of all segments."""
    interval_s = rows.sample_interval_s()
    count = max(1, round(WALK_OVER_S / interval_s)) if interval_s > 0 else 1
    starts, ends = rows.segment_starts(), rows.segment_ends()
    walks = []
    for begin, end, edge in (
        (starts, np.minimum(starts + count, ends), starts),
        (np.maximum(ends - count, starts), ends, ends),
    ):
        x_m, y_m, elapsed_s = (values[end] - values[begin] for values in (rows.x_m, rows.y_m, rows.time_s))
        way_m = np.hypot(x_m, y_m)
        is_walking = (elapsed_s >= WALK_OVER_S / 2) & (way_m >= WALK_SIGMAS * rows.sigma_m[edge])
        walks.append(_Walks(x_m, y_m, elapsed_s, is_walking & (way_m >= walking_m_s * elapsed_s)))
    return walks[0], walks[1]


def _join_walks(
    rows: PresenceRows, first: _Walks, last: _Walks, stray_m_s: float
) -> tuple[IntArray, IntArray]:
    """Pairs of a segment that is lost and one that may go on from it, each once, the likeliest first.

    At least one of the two walks: two people who stand on both sides of a line are no crossing. Who went the
    other way is another.
    """
    starts, ends = rows.segment_starts(), rows.segment_ends()
    begin_s, end_s = rows.time_s[starts], rows.time_s[ends]
    order = np.argsort(begin_s, kind="stable")
    low = np.searchsorted(begin_s[order], end_s - OVERLAP_S)
    high = np.searchsorted(begin_s[order], end_s + LONGEST_LINK_S, side="right")
    count = high - low
    before = np.repeat(np.arange(len(ends)), count)
    after = order[np.repeat(low, count) + np.arange(len(before)) - np.repeat(np.cumsum(count) - count, count)]
    gap_s = np.maximum(begin_s[after] - end_s[before], 0.0)
    # of one segment that both ends and begins here the start lies before the end
    fits = (end_s[after] > end_s[before]) & (begin_s[after] > begin_s[before])
    fits &= last.is_walking[before] | first.is_walking[after]
    on_x, on_y = last.speeds_m_s()
    come_x, come_y = first.speeds_m_s()
    fits &= on_x[before] * come_x[after] + on_y[before] * come_y[after] >= 0
    x_m = rows.x_m[starts[after]] - rows.x_m[ends[before]]
    y_m = rows.y_m[starts[after]] - rows.y_m[ends[before]]
    stray_m = np.hypot(
        x_m - gap_s * (on_x[before] + come_x[after]) / 2, y_m - gap_s * (on_y[before] + come_y[after]) / 2
    )
    reach_m = LINK_REACH_M + stray_m_s * gap_s
    cost = stray_m / reach_m + GAP_COST_PER_S * gap_s
    candidates = np.flatnonzero(fits & (stray_m <= reach_m))
    is_end_free, is_start_free = np.ones(len(ends), bool), np.ones(len(starts), bool)
    chosen = []
    for pair in candidates[np.argsort(cost[candidates], kind="stable")].tolist():
        if is_end_free[before[pair]] and is_start_free[after[pair]]:
            is_end_free[before[pair]] = is_start_free[after[pair]] = False
            chosen.append(pair)
    return before[chosen].astype(np.int64), after[chosen].astype(np.int64)
