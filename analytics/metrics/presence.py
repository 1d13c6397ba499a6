"""Track rows as numpy columns, ordered by person and time: the input of every metric."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.columns import TRACK_COLUMNS, require_columns
from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.metrics.row_blocks import RowBlocks
from analytics.metrics.row_order import order_by_number

STEPS_AT_ONCE = 2**16
SAMPLE_SIZE = 10_000
"""Size of the sample of steps that predicts their median to within a tenth of them, by ten sigmas."""
GUESSED_SHARE = 0.1


def find_long_steps(time_s: FloatArray, longest_s: float) -> IntArray:
    """Return the rows that come more than ``longest_s`` after the previous row, ascending."""
    found = [begin + 1 + np.flatnonzero(steps_s > longest_s) for begin, steps_s in _iterate_steps(time_s)]
    return np.concatenate([np.empty(0, np.int64), *found])


def find_median_step(time_s: FloatArray, starts: IntArray) -> float:
    """Return the median time between two rows of one segment, seconds; 0 if no segment has two.

    The result is exact: only steps near a guess are sorted, and all of them if the guess fails.

    Args:
        starts: first row of every segment, ascending, including the very first row.
    """
    count = len(time_s) - len(starts)
    if count <= 0:
        return 0.0
    low_s, high_s = _guess_median(time_s, starts)
    middle = np.array([(count - 1) // 2, count // 2])
    below, within_s = _collect_steps(time_s, starts, low_s, high_s)
    if not below <= middle[0] <= middle[1] < below + len(within_s):
        below, within_s = _collect_steps(time_s, starts, -np.inf, np.inf)
    within_s.partition(middle - below)
    return float(np.mean(within_s[middle - below]))


def _iterate_steps(time_s: FloatArray) -> Iterator[tuple[int, FloatArray]]:
    """Yield parts of the steps, each with the row before its first."""
    for begin in range(0, len(time_s) - 1, STEPS_AT_ONCE):
        yield begin, np.diff(time_s[begin : begin + STEPS_AT_ONCE + 1])


def _guess_median(time_s: FloatArray, starts: IntArray) -> tuple[float, float]:
    if len(time_s) <= 2 * SAMPLE_SIZE:
        return -np.inf, np.inf
    rows = np.arange(1, len(time_s), len(time_s) // SAMPLE_SIZE)
    rows = rows[~np.isin(rows, starts)]
    steps_s = np.sort(time_s[rows] - time_s[rows - 1])
    if not len(steps_s):
        return -np.inf, np.inf
    low, high = (round((len(steps_s) - 1) * (0.5 + side * GUESSED_SHARE / 2)) for side in (-1, 1))
    return float(steps_s[low]), float(steps_s[high])


def _collect_steps(
    time_s: FloatArray, starts: IntArray, low_s: float, high_s: float
) -> tuple[int, FloatArray]:
    """Return the number of steps within segments below a range, and the steps within the range."""
    below, within = 0, []
    for begin, steps_s in _iterate_steps(time_s):
        first, behind = np.searchsorted(starts, (begin + 1, begin + 1 + len(steps_s)))
        steps_s[starts[first:behind] - begin - 1] = np.nan
        below += int(np.count_nonzero(steps_s < low_s))
        within.append(steps_s[(steps_s >= low_s) & (steps_s <= high_s)])
    return below, np.concatenate(within)


TIME_TOLERANCE_S = 1e-6
"""Tolerance for comparing times, which are floating-point sums of frame intervals."""


class Identity(StrEnum):
    """Column that identifies a person."""

    VISITOR = "visitor"
    """The stitched visitor, or the tracklet of a row without one."""
    TRACKLET = "tracklet"
    """The unbroken tracklet, regardless of stitching."""


@dataclass(frozen=True, eq=False)
class PresenceRows:
    """Columns of equal length n, ordered by person, then by time, one row per person and moment.

    Without slots, so that values shared by all zones are computed once.

    Attributes:
        person: 0, 1, … in the order of first appearance.
        person_ids: the visitor or tracklet number of each ``person``, shape (persons,).
        starts: first row of every segment, shape (segments,): a segment is a stretch in which one person is
            followed without a long gap.
        sigma_m: position errors; NaN becomes 0.
    """

    person: IntArray
    person_ids: IntArray
    starts: IntArray
    time_s: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    sigma_m: FloatArray

    def segment_starts(self) -> IntArray:
        """Return the first row of every segment, shape (segments,); read-only."""
        return self.starts

    def segment_ends(self) -> IntArray:
        """Return the last row of every segment, shape (segments,); read-only."""
        return self._segment_ends

    def find_segments(self, rows: IntArray) -> IntArray:
        """Return the segment of each of a few rows; ``segment`` has those of all."""
        return np.searchsorted(self.starts, rows, side="right") - 1

    def sample_interval_s(self) -> float:
        """Return the median time between two rows of one person, seconds; 0 without any pair."""
        return self._sample_interval_s

    @cached_property
    def blocks(self) -> RowBlocks:
        """Blocks of rows for finding the rows near a zone."""
        return RowBlocks(x_m=self.x_m, y_m=self.y_m)

    @cached_property
    def segment(self) -> IntArray:
        """Segment index of every row, 0, 1, …; shape (n,), read-only."""
        return np.repeat(np.arange(len(self.starts)), np.diff(self.starts, append=len(self.time_s)))

    @cached_property
    def is_segment_start(self) -> BoolArray:
        """Flags of the first row of each segment, shape (n,); read-only."""
        is_start = np.zeros(len(self.time_s), bool)
        is_start[self.starts] = True
        return is_start

    @cached_property
    def is_segment_end(self) -> BoolArray:
        """Flags of the last row of each segment, shape (n,); read-only."""
        is_end = np.zeros(len(self.time_s), bool)
        is_end[self._segment_ends] = True
        return is_end

    @cached_property
    def _segment_ends(self) -> IntArray:
        return np.append(self.starts[1:], len(self.time_s))[: len(self.starts)] - 1

    @cached_property
    def _sample_interval_s(self) -> float:
        return find_median_step(self.time_s, self.starts)

    def seconds(self) -> FloatArray:
        """Return the seconds that each row stands for: the time to the next row, or the sampling interval.

        Weighting by time is needed because analysed frame rates fall when a hall is full.
        """
        if not len(self.time_s):
            return np.empty(0)
        following = np.empty(len(self.time_s))
        np.subtract(self.time_s[1:], self.time_s[:-1], out=following[:-1])
        following[self.segment_ends()] = self.sample_interval_s()
        return following


@dataclass(frozen=True, slots=True, eq=False)
class OrderedRows:
    """Columns as in ``PresenceRows``, not yet cut into segments; ordered once for several metrics."""

    person: IntArray
    person_ids: IntArray
    time_s: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    sigma_m: FloatArray

    def cut(
        self, *, longest_gap_s: float, unobserved: FloatArray | None = None, min_outage_s: float = 0.0
    ) -> PresenceRows:
        """Return the rows in segments; see ``order_by_person``."""
        is_new = np.ones(len(self.person), bool)
        if len(self.person) > 1:
            is_new[1:] = self.person[1:] != self.person[:-1]
            if np.isfinite(longest_gap_s):
                is_new[find_long_steps(self.time_s, longest_gap_s)] = True
            if unobserved is not None and len(unobserved):
                ends_s = unobserved[np.diff(unobserved, axis=1)[:, 0] > min_outage_s, 1]
                outages_before = np.searchsorted(ends_s - TIME_TOLERANCE_S, self.time_s)
                is_new[1:] |= outages_before[1:] > outages_before[:-1]
        return PresenceRows(
            person=self.person,
            person_ids=self.person_ids,
            starts=np.flatnonzero(is_new).astype(np.int64, copy=False),
            time_s=self.time_s,
            x_m=self.x_m,
            y_m=self.y_m,
            sigma_m=self.sigma_m,
        )


def order_rows(tracks: pd.DataFrame, identity: Identity = Identity.VISITOR) -> OrderedRows:
    """Order a track table by person and time.

    Rows without a finite position are left out. Of several rows of one person and moment (from two cameras)
    the one with the smallest position error stays.

    Args:
        tracks: the columns of ``TRACK_COLUMNS``, in any order of rows.
    """
    require_columns(tracks, TRACK_COLUMNS)
    time_s = tracks["time_s"].to_numpy(np.float64)
    x_m, y_m, sigma_m = (_read_numbers(tracks[name]) for name in ("x_m", "y_m", "sigma_m"))
    person, person_ids = _number_persons(tracks, identity)
    order = _order(person, len(person_ids), time_s)
    usable = np.isfinite(x_m) & np.isfinite(y_m) & np.isfinite(time_s)
    if not usable.all():
        order = order[usable[order]]
    person, time_s = person.take(order), time_s.take(order)
    repeated = _find_repeated(person, time_s)
    if len(repeated):
        order = _sort_by_error(order, repeated, person, time_s, sigma_m)
        is_first = np.ones(len(order), bool)
        is_first[repeated] = False
        order, person, time_s = order[is_first], person[is_first], time_s[is_first]
    return OrderedRows(
        person=person,
        person_ids=person_ids,
        time_s=time_s,
        x_m=x_m.take(order).astype(np.float64, copy=False),
        y_m=y_m.take(order).astype(np.float64, copy=False),
        sigma_m=_zero_unknown_errors(sigma_m.take(order).astype(np.float64, copy=False)),
    )


def order_by_person(
    *,
    tracks: pd.DataFrame,
    identity: Identity = Identity.VISITOR,
    longest_gap_s: float,
    unobserved: FloatArray | None = None,
    min_outage_s: float = 0.0,
) -> PresenceRows:
    """Order a track table by person and time, as ``order_rows`` does, and cut it into segments.

    Args:
        tracks: the columns of ``TRACK_COLUMNS``, in any order of rows.
        longest_gap_s: a person unseen for longer begins a new segment.
        unobserved: shape (n, 2), disjoint and ordered unobserved intervals, seconds; one longer than
            ``min_outage_s`` that ended between two rows begins a new segment.
    """
    return order_rows(tracks, identity).cut(
        longest_gap_s=longest_gap_s, unobserved=unobserved, min_outage_s=min_outage_s
    )


def _read_numbers(column: pd.Series) -> FloatArray | npt.NDArray[np.float32]:
    """Return the column's numbers, as float32 if stored so, which halves the memory to read."""
    return column.to_numpy(np.float32 if column.dtype == np.float32 else np.float64)


def _number_persons(tracks: pd.DataFrame, identity: Identity) -> tuple[IntArray, IntArray]:
    tracklet = tracks["tracklet"].to_numpy(np.int64)
    is_missing = tracks["visitor"].isna().to_numpy()
    if identity is Identity.TRACKLET or is_missing.all():
        codes, uniques = pd.factorize(tracklet)
    elif not is_missing.any():
        codes, uniques = pd.factorize(tracks["visitor"].to_numpy(np.int64))
    else:
        number = np.where(is_missing, tracklet, tracks["visitor"].fillna(-1).to_numpy(np.int64))
        # visitor 7 and the unstitched tracklet 7 are two persons
        codes, uniques = pd.factorize(number * 2 + is_missing)
        uniques = np.asarray(uniques) // 2
    return codes.astype(np.int64, copy=False), np.asarray(uniques, np.int64)


def _order(person: IntArray, persons: int, time_s: FloatArray) -> IntArray:
    """Return the rows by person, then by time, stable."""
    if (time_s[1:] >= time_s[:-1]).all():
        return order_by_number(person, count=persons)
    by_time = np.argsort(time_s, kind="stable")
    return by_time[order_by_number(person[by_time], count=persons)]


def _find_repeated(person: IntArray, time_s: FloatArray) -> IntArray:
    """Return the rows of the same person and moment as the previous one."""
    same = np.flatnonzero(time_s[1:] == time_s[:-1])
    return np.asarray(same[person[same + 1] == person[same]] + 1, np.int64)


def _sort_by_error(
    order: IntArray,
    repeated: IntArray,
    person: IntArray,
    time_s: FloatArray,
    sigma_m: FloatArray | npt.NDArray[np.float32],
) -> IntArray:
    """Return the order with rows of one person and moment sorted by their position errors."""
    places = np.union1d(repeated - 1, repeated)
    errors_m = _zero_unknown_errors(sigma_m[order[places]].astype(np.float64))
    sorted_order = order.copy()
    sorted_order[places] = order[places[np.lexsort((errors_m, time_s[places], person[places]))]]
    return sorted_order


def _zero_unknown_errors(sigma_m: FloatArray) -> FloatArray:
    """Set errors that are not finite to 0 in place, and return them."""
    is_known = np.isfinite(sigma_m)
    if not is_known.all():
        sigma_m[~is_known] = 0.0
    return sigma_m
