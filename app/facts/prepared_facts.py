"""Keeps the tables of stretches that are over on disk, so that a month is read and not computed."""

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

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import StoreError
from app.core.child_command import run_child_command
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.period_stretches import (
    Period,
    PlannedStretch,
    check_stretch,
    find_key,
    plan_stretches,
)

if TYPE_CHECKING:
    from analytics.rollups.period_facts import StretchFacts
    from analytics.rollups.rollup_folder import KeptRollup, RollupFolder
    from analytics.store.event_store import EventReader

_LOG = logging.getLogger(__name__)

_LOCK_NAME = ".lock"
_LOOK_EVERY_S = 0.5
_MOST_PARTS = 20
"""Of days that somebody looked at in part, such as from the first opening to the last closing."""
EVER = (float("-inf"), float("inf"))


@dataclass(frozen=True, slots=True)
class PreparedFacts:
    """What was prepared.

    Attributes:
        made: how many stretches were computed now.
        stretches: how many stretches that are over there are, of which tracks or tables are kept.
        size_bytes: of all that is kept.
    """

    made: int
    stretches: int
    size_bytes: int


def prepare_facts(
    *, venue: Venue, period_s: Period = EVER, context: JobContext | None = None, clock: Clock | None = None
) -> PreparedFacts:
    """Compute and keep every table of the stretches that are over, the latest first; progress in stretches.

    Several processes may do it at the same time: each stretch is computed by one of them. What is kept
    already stays; what nobody will ask for any more is deleted when the whole history is prepared.

    Raises:
        StoreError: the history cannot be read, or the tables cannot be written.
        JobCancelled: the context says so; what was made is kept.
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
        if period_s == EVER:
            wanted = _choose_wanted(venue, closed, folder.find_all())
            folder.sweep(wanted, tracks_since_s=reader.points_since())
        context.checkpoint(len(closed), len(closed))
    finally:
        reader.close()
    return PreparedFacts(made, len(closed), folder.measure_bytes())


def prepare_facts_apart(venue_folder: Path, context: JobContext, *, period_s: Period = EVER) -> None:
    """The same in a process of its own, which yields to everything else: threads would halt a window.

    Raises:
        StoreError: it failed, in its own words.
        JobCancelled: the context says so; what was made is kept.
    """
    limits = [
        text
        for option, moment_s in zip(("--from", "--to"), period_s, strict=True)
        if abs(moment_s) != float("inf")
        for text in (option, f"@{moment_s!r}")
    ]
    run_child_command(["venue", "prepare", str(venue_folder), *limits, "--json"], context, kind=StoreError)


def find_unprepared(venue: Venue, *, clock: Clock | None = None) -> tuple[Period, ...]:
    """The stretches of the whole history that are over and not kept; nothing is computed.

    Tables of visitors whose tracks were deleted for their age are deleted here, too.

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
            folder.forget_visitors(before_s=points_since_s)
        now_utc_s = (clock or SystemClock()).now_utc_s()
        planned = plan_stretches(venue=venue, reader=reader, period_s=EVER, now_utc_s=now_utc_s)
        return tuple(
            stretch.period_s
            for stretch in planned
            if stretch.is_closed
            and not stretch.is_expired
            and find_kept(venue, folder, stretch, tuple(TABLES)) is None
        )
    finally:
        reader.close()


def find_kept(
    venue: Venue, folder: RollupFolder, stretch: PlannedStretch, names: Collection[str]
) -> KeptRollup | None:
    """What is kept of a stretch that is over, if it has tables of these names."""
    if not stretch.is_closed:
        return None
    kept = folder.find(period_s=stretch.period_s, key=find_key(venue, stretch))
    return kept if kept is not None and kept.has(names) else None


def compute_stretch(
    venue: Venue, reader: EventReader, stretch: PlannedStretch, names: Sequence[str]
) -> StretchFacts:
    """Tables of a stretch, which was checked, from its tracks; of the last periods they are remembered.

    Raises:
        StoreError: the history cannot be read.
    """
    from analytics.rollups.period_facts import StretchFacts
    from analytics.rollups.stretch import Stretch
    from analytics.rollups.tables import TABLES
    from app.facts.camera_views import find_views
    from app.facts.identified_period import derive, read_identified_period

    start_s, end_s = stretch.period_s
    geometry = stretch.geometry
    identified = read_identified_period(
        venue=venue,
        reader=reader,
        spans=stretch.spans,
        period_s=stretch.period_s,
        zones=geometry.zones,
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
            views=find_views(venue),
        ),
    )
    tables = {
        name: derive(identified, ("table", name, *depends_on), partial(TABLES[name].compute, computed))
        for name in names
    }
    return StretchFacts(start_s, end_s, geometry, tables)


def keep_stretch(venue: Venue, folder: RollupFolder, stretch: PlannedStretch, facts: StretchFacts) -> None:
    """Write all tables of a stretch that is over.

    Raises:
        StoreError: they cannot be written.
    """
    from app.error_reporting import explain_error

    try:
        folder.write(facts, key=find_key(venue, stretch))
    except OSError as error:
        raise explain_error(StoreError, error, file=folder.path) from error


def _prepare(
    venue: Venue, reader: EventReader, folder: RollupFolder, stretch: PlannedStretch, context: JobContext
) -> bool:
    """Whether it had to be made."""
    from analytics.rollups.tables import TABLES

    names = tuple(TABLES)
    if _is_sound(venue, folder, stretch):
        return False
    stretch = check_stretch(reader, stretch)
    if stretch.spans.empty:
        return False
    with _lock(folder.path, context):
        # another process may have made it meanwhile
        if _is_sound(venue, folder, stretch):
            return False
        keep_stretch(venue, folder, stretch, compute_stretch(venue, reader, stretch, names))
    return True


def _is_sound(venue: Venue, folder: RollupFolder, stretch: PlannedStretch) -> bool:
    from analytics.rollups.tables import TABLES

    kept = find_kept(venue, folder, stretch, tuple(TABLES))
    return kept is not None and folder.is_sound(kept)


def _choose_wanted(venue: Venue, closed: Sequence[PlannedStretch], kept: Sequence[KeptRollup]) -> set[Path]:
    """The folders of all whole stretches, and of the parts of them that were computed last."""
    wanted, parts = set(), []
    for rollup in kept:
        own_s = rollup.start_utc_s, rollup.end_utc_s
        for stretch in closed:
            if stretch.period_s[0] <= own_s[0] and own_s[1] <= stretch.period_s[1]:
                if rollup.key != find_key(venue, dataclasses.replace(stretch, period_s=own_s)):
                    break
                if own_s == stretch.period_s:
                    wanted.add(rollup.folder)
                else:
                    parts.append(rollup.folder)
    parts.sort(key=lambda folder: folder.stat().st_mtime)
    return wanted | set(parts[-_MOST_PARTS:])


@contextlib.contextmanager
def _lock(folder: Path, context: JobContext) -> Iterator[None]:
    """One process computes at a time; held by the system, so that one that was killed holds nothing."""
    from app.error_reporting import explain_error

    lock = FileLock(folder / _LOCK_NAME)
    while True:
        try:
            folder.mkdir(exist_ok=True)
            lock.acquire(timeout=_LOOK_EVERY_S)
            break
        except Timeout:
            context.checkpoint(0.0, 0.0)
        except OSError as error:
            raise explain_error(StoreError, error, file=folder) from error
    try:
        yield
    finally:
        lock.release()
