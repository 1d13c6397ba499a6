"""Flow figures of a period: moves, first steps, routes, passages and counting lines."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import CountingLine, ZoneKind
from analytics.dwell.occupancy import MIN_OBSERVED
from analytics.flows.first_steps import CAME, LEFT, LOST, count_first_steps
from analytics.flows.first_turns import Turn, summarise_turns
from analytics.flows.line_flow import compute_line_flow, estimate_line_flow, measure_width
from analytics.flows.routes import (
    compute_funnel,
    count_common_routes,
    count_origins_destinations,
    find_detours,
)
from analytics.flows.transitions import ANYWHERE, OUTSIDE, estimate_transition_shares
from analytics.flows.ways import Ways
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.metrics.observation import clip_intervals
from analytics.rollups.clock_steps import STEP_S
from analytics.rollups.period_ways import WAY_TABLES, count_stretches_without_ways, read_ways
from analytics.rollups.zone_passages import sum_passages
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.history_extent import read_history_extent
from app.facts.period_facts import read_period_facts
from app.flows.flow_figures import (
    MIN_COUNT,
    FirstSteps,
    FirstStop,
    FlowAnalysis,
    FlowBar,
    FlowFigures,
    FrequentRoute,
    FunnelStepFigures,
    LineFigures,
    OriginDestination,
    Period,
    Place,
    PlaceKind,
    RightTurns,
    StepNode,
    StepStream,
    Transition,
    ZonePassage,
)

if TYPE_CHECKING:
    from analytics.rollups.period_facts import PeriodFacts


MAX_ZONES = 14
"""Maximum zones in a column; the rest form one node."""

_KINDS = {CAME: PlaceKind.CAME, LEFT: PlaceKind.LEFT, LOST: PlaceKind.LOST}
_LAST = (PlaceKind.OTHERS, PlaceKind.LEFT, PlaceKind.LOST)
_Key = tuple[int, Place]


def arrange_first_steps(ways: Ways, *, names: Sequence[str], entrances: Collection[str]) -> FirstSteps:
    """Arrange the nodes and streams of ``count_first_steps``, combining small zones of a step.

    Args:
        names: zones in the order used among zones of equal size.
    """
    table = count_first_steps(ways, entrances=entrances)
    steps = [
        (int(step), _find_place(str(begin)), _find_place(str(end)), int(visitors))
        for step, begin, end, visitors in zip(
            *(table[name] for name in ("step", "from", "to", "visitors")), strict=True
        )
    ]
    sizes: Counter[_Key] = Counter()
    for step, begin, end, visitors in steps:
        sizes[step, end] += visitors
        if step == 1:
            sizes[0, begin] += visitors
    displayed = _choose_displayed(sizes, names, MAX_ZONES)
    nodes: Counter[_Key] = Counter()
    merged: Counter[int] = Counter()
    for (step, place), visitors in sizes.items():
        nodes[step, displayed[step, place]] += visitors
        merged[step] += displayed[step, place] != place
    streams: Counter[tuple[int, Place, Place]] = Counter()
    for step, begin, end, visitors in steps:
        streams[step - 1, displayed[step - 1, begin], displayed[step, end]] += visitors
    order = {name: index for index, name in enumerate(names)}
    return FirstSteps(
        nodes=tuple(
            StepNode(step, place, visitors, merged[step] if place.kind is PlaceKind.OTHERS else 1)
            for (step, place), visitors in sorted(
                nodes.items(),
                key=lambda item: (
                    item[0][0],
                    _LAST.index(item[0][1].kind) + 1 if item[0][1].kind in _LAST else 0,
                    -item[1],
                    order.get(item[0][1].zone, -1),
                ),
            )
        ),
        streams=tuple(
            StepStream(step, begin, end, visitors)
            for (step, begin, end), visitors in sorted(
                streams.items(), key=lambda item: (item[0][0], -item[1], item[0][1].zone, item[0][2].zone)
            )
            if visitors >= MIN_COUNT
        ),
        thin=sum(visitors for visitors in streams.values() if visitors < MIN_COUNT),
        unseen=int((~ways.is_start_seen).sum()),
    )


def _choose_displayed(sizes: Counter[_Key], names: Sequence[str], max_zones: int) -> dict[_Key, Place]:
    """Return the place that represents each place at a step."""
    displayed = {key: key[1] for key in sizes}
    for step in {key[0] for key in sizes}:
        zones = [key for key in sizes if key[0] == step and key[1].kind is PlaceKind.ZONE]
        zones.sort(key=lambda key: (-sizes[key], names.index(key[1].zone)))
        small = [
            key
            for place, key in enumerate(zones)
            if sizes[key] < MIN_COUNT or (len(zones) > max_zones and place >= max_zones - 1)
        ]
        for key in small:
            displayed[key] = Place(PlaceKind.OTHERS)
    return displayed


def _find_place(state: str) -> Place:
    kind = _KINDS.get(state)
    return Place(PlaceKind.ZONE, state) if kind is None else Place(kind)


MINUTE_S = 60.0
HOUR_S = 3600.0
DAY_S = 86_400.0
STEPS_S = (60.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
MAX_BARS = 36


def describe_lines(
    facts: PeriodFacts, *, blocks: PeriodBlocks, period: Period, time_zone: str
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


def _choose_slots(observed: FloatArray, span: Period, time_zone: str) -> tuple[FloatArray, bool]:
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
    period: Period,
    span: Period,
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
        per_minute=mean.per_minute,
        per_minute_m=mean.per_minute_m,
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
    facts: PeriodFacts, line: CountingLine, period: Period, blocks: PeriodBlocks
) -> RightTurns | None:
    if line.kind is not ZoneKind.ENTRANCE:
        return None
    names = [turn.value for turn in Turn]
    at_s, *counts = _read_sums(facts, "line_turns", line, period, names)
    turns = summarise_turns(at_s, dict(zip(Turn, counts, strict=True)), blocks=blocks)
    share = turns.share_right
    return RightTurns(turns.right, turns.left, turns.straight, turns.lost, share)


def _read_sums(
    facts: PeriodFacts, table: str, line: CountingLine, period: Period, columns: Sequence[str]
) -> list[FloatArray]:
    """Return the steps of a line within a period and their counts, each of shape (steps,)."""
    rows = choose_since(facts, table, period)
    own = rows[rows["line"] == str(line.name)]
    return [own[name].to_numpy(np.float64) for name in ("start_s", *columns)]


def choose_since(facts: PeriodFacts, table: str, period: Period) -> pd.DataFrame:
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


def analyse_flows(*, venue: Venue, period: Period, job: JobContext | None = None) -> FlowAnalysis:
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
    routes = _list_routes(ways)
    entrances = [str(zone.name) for zone in facts.zones if zone.kind is ZoneKind.ENTRANCE]
    first_steps = arrange_first_steps(ways, names=names, entrances=entrances)
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
        whole=int((has_zone & ways.is_whole).sum()),
        moves=int(of_state.sum()),
        transitions=_list_transitions(transitions),
        few_from=_find_few(set(of_state.index), names, set(transitions["from"])),
        first_steps=first_steps,
        routes=routes,
        origins=tuple(
            OriginDestination(str(row[0]), str(row[1]), int(row[2]), float(row[3]))
            for row in origins.counts.itertuples(index=False)
        ),
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


def count_funnel(ways: Ways, steps: Sequence[str]) -> tuple[FunnelStepFigures, ...]:
    """Count the visitors who reach each zone of a chosen path; see ``compute_funnel``."""
    funnel = compute_funnel(ways, steps=steps)
    start = funnel[0].reached if funnel else 0
    lost = itertools.accumulate(step.undecided for step in funnel)
    return tuple(
        FunnelStepFigures(
            zone=step.zone,
            reached=step.reached,
            undecided=step.undecided,
            reached_of_start=step.reached / start if start else None,
            maybe_of_start=lost_so_far / start if start else None,
            share_of_step=step.share_of_step,
        )
        for step, lost_so_far in zip(funnel, lost, strict=True)
    )


def _find_period(facts: PeriodFacts, ways: Ways) -> Period:
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


def _count_blocks(facts: PeriodFacts, period: Period) -> int:
    """Return the number of clock blocks from the first to the last observation."""
    observed = facts.observed[facts.observed[:, 1] > period[0]]
    begin_s, end_s = (observed[0, 0], observed[-1, 1]) if len(observed) else period
    first = np.floor(max(period[0], float(begin_s)) / STEP_S)
    return max(1, int(np.ceil(float(end_s) / STEP_S) - first))


def _name_place(state: str) -> Place:
    return Place(PlaceKind.OUTSIDE) if state == OUTSIDE else Place(PlaceKind.ZONE, state)


def _list_transitions(table: pd.DataFrame) -> tuple[Transition, ...]:
    return tuple(
        Transition(
            origin=_name_place(str(begin)),
            destination=_name_place(str(end)),
            moves=int(moves),
            share=Estimate(float(share), None if np.isnan(low) else (float(low), float(high))),
        )
        for begin, end, moves, share, low, high in zip(
            *(table[name] for name in ("from", "to", "moves", "share", "share_low", "share_high")),
            strict=True,
        )
    )


def _find_few(left: set[str], names: Sequence[str], listed: set[str]) -> tuple[Place, ...]:
    return tuple(_name_place(state) for state in (*names, OUTSIDE) if state in left - listed)


def _list_routes(ways: Ways) -> tuple[FrequentRoute, ...]:
    table = count_common_routes(ways, most=MAX_ROUTES)
    return tuple(
        FrequentRoute(tuple(map(str, route)), int(visitors), float(share))
        for route, visitors, share in zip(table["route"], table["visitors"], table["share"], strict=True)
    )


def _list_first_stops(facts: PeriodFacts, period: Period, blocks: PeriodBlocks) -> tuple[FirstStop, ...]:
    """Return the zones at which visitors seen to enter stop first, largest share first."""
    rows = choose_since(facts, "zone_uses", period)
    names = [str(zone.name) for zone in facts.zones]
    zone = pd.Categorical(rows["zone"], categories=names).codes.astype(np.int64)
    start_s, firsts = (rows[name].to_numpy(np.float64) for name in ("start_s", "first_stops"))
    by_zone = blocks.count_by(zone, len(names), start_s, firsts)
    all_stops = by_zone.sum(axis=0)
    found = [
        FirstStop(name, round(float(own.sum())), blocks.divide(own, all_stops, high=1.0))
        for name, own in sorted(zip(names, by_zone, strict=True), key=lambda item: item[0])
        if own.any()
    ]
    return tuple(sorted(found, key=lambda stop: -(stop.share.value or 0.0)))


def _describe_passages(
    facts: PeriodFacts, period: Period, ways: Ways, blocks: PeriodBlocks
) -> tuple[ZonePassage, ...]:
    names = [str(zone.name) for zone in facts.zones]
    traffics = sum_passages(choose_since(facts, "passages", period), names, blocks)
    detours = find_detours(ways, min_support=0).set_index("zone")
    found = []
    for index, (name, traffic) in enumerate(zip(names, traffics, strict=True)):
        passages = int(detours["passages"].get(name, 0))
        found.append(
            ZonePassage(
                name=name,
                colour=index,
                stays=traffic.stays,
                cut=traffic.cut,
                through=traffic.through,
                turned_back=traffic.turned_back,
                passages=passages,
                returns=float(detours["share"][name]) if passages >= MIN_COUNT else None,
            )
        )
    return tuple(found)
