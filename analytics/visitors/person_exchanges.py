"""Gives two people back their own tracklets where an encounter exchanged them.

Two people who pass each other closely, one hidden by the other, may leave as each other's tracklet: the
tracker knows only what came before. Afterwards both sides of the encounter are known: where and how fast each
came and left, and how tall each was. If that fits much better crosswise, the rest of the two tracklets is
exchanged at the moment at which they were nearest.

Visitors are looked at, as they were linked, rather than tracklets. Where somebody's tracklet was taken over
by another person, and they themselves went on in a new one, there is no exchange to be seen before the new
one is linked to the tracklet which that other person lost. And where two cameras see people, both tell of
each encounter: in training scenes with two cameras 4.9 % of the people are double so, and 6.1 % where the
tracklets of each camera are exchanged before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from analytics.visitors.encounter_evidence import ROW_COLUMNS, Encounter, find_encounters, weigh_exchanges
from analytics.visitors.tracklet_rows import TrackletRows
from analytics.visitors.visitor_settings import ExchangeSettings, MotionSettings

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

ROUNDS = 3
"""Three people who changed places are put right by two exchanges, the second judged after the first."""


def undo_exchanges(rows: TrackletRows, *, motion: MotionSettings, settings: ExchangeSettings) -> TrackletRows:
    """The same rows, in pieces that leave every encounter as who they came to it."""
    changed = None
    for _ in range(ROUNDS):
        # what was judged of the encounters of others still holds
        encounters = find_encounters(rows, settings=settings, of=changed)
        if not encounters:
            break
        evidence = weigh_exchanges(rows, encounters, motion=motion, settings=settings)
        exchanged = _choose_exchanges(encounters, evidence, settings=settings)
        if not exchanged:
            break
        rows = _exchange(rows, exchanged)
        # pieces keep their places, since every one gets a rest for its own
        changed = np.unique([(one.a, one.b) for one in exchanged])
    return rows


def undo_visitors_exchanges(
    rows: TrackletRows, visitor: IntArray, *, motion: MotionSettings, settings: ExchangeSettings
) -> tuple[TrackletRows, IntArray]:
    """The same rows in pieces of one visitor each, and whose each is, after the encounters of visitors.

    Args:
        visitor: of every piece of ``rows``, as they were linked, shape (pieces,).
    """
    piece = rows.piece_of_rows()
    nowhere = np.zeros(len(piece), np.int64)
    linked = replace(rows, source=np.arange(len(piece)))
    linked = _regroup(linked, visitor[piece], camera=nowhere, number=visitor[piece])
    undone = undo_exchanges(linked, motion=motion, settings=settings)
    if undone is linked:
        return rows, visitor
    whose = np.empty(len(piece), np.int64)
    whose[undone.source] = undone.number[undone.piece_of_rows()]
    starts = np.flatnonzero(np.append(True, (np.diff(whose) != 0) | (np.diff(piece) != 0)))
    origin = piece[starts]
    cut = replace(
        rows,
        starts=starts,
        ends=np.append(starts[1:], len(piece)),
        camera=rows.camera[origin],
        number=rows.number[origin],
    )
    return cut, whose[starts]


def _choose_exchanges(
    encounters: Sequence[Encounter], evidence: FloatArray, *, settings: ExchangeSettings
) -> list[Encounter]:
    """The surest ones of which none changes what another was judged by, in the order of time."""
    chosen: list[Encounter] = []
    of_piece: dict[int, list[Encounter]] = {}
    for at in np.argsort(-evidence, kind="stable").tolist():
        if evidence[at] < settings.least_log_ratio:
            break
        one = encounters[at]
        others = [*of_piece.get(one.a, ()), *of_piece.get(one.b, ())]
        if all(
            max(one.first_s, other.first_s) > min(one.last_s, other.last_s) + settings.window_s
            for other in others
        ):
            chosen.append(one)
            of_piece.setdefault(one.a, []).append(one)
            of_piece.setdefault(one.b, []).append(one)
    return sorted(chosen, key=lambda one: (one.nearest_s, one.a, one.b))


def _exchange(rows: TrackletRows, exchanged: Sequence[Encounter]) -> TrackletRows:
    """Rows with the rest of two pieces exchanged, one encounter after the other."""
    # the pieces by which the rows go, as the encounters happen
    owner = rows.piece_of_rows()
    for encounter in exchanged:
        later_a, later_b = (
            _find_later(rows, piece, encounter.nearest_s) for piece in (encounter.a, encounter.b)
        )
        if later_a.start < later_a.stop and later_b.start < later_b.stop:
            owner[later_a], owner[later_b] = owner[later_b.start], owner[later_a.start]
    return _regroup(rows, owner, camera=rows.camera[owner], number=rows.number[owner])


def _regroup(rows: TrackletRows, owner: IntArray, *, camera: IntArray, number: IntArray) -> TrackletRows:
    """The same rows in pieces by their owner; all arguments have the shape (rows,)."""
    order = np.lexsort((rows.time_s, owner))
    starts = np.flatnonzero(np.append(True, np.diff(owner[order]) != 0)[: len(order)]).astype(np.int64)
    return replace(
        rows,
        **{name: getattr(rows, name)[order] for name in ROW_COLUMNS},
        starts=starts,
        ends=np.append(starts[1:], len(order)).astype(np.int64)[: len(starts)],
        camera=camera[order][starts],
        number=number[order][starts],
    )


def _find_later(rows: TrackletRows, piece: int, from_s: float) -> slice:
    """The rows of a piece from a moment on."""
    begin, end = int(rows.starts[piece]), int(rows.ends[piece])
    return slice(begin + int(np.searchsorted(rows.time_s[begin:end], from_s - 1e-6)), end)
