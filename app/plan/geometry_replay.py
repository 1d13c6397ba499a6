"""Recounts of the last minutes with changed zones and lines, compared with the present ones."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import pandas as pd

from analytics.domain.floor_plan import FloorGeometry
from analytics.dwell.zone_figures import ZoneFigures
from analytics.results.summary import PeriodResults, compute_results
from analytics.store.event_store import EventReader
from analytics.store.sql_event_store import open_reader
from app.core.change_set import Part, compare_venues
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.camera_views import find_camera_views
from app.facts.expired_tracks import find_expiry
from app.facts.history_extent import open_history
from app.facts.identified_period import IdentifiedPeriod, identify_period
from app.plan.edit_geometry import RedrawPast
from app.plan.geometry_check import ObservedTracks
from app.plan.plan_shapes import Shape, find_version


@dataclass(frozen=True, slots=True, eq=False)
class RecentTracks:
    """Recorded tracks of the last minutes.

    Attributes:
        tracks, spans: columns of ``TRACK_COLUMNS`` and ``SPAN_COLUMNS``, seconds since the epoch.
        period_s: start and end, seconds since the epoch.
    """

    tracks: pd.DataFrame
    spans: pd.DataFrame
    period_s: tuple[float, float]

    @property
    def duration_s(self) -> float:
        """Length of the period in seconds."""
        return self.period_s[1] - self.period_s[0]

    def identify(self, venue: Venue, geometry: FloorGeometry) -> IdentifiedPeriod:
        """Return the tracks with ID switches resolved; the geometry says where people may appear at doors."""
        return identify_period(
            tracks=self.tracks,
            spans=self.spans,
            period_s=self.period_s,
            views=find_camera_views(venue),
            zones=geometry.zones,
            lines=geometry.lines,
            corrections=venue.corrections,
        )

    def watch(self, venue: Venue, geometry: FloorGeometry) -> ObservedTracks:
        """Return the tracks as the geometry check expects them."""
        period = self.identify(venue, geometry)
        return ObservedTracks(period.tracks, period.spans, self.duration_s, period.doors.learned)


def read_recent_tracks(venue: Venue, *, last_s: float) -> RecentTracks | None:
    """Read the last seconds of a venue's history; None without tracks.

    The end is that of the history, not now: what a venue recorded yesterday is good for trying, too.

    Raises:
        StoreError: the history cannot be read.
    """
    with open_history(venue) as history:
        if history is None:
            return None
        reader, (start_s, end_s) = history
        period_s = (max(start_s, end_s - last_s), end_s)
        tracks, spans = reader.read_tracks(*period_s), reader.read_spans(*period_s)
    return RecentTracks(tracks, spans, period_s) if len(spans) else None


COUNTED_S = 3600.0
"""Length of the recount of each version: an hour takes a second or two, a day would take minutes."""
_INSTANT_S = 1e-3
"""Time before the end of a version at which it is still in force."""


@dataclass(frozen=True, slots=True)
class PastVersion:
    """An earlier version that draws a zone or line differently.

    Attributes:
        start_utc_s, end_utc_s: seconds since the epoch; no start: from the beginning.
        counted_utc_s: counted part of it; None without observations.
        before, after: counts as drawn, and as redrawn.
    """

    start_utc_s: float | None
    end_utc_s: float
    label: str
    counted_utc_s: tuple[float, float] | None = None
    before: ZoneCount | LineCount | None = None
    after: ZoneCount | LineCount | None = None


def list_past(venue: Venue, shape: Shape) -> tuple[PastVersion, ...]:
    """Return the earlier versions that redrawing would change, oldest first, without counts.

    Raises:
        GeometryError: there is no such zone or line.
    """
    changed = {change.version_utc_s for change in compare_venues(venue, RedrawPast(shape).apply(venue))}
    versions = venue.geometry_versions
    return tuple(
        PastVersion(version.valid_from_utc_s, later.valid_from_utc_s, version.label)
        for version, later in itertools.pairwise(versions)
        if version.valid_from_utc_s in changed and later.valid_from_utc_s is not None
    )


def count_past(venue: Venue, shape: Shape, context: JobContext) -> tuple[PastVersion, ...]:
    """Count the last hour of each version as drawn and as redrawn; nothing is written.

    Progress is in versions.

    Raises:
        GeometryError: there is no such zone or line.
        StoreError: the history cannot be read.
        JobCancelled: the context was cancelled.
    """
    past = list_past(venue, shape)
    if not venue.has_history:
        return past
    redrawn = RedrawPast(shape).apply(venue)
    reader = open_reader(venue.folder)
    try:
        return tuple(_count_versions(past, venue, redrawn, shape, reader=reader, context=context))
    finally:
        reader.close()


def _count_versions(
    past: tuple[PastVersion, ...],
    venue: Venue,
    redrawn: Venue,
    shape: Shape,
    *,
    reader: EventReader,
    context: JobContext,
) -> Iterator[PastVersion]:
    for number, version in enumerate(past):
        context.checkpoint(number, len(past))
        recent = _read_end(version, reader)
        if recent is None:
            yield version
            continue
        changed = find_version(redrawn, version.start_utc_s)
        before, after = _count_version(venue, changed, recent, shape)
        start_s, end_s = recent.period_s
        counted_utc_s = start_s, end_s + _INSTANT_S
        yield dataclasses.replace(version, counted_utc_s=counted_utc_s, before=before, after=after)
    context.checkpoint(len(past), len(past))


def _read_end(version: PastVersion, reader: EventReader) -> RecentTracks | None:
    extent = reader.time_range()
    if extent is None:
        return None
    end_s = min(version.end_utc_s, extent.end_s) - _INSTANT_S
    start_s = max(version.start_utc_s or float("-inf"), extent.start_s, end_s - COUNTED_S)
    if start_s >= end_s:
        return None
    tracks, spans = reader.read_tracks(start_s, end_s), reader.read_spans(start_s, end_s)
    is_gone = find_expiry(reader, spans, (start_s, end_s)) is not None
    return RecentTracks(tracks, spans, (start_s, end_s)) if len(spans) and not is_gone else None


def _count_version(
    venue: Venue, changed: FloorGeometry, recent: RecentTracks, shape: Shape
) -> tuple[ZoneCount | LineCount, ZoneCount | LineCount]:
    replay = replay_geometry(venue, changed=changed, recent=recent)
    return replay.zones[shape.name] if shape.part is Part.ZONES else replay.lines[shape.name]


@dataclass(frozen=True, slots=True)
class ZoneCount:
    """A zone's counts; None where the geometry lacks it or nothing was observed."""

    visits: int | None
    person_seconds: float | None


@dataclass(frozen=True, slots=True)
class LineCount:
    """A line's counts; None where the geometry lacks it."""

    into: int | None
    out: int | None


@dataclass(frozen=True, slots=True)
class Replay:
    """Counts of one period with two geometries; zones and lines by name, those of the changed one first.

    Attributes:
        period_s: start and end, seconds since the epoch.
        people: number of observed people.
        zones, lines: (counts with the present geometry, with the changed one).
    """

    period_s: tuple[float, float]
    people: int
    zones: Mapping[str, tuple[ZoneCount, ZoneCount]]
    lines: Mapping[str, tuple[LineCount, LineCount]]


def replay_geometry(venue: Venue, *, changed: FloorGeometry, recent: RecentTracks) -> Replay:
    """Count recorded tracks with the geometry in force at their end, and with a changed one.

    Nothing is written; the history is recomputed when the geometry is saved.
    """
    present = venue.geometry_at(recent.period_s[1])
    before, after = (_count(venue, geometry, recent) for geometry in (present, changed))
    people = recent.identify(venue, changed).tracks["visitor"].nunique()
    return Replay(
        period_s=recent.period_s,
        people=int(people),
        zones={
            name: (_read_zone(before, name), _read_zone(after, name))
            for name in _list_names(after.zones, before.zones)
        },
        lines={
            name: (_read_line(before, name), _read_line(after, name))
            for name in _list_names(after.summary["lines"], before.summary["lines"])
        },
    )


def _count(venue: Venue, geometry: FloorGeometry, recent: RecentTracks) -> PeriodResults:
    period = recent.identify(venue, geometry)
    return compute_results(
        tracks=period.tracks,
        spans=period.spans,
        zones=geometry.zones,
        lines=geometry.lines,
        duration_s=recent.duration_s,
        views=find_camera_views(venue),
        doors=period.doors,
    )


def _list_names(first: object, second: object) -> list[str]:
    return list(dict.fromkeys([*cast(Mapping[str, object], first), *cast(Mapping[str, object], second)]))


def _read_zone(results: PeriodResults, name: str) -> ZoneCount:
    visits = (figures := results.zones.get(name, ZoneFigures())).visits.value
    return ZoneCount(None if visits is None else round(visits), figures.person_seconds)


def _read_line(results: PeriodResults, name: str) -> LineCount:
    counts = cast(Mapping[str, Mapping[str, int | None]], results.summary["lines"]).get(name)
    return LineCount(None, None) if counts is None else LineCount(counts["in"], counts["out"])
