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
from analytics.visitors.tracklet_pairs import STEP_S, compare_tracklets, find_pairs, sample_tracklets
from analytics.visitors.tracklet_rows import TrackletRows
from analytics.visitors.visitor_settings import ExchangeSettings, MotionSettings, OverlapSettings

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


def undo_exchanges(
    rows: TrackletRows, *, motion: MotionSettings, settings: ExchangeSettings, overlap: OverlapSettings
) -> TrackletRows:
    """The same rows, in pieces that leave every encounter as who they came to it."""
    encounters = find_encounters(rows, settings=settings, overlap=overlap)
    if not encounters:
        return rows
    evidence = weigh_exchanges(rows, encounters, motion=motion, settings=settings)
    return _exchange(rows, [encounters[at] for at in np.flatnonzero(evidence >= settings.least_log_ratio)])


def weigh_exchanges(
    rows: TrackletRows, encounters: Sequence[Encounter], *, motion: MotionSettings, settings: ExchangeSettings
) -> FloatArray:
    """Log of how much better the crosswise continuation explains each encounter, shape (encounters,)."""
    heights = _KnownHeights.read(rows)
    by_height = np.array([_weigh_heights(heights, one, settings) for one in encounters])
    return np.asarray(
        by_height + _weigh_motion(rows, encounters, motion=motion, settings=settings), np.float64
    )


def find_encounters(
    rows: TrackletRows, *, settings: ExchangeSettings, overlap: OverlapSettings
) -> list[Encounter]:
    """When pieces of one camera were near each other, in the order of the nearest moments."""
    if not len(rows):
        return []
    samples = sample_tracklets(rows)
    origin_s = float(rows.time_s.min())
    found = []
    for camera in range(len(rows.camera_names)):
        members = rows.camera == camera
        pairs = find_pairs(
            samples, members_a=members, members_b=members, reach_m=settings.near_m, settings=overlap
        )
        chosen = pairs.take(np.flatnonzero(pairs.a < pairs.b))
        moments = compare_tracklets(samples, chosen.a, chosen.b)
        away_m = np.hypot(moments.x_m, moments.y_m)
        near = np.flatnonzero(away_m <= settings.near_m)
        is_new = (np.diff(moments.pair[near]) != 0) | (
            np.diff(moments.step[near]) * STEP_S > settings.apart_s
        )
        for run in np.split(near, np.flatnonzero(is_new) + 1):
            if not len(run):
                continue
            pair = moments.pair[run[0]]
            first, last, nearest = (
                moments.step[[run[0], run[-1], run[away_m[run].argmin()]]] * STEP_S + origin_s
            )
            found.append(
                Encounter(int(chosen.a[pair]), int(chosen.b[pair]), float(first), float(last), float(nearest))
            )
    return sorted(found, key=lambda one: (one.nearest_s, one.a, one.b))


@dataclass(frozen=True, slots=True, eq=False)
class _KnownHeights:
    """Rows with a measured height, ordered by piece and time, with running sums."""

    rows: TrackletRows
    starts: IntArray
    time_s: FloatArray
    total_m: FloatArray

    @staticmethod
    def read(rows: TrackletRows) -> _KnownHeights:
        known = np.flatnonzero(np.isfinite(rows.height_m) & rows.is_seen)
        starts = np.searchsorted(known, np.append(rows.starts, len(rows.time_s)))
        total_m = np.append(0.0, np.cumsum(rows.height_m[known]))
        return _KnownHeights(rows, starts, rows.time_s[known], total_m)

    def average(self, piece: int, from_s: float, to_s: float, *, least_s: float) -> float:
        """Mean height of a piece's person between two moments; NaN where it is known for less than that."""
        own = self.time_s[self.starts[piece] : self.starts[piece + 1]]
        low, high = np.searchsorted(own, [from_s, to_s])
        if high <= low or own[high - 1] - own[low] < least_s:
            return float("nan")
        low, high = low + self.starts[piece], high + self.starts[piece]
        return float((self.total_m[high] - self.total_m[low]) / (high - low))


def _weigh_heights(heights: _KnownHeights, encounter: Encounter, settings: ExchangeSettings) -> float:
    before, after = [], []
    begin_s = encounter.nearest_s + settings.settles_s
    for piece in (encounter.a, encounter.b):
        before.append(
            heights.average(
                piece,
                encounter.first_s - settings.window_s,
                encounter.nearest_s,
                least_s=settings.least_window_s,
            )
        )
        after.append(
            heights.average(
                piece,
                begin_s,
                max(begin_s, encounter.last_s) + settings.window_s,
                least_s=settings.least_window_s,
            )
        )
    straight = np.array([after[0] - before[0], after[1] - before[1]])
    crosswise = np.array([after[1] - before[0], after[0] - before[1]])
    if not np.isfinite(straight).all():
        return 0.0
    largest = settings.outlier_sigmas**2
    return 0.5 * float(
        (
            np.minimum((straight / settings.sigma_m) ** 2, largest)
            - np.minimum((crosswise / settings.sigma_m) ** 2, largest)
        ).sum()
    )


def _weigh_motion(
    rows: TrackletRows, encounters: Sequence[Encounter], *, motion: MotionSettings, settings: ExchangeSettings
) -> FloatArray:
    """By places and velocities; 0 where an encounter was too long, or a side too short, to tell."""
    first_s = np.array([one.first_s for one in encounters]) - settings.margin_s
    last_s = np.array([one.last_s for one in encounters]) + settings.margin_s
    a, b = np.array([one.a for one in encounters]), np.array([one.b for one in encounters])
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
    index, starts, lasts_s = [], [], []
    count = 0
    for one, low_s, high_s in zip(piece.tolist(), from_s.tolist(), to_s.tolist(), strict=True):
        own = rows.time_s[rows.starts[one] : rows.ends[one]]
        low, high = np.searchsorted(own, [low_s - 1e-6, high_s + 1e-6])
        low = min(int(low), len(own) - 1)
        high = max(int(high), low + 1)
        starts.append(count)
        lasts_s.append(own[high - 1] - own[low])
        index.append(np.arange(low, high) + rows.starts[one])
        count += high - low
    chosen = np.concatenate(index)
    begin = np.array(starts, np.int64)
    windows = TrackletRows(
        **{
            name: getattr(rows, name)[chosen]
            for name in ("source", "time_s", "x_m", "y_m", "sigma_m", "height_m", "is_seen")
        },
        starts=begin,
        ends=np.append(begin[1:], count).astype(np.int64),
        camera=rows.camera[piece],
        number=rows.number[piece],
        camera_names=rows.camera_names,
    )
    return windows, np.array(lasts_s)


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
        source=rows.source[order],
        time_s=rows.time_s[order],
        x_m=rows.x_m[order],
        y_m=rows.y_m[order],
        sigma_m=rows.sigma_m[order],
        height_m=rows.height_m[order],
        is_seen=rows.is_seen[order],
        starts=starts,
        ends=np.append(starts[1:], len(order)).astype(np.int64),
        camera=rows.camera[kept],
        number=rows.number[kept],
    )


def _find_later(rows: TrackletRows, piece: int, from_s: float) -> slice:
    """The rows of a piece from a moment on."""
    begin, end = int(rows.starts[piece]), int(rows.ends[piece])
    return slice(begin + int(np.searchsorted(rows.time_s[begin:end], from_s - 1e-6)), end)
