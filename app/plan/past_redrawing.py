"""What would be counted otherwise if a zone or line were redrawn in the past, told before it is done."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from analytics.domain.floor_plan import FloorGeometry
from analytics.store.event_store import EventReader
from analytics.store.sql_event_store import open_reader
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.expired_tracks import find_expiry
from app.plan.edit_step import plan_step
from app.plan.edit_versions import RedrawPast
from app.plan.geometry_change import Part, find_version
from app.plan.geometry_replay import LineCount, ZoneCount, replay_geometry
from app.plan.plan_shapes import Shape
from app.plan.recent_tracks import RecentTracks

COUNTED_S = 3600.0
"""Of each version: its last hour is counted within a second or two, a day of it would take minutes."""
_INSTANT_S = 1e-3
"""Before its end, at which the next version holds already."""


@dataclass(frozen=True, slots=True)
class PastVersion:
    """One earlier version of the zones in which a zone or line is drawn otherwise.

    Attributes:
        start_utc_s, end_utc_s: when it held, seconds since the epoch; no start: from the beginning.
        label: what a person called it.
        counted_utc_s: the stretch of it that was counted; None where nothing was observed.
        before, after: what it counts there as it is, and redrawn.
    """

    start_utc_s: float | None
    end_utc_s: float
    label: str
    counted_utc_s: tuple[float, float] | None = None
    before: ZoneCount | LineCount | None = None
    after: ZoneCount | LineCount | None = None


def list_past(venue: Venue, shape: Shape) -> tuple[PastVersion, ...]:
    """The earlier versions that redrawing would change, in the order of time; nothing is counted.

    Raises:
        GeometryError: there is no such zone or line.
    """
    changed = {change.version_utc_s for change in RedrawPast(shape).find_changes(venue)}
    versions = venue.geometry_versions
    return tuple(
        PastVersion(version.valid_from_utc_s, later.valid_from_utc_s, version.label)
        for version, later in itertools.pairwise(versions)
        if version.valid_from_utc_s in changed and later.valid_from_utc_s is not None
    )


def count_past(venue: Venue, shape: Shape, context: JobContext) -> tuple[PastVersion, ...]:
    """The same, with the last hour of each version counted as it is and redrawn; nothing is written.

    Progress is in versions.

    Raises:
        GeometryError: there is no such zone or line.
        StoreError: the history cannot be read.
        JobCancelled: the context was cancelled.
    """
    past = list_past(venue, shape)
    if not venue.has_history:
        return past
    redrawn = plan_step(venue, RedrawPast(shape)).redo(venue)
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
        before, after = _count(venue, changed, recent, shape)
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


def _count(
    venue: Venue, changed: FloorGeometry, recent: RecentTracks, shape: Shape
) -> tuple[ZoneCount | LineCount, ZoneCount | LineCount]:
    replay = replay_geometry(venue, changed=changed, recent=recent)
    return replay.zones[shape.name] if shape.part is Part.ZONES else replay.lines[shape.name]
