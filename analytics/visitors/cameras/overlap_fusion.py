"""Decides which tracklets of several cameras are one person seen at the same time.

Two simultaneous tracklets are weighed by the log ratio of two explanations of their difference on the floor:
one person, so that only position errors and the calibrations' disagreement remain; or two people, one of whom
is somewhere near and walks or stands independently, perhaps along with the other. The disagreement of two
cameras is learned from the surest pairs. If both tracklets are alone, this counts for one person, the more
the longer: each of two people would be missed by one of the cameras all the time. ``overlap_grouping`` forms
persons from the pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.metrics.coverage import CameraView
from analytics.visitors.cameras.overlap_grouping import OverlapGroups, PairEvidence, group_pairs
from analytics.visitors.cameras.sight_lines import SightLines, compute_log_along, compute_log_density
from analytics.visitors.tracklet_pairs import (
    STEP_S,
    TrackletPairs,
    TrackletSamples,
    find_pairs,
    measure_crowding,
    sample_tracklets,
)
from analytics.visitors.tracklet_rows import TrackletRows
from analytics.visitors.visitor_settings import OVERLAP, SCALES

EVERY_STEPS = 2
"""Tracklets near each other are found, and partners chosen, once per second."""


def find_chosen(samples: TrackletSamples, *, a: IntArray, b: IntArray, evidence: FloatArray) -> BoolArray:
    """Return which pairs of pieces are partners for most of their common time, shape (pairs,).

    Args:
        a, b: of two cameras, shape (pairs,).
        evidence: log ratio of one person to two; pairs without a value above 0 are never partners.
    """
    pair, step = _list_moments(samples, a, b, np.flatnonzero(evidence > 0))
    if not len(pair):
        return np.zeros(len(a), bool)
    pieces = len(samples.first_step)
    code = np.append(step * pieces + a[pair], step * pieces + b[pair])
    _, node = np.unique(code, return_inverse=True)
    one, other = node[: len(pair)], node[len(pair) :]
    graph = coo_array((np.ones(len(pair)), (one, other)), shape=(int(node.max()) + 1,) * 2)
    _, component = connected_components(graph, directed=False)
    order = np.lexsort((pair, component[one]))
    pair, component = pair[order], component[one][order]
    borders = np.flatnonzero(np.append(True, np.diff(component) != 0))
    sizes = np.diff(np.append(borders, len(pair)))
    won = np.bincount(pair[borders[sizes == 1]], minlength=len(a))
    known: dict[bytes, IntArray] = {}
    contested = np.flatnonzero(sizes > 1)
    for begin, size in zip(borders[contested].tolist(), sizes[contested].tolist(), strict=True):
        rivals = pair[begin : begin + size]
        winners = known.get(key := rivals.tobytes())
        if winners is None:
            winners = known[key] = _choose(rivals, a[rivals], b[rivals], evidence[rivals])
        won[winners] += 1
    return np.asarray((won > 0) & (won >= SCALES.majority * np.bincount(pair, minlength=len(a))), np.bool_)


def _list_moments(
    samples: TrackletSamples, a: IntArray, b: IntArray, chosen: IntArray
) -> tuple[IntArray, IntArray]:
    """Return the moments at which both pieces of each chosen pair exist: pair and index of the moment."""
    length = np.diff(samples.offset)
    a, b = a[chosen], b[chosen]
    begin = np.maximum(samples.first_step[a], samples.first_step[b])
    end = np.minimum(samples.first_step[a] + length[a], samples.first_step[b] + length[b])
    first = -(-begin // EVERY_STEPS)
    count = np.maximum((end - 1) // EVERY_STEPS + 1 - first, 0)
    place = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(chosen, count), place + np.repeat(first, count)


def _choose(rivals: IntArray, a: IntArray, b: IntArray, evidence: FloatArray) -> IntArray:
    """Return the rivals of the best assignment."""
    _, row = np.unique(a, return_inverse=True)
    _, column = np.unique(b, return_inverse=True)
    gains = np.zeros((int(row.max()) + 1, int(column.max()) + 1))
    gains[row, column] = evidence
    chosen = np.zeros(gains.shape, bool)
    chosen[linear_sum_assignment(gains, maximize=True)] = True
    return rivals[chosen[row, column]]


BESIDE_SHARE = 0.1
"""Share of the people near someone who stand beside them and keep their place as exactly as one person
would, so that two tracklets without relative movement are little evidence; their position is."""
DISPLACED_M = 0.5
"""Offset of a whole tracklet whose feet a camera does not see for long, as frequent as outlying single
positions. In training scenes with two cameras 4.5 % of the people are counted twice with it, and 6.2 %
without."""


def fuse_overlaps(rows: TrackletRows, *, views: Sequence[CameraView] = ()) -> OverlapGroups:
    """Group pieces of several cameras that are seen at the same time and place.

    Args:
        views: fields of view of known cameras.
    """
    samples = sample_tracklets(rows)
    found: list[PairEvidence] = []
    disagreement_m: dict[tuple[int, int], tuple[float, float]] = {}
    for one in range(len(rows.camera_names)):
        for other in range(one + 1, len(rows.camera_names)):
            pairs, log_ratio, shift = compare_cameras(samples, rows, (one, other), views=views)
            if len(log_ratio):
                disagreement_m[one, other] = shift
                log_ratio += _weigh_alone(pairs, shift)
                is_chosen = find_chosen(samples, a=pairs.a, b=pairs.b, evidence=log_ratio)
                found.append(PairEvidence(pairs, log_ratio, ~is_chosen))
    return replace(group_pairs(rows, found), disagreement_m=disagreement_m)


def align_cameras(*, disagreement_m: dict[tuple[int, int], tuple[float, float]], cameras: int) -> FloatArray:
    """Return the correction of each camera's positions that makes them agree, shape (cameras, 2), metres.

    As no camera is known to be right, the sum of squares of the corrections is minimal.
    """
    equations = np.zeros((len(disagreement_m), cameras))
    wanted = np.zeros((len(disagreement_m), 2))
    for row, ((one, other), shift_m) in enumerate(sorted(disagreement_m.items())):
        equations[row, one], equations[row, other] = 1.0, -1.0
        wanted[row] = shift_m
    if not len(wanted):
        return np.zeros((cameras, 2))
    return np.asarray(np.linalg.lstsq(equations, wanted, rcond=None)[0], np.float64)


def compute_log_overlap(
    pairs: TrackletPairs, *, shift_m: tuple[float, float], shift_sigma_m: float, crowding_per_m2: float
) -> FloatArray:
    """Return the log ratio of one person to two, for pairs of different cameras, shape (pairs,)."""
    lasted_s = pairs.samples * STEP_S
    independent = np.clip(1 + lasted_s / SCALES.lasting_s, 1.0, OVERLAP.most_independent)
    independent = np.minimum(independent, np.maximum(pairs.samples, 1))
    mean_var = pairs.variance / independent + shift_sigma_m**2
    off_m = pairs.middle_x_m - shift_m[0], pairs.middle_y_m - shift_m[1]
    stray = SCALES.outlying_share
    freedom = independent - 1
    # a tracklet with a constant offset varies as much as someone who walks along
    one = np.logaddexp(
        np.log(1 - stray)
        + compute_log_density(off_m[0] ** 2 + off_m[1] ** 2, mean_var)
        + freedom * pairs.log_one,
        np.log(stray)
        + _log_displaced(off_m, mean_var, pairs)
        + freedom * np.maximum(pairs.log_one, pairs.log_company),
    ) - np.log(crowding_per_m2)
    two = np.logaddexp.reduce(
        [
            np.log(BESIDE_SHARE) + freedom * pairs.log_one,
            np.log(OVERLAP.company_share) + freedom * pairs.log_company,
            np.log(1 - OVERLAP.company_share - BESIDE_SHARE) + freedom * pairs.log_stranger,
        ]
    )
    return np.asarray(one - two, np.float64)


def _log_displaced(
    off_m: tuple[FloatArray, FloatArray], variance: FloatArray, pairs: TrackletPairs
) -> FloatArray:
    """Return the log density of differences of pairs whose feet one camera does not see for long."""
    lines = pairs.line_a, pairs.line_b
    if not any(line.any() for line in lines):
        return compute_log_density(off_m[0] ** 2 + off_m[1] ** 2, variance + DISPLACED_M**2)
    by_camera = [
        compute_log_along(*off_m, line=line, variance=variance + OVERLAP.error_m**2, along_m=SCALES.place_m)
        for line in lines
    ]
    return np.asarray(np.logaddexp(*by_camera) - np.log(2), np.float64)


def compare_cameras(
    samples: TrackletSamples,
    rows: TrackletRows,
    cameras: tuple[int, int],
    *,
    views: Sequence[CameraView] = (),
) -> tuple[TrackletPairs, FloatArray, tuple[float, float]]:
    """Return pairs of pieces of two cameras, their log ratios of one person to two, and the disagreement.

    The disagreement is (x, y) of the second camera's positions minus the first's, metres.
    """
    members = rows.camera == cameras[0], rows.camera == cameras[1]
    pairs = find_pairs(
        samples,
        members_a=members[0],
        members_b=members[1],
        reach_m=OVERLAP.reach_m,
        every_steps=EVERY_STEPS,
        sight=SightLines.of(rows, views),
    )
    shift_m, shift_sigma_m = (0.0, 0.0), OVERLAP.first_shift_sigma_m
    if not len(pairs.a):
        return pairs, np.empty(0), shift_m
    crowding = max(
        OVERLAP.min_crowding_per_m2,
        *(measure_crowding(samples, members=part, reach_m=OVERLAP.reach_m) for part in members),
    )
    for _ in range(3):
        log_ratio = compute_log_overlap(
            pairs, shift_m=shift_m, shift_sigma_m=shift_sigma_m, crowding_per_m2=crowding
        )
        sure = _find_sure(pairs, log_ratio)
        if len(sure) < SCALES.fewest:
            break
        x, y = pairs.middle_x_m[sure], pairs.middle_y_m[sure]
        shift_m = float(np.median(x)), float(np.median(y))
        # 1.4826 times the median absolute deviation estimates the standard deviation, robust to outliers
        spread_m = 1.4826 * float(np.median(np.concatenate([abs(x - shift_m[0]), abs(y - shift_m[1])])))
        share = 1 / (1 + len(sure) / SCALES.fewest)
        shift_sigma_m = float(
            np.sqrt(
                share * OVERLAP.first_shift_sigma_m**2
                + (1 - share) * max(spread_m, OVERLAP.min_shift_sigma_m) ** 2
            )
        )
        shift_m = (1 - share) * shift_m[0], (1 - share) * shift_m[1]
    return pairs, log_ratio, shift_m


def _find_sure(pairs: TrackletPairs, log_ratio: FloatArray) -> IntArray:
    """Return pairs that are each other's best match, by far enough and for long enough."""
    count = int(max(pairs.a.max(), pairs.b.max())) + 1
    best = np.full(count, -np.inf)
    np.maximum.at(best, pairs.a, log_ratio)
    np.maximum.at(best, pairs.b, log_ratio)
    is_best = (log_ratio >= best[pairs.a]) & (log_ratio >= best[pairs.b])
    return np.flatnonzero(
        is_best & (log_ratio > SCALES.sure_log_ratio) & (pairs.samples * STEP_S >= SCALES.sure_s)
    )


def _weigh_alone(pairs: TrackletPairs, shift_m: tuple[float, float]) -> FloatArray:
    """Return the evidence for one person: each of two would be missed by one of the cameras all the time."""
    lasted_s = pairs.samples * STEP_S
    off_m = np.column_stack([pairs.middle_x_m - shift_m[0], pairs.middle_y_m - shift_m[1]])
    is_near = np.hypot(off_m[:, 0], off_m[:, 1]) <= OVERLAP.alone_m
    for line in (pairs.line_a, pairs.line_b):
        along_m = abs((off_m * line).sum(axis=1))
        across_m = abs(off_m[:, 0] * line[:, 1] - off_m[:, 1] * line[:, 0])
        is_near |= (
            (along_m <= SCALES.nearby_m) & (across_m <= OVERLAP.alone_across_m) & (line != 0).any(axis=1)
        )
    longer = OVERLAP.alone_per_s * np.minimum(lasted_s, OVERLAP.max_alone_s)
    return np.where(is_near & (lasted_s >= SCALES.sure_s), OVERLAP.alone_log_ratio + longer, 0.0)
