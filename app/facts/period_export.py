"""Export of a period as result files and a heatmap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from analytics.domain.errors import StoreError
from analytics.metrics.low_counts import find_low_counts
from analytics.metrics.moved_views import find_moved_spans
from analytics.store.sql_event_reader import SqlEventReader
from analytics.store.sql_event_store import open_reader
from app.access.guard import doing
from app.access.roles import Permission
from app.core.document import Venue, make_visitor_names
from app.facts.camera_views import find_camera_views
from app.facts.expired_tracks import require_tracks
from app.facts.period_results import Floor, write_period_results
from vision.tracking.floor_tracker_settings import list_tracker_parameters


@dataclass(frozen=True, slots=True)
class ExportedPeriod:
    """Results of an export.

    Attributes:
        gaps: unobserved times (``GAP_COLUMNS``).
        moved: times with doubtful camera positions (``find_moved_spans``).
    """

    summary: dict[str, object]
    gaps: pd.DataFrame
    moved: pd.DataFrame


def export_period(
    *, venue: Venue, start_utc_s: float | None, end_utc_s: float | None, out_folder: Path
) -> ExportedPeriod:
    """Recompute a period from its track points with the zones in force, and write it.

    Visitors and tracklets get random numbers unique to these files.

    Args:
        start_utc_s, end_utc_s: seconds since the epoch; None: the history's own start and end.

    Raises:
        AccessError: the role does not permit exporting data of single persons.
        StoreError: there is nothing in the period, its tracks were deleted for their age, or the zones
            changed within it.
        OutputError: the folder cannot be written.
    """
    what = {"data": "tracks, visits, crossings", "folder": out_folder.name}
    with doing(venue.folder, Permission.EXPORT_PERSONS, "period exported", what):
        return _export(venue, start_utc_s, end_utc_s, out_folder)


def _export(
    venue: Venue, start_utc_s: float | None, end_utc_s: float | None, out_folder: Path
) -> ExportedPeriod:
    reader = open_reader(venue.folder)
    try:
        start_s, end_s = choose_period(reader, venue, start_utc_s, end_utc_s)
        tracks = reader.read_tracks(start_s, end_s)
        spans = reader.read_spans(start_s, end_s)
        require_tracks(reader, spans, (start_s, end_s))
        gaps = reader.read_gaps(start_s, end_s)
        moved = find_moved_spans(reader.read_events(None, end_s), (start_s, end_s))
        low = find_low_counts(reader.read_events(start_s, None), (start_s, end_s))
    finally:
        reader.close()
    if not len(spans):
        raise make_no_data_error(venue)
    versions = list(venue.geometries_between(start_s, end_s))
    if len(versions) > 1:
        zone = ZoneInfo(venue.exhibition.time_zone)
        changed = datetime.fromtimestamp(versions[1][1], zone).isoformat(timespec="seconds")
        raise StoreError(
            "The zones of '{venue}' changed within the period, at {changed}.",
            "Export the parts before and after the change separately, each with its own zones.",
            venue=venue.name,
            changed=changed,
        )
    geometry = versions[0][0] if versions else venue.geometry_at(start_s)
    summary = write_period_results(
        tracks=tracks,
        spans=spans,
        floor=Floor(
            venue.plan,
            geometry,
            find_camera_views(venue),
            venue.plan_picture_file,
            corrections=venue.corrections,
        ),
        period_s=(start_s, end_s),
        starts_at_known_time=True,
        title=venue.exhibition.name,
        period_label=label_period(start_s, end_s, time_zone=venue.exhibition.time_zone),
        skipped_rows={},
        parameters={
            "tracking": list_tracker_parameters(),
            "model": venue.settings.model_name,
        },
        out_folder=out_folder,
        moved=moved,
        low=low,
        gaps=gaps,
        visitor_names=make_visitor_names(venue, (start_s, end_s)),
    )
    return ExportedPeriod(summary, gaps, moved)


def label_period(start_utc_s: float, end_utc_s: float, *, time_zone: str) -> str:
    """Return a period in venue time, such as ``2026-11-25 09:00 to 17:00``."""
    zone = ZoneInfo(time_zone)
    start = datetime.fromtimestamp(start_utc_s, zone)
    end = datetime.fromtimestamp(end_utc_s, zone)
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M} to {last} ({time_zone})"


def choose_period(
    reader: SqlEventReader, venue: Venue, start_utc_s: float | None, end_utc_s: float | None
) -> tuple[float, float]:
    """Return start and end of a period; None stands for the history's own.

    Raises:
        StoreError: nothing was recorded, or the period ends before it begins.
    """
    extent = reader.time_range()
    if extent is None:
        raise make_no_data_error(venue)
    start_s = extent.start_s if start_utc_s is None else start_utc_s
    end_s = extent.end_s if end_utc_s is None else end_utc_s
    if end_s <= start_s:
        raise StoreError("The period ends before it begins.", "Choose a '--from' before '--to'.")
    return start_s, end_s


def make_no_data_error(venue: Venue) -> StoreError:
    """Return the error of a period without observations."""
    return StoreError(
        "'{venue}' has no data for that period.",
        "Choose another period, or record first: python -m app record --venue {folder}",
        venue=venue.name,
        folder=venue.folder,
    )
