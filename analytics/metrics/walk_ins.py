"""Where people came from who were already walking when their track began."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analytics.metrics.presence import PresenceRows
from analytics.metrics.track_breaks import LINK_REACH_M, LINK_SPEED_M_S, LONGEST_LINK_S

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

WALK_OVER_S = 1.0
WALK_SIGMAS = 3.5
"""Somebody walks who gets on for a second by more than errors of the position can feign: those of both ends,
in one of a hundred cases."""
OVERLAP_S = 0.5
"""A track may begin so long before the one that it goes on from ends: its past is credited to it."""


@dataclass(frozen=True, slots=True)
class _Walk:
    """The first or last second of segments: metres on, and seconds for it; shape (segments,) each."""

    x_m: FloatArray
    y_m: FloatArray
    elapsed_s: FloatArray


def carry_back_walk_ins(
    *, rows: PresenceRows, unseen_s: float, walking_m_s: float, observed: FloatArray
) -> PresenceRows:
    """Put a row before the first one of everybody who was already walking: where they were shortly before.

    Who comes in behind a companion, or just where the view begins, is detected a moment late. Such a row lies
    ``unseen_s`` back on the straight way of the track's first second. Nobody is carried back beyond the start
    of the observation, nor who may be somebody that was lost nearby a moment before; who went the other way
    then is another.

    Args:
        walking_m_s: slower ones stood there.
        observed: disjoint stretches of observation in order, shape (n, 2), seconds.
    """
    starts = rows.segment_starts()
    if not len(starts) or not len(observed):
        return rows
    walk = _measure_first_walks(rows)
    way_m = np.hypot(walk.x_m, walk.y_m)
    sigma_m = rows.sigma_m[starts]
    begin_s = rows.time_s[starts]
    stretch = np.maximum(np.searchsorted(observed[:, 0], begin_s, side="right") - 1, 0)
    back_s = np.minimum(unseen_s, begin_s - observed[stretch, 0])
    is_walking = (walk.elapsed_s >= WALK_OVER_S / 2) & (way_m >= WALK_SIGMAS * sigma_m)
    is_walking &= way_m >= walking_m_s * walk.elapsed_s
    is_carried = is_walking & (back_s > 0)
    is_carried[is_carried] = ~_find_followers(rows, np.flatnonzero(is_carried), walk, walking_m_s)
    chosen = np.flatnonzero(is_carried)
    at = starts[chosen]
    share = back_s[chosen] / walk.elapsed_s[chosen]
    return replace(
        rows,
        person=np.insert(rows.person, at, rows.person[at]),
        starts=rows.starts + np.searchsorted(np.sort(at), rows.starts),
        time_s=np.insert(rows.time_s, at, begin_s[chosen] - back_s[chosen]),
        x_m=np.insert(rows.x_m, at, rows.x_m[at] - share * walk.x_m[chosen]),
        y_m=np.insert(rows.y_m, at, rows.y_m[at] - share * walk.y_m[chosen]),
        sigma_m=np.insert(rows.sigma_m, at, sigma_m[chosen]),
    )


def _measure_first_walks(rows: PresenceRows) -> _Walk:
    starts = rows.segment_starts()
    return _measure_walks(rows, starts, np.minimum(starts + _count_rows(rows), rows.segment_ends()))


def _measure_last_walks(rows: PresenceRows) -> _Walk:
    ends = rows.segment_ends()
    return _measure_walks(rows, np.maximum(ends - _count_rows(rows), rows.segment_starts()), ends)


def _count_rows(rows: PresenceRows) -> int:
    """How many rows a second has."""
    interval_s = rows.sample_interval_s()
    return max(1, round(WALK_OVER_S / interval_s)) if interval_s > 0 else 1


def _measure_walks(rows: PresenceRows, begin: IntArray, end: IntArray) -> _Walk:
    return _Walk(
        rows.x_m[end] - rows.x_m[begin],
        rows.y_m[end] - rows.y_m[begin],
        rows.time_s[end] - rows.time_s[begin],
    )


def _find_followers(rows: PresenceRows, segments: IntArray, walk: _Walk, walking_m_s: float) -> BoolArray:
    """Which segments begin where another one may go on that ended shortly before, shape of ``segments``.

    Args:
        walk: the first walks of all segments.
    """
    ends = rows.segment_ends()
    order = np.argsort(rows.time_s[ends], kind="stable")
    ends = ends[order]
    starts = rows.segment_starts()[segments]
    first = np.searchsorted(rows.time_s[ends], rows.time_s[starts] - LONGEST_LINK_S)
    behind = np.searchsorted(rows.time_s[ends], rows.time_s[starts] + OVERLAP_S, side="right")
    last_walk = _measure_last_walks(rows)
    is_walking_on = np.hypot(last_walk.x_m, last_walk.y_m) >= walking_m_s * last_walk.elapsed_s
    is_follower = np.zeros(len(segments), bool)
    for place, start in enumerate(starts.tolist()):
        candidates = ends[first[place] : behind[place]]
        candidates = candidates[rows.segment[candidates] != rows.segment[start]]
        gap_s = np.maximum(rows.time_s[start] - rows.time_s[candidates], 0.0)
        apart_m = np.hypot(rows.x_m[candidates] - rows.x_m[start], rows.y_m[candidates] - rows.y_m[start])
        before, now = rows.segment[candidates], rows.segment[start]
        dot = last_walk.x_m[before] * walk.x_m[now] + last_walk.y_m[before] * walk.y_m[now]
        went_other_way = is_walking_on[before] & (dot < 0)
        is_follower[place] = bool(
            ((apart_m <= LINK_REACH_M + LINK_SPEED_M_S * gap_s) & ~went_other_way).any()
        )
    return is_follower
