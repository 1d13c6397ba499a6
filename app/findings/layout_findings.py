"""Search for layout findings in a venue's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.comparison.block_figures import Metric
from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase, StoreError
from analytics.domain.timed_event import EventKind, TimedEvent
from analytics.findings.finding import FindingKind, Outcome
from analytics.findings.layout_search import rank_findings, search_layout
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.history_extent import read_history_extent
from app.facts.period_facts import read_period_facts
from app.findings.finding_decisions import FindingDecision, FindingState, read_decisions
from app.findings.findings_figures import FindingsResults, split_at_change
from app.places.place_values import read_place_values
from app.timeline.timeline_file import read_timeline

TABLE_NAMES = ("zone_blocks", "zone_uses", "minutes", "crowding", "queue_tails")
"""Tables of sums that the rules need,"""
SPONSOR_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "exposed": ("zone", "visitor", "did_stop"),
    "journeys": ("visitor",),
    "ways": (),
    "way_steps": (),
}
"""and columns that the sponsor rule needs where there are sponsors."""
_STAND_METRICS = (Metric.VISITS_PER_100, Metric.MEAN_DWELL)
_CROWD_METRICS = (Metric.PERSON_SECONDS,)
_CROWD_KINDS = (FindingKind.BOTTLENECK, FindingKind.BLOCKING_QUEUE, FindingKind.CAPACITY)
MAX_EVENT_S = 4 * 3600.0
"""Maximum length of an event; longer ones need a comparison of periods."""


def search_venue(
    *,
    venue: Venue,
    period_s: Interval,
    context: JobContext | None = None,
    measures_effects: bool = True,
) -> FindingsResults:
    """Apply every rule to a period; without outcomes where nothing was observed.

    Args:
        period_s: start and end, seconds since the epoch.
        measures_effects: compare the history before and after changes of the layout.

    Raises:
        StoreError: the history cannot be read.
        VenueError: the decisions or the timeline cannot be read.
        JobCancelled: the job was cancelled.
    """
    context = context or JobContext()
    decisions = read_decisions(venue.folder)
    history_s = read_history_extent(venue)
    sponsors = [str(targets.zone) for targets in venue.targets if targets.is_sponsor]
    names: dict[str, tuple[str, ...]] = dict.fromkeys(TABLE_NAMES, ())
    names |= SPONSOR_COLUMNS if sponsors else {}
    facts = read_period_facts(venue=venue, period_s=period_s, context=context, names=names)
    outcomes: tuple[Outcome, ...] = ()
    if facts is not None:
        places = read_place_values(venue, period_s, context=context)
        timeline = read_timeline(venue.folder)
        events = [event for event in timeline.events if _draws_people(event)]
        outcomes = search_layout(
            facts, places, targets=venue.targets, sponsors=sponsors, events=events, shifts=timeline.shifts
        )
        context.checkpoint(1, 1)
    geometry = venue.geometry_at(period_s[1]) if facts is None else facts.geometry
    return FindingsResults(
        period_s=period_s,
        findings=rank_findings(outcomes),
        outcomes=outcomes,
        decisions=decisions,
        plan=venue.plan,
        zones=geometry.zones,
        history_s=history_s,
        effects=_measure_effects(venue, decisions, history_s, context) if measures_effects else {},
        observed_s=0.0 if facts is None else facts.observed_s,
    )


def _measure_effects(
    venue: Venue,
    decisions: Sequence[FindingDecision],
    history_s: Interval | None,
    context: JobContext,
) -> dict[tuple[str, str], tuple[Phrase, ...]]:
    """Return, for every change of the layout, how its zone compares after it with before."""
    from app.comparison.period_comparison import ComparisonPeriod, compare_periods

    known = {str(zone.name) for zone in venue.geometry_versions[-1].zones}
    effects: dict[tuple[str, str], tuple[Phrase, ...]] = {}
    for decision in decisions:
        periods = split_at_change(decision, history_s=history_s, time_zone=venue.exhibition.time_zone)
        zone = decision.place.rpartition("/")[2]
        if decision.state is not FindingState.DONE or decision.changed_on is None:
            continue
        if periods is None or zone not in known:
            effects[decision.key] = (
                Phrase("No effect is measured: it needs observations before and after the change.")
                if periods is None
                else Phrase("No effect is measured outside zones."),
            )
            continue
        before, after = (ComparisonPeriod(venue, period_s) for period_s in periods)
        try:
            metrics = _CROWD_METRICS if decision.kind in _CROWD_KINDS else _STAND_METRICS
            job = JobContext(is_cancelled=lambda: context.is_cancelled)
            compared = compare_periods(before, after, metrics=metrics, zones=(zone,), job=job)
        except StoreError as error:
            effects[decision.key] = (Phrase(error.problem_template, error.details),)
        else:
            effects[decision.key] = tuple(change.sentence for change in compared.changes)
    return effects


def _draws_people(event: TimedEvent) -> bool:
    """Return whether an event can draw visitors out of a zone: breaks and campaigns do not."""
    return event.kind in (EventKind.TALK, EventKind.OTHER) and event.end_s - event.start_s <= MAX_EVENT_S
