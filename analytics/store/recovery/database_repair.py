"""Repair a damaged history from its newest backup, readable rows and track files.

The new file is built beside the damaged one, which then gets another name: a kill at any time leaves either
the damaged history, to be repaired again, or the repaired one.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, update

from analytics.domain.errors import Phrase
from analytics.domain.event_sink import CameraEventKind
from analytics.store import track_catalogue
from analytics.store.counters import NEXT_SEQUENCE, NEXT_TRACKLET, POINTS_SINCE, raise_counter, read_counter
from analytics.store.database_url import open_sqlite
from analytics.store.microseconds import HOUR_US, hour_of, to_s
from analytics.store.migrations import migrate
from analytics.store.recovery.archive_recovery import recover_archive
from analytics.store.recovery.database_copy import (
    choose_free_name,
    find_cut,
    find_damage,
    is_blank,
    read_declared_size,
    swap_database,
)
from analytics.store.recovery.folder_backup import list_backups
from analytics.store.recovery.lost_tracks import (
    Bounds,
    LostTracks,
    add_gaps,
    drop_lost_files,
    find_lost_files,
)
from analytics.store.sql_schema import (
    archive_files,
    camera_events,
    counters,
    gaps,
    metadata,
    observed_spans,
    recordings,
    schema_version,
    sessions,
    track_journal,
)
from analytics.store.track_files import TrackFile

Row = dict[str, object]
_ROWS_PER_QUERY = 200
_MAX_US = 2**53


@dataclass(frozen=True, slots=True)
class Salvaged:
    """The readable rows of a damaged file.

    Attributes:
        rows: rows by table, each by column name.
        damaged: names of tables with unreadable parts.
    """

    rows: dict[str, list[Row]]
    damaged: frozenset[str]


NO_ROWS = Salvaged(
    {table.name: [] for table in metadata.sorted_tables},
    frozenset(table.name for table in metadata.sorted_tables),
)
"""The result for a file that is empty or missing."""


def salvage_rows(path: Path) -> Salvaged:
    """Return the readable rows of each of our tables in a SQLite file with any kind of damage.

    A table is read forwards and backwards up to the damage; rows in between and implausible rows are lost.
    """
    found: dict[str, list[Row]] = {}
    damaged = set()
    for table in metadata.sorted_tables:
        rows: dict[int, Row] = {}
        is_intact = _read_until_damage(path, table, rows, is_backward=False)
        if not is_intact:
            damaged.add(table.name)
            _read_until_damage(path, table, rows, is_backward=True)
        found[table.name] = [rows[number] for number in sorted(rows)]
    return Salvaged(found, frozenset(damaged))


def _read_until_damage(path: Path, table: Table, rows: dict[int, Row], *, is_backward: bool) -> bool:
    """Collect rows by row number from one end, and return whether the other end was reached."""
    names = [column.name for column in table.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    order, beyond = ("DESC", "<") if is_backward else ("ASC", ">")
    query = (
        f'SELECT rowid, {columns} FROM "{table.name}" WHERE rowid {beyond} ? '  # noqa: S608 -- our own names
        f"ORDER BY rowid {order} LIMIT {_ROWS_PER_QUERY}"
    )
    last = 2**63 - 1 if is_backward else -(2**63)
    is_intact = True
    try:
        # writable, because a log left by a killed process can only be read with write access to its index
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        with contextlib.closing(connection):
            connection.execute("PRAGMA cell_size_check = ON")
            while True:
                read = 0
                for number, *values in connection.execute(query, (last,)):
                    read, last = read + 1, number
                    if _are_plausible(table, values):
                        rows.setdefault(number, dict(zip(names, values, strict=True)))
                    else:
                        is_intact = False
                if read < _ROWS_PER_QUERY:
                    return is_intact
    except (sqlite3.Error, OverflowError, UnicodeDecodeError):
        return False


def _are_plausible(table: Table, values: list[object]) -> bool:
    """Return whether all values have the types of their columns; a damaged page may return rows."""
    for column, value in zip(table.columns, values, strict=True):
        if value is None and column.nullable:
            continue
        if not isinstance(value, column.type.python_type):
            return False
        if column.name.endswith("_us") and isinstance(value, int) and not 0 <= value < _MAX_US:
            return False
    return True


MAX_PAUSE_US = 2_000_000
"""Maximum time between two positions of one observation; gaps are longer."""


def rebuild_spans(connection: Connection, archive: Path, *, since_us: int, now_us: int) -> float:
    """Add spans for times with positions that are recorded neither as observed nor as a gap.

    Positions prove that a camera was observing. Times without positions stay unobserved. Damaged track files
    are lost.

    Returns:
        Added seconds of all cameras together.
    """
    added_s = 0.0
    for camera, times_us in _read_moments(connection, archive, since_us, now_us).items():
        known = _read_known(connection, camera)
        free = times_us[~_are_within(times_us, known)]
        if not len(free):
            continue
        cuts = np.flatnonzero(np.diff(free) > MAX_PAUSE_US) + 1
        # known spans and gaps between two times separate them, too
        starts = known[:, 0]
        between = np.searchsorted(starts, free[1:]) != np.searchsorted(starts, free[:-1])
        cuts = np.union1d(cuts, np.flatnonzero(between) + 1)
        for period in np.split(free, cuts):
            row = {
                "camera": camera,
                "start_us": int(period[0]),
                "end_us": int(period[-1]),
                "frames": len(period),
            }
            connection.execute(insert(observed_spans), [row])
            added_s += to_s(int(period[-1] - period[0]))
    return added_s


def _read_moments(
    connection: Connection, archive: Path, since_us: int, now_us: int
) -> dict[str, npt.NDArray[np.int64]]:
    """Return the distinct times of each camera's positions since a time, ordered."""
    found: dict[str, list[npt.NDArray[np.int64]]] = {}
    files = track_catalogue.list_files(connection, start_us=since_us)
    lost = find_lost_files(archive, files, is_thorough=True)
    drop_lost_files(connection, archive, lost, now_us=now_us)
    for file in files:
        if file in lost:
            continue
        table = pq.read_table(archive / file.name, columns=["camera", "time_us"])
        times_us: Any = table["time_us"].to_numpy()
        names = np.asarray(table["camera"].to_pylist())
        for name in np.unique(names):
            found.setdefault(str(name), []).append(np.unique(times_us[names == name]))
    query = select(track_journal.c.camera, track_journal.c.time_us)
    for camera, time_us in connection.execute(query.where(track_journal.c.time_us >= since_us)):
        found.setdefault(camera, []).append(np.array([time_us], np.int64))
    moments = {camera: np.unique(np.concatenate(parts)) for camera, parts in found.items()}
    return {camera: times[times >= since_us] for camera, times in moments.items()}


def _read_known(connection: Connection, camera: str) -> npt.NDArray[np.int64]:
    """Return start and end of a camera's spans and gaps, shape (n, 2), ordered by start."""
    rows = [
        tuple(row)
        for table in (observed_spans, gaps)
        for row in connection.execute(
            select(table.c.start_us, table.c.end_us).where(table.c.camera == camera)
        )
    ]
    return np.array(sorted(rows), np.int64).reshape(-1, 2)


def _are_within(times_us: npt.NDArray[np.int64], known: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(times_us), np.bool_)
    latest_end = np.maximum.accumulate(known[:, 1])
    before = np.searchsorted(known[:, 0], times_us, side="right") - 1
    return (before >= 0) & (times_us <= latest_end[np.maximum(before, 0)])


_logger = logging.getLogger(__name__)
_KEYED = (sessions, counters, observed_spans, gaps, recordings)
_KEYLESS = (camera_events,)
_MAX_JOURNAL_US = 120_000_000
"""Maximum age of journal points, which move to a file after a minute."""
_SPARE_TRACKLETS = 10_000
"""Tracklet numbers to skip, because some may have been used without a record."""


@dataclass(frozen=True, slots=True)
class RepairReport:
    """The result of a repair.

    Attributes:
        renamed_to: new name of the damaged file; None if it was missing.
        backup: name of the backup used; None without a sound one.
        damaged: names of tables with unreadable parts.
        salvaged_rows: number of rows read from the damaged file.
        track_files: number of listed track files, all complete.
        unsure_from_s: start of possible holes in the record of observation; None if it is complete, 0 for
            its beginning.
        unsure_to_s: end of the recorded observation, or time of the repair.
        lost_from_s, lost_to_s: period of lost positions that were in no file yet; None without any.
        lost_tracks: losses of track files that the damaged file listed.
    """

    renamed_to: str | None
    backup: str | None
    damaged: tuple[str, ...]
    salvaged_rows: int
    track_files: int
    unsure_from_s: float | None
    unsure_to_s: float
    lost_from_s: float | None = None
    lost_to_s: float | None = None
    lost_tracks: LostTracks | None = None

    def describe(self) -> Phrase:
        """Describe the repair in a sentence."""
        fields: dict[str, object] = {
            "source": Phrase("The repair is based on the backup of {backup}.", {"backup": self.backup})
            if self.backup
            else Phrase("There was no backup."),
            "rows": self.salvaged_rows,
            "aside": self.renamed_to,
            "files": self.track_files,
            "loss": self._describe_loss(),
        }
        if self.renamed_to is None:
            return Phrase(
                "The history database was missing and has been rebuilt. {source} {files} track files "
                "were recovered. {loss}",
                fields,
            )
        return Phrase(
            "The history was damaged and has been rebuilt. {source} {rows} rows were recovered from the "
            "damaged file, which was renamed to {aside}; {files} track files were recovered. {loss}",
            fields,
        )

    def _describe_loss(self) -> Phrase:
        loss = self._describe_observation()
        if self.lost_from_s is None or self.lost_to_s is None:
            return loss
        last = Phrase(
            "Positions from {start} to {end} (UTC) had not been saved to a track file and are lost; this "
            "time counts as not observed.",
            {
                "start": f"{datetime.fromtimestamp(self.lost_from_s, tz=UTC):%Y-%m-%d %H:%M:%S}",
                "end": f"{datetime.fromtimestamp(self.lost_to_s, tz=UTC):%Y-%m-%d %H:%M:%S}",
            },
        )
        return Phrase("{one} {other}", {"one": last, "other": loss})

    def _describe_observation(self) -> Phrase:
        if not self.damaged:
            is_complete = self.lost_tracks is None and self.lost_from_s is None
            return Phrase("Nothing was lost.") if is_complete else Phrase("Nothing else was lost.")
        if self.unsure_from_s is None:
            return Phrase("Parts of the log may be lost; the record of observation is complete.")
        if not self.unsure_from_s:
            return Phrase(
                "Until {until}, only times with recorded positions count as observed. The rest of that "
                "period and everything after it is lost, including gaps and the log.",
                {"until": _format_time(self.unsure_to_s)},
            )
        if self.unsure_to_s <= self.unsure_from_s:
            return Phrase(
                "All observations after {since} are lost, including gaps and the log.",
                {"since": _format_time(self.unsure_from_s)},
            )
        return Phrase(
            "From {since} to {until}, only times with recorded positions, and records that could still "
            "be read, count as observed. The rest of that period and everything after it is lost, "
            "including gaps and the log.",
            {"since": _format_time(self.unsure_from_s), "until": _format_time(self.unsure_to_s)},
        )


def repair_database(path: Path, archive: Path, *, now_us: int) -> RepairReport:
    """Repair a damaged SQLite history; for the holder of the writer's lease, without readers.

    Args:
        path: path of the file, which may be empty or missing.
        archive: folder of the track files.

    Raises:
        sqlite3.Error, OSError, SQLAlchemyError: nothing was changed.
    """
    is_there = path.exists()
    # SQLite deletes the log of an empty file on opening; nothing must be deleted
    has_content = is_there and path.stat().st_size > 0
    salvaged = _salvage(path) if has_content else NO_ROWS
    renamed_to = choose_free_name(_name_damaged_file(path, now_us))
    fresh = path.with_name(f".{path.name}.repaired")
    _remove(fresh)
    backup = _begin_with_backup(path, fresh)
    engine = open_sqlite(fresh)
    try:
        migrate(engine, now_us=now_us, place=str(path))
        base_end_us = _find_observed_end(engine)
        with engine.begin() as connection:
            _merge_rows(connection, salvaged)
            lost_files = _list_lost_files(connection, archive, salvaged.rows[archive_files.name])
            next_sequence = read_counter(connection, NEXT_SEQUENCE)
            is_count_known = counters.name not in salvaged.damaged or base_end_us == _find_end(connection)
        archive.mkdir(exist_ok=True)
        lost_tracks = recover_archive(engine, archive, now_us=now_us, is_list_lost=True)
        with engine.begin() as connection:
            _remove_archived_points(connection)
            lost_us = _add_gaps_of_lost_points(
                connection, next_sequence if is_count_known else None, lost_files=lost_files
            )
            unsure_from_s = None
            if observed_spans.name in salvaged.damaged:
                unsure_from_s = to_s(base_end_us)
                rebuild_spans(connection, archive, since_us=base_end_us, now_us=now_us)
            files = connection.scalar(select(func.count()).select_from(archive_files)) or 0
            _raise_counters(connection)
            report = RepairReport(
                renamed_to=renamed_to.name if is_there else None,
                backup=backup,
                damaged=tuple(sorted(salvaged.damaged)),
                salvaged_rows=sum(map(len, salvaged.rows.values())),
                track_files=files,
                unsure_from_s=unsure_from_s,
                unsure_to_s=to_s(connection.scalar(select(func.max(observed_spans.c.end_us))) or now_us),
                lost_from_s=None if lost_us is None else to_s(lost_us[0]),
                lost_to_s=None if lost_us is None else to_s(lost_us[1]),
                lost_tracks=lost_tracks,
            )
            _log(connection, report, now_us)
        with contextlib.closing(engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()
    swap_database(fresh, path, renamed_to=renamed_to)
    _remove(fresh)
    _logger.warning("%s", report.describe())
    return report


def reconcile_restored(path: Path, archive: Path, *, now_us: int) -> int:
    """Make a restored database and the track files consistent; for the holder of the lease.

    Time since the backup counts as observed where positions prove it.

    Returns:
        Number of listed track files.

    Raises:
        OSError, SQLAlchemyError: the operation failed, and can be repeated.
    """
    engine = open_sqlite(path)
    try:
        migrate(engine, now_us=now_us, place=str(path))
        base_end_us = _find_observed_end(engine)
        with engine.connect() as connection:
            next_sequence = read_counter(connection, NEXT_SEQUENCE)
        recover_archive(engine, archive, now_us=now_us, is_list_lost=True)
        with engine.begin() as connection:
            _add_gaps_of_lost_points(connection, next_sequence)
            rebuild_spans(connection, archive, since_us=base_end_us, now_us=now_us)
            _raise_counters(connection)
            return connection.scalar(select(func.count()).select_from(archive_files)) or 0
    finally:
        engine.dispose()


def _begin_with_backup(path: Path, fresh: Path) -> str | None:
    for backup in list_backups(path.parent):
        source = backup.folder / path.name
        with contextlib.suppress(OSError, sqlite3.Error):
            if source.exists() and not is_blank(source) and not find_damage(source, is_thorough=True):
                shutil.copyfile(source, fresh)
                return backup.name
        _remove(fresh)
    return None


def _salvage(path: Path) -> Salvaged:
    """Read the readable rows, after padding a truncated file, which SQLite would reject."""
    declared_bytes = read_declared_size(path) if find_cut(path) is not None else None
    if declared_bytes is None:
        return salvage_rows(path)
    padded = path.with_name(f".{path.name}.padded")
    try:
        shutil.copyfile(path, padded)
        with padded.open("r+b") as file:
            file.truncate(max(path.stat().st_size, declared_bytes))
        return salvage_rows(padded)
    finally:
        _remove(padded)


def _list_lost_files(connection: Connection, archive: Path, rows: Iterable[Row]) -> list[TrackFile]:
    """List the files of a damaged list that no longer exist, and return them as lost.

    Existing files describe their own content.
    """
    lost_files = []
    for row in _drop_duplicate_keys(archive_files, rows):
        file = TrackFile(**{field.name: row[field.name] for field in fields(TrackFile)})  # type: ignore[arg-type]
        is_ours = file.name.endswith(".parquet") and hour_of(file.first_us) == file.hour_us
        is_ordered = file.first_us <= file.last_us < file.hour_us + HOUR_US
        if is_ours and is_ordered and not (archive / file.name).exists():
            lost_files.append(file)
    track_catalogue.add_files(connection, lost_files)
    return lost_files


def _find_observed_end(engine: Engine) -> int:
    with engine.connect() as connection:
        return _find_end(connection)


def _find_end(connection: Connection) -> int:
    return connection.scalar(select(func.max(observed_spans.c.end_us))) or 0


def _add_gaps_of_lost_points(
    connection: Connection, next_sequence: int | None, *, lost_files: Sequence[TrackFile] = ()
) -> Bounds | None:
    """Add gaps for positions of the last minute that are missing by their sequence numbers.

    Args:
        lost_files: missing files, for which gaps exist already.
        next_sequence: number after the last written point; None if unknown.

    Returns:
        The period of the missing points; None without any.
    """
    files = [*track_catalogue.list_files(connection), *lost_files]
    newest = max(files, key=lambda file: (file.last_sequence, file.last_us), default=None)
    expected, known_us = (0, 0) if newest is None else (newest.last_sequence + 1, newest.last_us)
    end_us = _find_end(connection)
    columns = track_journal.c.sequence, track_journal.c.time_us
    for sequence, time_us in connection.execute(select(*columns).order_by(columns[0])):
        if sequence != expected:
            # the rest may be incomplete
            break
        expected, known_us = sequence + 1, time_us
    if next_sequence is not None and expected >= next_sequence:
        return None
    start_us = max(known_us + 1, end_us - _MAX_JOURNAL_US)
    if start_us >= end_us:
        return None
    add_gaps(connection, track_journal.name, (start_us, end_us))
    return start_us, end_us


def _merge_rows(connection: Connection, salvaged: Salvaged) -> None:
    """Add the rows of the damaged file to those of its backup; the damaged file is newer."""
    if not salvaged.rows[schema_version.name] and not any(salvaged.rows.values()):
        return
    for table in _KEYED:
        for row in _drop_duplicate_keys(table, salvaged.rows[table.name]):
            if table is observed_spans and not _is_span(row):
                continue
            key = [column == row[column.name] for column in table.primary_key.columns]
            if table is counters:
                raise_counter(connection, str(row["name"]), int(str(row["value"])))
            elif not connection.execute(update(table).where(*key).values(row)).rowcount:
                connection.execute(insert(table), [row])
    for table in _KEYLESS:
        known = {tuple(row) for row in connection.execute(select(table))}
        new = [row for row in salvaged.rows[table.name] if tuple(row.values()) not in known]
        if new:
            connection.execute(insert(table), new)
    journal = list(_drop_duplicate_keys(track_journal, salvaged.rows[track_journal.name]))
    if journal:
        connection.execute(insert(track_journal), journal)


def _drop_duplicate_keys(table: Table, rows: Iterable[Row]) -> Iterable[Row]:
    names = [column.name for column in table.primary_key.columns]
    return {tuple(row[name] for name in names): row for row in rows}.values()


def _is_span(row: Row) -> bool:
    return int(str(row["start_us"])) <= int(str(row["end_us"])) and int(str(row["frames"])) > 0


def _remove_archived_points(connection: Connection) -> None:
    """Remove points from the journal that are in files; they move in the order of their numbers."""
    last = connection.scalar(select(func.max(archive_files.c.last_sequence)))
    if last is not None:
        connection.execute(delete(track_journal).where(track_journal.c.sequence <= last))


def _raise_counters(connection: Connection) -> None:
    sequence = connection.scalar(select(func.max(track_journal.c.sequence)))
    tracklet = connection.scalar(select(func.max(track_journal.c.tracklet)))
    raise_counter(connection, NEXT_SEQUENCE, 1 + (sequence or 0))
    raise_counter(connection, NEXT_TRACKLET, 1 + (tracklet or 0))
    known = connection.scalar(select(counters.c.value).where(counters.c.name == NEXT_TRACKLET)) or 0
    raise_counter(connection, NEXT_TRACKLET, known + _SPARE_TRACKLETS)
    files = track_catalogue.list_files(connection)
    first_us = connection.scalar(select(func.min(observed_spans.c.start_us)))
    if files and first_us is not None and hour_of(first_us) < files[0].hour_us:
        # observed time without any file: an empty hall must not be concluded
        raise_counter(connection, POINTS_SINCE, files[0].hour_us)


def _log(connection: Connection, report: RepairReport, now_us: int) -> None:
    row = {
        "time_us": now_us,
        "camera": "",
        "kind": CameraEventKind.REPAIRED.value,
        "detail": str(report.describe()),
        "count": 1,
    }
    connection.execute(insert(camera_events), [row])


def _format_time(time_s: float) -> str:
    return f"{datetime.fromtimestamp(time_s, tz=UTC):%Y-%m-%d %H:%M UTC}"


def _name_damaged_file(path: Path, now_us: int) -> Path:
    moment = datetime.fromtimestamp(to_s(now_us), tz=UTC)
    return path.with_name(f"{path.stem}.damaged-{moment:%Y%m%dT%H%M%SZ}{path.suffix}")


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
