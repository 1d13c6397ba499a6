"""Track files that a history lists and that are gone or damaged: their time counts as not observed.

The list in the database knows the first and the last moment of each file. As long as nobody has put a
damaged file aside, readers find it themselves; the writer then keeps a gap in its place. Both take the time
out of what was observed when it is read, and leave the record of it as it is: a recorder goes on to extend
its spans, and a file that is put back makes its time observed again.
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
from analytics.store.track_files import TrackFile, is_whole

LOST_TRACKS = "tracks lost"
"""The cause of the gap that takes the place of what was observed."""
ASIDE_SUFFIX = ".unreadable"
_ASIDE_NAME = re.compile(r"\.parquet\.(\d{1,17})-(\d{1,17})(?:\.\d+)?\.unreadable$")
_logger = logging.getLogger(__name__)

Bounds = tuple[int, int]
"""Start and end, microseconds."""


@dataclass(frozen=True, slots=True)
class LostTracks:
    """What was lost with track files.

    Attributes:
        files: their names, below the folder of the tracks.
        aside: the names that those which were damaged have now; the others were gone.
        points: that they held.
        start_s, end_s: the first and the last moment of all of them, seconds since the epoch.
    """

    files: tuple[str, ...]
    aside: tuple[str, ...]
    points: int
    start_s: float
    end_s: float

    @staticmethod
    def of_file(file: TrackFile) -> LostTracks:
        """Return what is lost with a file that nobody has put aside yet."""
        return LostTracks((file.name,), (), file.points, to_s(file.first_us), to_s(file.last_us))

    def describe(self) -> Phrase:
        """Return it in a sentence, for the log and for people."""
        return Phrase(
            "{files} track files were gone or damaged: {points} positions between {start} and {end} (UTC) "
            "are lost. Their time counts as not observed. {kept}",
            {
                "files": len(self.files),
                "points": self.points,
                "start": _word(self.start_s),
                "end": _word(self.end_s),
                "kept": Phrase(
                    "What was damaged is kept under names that end in {ending}.", {"ending": ASIDE_SUFFIX}
                )
                if self.aside
                else Phrase("If you have a copy of them, put it back in its place and repair again."),
            },
        )


def find_lost_files(
    folder: Path, files: Sequence[TrackFile], *, is_thorough: bool = False
) -> list[TrackFile]:
    """Return the listed files that are gone or damaged.

    Args:
        folder: of the track files.
        is_thorough: read all of each file, which this process has not read before.

    Raises:
        OSError: a file may not be read.
    """
    return [file for file in files if not is_whole(folder, file, is_thorough=is_thorough)]


def lose_files(
    connection: Connection, folder: Path, files: Sequence[TrackFile], *, now_us: int
) -> LostTracks | None:
    """Take files off the list, put what is left of them aside, and keep gaps for their time.

    Args:
        folder: of the track files.
        now_us: when, for the log.

    Returns:
        What was lost; None where there are no files.

    Raises:
        OSError, SQLAlchemyError: as they come; running it again is safe.
    """
    if not files:
        return None
    # before they are off the list: an unlisted file that can be read would be listed again
    aside = [put_aside(folder, file.name, find_bounds(file)) for file in files]
    for file in files:
        track_catalogue.forget_file(connection, file.name)
        for row in make_gaps(connection, file):
            _save_gap(connection, row)
    lost = _describe(files, [name for name in aside if name])
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
    """Return several losses as one; None where there are none."""
    if not parts:
        return None
    return LostTracks(
        tuple(name for part in parts for name in part.files),
        tuple(name for part in parts for name in part.aside),
        sum(part.points for part in parts),
        min(part.start_s for part in parts),
        max(part.end_s for part in parts),
    )


def make_gaps(connection: Connection, file: TrackFile) -> list[dict[str, Any]]:
    """Return a gap's row for each camera that was observed in a file's time, within what was observed.

    Which cameras it held points of is known from itself alone.
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


def keep_gap_of_unlisted(connection: Connection, path: Path) -> None:
    """Keep gaps for an unreadable file of which only the name is known: until the next file begins."""
    hour = _read_hour(path)
    if hour is not None:
        at = archive_files.c.first_us
        later = connection.scalar(select(func.min(at)).where((at > hour[0]) & (at < hour[1])))
        keep_gaps(connection, path.name, (hour[0], later or hour[1]))


def keep_gaps_of_aside(connection: Connection, folder: Path) -> None:
    """Keep gaps again for all files that were put aside, as their names tell; for who lost the database."""
    for path in sorted(folder.glob(f"date=*/*{ASIDE_SUFFIX}")):
        bounds = _read_bounds(path)
        if bounds is not None:
            keep_gaps(connection, path.name, bounds)


def keep_gaps(connection: Connection, name: str, bounds: Bounds) -> None:
    """Keep gaps where cameras were observed in [start, end), for points of the time that are lost."""
    file = TrackFile(name, hour_of(bounds[0]), 0, 0, bounds[0], bounds[1] - 1, 0, 0)
    for row in make_gaps(connection, file):
        _save_gap(connection, row)


def forget_gaps(connection: Connection, folder: Path, file: TrackFile) -> None:
    """Let go of the gaps that were kept for a file which is there again."""
    for row in make_gaps(connection, file):
        connection.execute(delete(gaps).where(*(gaps.c[name] == value for name, value in row.items())))
    for path in folder.glob(f"{file.name}.*{ASIDE_SUFFIX}"):
        if _read_bounds(path) is None:
            continue
        if path.stat().st_size:
            # the name tells of time that is lost no more
            path.replace(_find_free(folder / f"{file.name}{ASIDE_SUFFIX}"))
        else:
            path.unlink()


def find_bounds(file: TrackFile) -> Bounds:
    """Return the first moment of a file and the moment just after its last."""
    return file.first_us, file.last_us + 1


def read_kept(
    connection: Connection, start_us: int | None, end_us: int | None
) -> defaultdict[str, list[Bounds]]:
    """Return by camera the time that is lost by the record, so far as it overlaps [start_us, end_us)."""
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
    """Return spans (camera, start, end, frames) without the time that is lost, with frames in proportion.

    Args:
        kept: by camera, as of ``read_kept``.
        lost: files of which no gap is kept yet.
    """
    of_all = [find_bounds(file) for file in lost]
    pieces = []
    for camera, start_us, end_us, frames in rows:
        for piece_us in _subtract((start_us, end_us), sorted([*kept.get(camera, ()), *of_all])):
            share = (piece_us[1] - piece_us[0]) / max(1, end_us - start_us)
            pieces.append((camera, *piece_us, frames if share >= 1 else max(1, round(frames * share))))
    return pieces


def put_aside(folder: Path, name: str, bounds: Bounds | None = None) -> str | None:
    """Give a track file a name under which nobody reads it; returns it, or None where there is no file.

    Args:
        bounds: when its points were: in the name, so that it tells of them should the database be lost. Of a
            file that is gone an empty one is left for that.
    """
    path = folder / name
    told = "" if bounds is None else f".{bounds[0]}-{bounds[1]}"
    aside = _find_free(path.with_name(f"{path.name}{told}{ASIDE_SUFFIX}"))
    try:
        path.replace(aside)
    except (FileNotFoundError, NotADirectoryError):
        if bounds is not None:
            aside.parent.mkdir(parents=True, exist_ok=True)
            aside.touch()
        return None
    sync_folder(path.parent)
    return aside.relative_to(folder).as_posix()


def delete_aside(folder: Path, start_us: int | None, end_us: int) -> None:
    """Delete files that were put aside and may hold something of [start_us, end_us); nobody can cut them."""
    for path in folder.glob(f"date=*/*{ASIDE_SUFFIX}"):
        bounds = _read_bounds(path) or _read_hour(path)
        if bounds is not None and bounds[0] < end_us and (start_us is None or bounds[1] > start_us):
            path.unlink(missing_ok=True)


def lose_damaged(
    engine: Engine, folder: Path, files: Sequence[TrackFile], *, now_us: int
) -> LostTracks | None:
    """Read all of some listed files, and lose those that are gone or damaged; for the one writer.

    Raises:
        OSError, SQLAlchemyError: as they come; running it again is safe.
    """
    lost = find_lost_files(folder, files, is_thorough=True)
    if not lost:
        return None
    with engine.begin() as connection:
        return lose_files(connection, folder, lost, now_us=now_us)


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
    """Parts of a span outside of others, which are in order."""
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


def _describe(files: Sequence[TrackFile], aside: Sequence[str]) -> LostTracks:
    return LostTracks(
        files=tuple(file.name for file in files),
        aside=tuple(aside),
        points=sum(file.points for file in files),
        start_s=to_s(min(file.first_us for file in files)),
        end_s=to_s(max(file.last_us for file in files)),
    )


def _find_free(path: Path) -> Path:
    free, number = path, 2
    while free.exists():
        free = path.with_name(f"{path.name.removesuffix(ASIDE_SUFFIX)}.{number}{ASIDE_SUFFIX}")
        number += 1
    return free


def _read_bounds(path: Path) -> Bounds | None:
    """Return when the points of a file were, which was put aside with that in its name."""
    found = _ASIDE_NAME.search(path.name)
    return None if found is None else (int(found[1]), int(found[2]))


def _read_hour(path: Path) -> Bounds | None:
    """Return the hour, from its minute on, that a file is named after; None where it is none of our names."""
    try:
        day = path.parent.name.removeprefix("date=")
        hour, _, minute = path.name.removeprefix("hour=")[:12].partition(".minute=")
        start_us = to_us(datetime.strptime(f"{day} {hour[:2]} +0000", "%Y-%m-%d %H %z").timestamp())
        return start_us + int(minute[:2] or 0) * 60_000_000, start_us + HOUR_US
    except ValueError:
        return None


def _word(time_s: float) -> str:
    return f"{datetime.fromtimestamp(time_s, tz=UTC):%Y-%m-%d %H:%M:%S}"
