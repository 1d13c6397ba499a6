"""Encounters of two people, and how likely they left each as the other, by what both sides of it tell.

Where and how fast each came and left, and how tall each was before and after. The tracker compares statures
at every moment, so those whom it exchanges are mostly of one height; what is known of only one side of
somebody says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.visitors.known_heights import KnownHeights
from analytics.visitors.motion_likelihood import compare_heights, compute_log_motion
from analytics.visitors.near_moments import NearMoments
from analytics.visitors.tracklet_ends import EndStates, estimate_first_states, estimate_last_states
from analytics.visitors.tracklet_pairs import STEP_S
from analytics.visitors.tracklet_rows import TrackletRows
from analytics.visitors.visitor_settings import ExchangeSettings, MotionSettings

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Encounters:
    """Two pieces near each other: pieces, seconds on the clock of the rows, and when they were nearest.

    In the order of the nearest moments; shape (encounters,) each.
    """

    a: IntArray
    b: IntArray
    first_s: FloatArray
    last_s: FloatArray
    nearest_s: FloatArray

    def __len__(self) -> int:
        return len(self.a)

    def take(self, index: IntArray) -> Encounters:
        """Some of them, in that order."""
        return Encounters(*(getattr(self, name)[index] for name in self.__slots__))


def weigh_exchanges(
    rows: TrackletRows, encounters: Encounters, *, motion: MotionSettings, settings: ExchangeSettings
) -> FloatArray:
    """Log of how much better the crosswise continuation explains each encounter, shape (encounters,)."""
    by_height = _weigh_heights(KnownHeights.read(rows), encounters, settings)
    return by_height + _weigh_motion(rows, encounters, motion=motion, settings=settings)


def join_moments(near: NearMoments, *, origin_s: float, apart_s: float) -> Encounters:
    """Encounters of moments less than ``apart_s`` after each other; steps count from ``origin_s`` on."""
    if not len(near.step):
        return Encounters(*np.empty((2, 0), np.int64), *np.empty((3, 0)))
    is_new = (np.diff(near.a) != 0) | (np.diff(near.b) != 0) | (np.diff(near.step) * STEP_S > apart_s)
    first = np.append(0, np.flatnonzero(is_new) + 1)
    last = np.append(first[1:] - 1, len(near.step) - 1)
    run = np.repeat(np.arange(len(first)), last - first + 1)
    is_nearest = near.distance_m == np.minimum.reduceat(near.distance_m, first)[run]
    _, place = np.unique(run[is_nearest], return_index=True)
    nearest = np.flatnonzero(is_nearest)[place]
    moment_s = np.asarray(near.step * STEP_S + origin_s, np.float64)
    found = Encounters(near.a[first], near.b[first], moment_s[first], moment_s[last], moment_s[nearest])
    return found.take(np.lexsort((found.b, found.a, found.nearest_s)))


def _weigh_heights(heights: KnownHeights, encounters: Encounters, settings: ExchangeSettings) -> FloatArray:
    """By heights, as far as they are known."""
    before_s = encounters.first_s - settings.window_s
    # nobody knows at which moment of a long encounter two were exchanged
    begin_s = np.maximum(encounters.nearest_s + settings.settles_s, encounters.last_s)
    until_s = begin_s + settings.window_s
    pieces = encounters.a, encounters.b
    before = [heights.average(piece, before_s, encounters.nearest_s, settings.heights) for piece in pieces]
    after = [heights.average(piece, begin_s, until_s, settings.heights) for piece in pieces]
    straight = compare_heights(*before[0], *after[0]) + compare_heights(*before[1], *after[1])
    crosswise = compare_heights(*before[0], *after[1]) + compare_heights(*before[1], *after[0])
    return crosswise - straight


def _weigh_motion(
    rows: TrackletRows, encounters: Encounters, *, motion: MotionSettings, settings: ExchangeSettings
) -> FloatArray:
    """By places and velocities; 0 where an encounter was too long, or a side too short, to tell."""
    first_s, last_s = encounters.first_s - settings.margin_s, encounters.last_s + settings.margin_s
    pieces = encounters.a, encounters.b
    seen = _SeenRows(np.flatnonzero(rows.is_seen), len(rows.time_s))
    before = [_take_windows(rows, seen, piece, first_s, settings, is_before=True) for piece in pieces]
    after = [_take_windows(rows, seen, piece, last_s, settings, is_before=False) for piece in pieces]
    is_told = last_s - first_s <= settings.longest_s
    for _, lasts_s in (*before, *after):
        is_told &= lasts_s >= settings.least_motion_s
    states_before = [estimate_last_states(windows) for windows, _ in before]
    states_after = [estimate_first_states(windows) for windows, _ in after]

    def fit(last: EndStates, first: EndStates) -> FloatArray:
        found = compute_log_motion(last, first, motion=motion)
        return np.maximum(
            np.nan_to_num(found, nan=-settings.worst_log, neginf=-settings.worst_log), -settings.worst_log
        )

    straight = fit(states_before[0], states_after[0]) + fit(states_before[1], states_after[1])
    crosswise = fit(states_before[0], states_after[1]) + fit(states_before[1], states_after[0])
    return np.where(is_told, crosswise - straight, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _SeenRows:
    """The rows at which a detector saw somebody, ascending, among ``count`` rows."""

    rows: IntArray
    count: int

    def find_last(self, row: IntArray) -> IntArray:
        """The last one up to each row, -1 where there is none."""
        return np.append(-1, self.rows)[np.searchsorted(self.rows, row, side="right")]

    def find_first(self, row: IntArray) -> IntArray:
        """The first one from each row on, the number of rows where there is none."""
        return np.append(self.rows, self.count)[np.searchsorted(self.rows, row)]


def _take_windows(
    rows: TrackletRows,
    seen: _SeenRows,
    piece: IntArray,
    at_s: FloatArray,
    settings: ExchangeSettings,
    *,
    is_before: bool,
) -> tuple[TrackletRows, FloatArray]:
    """The rows up to the last sighting before a moment, or from the first one after it, as pieces.

    Returns:
        At least one row of each piece, and how long they last; less than 0 where nobody was seen near the
        moment.
    """
    begin, last = rows.starts[piece], rows.ends[piece] - 1
    if is_before:
        place = np.maximum(rows.find_rows(piece, at_s + 1e-6) - 1, begin)
        high = np.maximum(seen.find_last(place), begin)
        low = rows.find_rows(piece, rows.time_s[high] - settings.motion_window_s - 1e-6)
        away_s = at_s - rows.time_s[high]
    else:
        place = np.minimum(rows.find_rows(piece, at_s - 1e-6), last)
        low = np.minimum(seen.find_first(place), last)
        high = rows.find_rows(piece, rows.time_s[low] + settings.motion_window_s + 1e-6) - 1
        away_s = rows.time_s[low] - at_s
    count = high - low + 1
    ends = np.cumsum(count)
    chosen = np.arange(ends[-1]) + np.repeat(low - (ends - count), count)
    windows = rows.take(chosen, ends=ends, camera=rows.camera[piece], number=rows.number[piece])
    is_near = (away_s >= -1e-6) & (away_s <= settings.hidden_s)
    return windows, np.where(is_near, rows.time_s[high] - rows.time_s[low], -1.0)
