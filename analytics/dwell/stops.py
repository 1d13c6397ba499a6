"""Stops: where and for how long people stand still, the basis of engagement."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.metrics.observation import find_unobserved, unite_spans
from analytics.metrics.presence import TIME_TOLERANCE_S, OrderedRows, PresenceRows, order_rows
from analytics.metrics.row_runs import find_runs
from analytics.metrics.speed import STANDING_M_S, measure_speed, smooth_positions


@dataclass(frozen=True, slots=True)
class StopSettings:
    """The parameters of the stop rule, printed with every report.

    Attributes:
        standing_m_s: a stop begins below this speed,
        moving_m_s: and ends above this one: position errors alone occasionally make 0.3 m/s.
        minimum_s: anything shorter is no stop.
        smoothing_s: positions are first averaged over this time, and
        window_s: the speed is the chord over this one.
        merge_s, merge_reach_m: standing again so soon and so near is the same stop.
        longest_gap_s: a person unseen for longer is not assumed to have stood.
    """

    standing_m_s: float = STANDING_M_S
    moving_m_s: float = 0.5
    minimum_s: float = 3.0
    smoothing_s: float = 1.0
    window_s: float = 2.0
    merge_s: float = 3.0
    merge_reach_m: float = 1.5
    longest_gap_s: float = 1.5


_STOP_DTYPES = {
    "visitor": "int64",
    "started_s": "float64",
    "ended_s": "float64",
    "seconds": "float64",
    "x_m": "float64",
    "y_m": "float64",
    "censored_start": "int64",
    "censored_end": "int64",
}
STOP_COLUMN_NAMES = tuple(_STOP_DTYPES)
"""The position is the mean while standing; at a censored edge the track ends, not the stop."""


def find_stops(
    *,
    tracks: pd.DataFrame,
    spans: pd.DataFrame | None = None,
    settings: StopSettings,
    ordered: OrderedRows | None = None,
) -> pd.DataFrame:
    """Return every stop of every person, columns of ``STOP_COLUMN_NAMES``, ordered by visitor and start.

    A stop lasts from the first to the last row at which the person stands.

    Args:
        tracks: the columns of ``TRACK_COLUMNS``.
        spans: spans in which cameras were analysed; outages end a stop.
        ordered: the tracks by visitor, if already ordered.
    """
    ordered = order_rows(tracks) if ordered is None else ordered
    rows = ordered.cut(
        longest_gap_s=settings.longest_gap_s,
        unobserved=None if spans is None else find_unobserved(unite_spans(spans)),
    )
    if not len(rows.time_s):
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _STOP_DTYPES.items()})
    speed_m_s = measure_speed(
        smooth_positions(rows, window_s=settings.smoothing_s), window_s=settings.window_s
    )
    first, last = find_runs(_decide_standing(rows, speed_m_s, settings), rows.segment)
    first, last = _merge(rows, first, last, settings)
    lasting = rows.time_s[last] - rows.time_s[first] >= settings.minimum_s - TIME_TOLERANCE_S
    first, last = first[lasting], last[lasting]
    stops = pd.DataFrame(
        {
            "visitor": rows.person_ids[rows.person[first]],
            "started_s": rows.time_s[first],
            "ended_s": rows.time_s[last],
            "seconds": rows.time_s[last] - rows.time_s[first],
            "x_m": _average(rows.x_m, first, last),
            "y_m": _average(rows.y_m, first, last),
            "censored_start": rows.is_segment_start[first].astype(np.int64),
            "censored_end": rows.is_segment_end[last].astype(np.int64),
        }
    ).astype(_STOP_DTYPES)
    return stops.sort_values(["visitor", "started_s"], kind="stable", ignore_index=True)


def measure_stop_seconds(*, visits: pd.DataFrame, stops: pd.DataFrame) -> FloatArray:
    """Return the seconds that each visitor stood during each visit, shape (visits,).

    Args:
        visits: with the columns ``visitor``, ``entered_s`` and ``left_s``, such as visits and stays.
        stops: columns of ``STOP_COLUMN_NAMES`` of the same visitors.
    """
    seconds = np.zeros(len(visits))
    if not len(stops) or not len(visits):
        return seconds
    ordered = stops.sort_values(["visitor", "started_s"], kind="stable")
    of, started_s, ended_s = (ordered[name].to_numpy() for name in ("visitor", "started_s", "ended_s"))
    visitor, entered_s, left_s = (visits[name].to_numpy() for name in ("visitor", "entered_s", "left_s"))
    # the stops of one visitor are consecutive, so that a visit has one range of rows
    first_s = min(float(started_s.min()), float(entered_s.min()))
    span_s = max(float(ended_s.max()), float(left_s.max())) - first_s + 1.0
    people, own = np.unique(of, return_inverse=True)
    place = np.minimum(np.searchsorted(people, visitor), len(people) - 1)

    # microseconds, or the finest unit that fits 63 bits for so many people
    per_s = min(1e6, 2.0**62 / ((len(people) + 1) * span_s))
    span = math.ceil(span_s * per_s)

    def find_key(person: IntArray, time_s: FloatArray) -> IntArray:
        return person * span + np.round((time_s - first_s) * per_s).astype(np.int64)

    first = np.searchsorted(find_key(own, ended_s), find_key(place, entered_s), side="right")
    behind = np.searchsorted(find_key(own, started_s), find_key(place, left_s), side="left")
    behind = np.where(people[place] == visitor, np.maximum(first, behind), first)
    for number in range(int((behind - first).max(initial=0))):
        rows = np.flatnonzero(behind - first > number)
        at = first[rows] + number
        seconds[rows] += np.maximum(
            np.minimum(left_s[rows], ended_s[at]) - np.maximum(entered_s[rows], started_s[at]), 0.0
        )
    return seconds


def _decide_standing(rows: PresenceRows, speed_m_s: FloatArray, settings: StopSettings) -> BoolArray:
    """Return standing from a slow row until a fast one; a segment begins undecided, which is not standing."""
    verdict = np.zeros(len(speed_m_s), np.int64)
    verdict[rows.is_segment_start] = -1
    verdict[~(speed_m_s <= settings.moving_m_s)] = -1
    verdict[speed_m_s < settings.standing_m_s] = 1
    if settings.moving_m_s <= settings.standing_m_s:
        return np.asarray(verdict == 1, bool)
    decided = np.maximum.accumulate(np.where(verdict != 0, np.arange(len(verdict)), 0))
    return np.asarray(verdict[decided] == 1, bool)


def _merge(
    rows: PresenceRows, first: IntArray, last: IntArray, settings: StopSettings
) -> tuple[IntArray, IntArray]:
    if settings.merge_s <= 0 or len(first) < 2:
        return first, last
    pause_s = rows.time_s[first[1:]] - rows.time_s[last[:-1]]
    way_m = np.hypot(
        rows.x_m[first[1:]] - rows.x_m[last[:-1]],
        rows.y_m[first[1:]] - rows.y_m[last[:-1]],
    )
    goes_on = rows.segment[first[1:]] == rows.segment[last[:-1]]
    goes_on &= (pause_s < settings.merge_s) & (way_m <= settings.merge_reach_m)
    return first[np.append(True, ~goes_on)], last[np.append(~goes_on, True)]


def _average(values: FloatArray, first: IntArray, last: IntArray) -> FloatArray:
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray((sums[last + 1] - sums[first]) / (last + 1 - first), np.float64)
