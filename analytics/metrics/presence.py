"""Track rows as numpy columns, ordered by person and time: what every metric starts from."""

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
SAMPLE = 10_000
"""Of the steps, from which it is guessed where their median lies: within a tenth of them, by ten sigmas."""
GUESSED_SHARE = 0.1


def find_long_steps(time_s: FloatArray, longest_s: float) -> IntArray:
    """Rows that come more than ``longest_s`` after the row before, ascending."""
    found = [begin + 1 + np.flatnonzero(steps_s > longest_s) for begin, steps_s in _walk(time_s)]
    return np.concatenate([np.empty(0, np.int64), *found])


def find_median_step(time_s: FloatArray, starts: IntArray) -> float:
    """The median time between two rows of one segment, seconds; 0 where no segment has two.

    It is exact: only the steps near a guess are put in order, and where the guess fails all of them.

    Args:
        starts: the first row of every segment, ascending, the first row of all among them.
    """
    count = len(time_s) - len(starts)
    if count <= 0:
        return 0.0
    low_s, high_s = _guess_median(time_s, starts)
    middle = np.array([(count - 1) // 2, count // 2])
    below, kept_s = _collect(time_s, starts, low_s, high_s)
    if not below <= middle[0] <= middle[1] < below + len(kept_s):
        below, kept_s = _collect(time_s, starts, -np.inf, np.inf)
    kept_s.partition(middle - below)
    return float(np.mean(kept_s[middle - below]))


def _walk(time_s: FloatArray) -> Iterator[tuple[int, FloatArray]]:
    """Parts of the steps, each with the row before its first."""
    for begin in range(0, len(time_s) - 1, STEPS_AT_ONCE):
        yield begin, np.diff(time_s[begin : begin + STEPS_AT_ONCE + 1])


def _guess_median(time_s: FloatArray, starts: IntArray) -> tuple[float, float]:
    if len(time_s) <= 2 * SAMPLE:
        return -np.inf, np.inf
    rows = np.arange(1, len(time_s), len(time_s) // SAMPLE)
    rows = rows[~np.isin(rows, starts)]
    steps_s = np.sort(time_s[rows] - time_s[rows - 1])
    if not len(steps_s):
        return -np.inf, np.inf
    low, high = (round((len(steps_s) - 1) * (0.5 + side * GUESSED_SHARE / 2)) for side in (-1, 1))
    return float(steps_s[low]), float(steps_s[high])


def _collect(time_s: FloatArray, starts: IntArray, low_s: float, high_s: float) -> tuple[int, FloatArray]:
    """How many steps within segments are below a range, and those within it."""
    below, kept = 0, []
    for begin, steps_s in _walk(time_s):
        first, behind = np.searchsorted(starts, (begin + 1, begin + 1 + len(steps_s)))
        steps_s[starts[first:behind] - begin - 1] = np.nan
        below += int(np.count_nonzero(steps_s < low_s))
        kept.append(steps_s[(steps_s >= low_s) & (steps_s <= high_s)])
    return below, np.concatenate(kept)


TIME_TOLERANCE_S = 1e-6
"""Times are sums of frame intervals in floating point; they are compared with this slack."""


class Identity(StrEnum):
    """Which column says that two rows are the same person."""

    VISITOR = "visitor"
    """The stitched visitor; the tracklet where a row has none."""
    TRACKLET = "tracklet"
    """The unbroken tracklet, whatever was stitched later."""


@dataclass(frozen=True, eq=False)
class PresenceRows:
    """Columns of equal length n, ordered by person, then by time, one row per person and moment.

    Without slots, so that what every zone asks for is computed once.

    Attributes:
        person: 0, 1, … in the order of first appearance.
        person_ids: the visitor or tracklet number of each ``person``, shape (persons,).
        starts: the first row of every segment, shape (segments,): where another person begins, and where one
            person was unobserved too long; a segment is a stretch in which a person is followed.
        sigma_m: not a number becomes 0.
    """

    person: IntArray
    person_ids: IntArray
    starts: IntArray
    time_s: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    sigma_m: FloatArray

    def segment_starts(self) -> IntArray:
        """The first row of every segment, shape (segments,); not to be written to."""
        return self.starts

    def segment_ends(self) -> IntArray:
        """The last row of every segment, shape (segments,); not to be written to."""
        return self._segment_ends

    def find_segments(self, rows: IntArray) -> IntArray:
        """The segment of each of a few rows; ``segment`` has those of all."""
        return np.searchsorted(self.starts, rows, side="right") - 1

    def sample_interval_s(self) -> float:
        """The usual time between two rows of one person: their median, seconds; 0 without any pair."""
        return self._sample_interval_s

    @cached_property
    def blocks(self) -> RowBlocks:
        """For finding the rows near a zone."""
        return RowBlocks(x_m=self.x_m, y_m=self.y_m, sigma_m=self.sigma_m)

    @cached_property
    def segment(self) -> IntArray:
        """The number of every row's segment, 0, 1, …; shape (n,), not to be written to."""
        return np.repeat(np.arange(len(self.starts)), np.diff(self.starts, append=len(self.time_s)))

    @cached_property
    def is_segment_start(self) -> BoolArray:
        """Shape (n,); not to be written to."""
        is_start = np.zeros(len(self.time_s), bool)
        is_start[self.starts] = True
        return is_start

    @cached_property
    def is_segment_end(self) -> BoolArray:
        """Shape (n,); not to be written to."""
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
        """How long each row stands for: until the person's next row, at a segment's end the usual interval.

        Time-weighted, because analysed frame rates fall when a hall is full.
        """
        if not len(self.time_s):
            return np.empty(0)
        following = np.empty(len(self.time_s))
        np.subtract(self.time_s[1:], self.time_s[:-1], out=following[:-1])
        following[self.segment_ends()] = self.sample_interval_s()
        return following


@dataclass(frozen=True, slots=True, eq=False)
class OrderedRows:
    """Columns as of ``PresenceRows``, not yet cut into segments; ordered once for several metrics."""

    person: IntArray
    person_ids: IntArray
    time_s: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    sigma_m: FloatArray

    def cut(
        self, *, longest_gap_s: float, unobserved: FloatArray | None = None, min_outage_s: float = 0.0
    ) -> PresenceRows:
        """In segments; see ``order_by_person``."""
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

    Rows without a finite position are left out. Of rows of one person at the same moment (seen by two
    cameras) the one with the smallest position error stays.

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
        order = _put_surest_first(order, repeated, person, time_s, sigma_m)
        kept = np.ones(len(order), bool)
        kept[repeated] = False
        order, person, time_s = order[kept], person[kept], time_s[kept]
    return OrderedRows(
        person=person,
        person_ids=person_ids,
        time_s=time_s,
        x_m=x_m.take(order).astype(np.float64, copy=False),
        y_m=y_m.take(order).astype(np.float64, copy=False),
        sigma_m=_clear_unknown(sigma_m.take(order).astype(np.float64, copy=False)),
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
        unobserved: shape (n, 2), disjoint, in order, when nothing was analysed, seconds; one of more than
            ``min_outage_s`` that ended between two rows begins a new segment.
    """
    return order_rows(tracks, identity).cut(
        longest_gap_s=longest_gap_s, unobserved=unobserved, min_outage_s=min_outage_s
    )


def _read_numbers(column: pd.Series) -> FloatArray | npt.NDArray[np.float32]:
    """As they are stored, where they are: half the bytes have to be gone through."""
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
    """Rows by person, then by time, and in their order where both are the same."""
    if (time_s[1:] >= time_s[:-1]).all():
        return order_by_number(person, count=persons)
    by_time = np.argsort(time_s, kind="stable")
    return by_time[order_by_number(person[by_time], count=persons)]


def _find_repeated(person: IntArray, time_s: FloatArray) -> IntArray:
    """Rows of the same person and moment as the one before."""
    same = np.flatnonzero(time_s[1:] == time_s[:-1])
    return np.asarray(same[person[same + 1] == person[same]] + 1, np.int64)


def _put_surest_first(
    order: IntArray,
    repeated: IntArray,
    person: IntArray,
    time_s: FloatArray,
    sigma_m: FloatArray | npt.NDArray[np.float32],
) -> IntArray:
    """The order with the rows of one person and moment by their position errors."""
    places = np.union1d(repeated - 1, repeated)
    errors_m = _clear_unknown(sigma_m[order[places]].astype(np.float64))
    sorted_order = order.copy()
    sorted_order[places] = order[places[np.lexsort((errors_m, time_s[places], person[places]))]]
    return sorted_order


def _clear_unknown(sigma_m: FloatArray) -> FloatArray:
    """The errors, changed where they are, with 0 for those that are no number."""
    is_known = np.isfinite(sigma_m)
    if not is_known.all():
        sigma_m[~is_known] = 0.0
    return sigma_m
