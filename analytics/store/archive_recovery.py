"""Finishes what a kill, a power failure or a lost database left between catalogue and track files."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, select

from analytics.domain.event_sink import CameraEventKind
from analytics.store import track_catalogue
from analytics.store.counters import NEXT_SEQUENCE, NEXT_TRACKLET, raise_counter
from analytics.store.durable_files import UNFINISHED_SUFFIX
from analytics.store.microseconds import HOUR_US
from analytics.store.sql_schema import camera_events, track_journal
from analytics.store.track_files import Footer, TrackFile, read_footer

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What was found and done.

    Attributes:
        superfluous: files that an interrupted move left, removed; their points are elsewhere.
        adopted: files with points that the catalogue did not know; it does now.
        missing: listed files that are gone; their points are lost.
        unreadable: files that are not listed and cannot be read; renamed, not removed.
    """

    superfluous: tuple[str, ...] = ()
    adopted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def recover_archive(engine: Engine, folder: Path, *, now_us: int) -> RecoveryReport:
    """Make catalogue and files agree; for the writer, before it writes.

    Args:
        folder: holds the ``date=…`` folders.
        now_us: when, for the log of what is missing.

    Raises:
        OSError, SQLAlchemyError: as they come; running it again is safe.
    """
    track_catalogue.delete_removed_files(engine, folder)
    for unfinished in folder.glob(f"date=*/.*{UNFINISHED_SUFFIX}"):
        unfinished.unlink(missing_ok=True)
    present = {path.relative_to(folder).as_posix() for path in folder.glob("date=*/*.parquet")}
    with engine.begin() as connection:
        listed = {file.name: file for file in track_catalogue.list_files(connection)}
        unlisted, unreadable = _read_footers(folder, sorted(present - set(listed)))
        known = _read_footers(folder, _in_hours_of(unlisted, listed, present))[0]
        superfluous = _find_superfluous(connection, unlisted, known, {*listed} & present)
        adopted = [footer for footer in unlisted if footer.file.name not in superfluous]
        missing = {*listed} - present
        replaced = {*listed} & {name for footer in adopted for name in footer.replaced}
        track_catalogue.remove_files(connection, missing | replaced)
        track_catalogue.mark_for_deletion(connection, superfluous)
        _adopt(connection, adopted)
        lost = [listed[name] for name in sorted(missing - replaced)]
        _log_lost(connection, lost, now_us=now_us)
    track_catalogue.delete_removed_files(engine, folder)
    for path in unreadable:
        path.replace(path.with_name(f"{path.name}.unreadable"))
        _logger.warning("Track file %s cannot be read; it was put aside", path)
    if adopted:
        _logger.warning("%d track files were not listed in the database; they are now", len(adopted))
    return RecoveryReport(
        tuple(sorted(superfluous)),
        tuple(footer.file.name for footer in adopted),
        tuple(file.name for file in lost),
        tuple(path.name for path in unreadable),
    )


def _read_footers(folder: Path, names: list[str]) -> tuple[list[Footer], list[Path]]:
    footers, unreadable = [], []
    for name in names:
        try:
            footers.append(read_footer(folder, folder / name))
        except (ValueError, KeyError):
            unreadable.append(folder / name)
    return footers, unreadable


def _in_hours_of(unlisted: list[Footer], listed: dict[str, TrackFile], present: set[str]) -> list[str]:
    hours = {footer.file.hour_us for footer in unlisted}
    return [file.name for file in listed.values() if file.hour_us in hours and file.name in present]


def _find_superfluous(
    connection: Connection, unlisted: list[Footer], known: list[Footer], counting: set[str]
) -> set[str]:
    """Files whose every point is certain to be somewhere else, too."""
    merged_since = {name for footer in (*unlisted, *known) for name in footer.replaced}
    superfluous = set()
    for footer in unlisted:
        is_interrupted_merge = bool(footer.sources) and counting.issuperset(footer.sources)
        is_interrupted_move = not footer.sources and _is_journalled(connection, footer.file)
        if is_interrupted_merge or is_interrupted_move or footer.file.name in merged_since:
            superfluous.add(footer.file.name)
    return superfluous


def _is_journalled(connection: Connection, file: TrackFile) -> bool:
    count = connection.scalar(
        select(func.count())
        .select_from(track_journal)
        .where(
            track_journal.c.sequence.between(file.first_sequence, file.last_sequence),
            track_journal.c.time_us >= file.hour_us,
            track_journal.c.time_us < file.hour_us + HOUR_US,
        )
    )
    return count == file.points


def _adopt(connection: Connection, footers: list[Footer]) -> None:
    if not footers:
        return
    track_catalogue.add_files(connection, [footer.file for footer in footers])
    raise_counter(connection, NEXT_SEQUENCE, 1 + max(footer.file.last_sequence for footer in footers))
    raise_counter(connection, NEXT_TRACKLET, 1 + max(footer.last_tracklet for footer in footers))


def _log_lost(connection: Connection, files: list[TrackFile], *, now_us: int) -> None:
    for file in files:
        _logger.warning("Track file %s with %d points is gone", file.name, file.points)
        row = {
            "time_us": now_us,
            "camera": "",
            "kind": CameraEventKind.DROPPED.value,
            "detail": f"The track file {file.name} is gone.",
            "count": file.points,
        }
        connection.execute(insert(camera_events), [row])
