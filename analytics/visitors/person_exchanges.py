"""Gives two people back their own tracklets where an encounter exchanged them.

Two people who pass each other closely, one hidden by the other, may leave as each other's tracklet: the
tracker knows only what came before. Afterwards both sides of the encounter are known: where and how fast each
came and left, and how tall each was. If that fits much better crosswise, the rest of the two tracklets is
exchanged at the moment at which they were nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analytics.visitors.motion_likelihood import compute_log_motion
from analytics.visitors.tracklet_ends import EndStates, estimate_first_states, estimate_last_states
from analytics.visitors.tracklet_pairs import STEP_S, NearMoments, find_near_moments, sample_tracklets
from analytics.visitors.tracklet_rows import TrackletRows, find_first
from analytics.visitors.visitor_settings import ExchangeSettings, MotionSettings

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_COLUMNS = ("source", "time_s", "x_m", "y_m", "sigma_m", "height_m", "is_seen")


@dataclass(frozen=True, slots=True)
class Encounter:
    """Two pieces near each other: pieces, seconds on the clock of the rows, and when they were nearest."""

    a: int
    b: int
    first_s: float
    last_s: float
    nearest_s: float


def undo_exchanges(rows: TrackletRows, *, motion: MotionSettings, settings: ExchangeSettings) -> TrackletRows:
    """The same rows, in pieces that leave every encounter as who they came to it."""
    encounters = find_encounters(rows, settings=settings)
    if not encounters:
        return rows
    evidence = weigh_exchanges(rows, encounters, motion=motion, settings=settings)
    return _exchange(rows, [encounters[at] for at in np.flatnonzero(evidence >= settings.least_log_ratio)])


def weigh_exchanges(
    rows: TrackletRows, encounters: Sequence[Encounter], *, motion: MotionSettings, settings: ExchangeSettings
) -> FloatArray:
    """Log of how much better the crosswise continuation explains each encounter, shape (encounters,)."""
    columns = _Encounters.read(encounters)
    by_height = _weigh_heights(_KnownHeights.read(rows), columns, settings)
    return by_height + _weigh_motion(rows, columns, motion=motion, settings=settings)


def find_encounters(rows: TrackletRows, *, settings: ExchangeSettings) -> list[Encounter]:
    """When pieces of one camera were near each other, in the order of the nearest moments."""
    if not len(rows):
        return []
    samples = sample_tracklets(rows)
    origin_s = float(rows.time_s.min())
    found: list[Encounter] = []
    for camera in range(len(rows.camera_names)):
        near = find_near_moments(samples, members=rows.camera == camera, reach_m=settings.near_m)
        if len(near.step):
            found += _join_moments(near, origin_s=origin_s, apart_s=settings.apart_s)
    return sorted(found, key=lambda one: (one.nearest_s, one.a, one.b))


def _join_moments(near: NearMoments, *, origin_s: float, apart_s: float) -> list[Encounter]:
    is_new = (np.diff(near.a) != 0) | (np.diff(near.b) != 0) | (np.diff(near.step) * STEP_S > apart_s)
    first = np.append(0, np.flatnonzero(is_new) + 1)
    last = np.append(first[1:] - 1, len(near.step) - 1)
    run = np.repeat(np.arange(len(first)), last - first + 1)
    is_nearest = near.distance_m == np.minimum.reduceat(near.distance_m, first)[run]
    _, place = np.unique(run[is_nearest], return_index=True)
    nearest = np.flatnonzero(is_nearest)[place]
    moments_s = [(near.step[at] * STEP_S + origin_s).tolist() for at in (first, last, nearest)]
    return list(map(Encounter, near.a[first].tolist(), near.b[first].tolist(), *moments_s))


@dataclass(frozen=True, slots=True, eq=False)
class _KnownHeights:
    """Rows with a measured height, ordered by piece and time, with running sums."""

    starts: IntArray
    time_s: FloatArray
    total_m: FloatArray

    @staticmethod
    def read(rows: TrackletRows) -> _KnownHeights:
        known = np.flatnonzero(np.isfinite(rows.height_m) & rows.is_seen)
        starts = np.searchsorted(known, np.append(rows.starts, len(rows.time_s)))
        total_m = np.append(0.0, np.cumsum(rows.height_m[known]))
        return _KnownHeights(starts, rows.time_s[known], total_m)

    def average(self, piece: IntArray, from_s: FloatArray, to_s: FloatArray, *, least_s: float) -> FloatArray:
        """Mean heights of pieces' people between two moments; NaN where known for less than that."""
        starts, ends = self.starts[piece], self.starts[piece + 1]
        low, high = (find_first(self.time_s, starts, ends, at_s) for at_s in (from_s, to_s))
        average_m = np.full(len(piece), np.nan)
        some = np.flatnonzero(high > low)
        low, high = low[some], high[some]
        is_long = self.time_s[high - 1] - self.time_s[low] >= least_s
        some, low, high = some[is_long], low[is_long], high[is_long]
        average_m[some] = (self.total_m[high] - self.total_m[low]) / (high - low)
        return average_m


@dataclass(frozen=True, slots=True, eq=False)
class _Encounters:
    """Columns of encounters, shape (encounters,) each."""

    a: IntArray
    b: IntArray
    first_s: FloatArray
    last_s: FloatArray
    nearest_s: FloatArray

    @staticmethod
    def read(encounters: Sequence[Encounter]) -> _Encounters:
        return _Encounters(
            *(np.array([getattr(one, name) for one in encounters]) for name in _Encounters.__slots__)
        )


def _weigh_heights(heights: _KnownHeights, encounters: _Encounters, settings: ExchangeSettings) -> FloatArray:
    """By heights; 0 where one is not known for long enough."""
    before_s = encounters.first_s - settings.window_s
    begin_s = encounters.nearest_s + settings.settles_s
    until_s = np.maximum(begin_s, encounters.last_s) + settings.window_s
    least_s, pieces = settings.least_window_s, (encounters.a, encounters.b)
    before = [heights.average(piece, before_s, encounters.nearest_s, least_s=least_s) for piece in pieces]
    after = [heights.average(piece, begin_s, until_s, least_s=least_s) for piece in pieces]
    largest = settings.outlier_sigmas**2

    def misfit(one: int, other: int) -> FloatArray:
        return np.minimum(((after[one] - before[other]) / settings.sigma_m) ** 2, largest)

    log_ratio = 0.5 * ((misfit(0, 0) - misfit(1, 0)) + (misfit(1, 1) - misfit(0, 1)))
    return np.where(np.isfinite(log_ratio), log_ratio, 0.0)


def _weigh_motion(
    rows: TrackletRows, encounters: _Encounters, *, motion: MotionSettings, settings: ExchangeSettings
) -> FloatArray:
    """By places and velocities; 0 where an encounter was too long, or a side too short, to tell."""
    first_s, last_s = encounters.first_s - settings.margin_s, encounters.last_s + settings.margin_s
    a, b = encounters.a, encounters.b
    reach_s = settings.motion_window_s
    before = [_take_windows(rows, piece, first_s - reach_s, first_s) for piece in (a, b)]
    after = [_take_windows(rows, piece, last_s, last_s + reach_s) for piece in (a, b)]
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


def _take_windows(
    rows: TrackletRows, piece: IntArray, from_s: FloatArray, to_s: FloatArray
) -> tuple[TrackletRows, FloatArray]:
    """Parts of pieces as pieces of their own, and how long each lasts; at least one row each."""
    low = np.minimum(rows.find_rows(piece, from_s - 1e-6), rows.ends[piece] - 1)
    high = np.maximum(rows.find_rows(piece, to_s + 1e-6), low + 1)
    ends = np.cumsum(high - low)
    starts = ends - (high - low)
    chosen = np.arange(ends[-1]) + np.repeat(low - starts, high - low)
    windows = TrackletRows(
        **{name: getattr(rows, name)[chosen] for name in _COLUMNS},
        starts=starts,
        ends=ends,
        camera=rows.camera[piece],
        number=rows.number[piece],
        camera_names=rows.camera_names,
    )
    return windows, rows.time_s[high - 1] - rows.time_s[low]


def _exchange(rows: TrackletRows, exchanged: list[Encounter]) -> TrackletRows:
    """Rows with the rest of two pieces exchanged, one encounter after the other."""
    if not exchanged:
        return rows
    # the pieces by which the rows go, as the encounters happen
    owner = rows.piece_of_rows()
    for encounter in exchanged:
        later_a, later_b = (
            _find_later(rows, piece, encounter.nearest_s) for piece in (encounter.a, encounter.b)
        )
        if later_a.start < later_a.stop and later_b.start < later_b.stop:
            owner[later_a], owner[later_b] = owner[later_b.start], owner[later_a.start]
    order = np.lexsort((rows.time_s, owner))
    owner = owner[order]
    starts = np.flatnonzero(np.append(True, np.diff(owner) != 0)).astype(np.int64)
    kept = owner[starts]
    return replace(
        rows,
        **{name: getattr(rows, name)[order] for name in _COLUMNS},
        starts=starts,
        ends=np.append(starts[1:], len(order)).astype(np.int64),
        camera=rows.camera[kept],
        number=rows.number[kept],
    )


def _find_later(rows: TrackletRows, piece: int, from_s: float) -> slice:
    """The rows of a piece from a moment on."""
    begin, end = int(rows.starts[piece]), int(rows.ends[piece])
    return slice(begin + int(np.searchsorted(rows.time_s[begin:end], from_s - 1e-6)), end)
