"""Flow figures of a period: moves, routes, passages and counting lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.zone import CountingLine, ZoneKind
from analytics.dwell.occupancy import MIN_OBSERVED
from analytics.flows.first_turns import FirstTurns, Turn, summarise_turns
from analytics.flows.line_flow import compute_line_flow, estimate_line_flow, measure_width
from analytics.flows.places import OUTSIDE
from analytics.flows.routes import (
    count_common_routes,
    count_origins_destinations,
    find_detours,
)
from analytics.flows.transitions import ANYWHERE, estimate_transition_shares
from analytics.flows.ways import Ways
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.observation import clip_intervals
from analytics.results.figure_columns import Row, list_rows
from analytics.rollups.clock_steps import STEP_S
from analytics.rollups.period_ways import WAY_TABLES, count_stretches_without_ways, read_ways
from analytics.rollups.zone_passages import sum_passages
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.history_extent import read_history_extent
from app.facts.period_facts import read_period_facts
from app.flows.flow_figures import (
    MIN_COUNT,
    FlowAnalysis,
    FlowBar,
    FlowFigures,
    LineFigures,
    ZonePassage,
)

if TYPE_CHECKING:
    from analytics.rollups.period_facts import PeriodFacts


MINUTE_S = 60.0
HOUR_S = 3600.0
DAY_S = 86_400.0
STEPS_S = (60.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
MAX_BARS = 36


def describe_lines(
    facts: PeriodFacts, *, blocks: PeriodBlocks, period: Interval, time_zone: str
) -> tuple[tuple[LineFigures, ...], bool]:
    """Describe every counting line; the flag says whether bars are hours of the day (several days).

    Args:
        blocks: the blocks of the whole period.
        time_zone: IANA name of the venue's time zone.
    """
    observed = clip_intervals(facts.observed, start_s=period[0], end_s=period[1])
    if not len(observed):
        return (), False
    # clock minutes make the peak independent of the period's start
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


def _choose_slots(observed: FloatArray, span: Interval, time_zone: str) -> tuple[FloatArray, bool]:
    """Return the start of the bar for each minute of ``span``, shape (minutes,)."""
    starts_s = np.arange(span[0], span[1], MINUTE_S)
    local = pd.to_datetime(starts_s, unit="s", utc=True).tz_convert(time_zone)
    first, last = pd.to_datetime([observed[0, 0], observed[-1, 1] - 1.0], unit="s", utc=True).tz_convert(
        time_zone
    )
    if first.date() != last.date():
        return HOUR_S * local.hour.to_numpy(np.float64), True
    step_s = next((step for step in STEPS_S if (span[1] - span[0]) / step <= MAX_BARS), STEPS_S[-1])
    return step_s * np.floor(starts_s / step_s), False


def _describe_line(
    facts: PeriodFacts,
    line: CountingLine,
    *,
    observed: FloatArray,
    period: Interval,
    span: Interval,
    blocks: PeriodBlocks,
    slot_s: FloatArray,
) -> LineFigures:
    at_s, inward, outward = _read_sums(facts, "line_minutes", line, period, ("in", "out"))
    is_observed = len(at_s) > 0 or facts.is_line_observed(line)
    if not is_observed:
        observed = np.empty((0, 2))
    minutes = compute_line_flow(
        at_s, inward, outward, line=line, observed=observed, period_s=span, step_s=MINUTE_S
    )
    flow = estimate_line_flow(
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
        flow=flow,
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
    enough = (observed_s >= MIN_OBSERVED * np.minimum(possible_s, step_s)) & (observed_s > 0)
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
    facts: PeriodFacts, line: CountingLine, period: Interval, blocks: PeriodBlocks
) -> FirstTurns | None:
    if line.kind is not ZoneKind.ENTRANCE:
        return None
    names = [turn.value for turn in Turn]
    at_s, *counts = _read_sums(facts, "line_turns", line, period, names)
    return summarise_turns(at_s, dict(zip(Turn, counts, strict=True)), blocks=blocks)


def _read_sums(
    facts: PeriodFacts, table: str, line: CountingLine, period: Interval, columns: Sequence[str]
) -> list[FloatArray]:
    """Return the steps of a line within a period and their counts, each of shape (steps,)."""
    rows = choose_since(facts, table, period)
    own = rows[rows["line"] == str(line.name)]
    return [own[name].to_numpy(np.float64) for name in ("start_s", *columns)]


def choose_since(facts: PeriodFacts, table: str, period: Interval) -> pd.DataFrame:
    """Return the rows of a table for a period that begins with the facts or one of their stretches.

    Steps and rows of whole stretches may begin before the facts although they belong to them.
    """
    rows = facts.tables[table]
    if period[0] <= facts.period_s[0]:
        return rows
    return rows[rows["start_s"].to_numpy(np.float64) >= period[0]]


MAX_ROUTES = 200
"""Maximum number of listed routes, the most frequent ones."""
TABLE_NAMES = (
    "ways",
    "way_steps",
    "move_sums",
    "zone_uses",
    "passages",
    "line_minutes",
    "line_turns",
)
"""Tables needed for flows."""
_FACTS_PART = 0.8


def analyse_flows(*, venue: Venue, period: Interval, job: JobContext | None = None) -> FlowAnalysis:
    """Compute the flows of a period; without figures where nothing was observed.

    Args:
        period: start and end in seconds since the epoch.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: ``job`` was cancelled.
    """
    job = job or JobContext()
    history = read_history_extent(venue)
    if history is None:
        return FlowAnalysis(None, None)
    reading = JobContext(
        is_cancelled=lambda: job.is_cancelled,
        on_progress=lambda done, total: job.checkpoint(_FACTS_PART * done, total),
    )
    facts = read_period_facts(
        venue=venue, period_s=period, context=reading, names=TABLE_NAMES, optional=WAY_TABLES
    )
    if facts is None:
        return FlowAnalysis(None, history)
    job.checkpoint(_FACTS_PART, 1.0)
    figures, ways = describe_flows(facts, time_zone=venue.exhibition.time_zone, job=job)
    return FlowAnalysis(figures, history, ways)


def describe_flows(
    facts: PeriodFacts, *, time_zone: str, job: JobContext | None = None
) -> tuple[FlowFigures, Ways]:
    """Return the figures of a period, and the paths that a funnel is counted from.

    Only the time after the last change of zones is counted. Paths are deleted with the tracks, so figures
    based on them cover the days that still have some.

    Args:
        time_zone: IANA name of the venue's time zone, for the hours of the day.
    """
    job = job or JobContext()
    all_ways = read_ways(facts)
    period = _find_period(facts, all_ways)
    ways = all_ways.choose(all_ways.start_s >= period[0])
    names = tuple(str(zone.name) for zone in facts.zones)
    blocks = facts.make_blocks()
    moves = choose_since(facts, "move_sums", period)
    transitions = estimate_transition_shares(
        moves,
        zones=facts.zones,
        blocks=_count_blocks(facts, period),
        settings=facts.settings.transitions,
    )
    of_state = moves[moves["to"] == ANYWHERE].groupby("from")["moves"].sum()
    job.checkpoint(0.85, 1.0)
    origins = count_origins_destinations(ways)
    job.checkpoint(0.9, 1.0)
    passages = _describe_passages(facts, period, ways, blocks)
    job.checkpoint(0.95, 1.0)
    lines, is_by_hour_of_day = describe_lines(facts, blocks=blocks, period=period, time_zone=time_zone)
    has_zone = ways.lengths > 0
    figures = FlowFigures(
        period=period,
        is_cut=period[0] > facts.period_s[0],
        missing_s=facts.measure_missing(*period),
        zones=names,
        visitors=int(has_zone.sum()),
        whole=origins.whole,
        moves=int(of_state.sum()),
        transitions=list_rows(transitions),
        few_from=tuple(
            place for place in (*names, OUTSIDE) if place in {*of_state.index} - {*transitions["from"]}
        ),
        routes=list_rows(count_common_routes(ways, most=MAX_ROUTES)),
        origins=list_rows(origins.counts),
        origins_left_out=origins.left_out,
        first_stops=_list_first_stops(facts, period, blocks),
        passages=passages,
        lines=lines,
        is_by_hour_of_day=is_by_hour_of_day,
        colours={name: index for index, name in enumerate(names)},
        days_without_paths=count_stretches_without_ways(facts, period),
        has_ways=len(ways) > 0,
    )
    return figures, ways


def _find_period(facts: PeriodFacts, ways: Ways) -> Interval:
    """Return the part of the period after the last change of zones."""
    start_s = max([facts.period_s[0], *facts.zone_since_s.values()])
    is_other = ~ways.mark([str(zone.name) for zone in facts.zones])
    if is_other.any():
        steps = np.flatnonzero(np.append(is_other, False)[ways.zone])
        if len(steps):
            last_s = float(ways.start_s[ways.way_of_step[steps]].max())
            stretch = int(np.searchsorted(facts.stretches_s[:, 0], last_s, side="right")) - 1
            start_s = max(start_s, float(facts.stretches_s[stretch, 1]))
    return start_s, facts.period_s[1]


def _count_blocks(facts: PeriodFacts, period: Interval) -> int:
    """Return the number of clock blocks from the first to the last observation."""
    observed = facts.observed[facts.observed[:, 1] > period[0]]
    begin_s, end_s = (observed[0, 0], observed[-1, 1]) if len(observed) else period
    first = np.floor(max(period[0], float(begin_s)) / STEP_S)
    return max(1, int(np.ceil(float(end_s) / STEP_S) - first))


def _list_first_stops(facts: PeriodFacts, period: Interval, blocks: PeriodBlocks) -> tuple[Row, ...]:
    """Return the zones at which visitors seen to enter stop first, largest share first."""
    rows = choose_since(facts, "zone_uses", period)
    names = [str(zone.name) for zone in facts.zones]
    zone = pd.Categorical(rows["zone"], categories=names).codes.astype(np.int64)
    start_s, firsts = (rows[name].to_numpy(np.float64) for name in ("start_s", "first_stops"))
    by_zone = blocks.count_by(zone, len(names), start_s, firsts)
    all_stops = by_zone.sum(axis=0)
    found: list[Row] = [
        {"zone": name, "visitors": round(float(own.sum())), "share": blocks.divide(own, all_stops, high=1.0)}
        for name, own in sorted(zip(names, by_zone, strict=True), key=lambda item: item[0])
        if own.any()
    ]
    return tuple(sorted(found, key=lambda stop: -(stop["share"].value or 0.0)))


def _describe_passages(
    facts: PeriodFacts, period: Interval, ways: Ways, blocks: PeriodBlocks
) -> tuple[ZonePassage, ...]:
    names = [str(zone.name) for zone in facts.zones]
    traffics = sum_passages(choose_since(facts, "passages", period), names, blocks)
    detours = find_detours(ways, min_support=0).set_index("zone")
    found = []
    for index, (name, traffic) in enumerate(zip(names, traffics, strict=True)):
        passages = int(detours["passages"].get(name, 0))
        returns = float(detours["share"][name]) if passages >= MIN_COUNT else None
        found.append(ZonePassage(name, index, traffic, passages, returns))
    return tuple(found)
