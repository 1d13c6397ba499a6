"""Recover the list of track files after a kill, a power failure or the loss of the database."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select

from analytics.store import track_catalogue
from analytics.store.counters import NEXT_SEQUENCE, NEXT_TRACKLET, raise_counter
from analytics.store.durable_files import UNFINISHED_SUFFIX
from analytics.store.microseconds import HOUR_US
from analytics.store.recovery.lost_tracks import (
    LostTracks,
    add_gap_of_unlisted,
    add_gaps_of_quarantined,
    drop_lost_files,
    find_lost_files,
    forget_gaps,
    quarantine_file,
)
from analytics.store.sql_schema import track_journal
from analytics.store.track_files import Footer, TrackFile, read_footer

_logger = logging.getLogger(__name__)


def recover_archive(
    engine: Engine, folder: Path, *, now_us: int, is_thorough: bool = False, is_list_lost: bool = False
) -> LostTracks | None:
    """Make the list and the track files consistent; for the writer, before it writes.

    Args:
        folder: folder that contains ``date=…`` folders.
        now_us: time for the log of losses.
        is_thorough: read each listed file completely.
        is_list_lost: whether the list is lost, so that unreadable files may have been listed.

    Returns:
        The listed files that are missing or damaged; None without any.

    Raises:
        OSError, SQLAlchemyError: recovery failed, and can be repeated.
    """
    track_catalogue.delete_removed_files(engine, folder)
    for unfinished in folder.glob(f"date=*/.*{UNFINISHED_SUFFIX}"):
        unfinished.unlink(missing_ok=True)
    present = {path.relative_to(folder).as_posix() for path in folder.glob("date=*/*.parquet")}
    with engine.begin() as connection:
        listed = {file.name: file for file in track_catalogue.list_files(connection)}
        unlisted, unreadable = _read_footers(folder, sorted(present - set(listed)))
        lost_files = find_lost_files(folder, list(listed.values()), is_thorough=is_thorough)
        intact = set(listed) - {file.name for file in lost_files}
        known = _read_footers(folder, _in_hours_of(unlisted, listed, intact))[0]
        superfluous = _find_superfluous(connection, unlisted, known, intact)
        adopted = [footer for footer in unlisted if footer.file.name not in superfluous]
        replaced = {*listed} & {name for footer in adopted for name in footer.replaced}
        track_catalogue.remove_files(connection, replaced)
        track_catalogue.mark_for_deletion(connection, superfluous)
        _adopt(connection, folder, adopted)
        lost = drop_lost_files(
            connection, folder, [file for file in lost_files if file.name not in replaced], now_us=now_us
        )
        for path in unreadable:
            quarantine_file(folder, path.relative_to(folder).as_posix())
            _logger.warning("Track file %s cannot be read; it was put aside", path)
            if is_list_lost:
                add_gap_of_unlisted(connection, path)
        if is_list_lost:
            add_gaps_of_quarantined(connection, folder)
    track_catalogue.delete_removed_files(engine, folder)
    if adopted:
        _logger.warning("%d track files were not listed in the database; they are now", len(adopted))
    return lost


def _read_footers(folder: Path, names: list[str]) -> tuple[list[Footer], list[Path]]:
    footers, unreadable = [], []
    for name in names:
        try:
            footers.append(read_footer(folder, folder / name))
        except (ValueError, KeyError):
            unreadable.append(folder / name)
    return footers, unreadable


def _in_hours_of(unlisted: list[Footer], listed: dict[str, TrackFile], intact: set[str]) -> list[str]:
    hours = {footer.file.hour_us for footer in unlisted}
    return [file.name for file in listed.values() if file.hour_us in hours and file.name in intact]


def _find_superfluous(
    connection: Connection, unlisted: list[Footer], known: list[Footer], counting: set[str]
) -> set[str]:
    """Return the files whose points are all stored elsewhere, too."""
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


def _adopt(connection: Connection, folder: Path, footers: list[Footer]) -> None:
    if not footers:
        return
    track_catalogue.add_files(connection, [footer.file for footer in footers])
    for footer in footers:
        forget_gaps(connection, folder, footer.file)
    raise_counter(connection, NEXT_SEQUENCE, 1 + max(footer.file.last_sequence for footer in footers))
    raise_counter(connection, NEXT_TRACKLET, 1 + max(footer.last_tracklet for footer in footers))
