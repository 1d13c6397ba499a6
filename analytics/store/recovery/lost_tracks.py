"""Handle listed track files that are missing or damaged: their time counts as unobserved.

The list in the database has the first and last time of each file. Until a damaged file is quarantined,
readers detect it themselves; the writer then records a gap. Both exclude the time when observation is read,
and leave the record of it unchanged: a recorder continues to extend its spans, and a restored file makes its
time observed again.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select

from analytics.domain.errors import Phrase
from analytics.domain.event_sink import CameraEventKind
from analytics.store import track_catalogue
from analytics.store.durable_files import sync_folder
from analytics.store.microseconds import HOUR_US, hour_of, to_s, to_us
from analytics.store.sql_schema import archive_files, camera_events, gaps, observed_spans
from analytics.store.track_files import TrackFile, is_intact
from resources.atomic_file import rename_over

LOST_TRACKS = "tracks lost"
"""Cause of the gap that replaces the observation."""
QUARANTINE_SUFFIX = ".unreadable"
_QUARANTINE_NAME = re.compile(r"\.parquet\.(\d{1,17})-(\d{1,17})(?:\.\d+)?\.unreadable$")
_logger = logging.getLogger(__name__)

Bounds = tuple[int, int]
"""Start and end, microseconds."""


@dataclass(frozen=True, slots=True)
class LostTracks:
    """Losses by missing or damaged track files.

    Attributes:
        files: names within the tracks folder.
        quarantined: new names of the damaged files; the others were missing.
        points: number of lost points.
        start_s, end_s: first and last time of all files, seconds since the epoch.
    """

    files: tuple[str, ...]
    quarantined: tuple[str, ...]
    points: int
    start_s: float
    end_s: float

    @staticmethod
    def of_file(file: TrackFile) -> LostTracks:
        """Return the loss of a file that is not quarantined yet."""
        return LostTracks((file.name,), (), file.points, to_s(file.first_us), to_s(file.last_us))

    def describe(self) -> Phrase:
        """Describe the loss in a sentence."""
        return Phrase(
            "{files} track files were missing or damaged: {points} positions between {start} and {end} "
            "(UTC) are lost. This time counts as not observed. {kept}",
            {
                "files": len(self.files),
                "points": self.points,
                "start": _format_time(self.start_s),
                "end": _format_time(self.end_s),
                "kept": Phrase(
                    "Damaged files were renamed to end in {ending}.", {"ending": QUARANTINE_SUFFIX}
                )
                if self.quarantined
                else Phrase("If you have copies, put them back and repair again."),
            },
        )


def find_lost_files(
    folder: Path, files: Sequence[TrackFile], *, is_thorough: bool = False
) -> list[TrackFile]:
    """Return the listed files that are missing or damaged.

    Args:
        is_thorough: read each file completely that this process has not read before.

    Raises:
        OSError: a file cannot be read.
    """
    return [file for file in files if not is_intact(folder, file, is_thorough=is_thorough)]


def drop_lost_files(
    connection: Connection, folder: Path, files: Sequence[TrackFile], *, now_us: int
) -> LostTracks | None:
    """Remove files from the list, quarantine their remains, and add gaps for their time.

    Args:
        now_us: time for the log.

    Returns:
        The losses; None without files.

    Raises:
        OSError, SQLAlchemyError: the operation failed, and can be repeated.
    """
    if not files:
        return None
    # before removing them from the list, because a readable unlisted file would be listed again
    quarantined = [quarantine_file(folder, file.name, find_bounds(file)) for file in files]
    for file in files:
        track_catalogue.forget_file(connection, file.name)
        for row in make_gaps(connection, file):
            _save_gap(connection, row)
    lost = _describe(files, [name for name in quarantined if name])
    row = {
        "time_us": now_us,
        "camera": "",
        "kind": CameraEventKind.DROPPED.value,
        "detail": f"Track files are gone or damaged: {', '.join(lost.files)}.",
        "count": lost.points,
    }
    connection.execute(insert(camera_events), [row])
    _logger.warning("%s %s", lost.describe(), ", ".join(lost.files))
    return lost


def join_lost(parts: Sequence[LostTracks]) -> LostTracks | None:
    """Return the sum of losses; None without any."""
    if not parts:
        return None
    return LostTracks(
        tuple(name for part in parts for name in part.files),
        tuple(name for part in parts for name in part.quarantined),
        sum(part.points for part in parts),
        min(part.start_s for part in parts),
        max(part.end_s for part in parts),
    )


def make_gaps(connection: Connection, file: TrackFile) -> list[dict[str, Any]]:
    """Return a gap row for each camera observed in a file's time, limited to observed time.

    The cameras of its points are only known from the file itself.
    """
    start_us, end_us = find_bounds(file)
    at = observed_spans.c
    query = (
        select(at.camera, at.start_us, at.end_us)
        .where(at.start_us < end_us, at.end_us > start_us)
        .order_by(at.camera, at.start_us)
    )
    return [
        {
            "camera": camera,
            "start_us": max(start_us, began_us),
            "end_us": min(end_us, ended_us),
            "cause": LOST_TRACKS,
        }
        for camera, began_us, ended_us in connection.execute(query)
    ]


def add_gap_of_unlisted(connection: Connection, path: Path) -> None:
    """Add gaps for an unreadable file known only by its name, up to the start of the next file."""
    hour = _read_hour(path)
    if hour is not None:
        at = archive_files.c.first_us
        later = connection.scalar(select(func.min(at)).where((at > hour[0]) & (at < hour[1])))
        add_gaps(connection, path.name, (hour[0], later or hour[1]))


def add_gaps_of_quarantined(connection: Connection, folder: Path) -> None:
    """Add gaps for all quarantined files by their names, after the database was lost."""
    for path in sorted(folder.glob(f"date=*/*{QUARANTINE_SUFFIX}")):
        bounds = _read_bounds(path)
        if bounds is not None:
            add_gaps(connection, path.name, bounds)


def add_gaps(connection: Connection, name: str, bounds: Bounds) -> None:
    """Add gaps where cameras were observed in [start, end), for lost points."""
    file = TrackFile(name, hour_of(bounds[0]), 0, 0, bounds[0], bounds[1] - 1, 0, 0)
    for row in make_gaps(connection, file):
        _save_gap(connection, row)


def forget_gaps(connection: Connection, folder: Path, file: TrackFile) -> None:
    """Remove the gaps of a file that exists again."""
    for row in make_gaps(connection, file):
        connection.execute(delete(gaps).where(*(gaps.c[name] == value for name, value in row.items())))
    for path in folder.glob(f"{file.name}.*{QUARANTINE_SUFFIX}"):
        if _read_bounds(path) is None:
            continue
        if path.stat().st_size:
            # the name refers to time that is no longer lost
            rename_over(path, _find_free(folder / f"{file.name}{QUARANTINE_SUFFIX}"))
        else:
            path.unlink()


def find_bounds(file: TrackFile) -> Bounds:
    """Return the first time of a file and the time just after its last."""
    return file.first_us, file.last_us + 1


def read_lost_gaps(
    connection: Connection, start_us: int | None, end_us: int | None
) -> defaultdict[str, list[Bounds]]:
    """Return the recorded gaps of lost tracks by camera that overlap [start_us, end_us)."""
    query = select(gaps.c.camera, gaps.c.start_us, gaps.c.end_us).where(gaps.c.cause == LOST_TRACKS)
    if start_us is not None:
        query = query.where(gaps.c.end_us >= start_us)
    if end_us is not None:
        query = query.where(gaps.c.start_us < end_us)
    found: defaultdict[str, list[Bounds]] = defaultdict(list)
    for camera, began_us, ended_us in connection.execute(query):
        found[camera].append((began_us, ended_us))
    return found


def cut_spans(
    rows: Sequence[Any], kept: Mapping[str, list[Bounds]], lost: Sequence[TrackFile]
) -> list[tuple[str, int, int, int]]:
    """Return spans (camera, start, end, frames) without lost time, with proportional frames.

    Args:
        kept: gaps by camera, as returned by ``read_lost_gaps``.
        lost: files without a recorded gap.
    """
    of_all = [find_bounds(file) for file in lost]
    pieces = []
    for camera, start_us, end_us, frames in rows:
        for piece_us in _subtract((start_us, end_us), sorted([*kept.get(camera, ()), *of_all])):
            share = (piece_us[1] - piece_us[0]) / max(1, end_us - start_us)
            pieces.append((camera, *piece_us, frames if share >= 1 else max(1, round(frames * share))))
    return pieces


def quarantine_file(folder: Path, name: str, bounds: Bounds | None = None) -> str | None:
    """Quarantine a track file by renaming it; return the new name, or None if there is no file.

    Args:
        bounds: time of its points, stored in the name in case the database is lost; an empty file with
            this name replaces a missing one.
    """
    path = folder / name
    suffix = "" if bounds is None else f".{bounds[0]}-{bounds[1]}"
    quarantined = _find_free(path.with_name(f"{path.name}{suffix}{QUARANTINE_SUFFIX}"))
    try:
        rename_over(path, quarantined)
    except (FileNotFoundError, NotADirectoryError):
        if bounds is not None:
            quarantined.parent.mkdir(parents=True, exist_ok=True)
            quarantined.touch()
        return None
    sync_folder(path.parent)
    return quarantined.relative_to(folder).as_posix()


def delete_quarantined(folder: Path, start_us: int | None, end_us: int) -> None:
    """Delete quarantined files that may contain points of [start_us, end_us), because they cannot be cut."""
    for path in folder.glob(f"date=*/*{QUARANTINE_SUFFIX}"):
        bounds = _read_bounds(path) or _read_hour(path)
        if bounds is not None and bounds[0] < end_us and (start_us is None or bounds[1] > start_us):
            path.unlink(missing_ok=True)


def drop_damaged_files(
    engine: Engine, folder: Path, files: Sequence[TrackFile], *, now_us: int
) -> LostTracks | None:
    """Read listed files completely and remove missing or damaged ones; for the single writer.

    Raises:
        OSError, SQLAlchemyError: the operation failed, and can be repeated.
    """
    lost = find_lost_files(folder, files, is_thorough=True)
    if not lost:
        return None
    with engine.begin() as connection:
        return drop_lost_files(connection, folder, lost, now_us=now_us)


def _save_gap(connection: Connection, row: dict[str, Any]) -> None:
    is_same = (gaps.c.camera == row["camera"]) & (gaps.c.start_us == row["start_us"])
    while (known := connection.execute(select(gaps).where(is_same)).one_or_none()) is not None:
        if known.cause == LOST_TRACKS:
            row = {**row, "end_us": max(row["end_us"], known.end_us)}
            connection.execute(delete(gaps).where(is_same))
        else:
            row = {**row, "start_us": row["start_us"] + 1}
            is_same = (gaps.c.camera == row["camera"]) & (gaps.c.start_us == row["start_us"])
    connection.execute(insert(gaps), [row])


def _subtract(span: Bounds, lost: Collection[Bounds]) -> Iterator[Bounds]:
    """Yield the parts of a span outside of other spans, which are in order."""
    start_us, end_us = span
    if start_us == end_us:
        yield span
        return
    for lost_from_us, lost_to_us in lost:
        if lost_to_us <= start_us or lost_from_us >= end_us:
            continue
        if lost_from_us > start_us:
            yield start_us, lost_from_us
        start_us = lost_to_us
    if start_us < end_us:
        yield start_us, end_us


def _describe(files: Sequence[TrackFile], quarantined: Sequence[str]) -> LostTracks:
    return LostTracks(
        files=tuple(file.name for file in files),
        quarantined=tuple(quarantined),
        points=sum(file.points for file in files),
        start_s=to_s(min(file.first_us for file in files)),
        end_s=to_s(max(file.last_us for file in files)),
    )


def _find_free(path: Path) -> Path:
    free, number = path, 2
    while free.exists():
        free = path.with_name(f"{path.name.removesuffix(QUARANTINE_SUFFIX)}.{number}{QUARANTINE_SUFFIX}")
        number += 1
    return free


def _read_bounds(path: Path) -> Bounds | None:
    """Return the time of a quarantined file's points from its name."""
    found = _QUARANTINE_NAME.search(path.name)
    return None if found is None else (int(found[1]), int(found[2]))


def _read_hour(path: Path) -> Bounds | None:
    """Return the hour of a file's name, from its minute on; None for other names."""
    try:
        day = path.parent.name.removeprefix("date=")
        hour, _, minute = path.name.removeprefix("hour=")[:12].partition(".minute=")
        start_us = to_us(datetime.strptime(f"{day} {hour[:2]} +0000", "%Y-%m-%d %H %z").timestamp())
        return start_us + int(minute[:2] or 0) * 60_000_000, start_us + HOUR_US
    except ValueError:
        return None


def _format_time(time_s: float) -> str:
    return f"{datetime.fromtimestamp(time_s, tz=UTC):%Y-%m-%d %H:%M:%S}"
