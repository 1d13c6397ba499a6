"""A period's flows from its facts: moves, first steps, routes, ways in and out, zones and lines."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.zone import ZoneKind
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.metrics.routes import (
    compute_funnel,
    count_common_routes,
    count_origins_destinations,
    find_detours,
    measure_path_entropy,
)
from analytics.metrics.transitions import ANYWHERE, OUTSIDE, share_sums
from analytics.metrics.ways import Ways
from analytics.rollups.clock_steps import STEP_S
from analytics.rollups.period_ways import WAY_TABLES, count_days_without_ways, read_ways
from analytics.rollups.zone_passages import sum_passages
from app.jobs.job import JobContext
from app.operations.first_step_streams import arrange_first_steps
from app.operations.flow_figures import (
    LEAST_COUNT,
    FirstStop,
    FlowAnalysis,
    FlowFigures,
    FrequentRoute,
    FunnelStepFigures,
    OriginDestination,
    Period,
    Place,
    PlaceKind,
    Share,
    Transition,
    ZonePassage,
)
from app.operations.flow_lines import choose_since, describe_lines
from app.operations.history_extent import read_history_extent
from app.operations.period_facts import read_period_facts
from app.venue.document import Venue

if TYPE_CHECKING:
    from analytics.rollups.period_facts import PeriodFacts

FloatArray = npt.NDArray[np.float64]

MOST_ROUTES = 200
"""The list is for reading; the most frequent come first."""
TABLE_NAMES = (
    "ways",
    "way_steps",
    "move_sums",
    "zone_uses",
    "passages",
    "line_minutes",
    "line_turns",
)
"""Of a period's tables, those that flows are told from: sums of its days, and the ways as numbers."""
_FACTS_PART = 0.8


def analyse_flows(*, venue: Venue, period: Period, job: JobContext | None = None) -> FlowAnalysis:
    """The flows of a period; without figures where nothing was observed.

    Args:
        period: start and end in seconds since the epoch.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: by ``job``.
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
    """The figures of a period, and the ways that a chosen one is counted from.

    Paths over other zones say nothing of those that are there now: where zones changed, what lies after the
    last change is counted. Ways are deleted with the tracks: what they tell is of the days that have some.

    Args:
        time_zone: of the venue, for the hours of the day.
    """
    job = job or JobContext()
    every = read_ways(facts)
    period = _find_period(facts, every)
    ways = every.choose(every.start_s >= period[0])
    names = tuple(str(zone.name) for zone in facts.zones)
    blocks = facts.make_blocks()
    moves = choose_since(facts, "move_sums", period)
    transitions = share_sums(
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
        entropy_bits=measure_path_entropy(transitions),
        entropy_most_bits=math.log2(len(names)) if names else None,
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
        days_without_ways=count_days_without_ways(facts, period),
        has_ways=len(ways) > 0,
    )
    return figures, ways


def count_way(ways: Ways, steps: Sequence[str]) -> tuple[FunnelStepFigures, ...]:
    """How many visitors get from zone to zone of a chosen way; see ``compute_funnel``."""
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


def make_share(estimate: Estimate) -> Share:
    """An estimate as plain values."""
    return Share(estimate.value, estimate.interval)


def _find_period(facts: PeriodFacts, ways: Ways) -> Period:
    """What lies after the last change of the zones."""
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
    """The blocks of the clock from the first to the last observed moment."""
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
            share=Share(float(share), None if np.isnan(low) else (float(low), float(high))),
        )
        for begin, end, moves, share, low, high in zip(
            *(table[name] for name in ("from", "to", "moves", "share", "share_low", "share_high")),
            strict=True,
        )
    )


def _find_few(left: set[str], names: Sequence[str], told: set[str]) -> tuple[Place, ...]:
    return tuple(_name_place(state) for state in (*names, OUTSIDE) if state in left - told)


def _list_routes(ways: Ways) -> tuple[FrequentRoute, ...]:
    table = count_common_routes(ways, most=MOST_ROUTES)
    return tuple(
        FrequentRoute(tuple(map(str, route)), int(visitors), float(share))
        for route, visitors, share in zip(table["route"], table["visitors"], table["share"], strict=True)
    )


def _list_first_stops(facts: PeriodFacts, period: Period, blocks: PeriodBlocks) -> tuple[FirstStop, ...]:
    """Where visitors who were seen to come stop first, the largest share of those who stop first."""
    rows = choose_since(facts, "zone_uses", period)
    names = [str(zone.name) for zone in facts.zones]
    zone = pd.Categorical(rows["zone"], categories=names).codes.astype(np.int64)
    start_s, firsts = (rows[name].to_numpy(np.float64) for name in ("start_s", "first_stops"))
    by_zone = blocks.count_by(zone, len(names), start_s, firsts)
    everybody = by_zone.sum(axis=0)
    found = [
        FirstStop(name, round(float(own.sum())), make_share(blocks.divide(own, everybody, high=1.0)))
        for name, own in sorted(zip(names, by_zone, strict=True), key=lambda item: item[0])
        if own.any()
    ]
    return tuple(sorted(found, key=lambda stop: -(stop.share.value or 0.0)))


def _describe_passages(
    facts: PeriodFacts, period: Period, ways: Ways, blocks: PeriodBlocks
) -> tuple[ZonePassage, ...]:
    names = [str(zone.name) for zone in facts.zones]
    traffics = sum_passages(choose_since(facts, "passages", period), names, blocks)
    detours = find_detours(ways, least_support=0).set_index("zone")
    found = []
    for index, (name, traffic) in enumerate(zip(names, traffics, strict=True)):
        passages = int(detours["passages"].get(name, 0))
        found.append(
            ZonePassage(
                name=name,
                colour=index,
                stays=traffic.stays,
                cut=traffic.cut,
                through=make_share(traffic.through),
                turned_back=make_share(traffic.turned_back),
                passages=passages,
                returns=float(detours["share"][name]) if passages >= LEAST_COUNT else None,
            )
        )
    return tuple(found)
