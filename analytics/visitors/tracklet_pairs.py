"""Pairs of tracklets that exist at the same time near each other, and their differences."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.visitors.cameras.sight_lines import SightLines, compute_log_along, compute_log_density
from analytics.visitors.tracklet_rows import TrackletRows
from analytics.visitors.visitor_settings import OVERLAP, SCALES

STEP_S = 0.5
"""Tracklets are compared at multiples of this time."""
CROWDING_STEPS = 20
"""Interval between measurements of crowding, in steps."""
MAX_LOOKS = 48
"""Maximum number of compared moments of a pair: more would add no evidence."""
MOMENT_APART_M = 1000.0
"""Distance between moments on the axis by which samples are sorted; beyond every reach."""
ROUNDING_M = 1e-6
"""Rounding error on the axis after weeks of moments."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackletSamples:
    """Positions of every piece at common moments, interpolated; ordered by piece and time.

    Near pairs are searched once for all cameras, and cached.

    Attributes:
        offset: first sample of every piece, shape (pieces + 1,).
        first_step: step of every piece's first sample, shape (pieces,).
    """

    piece: IntArray
    step: IntArray
    x_m: FloatArray
    y_m: FloatArray
    variance: FloatArray
    offset: IntArray
    first_step: IntArray
    _near: dict[tuple[float, int], tuple[IntArray, IntArray]] = field(default_factory=dict)
    _by_moment: dict[int, IntArray] = field(default_factory=dict)

    def find_near(self, reach_m: float, *, every_steps: int) -> tuple[IntArray, IntArray]:
        """Return the pieces of samples within reach of each other, each pair once per moment; read-only."""
        known = self._near.get((reach_m, every_steps))
        if known is None:
            one, other = self.find_near_samples(reach_m, every_steps=every_steps)
            known = self._near[reach_m, every_steps] = self.piece[one], self.piece[other]
        return known

    def piece_at_steps(self, every_steps: int) -> IntArray:
        """Return the piece of every sample at these steps, in any order; read-only."""
        return self.piece[self._at_steps(every_steps)]

    def find_around(
        self, steps: IntArray, x_m: FloatArray, y_m: FloatArray, *, reach_m: float
    ) -> tuple[IntArray, IntArray]:
        """Return samples within reach of places at some steps, and the place of each; ordered by place."""
        order = self._at_steps(1)
        axis_m = (self.step * MOMENT_APART_M + self.x_m)[order]
        low = np.searchsorted(axis_m, steps * MOMENT_APART_M + x_m - reach_m)
        high = np.searchsorted(axis_m, steps * MOMENT_APART_M + x_m + reach_m, side="right")
        query = np.repeat(np.arange(len(steps)), high - low)
        near = order[
            np.arange(len(query)) + np.repeat(low - (np.cumsum(high - low) - (high - low)), high - low)
        ]
        away_m = np.hypot(self.x_m[near] - x_m[query], self.y_m[near] - y_m[query])
        is_near = (away_m <= reach_m) & (self.step[near] == steps[query])
        return near[is_near], query[is_near]

    def _at_steps(self, every_steps: int) -> IntArray:
        """Return the samples sorted on an axis on which those of a moment are consecutive, along x."""
        known = self._by_moment.get(every_steps)
        if known is None and every_steps == 1:
            known = np.argsort(self.step * MOMENT_APART_M + self.x_m).astype(np.int64, copy=False)
        elif known is None:
            order = self._at_steps(1)
            known = order[self.step[order] % every_steps == 0]
        return self._by_moment.setdefault(every_steps, known)

    def find_near_samples(self, reach_m: float, *, every_steps: int) -> tuple[IntArray, IntArray]:
        """Return the samples within reach of each other, each pair once."""
        order = self._at_steps(every_steps)
        step = self.step[order]
        x_m, y_m = self.x_m[order], self.y_m[order]
        axis_m = step * MOMENT_APART_M + x_m
        first, second = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        one = np.arange(len(order))
        # with the next on the axis, then the one after it, …, while within reach
        for ahead in range(1, len(order)):
            one = one[: np.searchsorted(one, len(order) - ahead)]
            one = one[axis_m[one + ahead] - axis_m[one] <= reach_m + ROUNDING_M]
            if not len(one):
                break
            other = one + ahead
            is_near = (x_m[other] - x_m[one]) ** 2 + (y_m[other] - y_m[one]) ** 2 <= reach_m**2
            is_near &= step[other] == step[one]
            first.append(order[one[is_near]])
            second.append(order[other[is_near]])
        return np.concatenate(first), np.concatenate(second)


@dataclass(frozen=True, slots=True, eq=False)
class TrackletPairs:
    """Pairs a, b of pieces and their difference b - a while both exist, shape (pairs,) each.

    Attributes:
        samples: number of moments at which both exist.
        middle_x_m, middle_y_m: median difference.
        variance: mean variance of one axis of the difference, by the position errors.
        log_one, log_company, log_stranger: mean log density of a difference about its median for one person,
            for two who walk together, and for two independent people.
        line_a, line_b: unit vectors on the floor away from the camera of either, shape (pairs, 2); 0 if
            unknown.
    """

    a: IntArray
    b: IntArray
    samples: IntArray
    middle_x_m: FloatArray
    middle_y_m: FloatArray
    variance: FloatArray
    log_one: FloatArray
    log_company: FloatArray
    log_stranger: FloatArray
    line_a: FloatArray
    line_b: FloatArray

    def take(self, index: IntArray) -> TrackletPairs:
        """Return some of the pairs."""
        return TrackletPairs(*(getattr(self, name)[index] for name in self.__slots__))


def sample_tracklets(rows: TrackletRows, *, origin_s: float | None = None) -> TrackletSamples:
    """Return positions at multiples of ``STEP_S`` within each piece; a shorter piece may have none.

    Args:
        origin_s: origin of the steps; None: the first row.
    """
    if origin_s is None:
        origin_s = float(rows.time_s.min()) if len(rows.time_s) else 0.0
    place = (rows.time_s - origin_s) / STEP_S
    is_last = np.zeros(len(place), bool)
    is_last[rows.ends - 1] = True
    low = np.ceil(place).astype(np.int64)
    high = np.append(np.ceil(place[1:]), 0.0).astype(np.int64)
    # a piece's last row stands only for its own moment
    high[is_last] = np.floor(place[is_last]).astype(np.int64) + 1
    count = np.maximum(high - low, 0)
    base = np.repeat(np.arange(len(place)), count)
    behind = np.cumsum(count)
    step = np.arange(len(base)) + np.repeat(low - (behind - count), count)
    following = np.minimum(np.arange(1, len(place) + 1), len(place) - 1)
    span = place[following] - place
    # a row without a later one of its piece stands alone
    span[is_last | (span <= 0)] = np.inf
    share = (step - place[base]) / span[base]
    offset = np.append(0, behind)[np.append(rows.starts, len(place))]
    piece = np.repeat(np.arange(len(rows)), np.diff(offset))
    first_step = np.zeros(len(rows), np.int64)
    has_samples = np.flatnonzero(np.diff(offset) > 0)
    first_step[has_samples] = step[offset[has_samples]]
    columns = [
        values[base] + share * (values[following] - values)[base]
        for values in (rows.x_m, rows.y_m, rows.sigma_m)
    ]
    return TrackletSamples(
        piece=piece,
        step=step,
        x_m=columns[0],
        y_m=columns[1],
        variance=columns[2] ** 2,
        offset=offset.astype(np.int64),
        first_step=first_step,
    )


def find_pairs(
    samples: TrackletSamples,
    *,
    members_a: BoolArray,
    members_b: BoolArray,
    reach_m: float,
    every_steps: int = 1,
    sight: SightLines | None = None,
) -> TrackletPairs:
    """Return pairs of a piece in ``members_a`` with another in ``members_b`` that are ever within reach.

    Two pieces that are each in both are returned in both orders.

    Args:
        members_a, members_b: shape (pieces,).
        every_steps: search interval in steps.
        sight: lines of sight to the pieces; None without known cameras.
    """
    one, other = samples.find_near(reach_m, every_steps=every_steps)
    forth, back = members_a[one] & members_b[other], members_a[other] & members_b[one]
    count = len(samples.first_step)
    code = np.unique(np.append(one[forth] * count + other[forth], other[back] * count + one[back]))
    return _measure(samples, code // count, code % count, sight=sight)


def measure_crowding(samples: TrackletSamples, *, members: BoolArray, reach_m: float) -> float:
    """Return the mean number per m² of others within reach of a person."""
    people = int(np.count_nonzero(members[samples.piece_at_steps(CROWDING_STEPS)]))
    if not people:
        return 0.0
    one, other = samples.find_near(reach_m, every_steps=CROWDING_STEPS)
    pairs = 2 * int(np.count_nonzero(members[one] & members[other]))
    return pairs / people / (np.pi * reach_m**2)


@dataclass(frozen=True, slots=True, eq=False)
class PairDifferences:
    """Difference b - a of pairs at every moment at which both exist, by pair and time.

    Attributes:
        pair: index of the pair in the compared lists.
        variance: of one axis, by the position errors.
        place_x_m, place_y_m: the middle between both.
    """

    pair: IntArray
    step: IntArray
    x_m: FloatArray
    y_m: FloatArray
    variance: FloatArray
    place_x_m: FloatArray
    place_y_m: FloatArray


def compare_tracklets(
    samples: TrackletSamples, a: IntArray, b: IntArray, *, most: int | None = None
) -> PairDifferences:
    """Return differences of pairs of pieces at each moment, or at ``most`` evenly spaced moments."""
    begin = np.maximum(samples.first_step[a], samples.first_step[b])
    count = count_common_moments(samples, a, b)
    stride = np.ones(len(a), np.int64) if most is None else np.maximum(-(-count // most), 1)
    count = -(-count // stride)
    pair = np.repeat(np.arange(len(a)), count)
    place = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
    step = begin[pair] + stride[pair] * place
    at_a = samples.offset[a[pair]] + step - samples.first_step[a[pair]]
    at_b = samples.offset[b[pair]] + step - samples.first_step[b[pair]]
    return PairDifferences(
        pair=pair,
        step=step,
        x_m=samples.x_m[at_b] - samples.x_m[at_a],
        y_m=samples.y_m[at_b] - samples.y_m[at_a],
        variance=samples.variance[at_a] + samples.variance[at_b],
        place_x_m=(samples.x_m[at_a] + samples.x_m[at_b]) / 2,
        place_y_m=(samples.y_m[at_a] + samples.y_m[at_b]) / 2,
    )


def count_common_moments(samples: TrackletSamples, a: IntArray, b: IntArray) -> IntArray:
    """Return the number of moments at which both pieces of each pair exist."""
    length = np.diff(samples.offset)
    begin = np.maximum(samples.first_step[a], samples.first_step[b])
    end = np.minimum(samples.first_step[a] + length[a], samples.first_step[b] + length[b])
    return np.asarray(np.maximum(end - begin, 0), np.int64)


def _measure(
    samples: TrackletSamples, a: IntArray, b: IntArray, *, sight: SightLines | None
) -> TrackletPairs:
    found = compare_tracklets(samples, a, b, most=MAX_LOOKS)
    count = np.bincount(found.pair, minlength=len(a))

    def average(values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(found.pair, values, len(a)) / np.maximum(count, 1), np.float64)

    middle_x, middle_y = (_find_medians(found.pair, off, count) for off in (found.x_m, found.y_m))
    off_m = found.x_m - middle_x[found.pair], found.y_m - middle_y[found.pair]
    square = off_m[0] ** 2 + off_m[1] ** 2
    variance = average(found.variance) + OVERLAP.error_m**2
    noise = variance[found.pair]
    stray = SCALES.outlying_share
    lines = np.zeros((2, len(a), 2))
    if sight is not None:
        place_m = average(found.place_x_m), average(found.place_y_m)
        lines = np.stack([sight.find(piece, *place_m) for piece in (a, b)])
    log_one = np.logaddexp(
        np.log(1 - stray) + compute_log_density(square, noise),
        np.log(stray) + _log_stray(off_m, noise, lines[:, found.pair]),
    )
    return TrackletPairs(
        a=a,
        b=b,
        samples=count_common_moments(samples, a, b),
        middle_x_m=middle_x,
        middle_y_m=middle_y,
        variance=variance,
        log_one=average(log_one),
        log_company=average(compute_log_density(square, noise + OVERLAP.company_m**2)),
        log_stranger=average(compute_log_density(square, noise + SCALES.apart_m**2)),
        line_a=lines[0],
        line_b=lines[1],
    )


def _log_stray(off_m: tuple[FloatArray, FloatArray], variance: FloatArray, lines: FloatArray) -> FloatArray:
    """Return the log density of the position of someone whose feet are hidden from one of two cameras."""
    if not lines.any():
        return compute_log_density(off_m[0] ** 2 + off_m[1] ** 2, SCALES.apart_m**2)
    by_camera = [
        compute_log_along(*off_m, line=line, variance=variance, along_m=SCALES.apart_m) for line in lines
    ]
    return np.asarray(np.logaddexp(*by_camera) - np.log(2), np.float64)


def _find_medians(pair: IntArray, values: FloatArray, count: IntArray) -> FloatArray:
    """Return the lower median of each pair's values; 0 without any."""
    ordered = values[np.lexsort((values, pair))]
    begin = np.cumsum(count) - count
    medians = np.zeros(len(count))
    some = np.flatnonzero(count)
    medians[some] = ordered[begin[some] + (count[some] - 1) // 2]
    return medians
