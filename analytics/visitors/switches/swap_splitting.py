"""Cuts tracklets that switched from one person to another, as shown by a second camera.

Where two cameras see the same floor, tracklets of both coincide for as long as they follow the same person.
If a tracklet coincides with one for a while, and later with another while the first continues elsewhere, one
of them switched in between. That one is cut if the evidence suffices; else all are, and are linked again by
what fits. Further cameras are witnesses: a tracklet that coincides with the same one of theirs all the time
hardly switched.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.metrics.coverage import CameraView
from analytics.visitors.cameras.overlap_fusion import compare_cameras
from analytics.visitors.tracklet_ends import WINDOW_S
from analytics.visitors.tracklet_pairs import (
    STEP_S,
    TrackletSamples,
    compare_tracklets,
    count_common_moments,
    sample_tracklets,
)
from analytics.visitors.tracklet_rows import TrackletRows, find_first, split_pieces
from analytics.visitors.visitor_settings import SCALES, SWITCHES


def weigh_blame(rows: TrackletRows, samples: TrackletSamples, piece: IntArray, step: IntArray) -> FloatArray:
    """Return the log odds that each piece switched persons at a step, shape (n,).

    Only differences count. The pieces must exist around the steps.
    """
    if not len(piece):
        return np.empty(0)
    at_s = np.asarray(step * STEP_S + rows.time_s.min(), np.float64)
    nearest_m, is_turnover = _look_around(rows, samples, (piece, step), at_s)
    sigma_m, speed_m_s = _find_worst(rows, piece, at_s)
    changes = _compare_heights(rows, piece, at_s)
    features = [
        np.minimum(changes, SWITCHES.max_height_sigmas),
        np.log(np.minimum(sigma_m, SWITCHES.max_sigma_m)),
        np.minimum(speed_m_s, SWITCHES.fastest_m_s),
        -nearest_m,
        is_turnover,
    ]
    return np.asarray(np.array(SWITCHES.blame_weights) @ np.array(features, np.float64), np.float64)


def _look_around(
    rows: TrackletRows, samples: TrackletSamples, asked: tuple[IntArray, IntArray], at_s: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """Return the distance to the camera's nearest other tracklet, and whether one began or ended near."""
    piece, step = asked
    reach = round(SWITCHES.around_s / STEP_S)
    query = np.repeat(np.arange(len(piece)), 2 * reach + 1)
    moment = np.repeat(step, 2 * reach + 1) + np.tile(np.arange(-reach, reach + 1), len(piece))
    place = moment - samples.first_step[piece[query]]
    lives = (place >= 0) & (place < np.diff(samples.offset)[piece[query]])
    query, moment, place = query[lives], moment[lives], place[lives]
    own = samples.offset[piece[query]] + place
    near, of_query = samples.find_around(moment, samples.x_m[own], samples.y_m[own], reach_m=SCALES.nearby_m)
    other = samples.piece[near]
    is_other = (other != piece[query[of_query]]) & (rows.camera[other] == rows.camera[piece[query[of_query]]])
    near, other, of_query = near[is_other], other[is_other], of_query[is_other]
    own, query = own[of_query], query[of_query]
    away_m = np.hypot(samples.x_m[near] - samples.x_m[own], samples.y_m[near] - samples.y_m[own])
    nearest_m = np.full(len(piece), SCALES.nearby_m)
    np.minimum.at(nearest_m, query, away_m)
    begins_s, ends_s = rows.time_s[rows.starts[other]], rows.time_s[rows.ends[other] - 1]
    turns = np.minimum(abs(begins_s - at_s[query]), abs(ends_s - at_s[query])) < SCALES.hidden_s
    is_turnover = np.zeros(len(piece), bool)
    is_turnover[query[turns]] = True
    return nearest_m, is_turnover


def _find_worst(rows: TrackletRows, piece: IntArray, at_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the largest position error around each moment, and the highest speed over two rows."""
    low = rows.find_rows(piece, at_s - SWITCHES.around_s)
    high = np.maximum(rows.find_rows(piece, at_s + SWITCHES.around_s), low + 1)
    way_m = np.hypot(rows.x_m[2:] - rows.x_m[:-2], rows.y_m[2:] - rows.y_m[:-2])
    speed_m_s = np.append(way_m / np.maximum(rows.time_s[2:] - rows.time_s[:-2], 0.1), [0.0, 0.0])
    return _find_most(rows.sigma_m, low, high), _find_most(speed_m_s, low, np.maximum(high - 2, low + 1))


def _find_most(values: FloatArray, low: IntArray, high: IntArray) -> FloatArray:
    """Return the largest value of each slice; slices are not empty."""
    # sorted, so that values between slices are visited only once in total
    order = np.argsort(low)
    borders = np.column_stack([low, np.minimum(high, len(values) - 1)])[order].ravel()
    most = np.empty(len(low))
    most[order] = np.maximum.reduceat(values, borders)[::2]
    # a border cannot lie behind the last value, which is handled separately
    return np.where(high >= len(values), np.maximum(most, values[-1]), most)


def _compare_heights(rows: TrackletRows, piece: IntArray, at_s: FloatArray) -> FloatArray:
    """Return the change of height at each moment in standard deviations; 0 if unknown."""
    margin_s, window_s = SCALES.lasting_s, SCALES.around_s
    before_m, before_m2 = _average_heights(rows, piece, at_s - window_s, at_s - margin_s)
    after_m, after_m2 = _average_heights(rows, piece, at_s + margin_s, at_s + window_s)
    return np.nan_to_num(abs(after_m - before_m) / np.sqrt(before_m2 + after_m2))


def _average_heights(
    rows: TrackletRows, piece: IntArray, from_s: FloatArray, to_s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return mean measured heights of pieces between two moments, and their variances; NaN if too few."""
    known = np.flatnonzero(np.isfinite(rows.height_m) & rows.is_seen)
    time_s, total_m = rows.time_s[known], np.append(0.0, np.cumsum(rows.height_m[known]))
    starts = np.searchsorted(known, np.append(rows.starts, len(rows.time_s)))
    low, high = (find_first(time_s, starts[piece], starts[piece + 1], at_s) for at_s in (from_s, to_s))
    some = np.flatnonzero(high - low >= SCALES.fewest)
    low, high = low[some], high[some]
    mean_m, variance_m2 = np.full((2, len(piece)), np.nan)
    mean_m[some] = (total_m[high] - total_m[low]) / (high - low)
    looks = 1 + (time_s[high - 1] - time_s[low]) / SCALES.sure_s
    variance_m2[some] = SWITCHES.bias_sigma_m**2 + SWITCHES.look_sigma_m**2 / looks
    return mean_m, variance_m2


_Distances = dict[tuple[int, int], tuple[int, FloatArray]]
"""First step and distances, in metres, of every compared pair."""
MARGIN_STEPS = round(WINDOW_S / STEP_S)
"""Minimum distance of a cut from an end or another cut, in steps: shorter parts are useless."""


@dataclass(frozen=True, slots=True)
class _Phase:
    """A time in which two tracklets coincide; steps, the last one included."""

    a: int
    b: int
    first: int
    last: int


_Handover = tuple[int, tuple[int, ...], tuple[int, ...]]
"""A switch at a step: a piece coincided with one of the other camera before, and with another or none
afterwards; that piece, and those of the other camera, are the candidates."""


def cut_handovers(rows: TrackletRows, *, views: Sequence[CameraView] = ()) -> TrackletRows:
    """Return the rows with pieces cut where another camera shows a switch of persons.

    Args:
        views: fields of view of known cameras.
    """
    cameras = range(len(rows.camera_names))
    if len(cameras) < 2:
        return rows
    samples = sample_tracklets(rows)
    compared: dict[tuple[int, int], tuple[list[_Phase], _Distances]] = {}
    for one, other in itertools.combinations(cameras, 2):
        pairs, _, shift_m = compare_cameras(samples, rows, (one, other), views=views)
        compared[one, other] = _find_phases(samples, pairs.a, pairs.b, shift_m=shift_m)
    phases_of: dict[int, list[tuple[int, _Phase]]] = defaultdict(list)
    for (one, other), (phases, _) in compared.items():
        for phase in phases:
            phases_of[phase.a].append((other, phase))
            phases_of[phase.b].append((one, phase))
    cuts: set[tuple[int, int]] = set()
    for pair, (phases, distance) in compared.items():
        count = functools.partial(_count_witnesses, phases_of, but=pair)
        for handovers, min_blame in (
            (_find_handovers(samples, phases), SWITCHES.min_blame),
            (_find_partings(phases, distance), SWITCHES.min_parting_blame),
        ):
            cuts |= _cut_changed(rows, samples, handovers, count_witnesses=count, min_blame=min_blame)
    piece, step = np.array(_thin(sorted(cuts)), np.int64).reshape(-1, 2).T
    return split_pieces(rows, piece=piece, at_s=rows.time_s.min() + step * STEP_S)


def _find_handovers(samples: TrackletSamples, phases: list[_Phase]) -> Iterator[_Handover]:
    for side, across in (("a", "b"), ("b", "a")):
        by_piece: dict[int, list[_Phase]] = {}
        for phase in phases:
            by_piece.setdefault(getattr(phase, side), []).append(phase)
        for piece, own in by_piece.items():
            own.sort(key=lambda phase: (phase.first, phase.last))
            for before, after in itertools.pairwise(own):
                one, other = getattr(before, across), getattr(after, across)
                if one == other or count_common_moments(samples, np.array([one]), np.array([other])) < 2:
                    continue
                step = (before.last + after.first + 1) // 2
                yield step, (piece,), (one, other)


def _count_witnesses(
    phases_of: dict[int, list[tuple[int, _Phase]]], piece: int, step: int, *, but: tuple[int, int]
) -> int:
    """Return in how many cameras, other than two, a piece coincides with the same one around a step."""
    cameras = {
        camera
        for camera, phase in phases_of[piece]
        if camera not in but and phase.first + MARGIN_STEPS <= step <= phase.last - MARGIN_STEPS
    }
    return len(cameras)


def _cut_changed(
    rows: TrackletRows,
    samples: TrackletSamples,
    handovers: Iterator[_Handover],
    *,
    count_witnesses: Callable[[int, int], int],
    min_blame: float,
) -> set[tuple[int, int]]:
    """Return cuts of the piece to blame for each switch, or of all candidates if unsure."""
    # candidates that are too short around the step are left out, and who stays in place is not exchanged
    sides_of = [
        [
            [
                (one, step)
                for one in pieces
                if _lives_around(samples, one, step) and not _stays_around(samples, one, step)
            ]
            for pieces in sides
        ]
        for step, *sides in handovers
    ]
    asked = sorted({candidate for sides in sides_of for side in sides for candidate in side})
    piece, step = np.array(asked, np.int64).reshape(-1, 2).T
    weight = weigh_blame(rows, samples, piece, step)
    weight -= SWITCHES.by_witness * np.array([count_witnesses(*each) for each in asked], np.float64)
    blamed = dict(zip(asked, weight.tolist(), strict=True))
    cuts: set[tuple[int, int]] = set()
    for own, partners in sides_of:
        own_blame, partners_blame = (
            max((blamed[candidate] for candidate in side), default=-np.inf) for side in (own, partners)
        )
        if own_blame > partners_blame - min_blame:
            cuts.update(own)
        if partners_blame > own_blame - min_blame:
            cuts.update(partners)
    return cuts


def _thin(cuts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the cuts without those that closely follow another of the same piece."""
    kept: list[tuple[int, int]] = []
    for piece, step in cuts:
        if not kept or kept[-1][0] != piece or step - kept[-1][1] >= MARGIN_STEPS:
            kept.append((piece, step))
    return kept


def _find_partings(phases: list[_Phase], distance: _Distances) -> Iterator[_Handover]:
    """Yield switches where two coinciding pieces part, or come together, and are apart for long."""
    length = round(SCALES.sure_s / STEP_S)
    for phase in phases:
        begin, away_m = distance[phase.a, phase.b]
        for step, window in (
            (phase.last + 1, away_m[phase.last + 1 - begin :][: 2 * length]),
            (phase.first, away_m[: phase.first - begin][-2 * length :]),
        ):
            is_apart = np.count_nonzero(window > SCALES.apart_m) >= max(length, 0.7 * len(window))
            if len(window) >= length and is_apart:
                yield step, (phase.a,), (phase.b,)


def _lives_around(samples: TrackletSamples, piece: int, step: int) -> bool:
    before = step - int(samples.first_step[piece])
    length = int(samples.offset[piece + 1] - samples.offset[piece])
    return MARGIN_STEPS <= before < length - MARGIN_STEPS


def _stays_around(samples: TrackletSamples, piece: int, step: int) -> bool:
    """Return whether a piece is for long at the same place before and after a step."""
    begin, end = samples.offset[piece : piece + 2].tolist()
    at, reach = begin + step - int(samples.first_step[piece]), round(SCALES.around_s / STEP_S)
    if at - begin < reach or end - at < reach:
        return False
    way_m = [
        float(np.median(places_m[at : at + reach]) - np.median(places_m[at - reach : at]))
        for places_m in (samples.x_m, samples.y_m)
    ]
    return math.hypot(*way_m) <= SWITCHES.there_m


def _find_phases(
    samples: TrackletSamples, a: IntArray, b: IntArray, *, shift_m: tuple[float, float]
) -> tuple[list[_Phase], _Distances]:
    """Return times in which pairs are each other's nearest, and first step and distances of every pair."""
    found = compare_tracklets(samples, a, b)
    x_m = _smooth(found.x_m - shift_m[0], found.pair)
    y_m = _smooth(found.y_m - shift_m[1], found.pair)
    away_m = np.hypot(x_m, y_m)
    is_near = away_m <= SWITCHES.together_m
    near = np.flatnonzero(is_near)
    for piece in (a, b):
        min_m = _find_least(piece[found.pair[near]], found.step[near], away_m[near])
        is_near[near] &= away_m[near] <= min_m + 1e-9
    borders = np.searchsorted(found.pair, np.arange(len(a) + 1))
    phases = []
    distance: _Distances = {}
    shortest = round(SCALES.sure_s / STEP_S)
    for pair, (one, other) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        own = slice(borders[pair], borders[pair + 1])
        if own.start == own.stop:
            continue
        begin = int(found.step[own.start])
        distance[one, other] = (begin, away_m[own])
        near = np.flatnonzero(is_near[own])
        for run in np.split(near, np.flatnonzero(np.diff(near) > shortest + 1) + 1):
            if len(run) < shortest:
                continue
            phases.append(_Phase(one, other, begin + int(run[0]), begin + int(run[-1])))
    return phases, distance


def _smooth(values: FloatArray, pair: IntArray) -> FloatArray:
    """Return the mean of each value and its neighbours in time within the same pair."""
    total, count = values.copy(), np.ones(len(values))
    same = np.diff(pair) == 0
    total[1:][same] += values[:-1][same]
    total[:-1][same] += values[1:][same]
    count[1:] += same
    count[:-1] += same
    return total / count


def _find_least(piece: IntArray, step: IntArray, value: FloatArray) -> FloatArray:
    """Return the smallest value of each piece at each step, for every entry."""
    # one number for both, as sorting pairs takes ten times as long
    _, which = np.unique(piece * (int(step.max(initial=0)) + 1) + step, return_inverse=True)
    least = np.full(len(value), np.inf)
    np.minimum.at(least, which, value)
    return least[which]
