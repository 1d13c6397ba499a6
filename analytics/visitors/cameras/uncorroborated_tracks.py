"""Removes people whom one camera alone sees for long where other cameras should see them too.

A camera that does not see the feet misplaces people; a tracker keeps following the remains of someone who
left; a poster is detected from one side. Where views overlap, the other cameras disagree. How reliably a
camera sees people at a place is learned from people seen there by others, every quarter of an hour anew, so
that a camera behind a pillar, or one that was moved, is no witness; nor is one that alone sees someone
nearby, who may be the same person. Two witnesses are needed, as a single one's view may be blocked. Distant
cameras often miss children, so short people are kept, and so are people whom others see at the same place
before and after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter1d
from scipy.spatial import cKDTree

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.metrics.coverage import CameraView
from analytics.visitors.false_positives.false_persons import FalsePlace
from analytics.visitors.tracklet_pairs import STEP_S
from analytics.visitors.tracklet_rows import TrackletRows
from analytics.visitors.visitor_settings import FALSE_TRACKS, SCALES

MIN_CAMERAS = 3
"""Number of cameras: the one that sees, and two witnesses."""


@dataclass(frozen=True, slots=True)
class UncorroboratedTracks:
    """Number and total duration of removed episodes."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """Visitors step by step, ordered by visitor and time.

    Attributes:
        step: index of the step, from 0.
        is_followed, is_seen: by each camera, shape (moments, cameras).
        of_row: moment of every row.
    """

    visitor: IntArray
    step: IntArray
    x_m: FloatArray
    y_m: FloatArray
    is_followed: BoolArray
    is_seen: BoolArray
    of_row: IntArray


def find_uncorroborated_rows(
    rows: TrackletRows,
    visitor: IntArray,
    *,
    views: Sequence[CameraView] = (),
    kept_places: Sequence[FalsePlace] = (),
) -> tuple[BoolArray, UncorroboratedTracks]:
    """Find rows of visitors seen by at most one camera where others should see them, and count them.

    Args:
        visitor: of every piece.
        views: the cameras' fields of view, if known.
        kept_places: places at which rows are kept.
    """
    if len(rows.camera_names) < MIN_CAMERAS or not len(rows.time_s):
        return np.zeros(len(rows.time_s), bool), UncorroboratedTracks(0, 0.0)
    moments = _find_moments(rows, visitor)
    is_lone = moments.is_seen.sum(axis=1) <= 1
    is_lone &= _count_witnesses(rows, moments, views) >= MIN_CAMERAS - 1
    is_lone &= ~(_measure_heights(rows, visitor, moments) < FALSE_TRACKS.short_m)
    for place in kept_places:
        is_lone &= np.hypot(moments.x_m - place.x_m, moments.y_m - place.y_m) > place.radius_m
    is_same = np.diff(moments.visitor) == 0
    goes_on = is_same & (np.diff(moments.step) * STEP_S <= SCALES.hidden_s)
    begins = is_lone & ~np.append(False, is_lone[:-1] & goes_on)
    lone = np.flatnonzero(is_lone)
    episode = np.cumsum(begins)[lone] - 1
    steps = np.bincount(episode)
    first = np.flatnonzero(begins)
    last = lone[np.cumsum(steps) - 1] if len(lone) else lone
    is_nobody = (steps * STEP_S >= SCALES.hidden_s) & ~_stays(moments, first, last, is_same)
    is_left_out = np.zeros(len(moments.step), bool)
    is_left_out[lone] = is_nobody[episode]
    found = UncorroboratedTracks(int(is_nobody.sum()), round(float(steps[is_nobody].sum() * STEP_S), 3))
    return is_left_out[moments.of_row], found


def _find_moments(rows: TrackletRows, visitor: IntArray) -> _Moments:
    step = np.floor((rows.time_s - rows.time_s.min()) / STEP_S).astype(np.int64)
    steps = int(step.max()) + 1
    piece = rows.piece_of_rows()
    keys, of_row = np.unique(visitor[piece] * steps + step, return_inverse=True)
    count = np.bincount(of_row)
    is_followed, is_seen = (np.zeros((len(keys), len(rows.camera_names)), bool) for _ in range(2))
    is_followed[of_row, rows.camera[piece]] = True
    is_seen[of_row[rows.is_seen], rows.camera[piece[rows.is_seen]]] = True
    x_m, y_m = (np.bincount(of_row, weights=values) / count for values in (rows.x_m, rows.y_m))
    return _Moments(keys // steps, keys % steps, x_m, y_m, is_followed, is_seen, of_row)


def _stays(moments: _Moments, first: IntArray, last: IntArray, is_same: BoolArray) -> BoolArray:
    """Return whether the visitor of each episode was seen before and after it at the same place."""
    before, after = np.maximum(first - 1, 0), np.minimum(last + 1, len(moments.step) - 1)
    has_both = np.append(False, is_same)[first] & np.append(is_same, False)[last]
    way_m = np.hypot(moments.x_m[after] - moments.x_m[before], moments.y_m[after] - moments.y_m[before])
    lasted_s = (moments.step[after] - moments.step[before]) * STEP_S
    is_near = (way_m <= SCALES.apart_m) & (lasted_s <= SCALES.gone_s)
    return np.asarray(has_both & is_near, bool)


def _measure_heights(rows: TrackletRows, visitor: IntArray, moments: _Moments) -> FloatArray:
    """Return the median height of the visitor of every moment, metres; NaN if never measured."""
    by_visitor = pd.Series(rows.height_m).groupby(visitor[rows.piece_of_rows()]).median()
    return np.asarray(by_visitor.reindex(moments.visitor), np.float64)


def _count_witnesses(rows: TrackletRows, moments: _Moments, views: Sequence[CameraView]) -> IntArray:
    """Count the cameras that miss the visitor, but see most people seen there by others."""
    places = _Places(moments)
    view_of = {str(view.camera): view for view in views}
    is_contradicted = _find_contradicted(moments)
    witnesses = np.zeros(len(moments.step), np.int64)
    for camera, name in enumerate(rows.camera_names):
        is_seen = moments.is_seen[:, camera]
        # people seen by one camera alone may be false, and say nothing about another camera
        others_see = moments.is_seen.sum(axis=1) - is_seen >= MIN_CAMERAS - 1
        is_witness = (
            ~moments.is_followed[:, camera] & ~is_contradicted[:, camera] & _is_awake(moments.step, is_seen)
        )
        is_witness &= places.share(is_seen & others_see, among=others_see) >= SCALES.majority
        if name in view_of:
            is_witness &= view_of[name].sees(np.column_stack([moments.x_m, moments.y_m]))
        witnesses += is_witness
    return witnesses


def _find_contradicted(moments: _Moments) -> BoolArray:
    """Return whether each camera sees someone alone near each visitor whom another follows alone.

    Cameras that do not see the feet may place one person differently; they are no witnesses of each other.
    """
    alone = np.flatnonzero(moments.is_followed.sum(axis=1) == 1)
    camera = moments.is_followed[alone].argmax(axis=1)
    apart = moments.step[alone] * (2 * SCALES.nearby_m)
    tree = cKDTree(np.column_stack([moments.x_m[alone], moments.y_m[alone], apart]))
    one, other = tree.query_pairs(SCALES.nearby_m, output_type="ndarray").T
    is_contradicted = np.zeros_like(moments.is_seen)
    is_contradicted[alone[one], camera[other]] = True
    is_contradicted[alone[other], camera[one]] = True
    return is_contradicted


def _is_awake(step: IntArray, is_seen: BoolArray) -> BoolArray:
    """Return whether a camera saw anyone shortly before or after each moment."""
    sees = np.zeros(int(step.max()) + 1, bool)
    sees[step[is_seen]] = True
    within = 2 * int(FALSE_TRACKS.awake_s / STEP_S) + 1
    return np.asarray(maximum_filter1d(sees, within, mode="constant"), bool)[step]


class _Places:
    """Floor cells by stretch of time, each with its eight neighbours."""

    def __init__(self, moments: _Moments) -> None:
        x, y = (np.floor(axis / FALSE_TRACKS.cell_m).astype(np.int64) for axis in (moments.x_m, moments.y_m))
        x, y = x - x.min() + 1, y - y.min() + 1
        columns, rows = int(x.max()) + 2, int(y.max()) + 2
        stretch = (moments.step * STEP_S / FALSE_TRACKS.learned_over_s).astype(np.int64)
        cells, self._of_moment = np.unique((stretch * columns + x) * rows + y, return_inverse=True)
        wanted = cells[:, None] + np.add.outer((-rows, 0, rows), (-1, 0, 1)).ravel()
        self._neighbours = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
        self._is_there = cells[self._neighbours] == wanted

    def share(self, chosen: BoolArray, *, among: BoolArray) -> FloatArray:
        """Return the share of chosen moments around every moment, shrunk towards 0 for few moments."""
        few = self._count(among) + FALSE_TRACKS.prior_looks
        return (self._count(chosen) / few)[self._of_moment]

    def _count(self, chosen: BoolArray) -> FloatArray:
        own = np.bincount(self._of_moment[chosen], minlength=len(self._neighbours))
        return np.asarray(np.where(self._is_there, own[self._neighbours], 0).sum(axis=1), np.float64)
