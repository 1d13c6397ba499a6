"""What is found out about a venue's layout in a period, and what was decided about it."""

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
from app.findings.findings_figures import FoundLayout
from app.timeline.timeline_file import read_timeline

TABLE_NAMES = ("zone_blocks", "zone_uses", "minutes", "crowding", "queue_tails")
"""Of the rollups: the sums that the rules read,"""
SPONSOR_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "exposed": ("zone", "visitor", "did_stop"),
    "journeys": ("visitor",),
    "ways": (),
    "way_steps": (),
}
"""and what the rule about sponsors reads besides, where there are any: who came near them, one by one."""
MAX_EVENT_S = 4 * 3600.0
"""What lasts longer is held against other days by whoever compares periods."""


def search_venue(
    *,
    venue: Venue,
    period_s: Interval,
    context: JobContext | None = None,
) -> FoundLayout:
    """Let every rule look at a period; without an outcome where nothing was observed.

    Args:
        period_s: start and end, seconds since the epoch.

    Raises:
        StoreError: the history cannot be read.
        VenueError: the decisions or the timeline cannot be read.
        JobCancelled: the context says so.
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
    return FoundLayout(
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
    """Whether it may empty a zone by drawing its visitors: breaks send them away, and campaigns last."""
    return event.kind in (EventKind.TALK, EventKind.OTHER) and event.end_s - event.start_s <= MAX_EVENT_S
