"""Decide which machine's observations of a camera count where several have some. Pure."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from analytics.domain.arrays import BoolArray
from analytics.store.erasure import ERASED
from analytics.store.outbox import GapRow, SpanRow

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
    for from_us, to_us in sorted(covered):
        if to_us <= start_us or from_us >= end_us:
            continue
        if from_us > start_us:
            left.append((start_us, from_us))
        start_us = max(start_us, to_us)
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
