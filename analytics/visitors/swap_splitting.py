"""Cuts tracklets that went over from one person to another, as a second camera shows.

Where two cameras see the same floor, a tracklet of one lies on a tracklet of the other for as long as both
follow the same person. If it lies on one for a while, and on another later while the first goes on elsewhere,
then one of them was handed over in between. Nobody knows which: all are cut, and linked again by what fits.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.visitors.overlap_fusion import compare_cameras
from analytics.visitors.tracklet_pairs import STEP_S, TrackletSamples, compare_tracklets, sample_tracklets
from analytics.visitors.tracklet_rows import TrackletRows, split_pieces
from analytics.visitors.visitor_settings import OverlapSettings, SwapSettings

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


MARGIN_STEPS = 3
"""Nothing is cut so near to an end or to another cut: shorter parts are nobody's."""


@dataclass(frozen=True, slots=True)
class _Phase:
    """A time in which two tracklets lie on each other; steps, the last one included."""

    a: int
    b: int
    first: int
    last: int


def cut_handovers(rows: TrackletRows, *, overlap: OverlapSettings, swap: SwapSettings) -> TrackletRows:
    """The same rows, their pieces cut where another camera shows that they changed the person."""
    cameras = range(len(rows.camera_names))
    if len(cameras) < 2:
        return rows
    samples = sample_tracklets(rows)
    pieces, moments_s = [np.empty(0, np.int64)], [np.empty(0)]
    for one, other in itertools.combinations(cameras, 2):
        pairs, _, shift_m = compare_cameras(samples, rows, (one, other), settings=overlap)
        piece, at_s = find_handovers(samples, a=pairs.a, b=pairs.b, shift_m=shift_m, settings=swap)
        pieces.append(piece)
        moments_s.append(at_s)
    return split_pieces(
        rows, piece=np.concatenate(pieces), at_s=float(rows.time_s.min()) + np.concatenate(moments_s)
    )


def find_handovers(
    samples: TrackletSamples,
    *,
    a: IntArray,
    b: IntArray,
    shift_m: tuple[float, float],
    settings: SwapSettings,
) -> tuple[IntArray, FloatArray]:
    """Where pieces are to be cut: piece, and seconds since the first sample's origin, shape (cuts,) each.

    Args:
        a, b: pairs of pieces of two cameras, those of ``a`` of the first.
        shift_m: what has to be subtracted from b - a.
    """
    phases, distance = _find_phases(samples, a, b, shift_m=shift_m, settings=settings)
    cuts: set[tuple[int, int]] = set()
    for side in ("a", "b"):
        by_piece: dict[int, list[_Phase]] = {}
        for phase in phases:
            by_piece.setdefault(getattr(phase, side), []).append(phase)
        for own in by_piece.values():
            own.sort(key=lambda phase: (phase.first, phase.last))
            for before, after in itertools.pairwise(own):
                cuts |= _cut_between(samples, before, after, side=side)
    for phase in phases:
        cuts |= _cut_at_parting(samples, phase, distance, settings=settings)
    ordered = _thin(sorted(cuts))
    return (
        np.array([piece for piece, _ in ordered], np.int64),
        np.array([step * STEP_S for _, step in ordered], np.float64),
    )


def _thin(cuts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without those that closely follow another of the same piece."""
    kept: list[tuple[int, int]] = []
    for piece, step in cuts:
        if not kept or kept[-1][0] != piece or step - kept[-1][1] >= MARGIN_STEPS:
            kept.append((piece, step))
    return kept


def _cut_between(
    samples: TrackletSamples, before: _Phase, after: _Phase, *, side: str
) -> set[tuple[int, int]]:
    """Cuts where a piece lay on one piece of the other camera and later on another that is not the same."""
    one, other = (before.b, after.b) if side == "a" else (before.a, after.a)
    if one == other or not _coexist(samples, one, other):
        return set()
    step = (before.last + after.first + 1) // 2
    own = before.a if side == "a" else before.b
    return {(piece, step) for piece in (own, one, other) if _lives_around(samples, piece, step)}


def _cut_at_parting(
    samples: TrackletSamples,
    phase: _Phase,
    distance: dict[tuple[int, int], tuple[int, FloatArray]],
    *,
    settings: SwapSettings,
) -> set[tuple[int, int]]:
    """Cuts where two pieces that lay on each other part, or come together, and stay apart for long."""
    begin, away_m = distance[phase.a, phase.b]
    cuts = set()
    length = round(settings.apart_s / STEP_S)
    for step, window in (
        (phase.last + 1, away_m[phase.last + 1 - begin :][: 2 * length]),
        (phase.first, away_m[: phase.first - begin][-2 * length :]),
    ):
        if len(window) >= length and np.count_nonzero(window > settings.apart_m) >= max(
            length, 0.7 * len(window)
        ):
            cuts |= {(piece, step) for piece in (phase.a, phase.b) if _lives_around(samples, piece, step)}
    return cuts


def _coexist(samples: TrackletSamples, one: int, other: int) -> bool:
    begin = max(samples.first_step[one], samples.first_step[other])
    length = np.diff(samples.offset[[one, one + 1]])[0], np.diff(samples.offset[[other, other + 1]])[0]
    end = min(samples.first_step[one] + length[0], samples.first_step[other] + length[1])
    return bool(end - begin >= 2)


def _lives_around(samples: TrackletSamples, piece: int, step: int) -> bool:
    first = int(samples.first_step[piece])
    last = first + int(samples.offset[piece + 1] - samples.offset[piece]) - 1
    return first + MARGIN_STEPS <= step <= last - MARGIN_STEPS


def _find_phases(
    samples: TrackletSamples,
    a: IntArray,
    b: IntArray,
    *,
    shift_m: tuple[float, float],
    settings: SwapSettings,
) -> tuple[list[_Phase], dict[tuple[int, int], tuple[int, FloatArray]]]:
    """Times in which pairs are each other's nearest; and first step and distances of every pair."""
    found = compare_tracklets(samples, a, b)
    x_m = _smooth(found.x_m - shift_m[0], found.pair)
    y_m = _smooth(found.y_m - shift_m[1], found.pair)
    away_m = np.hypot(x_m, y_m)
    is_near = away_m <= settings.together_m
    for piece in (a[found.pair], b[found.pair]):
        is_near &= away_m <= _find_least(piece, found.step, away_m) + 1e-9
    borders = np.searchsorted(found.pair, np.arange(len(a) + 1))
    phases = []
    distance = {}
    longest_hole, shortest = round(settings.hole_s / STEP_S), round(settings.together_s / STEP_S)
    for pair, (one, other) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        own = slice(borders[pair], borders[pair + 1])
        if own.start == own.stop:
            continue
        begin = int(found.step[own.start])
        distance[one, other] = (begin, away_m[own])
        near = np.flatnonzero(is_near[own])
        for run in np.split(near, np.flatnonzero(np.diff(near) > longest_hole + 1) + 1):
            if len(run) < shortest:
                continue
            phases.append(_Phase(one, other, begin + int(run[0]), begin + int(run[-1])))
    return phases, distance


def _smooth(values: FloatArray, pair: IntArray) -> FloatArray:
    """Mean of each value and its neighbours in time within the same pair."""
    total, count = values.copy(), np.ones(len(values))
    same = np.diff(pair) == 0
    total[1:][same] += values[:-1][same]
    total[:-1][same] += values[1:][same]
    count[1:] += same
    count[:-1] += same
    return total / count


def _find_least(piece: IntArray, step: IntArray, value: FloatArray) -> FloatArray:
    """The least value of each piece at each step, for every entry."""
    order = np.lexsort((value, step, piece))
    is_first = np.append(True, (np.diff(piece[order]) != 0) | (np.diff(step[order]) != 0))[: len(order)]
    least = np.empty(len(value))
    least[order] = value[order][is_first][np.cumsum(is_first) - 1]
    return least
