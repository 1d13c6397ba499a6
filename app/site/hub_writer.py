"""Write the hub's history: once a minute, what every hall's machines sent becomes rows and one file."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, Engine, delete, event, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import SQLAlchemyError

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError
from analytics.store import track_catalogue
from analytics.store.counters import NEXT_SEQUENCE, read_counter, set_counter
from analytics.store.database_url import describe
from analytics.store.erasure import erase_part
from analytics.store.history_folder import ARCHIVE_NAME
from analytics.store.microseconds import HOUR_US, to_s, to_us
from analytics.store.migrations import migrate
from analytics.store.retention import RetentionPolicy, RetentionReport, apply_retention
from analytics.store.sql_schema import camera_events, gaps, observed_spans
from analytics.store.track_archive import TrackArchive
from analytics.store.track_files import TrackFile, write_minute_file
from app.core.document import FOLDER_SUFFIX
from app.core.file_format import read_venue
from app.facts.prepared_facts import find_unprepared
from app.recording.history_upkeep import make_policy
from app.site.hub_merge import MAX_BYTES, Merged, merge_waiting
from app.site.journal import confirm_batches
from app.site.leases import require_duty
from app.site.schema import hall as halls
from app.site.schema import reported_gap, reported_span

FOLD_EVERY_S = 60.0
RETAIN_EVERY_S = 600.0
_FILES_AT_ONCE = 24
HUB_DUTY = "hub"
"""Name of the duty that the machine has that writes the hub's history."""
_LOG = logging.getLogger(__name__)


def choose_hall(server: Engine, hall: int) -> Engine:
    """Return an engine with a site's connections that finds the tables of a hall's history."""
    engine = server.execution_options()

    @event.listens_for(engine, "begin")
    def _choose(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL search_path TO hall_{hall}")

    return engine


class HallHistory:
    """The hub's history of one hall, for its single writer.

    Args:
        server: engine of the site's database.
        folder: folder of the hall in the hub's storage; ``tracks/`` is in it.
    """

    def __init__(self, server: Engine, hall: int, folder: Path, *, clock: Clock | None = None) -> None:
        self._hall = hall
        self._clock = clock or SystemClock()
        self.engine = choose_hall(server, hall)
        self._place = describe(self.engine)
        migrate(self.engine, now_us=to_us(self._clock.now_utc_s()), place=self._place)
        folder.mkdir(parents=True, exist_ok=True)
        self._archive = TrackArchive(folder / ARCHIVE_NAME, self.engine, clock=self._clock)
        self._archive.folder.mkdir(exist_ok=True)
        self._remove_unlisted()

    def fold(self, *, owner: str, epoch: int) -> Merged:
        """Add what waits in the journal to the history, in one transaction, and remove it from the journal.

        Args:
            owner, epoch: machine with the duty of writing, and its number.

        Raises:
            SiteError: the duty is another machine's by now; nothing was changed.
            SQLAlchemyError, OSError: nothing was changed.
        """
        with self.engine.connect() as connection:
            merged = merge_waiting(connection, self._hall)
        if not merged.batches:
            return merged
        # what another machine observed under a later lease replaces points that are stored already; after a
        # failure, the repetition finds nothing left to cut
        for name, camera in merged.cameras.items():
            for start_us, end_us in camera.replaced:
                erase_part(self._archive, start_s=to_s(start_us), end_s=to_s(end_us), camera=name)
        for erasure in merged.erasures:
            erase_part(
                self._archive,
                start_s=to_s(erasure.start_us),
                end_s=to_s(erasure.end_us),
                camera=erasure.camera or None,
            )
        with self.engine.begin() as connection:
            require_duty(connection, HUB_DUTY, owner=owner, epoch=epoch)
            files = self._write_points(connection, merged.points)
            track_catalogue.add_files(connection, files)
            self._save_observation(connection, merged)
            confirm_batches(connection, merged.batches)
        return merged

    def retain(self, policy: RetentionPolicy) -> RetentionReport:
        """Delete and thin some of the track points that a policy does not keep.

        Raises:
            OSError, ValueError, SQLAlchemyError: completed steps stay done.
        """
        now_s = self._clock.now_utc_s()
        return apply_retention(archive=self._archive, policy=policy, now_s=now_s, max_files=_FILES_AT_ONCE)

    def compact(self) -> None:
        """Merge the files of an hour that is over, in the background."""
        try:
            self._archive.compact_in_background()
        except (OSError, ValueError, SQLAlchemyError) as error:
            _LOG.warning("The track files of an hour stay apart until the next start: %s", error)

    def close(self) -> None:
        """Stop a running merge of files."""
        self._archive.close()

    def _write_points(self, connection: Connection, points: pa.Table) -> list[TrackFile]:
        if not len(points):
            return []
        first = read_counter(connection, NEXT_SEQUENCE)
        set_counter(connection, NEXT_SEQUENCE, first + len(points))
        hours = points["time_us"].to_numpy() // HOUR_US * HOUR_US
        return [
            write_minute_file(
                self._archive.folder,
                points.filter(pa.array(hours == hour)),
                hour_us=int(hour),
                first_sequence=first,
                last_sequence=first + len(points) - 1,
            )
            for hour in np.unique(hours)
        ]

    def _save_observation(self, connection: Connection, merged: Merged) -> None:
        for name, camera in merged.cameras.items():
            spans = [
                {"camera": name, "start_us": s.start_us, "end_us": s.end_us, "frames": s.frames}
                for s in (part.span for part in camera.spans)
            ]
            found = [
                {"camera": name, "start_us": g.start_us, "end_us": g.end_us, "cause": g.cause}
                for g in camera.gaps
            ]
            for table, rows in ((observed_spans, spans), (gaps, found)):
                is_old = (table.c.camera == name) & (table.c.start_us >= camera.from_us)
                connection.execute(delete(table).where(is_old))
                _upsert(connection, table, ["camera", "start_us"], rows)
        if merged.events:
            connection.execute(
                insert(camera_events),
                [
                    {
                        "time_us": e.time_us,
                        "camera": e.camera,
                        "kind": e.kind,
                        "detail": e.detail,
                        "count": e.count,
                    }
                    for e in merged.events
                ],
            )
        reported = [
            {
                "hall": self._hall,
                "machine": one.machine,
                "camera": one.span.camera,
                "start_us": one.span.start_us,
                "end_us": one.span.end_us,
                "frames": one.span.frames,
            }
            for one in merged.reported_spans
        ]
        reported_gaps = [
            {
                "hall": self._hall,
                "machine": name,
                "camera": gap.camera,
                "start_us": gap.start_us,
                "end_us": gap.end_us,
                "cause": gap.cause,
            }
            for name, gap in merged.reported_gaps
        ]
        key = ["hall", "machine", "camera", "start_us"]
        _upsert(connection, reported_span, key, reported)
        _upsert(connection, reported_gap, key, reported_gaps)

    def _remove_unlisted(self) -> None:
        """Delete files of a transaction that was not committed."""
        with self.engine.connect() as connection:
            listed = {file.name for file in track_catalogue.list_files(connection)}
        for path in self._archive.folder.rglob("*.parquet"):
            if path.relative_to(self._archive.folder).as_posix() not in listed:
                path.unlink(missing_ok=True)


def _upsert(connection: Connection, table: object, key: list[str], rows: list[dict[str, object]]) -> None:
    if not rows:
        return
    statement = postgresql.insert(table)  # type: ignore[arg-type]
    values = {name: statement.excluded[name] for name in rows[0] if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=values), rows)


class HubWriter:
    """Writes the histories of every hall while this machine has the duty.

    Args:
        server: engine of the site's database.
        folder: hub's storage; each hall has a folder in it.
    """

    def __init__(self, server: Engine, folder: Path, *, clock: Clock | None = None) -> None:
        self._server = server
        self._folder = folder
        self._clock = clock or SystemClock()
        self._halls: dict[int, HallHistory] = {}
        self._retention_due_s = self._clock.monotonic_s() + RETAIN_EVERY_S

    def fold_all(self, *, owner: str, epoch: int) -> int:
        """Add what waits to every hall's history, and return the number of batches.

        Raises:
            SiteError: the duty is another machine's by now.
            SQLAlchemyError, OSError: a hall could not be written; what was not waits for the next call.
        """
        with self._server.connect() as connection:
            numbers = list(connection.scalars(select(halls.c.id).order_by(halls.c.id)))
        count = 0
        for number in numbers:
            if number not in self._halls:
                folder = name_hall_folder(self._folder, number)
                self._halls[number] = HallHistory(self._server, number, folder, clock=self._clock)
            history = self._halls[number]
            is_behind = True
            while is_behind:
                # a second file of the same minute only after an outage
                merged = history.fold(owner=owner, epoch=epoch)
                count += len(merged.batches)
                is_behind = sum(len(batch.body) for batch in merged.batches) >= MAX_BYTES
            history.compact()
        if self._clock.monotonic_s() >= self._retention_due_s:
            self._retention_due_s = self._clock.monotonic_s() + RETAIN_EVERY_S
            for number, history in self._halls.items():
                self._retain(name_hall_folder(self._folder, number), history)
        return count

    def _retain(self, folder: Path, history: HallHistory) -> None:
        """Apply a hall's own policy once its past days are prepared, which needs the track points."""
        try:
            venue = read_venue(folder)
            policy = make_policy(venue.settings)
            if policy is not None and not find_unprepared(venue, clock=self._clock):
                history.retain(policy)
        except ExpoFlowError as error:
            _LOG.warning("The track points of %s are kept for now: %s", folder, error)

    def close(self) -> None:
        """Release every hall."""
        for history in self._halls.values():
            history.close()
        self._halls.clear()


def name_hall_folder(folder: Path, hall: int) -> Path:
    """Return the folder of a hall in the hub's storage."""
    return folder / f"hall_{hall}{FOLDER_SUFFIX}"
