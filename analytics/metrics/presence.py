"""Track rows as numpy columns, ordered by person and time: what every metric starts from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.columns import TRACK_COLUMNS, require_columns
from analytics.metrics.row_blocks import RowBlocks

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


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
        segment: rises by one where another person begins, and where one person was unobserved too long;
            a segment is a stretch in which a person is followed.
        sigma_m: not a number becomes 0.
    """

    person: IntArray
    person_ids: IntArray
    segment: IntArray
    time_s: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    sigma_m: FloatArray

    def segment_starts(self) -> IntArray:
        """The first row of every segment, shape (segments,); not to be written to."""
        return self._segment_starts

    def segment_ends(self) -> IntArray:
        """The last row of every segment, shape (segments,); not to be written to."""
        return self._segment_ends

    def sample_interval_s(self) -> float:
        """The usual time between two rows of one person: their median, seconds; 0 without any pair."""
        return self._sample_interval_s

    @cached_property
    def blocks(self) -> RowBlocks:
        """For finding the rows near a zone."""
        return RowBlocks(x_m=self.x_m, y_m=self.y_m, sigma_m=self.sigma_m)

    @cached_property
    def is_segment_start(self) -> BoolArray:
        """Shape (n,); not to be written to."""
        is_start = np.zeros(len(self.segment), bool)
        is_start[self._segment_starts] = True
        return is_start

    @cached_property
    def is_segment_end(self) -> BoolArray:
        """Shape (n,); not to be written to."""
        is_end = np.zeros(len(self.segment), bool)
        is_end[self._segment_ends] = True
        return is_end

    @cached_property
    def _segment_starts(self) -> IntArray:
        if not len(self.segment):
            return np.empty(0, np.int64)
        changes = np.flatnonzero(np.diff(self.segment)) + 1
        return np.concatenate([[0], changes]).astype(np.int64)

    @cached_property
    def _segment_ends(self) -> IntArray:
        starts = self._segment_starts
        return np.concatenate([starts[1:] - 1, [len(self.segment) - 1]]) if len(starts) else starts

    @cached_property
    def _sample_interval_s(self) -> float:
        same = np.diff(self.segment) == 0
        return float(np.median(np.diff(self.time_s)[same])) if same.any() else 0.0

    def seconds(self) -> FloatArray:
        """How long each row stands for: until the person's next row, at a segment's end the usual interval.

        Time-weighted, because analysed frame rates fall when a hall is full.
        """
        if not len(self.time_s):
            return np.empty(0)
        following = np.append(np.diff(self.time_s), 0.0)
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
        self, *, longest_gap_s: float, unobserved: FloatArray | None = None, shortest_outage_s: float = 0.0
    ) -> PresenceRows:
        """In segments; see ``order_by_person``."""
        is_new = np.ones(len(self.person), bool)
        if len(self.person) > 1:
            is_new[1:] = self.person[1:] != self.person[:-1]
            is_new[1:] |= np.diff(self.time_s) > longest_gap_s
            if unobserved is not None and len(unobserved):
                ends_s = unobserved[np.diff(unobserved, axis=1)[:, 0] > shortest_outage_s, 1]
                outages_before = np.searchsorted(ends_s - TIME_TOLERANCE_S, self.time_s)
                is_new[1:] |= np.diff(outages_before) > 0
        return PresenceRows(
            person=self.person,
            person_ids=self.person_ids,
            segment=np.cumsum(is_new) - 1,
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
    x_m = tracks["x_m"].to_numpy(np.float64)
    y_m = tracks["y_m"].to_numpy(np.float64)
    sigma_m = np.nan_to_num(tracks["sigma_m"].to_numpy(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    person, person_ids = _number_persons(tracks, identity)
    usable = np.isfinite(x_m) & np.isfinite(y_m) & np.isfinite(time_s)
    order = _order(person, time_s, sigma_m)
    if not usable.all():
        order = order[usable[order]]
    person, time_s = person[order], time_s[order]
    repeated = _find_repeated(person, time_s)
    if repeated.any():
        kept = np.append(True, ~repeated)
        order, person, time_s = order[kept], person[kept], time_s[kept]
    return OrderedRows(person, person_ids, time_s, x_m[order], y_m[order], sigma_m[order])


def order_by_person(
    *,
    tracks: pd.DataFrame,
    identity: Identity = Identity.VISITOR,
    longest_gap_s: float,
    unobserved: FloatArray | None = None,
    shortest_outage_s: float = 0.0,
) -> PresenceRows:
    """Order a track table by person and time, as ``order_rows`` does, and cut it into segments.

    Args:
        tracks: the columns of ``TRACK_COLUMNS``, in any order of rows.
        longest_gap_s: a person unseen for longer begins a new segment.
        unobserved: shape (n, 2), disjoint, in order, when nothing was analysed, seconds; one of more than
            ``shortest_outage_s`` that ended between two rows begins a new segment.
    """
    return order_rows(tracks, identity).cut(
        longest_gap_s=longest_gap_s, unobserved=unobserved, shortest_outage_s=shortest_outage_s
    )


def _number_persons(tracks: pd.DataFrame, identity: Identity) -> tuple[IntArray, IntArray]:
    tracklet = tracks["tracklet"].to_numpy(np.int64)
    if identity is Identity.TRACKLET or tracks["visitor"].isna().all():
        codes, uniques = pd.factorize(tracklet)
        return codes.astype(np.int64), np.asarray(uniques, np.int64)
    visitor = tracks["visitor"]
    is_missing = visitor.isna().to_numpy()
    number = np.where(is_missing, tracklet, visitor.fillna(-1).to_numpy(np.int64))
    if not is_missing.any():
        codes, uniques = pd.factorize(number)
        return codes.astype(np.int64), np.asarray(uniques, np.int64)
    # visitor 7 and the unstitched tracklet 7 are two persons
    codes, uniques = pd.factorize(number * 2 + is_missing)
    return codes.astype(np.int64), np.asarray(uniques, np.int64) // 2


def _order(person: IntArray, time_s: FloatArray, sigma_m: FloatArray) -> IntArray:
    if (time_s[1:] >= time_s[:-1]).all():
        order = np.argsort(person, kind="stable")
        # a table ordered by time needs the costly three-key order only where a person has two rows at once
        if not _find_repeated(person[order], time_s[order]).any():
            return order.astype(np.int64, copy=False)
    return np.lexsort((sigma_m, time_s, person)).astype(np.int64, copy=False)


def _find_repeated(person: IntArray, time_s: FloatArray) -> BoolArray:
    """Rows, but for the first, of the same person and moment as the one before, shape (n - 1,)."""
    return np.asarray((person[1:] == person[:-1]) & (time_s[1:] == time_s[:-1]), bool)
