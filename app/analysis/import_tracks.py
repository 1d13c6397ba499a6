"""Import of positions measured by another sensor or program into a venue's history."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import shapely
import shapely.geometry

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.camera import Camera, PixelPolygon, PointPair
from analytics.domain.clock import Clock, SystemClock, format_utc
from analytics.domain.errors import DetectionFileError, StoreError, VenueError
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId
from analytics.domain.track import TrackState
from analytics.store.event_store import Recording
from analytics.store.past_hours import POINT_TYPE, STATES, PastCamera, add_past_hours
from analytics.store.sql_event_store import open_reader
from app.access.guard import changes_venue, doing
from app.access.roles import Permission
from app.analysis.detection_file import SkippedRows
from app.analysis.import_recording import compute_recording_digest
from app.analysis.track_file import SensorTracks, read_sensor_tracks
from app.core.document import Venue, VenueCamera
from app.core.file_format import read_venue, write_venue
from app.core.job import JobContext
from app.error_reporting import convert_error
from resources.bounded_file import read_bounded

HOUR_S = 3600.0
MAX_PAUSE_S = 3600.0
"""Pause without anybody after which the sensor counts as switched off."""
PREVIEWED = 3000
"""Positions of a preview: enough to see the aisles."""
_PX_PER_M = 100.0
_MAX_SIDE_PX = 8000.0


class Identities(StrEnum):
    """Meaning of a ``track_id``."""

    PERSONS = "persons"
    """One person for as long as it lasts."""
    TRACKLETS = "tracklets"
    """A piece of a person's path, joined with others as those of cameras are."""


@dataclass(frozen=True, slots=True)
class ImportedTracks:
    """Result of an import.

    Attributes:
        positions, people: numbers of usable rows, and of different ``track_id``.
        observed_s: start and end of each stretch, seconds since the epoch.
        is_new: whether anything was added; a file that is known already changes nothing.
    """

    positions: int
    people: int
    observed_s: tuple[tuple[float, float], ...]
    skipped: SkippedRows
    is_new: bool


def import_tracks(
    *,
    into: Venue,
    file: Path,
    sensor: str,
    start_utc_s: float | None = None,
    covered: Polygon | None = None,
    identities: Identities = Identities.PERSONS,
    clock: Clock | None = None,
    context: JobContext | None = None,
) -> ImportedTracks:
    """Add a sensor's positions to a venue's history, all or none.

    The sensor becomes a camera of the venue that looks straight down on the floor it covers, so that every
    page treats its floor as observed.

    Args:
        sensor: its name; known from an earlier import, or new.
        start_utc_s: see ``read_sensor_tracks``.
        covered: the floor that it covers; None: the whole hall, or that of an earlier import.

    Raises:
        AccessError: the user may not record.
        DetectionFileError: the file cannot be used.
        VenueError: a camera has this name, or the sensor covered another floor before.
        StoreError: the history cannot be written, or the file extends into the current hour.
        JobCancelled: nothing was added.
    """
    clock, context = clock or SystemClock(), context or JobContext()
    camera = _choose_sensor(into, sensor, covered, identities)
    tracks, skipped = read_sensor_tracks(
        file, start_utc_s=start_utc_s, outline=into.plan.outline, context=context
    )
    latest_s = float(tracks.time_s.max())
    if latest_s > clock.now_utc_s():
        raise DetectionFileError(
            "{file} ends in the future, at {end}.",
            "Check its start and time zone: times are in UTC.",
            file=file.name,
            end=format_utc(latest_s),
        )
    if latest_s + tracks.interval_s >= clock.now_utc_s() // HOUR_S * HOUR_S:
        raise StoreError(
            "{file} extends into the current hour, which may still be recorded.",
            "Import it again after the full hour.",
            file=file.name,
        )
    digest = compute_recording_digest(file)
    stretches = list(_split(tracks, camera.name, f"{digest} {camera.name}", file.name, clock.now_utc_s()))
    with doing(into.folder, Permission.RECORD, "tracks imported", {"file": file.name, "camera": sensor}):
        if camera.name not in into.camera_names:
            add_sensor(into.folder, camera)
        added = add_past_hours(into.folder, cameras=stretches, clock=clock, on_hour=context.checkpoint)
    return ImportedTracks(
        positions=len(tracks.time_s),
        people=int(tracks.person.max()),
        observed_s=tuple((stretch.span.start_s, stretch.span.end_s) for stretch in stretches),
        skipped=skipped,
        is_new=added > 0,
    )


@dataclass(frozen=True, slots=True, eq=False)
class TracksPreview:
    """A file of positions before its import.

    Attributes:
        places_m: some of the positions, spread over the file, shape (n, 2).
        period_s: first and last time, seconds since the epoch.
    """

    places_m: FloatArray
    positions: int
    people: int
    period_s: Interval
    skipped: SkippedRows


def preview_tracks(
    file: Path, *, start_utc_s: float | None, venue: Venue, context: JobContext | None = None
) -> TracksPreview:
    """Read a file as an import would, without changing anything.

    Raises:
        DetectionFileError: as `import_tracks`.
        JobCancelled: the reading was cancelled.
    """
    tracks, skipped = read_sensor_tracks(
        file, start_utc_s=start_utc_s, outline=venue.plan.outline, context=context
    )
    some = np.linspace(0, len(tracks.time_s) - 1, min(PREVIEWED, len(tracks.time_s))).astype(int)
    return TracksPreview(
        places_m=np.column_stack([tracks.x_m[some], tracks.y_m[some]]).astype(np.float64),
        positions=len(tracks.time_s),
        people=int(tracks.person.max()),
        period_s=(float(tracks.time_s.min()), float(tracks.time_s.max())),
        skipped=skipped,
    )


@dataclass(frozen=True, slots=True)
class PastImport:
    """A file of positions that is part of the history.

    Attributes:
        period_s: start and end of what it added, seconds since the epoch.
    """

    file: str
    sensor: CameraId
    period_s: Interval
    imported_s: float


def list_imports(venue: Venue) -> tuple[PastImport, ...]:
    """Return the imported files of sensors, the newest first.

    Raises:
        StoreError: the history cannot be read.
    """
    sensors = {entry.name for entry in venue.cameras if entry.address is None}
    if not sensors or not venue.has_history:
        return ()
    found: dict[tuple[CameraId, float], list[Recording]] = {}
    with closing(open_reader(venue.folder)) as reader:
        for recording in reader.list_recordings():
            if recording.camera in sensors and recording.start_s is not None:
                found.setdefault((recording.camera, recording.imported_s), []).append(recording)
        imports = []
        for (sensor, imported_s), parts in found.items():
            starts_s = sorted(part.start_s or 0.0 for part in parts)
            spans = reader.read_spans(starts_s[-1], starts_s[-1] + 1.0, cameras=[sensor])
            end_s = float(spans["end_s"].max()) if len(spans) else starts_s[-1]
            name = min(parts, key=lambda part: part.start_s or 0.0).name
            imports.append(
                PastImport(
                    file=name if len(parts) == 1 else re.sub(r" \(1\)$", "", name),
                    sensor=sensor,
                    # a little later, since an end does not belong to its period
                    period_s=(starts_s[0], end_s + 0.001),
                    imported_s=imported_s,
                )
            )
    return tuple(sorted(imports, key=lambda one: one.imported_s, reverse=True))


@changes_venue(Permission.EDIT_CAMERAS, "sensor added")
def add_sensor(folder: Path, camera: Camera) -> Venue:
    """Add a sensor to a venue's cameras.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    changed = read_venue(folder).with_camera(VenueCamera(camera, None))
    write_venue(changed)
    return changed


def _choose_sensor(venue: Venue, name: str, covered: Polygon | None, identities: Identities) -> Camera:
    new = make_sensor(name, venue.plan, covered, identities)
    if name not in venue.camera_names:
        return new
    known = venue.camera(name)
    geometry = venue.camera_geometry(name)
    if known.address is not None or geometry is None or not geometry.looks_straight_down:
        raise VenueError(
            "'{name}' is a camera of this venue.", "Choose another name for the sensor.", name=name
        )
    is_same_floor = covered is None or known.camera.mask == new.mask
    if known.camera.gives_persons != new.gives_persons or not is_same_floor:
        raise VenueError(
            "The sensor '{name}' covered another floor, or told people otherwise, in an earlier import.",
            "Import as before, or choose another name.",
            name=name,
        )
    return known.camera


def make_sensor(name: str, plan: FloorPlan, covered: Polygon | None, identities: Identities) -> Camera:
    """Return a camera that looks straight down on the whole floor, masked where the sensor covers nothing."""
    left, bottom, right, top = plan.outline.to_shape().bounds
    scale = min(_PX_PER_M, _MAX_SIDE_PX / max(right - left, top - bottom))

    def to_px(x_m: float, y_m: float) -> tuple[float, float]:
        return (x_m - left) * scale, (top - y_m) * scale

    corners = ((left, bottom), (right, bottom), (right, top), (left, top))
    width, height = (max(16, round(side * scale)) for side in (right - left, top - bottom))
    hidden: list[PixelPolygon] = []
    if covered is not None:
        floor, seen = shapely.box(left, bottom, right, top), covered.to_shape()
        middle = seen.representative_point().x
        # in halves, so that what is left has no holes
        for half in (shapely.box(left, bottom, middle, top), shapely.box(middle, bottom, right, top)):
            for part in shapely.get_parts(half.intersection(floor).difference(seen)):
                if part.geom_type == "Polygon" and part.area > 0:
                    ring = shapely.get_coordinates(part.exterior)[:-1].tolist()
                    hidden.append(tuple(to_px(x, y) for x, y in ring))
    return Camera(
        CameraId(name),
        frame_size_wh=(width, height),
        pairs=tuple(PointPair(*to_px(x, y), x, y) for x, y in corners),
        mask=tuple(hidden),
        analysed_fps=None,
        gives_persons=identities is Identities.PERSONS,
    )


def read_covered_floor(file: Path) -> Polygon:
    """Read the floor that a sensor covers: the one polygon of a GeoJSON file, in metres.

    Raises:
        VenueError: it cannot be read, or holds no polygon or several.
    """
    try:
        document = json.loads(read_bounded(file).decode("utf-8-sig"))
        found = [feature["geometry"] for feature in document.get("features", ())] or [
            document.get("geometry", document)
        ]
        (shape,) = (shapely.geometry.shape(entry) for entry in found)
    except OSError as error:
        raise convert_error(VenueError, error, file=file) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, shapely.GEOSException) as error:
        raise _no_polygon(file) from error
    if not isinstance(shape, shapely.Polygon) or not shape.is_valid or shape.area <= 0 or shape.interiors:
        raise _no_polygon(file)
    return Polygon(tuple((float(x), float(y)) for x, y in shapely.get_coordinates(shape)[:-1, :2]))


def _no_polygon(file: Path) -> VenueError:
    return VenueError(
        "{file} does not hold exactly one polygon without holes.",
        "Write the covered floor as one GeoJSON polygon, in metres as the plan.",
        file=file.name,
    )


def _split(
    tracks: SensorTracks, camera: CameraId, mark: str, title: str, imported_s: float
) -> Iterator[PastCamera]:
    """Yield the observed stretches between pauses without anybody."""
    in_time = np.sort(tracks.time_s)
    borders = np.flatnonzero(np.diff(in_time) > MAX_PAUSE_S)
    starts_s: Sequence[float] = in_time[np.concatenate([[0], borders + 1])].tolist()
    ends_s: Sequence[float] = in_time[np.concatenate([borders, [len(in_time) - 1]])].tolist()
    interval_s = tracks.interval_s or 1.0
    state = STATES.index(TrackState.CONFIRMED)
    for number, (start_s, end_s) in enumerate(zip(starts_s, ends_s, strict=True), start=1):
        own = np.flatnonzero((tracks.time_s >= start_s) & (tracks.time_s <= end_s))
        points = np.empty(len(own), POINT_TYPE)
        points["time_s"], points["x_m"], points["y_m"] = (
            values[own] for values in (tracks.time_s, tracks.x_m, tracks.y_m)
        )
        points["sigma_m"], points["state"] = tracks.sigma_m[own], state
        points["tracklet"] = np.unique(tracks.person[own], return_inverse=True)[1] + 1
        frames = 1 + round((end_s - start_s) / interval_s)
        recording = Recording(
            name=title if len(starts_s) == 1 else f"{title} ({number})",
            sha256=hashlib.sha256(f"{mark} {number}".encode()).hexdigest(),
            camera=camera,
            start_s=start_s,
            imported_s=imported_s,
        )
        span = ObservedSpan(camera, start_s, max(end_s, start_s + interval_s), frames)
        yield PastCamera(points, span, recording, height_m=tracks.height_m[own])
