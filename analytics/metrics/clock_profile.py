"""Visits, mean dwell time and people present by hour of the day and by weekday."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.arrays import FloatArray, IntArray
from analytics.metrics.block_ratio import BlockSettings, PeriodBlocks, find_t_quantile

HOURS, WEEKDAYS = 24, 7
_S_PER_H = 3600.0
_QUARTER_S = 900.0


@dataclass(frozen=True, slots=True, eq=False)
class ClockTimes:
    """Hour and weekday of moments in the venue's time.

    Attributes:
        hour: shape (moments,), 0 to 23.
        weekday: shape (moments,), 0 for Monday.
    """

    hour: IntArray
    weekday: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class ClockFigures:
    """One value for each hour, weekday or both; NaN where unobserved or unknown.

    Attributes:
        value, low, high: shape (cells,); the limits are those of a 95 % interval.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ClockProfile:
    """Figures by hour, weekday or both.

    Attributes:
        observed_s: observed seconds, shape (cells,).
        visits: visits that began, shape (cells,).
        mean_dwell_s: mean dwell time of these visits.
        visits_per_h: visits that began, per observed hour.
        people: time-weighted people present.
    """

    observed_s: FloatArray
    visits: IntArray
    mean_dwell_s: ClockFigures
    visits_per_h: ClockFigures
    people: ClockFigures


@dataclass(frozen=True, slots=True, eq=False)
class ZoneBlocks:
    """One zone's sums in each block, shape (blocks,).

    Attributes:
        dwell_s: seconds of the visits that began.
        entries: visits that began.
        person_seconds: of the people inside the outline, in the observed time.
        observed_s: observed seconds.
    """

    dwell_s: FloatArray
    entries: FloatArray
    person_seconds: FloatArray
    observed_s: FloatArray


def read_clock(moments_s: FloatArray, time_zone: tzinfo) -> ClockTimes:
    """Return the hour and the weekday of moments in seconds since the epoch.

    No clock has changed within a quarter of an hour since 1972, so that each quarter is looked up once.
    """
    quarters, which = np.unique(np.floor(moments_s / _QUARTER_S), return_inverse=True)
    shown = [datetime.fromtimestamp(float(quarter) * _QUARTER_S, time_zone) for quarter in quarters]
    hours = np.array([moment.hour for moment in shown], np.int64)
    weekdays = np.array([moment.weekday() for moment in shown], np.int64)
    return ClockTimes(hours[which], weekdays[which])


def sum_in_blocks(*, blocks: PeriodBlocks, visits: pd.DataFrame, minutes: pd.DataFrame) -> ZoneBlocks:
    """Return one zone's sums in blocks.

    Args:
        visits: ``entered_s`` and ``seconds``.
        minutes: ``start_s``, ``person_seconds`` and ``observed_s`` of the same zone; shorter than blocks.
    """
    entered_s, seconds = (visits[name].to_numpy(np.float64) for name in ("entered_s", "seconds"))
    at_s = minutes["start_s"].to_numpy(np.float64)
    return ZoneBlocks(
        dwell_s=blocks.count(entered_s, seconds),
        entries=blocks.count(entered_s),
        person_seconds=blocks.count(at_s, minutes["person_seconds"].to_numpy(np.float64)),
        observed_s=blocks.count(at_s, minutes["observed_s"].to_numpy(np.float64)),
    )


def add_zones(parts: list[ZoneBlocks], *, whole: ZoneBlocks) -> ZoneBlocks:
    """Return the visits of several zones together, with the people and the observed time of ``whole``."""

    def add(choose: Callable[[ZoneBlocks], FloatArray]) -> FloatArray:
        return np.sum([choose(part) for part in parts], axis=0) if parts else np.zeros_like(whole.entries)

    return ZoneBlocks(
        dwell_s=add(lambda part: part.dwell_s),
        entries=add(lambda part: part.entries),
        person_seconds=whole.person_seconds,
        observed_s=whole.observed_s,
    )


def profile_cells(
    *, sums: ZoneBlocks, cell: IntArray, cells: int, minimum_stay_s: float, settings: BlockSettings
) -> ClockProfile:
    """Return the figures of each cell of a clock, with intervals from the blocks that lie in it.

    A visit counts in the cell in which it began, with all its seconds, so that both add up.

    Args:
        cell: shape (blocks,), 0 to ``cells`` - 1, such as the hour.
    """
    observed_s = np.bincount(cell, sums.observed_s, cells).astype(np.float64)
    is_known = sums.observed_s >= settings.least_observed * settings.block_s

    def divide(above: FloatArray, below: FloatArray, low: float) -> ClockFigures:
        figures = _divide(above, below, cell, cells, is_known | (below > 0), settings, low)
        unseen = observed_s <= 0
        return ClockFigures(*(np.where(unseen, np.nan, part) for part in figures))

    return ClockProfile(
        observed_s=observed_s,
        visits=np.bincount(cell, sums.entries, cells).round().astype(np.int64),
        mean_dwell_s=divide(sums.dwell_s, sums.entries, minimum_stay_s),
        visits_per_h=divide(sums.entries, sums.observed_s / _S_PER_H, 0.0),
        people=divide(sums.person_seconds, sums.observed_s, 0.0),
    )


def _divide(  # noqa: PLR0917 - the formula's terms
    above: FloatArray,
    below: FloatArray,
    cell: IntArray,
    cells: int,
    is_used: npt.NDArray[np.bool_],
    settings: BlockSettings,
    low: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the ratios of ``PeriodBlocks.divide`` for every cell at once: value, low, high."""
    total = np.bincount(cell, below, cells)
    ratio = np.divide(np.bincount(cell, above, cells), total, out=np.full(cells, np.nan), where=total > 0)
    residual = np.where(is_used, above - np.nan_to_num(ratio)[cell] * below, 0.0)
    blocks = np.bincount(cell[is_used], minlength=cells).astype(np.float64)
    is_enough = (blocks >= settings.minimum_blocks) & (total > 0)
    spread = np.full(cells, np.nan)
    count = blocks[is_enough]
    squares = np.bincount(cell, residual**2, cells)[is_enough]
    quantile = np.array([find_t_quantile(settings.confidence, int(blocks)) for blocks in count - 1])
    spread[is_enough] = quantile * np.sqrt(count / (count - 1) * squares) / total[is_enough]
    return ratio, np.maximum(low, ratio - spread), ratio + spread
