"""Compute what the timeline page shows of a period: people, effects of events, conversions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.external_count import CountKind, ExternalCount
from analytics.domain.timed_event import TimedEvent
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.period_arrivals import count_arrivals
from app.facts.period_facts import read_period_facts
from app.timeline.counts_store import CountSource, read_sources
from app.timeline.timeline_figures import (
    EffectVerdict,
    EventEffects,
    TimelineFigures,
    ZoneConversion,
    ZoneEffect,
)
from app.timeline.timeline_file import Timeline, read_timeline

if TYPE_CHECKING:
    import pandas as pd

    from analytics.rollups.period_facts import PeriodFacts


MAX_STEPS = 480
MAX_EFFECTS = 60
"""Maximum number of evaluated events; the latest are kept."""
MAX_SIDE_S = 3600.0
"""Maximum time compared before and after an event, limited to the event's duration."""
MAX_EVENT_S = 6 * 3600.0
"""Maximum duration of an evaluated event; longer ones can be compared day by day on the page Compare."""
SHORT_EVENT_S = 1800.0
BLOCK_S, SHORT_BLOCK_S = 300.0, 60.0
STEPS_S = (60.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 10_800.0, 86_400.0)
_HALL = ""


def compute_timeline(
    *, venue: Venue, period_s: Interval, zone: str | None = None, context: JobContext | None = None
) -> TimelineFigures:
    """Compute people, events, effects and conversions of a period; an empty curve without observation.

    Raises:
        StoreError, VenueError: the history, the timeline or the counts cannot be read.
        JobCancelled: the job was cancelled.
    """
    timeline, sources = read_timeline(venue.folder), read_sources(venue.folder)
    names = ("minutes", "zone_blocks", "line_minutes") if sources else ("minutes",)
    facts = read_period_facts(venue=venue, period_s=period_s, context=context, names=names)
    start_s, end_s = _find_extent(period_s, facts, timeline)
    step_s = next((step for step in STEPS_S if (end_s - start_s) / step <= MAX_STEPS), STEPS_S[-1])
    steps = max(1, int(np.ceil((end_s - start_s) / step_s)))
    edges_s = (start_s + step_s * np.arange(steps + 1)).astype(np.float64)
    events = tuple(e for e in timeline.events if e.start_s < period_s[1] and e.end_s > period_s[0])
    zones = tuple(str(one.name) for one in venue.geometry_at(period_s[1]).zones)
    unknown = np.full(len(edges_s) - 1, np.nan)
    return TimelineFigures(
        period=period_s,
        edges_s=edges_s,
        people=unknown if facts is None else measure_people(facts.tables["minutes"], _HALL, edges_s),
        zone_people=None
        if facts is None or zone is None
        else measure_people(facts.tables["minutes"], zone, edges_s),
        zone=zone,
        open_s=venue.exhibition.open_within_utc(start_s, end_s),
        events=events,
        notes=tuple(note for note in timeline.notes if period_s[0] <= note.at_s < period_s[1]),
        effects=() if facts is None else measure_effects(facts, events, timeline.events),
        conversions=() if facts is None else measure_conversions(facts, sources),
        shifts=tuple(s for s in timeline.shifts if s.start_s < period_s[1] and s.end_s > period_s[0]),
        sources=tuple(source.name for source in sources),
        zones=zones,
    )


def measure_people(minutes: pd.DataFrame, zone: str, edges_s: FloatArray) -> FloatArray:
    """Return the mean people in each step, shape (steps,); NaN without observation."""
    own = minutes[minutes["zone"] == zone]
    at = own["start_s"].to_numpy(np.float64)
    within = (at >= edges_s[0]) & (at < edges_s[-1])
    slot = np.searchsorted(edges_s, at[within], side="right") - 1
    people, seconds = (
        np.bincount(slot, weights=own[name].to_numpy(np.float64)[within], minlength=len(edges_s) - 1)
        for name in ("person_seconds", "observed_s")
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(seconds > 0, people / seconds, np.nan)


def measure_effects(
    facts: PeriodFacts, events: tuple[TimedEvent, ...], all_events: tuple[TimedEvent, ...]
) -> tuple[EventEffects, ...]:
    """Measure the effects of a period's events on their zones and on the hall."""
    evaluated = [event for event in events if event.end_s - event.start_s <= MAX_EVENT_S][-MAX_EFFECTS:]
    minutes = dict(tuple(facts.tables["minutes"].groupby("zone")))
    nothing = facts.tables["minutes"].iloc[:0]
    names = [str(zone.name) for zone in facts.zones]
    found = []
    for event in evaluated:
        parts = _cut_parts(event, all_events)
        people = {
            name: [measure_people(minutes.get(name, nothing), name, edges_s) for edges_s in parts]
            for name in (_HALL, *names)
        }
        first = [event.zone] if event.zone in names else []
        rest = [name for name in names if name != event.zone]
        zones = [_measure_zone(name, people, names) for name in (*first, _HALL, *rest)]
        found.append(EventEffects(event, tuple(zones)))
    return tuple(found)


def measure_conversions(facts: PeriodFacts, sources: tuple[CountSource, ...]) -> tuple[ZoneConversion, ...]:
    """Compare counts of other systems with our visits by zone, and with arrivals for the whole hall.

    Without an entrance line the arrivals are unknown, and no ratio is computed.
    """
    from analytics.dwell.engagement_tier import Tier
    from analytics.flows.conversion import count_in_blocks, estimate_agreement, estimate_conversion
    from analytics.metrics.estimate import Estimate
    from analytics.rollups.zone_blocks import BlockSums

    if not sources:
        return ()
    blocks, sums = facts.make_blocks(), BlockSums(facts.tables["zone_blocks"])
    arrivals = count_arrivals(facts, blocks)
    found = []
    for source in sources:
        for zone in sorted({one.zone or _HALL for one in source.counts}):
            counts = [one for one in source.counts if (one.zone or _HALL) == zone]
            counted = float(count_in_blocks(counts, blocks).sum())
            if counted <= 0:
                continue
            # a visitor of five stands is one visitor of the hall
            own: FloatArray | None = arrivals
            if zone and source.kind is not CountKind.TICKETS:
                own = blocks.count(sums.starts_s, sums.add_up([zone], f"reached_{Tier.VISIT.value}"))
            if own is None:
                ratio = Estimate(None, None)
            elif source.kind is CountKind.TICKETS:
                ratio = estimate_agreement(counts=counts, came=own, blocks=blocks)
            else:
                ratio = estimate_conversion(counts=counts, came=own, blocks=blocks)
            found.append(
                ZoneConversion(
                    source=source.name,
                    kind=source.kind,
                    zone=zone,
                    counted=counted,
                    own=None if own is None else round(own.sum()),
                    per_one=ratio.value,
                    interval=ratio.interval,
                    amount=_sum_amounts(counts, facts.period_s),
                )
            )
    return tuple(found)


def _measure_zone(name: str, people: dict[str, list[FloatArray]], names: list[str]) -> ZoneEffect:
    from analytics.exhibition.event_effect import measure_event_effect

    own = people[name]
    others = None
    # a zone without camera coverage would invalidate all others
    rest = [
        people[other]
        for other in names
        if other != name and all(np.isfinite(part).any() for part in people[other][:2])
    ]
    if name != _HALL and rest:
        sums = [np.sum([parts[part] for parts in rest], axis=0) for part in range(3)]
        others = (sums[0], sums[1], sums[2])
    effect = measure_event_effect(zone=(own[0], own[1], own[2]), others=others)
    return ZoneEffect(
        zone=name,
        before=effect.before,
        during=effect.during,
        after=effect.after,
        ratio=effect.ratio,
        interval=effect.interval,
        verdict=EffectVerdict(effect.verdict.value),
    )


def _cut_parts(event: TimedEvent, events: tuple[TimedEvent, ...]) -> list[FloatArray]:
    """Return the edges of the blocks before, during and after an event, cut at other events of its zone."""
    length_s = event.end_s - event.start_s
    block_s = SHORT_BLOCK_S if length_s <= SHORT_EVENT_S else BLOCK_S
    side_s = min(MAX_SIDE_S, max(length_s, 10 * block_s))
    near = [other for other in events if other != event and (other.zone == event.zone or other.zone is None)]
    begin_s = max([event.start_s - side_s, *(o.end_s for o in near if o.end_s <= event.start_s)])
    stop_s = min([event.end_s + side_s, *(o.start_s for o in near if o.start_s >= event.end_s)])
    return [
        np.linspace(from_s, to_s, max(1, round((to_s - from_s) / block_s)) + 1)
        for from_s, to_s in ((begin_s, event.start_s), (event.start_s, event.end_s), (event.end_s, stop_s))
    ]


def _find_extent(period_s: Interval, facts: PeriodFacts | None, timeline: Timeline) -> Interval:
    """Return the time from the first to the last data of a period, in whole minutes."""
    starts, ends = [], []
    if facts is not None:
        starts, ends = [float(facts.observed[0, 0])], [float(facts.observed[-1, 1])]
    for event in timeline.events:
        if event.start_s < period_s[1] and event.end_s > period_s[0]:
            starts.append(max(event.start_s, period_s[0]))
            ends.append(min(event.end_s, period_s[1]))
    if not starts:
        return period_s
    start_s = max(period_s[0], min(starts))
    return start_s - start_s % 60, max(min(max(ends), period_s[1]), start_s + 60.0)


def _sum_amounts(counts: list[ExternalCount], period_s: Interval) -> float | None:
    amounts = [
        one.amount for one in counts if one.amount is not None and period_s[0] <= one.start_s < period_s[1]
    ]
    return sum(amounts) if amounts else None
