"""Which tracklet went over to another person, where one of several must have.

Around the moment it was near another tracklet of its camera, its place was less sure, it moved fast, another
began or ended near it, and its person is of another height afterwards.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.visitors.known_heights import KnownHeights
from analytics.visitors.tracklet_pairs import STEP_S, TrackletSamples
from analytics.visitors.tracklet_rows import TrackletRows
from analytics.visitors.visitor_settings import BlameSettings

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def weigh_blame(
    rows: TrackletRows, samples: TrackletSamples, piece: IntArray, step: IntArray, *, settings: BlameSettings
) -> FloatArray:
    """How much speaks for each piece's having changed its person at a step, shape (n,), in log odds.

    Only differences count. The pieces must live around the steps.
    """
    if not len(piece):
        return np.empty(0)
    at_s = np.asarray(step * STEP_S + rows.time_s.min(), np.float64)
    nearest_m, is_turnover = _look_around(rows, samples, (piece, step), at_s, settings)
    sigma_m, speed_m_s = _find_worst(rows, piece, at_s, settings)
    changes = _compare_heights(rows, piece, at_s, settings)
    return np.asarray(
        settings.per_height_sigma * np.minimum(changes, settings.most_height_sigmas)
        + settings.per_log_sigma * np.log(np.clip(sigma_m, settings.least_sigma_m, settings.largest_sigma_m))
        + settings.per_m_s * np.minimum(speed_m_s, settings.fastest_m_s)
        - settings.per_m * nearest_m
        + settings.by_turnover * is_turnover,
        np.float64,
    )


def _look_around(
    rows: TrackletRows,
    samples: TrackletSamples,
    asked: tuple[IntArray, IntArray],
    at_s: FloatArray,
    settings: BlameSettings,
) -> tuple[FloatArray, BoolArray]:
    """How near another tracklet of the camera came, and whether one that was near began or ended then."""
    piece, step = asked
    reach = round(settings.around_s / STEP_S)
    query = np.repeat(np.arange(len(piece)), 2 * reach + 1)
    moment = np.repeat(step, 2 * reach + 1) + np.tile(np.arange(-reach, reach + 1), len(piece))
    place = moment - samples.first_step[piece[query]]
    lives = (place >= 0) & (place < np.diff(samples.offset)[piece[query]])
    query, moment, place = query[lives], moment[lives], place[lives]
    own = samples.offset[piece[query]] + place
    near, of_query = samples.find_around(moment, samples.x_m[own], samples.y_m[own], reach_m=settings.reach_m)
    other = samples.piece[near]
    is_other = (other != piece[query[of_query]]) & (rows.camera[other] == rows.camera[piece[query[of_query]]])
    near, other, of_query = near[is_other], other[is_other], of_query[is_other]
    own, query = own[of_query], query[of_query]
    away_m = np.hypot(samples.x_m[near] - samples.x_m[own], samples.y_m[near] - samples.y_m[own])
    nearest_m = np.full(len(piece), settings.reach_m)
    np.minimum.at(nearest_m, query, away_m)
    begins_s, ends_s = rows.time_s[rows.starts[other]], rows.time_s[rows.ends[other] - 1]
    turns = np.minimum(abs(begins_s - at_s[query]), abs(ends_s - at_s[query])) < settings.turnover_s
    is_turnover = np.zeros(len(piece), bool)
    is_turnover[query[turns]] = True
    return nearest_m, is_turnover


def _find_worst(
    rows: TrackletRows, piece: IntArray, at_s: FloatArray, settings: BlameSettings
) -> tuple[FloatArray, FloatArray]:
    """The largest position error around each moment, and the highest speed over two rows."""
    low = rows.find_rows(piece, at_s - settings.around_s)
    high = np.maximum(rows.find_rows(piece, at_s + settings.around_s), low + 1)
    way_m = np.hypot(rows.x_m[2:] - rows.x_m[:-2], rows.y_m[2:] - rows.y_m[:-2])
    speed_m_s = np.append(way_m / np.maximum(rows.time_s[2:] - rows.time_s[:-2], 0.1), [0.0, 0.0])
    return _find_most(rows.sigma_m, low, high), _find_most(speed_m_s, low, np.maximum(high - 2, low + 1))


def _find_most(values: FloatArray, low: IntArray, high: IntArray) -> FloatArray:
    """The largest value of each slice; slices are not empty."""
    # in order, what lies between the slices is looked at once in all
    order = np.argsort(low)
    borders = np.column_stack([low, np.minimum(high, len(values) - 1)])[order].ravel()
    most = np.empty(len(low))
    most[order] = np.maximum.reduceat(values, borders)[::2]
    # a border cannot lie behind the last value, which is looked at on its own
    return np.where(high >= len(values), np.maximum(most, values[-1]), most)


def _compare_heights(
    rows: TrackletRows, piece: IntArray, at_s: FloatArray, settings: BlameSettings
) -> FloatArray:
    """By how many standard deviations the height before each moment differs from that after; 0: not known."""
    known, margin_s, window_s = KnownHeights.read(rows), settings.height_margin_s, settings.height_window_s
    (before_m, before_m2), (after_m, after_m2) = (
        known.average(piece, from_s, to_s, settings.heights, fewest=settings.fewest_heights)
        for from_s, to_s in ((at_s - window_s, at_s - margin_s), (at_s + margin_s, at_s + window_s))
    )
    return np.nan_to_num(abs(after_m - before_m) / np.sqrt(before_m2 + after_m2))
