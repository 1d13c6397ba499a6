"""Tables of closed stretches stored on disk, so that a month is read and not computed."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from analytics.domain.arrays import Interval
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import Phrase, StoreError
from app.core.child_command import run_child_command
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.period_stretches import PlannedStretch, check_stretch, find_key, plan_stretches

if TYPE_CHECKING:
    from analytics.rollups.period_facts import StretchFacts
    from analytics.rollups.rollup_folder import RollupFolder, StoredRollup
    from analytics.store.event_store import EventReader

_LOG = logging.getLogger(__name__)

_LOCK_NAME = ".lock"
_LOCK_POLL_S = 0.5
_MAX_PARTS = 20
"""Maximum stored parts of days, such as from first opening to last closing."""
ALL_TIME = (float("-inf"), float("inf"))


@dataclass(frozen=True, slots=True)
class PreparedFacts:
    """Result of preparing tables.

    Attributes:
        made: number of stretches computed now.
        stretches: number of closed stretches with tracks or tables.
        size_bytes: size of all stored tables.
    """

    made: int
    stretches: int
    size_bytes: int


def prepare_facts(
    *,
    venue: Venue,
    period_s: Interval = ALL_TIME,
    context: JobContext | None = None,
    clock: Clock | None = None,
) -> PreparedFacts:
    """Compute and store every table of the closed stretches, the latest first; progress in stretches.

    Safe in several processes at once: each stretch is computed by one of them. Stored tables
    are kept; outdated ones are deleted when the whole history is prepared.

    Raises:
        StoreError: the history cannot be read, or the tables cannot be written.
        JobCancelled: the job was cancelled; finished stretches are kept.
    """
    from analytics.rollups.rollup_folder import RollupFolder
    from analytics.store.sql_event_store import open_reader

    context = context or JobContext()
    folder = RollupFolder(venue.folder)
    if not venue.has_history:
        return PreparedFacts(0, 0, 0)
    made = 0
    reader = open_reader(venue.folder)
    try:
        now_utc_s = (clock or SystemClock()).now_utc_s()
        planned = plan_stretches(venue=venue, reader=reader, period_s=period_s, now_utc_s=now_utc_s)
        closed = [stretch for stretch in planned if stretch.is_closed and not stretch.is_expired]
        for done, stretch in enumerate(reversed(closed)):
            context.checkpoint(done, len(closed))
            made += _prepare(venue, reader, folder, stretch, context)
        if period_s == ALL_TIME:
            current = _choose_current(venue, closed, folder.find_all())
            folder.sweep(current, tracks_since_s=reader.points_since())
        context.checkpoint(len(closed), len(closed))
    finally:
        reader.close()
    return PreparedFacts(made, len(closed), folder.measure_bytes())


def prepare_facts_in_child(venue_folder: Path, context: JobContext, *, period_s: Interval = ALL_TIME) -> None:
    """Prepare facts in a child process of low priority, as threads would block a window.

    The context is told in words which day it is about.

    Raises:
        StoreError: the process failed, with its message.
        JobCancelled: the job was cancelled; finished stretches are kept.
    """
    limits = [
        text
        for option, moment_s in zip(("--from", "--to"), period_s, strict=True)
        if abs(moment_s) != float("inf")
        for text in (option, f"@{moment_s!r}")
    ]
    words = Phrase("The tables of the days are made, the newest first")

    def report(done: float, total: float) -> None:
        day = {"what": words, "day": int(done) + 1, "days": int(total)}
        context.describe(Phrase("{what}: day {day} of {days}", day) if done < total else words)
        context.checkpoint(done, total)

    try:
        run_child_command(
            ["venue", "prepare", str(venue_folder), *limits, "--json"],
            JobContext(is_cancelled=lambda: context.is_cancelled, on_progress=report),
            kind=StoreError,
        )
    finally:
        context.describe(None)


def find_unprepared(venue: Venue, *, clock: Clock | None = None) -> tuple[Interval, ...]:
    """Return the closed stretches of the whole history without stored tables.

    Tables of visitors whose tracks were deleted for their age are deleted as well.

    Raises:
        StoreError: the history cannot be read.
    """
    from analytics.rollups.rollup_folder import RollupFolder
    from analytics.rollups.tables import TABLES
    from analytics.store.sql_event_store import open_reader

    if not venue.has_history:
        return ()
    folder = RollupFolder(venue.folder)
    reader = open_reader(venue.folder)
    try:
        points_since_s = reader.points_since()
        if points_since_s is not None:
            folder.delete_visitor_tables(before_s=points_since_s)
        now_utc_s = (clock or SystemClock()).now_utc_s()
        planned = plan_stretches(venue=venue, reader=reader, period_s=ALL_TIME, now_utc_s=now_utc_s)
        return tuple(
            stretch.period_s
            for stretch in planned
            if stretch.is_closed
            and not stretch.is_expired
            and find_stored(venue, folder, stretch, tuple(TABLES)) is None
        )
    finally:
        reader.close()


def find_stored(
    venue: Venue, folder: RollupFolder, stretch: PlannedStretch, names: Collection[str]
) -> StoredRollup | None:
    """Return the stored tables of a closed stretch, if they include these names."""
    if not stretch.is_closed:
        return None
    stored = folder.find(period_s=stretch.period_s, key=find_key(venue, stretch))
    return stored if stored is not None and stored.has(names) else None


def compute_stretch(
    venue: Venue, reader: EventReader, stretch: PlannedStretch, names: Sequence[str]
) -> StretchFacts:
    """Compute tables of a checked stretch from its tracks, using cached periods.

    Raises:
        StoreError: the history cannot be read.
    """
    from analytics.rollups.period_facts import StretchFacts
    from analytics.rollups.stretch import Stretch
    from analytics.rollups.tables import TABLES
    from app.facts.camera_views import find_camera_views
    from app.facts.identified_period import derive, read_identified_period

    start_s, end_s = stretch.period_s
    geometry = stretch.geometry
    identified = read_identified_period(
        venue=venue,
        reader=reader,
        spans=stretch.spans,
        period_s=stretch.period_s,
        zones=geometry.zones,
        lines=geometry.lines,
        read_tracks=lambda: reader.read_tracks(start_s, end_s),
    )
    depends_on = geometry.zones, geometry.lines, venue.plan
    computed = derive(
        identified,
        ("stretch", *depends_on),
        lambda: Stretch(
            tracks=identified.tracks,
            spans=identified.spans,
            start_utc_s=start_s,
            duration_s=end_s - start_s,
            plan=venue.plan,
            geometry=geometry,
            views=find_camera_views(venue),
            doors=identified.doors.floor,
        ),
    )
    tables = {
        name: derive(identified, ("table", name, *depends_on), partial(TABLES[name].compute, computed))
        for name in names
    }
    return StretchFacts(start_s, end_s, geometry, tables)


def store_stretch(venue: Venue, folder: RollupFolder, stretch: PlannedStretch, facts: StretchFacts) -> None:
    """Write all tables of a closed stretch.

    Raises:
        StoreError: they cannot be written.
    """
    from app.error_reporting import convert_error

    try:
        folder.write(facts, key=find_key(venue, stretch))
    except OSError as error:
        raise convert_error(StoreError, error, file=folder.path) from error


def _prepare(
    venue: Venue, reader: EventReader, folder: RollupFolder, stretch: PlannedStretch, context: JobContext
) -> bool:
    """Prepare a stretch; return whether it had to be computed."""
    from analytics.rollups.tables import TABLES

    names = tuple(TABLES)
    if _is_sound(venue, folder, stretch):
        return False
    stretch = check_stretch(reader, stretch)
    if stretch.spans.empty:
        return False
    with _lock(folder.path, context):
        # another process may have computed it meanwhile
        if _is_sound(venue, folder, stretch):
            return False
        store_stretch(venue, folder, stretch, compute_stretch(venue, reader, stretch, names))
    return True


def _is_sound(venue: Venue, folder: RollupFolder, stretch: PlannedStretch) -> bool:
    from analytics.rollups.tables import TABLES

    stored = find_stored(venue, folder, stretch, tuple(TABLES))
    return stored is not None and folder.is_sound(stored)


def _choose_current(
    venue: Venue, closed: Sequence[PlannedStretch], stored: Sequence[StoredRollup]
) -> set[Path]:
    """Return the folders of all whole stretches, and of the parts computed last."""
    current, parts = set(), []
    for rollup in stored:
        own_s = rollup.start_utc_s, rollup.end_utc_s
        for stretch in closed:
            if stretch.period_s[0] <= own_s[0] and own_s[1] <= stretch.period_s[1]:
                if rollup.key != find_key(venue, dataclasses.replace(stretch, period_s=own_s)):
                    break
                if own_s == stretch.period_s:
                    current.add(rollup.folder)
                else:
                    parts.append(rollup.folder)
    parts.sort(key=lambda folder: folder.stat().st_mtime)
    return current | set(parts[-_MAX_PARTS:])


@contextlib.contextmanager
def _lock(folder: Path, context: JobContext) -> Iterator[None]:
    """Lock computing to one process; the system releases the lock of a killed one."""
    from app.error_reporting import convert_error

    lock = FileLock(folder / _LOCK_NAME)
    while True:
        try:
            folder.mkdir(exist_ok=True)
            lock.acquire(timeout=_LOCK_POLL_S)
            break
        except Timeout:
            context.checkpoint(0.0, 0.0)
        except OSError as error:
            raise convert_error(StoreError, error, file=folder) from error
    try:
        yield
    finally:
        lock.release()
