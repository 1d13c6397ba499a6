"""Search for layout findings in a venue's history."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.domain.exhibition import Interval
from analytics.domain.timed_event import EventKind, TimedEvent
from analytics.findings.finding import Outcome
from analytics.findings.layout_search import rank_findings, search_layout
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.history_extent import read_history_extent
from app.facts.period_facts import read_period_facts
from app.findings.finding_decisions import read_decisions
from app.findings.findings_figures import FindingsResults
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
MAX_EVENT_S = 4 * 3600.0
"""Maximum length of an event; longer ones need a comparison of periods."""


def search_venue(
    *,
    venue: Venue,
    period_s: Interval,
    context: JobContext | None = None,
) -> FindingsResults:
    """Apply every rule to a period; without outcomes where nothing was observed.

    Args:
        period_s: start and end, seconds since the epoch.

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
        timeline = read_timeline(venue.folder)
        events = [event for event in timeline.events if _draws_people(event)]
        outcomes = search_layout(
            facts, targets=venue.targets, sponsors=sponsors, events=events, shifts=timeline.shifts
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
        observed_s=0.0 if facts is None else facts.observed_s,
    )


def _draws_people(event: TimedEvent) -> bool:
    """Return whether an event can draw visitors out of a zone: breaks and campaigns do not."""
    return event.kind in (EventKind.TALK, EventKind.OTHER) and event.end_s - event.start_s <= MAX_EVENT_S
