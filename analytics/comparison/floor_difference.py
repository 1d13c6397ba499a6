"""Significant differences between two periods in the time that people spend at each place of a floor.

Two days are never alike, so the division of people's time over the floor is compared, not their number.
The value of a place is S = 3600 * sum_b P_b / sum_b N_b, seconds per m² of each hour that somebody spends on
the floor, with P_b the person-seconds per m² of block b at the place and N_b those of the whole floor. Where
one place gains, the others together lose as much. It is a ratio over blocks, and its variance is that of
their residuals r_b = P_b - S N_b / 3600: var = B / (B - 1) * sum r_b² * (3600 / sum N_b)² (Cochran 1977,
Sampling Techniques, 6.3). The difference of two periods has Student's t with Satterthwaite's degrees of
freedom (1946, Biometrics Bulletin 2, 110), and the many places are judged together by Benjamini and Hochberg
(1995, J. R. Stat. Soc. B 57, 289).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import pandas as pd
from scipy import stats

from analytics.density.heatmap import smooth_cells
from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.metrics.coverage import CameraView, FloorGrid
from analytics.metrics.observation import unite_spans
from analytics.metrics.presence import PresenceRows

MIN_BLOCKS = 4
"""Minimum number of blocks on a side for estimating their spread."""
MIN_COVERAGE = 0.8
"""Minimum observed share of a place in both periods."""
MIN_OF_BLOCK = 2 / 3
"""Minimum observed share of a block relative to the longest one."""
BANDWIDTH_M = 1.0
"""Width of the kernel, twice that of a heatmap, as single places have few data."""
MIN_COUNTED = 5
"""Minimum visitors at a place for its stops and speed."""
SIGNIFICANCE = 0.05
HOUR_S = 3600.0
QUARTER_S = 900.0


class BlockUnit(StrEnum):
    """Blocks taken as independent."""

    DAY = "day"
    HOUR = "hour"
    QUARTER = "quarter"
    """Hours and quarters of an hour, for fewer than four days: they distinguish two periods, but not
    two kinds of days. A stay at a place is much shorter than either."""


@dataclass(frozen=True, slots=True)
class FloorRatio:
    """Ratio of two sums compared at each place, both named as in ``FloorBlocks.sums``.

    Attributes:
        below: None for the person-hours on the whole floor, so that the number of visitors cancels.
        counted: sum that must reach ``MIN_COUNTED`` at a place in both periods.
    """

    above: str
    below: str | None
    counted: str = "visitors"

    @property
    def sums(self) -> tuple[str, ...]:
        """Names of the sums needed."""
        return tuple(dict.fromkeys(n for n in (self.above, self.below, self.counted) if n is not None))


@dataclass(frozen=True, slots=True, eq=False)
class FloorBlocks:
    """A period in blocks; arrays of shape (blocks, rows, columns) or (blocks,).

    Attributes:
        presence: observed person-seconds by cell.
        observed_s: observed seconds of each cell.
        sums: other sums by cell, named as in ``FLOOR_HOUR_COLUMN_NAMES``.
        block_s: length of a block, seconds.
        day: number of the block's local day.
        duration_s: seconds in which any camera was analysed.
    """

    grid: FloorGrid
    presence: FloatArray
    observed_s: FloatArray
    block_s: float
    day: IntArray
    duration_s: FloatArray
    sums: Mapping[str, FloatArray] = field(default_factory=dict)

    def merge_days(self) -> FloorBlocks:
        """Return the same sums with one block for each day."""
        _, which = np.unique(self.day, return_inverse=True)
        days = int(which.max()) + 1 if len(which) else 0

        def add(values: FloatArray) -> FloatArray:
            sums = np.zeros((days, *values.shape[1:]))
            np.add.at(sums, which, values)
            return sums

        return FloorBlocks(
            self.grid,
            add(self.presence),
            add(self.observed_s),
            86_400.0,
            np.unique(self.day),
            add(self.duration_s),
            {name: add(values) for name, values in self.sums.items()},
        )


@dataclass(frozen=True, slots=True, eq=False)
class FloorDifference:
    """Difference B minus A; arrays of shape (rows, columns).

    Attributes:
        share_a, share_b: seconds per m² for each person-hour on the compared floor, or the other
            ratio compared; NaN where not compared.
        change: difference of the shares.
        is_real: whether the change is significant; False everywhere if ``unit`` is None.
        unit: blocks of the test; None if too few.
        blocks: number of blocks on each side.
        people_a, people_b: mean number of people on the compared floor.
    """

    grid: FloorGrid
    share_a: FloatArray
    share_b: FloatArray
    change: FloatArray
    is_real: BoolArray
    unit: BlockUnit | None
    blocks: tuple[int, int]
    people_a: float
    people_b: float


def tabulate_presence(rows: PresenceRows, grid: FloorGrid, *, start_s: float) -> pd.DataFrame:
    """Return person-seconds by block and cell, for ``make_floor_blocks``.

    Args:
        rows: cut where people are unseen for a second or two.
        start_s: offset added to their times.
    """
    cell = grid.find_cells(rows.x_m, rows.y_m)
    is_on = cell >= 0
    block = np.floor((rows.time_s[is_on] + start_s) / QUARTER_S)
    cells = grid.rows * grid.columns
    slots, at = np.unique(block.astype(np.int64) * cells + cell[is_on], return_inverse=True)
    return pd.DataFrame(
        {
            "hour_s": slots // cells * QUARTER_S,
            "cell": slots % cells,
            "person_seconds": np.bincount(at, weights=rows.seconds()[is_on], minlength=len(slots)),
        }
    )


def make_floor_blocks(
    *,
    hours: pd.DataFrame,
    grid: FloorGrid,
    views: Sequence[CameraView],
    spans: pd.DataFrame,
    period_s: tuple[float, float],
    block_s: float = HOUR_S,
    time_zone_offset_s: float = 0.0,
    sums: Collection[str] = (),
) -> FloorBlocks:
    """Arrange the observed hours of a period, or parts of hours, as blocks.

    Args:
        hours: ``hour_s`` (the start of a block), ``cell`` and ``person_seconds``, as in
            ``FLOOR_HOUR_COLUMN_NAMES``, on this grid; times on one clock with the rest.
        views: if empty, the whole floor counts as seen while any camera is analysed.
        time_zone_offset_s: from that clock to local time, which determines the days.
        sums: further columns.
    """
    first_s = np.floor(period_s[0] / block_s) * block_s
    edges = np.arange(first_s, period_s[1] + block_s, block_s)
    starts = edges[:-1]
    limits = np.clip(edges, *period_s)
    duration_s = _measure(unite_spans(spans), limits)
    is_block = duration_s >= MIN_OF_BLOCK * block_s
    if not is_block.any():
        is_block = duration_s > 0
    slot = np.full(len(starts), -1)
    slot[is_block] = np.arange(int(is_block.sum()))
    cells = grid.rows * grid.columns
    hour = np.round((hours["hour_s"].to_numpy(np.float64) - first_s) / block_s).astype(np.int64)
    block = np.where((hour >= 0) & (hour < len(starts)), slot[np.clip(hour, 0, len(starts) - 1)], -1)
    is_in = block >= 0
    place = block[is_in] * cells + hours["cell"].to_numpy(np.int64)[is_in]

    def add_up(column: str) -> FloatArray:
        values = hours[column].to_numpy(np.float64)[is_in]
        added = np.bincount(place, values, minlength=int(is_block.sum()) * cells)
        return added.astype(np.float64).reshape(-1, *grid.shape)

    observed_s = _observe(grid, views, spans, limits, duration_s)[is_block]
    return FloorBlocks(
        grid=grid,
        presence=add_up("person_seconds"),
        observed_s=observed_s,
        block_s=block_s,
        day=np.floor((starts[is_block] + time_zone_offset_s) / 86_400.0).astype(np.int64),
        duration_s=duration_s[is_block],
        sums={name: add_up(name) for name in sums},
    )


def compare_floor(
    a: FloorBlocks,
    b: FloorBlocks,
    *,
    area_m2: FloatArray,
    bandwidth_m: float = BANDWIDTH_M,
    ratio: FloorRatio | None = None,
) -> FloorDifference | None:
    """Compare the division of people's time over the floor; None without floor observed in both.

    Days are the blocks where both sides have four, or else the given blocks. Presence is smoothed and
    corrected for unobserved time as in a heatmap.

    Args:
        area_m2: floor area of each cell, shape (rows, columns).
        bandwidth_m: standard deviation of the kernel.
        ratio: another ratio to compare with the same estimator.
    """
    sides = [a, b]
    unit: BlockUnit | None = BlockUnit.HOUR if min(a.block_s, b.block_s) >= HOUR_S else BlockUnit.QUARTER
    if all(len(np.unique(side.day)) >= MIN_BLOCKS for side in sides):
        sides, unit = [side.merge_days() for side in sides], BlockUnit.DAY
    is_compared = area_m2 > 0
    for side in sides:
        is_compared &= side.observed_s.sum(axis=0) >= MIN_COVERAGE * side.duration_s.sum()
    if not is_compared.any() or any(not len(side.duration_s) for side in sides):
        return None
    sigma = bandwidth_m / a.grid.cell_m
    if ratio is not None and ratio.below is not None:
        for side in sides:
            is_compared &= side.sums[ratio.counted].sum(axis=0) >= MIN_COUNTED
    shares, variances, people = [], [], []
    for side in sides:
        share, variance, mean_people = _estimate_shares(side, area_m2, is_compared, sigma)
        if ratio is not None:
            share, variance = _estimate_ratio(side, ratio, area_m2, is_compared, sigma)
        shares.append(share)
        variances.append(variance)
        people.append(mean_people)
    counts = (len(sides[0].duration_s), len(sides[1].duration_s))
    change = np.where(is_compared, shares[1] - shares[0], np.nan)
    is_real = np.zeros(a.grid.shape, bool)
    if min(counts) < MIN_BLOCKS or min(people) <= 0:
        unit = None
    else:
        is_real = _judge(change, variances, counts)
    return FloorDifference(
        grid=a.grid,
        share_a=np.where(is_compared, shares[0], np.nan),
        share_b=np.where(is_compared, shares[1], np.nan),
        change=change,
        is_real=is_real,
        unit=unit,
        blocks=counts,
        people_a=people[0],
        people_b=people[1],
    )


def _estimate_ratio(
    side: FloorBlocks, ratio: FloorRatio, area_m2: FloatArray, is_compared: BoolArray, sigma_cells: float
) -> tuple[FloatArray, FloatArray]:
    """Return the ratio of each cell and its variance, from the residuals of blocks (see above)."""
    exposure = smooth_cells(side.observed_s * area_m2, sigma_cells)

    def smooth(values: FloatArray) -> FloatArray:
        with np.errstate(invalid="ignore", divide="ignore"):
            per_m2 = np.where(exposure > 0, smooth_cells(values, sigma_cells) / exposure, 0.0)
        return np.where(is_compared, per_m2 * side.duration_s[:, None, None], 0.0)

    above = smooth(side.sums[ratio.above])
    if ratio.below is None:
        # person-hours on the whole floor
        below = (smooth(side.presence) * area_m2).sum(axis=(1, 2))[:, None, None] / HOUR_S
    else:
        below = smooth(side.sums[ratio.below])
    total, blocks = below.sum(axis=0), len(side.duration_s)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(total > 0, above.sum(axis=0) / total, np.nan)
        residual = above - value * below
        variance = (residual**2).sum(axis=0) / total**2 * (blocks / max(blocks - 1, 1))
    return np.asarray(value, np.float64), np.asarray(np.where(total > 0, variance, np.nan), np.float64)


def _estimate_shares(
    side: FloorBlocks, area_m2: FloatArray, is_compared: BoolArray, sigma_cells: float
) -> tuple[FloatArray, FloatArray, float]:
    """Return the share of each cell, its variance, and the mean number of people."""
    exposure = smooth_cells(side.observed_s * area_m2, sigma_cells)
    smoothed = smooth_cells(side.presence, sigma_cells)
    with np.errstate(invalid="ignore", divide="ignore"):
        per_m2 = np.where(exposure > 0, smoothed / exposure, 0.0) * side.duration_s[:, None, None]
    per_m2 = np.where(is_compared, per_m2, 0.0)
    total_at_risk = (per_m2 * area_m2).sum(axis=(1, 2))
    total = float(total_at_risk.sum())
    blocks = len(total_at_risk)
    if total <= 0:
        return np.zeros(area_m2.shape), np.full(area_m2.shape, np.nan), 0.0
    share = per_m2.sum(axis=0) / total
    residual = per_m2 - share * total_at_risk[:, None, None]
    variance = (residual**2).sum(axis=0) / total**2 * (blocks / max(blocks - 1, 1))
    return (
        np.asarray(share * HOUR_S, np.float64),
        np.asarray(variance * HOUR_S**2, np.float64),
        total / float(side.duration_s.sum()),
    )


def _judge(change: FloatArray, variances: Sequence[FloatArray], counts: tuple[int, int]) -> BoolArray:
    """Return where the change is significant, judging all places together."""
    variance = variances[0] + variances[1]
    is_tested = np.isfinite(change) & (variance > 0)
    is_real = np.zeros(change.shape, bool)
    if not is_tested.any():
        return is_real
    parts = [v[is_tested] for v in variances]
    freedom = variance[is_tested] ** 2 / sum(
        part**2 / (count - 1) for part, count in zip(parts, counts, strict=True)
    )
    p_values = 2 * stats.t.sf(np.abs(change[is_tested]) / np.sqrt(variance[is_tested]), freedom)
    is_real[is_tested] = stats.false_discovery_control(p_values, method="bh") <= SIGNIFICANCE
    return is_real


def _observe(
    grid: FloorGrid,
    views: Sequence[CameraView],
    spans: pd.DataFrame,
    limits: FloatArray,
    duration_s: FloatArray,
) -> FloatArray:
    """Return the observed seconds of each cell in each hour, shape (hours, rows, columns)."""
    if not views:
        return np.broadcast_to(duration_s[:, None, None], (len(duration_s), *grid.shape)).copy()
    centres = grid.centres()
    sees = np.array([view.sees(centres) for view in views])
    combinations, which = np.unique(sees, axis=1, return_inverse=True)
    names = [str(view.camera) for view in views]
    seconds = np.zeros((combinations.shape[1], len(duration_s)))
    for index, column in enumerate(combinations.T):
        cameras = {name for name, is_seen in zip(names, column, strict=True) if is_seen}
        if cameras:
            seconds[index] = _measure(unite_spans(spans, cameras=cameras), limits)
    return np.asarray(seconds[which.ravel()].T.reshape(len(duration_s), *grid.shape), np.float64)


def _measure(intervals: FloatArray, limits: FloatArray) -> FloatArray:
    """Return the seconds of disjoint ordered intervals between successive limits."""
    if not len(intervals):
        return np.zeros(len(limits) - 1)
    lengths = np.diff(intervals, axis=1)[:, 0]
    knots = intervals.ravel()
    until = np.column_stack([np.cumsum(lengths) - lengths, np.cumsum(lengths)]).ravel()
    return np.diff(np.interp(limits, knots, until))
