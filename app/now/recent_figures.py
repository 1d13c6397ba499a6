"""Compute arrivals and queue waiting times of the last 15 minutes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analytics.domain.arrays import Interval
from analytics.domain.zone import Zone, ZoneKind
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.period_arrivals import list_entrances
from app.floor_plan.corrected_period import ListedPlace, list_places

if TYPE_CHECKING:
    import pandas as pd

    from analytics.domain.uncounted_people import UncountedPeople
    from analytics.results.summary import PeriodResults
    from analytics.store.event_store import EventReader
    from analytics.visitors.doors import LearnedDoor

RECENT_S = 900.0
FRESH_S = 60.0
"""Age after which a waiting time is no longer shown."""
STEADY_SHARE = 0.2
"""Maximum change of the queue's length, relative to entries, for Little's law to hold."""
MIN_ENTRIES = 5
_ENDS_S = 60.0
_STEPS = 3.0


@dataclass(frozen=True, slots=True)
class QueueWait:
    """The recent waiting time in a queue.

    Attributes:
        wait_s: time in the zone by Little's law, W = L / λ; None with too few entries or without
            observation.
        entries: people who entered the queue.
        is_steady: whether start and end of the period had about the same queue length, as the law
            requires.
    """

    wait_s: float | None
    entries: int
    is_steady: bool


@dataclass(frozen=True, slots=True)
class RecentFigures:
    """Figures of the last 15 minutes.

    Attributes:
        observed_s: time in which any camera was analysed.
        arrivals: inward crossings of entrance lines; None without such a line or without observation.
        has_entrance: whether there is a counting line of kind entrance.
        waits: waiting times by queue zone.
        visits_begun: visits begun by observed zone; empty unless requested.
        places: places with suspected or confirmed objects that are no visitors.
        doors: places at which many people appear and disappear, though no door is drawn there.
        low_counts: cameras that probably did not count everybody.
    """

    period_s: Interval
    observed_s: float = 0.0
    arrivals: int | None = None
    has_entrance: bool = False
    waits: Mapping[str, QueueWait] = field(default_factory=dict)
    visits_begun: Mapping[str, int] = field(default_factory=dict)
    places: tuple[ListedPlace, ...] = ()
    doors: tuple[LearnedDoor, ...] = ()
    low_counts: tuple[UncountedPeople, ...] = ()

    def find_waits_s(self, now_utc_s: float) -> dict[str, float]:
        """Return the known waiting times by queue; empty once they are too old."""
        if now_utc_s - self.period_s[1] > FRESH_S:
            return {}
        return {name: wait.wait_s for name, wait in self.waits.items() if wait.wait_s is not None}


def compute_recent_figures(
    *, venue: Venue, now_utc_s: float, context: JobContext | None = None, with_zones: bool = False
) -> RecentFigures:
    """Compute the figures of the last 15 minutes from a venue's history.

    Args:
        with_zones: whether to count the visits of all zones, not only of queues.

    Raises:
        StoreError: the history cannot be read; a missing history is no error.
        JobCancelled: the job was cancelled.
    """
    context = context or JobContext()
    period = (now_utc_s - RECENT_S, now_utc_s)
    geometry = venue.geometry_at(now_utc_s)
    entrances = list_entrances(geometry.lines)
    queues = [zone for zone in geometry.zones if zone.kind is ZoneKind.QUEUE]
    nothing = RecentFigures(period, has_entrance=bool(entrances))
    if not venue.has_history:
        return nothing
    # pandas and the store's engines take a second to load, which the window must not wait for
    from analytics.flows.footfall import CrossingSettings, compute_crossings
    from analytics.metrics.low_counts import find_low_counts
    from analytics.metrics.observation import clip_intervals, unite_spans
    from analytics.results.summary import compute_results
    from analytics.store.sql_event_store import open_reader
    from app.facts.camera_views import find_camera_views
    from app.facts.identified_period import identify_period

    context.checkpoint(0, _STEPS)
    with closing(open_reader(venue.folder)) as reader:
        spans = read_spans(reader, period)
        if spans.empty:
            return nothing
        tracks, events = reader.read_tracks(*period), reader.read_events(period[0], None)
    context.checkpoint(1, _STEPS)
    views = find_camera_views(venue)
    identified = identify_period(
        tracks=tracks,
        spans=spans,
        period_s=period,
        views=views,
        zones=geometry.zones,
        lines=geometry.lines,
        corrections=venue.corrections,
    )
    context.checkpoint(2, _STEPS)
    observed = clip_intervals(unite_spans(identified.spans), start_s=0.0, end_s=RECENT_S)
    crossings = compute_crossings(
        tracks=identified.tracks, lines=entrances, settings=CrossingSettings(), spans=identified.spans
    )
    waits: dict[str, QueueWait] = {}
    visits_begun: dict[str, int] = {}
    zones = list(geometry.zones) if with_zones else queues
    if zones:
        results = compute_results(
            tracks=identified.tracks,
            spans=identified.spans,
            zones=zones,
            lines=(),
            duration_s=RECENT_S,
            views=views,
            doors=identified.doors,
        )
        waits = {str(zone.name): _estimate_wait(zone, results.stays) for zone in queues}
        if with_zones:
            visits_begun = _count_visits_begun(results)
    return RecentFigures(
        period_s=period,
        observed_s=float((observed[:, 1] - observed[:, 0]).sum()),
        arrivals=int((crossings["direction"] == "in").sum()) if entrances else None,
        has_entrance=bool(entrances),
        waits=waits,
        visits_begun=visits_begun,
        places=list_places(venue.corrections, identified),
        doors=identified.doors.learned,
        low_counts=find_low_counts(events, period),
    )


def read_spans(reader: EventReader, period_s: Interval) -> pd.DataFrame:
    """Return the spans of a period with a positive duration, after checking that its tracks are complete."""
    reader.check_tracks(*period_s)
    spans = reader.read_spans(*period_s)
    return spans[spans["end_s"] > spans["start_s"]]


def _count_visits_begun(results: PeriodResults) -> dict[str, int]:
    """Count the visits begun by observed zone; visitors present from the start are not counted."""
    begun = results.visits.loc[results.visits["entered_s"] > 0.0, "zone"].value_counts()
    return {name: int(begun.get(name, 0)) for name, zone in results.zones.items() if zone.coverage > 0}


def _estimate_wait(zone: Zone, stays: pd.DataFrame) -> QueueWait:
    own = stays[stays["zone"] == str(zone.name)]
    entries = len(own)

    def count_people(from_s: float, to_s: float) -> float:
        within = own["left_s"].clip(from_s, to_s) - own["entered_s"].clip(from_s, to_s)
        return float(within.sum()) / (to_s - from_s)

    # entries and exits that the edges of the 15 minutes did not make
    passings = sum(float((own[edge] != "period").sum()) for edge in ("start_edge", "end_edge")) / 2
    change = abs(count_people(RECENT_S - _ENDS_S, RECENT_S) - count_people(0.0, _ENDS_S))
    return QueueWait(
        wait_s=float(own["seconds"].sum()) / passings if entries >= MIN_ENTRIES and passings else None,
        entries=entries,
        is_steady=entries >= MIN_ENTRIES and change <= STEADY_SHARE * entries,
    )
