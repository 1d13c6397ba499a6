"""A period's flows from its facts: moves, first steps, routes, ways in and out, zones and lines."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.zone import ZoneKind
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.metrics.journeys import choose_whole
from analytics.metrics.routes import (
    choose_first_stops,
    compute_funnel,
    count_common_routes,
    count_origins_destinations,
    estimate_first_stops,
    find_detours,
    measure_path_entropy,
)
from analytics.metrics.stops import measure_stop_seconds
from analytics.metrics.through_traffic import ThroughTraffic, measure_through_traffic
from analytics.metrics.transitions import OUTSIDE, share_moves
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
from app.operations.flow_lines import describe_lines
from app.operations.history_extent import read_history_extent
from app.operations.period_facts import read_period_facts
from app.venue.document import Venue

if TYPE_CHECKING:
    from analytics.rollups.period_facts import PeriodFacts

FloatArray = npt.NDArray[np.float64]

MOST_ROUTES = 200
"""The list is for reading; the most frequent come first."""
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "visits": ("visitor", "zone", "entered_s", "stop_s"),
    "journeys": (),
    "crossings": (),
    "first_turns": (),
    "moves": ("from", "to", "at_s", "weight"),
}
"""Of a period's tables, those that flows are told from, and their columns; of none all."""
_COLUMNS_OF_SHORT: Mapping[str, tuple[str, ...]] = {
    "stays": (
        *("visitor", "zone", "entered_s", "left_s", "start_edge", "end_edge"),
        *("start_x_m", "start_y_m", "end_x_m", "end_y_m"),
    ),
    "stops": ("visitor", "started_s", "ended_s"),
}
"""The tables of which ``passages`` are the sums."""
_LONG_S = 43_200.0
"""From here on sums over five minutes are as good as every stay."""
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
    seconds = min(period[1], history[1]) - max(period[0], history[0])
    more = {"passages": ()} if seconds >= _LONG_S else _COLUMNS_OF_SHORT
    facts = read_period_facts(venue=venue, period_s=period, context=reading, names={**_COLUMNS, **more})
    if facts is None:
        return FlowAnalysis(None, history)
    job.checkpoint(_FACTS_PART, 1.0)
    figures, journeys = describe_flows(facts, time_zone=venue.exhibition.time_zone, job=job)
    return FlowAnalysis(figures, history, journeys)


def describe_flows(
    facts: PeriodFacts, *, time_zone: str, job: JobContext | None = None
) -> tuple[FlowFigures, pd.DataFrame]:
    """The figures of a period, and the journeys that a chosen way is counted from.

    Paths over other zones say nothing of those that are there now: where zones changed, what lies after the
    last change is counted.

    Args:
        time_zone: of the venue, for the hours of the day.
    """
    job = job or JobContext()
    period = _find_period(facts)
    names = tuple(str(zone.name) for zone in facts.zones)
    blocks = facts.make_blocks()
    tables = {
        name: _cut(facts.tables[name], column, period[0])
        for name, column in (
            ("moves", "at_s"),
            ("journeys", "start_s"),
            ("visits", "entered_s"),
        )
    }
    journeys = tables["journeys"]
    with_zone = journeys[journeys["zones"].map(len).to_numpy(np.int64) > 0]
    transitions = share_moves(
        tables["moves"],
        zones=facts.zones,
        period_s=_find_observed_span(facts, period),
        settings=facts.settings.transitions,
    )
    job.checkpoint(0.85, 1.0)
    origins = count_origins_destinations(journeys)
    routes = _list_routes(journeys)
    entrances = [str(zone.name) for zone in facts.zones if zone.kind is ZoneKind.ENTRANCE]
    first_steps = arrange_first_steps(journeys, names=names, entrances=entrances)
    job.checkpoint(0.9, 1.0)
    passages = _describe_passages(facts, period, journeys, blocks)
    job.checkpoint(0.95, 1.0)
    lines, is_by_hour_of_day = describe_lines(facts, blocks=blocks, period=period, time_zone=time_zone)
    figures = FlowFigures(
        period=period,
        is_cut=period[0] > facts.period_s[0],
        missing_s=facts.measure_missing(*period),
        zones=names,
        visitors=len(with_zone),
        whole=len(choose_whole(with_zone)),
        moves=len(tables["moves"]),
        entropy_bits=measure_path_entropy(transitions),
        entropy_most_bits=math.log2(len(names)) if names else None,
        transitions=_list_transitions(transitions),
        few_from=_find_few(tables["moves"], names, set(transitions["from"])),
        first_steps=first_steps,
        routes=routes,
        origins=tuple(
            OriginDestination(str(row[0]), str(row[1]), int(row[2]), float(row[3]))
            for row in origins.counts.itertuples(index=False)
        ),
        origins_left_out=origins.left_out,
        first_stops=_list_first_stops(tables["visits"], journeys, blocks),
        passages=passages,
        lines=lines,
        is_by_hour_of_day=is_by_hour_of_day,
        colours={name: index for index, name in enumerate(names)},
    )
    return figures, journeys


def count_way(journeys: pd.DataFrame, steps: Sequence[str]) -> tuple[FunnelStepFigures, ...]:
    """How many visitors get from zone to zone of a chosen way; see ``compute_funnel``."""
    funnel = compute_funnel(journeys=journeys, steps=steps)
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


def _find_period(facts: PeriodFacts) -> Period:
    """What lies after the last change of the zones."""
    start_s = max([facts.period_s[0], *facts.zone_since_s.values()])
    names = {str(zone.name) for zone in facts.zones}
    journeys = facts.tables["journeys"]
    others = {zones for zones in set(journeys["zones"]) if not names.issuperset(zones)}
    if others:
        has_other = np.array([zones in others for zones in journeys["zones"]], bool)
        last_s = float(journeys["start_s"].to_numpy(np.float64)[has_other].max())
        stretch = int(np.searchsorted(facts.stretches_s[:, 0], last_s, side="right")) - 1
        start_s = max(start_s, float(facts.stretches_s[stretch, 1]))
    return start_s, facts.period_s[1]


def _find_observed_span(facts: PeriodFacts, period: Period) -> Period:
    observed = facts.observed
    inside = observed[observed[:, 1] > period[0]]
    if not len(inside):
        return period
    return max(period[0], float(inside[0, 0])), float(inside[-1, 1])


def _cut(table: pd.DataFrame, column: str, start_s: float) -> pd.DataFrame:
    is_inside = table[column].to_numpy(np.float64) >= start_s
    return table if is_inside.all() else table[is_inside]


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


def _find_few(moves: pd.DataFrame, names: Sequence[str], told: set[str]) -> tuple[Place, ...]:
    left = set(moves["from"].unique())
    return tuple(_name_place(state) for state in (*names, OUTSIDE) if state in left - told)


def _list_routes(journeys: pd.DataFrame) -> tuple[FrequentRoute, ...]:
    table = count_common_routes(journeys).head(MOST_ROUTES)
    return tuple(
        FrequentRoute(tuple(map(str, route)), int(visitors), float(share))
        for route, visitors, share in zip(table["route"], table["visitors"], table["share"], strict=True)
    )


def _list_first_stops(
    visits: pd.DataFrame, journeys: pd.DataFrame, blocks: PeriodBlocks
) -> tuple[FirstStop, ...]:
    stopped = visits[visits["stop_s"].to_numpy(np.float64) > 0]
    counts = choose_first_stops(journeys=journeys, stopped=stopped)["zone"].value_counts()
    shares = estimate_first_stops(journeys=journeys, stopped=stopped, blocks=blocks)
    return tuple(FirstStop(zone, int(counts[zone]), make_share(share)) for zone, share in shares.items())


def _describe_passages(
    facts: PeriodFacts, period: Period, journeys: pd.DataFrame, blocks: PeriodBlocks
) -> tuple[ZonePassage, ...]:
    traffics = _measure_traffic(facts, period, blocks)
    detours = find_detours(journeys, least_support=0).set_index("zone")
    found = []
    for index, (zone, traffic) in enumerate(zip(facts.zones, traffics, strict=True)):
        name = str(zone.name)
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


def _measure_traffic(facts: PeriodFacts, period: Period, blocks: PeriodBlocks) -> list[ThroughTraffic]:
    """Of every zone: from sums over five minutes if they are all there is, or from the stays."""
    names = [str(zone.name) for zone in facts.zones]
    if "stays" not in facts.tables:
        sums = _cut(facts.tables["passages"], "start_s", period[0])
        zone_of = pd.Categorical(sums["zone"], categories=names).codes
        return [sum_passages(sums[zone_of == index], blocks) for index in range(len(names))]
    stays = _cut(facts.tables["stays"], "entered_s", period[0])
    stop_s = measure_stop_seconds(visits=stays, stops=facts.tables["stops"])
    zone_of = pd.Categorical(stays["zone"], categories=names).codes
    return [
        measure_through_traffic(stays=stays[zone_of == index], stop_s=stop_s[zone_of == index], blocks=blocks)
        for index in range(len(names))
    ]
