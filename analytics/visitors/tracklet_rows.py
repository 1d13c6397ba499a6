"""Track rows as numpy columns, ordered by tracklet and time, without invalid positions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.track import TrackState
from analytics.metrics.row_order import number_in_order, order_by_number

MIN_SIGMA_M = 0.05
UNKNOWN_SIGMA_M = 0.3
"""Position error of a row without a usable one."""
ROW_COLUMNS = ("source", "time_s", "x_m", "y_m", "sigma_m", "height_m", "is_seen")
"""Columns of ``TrackletRows`` that have a value for every row."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackletRows:
    """Columns of n rows, ordered by piece, then time; one row per piece and moment.

    A piece is a tracklet, or a part of a tracklet that was cut.

    Attributes:
        source: row of the original table.
        starts, ends: first row of every piece and the row after its last, shape (pieces,).
        camera, number: of every piece: index into ``camera_names``, and the tracklet's number.
        sigma_m: positive and finite.
        height_m: NaN if unknown.
        is_seen: whether a detector saw the person at that moment.
    """

    source: IntArray
    time_s: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    sigma_m: FloatArray
    height_m: FloatArray
    is_seen: BoolArray
    starts: IntArray
    ends: IntArray
    camera: IntArray
    number: IntArray
    camera_names: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self.starts)

    def piece_of_rows(self) -> IntArray:
        """Return the piece of every row, shape (n,)."""
        return np.repeat(np.arange(len(self.starts)), self.ends - self.starts)

    def find_pieces(self, row: IntArray) -> IntArray:
        """Return the piece of each of some rows."""
        return np.asarray(np.searchsorted(self.starts, row, side="right") - 1, np.int64)

    def take(self, row: IntArray, *, ends: IntArray, camera: IntArray, number: IntArray) -> TrackletRows:
        """Return some of the rows in other pieces, which end before the indices ``ends`` among them."""
        return replace(
            self,
            **{name: getattr(self, name)[row] for name in ROW_COLUMNS},
            starts=np.append(0, ends[:-1])[: len(ends)],
            ends=ends,
            camera=camera,
            number=number,
        )

    def leave_out(self, is_left_out: BoolArray) -> tuple[TrackletRows, IntArray]:
        """Return the remaining rows, and the pieces that have any of them."""
        row = np.flatnonzero(~is_left_out)
        pieces, count = np.unique(self.find_pieces(row), return_counts=True)
        ends = np.cumsum(count)
        return self.take(row, ends=ends, camera=self.camera[pieces], number=self.number[pieces]), pieces

    def find_rows(self, piece: IntArray, at_s: FloatArray) -> IntArray:
        """Return the first row of each piece at or after a moment, or the row after its last one."""
        return find_first(self.time_s, self.starts[piece], self.ends[piece], at_s)


def find_first(values: FloatArray, starts: IntArray, ends: IntArray, wanted: FloatArray) -> IntArray:
    """Return the first index in each rising slice with at least the wanted value, or else the slice's end.

    Equivalent to ``np.searchsorted`` in each of many slices.
    """
    low, high = starts.copy(), ends.copy()
    while len(is_open := np.flatnonzero(low < high)):
        middle = (low[is_open] + high[is_open]) // 2
        is_less = values[middle] < wanted[is_open]
        low[is_open[is_less]] = middle[is_less] + 1
        high[is_open[~is_less]] = middle[~is_less]
    return low


def read_tracklet_rows(tracks: pd.DataFrame) -> TrackletRows:
    """Order a track table by tracklet and time.

    Rows without a finite time and position are left out; of several rows of one tracklet at one moment that
    with the smallest position error stays.

    Args:
        tracks: columns of ``TRACK_COLUMNS``, in any order of rows.
    """
    columns = ("time_s", "x_m", "y_m", "sigma_m")
    time_s, x_m, y_m, sigma_m = (tracks[name].to_numpy(np.float64) for name in columns)
    is_known = np.isfinite(sigma_m) & (sigma_m >= 0)
    sigma_m = np.where(is_known, np.maximum(sigma_m, MIN_SIGMA_M), UNKNOWN_SIGMA_M)
    height_m = tracks["height_m"].to_numpy(np.float64, na_value=np.nan)
    camera, camera_names = pd.factorize(tracks["camera"], sort=True)
    number = tracks["tracklet"].to_numpy(np.int64)
    first_number = int(number.min()) if len(number) else 0
    key = (number - first_number) * max(len(camera_names), 1) + camera
    piece, _ = number_in_order(key)
    usable = np.flatnonzero(np.isfinite(time_s) & np.isfinite(x_m) & np.isfinite(y_m))
    order = usable[sort_by_piece(piece[usable], time_s[usable])]
    if _find_repeated(piece[order], time_s[order]).any():
        # by the content of the rows, whatever the order of the input
        keys = (y_m, x_m, sigma_m, time_s, piece)
        order = usable[np.lexsort([values[usable] for values in keys])]
        order = order[np.append(True, ~_find_repeated(piece[order], time_s[order]))]
    starts, ends = _find_runs(piece[order])
    state = tracks["state"]
    is_seen = ~state.isin([TrackState.INTERPOLATED.value, TrackState.COASTED.value]).to_numpy()
    return TrackletRows(
        source=order.astype(np.int64),
        time_s=time_s[order],
        x_m=x_m[order],
        y_m=y_m[order],
        sigma_m=sigma_m[order],
        height_m=height_m[order],
        is_seen=is_seen[order],
        starts=starts,
        ends=ends,
        camera=camera[order[starts]].astype(np.int64),
        number=number[order[starts]],
        camera_names=tuple(map(str, camera_names)),
    )


def split_pieces(rows: TrackletRows, *, piece: IntArray, at_s: FloatArray) -> TrackletRows:
    """Return the rows with pieces cut in two: the row at ``at_s`` or the next one begins the later part.

    Args:
        piece, at_s: of each cut, shape (cuts,), in any order; cuts beyond a piece's rows are ignored.
    """
    cuts = [rows.starts]
    for one, moment_s in zip(piece.tolist(), at_s.tolist(), strict=True):
        own = rows.time_s[rows.starts[one] : rows.ends[one]]
        place = int(np.searchsorted(own, moment_s - 1e-6))
        if 0 < place < len(own):
            cuts.append(rows.starts[[one]] + place)
    starts = np.unique(np.concatenate(cuts))
    origin = np.searchsorted(rows.starts, starts, side="right") - 1
    return replace(
        rows,
        starts=starts,
        ends=np.append(starts[1:], len(rows.time_s)).astype(np.int64),
        camera=rows.camera[origin],
        number=rows.number[origin],
    )


def sort_by_piece(piece: IntArray, time_s: FloatArray) -> IntArray:
    """Return rows by piece, which is 0 or more, then time; stable."""
    if (time_s[1:] >= time_s[:-1]).all():
        return order_by_number(piece, count=int(piece.max(initial=0)) + 1)
    return np.lexsort((time_s, piece)).astype(np.int64, copy=False)


def _find_repeated(piece: IntArray, time_s: FloatArray) -> BoolArray:
    """Return which rows, but for the first, repeat piece and moment of the previous one, shape (n - 1,)."""
    return np.asarray((piece[1:] == piece[:-1]) & (time_s[1:] == time_s[:-1]), bool)


def _find_runs(piece: IntArray) -> tuple[IntArray, IntArray]:
    if not len(piece):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    changes = np.flatnonzero(np.diff(piece)) + 1
    starts = np.concatenate([[0], changes]).astype(np.int64)
    return starts, np.append(starts[1:], len(piece)).astype(np.int64)
