"""Removes the parts of people's tracks that were held by a static object such as a poster.

A walker passes an object that is taken for a person, and the tracker mistakes one for the other: the walker's
track stays with the object until the next passer-by drags it on. It came and went as a visitor's does. But a
visitor stops in front of an object, not in it: a rest exactly at the object's place is the object.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.visitors.false_positives.false_persons import FALSE_PERSON, MEAN_OVER_S, FalsePlace
from analytics.visitors.tracklet_rows import sort_by_piece


def cut_out_hijacks(*, tracks: pd.DataFrame, places: Sequence[FalsePlace]) -> pd.DataFrame:
    """Return the tracks without their rests at the places; the part after a rest becomes a new tracklet.

    It gets a number that no other of these tracklets has, since it may be someone else's path; the history
    has no such number. Rows without a finite time and place stay as they are.

    Args:
        tracks: columns of ``TRACK_COLUMNS``, before identities are joined.
    """
    if not places or not len(tracks):
        return tracks
    time_s, x_m, y_m, sigma_m = (
        tracks[name].to_numpy(np.float64) for name in ("time_s", "x_m", "y_m", "sigma_m")
    )
    tracklet = tracks["tracklet"].to_numpy(np.int64)
    camera, names = pd.factorize(tracks["camera"])
    still_m = np.fmax(FALSE_PERSON.drift_m, FALSE_PERSON.still_sigmas * sigma_m)
    is_usable = np.isfinite(time_s) & np.isfinite(x_m) & np.isfinite(y_m)
    is_caught = np.zeros(len(tracks), np.bool_)
    for place in places:
        code = int(pd.Index(names).get_indexer([place.camera])[0])
        if code < 0:
            continue
        # most places hold no visitor's track, which the few rows around them show
        near = np.flatnonzero(
            (abs(x_m - place.x_m) <= place.radius_m) & (abs(y_m - place.y_m) <= place.radius_m)
        )
        near = near[(camera[near] == code) & np.isfinite(time_s[near])]
        suspects = _find_longest(tracklet[near], time_s[near], FALSE_PERSON.rest_s)
        if not len(suspects):
            continue
        own = np.flatnonzero(is_usable & (camera == code) & np.isin(tracklet, suspects))
        own = _order(tracklet, time_s, own)
        rest_m = np.minimum(still_m[own], place.radius_m)
        off_m = np.stack([x_m[own] - place.x_m, y_m[own] - place.y_m, rest_m])
        is_caught[own[_find_rests(tracklet[own], time_s[own], off_m, FALSE_PERSON.rest_s)]] = True
    if not is_caught.any():
        return tracks
    numbers = tracklet.copy()
    for code in np.unique(camera[is_caught]).tolist():
        own = np.flatnonzero(is_usable & (camera == code))
        free = int(numbers.max()) + 1
        numbers[own] = _number_parts(tracklet[own], time_s[own], is_caught[own], free)
    return tracks.assign(tracklet=numbers)[~is_caught]


def _find_longest(tracklet: IntArray, time_s: FloatArray, least_s: float) -> IntArray:
    """Return tracklets that may rest so long, by their first and last row; means reach farther."""
    numbers, which = np.unique(tracklet, return_inverse=True)
    first_s, last_s = np.full(len(numbers), np.inf), np.full(len(numbers), -np.inf)
    np.minimum.at(first_s, which, time_s)
    np.maximum.at(last_s, which, time_s)
    longest: IntArray = numbers[last_s - first_s >= least_s - MEAN_OVER_S]
    return longest


def _order(tracklet: IntArray, time_s: FloatArray, rows: IntArray) -> IntArray:
    """Return the rows ordered by tracklet, then time."""
    return rows[sort_by_piece(np.unique(tracklet[rows], return_inverse=True)[1], time_s[rows])]


def _find_rests(tracklet: IntArray, time_s: FloatArray, off_m: FloatArray, caught_s: float) -> BoolArray:
    """Return which rows, ordered by tracklet and time, belong to a rest of ``caught_s`` or longer.

    Args:
        tracklet, time_s: shape (n,), not empty.
        off_m: distance from the place along x and y, and maximum distance of a rest; shape (3, n).
    """
    is_other = (np.diff(tracklet) != 0) | (np.diff(time_s) > MEAN_OVER_S)
    begins = np.flatnonzero(np.append(True, is_other | (np.diff(np.floor(2 * time_s / MEAN_OVER_S)) != 0)))
    rows = np.diff(np.append(begins, len(time_s)))
    mean_x_m, mean_y_m, limit_m = np.add.reduceat(off_m, begins, axis=1) / rows
    rests = np.repeat(np.hypot(mean_x_m, mean_y_m) <= limit_m, rows)
    first = np.flatnonzero(np.append(True, is_other | (np.diff(rests) != 0)))
    last = np.append(first[1:], len(time_s)) - 1
    lasted_s = time_s[last] - time_s[first]
    is_long = rests[first] & (lasted_s >= caught_s)
    # a passer-by drags the box off for a moment: rows between two rests of one track are no visit
    is_between = np.zeros(len(first), np.bool_)
    is_between[1:-1] = is_long[:-2] & is_long[2:] & (tracklet[first[:-2]] == tracklet[first[2:]])
    is_between &= lasted_s < caught_s
    return np.repeat(is_long | is_between, last - first + 1)


def _number_parts(tracklet: IntArray, time_s: FloatArray, is_caught: BoolArray, free: int) -> IntArray:
    """Return one camera's tracklet numbers, from ``free`` on for the parts after a rest."""
    order = _order(tracklet, time_s, np.flatnonzero(np.isin(tracklet, np.unique(tracklet[is_caught]))))
    is_same = np.append(False, np.diff(tracklet[order]) == 0)
    follows = is_same & ~is_caught[order] & np.append(False, is_caught[order][:-1])
    parts = np.cumsum(follows)
    first = np.flatnonzero(~is_same)
    before = np.repeat(parts[first] - follows[first], np.diff(np.append(first, len(order))))
    numbers = tracklet.copy()
    is_later = parts > before
    numbers[order[is_later]] = free - 1 + parts[is_later]
    return numbers
