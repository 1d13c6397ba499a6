"""Makes a damaged history again: from its newest backup, what can still be read of it, and its track files.

Everything is built beside the damaged file, which then keeps another name: a kill at any instant leaves
either the damaged history, to be repaired again, or the repaired one.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
    choose_aside,
    find_cut,
    find_damage,
    is_blank,
    read_whole_size,
    swap_database,
)
from analytics.store.recovery.folder_backup import list_backups
from analytics.store.recovery.lost_tracks import Bounds, LostTracks, find_lost_files, keep_gaps, lose_files
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
_ROWS_AT_ONCE = 200
_MAX_US = 2**53


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What could be read.

    Attributes:
        rows: of each of our tables, by the names of its columns.
        damaged: names of the tables of which a part could not be read.
    """

    rows: dict[str, list[Row]]
    damaged: frozenset[str]


NOTHING_SALVAGED = Salvaged(
    {table.name: [] for table in metadata.sorted_tables},
    frozenset(table.name for table in metadata.sorted_tables),
)
"""Of a file that is empty or gone."""


def salvage_rows(path: Path) -> Salvaged:
    """The readable rows of each of our tables in a SQLite file that may be damaged in any way.

    A table is read forwards until the damage, then backwards until the damage; what lies between is lost,
    and so are rows that hold what we never write.
    """
    found: dict[str, list[Row]] = {}
    damaged = set()
    for table in metadata.sorted_tables:
        rows: dict[int, Row] = {}
        is_whole = _read_until_damage(path, table, rows, is_backward=False)
        if not is_whole:
            damaged.add(table.name)
            _read_until_damage(path, table, rows, is_backward=True)
        found[table.name] = [rows[number] for number in sorted(rows)]
    return Salvaged(found, frozenset(damaged))


def _read_until_damage(path: Path, table: Table, rows: dict[int, Row], *, is_backward: bool) -> bool:
    """Collect rows by their number from one end; whether the other end was reached."""
    names = [column.name for column in table.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    order, beyond = ("DESC", "<") if is_backward else ("ASC", ">")
    query = (
        f'SELECT rowid, {columns} FROM "{table.name}" WHERE rowid {beyond} ? '  # noqa: S608 -- our own names
        f"ORDER BY rowid {order} LIMIT {_ROWS_AT_ONCE}"
    )
    last = 2**63 - 1 if is_backward else -(2**63)
    is_whole = True
    try:
        # writable, because a log that a killed process left is only read by who may index it
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
                        is_whole = False
                if read < _ROWS_AT_ONCE:
                    return is_whole
    except (sqlite3.Error, OverflowError, UnicodeDecodeError):
        return False


def _are_plausible(table: Table, values: list[object]) -> bool:
    """Whether each value is of its column's kind: a damaged page may well give rows."""
    for column, value in zip(table.columns, values, strict=True):
        if value is None and column.nullable:
            continue
        if not isinstance(value, column.type.python_type):
            return False
        if column.name.endswith("_us") and isinstance(value, int) and not 0 <= value < _MAX_US:
            return False
    return True


MAX_PAUSE_US = 2_000_000
"""Between two moments with people in view that were one observation; a gap is longer than that."""


def rebuild_spans(connection: Connection, archive: Path, *, since_us: int, now_us: int) -> float:
    """Add spans for moments that have positions and are neither observed nor a gap by the record.

    A camera that saw somebody looked. Of moments without people nothing is proven: they stay unobserved.
    Track files that turn out to be damaged are lost.

    Returns:
        Seconds that were added, of all cameras together.
    """
    added_s = 0.0
    for camera, times_us in _read_moments(connection, archive, since_us, now_us).items():
        known = _read_known(connection, camera)
        free = times_us[~_are_within(times_us, known)]
        if not len(free):
            continue
        cuts = np.flatnonzero(np.diff(free) > MAX_PAUSE_US) + 1
        # what is known between two moments parts them, too
        starts = known[:, 0]
        between = np.searchsorted(starts, free[1:]) != np.searchsorted(starts, free[:-1])
        cuts = np.union1d(cuts, np.flatnonzero(between) + 1)
        for stretch in np.split(free, cuts):
            row = {
                "camera": camera,
                "start_us": int(stretch[0]),
                "end_us": int(stretch[-1]),
                "frames": len(stretch),
            }
            connection.execute(insert(observed_spans), [row])
            added_s += to_s(int(stretch[-1] - stretch[0]))
    return added_s


def _read_moments(
    connection: Connection, archive: Path, since_us: int, now_us: int
) -> dict[str, npt.NDArray[np.int64]]:
    """The distinct times of each camera's positions from a moment on, ordered."""
    found: dict[str, list[npt.NDArray[np.int64]]] = {}
    files = track_catalogue.list_files(connection, start_us=since_us)
    lost = find_lost_files(archive, files, is_thorough=True)
    lose_files(connection, archive, lost, now_us=now_us)
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
    """Start and end of a camera's spans and gaps, shape (n, 2), ordered by start."""
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
"""Points become a file after a minute."""
_SPARE_TRACKLETS = 10_000
"""Numbers that may have been given out and are on no record any more."""


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What a repair found and did.

    Attributes:
        aside: the name that the damaged file has now; None where it was gone.
        backup: name of the backup that it began with; None: there was no sound one.
        damaged: names of the tables of which a part could not be read.
        salvaged_rows: read from the damaged file, of all tables together.
        track_files: that are listed again; their points are all there.
        journal_points: positions of the last minute that could be read.
        rebuilt_s: seconds of observation, of all cameras, that are known from positions alone: of the time
            between, in which nobody was seen, nothing is known any more.
        unsure_from_s: from when on the record of observation may have holes; None: it is whole. 0: from its
            beginning.
        unsure_to_s: the last moment that is observed by the record as it is now, or when it was repaired.
        lost_from_s, lost_to_s: when the positions were that were in no file yet and are lost; None: none are.
        lost_tracks: what was lost with track files that the damaged file listed.
    """

    aside: str | None
    backup: str | None
    damaged: tuple[str, ...]
    salvaged_rows: int
    track_files: int
    journal_points: int
    rebuilt_s: float
    unsure_from_s: float | None
    unsure_to_s: float
    lost_from_s: float | None = None
    lost_to_s: float | None = None
    lost_tracks: LostTracks | None = None

    def describe(self) -> Phrase:
        """In a sentence, for the log and for people."""
        fields: dict[str, object] = {
            "source": Phrase("It begins with the backup of {backup}.", {"backup": self.backup})
            if self.backup
            else Phrase("There was no backup of it."),
            "rows": self.salvaged_rows,
            "aside": self.aside,
            "files": self.track_files,
            "loss": self._describe_loss(),
        }
        if self.aside is None:
            return Phrase(
                "The history's database was gone and has been made again. {source} {files} track files are "
                "listed again. {loss}",
                fields,
            )
        return Phrase(
            "The history was damaged and has been made again. {source} {rows} rows were read from the "
            "damaged file, which is kept as {aside}; {files} track files are listed again. {loss}",
            fields,
        )

    def _describe_loss(self) -> Phrase:
        loss = self._describe_observation()
        if self.lost_from_s is None or self.lost_to_s is None:
            return loss
        last = Phrase(
            "Positions from {start} to {end} (UTC) were in no track file yet and are lost: not observed.",
            {
                "start": f"{datetime.fromtimestamp(self.lost_from_s, tz=UTC):%Y-%m-%d %H:%M:%S}",
                "end": f"{datetime.fromtimestamp(self.lost_to_s, tz=UTC):%Y-%m-%d %H:%M:%S}",
            },
        )
        return Phrase("{one} {other}", {"one": last, "other": loss})

    def _describe_observation(self) -> Phrase:
        if not self.damaged:
            return (
                Phrase("Nothing was lost.") if self.lost_tracks is None else Phrase("Nothing else was lost.")
            )
        if self.unsure_from_s is None:
            return Phrase("Parts of the log may be lost; when cameras looked is known.")
        if not self.unsure_from_s:
            return Phrase(
                "Until {until} only moments in which somebody was seen count as observed; the rest of that "
                "time, and what came after it, is lost, with its interruptions and its log.",
                {"until": _word(self.unsure_to_s)},
            )
        if self.unsure_to_s <= self.unsure_from_s:
            return Phrase(
                "What was observed after {since} is lost, with its interruptions and its log.",
                {"since": _word(self.unsure_from_s)},
            )
        return Phrase(
            "From {since} until {until} only moments in which somebody was seen, and what could still be "
            "read, count as observed; the rest of that time, and what came after it, is lost, with its "
            "interruptions and its log.",
            {"since": _word(self.unsure_from_s), "until": _word(self.unsure_to_s)},
        )


def repair_database(path: Path, archive: Path, *, now_us: int) -> RepairReport:
    """Make a damaged SQLite history again; for who holds the writer's lease, with nobody reading.

    Args:
        path: of the file, which may be empty or gone.
        archive: the folder of the track files.

    Raises:
        sqlite3.Error, OSError, SQLAlchemyError: nothing was changed.
    """
    is_there = path.exists()
    # SQLite deletes the log of an empty file when it opens it; nothing is to be deleted
    has_content = is_there and path.stat().st_size > 0
    salvaged = _salvage(path) if has_content else NOTHING_SALVAGED
    aside = choose_aside(_name_aside(path, now_us))
    fresh = path.with_name(f".{path.name}.repaired")
    _remove(fresh)
    backup = _begin_with_backup(path, fresh)
    engine = open_sqlite(fresh)
    try:
        migrate(engine, now_us=now_us, place=str(path))
        base_end_us = _find_observed_end(engine)
        with engine.begin() as connection:
            _take_over(connection, salvaged)
            gone = _list_lost_files(connection, archive, salvaged.rows[archive_files.name])
            next_sequence = read_counter(connection, NEXT_SEQUENCE)
            is_count_known = counters.name not in salvaged.damaged or base_end_us == _find_end(connection)
        archive.mkdir(exist_ok=True)
        recovery = recover_archive(engine, archive, now_us=now_us, is_list_lost=True)
        with engine.begin() as connection:
            journal_points = _keep_journal_once(connection)
            lost_us = _keep_gap_of_lost_points(
                connection, next_sequence if is_count_known else None, gone=gone
            )
            rebuilt_s, unsure_from_s = 0.0, None
            if observed_spans.name in salvaged.damaged:
                unsure_from_s = to_s(base_end_us)
                rebuilt_s = rebuild_spans(connection, archive, since_us=base_end_us, now_us=now_us)
            files = connection.scalar(select(func.count()).select_from(archive_files)) or 0
            _raise_counters(connection)
            report = RepairReport(
                aside=aside.name if is_there else None,
                backup=backup,
                damaged=tuple(sorted(salvaged.damaged)),
                salvaged_rows=sum(map(len, salvaged.rows.values())),
                track_files=files,
                journal_points=journal_points,
                rebuilt_s=rebuilt_s,
                unsure_from_s=unsure_from_s,
                unsure_to_s=to_s(connection.scalar(select(func.max(observed_spans.c.end_us))) or now_us),
                lost_from_s=None if lost_us is None else to_s(lost_us[0]),
                lost_to_s=None if lost_us is None else to_s(lost_us[1]),
                lost_tracks=recovery.lost,
            )
            _log(connection, report, now_us)
        with contextlib.closing(engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()
    swap_database(fresh, path, aside=aside)
    _remove(fresh)
    _logger.warning("%s", report.describe())
    return report


def settle_restored(path: Path, archive: Path, *, now_us: int) -> int:
    """Make a database that was put back from a backup and the track files agree; for the lease's holder.

    What was observed since the backup counts as far as positions prove it.

    Returns:
        How many track files are listed.

    Raises:
        OSError, SQLAlchemyError: as they come; running it again is safe.
    """
    engine = open_sqlite(path)
    try:
        migrate(engine, now_us=now_us, place=str(path))
        base_end_us = _find_observed_end(engine)
        with engine.connect() as connection:
            next_sequence = read_counter(connection, NEXT_SEQUENCE)
        recover_archive(engine, archive, now_us=now_us, is_list_lost=True)
        with engine.begin() as connection:
            _keep_gap_of_lost_points(connection, next_sequence)
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
    """Read what can be read; SQLite refuses a file that is shorter than it says, so that is made up for."""
    whole_bytes = read_whole_size(path) if find_cut(path) is not None else None
    if whole_bytes is None:
        return salvage_rows(path)
    padded = path.with_name(f".{path.name}.padded")
    try:
        shutil.copyfile(path, padded)
        with padded.open("r+b") as file:
            file.truncate(max(path.stat().st_size, whole_bytes))
        return salvage_rows(padded)
    finally:
        _remove(padded)


def _list_lost_files(connection: Connection, archive: Path, rows: Iterable[Row]) -> list[TrackFile]:
    """List again the files that a damaged list names and that are not there, and return them: they are lost.

    Those that are there say themselves what they hold.
    """
    gone = []
    for row in _keep_one_of_a_key(archive_files, rows):
        file = TrackFile(**row)  # type: ignore[arg-type]
        is_ours = file.name.endswith(".parquet") and hour_of(file.first_us) == file.hour_us
        is_ordered = file.first_us <= file.last_us < file.hour_us + HOUR_US
        if is_ours and is_ordered and not (archive / file.name).exists():
            gone.append(file)
    track_catalogue.add_files(connection, gone)
    return gone


def _find_observed_end(engine: Engine) -> int:
    with engine.connect() as connection:
        return _find_end(connection)


def _find_end(connection: Connection) -> int:
    return connection.scalar(select(func.max(observed_spans.c.end_us))) or 0


def _keep_gap_of_lost_points(
    connection: Connection, next_sequence: int | None, *, gone: Sequence[TrackFile] = ()
) -> Bounds | None:
    """Keep gaps for points of the last minute that are in no file and not in the journal, by their numbers.

    Args:
        gone: files that are off the list, for which gaps are kept already.
        next_sequence: of the point after the last one that was written; None where that is not known.

    Returns:
        When they were; None where none is missing.
    """
    files = [*track_catalogue.list_files(connection), *gone]
    newest = max(files, key=lambda file: (file.last_sequence, file.last_us), default=None)
    expected, known_us = (0, 0) if newest is None else (newest.last_sequence + 1, newest.last_us)
    end_us = _find_end(connection)
    columns = track_journal.c.sequence, track_journal.c.time_us
    for sequence, time_us in connection.execute(select(*columns).order_by(columns[0])):
        if sequence != expected:
            # nobody knows which of what follows it is whole
            break
        expected, known_us = sequence + 1, time_us
    if next_sequence is not None and expected >= next_sequence:
        return None
    start_us = max(known_us + 1, end_us - _MAX_JOURNAL_US)
    if start_us >= end_us:
        return None
    keep_gaps(connection, track_journal.name, (start_us, end_us))
    return start_us, end_us


def _take_over(connection: Connection, salvaged: Salvaged) -> None:
    """Add what was read of the damaged file to what its backup had; the damaged file is newer."""
    if not salvaged.rows[schema_version.name] and not any(salvaged.rows.values()):
        return
    for table in _KEYED:
        for row in _keep_one_of_a_key(table, salvaged.rows[table.name]):
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
    journal = list(_keep_one_of_a_key(track_journal, salvaged.rows[track_journal.name]))
    if journal:
        connection.execute(insert(track_journal), journal)


def _keep_one_of_a_key(table: Table, rows: Iterable[Row]) -> Iterable[Row]:
    names = [column.name for column in table.primary_key.columns]
    return {tuple(row[name] for name in names): row for row in rows}.values()


def _is_span(row: Row) -> bool:
    return int(str(row["start_us"])) <= int(str(row["end_us"])) and int(str(row["frames"])) > 0


def _keep_journal_once(connection: Connection) -> int:
    """Take points out of the journal that are in files; they move in the order of their numbers."""
    last = connection.scalar(select(func.max(archive_files.c.last_sequence)))
    if last is not None:
        connection.execute(delete(track_journal).where(track_journal.c.sequence <= last))
    return connection.scalar(select(func.count()).select_from(track_journal)) or 0


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
        # observed, and without a single file: of that time nobody may say that there was nobody
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


def _word(time_s: float) -> str:
    return f"{datetime.fromtimestamp(time_s, tz=UTC):%Y-%m-%d %H:%M UTC}"


def _name_aside(path: Path, now_us: int) -> Path:
    moment = datetime.fromtimestamp(to_s(now_us), tz=UTC)
    return path.with_name(f"{path.stem}.damaged-{moment:%Y%m%dT%H%M%SZ}{path.suffix}")


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
