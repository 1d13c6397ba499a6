"""Export of data sets from a venue's history, day by day so that memory use does not grow with the period."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import OutputError, StoreError
from analytics.domain.exhibition import find_time_zone
from analytics.domain.zone import CountingLine, Zone
from analytics.results.data_sets import COLUMNS, DataSet, RowFormat, Step
from app.access.guard import doing
from app.access.roles import Permission
from app.core.document import Venue, check_zone_names, make_visitor_names
from app.core.job import JobContext
from app.error_reporting import convert_error
from app.facts.period_stretches import PlannedStretch, check_stretch, find_day, plan_stretches
from resources.atomic_file import replace_file

if TYPE_CHECKING:
    import pandas as pd

    from analytics.results.row_files import RowFile
    from analytics.results.visitor_names import VisitorNames
    from analytics.store.event_store import EventReader


@dataclass(frozen=True, slots=True)
class DataOrder:
    """Options of a data export.

    Attributes:
        data_sets: at least one.
        period_s: start and end, seconds since the epoch; sums cover every step that overlaps it.
        zones: names; all by default. Counting lines are included if they meet one of them.
        may_be_personal: data of individuals were explicitly requested.
    """

    data_sets: tuple[DataSet, ...]
    period_s: Interval
    step: Step = Step.HOUR
    zones: tuple[str, ...] = ()
    may_be_personal: bool = False


@dataclass(frozen=True, slots=True)
class ExportedData:
    """Result of a data export.

    Attributes:
        rows: number of rows in each file.
        missing_s: observed periods whose source data have been deleted.
    """

    rows: dict[Path, int]
    missing_s: tuple[Interval, ...] = ()


def parse_data_sets(names: Collection[str]) -> tuple[DataSet, ...]:
    """Return the data sets with the given names; one name may list several, separated by commas.

    Raises:
        OutputError: there is no such data set.
    """
    found = []
    for name in ",".join(names).split(","):
        try:
            found.append(DataSet(name.strip().lower()))
        except ValueError:
            raise OutputError(
                "There is no data set '{name}'.",
                "Choose from: {names}.",
                name=name.strip(),
                names=", ".join(DataSet),
            ) from None
    return tuple(dict.fromkeys(found))


def export_data(
    venue: Venue,
    order: DataOrder,
    *,
    out_folder: Path,
    row_format: RowFormat,
    context: JobContext | None = None,
    clock: Clock | None = None,
) -> ExportedData:
    """Write one file per data set into a folder, all or none; earlier files survive a failure.

    Progress counts stretches, usually days. Each stretch is evaluated with its own zones and as a whole, so
    that visits across the period's edges are counted as in the reports.

    Raises:
        AccessError: the user may not export this.
        OutputError: individuals' data were not explicitly requested, or a file cannot be written.
        VenueError: there is no such zone.
        StoreError: the history cannot be read, or no data of the period are left.
        JobCancelled: the job was cancelled; nothing was written.
    """
    check_order(venue, order)
    is_personal = any(one.is_personal for one in order.data_sets)
    permission = Permission.EXPORT_PERSONS if is_personal else Permission.EXPORT_REPORTS
    what = {"data": ", ".join(order.data_sets), "folder": out_folder.name}
    with doing(venue.folder, permission, "data exported", what):
        return write_data(
            venue, order, out_folder=out_folder, row_format=row_format, context=context, clock=clock
        )


def write_data(
    venue: Venue,
    order: DataOrder,
    *,
    out_folder: Path,
    row_format: RowFormat,
    context: JobContext | None = None,
    clock: Clock | None = None,
) -> ExportedData:
    """Write the files of `export_data` for a checked order, for a caller who may read it.

    Raises:
        OutputError: a file cannot be written.
        StoreError: the history cannot be read, or no data of the period are left.
        JobCancelled: the job was cancelled; nothing was written.
    """
    from analytics.results.row_files import RowFile
    from analytics.store.sql_event_store import open_reader

    context, clock = context or JobContext(), clock or SystemClock()
    if not venue.has_history:
        raise _make_unobserved_error(venue)
    zone = find_time_zone(venue.exhibition.time_zone)
    try:
        with closing(open_reader(venue.folder)) as reader, ExitStack() as stack:
            planned = plan_stretches(
                venue=venue,
                reader=reader,
                period_s=_extend_to_days(venue, reader, order.period_s),
                now_utc_s=clock.now_utc_s(),
            )
            overlapping = [one for one in planned if _overlaps(one.period_s, order.period_s)]
            if not overlapping:
                raise _make_unobserved_error(venue)
            out_folder.mkdir(parents=True, exist_ok=True)
            names = {one: out_folder / name_file(one, order.step, row_format) for one in order.data_sets}
            # contexts exit in reverse: every file is closed before it is renamed
            temporary = {one: stack.enter_context(replace_file(path)) for one, path in names.items()}
            files = {
                one: stack.enter_context(RowFile(path, COLUMNS[one], row_format=row_format, time_zone=zone))
                for one, path in temporary.items()
            }
            missing_s = _write(venue, reader, overlapping, order, files, context)
            if len(missing_s) == len(overlapping):
                raise _make_expired_error()
            rows = {path: files[one].rows for one, path in names.items()}
    except OSError as error:
        raise convert_error(OutputError, error, file=out_folder) from error
    return ExportedData(rows, missing_s)


def check_order(venue: Venue, order: DataOrder) -> None:
    """Check an order.

    Raises:
        OutputError: individuals' data were not explicitly requested, or the period is empty.
        VenueError: there is no such zone.
    """
    personal = [str(one) for one in order.data_sets if one.is_personal]
    if personal and not order.may_be_personal:
        raise OutputError(
            "{names} contain data about individuals, which must be requested explicitly.",
            "Choose visits, occupancy or crossings, which are sums; or add --personal-data if you are "
            "authorised.",
            names=", ".join(personal),
        )
    if order.period_s[1] <= order.period_s[0]:
        raise OutputError("The period ends before it begins.", "Choose a '--from' before '--to'.")
    check_zone_names(order.zones, venue.geometry_versions)


def name_file(data_set: DataSet, step: Step, row_format: RowFormat) -> str:
    """Return the file name of a data set, such as ``visits_by_hour.csv``."""
    stem = data_set.value.replace("-", "_")
    return f"{stem}.{row_format}" if data_set.is_personal else f"{stem}_by_{step}.{row_format}"


def _write(  # noqa: PLR0917
    venue: Venue,
    reader: EventReader,
    stretches: Sequence[PlannedStretch],
    order: DataOrder,
    files: dict[DataSet, RowFile],
    context: JobContext,
) -> tuple[Interval, ...]:
    """Write every stretch; return the stretches whose data are no longer complete."""
    missing: list[Interval] = []
    # the same names in all files of this export, so that they can be joined
    visitor_names = make_visitor_names(venue, order.period_s)
    for done, stretch in enumerate(stretches):
        context.checkpoint(done, len(stretches))
        for data_set, file in files.items():
            try:
                for rows in _list_rows(venue, reader, stretch, data_set, order, visitor_names, context):
                    file.write(rows)
            except StoreError:
                if not stretch.is_expired:
                    raise
                missing.append(stretch.period_s)
    context.checkpoint(len(stretches), len(stretches))
    return tuple(dict.fromkeys(missing))


def _list_rows(  # noqa: PLR0917
    venue: Venue,
    reader: EventReader,
    stretch: PlannedStretch,
    data_set: DataSet,
    order: DataOrder,
    visitor_names: VisitorNames,
    context: JobContext,
) -> Iterator[pd.DataFrame]:
    from analytics.results.data_tables import TABLES_OF, make_rows
    from app.facts.period_facts import read_period_facts

    zones, lines = _choose_zones(stretch, order.zones)
    if data_set is DataSet.TRACKS:
        yield from _list_points(venue, reader, stretch, order, zones, visitor_names)
        return
    period_s = _clip_to_period(stretch, order)
    edges_s = np.array(period_s) if data_set.is_personal else _find_edges(venue, stretch, order)
    facts = read_period_facts(
        venue=venue,
        period_s=stretch.period_s,
        # progress counts stretches
        context=JobContext(is_cancelled=lambda: context.is_cancelled),
        names=TABLES_OF[data_set],
    )
    if facts is not None:
        yield make_rows(
            data_set,
            facts,
            edges_s=edges_s,
            zones=zones,
            lines=lines,
            includes_hall=not order.zones,
            stretch_start_s=stretch.period_s[0],
            visitor_names=visitor_names,
        )


def _list_points(  # noqa: PLR0917
    venue: Venue,
    reader: EventReader,
    stretch: PlannedStretch,
    order: DataOrder,
    zones: Sequence[Zone],
    visitor_names: VisitorNames,
) -> Iterator[pd.DataFrame]:
    from analytics.results.data_tables import choose_points
    from app.facts.camera_views import find_camera_views
    from app.facts.identified_period import identify_period

    start_s, end_s = stretch.period_s
    if stretch.is_expired:
        raise _make_expired_error()
    stretch = check_stretch(reader, stretch)
    # not cached as for pages: a year of days would fill the cache
    identified = identify_period(
        tracks=reader.read_tracks(start_s, end_s),
        spans=stretch.spans[stretch.spans["end_s"] > stretch.spans["start_s"]],
        period_s=stretch.period_s,
        views=find_camera_views(venue),
        zones=stretch.geometry.zones,
        lines=stretch.geometry.lines,
        corrections=venue.corrections,
    )
    from_s, to_s = _clip_to_period(stretch, order)
    tracks = identified.tracks
    tracks = tracks[(tracks["time_s"] >= from_s - start_s) & (tracks["time_s"] < to_s - start_s)]
    if order.zones:
        tracks = choose_points(tracks, zones)
    at_s = tracks["time_s"].to_numpy(np.float64) + start_s
    named = visitor_names.name(tracks["visitor"], at_s, stretch_start_utc_s=start_s)
    yield tracks.assign(time=at_s, visitor=named)


def _choose_zones(stretch: PlannedStretch, names: Collection[str]) -> tuple[list[Zone], list[CountingLine]]:
    geometry = stretch.geometry
    if not names:
        return list(geometry.zones), list(geometry.lines)
    zones = [zone for zone in geometry.zones if str(zone.name) in names]
    shapes = [zone.outline.to_shape() for zone in zones]
    lines = [
        line for line in geometry.lines if any(line.path.to_shape().intersects(shape) for shape in shapes)
    ]
    return zones, lines


def _find_edges(venue: Venue, stretch: PlannedStretch, order: DataOrder) -> FloatArray:
    """Return the edges of the steps that the period touches, from local midnight on, within the stretch."""
    day_s = find_day(venue, stretch.period_s[0])
    edges = np.append(np.arange(day_s[0], day_s[1], order.step.seconds), day_s[1])
    first = int(np.searchsorted(edges, order.period_s[0], side="right")) - 1
    last = int(np.searchsorted(edges, order.period_s[1], side="left"))
    chosen = edges[max(first, 0) : last + 1]
    return np.unique(np.clip(chosen, *_find_valid_period(venue, stretch)))


def _find_valid_period(venue: Venue, stretch: PlannedStretch) -> Interval:
    """Return the part of the day in which the stretch's zones were valid: a gap in recording ends no step."""
    day_s = find_day(venue, stretch.period_s[0])
    for geometry, from_s, to_s in venue.geometries_between(*day_s):
        if geometry == stretch.geometry and from_s <= stretch.period_s[0] < to_s:
            return from_s, to_s
    return day_s


def _clip_to_period(stretch: PlannedStretch, order: DataOrder) -> Interval:
    return max(stretch.period_s[0], order.period_s[0]), min(stretch.period_s[1], order.period_s[1])


def _extend_to_days(venue: Venue, reader: EventReader, period_s: Interval) -> Interval:
    """Extend a period to whole days within the history, as they are stored and as reports count them."""
    extent = reader.time_range()
    if extent is None:
        raise _make_unobserved_error(venue)
    start_s, end_s = (
        max(period_s[0], extent.start_s),
        min(period_s[1], math.nextafter(extent.end_s, math.inf)),
    )
    if end_s <= start_s:
        raise _make_unobserved_error(venue)
    return find_day(venue, start_s)[0], find_day(venue, end_s - 1e-3)[1]


def _overlaps(one: Interval, other: Interval) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _make_expired_error() -> StoreError:
    return StoreError(
        "The tracks of this period were deleted after the retention period, and the stored "
        "figures do not include this.",
        "Choose a later period.",
    )


def _make_unobserved_error(venue: Venue) -> StoreError:
    return StoreError(
        "Nothing was observed in '{venue}' in that period.",
        "Choose another period, or record first: python -m app record --venue {folder}",
        venue=venue.name,
        folder=venue.folder,
    )
