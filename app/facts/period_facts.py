"""Tables of a period of a venue's history, day by day, for pages, findings and reports."""

from __future__ import annotations

import dataclasses
import logging
import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from analytics.domain.arrays import Interval
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import StoreError
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.period_stretches import PlannedStretch, check_stretch, plan_stretches
from app.facts.prepared_facts import compute_stretch, find_stored, prepare_facts_in_child, store_stretch

if TYPE_CHECKING:
    from analytics.rollups.period_facts import PeriodFacts, StretchFacts
    from analytics.rollups.rollup_folder import RollupFolder, StoredRollup
    from analytics.store.event_store import EventReader

_LOG = logging.getLogger(__name__)

_MIN_CHILD_POINTS = 400_000
"""Minimum track points for computing in a child process: about two seconds of work."""


def read_period_facts(
    *,
    venue: Venue,
    period_s: Interval,
    context: JobContext | None = None,
    names: Collection[str] | Mapping[str, Collection[str]] | None = None,
    optional: Collection[str] = (),
    clock: Clock | None = None,
) -> PeriodFacts | None:
    """Return the tables of a period; None where nothing was observed in it.

    Closed stretches are read from disk, and stored there if missing, in a child process if that takes
    long. Progress is in stretches, usually days.

    Args:
        period_s: start and end, seconds since the epoch.
        names: of ``analytics.rollups.tables.TABLES``; all by default. ``spans`` is always included. Fewer
            are faster, and sums (``is_sum``) reach further back than tracks. A mapping also names
            the columns of each table (see ``select_columns``).
        optional: of these names, tables that a stretch may lack where its tracks were deleted;
            see ``PeriodFacts.lacking_s``.

    Raises:
        StoreError: the history cannot be read, or all its tracks and these tables were deleted.
        JobCancelled: the job was cancelled.
    """
    from analytics.rollups.period_facts import join_stretches
    from analytics.rollups.tables import TABLES
    from analytics.store.sql_event_store import open_reader
    from app.facts.camera_views import find_camera_views

    context = context or JobContext()
    if not venue.has_history or period_s[1] <= period_s[0]:
        return None
    tables_by_name = dict.fromkeys(TABLES if names is None else names, ())
    if isinstance(names, Mapping):
        tables_by_name = {name: tuple(columns) for name, columns in names.items()}
    tables_by_name["spans"] = ()
    reader = open_reader(venue.folder)
    try:
        extent = reader.time_range()
        if extent is None:
            return None
        period = (max(period_s[0], math.floor(extent.start_s)), min(period_s[1], math.ceil(extent.end_s)))
        now_utc_s = (clock or SystemClock()).now_utc_s()
        planned = plan_stretches(venue=venue, reader=reader, period_s=period_s, now_utc_s=now_utc_s)
        if not planned:
            return None
        found, missing = _read(venue, reader, planned, period, tables_by_name, optional, context)
    finally:
        reader.close()
    if not found and not any(stretch.is_expired for stretch in planned):
        return None
    if not found:
        raise StoreError(
            "The tracks of this period were deleted after the retention period, and the stored "
            "figures do not include this.",
            "Choose a later period.",
        )
    return join_stretches(
        found,
        period_s=period,
        plan=venue.plan,
        views=find_camera_views(venue),
        # zones that begin at the end of the period are not its own
        geometry=venue.geometry_at(math.nextafter(period_s[1], -math.inf)),
        missing_s=missing,
    )


def _read(  # noqa: PLR0917
    venue: Venue,
    reader: EventReader,
    planned: Sequence[PlannedStretch],
    period_s: Interval,
    tables_by_name: Mapping[str, Collection[str]],
    optional: Collection[str],
    context: JobContext,
) -> tuple[list[StretchFacts], list[Interval]]:
    """Return known facts in order of time, and the stretches without data."""
    from analytics.rollups.rollup_folder import RollupFolder

    folder = RollupFolder(venue.folder)
    present = [stretch for stretch in planned if not stretch.is_expired]
    stored = _find_all(venue, reader, folder, present, tables_by_name, context)
    expired = [stretch for stretch in planned if stretch.is_expired]
    old = _choose_old(folder, expired, [name for name in tables_by_name if name not in optional])
    found: dict[float, StretchFacts] = {}
    for names, rollups, is_expired in _group_by_tables(old, stored, tables_by_name):
        read = folder.read_many(rollups, names, is_expired=is_expired)
        for rollup, facts in zip(rollups, read, strict=True):
            context.checkpoint(len(found), len(planned))
            if facts is not None:
                found[rollup.start_utc_s] = facts
    for stretch in present:
        if stretch.period_s[0] not in found:
            context.checkpoint(len(found), len(planned))
            checked = check_stretch(reader, stretch)
            if not checked.spans.empty:
                found[stretch.period_s[0]] = _compute(venue, reader, folder, checked, tables_by_name)
    context.checkpoint(len(planned), len(planned))
    missing = [
        stretch.period_s
        for stretch in expired
        if not any(
            facts.start_utc_s < stretch.period_s[1] and stretch.period_s[0] < facts.end_utc_s
            for facts in found.values()
        )
    ]
    clipped = [(max(start_s, period_s[0]), min(end_s, period_s[1])) for start_s, end_s in missing]
    return [found[start_s] for start_s in sorted(found)], clipped


def _group_by_tables(
    old: Sequence[StoredRollup],
    stored: Sequence[StoredRollup | None],
    tables_by_name: Mapping[str, Collection[str]],
) -> list[tuple[dict[str, Collection[str]], list[StoredRollup], bool]]:
    """Group stored stretches by the tables available to each, and by whether their tracks are gone."""
    from analytics.rollups.tables import TABLES

    groups: dict[tuple[str, ...], list[StoredRollup]] = {}
    for rollup in old:
        names = tuple(n for n in tables_by_name if TABLES[n].is_sum and rollup.has([n], is_expired=True))
        groups.setdefault(names, []).append(rollup)
    present = [rollup for rollup in stored if rollup is not None]
    expired = [({name: tables_by_name[name] for name in names}, own, True) for names, own in groups.items()]
    return [*expired, (dict(tables_by_name), present, False)]


def _find_all(  # noqa: PLR0917
    venue: Venue,
    reader: EventReader,
    folder: RollupFolder,
    stretches: Sequence[PlannedStretch],
    names: Collection[str],
    context: JobContext,
) -> list[StoredRollup | None]:
    stored = [find_stored(venue, folder, stretch, names) for stretch in stretches]
    lacking = [
        stretch
        for stretch, rollup in zip(stretches, stored, strict=True)
        if rollup is None and stretch.is_closed
    ]
    if sum(reader.count_points(*stretch.period_s) for stretch in lacking) <= _MIN_CHILD_POINTS:
        return stored
    prepare_facts_in_child(venue.folder, context, period_s=(lacking[0].period_s[0], lacking[-1].period_s[1]))
    return [find_stored(venue, folder, stretch, names) for stretch in stretches]


def _choose_old(
    folder: RollupFolder, expired: Sequence[PlannedStretch], names: Collection[str]
) -> list[StoredRollup]:
    """Return stored sums of stretches without tracks, by the zones of that time, whatever their key.

    Tables of visitors expire with the tracks and are not read, even if not deleted yet.
    """
    from analytics.rollups.tables import TABLES

    if not expired or not all(TABLES[name].is_sum for name in names):
        return []
    first_s, last_s = expired[0].period_s[0], expired[-1].period_s[1]
    chosen: list[StoredRollup] = []
    for rollup in folder.find_all():
        is_inside = first_s - 1e-3 <= rollup.start_utc_s and rollup.end_utc_s <= last_s + 1e-3
        is_next = not chosen or rollup.start_utc_s >= chosen[-1].end_utc_s - 1e-3
        if is_inside and is_next and rollup.has(names, is_expired=True):
            chosen.append(rollup)
    return chosen


def _compute(
    venue: Venue,
    reader: EventReader,
    folder: RollupFolder,
    stretch: PlannedStretch,
    tables_by_name: Mapping[str, Collection[str]],
) -> StretchFacts:
    from analytics.rollups.table_codec import select_columns
    from analytics.rollups.tables import TABLES

    facts = compute_stretch(venue, reader, stretch, tuple(TABLES if stretch.is_closed else tables_by_name))
    if stretch.is_closed:
        try:
            store_stretch(venue, folder, stretch, facts)
        except StoreError as error:
            # the numbers do not depend on whether they can be stored
            _LOG.warning("What was computed of a day is not kept: %s", error)
    tables = {name: facts.tables[name] for name in tables_by_name}
    chosen = {
        name: table[select_columns(list(table.columns), tables_by_name[name])]
        for name, table in tables.items()
    }
    return dataclasses.replace(facts, tables=chosen)
