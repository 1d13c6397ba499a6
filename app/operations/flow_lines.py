"""The flow through each counting line: means, the peak minute, bars over time, and turns behind entrances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.zone import CountingLine, ZoneKind
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.first_turns import Turn, share_turns
from analytics.metrics.line_flow import estimate_line_flow, measure_width, share_line_counts
from analytics.metrics.observation import clip_intervals
from analytics.metrics.occupancy import LEAST_OBSERVED
from app.operations.flow_figures import FlowBar, LineFigures, Period, RightTurns, Share

if TYPE_CHECKING:
    from analytics.rollups.period_facts import PeriodFacts

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MINUTE_S = 60.0
HOUR_S = 3600.0
DAY_S = 86_400.0
STEPS_S = (60.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
MOST_BARS = 36


def describe_lines(
    facts: PeriodFacts, *, blocks: PeriodBlocks, period: Period, time_zone: str
) -> tuple[tuple[LineFigures, ...], bool]:
    """Every counting line, and whether its bars are hours of the day: where several days were observed.

    Args:
        blocks: of the whole period.
        time_zone: of the venue.
    """
    observed = clip_intervals(facts.observed, start_s=period[0], end_s=period[1])
    if not len(observed):
        return (), False
    # whole minutes of the clock, so that the same minute is the peak in every period that contains it
    span = (
        MINUTE_S * np.floor(observed[0, 0] / MINUTE_S),
        MINUTE_S * np.ceil(observed[-1, 1] / MINUTE_S),
    )
    slot_s, is_by_hour = _choose_slots(observed, span, time_zone)
    lines = tuple(
        _describe_line(facts, line, observed=observed, period=period, span=span, blocks=blocks, slot_s=slot_s)
        for line in facts.geometry.lines
    )
    return lines, is_by_hour


def _choose_slots(observed: FloatArray, span: Period, time_zone: str) -> tuple[FloatArray, bool]:
    """The start of the bar that each minute of ``span`` belongs to, shape (minutes,)."""
    starts_s = np.arange(span[0], span[1], MINUTE_S)
    local = pd.to_datetime(starts_s, unit="s", utc=True).tz_convert(time_zone)
    first, last = pd.to_datetime([observed[0, 0], observed[-1, 1] - 1.0], unit="s", utc=True).tz_convert(
        time_zone
    )
    if first.date() != last.date():
        return HOUR_S * local.hour.to_numpy(np.float64), True
    step_s = next((step for step in STEPS_S if (span[1] - span[0]) / step <= MOST_BARS), STEPS_S[-1])
    return step_s * np.floor(starts_s / step_s), False


def _describe_line(
    facts: PeriodFacts,
    line: CountingLine,
    *,
    observed: FloatArray,
    period: Period,
    span: Period,
    blocks: PeriodBlocks,
    slot_s: FloatArray,
) -> LineFigures:
    at_s, inward, outward = _read_sums(facts, "line_minutes", line, period, ("in", "out"))
    is_observed = len(at_s) > 0 or facts.is_line_observed(line)
    if not is_observed:
        observed = np.empty((0, 2))
    minutes = share_line_counts(
        at_s, inward, outward, line=line, observed=observed, period_s=span, step_s=MINUTE_S
    )
    mean = estimate_line_flow(
        count=blocks.count(at_s, inward + outward), line=line, observed=observed, blocks=blocks
    )
    per_minute = minutes["per_minute"].to_numpy(np.float64)
    has_peak = bool(np.isfinite(per_minute).any())
    peak = int(np.nanargmax(per_minute)) if has_peak else 0
    return LineFigures(
        name=str(line.name),
        width_m=measure_width(line),
        inward=int(minutes["in"].sum()) if is_observed else None,
        outward=int(minutes["out"].sum()) if is_observed else None,
        per_minute=Share(mean.per_minute.value, mean.per_minute.interval),
        per_minute_m=Share(mean.per_minute_m.value, mean.per_minute_m.interval),
        peak=float(per_minute[peak]) if has_peak else None,
        peak_at_s=float(minutes["start_s"].iloc[peak]) if has_peak else None,
        bars=_make_bars(minutes, slot_s),
        turns=_count_turns(facts, line, period, blocks),
    )


def _make_bars(minutes: pd.DataFrame, slot_s: FloatArray) -> tuple[FlowBar, ...]:
    starts_s = np.unique(slot_s)
    step_s = float(np.diff(starts_s).min()) if len(starts_s) > 1 else HOUR_S
    slot = np.searchsorted(starts_s, slot_s)
    inward, outward, observed_s = (
        np.bincount(slot, weights=minutes[name].to_numpy(np.float64), minlength=len(starts_s))
        for name in ("in", "out", "observed_s")
    )
    possible_s = MINUTE_S * np.bincount(slot, minlength=len(starts_s))
    enough = (observed_s >= LEAST_OBSERVED * np.minimum(possible_s, step_s)) & (observed_s > 0)
    return tuple(
        FlowBar(
            float(start_s),
            float(start_s) + step_s,
            60.0 * float(inward[index]) / float(observed_s[index]) if enough[index] else None,
            60.0 * float(outward[index]) / float(observed_s[index]) if enough[index] else None,
        )
        for index, start_s in enumerate(starts_s)
    )


def _count_turns(
    facts: PeriodFacts, line: CountingLine, period: Period, blocks: PeriodBlocks
) -> RightTurns | None:
    if line.kind is not ZoneKind.ENTRANCE:
        return None
    names = [turn.value for turn in Turn]
    at_s, *counts = _read_sums(facts, "line_turns", line, period, names)
    turns = share_turns(at_s, dict(zip(Turn, counts, strict=True)), blocks=blocks)
    share = turns.share_right
    return RightTurns(turns.right, turns.left, turns.straight, turns.lost, Share(share.value, share.interval))


def _read_sums(
    facts: PeriodFacts, table: str, line: CountingLine, period: Period, columns: Sequence[str]
) -> list[FloatArray]:
    """The steps of a line within a period, and what was counted in them, each of shape (steps,)."""
    rows = choose_since(facts, table, period)
    own = rows[rows["line"] == str(line.name)]
    return [own[name].to_numpy(np.float64) for name in ("start_s", *columns)]


def choose_since(facts: PeriodFacts, table: str, period: Period) -> pd.DataFrame:
    """The rows of sums that belong to a period which begins with the facts or with one of their stretches.

    Steps, and what is kept of a whole stretch, may begin before the facts do, although all of it is theirs.
    """
    rows = facts.tables[table]
    if period[0] <= facts.period_s[0]:
        return rows
    return rows[rows["start_s"].to_numpy(np.float64) >= period[0]]
