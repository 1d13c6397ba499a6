"""Open a hall's folder at the hub as a venue: its settings from the site, its history from the server."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine, select

from analytics.columns import EVENT_COLUMNS, GAP_COLUMNS, SPAN_COLUMNS, Column
from analytics.domain.errors import ExpoFlowError, StoreError
from analytics.domain.identifiers import CameraId
from analytics.store import track_catalogue
from analytics.store.database_url import describe
from analytics.store.event_store import TimeRange
from analytics.store.history_folder import ARCHIVE_NAME, SERVER_NAME, read_server_mark
from analytics.store.microseconds import HOUR_US, to_s, to_us
from analytics.store.migrations import require_newest_version
from analytics.store.sql_event_reader import SqlEventReader
from analytics.store.store_failures import converting_store_errors
from analytics.store.track_files import POINT_SCHEMA, TrackFile
from app.core.credentials import CredentialStore, open_credential_store
from app.core.document import FOLDER_SUFFIX
from app.core.file_format import FILE_NAME, write_venue
from app.settings.paths import settings_folder
from app.site.hub_merge import Merged, merge_waiting
from app.site.hub_writer import choose_hall, name_hall_folder
from app.site.join import synchronise
from app.site.schema import hall
from app.site.settings_sync import Parts, join_settings, prepare_first_exchange, read_parts
from app.site.site_document import (
    open_site,
    read_membership,
    remember_site,
    require_membership,
    using_site,
)
from resources.atomic_file import write_text_atomically


def open_hub_reader(server: Engine, hall: int, folder: Path) -> HubEventReader:
    """Open the hub's history of a hall for reading.

    Args:
        server: engine of the site's database, which the reader closes.
        folder: folder of the hall in the hub's storage.

    Raises:
        StoreError: the server cannot be read, or has no history of the hall yet.
    """
    engine = choose_hall(server, hall).execution_options(isolation_level="REPEATABLE READ")
    place = describe(engine)
    try:
        with converting_store_errors(place):
            require_newest_version(engine, place=place)
    except BaseException:
        engine.dispose()
        raise
    return HubEventReader(engine, folder / ARCHIVE_NAME, place=place, hall=hall)


class HubEventReader(SqlEventReader):
    """An EventReader of a hall at the hub: as old as the last batch that the server has."""

    def __init__(self, engine: Engine, archive: Path, *, place: str, hall: int) -> None:
        super().__init__(engine, archive, place=place)
        self._hall = hall

    def read_spans(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Return observed spans that overlap the period."""
        merged = self._merge()
        rows = [
            (name, part.span.start_us, part.span.end_us, part.span.frames)
            for name, one in merged.cameras.items()
            for part in one.spans
        ]
        stored = super().read_spans(start_s, end_s, cameras)
        return _lay_over(stored, merged, rows, SPAN_COLUMNS, period_s=(start_s, end_s), cameras=cameras)

    def read_gaps(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Return gaps that overlap the period."""
        merged = self._merge()
        rows = [
            (name, gap.start_us, gap.end_us, gap.cause)
            for name, one in merged.cameras.items()
            for gap in one.gaps
        ]
        stored = super().read_gaps(start_s, end_s, cameras)
        return _lay_over(stored, merged, rows, GAP_COLUMNS, period_s=(start_s, end_s), cameras=cameras)

    def read_events(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Return the cameras' log."""
        events = [
            (to_s(event.time_us), event.camera, event.kind, event.detail, event.count)
            for event in self._merge().events
            if (cameras is None or event.camera in cameras)
            and (start_s is None or event.time_us >= to_us(start_s))
            and (end_s is None or event.time_us < to_us(end_s))
        ]
        stored = super().read_events(start_s, end_s, cameras)
        if not events:
            return stored
        names = ["time_s", "camera", "kind", "detail", "count"]
        waiting = pd.DataFrame(events, columns=names)
        # an event that was written between the two queries is in both
        both = pd.concat([stored, waiting], ignore_index=True).drop_duplicates(names)
        return _shape(both.sort_values(["time_s", "camera"], kind="stable"), EVENT_COLUMNS)

    def last_observed_end(self, camera: CameraId) -> float | None:
        """Return when a camera was last observed, seconds since the epoch."""
        waiting = self._merge().cameras.get(camera)
        ends_s = [to_s(part.span.end_us) for part in waiting.spans] if waiting is not None else []
        stored = super().last_observed_end(camera)
        return max([*ends_s, *([] if stored is None else [stored])], default=None)

    def time_range(self) -> TimeRange | None:
        """Return the period with points or observed spans."""
        stored, merged = super().time_range(), self._merge()
        bounds_us = [
            bound
            for one in merged.cameras.values()
            for part in one.spans
            for bound in (part.span.start_us, part.span.end_us)
        ]
        if len(merged.points):
            found: Any = pc.min_max(merged.points["time_us"]).as_py()
            bounds_us += [found["min"], found["max"]]
        if not bounds_us:
            return stored
        waiting = TimeRange(to_s(min(bounds_us)), to_s(max(bounds_us) + 1))
        if stored is None:
            return waiting
        return TimeRange(min(stored.start_s, waiting.start_s), max(stored.end_s, waiting.end_s))

    def count_points(self, start_s: float, end_s: float) -> int:
        """Estimate the number of track points in a period."""
        times_us = self._merge().points["time_us"].to_numpy()
        within = (times_us >= to_us(start_s)) & (times_us < to_us(end_s))
        return super().count_points(start_s, end_s) + int(within.sum())

    def _merge(self) -> Merged:
        with converting_store_errors(self._place), self._engine.connect() as connection:
            return merge_waiting(connection, self._hall)

    def _take_snapshot(
        self, start_us: int | None, end_us: int | None
    ) -> list[tuple[int, list[TrackFile], pa.Table]]:
        """Return the files and waiting points by hour, as of one point in time."""
        with converting_store_errors(self._place), self._engine.connect() as connection, connection.begin():
            files = track_catalogue.list_files(connection, start_us=start_us, end_us=end_us)
            points = merge_waiting(connection, self._hall).points
        by_hour: dict[int, tuple[list[TrackFile], pa.Table]] = {}
        for file in files:
            by_hour.setdefault(file.hour_us, ([], POINT_SCHEMA.empty_table()))[0].append(file)
        hours = points["time_us"].to_numpy() // HOUR_US * HOUR_US
        for hour in sorted(set(hours.tolist())):
            of_files = by_hour.get(hour, ([], points))[0]
            by_hour[hour] = (of_files, points.filter(pa.array(hours == hour)))
        return [(hour, *found) for hour, found in sorted(by_hour.items())]


def _lay_over(
    stored: pd.DataFrame,
    merged: Merged,
    rows: Sequence[tuple[Any, ...]],
    columns: tuple[Column, ...],
    *,
    period_s: tuple[float | None, float | None],
    cameras: Collection[CameraId] | None,
) -> pd.DataFrame:
    """Return stored rows with those of the waiting batches in their place."""
    start_s, end_s = period_s
    chosen = [
        (name, to_s(start_us), to_s(end_us), value)
        for name, start_us, end_us, value in rows
        if (cameras is None or name in cameras)
        and (start_s is None or end_us >= to_us(start_s))
        and (end_s is None or start_us < to_us(end_s))
    ]
    if not merged.cameras:
        return stored
    from_s = stored["camera"].map({name: to_s(one.from_us) for name, one in merged.cameras.items()})
    waiting = pd.DataFrame(chosen, columns=[column.name for column in columns])
    keys = set(zip(waiting["camera"], waiting["start_s"], strict=True))
    is_replaced = [
        (since == since and start >= since) or (name, start) in keys  # noqa: PLR0124 -- not a number
        for name, start, since in zip(stored["camera"], stored["start_s"], from_s, strict=True)
    ]
    kept = stored[[not gone for gone in is_replaced]]
    both = pd.concat([kept, waiting], ignore_index=True) if len(kept) else waiting
    return _shape(both.sort_values(["start_s", "camera"], kind="stable"), columns)


def _shape(table: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    shaped = table[[column.name for column in columns]].reset_index(drop=True)
    return shaped.astype({column.name: column.dtype for column in columns})


_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HallFolder:
    """A hall of a site, and its folder at the hub."""

    hall_id: int
    name: str
    folder: Path


def write_hall_folders(folder: Path, hub_folder: Path, *, store: CredentialStore) -> tuple[HallFolder, ...]:
    """Exchange the settings of every hall's folder with the site, as a machine of that hall does.

    Halls without settings so far have no folder.

    Args:
        folder: venue of this machine, which is in the site.

    Raises:
        ExpoFlowError: the server cannot be used, or a folder not be written.
        OSError: the settings of this machine cannot be written.
    """
    membership = require_membership(folder, is_own=True)
    remember_site(folder, membership, hub_folder=hub_folder)
    found = []
    with using_site(membership, store=store) as server:
        with server.connect() as connection:
            halls = list(connection.execute(select(hall.c.id, hall.c.name).order_by(hall.c.id)))
        for number, name in halls:
            place = name_hall_folder(hub_folder, number)
            if not (place / FILE_NAME).exists():
                with server.connect() as connection:
                    parts, _version = read_parts(connection, number)
                if parts is None:
                    continue
                _create_venue(place, parts)
            mark = {"site_id": membership.site_id, "hall_id": number, "hall": name}
            if read_server_mark(place) != mark:
                write_text_atomically(place / SERVER_NAME, json.dumps(mark, ensure_ascii=False))
            found.append(HallFolder(number, name, place))
    for one in found:
        try:
            synchronise(one.folder, store=store)
        except ExpoFlowError as error:
            # what a person broke in one hall does not keep the others from theirs
            _LOG.warning("The settings of %s wait: %s", one.name, error)
    return tuple(found)


def list_hall_folders(hub_folder: Path) -> tuple[HallFolder, ...]:
    """Return the halls whose settings are in the hub's storage, in the order of the site."""
    found = []
    for folder in hub_folder.glob(f"*{FOLDER_SUFFIX}"):
        mark = read_server_mark(folder)
        if {"hall_id", "hall"} <= mark.keys() and (folder / FILE_NAME).exists():
            found.append(HallFolder(int(mark["hall_id"]), str(mark["hall"]), folder))
    return tuple(sorted(found, key=lambda one: one.hall_id))


def _create_venue(folder: Path, parts: Parts) -> None:
    """Make a hall's folder, which may hold tracks already, a venue; the first exchange brings the rest."""
    folder.mkdir(parents=True, exist_ok=True)
    venue, _access = join_settings(parts, folder / "new")
    write_venue(replace(venue, folder=folder.absolute(), plan=replace(venue.plan, picture=None)))
    prepare_first_exchange(folder, parts)


@cache
def _open_store(folder: Path) -> CredentialStore:
    return open_credential_store(folder)


def open_server_history(folder: Path) -> HubEventReader:
    """Open the history of a hall's folder at the hub.

    Raises:
        StoreError: the server cannot be read, or this computer is not in the site.
    """
    membership = read_membership(folder)
    if not read_server_mark(folder):
        raise StoreError(
            "{file}, which names the server of a history, cannot be read.",
            "Restore it from a backup, or open the hall on the machine that writes its history.",
            file=folder / SERVER_NAME,
        )
    if membership is None:
        raise StoreError(
            "The history in {folder} belongs to a site that this computer is not in.",
            "Join the site on this computer first: python -m app site --help",
            folder=folder,
        )
    server = open_site(membership, store=_open_store(settings_folder()))
    return open_hub_reader(server, membership.hall_id, folder)
