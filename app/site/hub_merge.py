"""Merge the batches that wait in the journal into what a hall's history gets from them."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, select

from analytics.domain.arrays import BoolArray
from analytics.store.erasure import ERASED
from analytics.store.microseconds import to_us
from analytics.store.outbox import (
    ErasureRow,
    EventRow,
    GapRow,
    SpanRow,
    StoredBatch,
    decode_batch,
    drop_erased,
)
from analytics.store.track_files import POINT_SCHEMA
from app.site.journal import SentBatch, read_new
from app.site.schema import camera, machine, ownership, reported_gap, reported_span

TAKEN_OVER = "taken over"
"""Cause of the gap between the last frame that one machine analysed and the first of its successor."""
_TOLERANCE_US = 3_000_000
"""Error of the clocks by which a machine may observe before it is known to own the camera."""
_MAX_TAKEOVER_US = 3_600_000_000
"""Time after which a successor did not take over, but began anew."""


@dataclass(frozen=True, slots=True)
class ReportedSpan:
    """A span as one machine reported it."""

    machine: str
    span: SpanRow


@dataclass(frozen=True, slots=True)
class Ownership:
    """A camera's owner from a time on; the epoch is higher with every owner."""

    since_us: int
    epoch: int
    machine: str


@dataclass(frozen=True, slots=True)
class CountedSpan:
    """A part of a span that counts, with the machine that observed it."""

    machine: str
    span: SpanRow


def choose_spans(
    reported: Iterable[ReportedSpan], owners: Sequence[Ownership], erased: Sequence[GapRow] = ()
) -> list[CountedSpan]:
    """Return what counts of one camera's spans: every moment once, by the machine with the highest epoch.

    Args:
        reported: spans of any machines.
        owners: owners of the camera, in any order.
        erased: periods that count as unobserved.
    """
    spans = sorted(reported, key=lambda one: (one.span.start_us, one.machine))
    if len({one.machine for one in spans}) <= 1 and not erased:
        return [CountedSpan(one.machine, one.span) for one in spans]
    bounds = {bound for one in spans for bound in (one.span.start_us, one.span.end_us)}
    bounds |= {bound for gap in erased for bound in (gap.start_us, gap.end_us)}
    bounds |= {owner.since_us - _TOLERANCE_US for owner in owners}
    ordered = sorted(bounds)
    counted: list[tuple[ReportedSpan, int, int]] = []
    for start_us, end_us in itertools.pairwise(ordered):
        if any(gap.start_us <= start_us < gap.end_us for gap in erased):
            continue
        there = [one for one in spans if one.span.start_us <= start_us and end_us <= one.span.end_us]
        if not there:
            continue
        best = max(there, key=lambda one: (find_epoch(owners, one.machine, start_us), one.machine))
        if counted and counted[-1][0] is best and counted[-1][2] == start_us:
            counted[-1] = (best, counted[-1][1], end_us)
        else:
            counted.append((best, start_us, end_us))
    return [CountedSpan(one.machine, _cut(one.span, start_us, end_us)) for one, start_us, end_us in counted]


def find_epoch(owners: Iterable[Ownership], machine: str, time_us: int) -> int:
    """Return the epoch under which a machine read a camera at a time; 0 if it never owned it by then."""
    return max(
        (
            owner.epoch
            for owner in owners
            if owner.machine == machine and owner.since_us <= time_us + _TOLERANCE_US
        ),
        default=0,
    )


def find_better(
    reported: Iterable[ReportedSpan], owners: Sequence[Ownership], machine: str
) -> list[tuple[int, int]]:
    """Return the periods in which a later owner's observations of a camera count instead of a machine's.

    Args:
        reported: spans of any machines.
        owners: owners of the camera, in any order.
    """
    changes = sorted({owner.since_us - _TOLERANCE_US for owner in owners})
    found = []
    for one in reported:
        if one.machine != machine:
            # the last frame belongs to a span
            start_us, end_us = one.span.start_us, one.span.end_us + 1
            bounds = [start_us, *(at for at in changes if start_us < at < end_us), end_us]
            found += [
                part
                for part in itertools.pairwise(bounds)
                if (find_epoch(owners, one.machine, part[0]), one.machine)
                > (find_epoch(owners, machine, part[0]), machine)
            ]
    return found


def find_uncounted(points: pa.Table, better: Mapping[str, Sequence[tuple[int, int]]]) -> BoolArray:
    """Return which of a machine's points do not count, because a later owner observed their time.

    Args:
        points: points (``POINT_SCHEMA``) of one machine.
        better: periods by camera, as `find_better` returns them.
    """
    is_uncounted = np.zeros(len(points), dtype=np.bool_)
    if not any(better.values()):
        return is_uncounted
    time_us = points["time_us"].to_numpy()
    codes = points["camera"].combine_chunks().dictionary_encode()
    index = codes.indices.to_numpy()
    for code, name in enumerate(codes.dictionary.to_pylist()):
        for start_us, end_us in better.get(name, ()):
            is_uncounted |= (index == code) & (time_us >= start_us) & (time_us < end_us)
    return is_uncounted


def choose_gaps(reported: Iterable[GapRow], counted: Sequence[CountedSpan]) -> list[GapRow]:
    """Return the gaps of one camera that nobody observed, with those between a machine and its successor."""
    gaps: dict[tuple[int, int], GapRow] = {}
    for gap in reported:
        for start_us, end_us in subtract_spans(gap.start_us, gap.end_us, [part.span for part in counted]):
            gaps.setdefault((start_us, end_us), GapRow(gap.camera, start_us, end_us, gap.cause))
    for before, after in itertools.pairwise(counted):
        start_us, end_us = before.span.end_us, after.span.start_us
        if before.machine != after.machine and start_us < end_us <= start_us + _MAX_TAKEOVER_US:
            known = [(gap.start_us, gap.end_us) for gap in gaps.values()]
            for part_us in subtract(start_us, end_us, known):
                gaps[part_us] = GapRow(after.span.camera, *part_us, TAKEN_OVER)
    by_start: defaultdict[int, list[GapRow]] = defaultdict(list)
    for gap in gaps.values():
        by_start[gap.start_us].append(gap)
    # one for each start, because camera and start are the key; what was erased stays said
    return [
        max(found, key=lambda gap: (gap.cause == ERASED, gap.end_us)) for _, found in sorted(by_start.items())
    ]


def subtract_spans(start_us: int, end_us: int, spans: Iterable[SpanRow]) -> list[tuple[int, int]]:
    """Return the parts of a period that no span covers."""
    return subtract(start_us, end_us, [(span.start_us, span.end_us) for span in spans])


def subtract(start_us: int, end_us: int, covered: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the parts of [start, end) outside of other periods."""
    left = []
    for from_us, until_us in sorted(covered):
        if until_us <= start_us or from_us >= end_us:
            continue
        if from_us > start_us:
            left.append((start_us, from_us))
        start_us = max(start_us, until_us)
    if start_us < end_us:
        left.append((start_us, end_us))
    return left


def find_replaced(
    before: Sequence[ReportedSpan], after: Sequence[ReportedSpan], owners: Sequence[Ownership]
) -> list[tuple[int, int]]:
    """Return the periods whose points counted and do not any more, because a later owner observed them.

    Args:
        before, after: spans of one camera that were reported so far, and with the new ones.
    """
    replaced = set()
    for name in {one.machine for one in before}:
        known = find_better(before, owners, name)
        own = [(one.span.start_us, one.span.end_us + 1) for one in before if one.machine == name]
        for start_us, end_us in find_better(after, owners, name):
            for new in subtract(start_us, end_us, known):
                shared = [(max(new[0], part[0]), min(new[1], part[1])) for part in own]
                replaced |= {part for part in shared if part[0] < part[1]}
    return sorted(replaced)


def _cut(span: SpanRow, start_us: int, end_us: int) -> SpanRow:
    length_us = span.end_us - span.start_us
    if not length_us or (start_us, end_us) == (span.start_us, span.end_us):
        return span
    frames = max(1, round(span.frames * (end_us - start_us) / length_us))
    return SpanRow(span.camera, start_us, end_us, frames)


MAX_BYTES = 64 << 20
"""Size of the compressed batches that are merged at once."""
TRACKLETS_PER_MACHINE = 1 << 40
"""Tracklet numbers of machine n begin at n times this."""
_LOOK_BACK_US = 3_600_000_000
_MAX_LOOK_BACK_US = 2 * 86_400_000_000


@dataclass(frozen=True, slots=True)
class MergedCamera:
    """Spans and gaps of one camera from a time on.

    Attributes:
        from_us: start of the rows to replace, microseconds.
        replaced: periods whose stored points no longer count.
        better: periods by machine in which another one's points count.
    """

    from_us: int
    spans: tuple[CountedSpan, ...]
    gaps: tuple[GapRow, ...]
    replaced: tuple[tuple[int, int], ...]
    better: Mapping[str, Sequence[tuple[int, int]]]


@dataclass(slots=True, eq=False)
class Merged:
    """Changes that waiting batches make in a hall's history.

    Attributes:
        points: points that count (``POINT_SCHEMA``), with tracklet numbers that are unique in the site.
        uncounted: number of points left out because another machine's count.
        reported_spans, reported_gaps: rows by machine, as the machines reported them.
    """

    batches: list[SentBatch]
    points: pa.Table
    uncounted: int = 0
    cameras: dict[str, MergedCamera] = field(default_factory=dict)
    reported_spans: list[ReportedSpan] = field(default_factory=list)
    reported_gaps: list[tuple[str, GapRow]] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    erasures: list[ErasureRow] = field(default_factory=list)


def merge_waiting(connection: Connection, hall: int) -> Merged:
    """Return what the waiting batches of a hall's machines change, without changing anything."""
    numbers: dict[str, int] = {
        row.id: row.number
        for row in connection.execute(select(machine.c.id, machine.c.number).where(machine.c.hall == hall))
    }
    batches = read_new(connection, sorted(numbers), max_bytes=MAX_BYTES)
    merged = Merged(batches, POINT_SCHEMA.empty_table())
    points: dict[str, list[pa.Table]] = defaultdict(list)
    spans: dict[tuple[str, str, int], SpanRow] = {}
    gaps: dict[tuple[str, str, int], GapRow] = {}
    for sent in batches:
        name, batch = sent.machine, _correct(decode_batch(sent.body), sent.clock_offset_us)
        for erasure in batch.erasures:
            merged.erasures.append(erasure)
            for held in points.values():
                held[:] = [drop_erased(table, erasure) for table in held]
        if len(batch.points):
            points[name].append(batch.points)
        spans |= {(name, span.camera, span.start_us): span for span in batch.spans}
        gaps |= {(name, gap.camera, gap.start_us): gap for gap in batch.gaps}
        merged.events += batch.events
    merged.reported_spans = [ReportedSpan(name, span) for (name, _, _), span in spans.items()]
    merged.reported_gaps = [(name, gap) for (name, _, _), gap in gaps.items()]
    _add_erased(connection, hall, merged)
    _merge_cameras(connection, hall, merged)
    tables = []
    for name, held in points.items():
        table = pa.concat_tables(held).combine_chunks()
        better = {camera: one.better.get(name, ()) for camera, one in merged.cameras.items()}
        is_uncounted = find_uncounted(table, better)
        if is_uncounted.any():
            table = table.filter(pa.array(~is_uncounted))
            merged.uncounted += int(is_uncounted.sum())
        tables.append(_renumber(table, numbers[name]))
    if tables:
        merged.points = pa.concat_tables(tables).combine_chunks()
    return merged


def _correct(batch: StoredBatch, offset_us: int) -> StoredBatch:
    """Return a batch with its times by the server's clock."""
    if not offset_us:
        return batch
    index = batch.points.schema.get_field_index("time_us")
    times = pa.array(batch.points["time_us"].to_numpy() + offset_us)
    return StoredBatch(
        batch.points.set_column(index, POINT_SCHEMA.field("time_us"), times),
        tuple(
            replace(span, start_us=span.start_us + offset_us, end_us=span.end_us + offset_us)
            for span in batch.spans
        ),
        tuple(
            replace(gap, start_us=gap.start_us + offset_us, end_us=gap.end_us + offset_us)
            for gap in batch.gaps
        ),
        tuple(replace(event, time_us=event.time_us + offset_us) for event in batch.events),
        tuple(
            replace(one, start_us=one.start_us + offset_us, end_us=one.end_us + offset_us)
            for one in batch.erasures
        ),
    )


def _renumber(points: pa.Table, number: int) -> pa.Table:
    index = points.schema.get_field_index("tracklet")
    tracklets = points["tracklet"].to_numpy() + number * TRACKLETS_PER_MACHINE
    return points.set_column(index, POINT_SCHEMA.field("tracklet"), pa.array(tracklets))


def _add_erased(connection: Connection, hall: int, merged: Merged) -> None:
    """Report erased periods as gaps of every camera concerned, under which its spans do not count."""
    at = reported_span.c
    for erasure in merged.erasures:
        names = {erasure.camera}
        if not erasure.camera:
            overlaps = (at.start_us < erasure.end_us) & (at.end_us > erasure.start_us)
            names = set(connection.scalars(select(at.camera).where(at.hall == hall, overlaps).distinct()))
            names |= {one.span.camera for one in merged.reported_spans}
        for name in names:
            merged.reported_gaps.append(("", GapRow(name, erasure.start_us, erasure.end_us, ERASED)))


def _merge_cameras(connection: Connection, hall: int, merged: Merged) -> None:
    new_spans: dict[str, list[ReportedSpan]] = defaultdict(list)
    new_gaps: dict[str, list[tuple[str, GapRow]]] = defaultdict(list)
    for one in merged.reported_spans:
        new_spans[one.span.camera].append(one)
    for reported in merged.reported_gaps:
        new_gaps[reported[1].camera].append(reported)
    touched = new_spans.keys() | new_gaps.keys()
    if not touched:
        return
    starts = [one.span.start_us for one in merged.reported_spans]
    starts += [gap.start_us for _, gap in merged.reported_gaps]
    old_spans, old_gaps, from_us = _load_reported(connection, hall, sorted(touched), min(starts))
    owners = _load_owners(connection, hall, sorted(touched))
    for name in touched:
        before = {(one.machine, one.span.start_us): one for one in old_spans[name]}
        after = before | {(one.machine, one.span.start_us): one for one in new_spans[name]}
        gaps = {(who, gap.start_us): gap for who, gap in (*old_gaps[name], *new_gaps[name])}
        erased = [gap for gap in gaps.values() if gap.cause == ERASED]
        spans = list(after.values())
        counted = choose_spans(spans, owners[name], erased)
        merged.cameras[name] = MergedCamera(
            from_us,
            tuple(counted),
            tuple(choose_gaps(gaps.values(), counted)),
            tuple(find_replaced(list(before.values()), spans, owners[name])),
            {one: find_better(spans, owners[name], one) for one in {part.machine for part in spans}},
        )


def _load_reported(
    connection: Connection, hall: int, cameras: Sequence[str], start_us: int
) -> tuple[dict[str, list[ReportedSpan]], dict[str, list[tuple[str, GapRow]]], int]:
    """Return what was reported that may touch a time or later, and the start of the rows to replace."""
    from_us = start_us - _LOOK_BACK_US
    floor_us = start_us - _MAX_LOOK_BACK_US
    while True:
        at, gap_at = reported_span.c, reported_gap.c
        spans = connection.execute(
            select(at.machine, at.camera, at.start_us, at.end_us, at.frames).where(
                at.hall == hall, at.camera.in_(cameras), at.end_us > from_us
            )
        ).all()
        gaps = connection.execute(
            select(gap_at.machine, gap_at.camera, gap_at.start_us, gap_at.end_us, gap_at.cause).where(
                gap_at.hall == hall, gap_at.camera.in_(cameras), gap_at.end_us > from_us
            )
        ).all()
        earliest_us = max(floor_us, min((row.start_us for row in (*spans, *gaps)), default=from_us))
        if earliest_us >= from_us:
            break
        from_us = earliest_us
    of_spans: dict[str, list[ReportedSpan]] = defaultdict(list)
    of_gaps: dict[str, list[tuple[str, GapRow]]] = defaultdict(list)
    for name, *values in spans:
        of_spans[values[0]].append(ReportedSpan(name, SpanRow(*values)))
    for name, *values in gaps:
        of_gaps[values[0]].append((name, GapRow(*values)))
    return of_spans, of_gaps, from_us


def _load_owners(connection: Connection, hall: int, cameras: Sequence[str]) -> dict[str, list[Ownership]]:
    query = (
        select(camera.c.name, ownership.c.since_utc, ownership.c.epoch, ownership.c.owner)
        .join(camera, camera.c.id == ownership.c.camera)
        .where(camera.c.hall == hall, camera.c.name.in_(cameras))
    )
    owners: dict[str, list[Ownership]] = defaultdict(list)
    for name, since_utc, epoch, owner in connection.execute(query):
        owners[name].append(Ownership(to_us(since_utc.timestamp()), epoch, owner))
    return owners
