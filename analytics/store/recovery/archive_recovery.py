"""Finishes what a kill, a power failure or a lost database left between catalogue and track files."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select

from analytics.store import track_catalogue
from analytics.store.counters import NEXT_SEQUENCE, NEXT_TRACKLET, raise_counter
from analytics.store.durable_files import UNFINISHED_SUFFIX
from analytics.store.microseconds import HOUR_US
from analytics.store.recovery.lost_tracks import (
    LostTracks,
    find_lost_files,
    forget_gaps,
    keep_gap_of_unlisted,
    keep_gaps_of_aside,
    lose_files,
    put_aside,
)
from analytics.store.sql_schema import track_journal
from analytics.store.track_files import Footer, TrackFile, read_footer

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What was found and done.

    Attributes:
        superfluous: files that an interrupted move left, removed; their points are elsewhere.
        adopted: files with points that the catalogue did not know; it does now.
        lost: listed files that are gone or damaged; None: there were none.
        unreadable: files that are not listed and cannot be read; renamed, not removed.
    """

    superfluous: tuple[str, ...] = ()
    adopted: tuple[str, ...] = ()
    lost: LostTracks | None = None
    unreadable: tuple[str, ...] = ()


def recover_archive(
    engine: Engine, folder: Path, *, now_us: int, is_thorough: bool = False, is_list_lost: bool = False
) -> RecoveryReport:
    """Make catalogue and files agree; for the writer, before it writes.

    Args:
        folder: holds the ``date=…`` folders.
        now_us: when, for the log of what is missing.
        is_thorough: read all of each listed file.
        is_list_lost: nobody knows which files there were, so that one that cannot be read counted.

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
        gone = find_lost_files(folder, list(listed.values()), is_thorough=is_thorough)
        whole = set(listed) - {file.name for file in gone}
        known = _read_footers(folder, _in_hours_of(unlisted, listed, whole))[0]
        superfluous = _find_superfluous(connection, unlisted, known, whole)
        adopted = [footer for footer in unlisted if footer.file.name not in superfluous]
        replaced = {*listed} & {name for footer in adopted for name in footer.replaced}
        track_catalogue.remove_files(connection, replaced)
        track_catalogue.mark_for_deletion(connection, superfluous)
        _adopt(connection, folder, adopted)
        lost = lose_files(
            connection, folder, [file for file in gone if file.name not in replaced], now_us=now_us
        )
        for path in unreadable:
            put_aside(folder, path.relative_to(folder).as_posix())
            _logger.warning("Track file %s cannot be read; it was put aside", path)
            if is_list_lost:
                keep_gap_of_unlisted(connection, path)
        if is_list_lost:
            keep_gaps_of_aside(connection, folder)
    track_catalogue.delete_removed_files(engine, folder)
    if adopted:
        _logger.warning("%d track files were not listed in the database; they are now", len(adopted))
    return RecoveryReport(
        tuple(sorted(superfluous)),
        tuple(footer.file.name for footer in adopted),
        lost,
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


def _in_hours_of(unlisted: list[Footer], listed: dict[str, TrackFile], whole: set[str]) -> list[str]:
    hours = {footer.file.hour_us for footer in unlisted}
    return [file.name for file in listed.values() if file.hour_us in hours and file.name in whole]


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


def _adopt(connection: Connection, folder: Path, footers: list[Footer]) -> None:
    if not footers:
        return
    track_catalogue.add_files(connection, [footer.file for footer in footers])
    for footer in footers:
        forget_gaps(connection, folder, footer.file)
    raise_counter(connection, NEXT_SEQUENCE, 1 + max(footer.file.last_sequence for footer in footers))
    raise_counter(connection, NEXT_TRACKLET, 1 + max(footer.last_tracklet for footer in footers))
