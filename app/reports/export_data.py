"""Data sets of a venue's history as files for other programs, day by day: a year needs no more memory."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import OutputError, StoreError, VenueError
from analytics.domain.exhibition import find_time_zone
from analytics.domain.zone import CountingLine, Zone
from analytics.reports.data_sets import COLUMNS, DataSet, RowFormat, Step
from app.access.guard import doing
from app.access.roles import Permission
from app.core.document import Venue, draw_names
from app.core.job import JobContext
from app.error_reporting import explain_error
from app.facts.period_stretches import Period, PlannedStretch, check_stretch, find_day, plan_stretches
from resources.atomic_file import replace_file

if TYPE_CHECKING:
    import pandas as pd

    from analytics.reports.row_files import RowFile
    from analytics.reports.visitor_names import VisitorNames
    from analytics.store.event_store import EventReader


@dataclass(frozen=True, slots=True)
class DataOrder:
    """What is wanted.

    Attributes:
        data_sets: at least one.
        period_s: start and end, seconds since the epoch; sums are given for every step that it touches.
        zones: names; all by default. Of the lines, those that meet one of them.
        may_be_personal: somebody said that data of single persons are wanted.
    """

    data_sets: tuple[DataSet, ...]
    period_s: Period
    step: Step = Step.HOUR
    zones: tuple[str, ...] = ()
    may_be_personal: bool = False


@dataclass(frozen=True, slots=True)
class ExportedData:
    """What was written.

    Attributes:
        rows: in each file.
        missing_s: when it was observed, but what a data set is made of is kept no more; from and to.
    """

    rows: dict[Path, int]
    missing_s: tuple[Period, ...] = ()


def parse_data_sets(names: Collection[str]) -> tuple[DataSet, ...]:
    """Data sets of their names, which may have commas between them.

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
                "Choose of: {names}.",
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
    """Write one file for each data set into a folder; all appear, or none does and earlier ones stay.

    Progress is in stretches, which are days as a rule. Each stretch is counted by its own zones, and as a
    whole, so that a visit over the period's edge is no other one than in the reports.

    Raises:
        AccessError: who is at work may not export this.
        OutputError: the order asks for data of single persons without saying so, or a file cannot be written.
        VenueError: there is no such zone.
        StoreError: the history cannot be read, or nothing of the period is kept.
        JobCancelled: the context says so; nothing was written.
    """
    from analytics.reports.row_files import RowFile
    from analytics.store.sql_event_store import open_reader

    context, clock = context or JobContext(), clock or SystemClock()
    check_order(venue, order)
    is_personal = any(one.is_personal for one in order.data_sets)
    permission = Permission.EXPORT_PERSONS if is_personal else Permission.EXPORT_REPORTS
    what = {"data": ", ".join(order.data_sets), "folder": out_folder.name}
    with doing(venue.folder, permission, "data exported", what):
        if not venue.has_history:
            raise _make_no_data_error(venue)
        zone = find_time_zone(venue.exhibition.time_zone)
        try:
            with closing(open_reader(venue.folder)) as reader, ExitStack() as stack:
                planned = plan_stretches(
                    venue=venue,
                    reader=reader,
                    period_s=_widen(venue, reader, order.period_s),
                    now_utc_s=clock.now_utc_s(),
                )
                wanted = [one for one in planned if _overlaps(one.period_s, order.period_s)]
                if not wanted:
                    raise _make_no_data_error(venue)
                out_folder.mkdir(parents=True, exist_ok=True)
                names = {one: out_folder / name_file(one, order.step, row_format) for one in order.data_sets}
                # the contexts end in reverse: every file is closed before it gets its name
                temporary = {one: stack.enter_context(replace_file(path)) for one, path in names.items()}
                files = {
                    one: stack.enter_context(
                        RowFile(path, COLUMNS[one], row_format=row_format, time_zone=zone)
                    )
                    for one, path in temporary.items()
                }
                missing_s = _write(venue, reader, wanted, order, files, context)
                if len(missing_s) == len(wanted):
                    raise _make_expired_error()
                rows = {path: files[one].rows for one, path in names.items()}
        except OSError as error:
            raise explain_error(OutputError, error, file=out_folder) from error
        return ExportedData(rows, missing_s)


def check_order(venue: Venue, order: DataOrder) -> None:
    """Whether it can be.

    Raises:
        OutputError: it asks for data of single persons without saying so, or its period is none.
        VenueError: there is no such zone.
    """
    personal = [str(one) for one in order.data_sets if one.is_personal]
    if personal and not order.may_be_personal:
        raise OutputError(
            "Single persons are told apart in {names}: such personal data leave the venue only on purpose.",
            "Choose visits, occupancy or crossings, which are sums; or say that you may and want to, "
            "with --personal-data.",
            names=", ".join(personal),
        )
    if order.period_s[1] <= order.period_s[0]:
        raise OutputError("The period ends before it begins.", "Give a '--from' that lies before '--to'.")
    known = {str(zone.name) for geometry in venue.geometry_versions for zone in geometry.zones}
    for name in order.zones:
        if name not in known:
            raise VenueError(
                "There is no zone '{name}'.",
                "Choose one of: {names}.",
                name=name,
                names=", ".join(sorted(known)) or "–",
            )


def name_file(data_set: DataSet, step: Step, row_format: RowFormat) -> str:
    """What the file of a data set is called, such as ``visits_by_hour.csv``."""
    stem = data_set.value.replace("-", "_")
    return f"{stem}.{row_format}" if data_set.is_personal else f"{stem}_by_{step}.{row_format}"


def _write(  # noqa: PLR0917
    venue: Venue,
    reader: EventReader,
    stretches: Sequence[PlannedStretch],
    order: DataOrder,
    files: dict[DataSet, RowFile],
    context: JobContext,
) -> tuple[Period, ...]:
    """Write every stretch; gives those of which something is kept no more."""
    missing: list[Period] = []
    # of this export alone, and of all its files, so that they can be joined
    visitor_names = draw_names(venue, order.period_s)
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
    from analytics.reports.data_tables import TABLES_OF, make_rows
    from app.facts.period_facts import read_period_facts

    zones, lines = _choose_places(stretch, order.zones)
    if data_set is DataSet.TRACKS:
        yield from _list_points(venue, reader, stretch, order, zones, visitor_names)
        return
    period_s = _find_part(stretch, order)
    edges_s = np.array(period_s) if data_set.is_personal else _find_edges(venue, stretch, order)
    facts = read_period_facts(
        venue=venue,
        period_s=stretch.period_s,
        # the job's progress is that of the stretches
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
    from analytics.reports.data_tables import choose_points
    from app.facts.camera_views import find_camera_views
    from app.facts.identified_period import identify_period

    start_s, end_s = stretch.period_s
    if stretch.is_expired:
        raise _make_expired_error()
    stretch = check_stretch(reader, stretch)
    # not remembered, as for pages: a year of days would fill what is kept for them
    identified = identify_period(
        tracks=reader.read_tracks(start_s, end_s),
        spans=stretch.spans[stretch.spans["end_s"] > stretch.spans["start_s"]],
        period_s=stretch.period_s,
        views=find_camera_views(venue),
        zones=stretch.geometry.zones,
        corrections=venue.corrections,
    )
    from_s, to_s = _find_part(stretch, order)
    tracks = identified.tracks
    tracks = tracks[(tracks["time_s"] >= from_s - start_s) & (tracks["time_s"] < to_s - start_s)]
    if order.zones:
        tracks = choose_points(tracks, zones)
    at_s = tracks["time_s"].to_numpy(np.float64) + start_s
    named = visitor_names.name(tracks["visitor"], at_s, stretch_start_utc_s=start_s)
    yield tracks.assign(time=at_s, visitor=named)


def _choose_places(stretch: PlannedStretch, names: Collection[str]) -> tuple[list[Zone], list[CountingLine]]:
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
    """Of the steps that the period touches, from midnight by the venue's clock on, within the stretch."""
    day_s = find_day(venue, stretch.period_s[0])
    edges = np.append(np.arange(day_s[0], day_s[1], order.step.seconds), day_s[1])
    first = int(np.searchsorted(edges, order.period_s[0], side="right")) - 1
    last = int(np.searchsorted(edges, order.period_s[1], side="left"))
    chosen = edges[max(first, 0) : last + 1]
    return np.unique(np.clip(chosen, *_find_limits(venue, stretch)))


def _find_limits(venue: Venue, stretch: PlannedStretch) -> Period:
    """The stretch, as long as its zones held on that day: a step does not end where a recording did."""
    day_s = find_day(venue, stretch.period_s[0])
    for geometry, from_s, to_s in venue.geometries_between(*day_s):
        if geometry == stretch.geometry and from_s <= stretch.period_s[0] < to_s:
            return from_s, to_s
    return day_s


def _find_part(stretch: PlannedStretch, order: DataOrder) -> Period:
    return max(stretch.period_s[0], order.period_s[0]), min(stretch.period_s[1], order.period_s[1])


def _widen(venue: Venue, reader: EventReader, period_s: Period) -> Period:
    """Whole days, as they are kept and as reports count them, within the history."""
    extent = reader.time_range()
    if extent is None:
        raise _make_no_data_error(venue)
    start_s, end_s = (
        max(period_s[0], extent.start_s),
        min(period_s[1], math.nextafter(extent.end_s, math.inf)),
    )
    if end_s <= start_s:
        raise _make_no_data_error(venue)
    return find_day(venue, start_s)[0], find_day(venue, end_s - 1e-3)[1]


def _overlaps(one: Period, other: Period) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _make_expired_error() -> StoreError:
    return StoreError(
        "The tracks of this period were deleted for their age, and what is kept does not tell this.",
        "Choose a later period.",
    )


def _make_no_data_error(venue: Venue) -> StoreError:
    return StoreError(
        "Nothing was observed in '{venue}' in that period.",
        "Choose another period, or record first: python -m app record --venue {folder}",
        venue=venue.name,
        folder=venue.folder,
    )
