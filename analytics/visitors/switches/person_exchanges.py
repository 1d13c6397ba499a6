"""Restores the identities of two people whose tracklets were exchanged in an encounter.

Two people who pass each other closely, one hidden by the other, may leave as each other's tracklet: the
tracker only knows the past. Afterwards both sides of the encounter are known: where and how fast each came
and left, and how tall each was. If that fits much better crosswise, the rest of the two tracklets is
exchanged at the moment at which they were nearest.

Linked visitors are examined rather than tracklets. If another person took over somebody's tracklet, and they
continued in a new one, no exchange is visible before the new one is linked to the tracklet that the other
person lost. And where two cameras see people, both give evidence of each encounter: in training scenes with
two cameras 4.9 % of the people are counted twice so, and 6.1 % if the tracklets of each camera are exchanged
before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray
from analytics.visitors.cameras.known_heights import KnownHeights
from analytics.visitors.motion_likelihood import compare_heights, compute_log_motion
from analytics.visitors.tracklet_ends import EndStates, estimate_first_states, estimate_last_states
from analytics.visitors.tracklet_pairs import STEP_S, TrackletSamples, sample_tracklets
from analytics.visitors.tracklet_rows import TrackletRows
from analytics.visitors.visitor_settings import ExchangeSettings, MotionSettings

_Found = tuple[IntArray, IntArray, IntArray, FloatArray]
"""Pieces of both, step and distance of each pair."""
MOMENT_APART_M = 1000.0
"""Distance between moments on the axis; on a larger floor some are compared in vain."""
ROUNDING_M = 1e-6
"""Rounding error on the axis after weeks of moments."""


@dataclass(frozen=True, slots=True, eq=False)
class NearMoments:
    """Moments at which pieces a < b are near each other, by pair and time, shape (moments,) each."""

    a: IntArray
    b: IntArray
    step: IntArray
    distance_m: FloatArray

    def take(self, index: IntArray) -> NearMoments:
        """Return some of the moments, in that order."""
        return NearMoments(*(getattr(self, name)[index] for name in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class _OrderedSamples:
    """Samples in the order of the axis."""

    axis_m: FloatArray
    piece: IntArray
    step: IntArray
    x_m: FloatArray
    y_m: FloatArray

    @staticmethod
    def order(samples: TrackletSamples, pieces: IntArray) -> _OrderedSamples:
        axis_m = samples.step * MOMENT_APART_M + samples.x_m
        order = np.argsort(axis_m)
        return _OrderedSamples(
            axis_m[order],
            pieces[samples.piece[order]],
            samples.step[order],
            samples.x_m[order],
            samples.y_m[order],
        )


class NearMomentSearch:
    """Finds all moments at which two pieces are within reach."""

    def __init__(self, *, pieces: int, reach_m: float) -> None:
        self._reach_m, self._reach_on_axis_m = reach_m, reach_m + ROUNDING_M
        self._taken: list[_OrderedSamples] = []
        self._newest = np.zeros(pieces, np.int64)

    def take(self, samples: TrackletSamples, pieces: IntArray) -> NearMoments:
        """Add samples that replace earlier ones of the same pieces; return when these pieces are near any.

        Args:
            pieces: pieces of the samples, by ``samples.piece``.
        """
        own = _OrderedSamples.order(samples, pieces)
        self._newest[pieces] = len(self._taken)
        found = [self._find(own, own, np.arange(1, len(own.axis_m) + 1))]
        for number, others in enumerate(self._taken):
            low = np.searchsorted(others.axis_m, own.axis_m - self._reach_on_axis_m)
            one, other, step, distance_m = self._find(own, others, low)
            # later samples of a piece replace earlier ones
            is_newest = self._newest[other] == number
            found.append((one[is_newest], other[is_newest], step[is_newest], distance_m[is_newest]))
        self._taken.append(own)
        one, other, step, distance_m = map(np.concatenate, zip(*found, strict=True))
        a, b = np.minimum(one, other), np.maximum(one, other)
        order = np.lexsort((step, b, a))
        return NearMoments(a[order], b[order], step[order], distance_m[order])

    def _find(self, own: _OrderedSamples, others: _OrderedSamples, low: IntArray) -> _Found:
        """Return near pairs of both; others before ``low``, shape (own,), are skipped."""
        one, other = np.arange(len(own.axis_m)), low.copy()
        near = [np.empty((2, 0), np.int64)]
        while True:
            goes_on = other < len(others.axis_m)
            if not goes_on.all():
                one, other = one[goes_on], other[goes_on]
            goes_on = others.axis_m[other] <= own.axis_m[one] + self._reach_on_axis_m
            one, other = one[goes_on], other[goes_on]
            if not len(one):
                break
            x_m, y_m = others.x_m[other] - own.x_m[one], others.y_m[other] - own.y_m[one]
            is_near = x_m * x_m + y_m * y_m <= self._reach_m**2
            is_near &= own.step[one] == others.step[other]
            near.append(np.stack([one[is_near], other[is_near]]))
            other += 1
        one, other = np.concatenate(near, axis=1)
        distance_m = np.hypot(others.x_m[other] - own.x_m[one], others.y_m[other] - own.y_m[one])
        return own.piece[one], others.piece[other], own.step[one], distance_m


@dataclass(frozen=True, slots=True, eq=False)
class Encounters:
    """Encounters of two pieces: pieces, seconds on the clock of the rows, and when they were nearest.

    Ordered by the nearest moment; shape (encounters,) each.
    """

    a: IntArray
    b: IntArray
    first_s: FloatArray
    last_s: FloatArray
    nearest_s: FloatArray

    def __len__(self) -> int:
        return len(self.a)

    def take(self, index: IntArray) -> Encounters:
        """Return some of the encounters, in that order."""
        return Encounters(*(getattr(self, name)[index] for name in self.__slots__))


def weigh_exchanges(
    rows: TrackletRows, encounters: Encounters, *, motion: MotionSettings, settings: ExchangeSettings
) -> FloatArray:
    """Return the log ratio of crosswise to straight continuation of each encounter, shape (encounters,)."""
    by_height = _weigh_heights(KnownHeights.read(rows), encounters, settings)
    return by_height + _weigh_motion(rows, encounters, motion=motion, settings=settings)


def join_moments(near: NearMoments, *, origin_s: float, apart_s: float) -> Encounters:
    """Join moments less than ``apart_s`` apart to encounters; steps count from ``origin_s``."""
    if not len(near.step):
        return Encounters(*np.empty((2, 0), np.int64), *np.empty((3, 0)))
    is_new = (np.diff(near.a) != 0) | (np.diff(near.b) != 0) | (np.diff(near.step) * STEP_S > apart_s)
    first = np.append(0, np.flatnonzero(is_new) + 1)
    last = np.append(first[1:] - 1, len(near.step) - 1)
    run = np.repeat(np.arange(len(first)), last - first + 1)
    is_nearest = near.distance_m == np.minimum.reduceat(near.distance_m, first)[run]
    _, place = np.unique(run[is_nearest], return_index=True)
    nearest = np.flatnonzero(is_nearest)[place]
    moment_s = np.asarray(near.step * STEP_S + origin_s, np.float64)
    found = Encounters(near.a[first], near.b[first], moment_s[first], moment_s[last], moment_s[nearest])
    return found.take(np.lexsort((found.b, found.a, found.nearest_s)))


def _weigh_heights(heights: KnownHeights, encounters: Encounters, settings: ExchangeSettings) -> FloatArray:
    """Return the evidence from heights, if known."""
    before_s = encounters.first_s - settings.window_s
    # the moment of an exchange within a long encounter is unknown
    begin_s = np.maximum(encounters.nearest_s + settings.settles_s, encounters.last_s)
    until_s = begin_s + settings.window_s
    pieces = encounters.a, encounters.b
    before = [heights.average(piece, before_s, encounters.nearest_s, settings.heights) for piece in pieces]
    after = [heights.average(piece, begin_s, until_s, settings.heights) for piece in pieces]
    straight = compare_heights(*before[0], *after[0]) + compare_heights(*before[1], *after[1])
    crosswise = compare_heights(*before[0], *after[1]) + compare_heights(*before[1], *after[0])
    return crosswise - straight


def _weigh_motion(
    rows: TrackletRows, encounters: Encounters, *, motion: MotionSettings, settings: ExchangeSettings
) -> FloatArray:
    """Return the evidence from positions and velocities; 0 for long encounters or short sides."""
    first_s, last_s = encounters.first_s - settings.margin_s, encounters.last_s + settings.margin_s
    pieces = encounters.a, encounters.b
    seen = _SeenRows(np.flatnonzero(rows.is_seen), len(rows.time_s))
    before = [_take_windows(rows, seen, piece, first_s, settings, is_before=True) for piece in pieces]
    after = [_take_windows(rows, seen, piece, last_s, settings, is_before=False) for piece in pieces]
    is_told = last_s - first_s <= settings.longest_s
    for _, lasts_s in (*before, *after):
        is_told &= lasts_s >= settings.min_motion_s
    states_before = [estimate_last_states(windows) for windows, _ in before]
    states_after = [estimate_first_states(windows) for windows, _ in after]

    def fit(last: EndStates, first: EndStates) -> FloatArray:
        found = compute_log_motion(last, first, motion=motion)
        return np.maximum(
            np.nan_to_num(found, nan=-settings.worst_log, neginf=-settings.worst_log), -settings.worst_log
        )

    straight = fit(states_before[0], states_after[0]) + fit(states_before[1], states_after[1])
    crosswise = fit(states_before[0], states_after[1]) + fit(states_before[1], states_after[0])
    return np.where(is_told, crosswise - straight, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _SeenRows:
    """The rows at which a detector saw someone, ascending, among ``count`` rows."""

    rows: IntArray
    count: int

    def find_last(self, row: IntArray) -> IntArray:
        """Return the last seen row up to each row, -1 if none."""
        return np.append(-1, self.rows)[np.searchsorted(self.rows, row, side="right")]

    def find_first(self, row: IntArray) -> IntArray:
        """Return the first seen row from each row on, the number of rows if none."""
        return np.append(self.rows, self.count)[np.searchsorted(self.rows, row)]


def _take_windows(
    rows: TrackletRows,
    seen: _SeenRows,
    piece: IntArray,
    at_s: FloatArray,
    settings: ExchangeSettings,
    *,
    is_before: bool,
) -> tuple[TrackletRows, FloatArray]:
    """Return the rows up to the last sighting before a moment, or from the first one after it, as pieces.

    Returns:
        At least one row of each piece, and their duration; negative if nobody was seen near the moment.
    """
    begin, last = rows.starts[piece], rows.ends[piece] - 1
    if is_before:
        place = np.maximum(rows.find_rows(piece, at_s + 1e-6) - 1, begin)
        high = np.maximum(seen.find_last(place), begin)
        low = rows.find_rows(piece, rows.time_s[high] - settings.motion_window_s - 1e-6)
        away_s = at_s - rows.time_s[high]
    else:
        place = np.minimum(rows.find_rows(piece, at_s - 1e-6), last)
        low = np.minimum(seen.find_first(place), last)
        high = rows.find_rows(piece, rows.time_s[low] + settings.motion_window_s + 1e-6) - 1
        away_s = rows.time_s[low] - at_s
    count = high - low + 1
    ends = np.cumsum(count)
    chosen = np.arange(ends[-1]) + np.repeat(low - (ends - count), count)
    windows = rows.take(chosen, ends=ends, camera=rows.camera[piece], number=rows.number[piece])
    is_near = (away_s >= -1e-6) & (away_s <= settings.hidden_s)
    return windows, np.where(is_near, rows.time_s[high] - rows.time_s[low], -1.0)


ROUNDS = 3
"""Three people who changed places are restored by two exchanges, the second judged after the first."""


def undo_visitors_exchanges(
    rows: TrackletRows, visitor: IntArray, *, motion: MotionSettings, settings: ExchangeSettings
) -> tuple[TrackletRows, IntArray]:
    """Return the rows in pieces of one visitor each, and each piece's visitor, after undoing exchanges.

    Args:
        visitor: linked visitor of every piece of ``rows``, shape (pieces,).
    """
    linked = _join_pieces(rows, visitor)
    moved = _find_moved(linked, motion=motion, settings=settings)
    if not moved:
        return rows, visitor
    piece = rows.piece_of_rows()
    whose = visitor[piece]
    for one, own in moved.items():
        whose[linked.source[own]] = linked.number[one]
    is_start = np.append(True, whose[1:] != whose[:-1])
    is_start[rows.starts] = True
    starts = np.flatnonzero(is_start)
    origin = piece[starts]
    cut = replace(
        rows,
        starts=starts,
        ends=np.append(starts[1:], len(piece)),
        camera=rows.camera[origin],
        number=rows.number[origin],
    )
    return cut, whose[starts]


def _find_moved(
    rows: TrackletRows, *, motion: MotionSettings, settings: ExchangeSettings
) -> dict[int, IntArray]:
    """Return the new rows of every piece with an exchanged rest, in time order."""
    moved: dict[int, IntArray] = {}
    if not len(rows):
        return moved
    origin_s = float(rows.time_s.min())
    search = NearMomentSearch(pieces=len(rows), reach_m=settings.near_m)
    changed = np.arange(len(rows))
    for _ in range(ROUNDS):
        # earlier judgements of other encounters still hold
        part = _take_pieces(rows, changed, moved) if moved else rows
        near = search.take(sample_tracklets(part, origin_s=origin_s), changed)
        near = near.take(np.flatnonzero(rows.camera[near.a] == rows.camera[near.b]))
        encounters = join_moments(near, origin_s=origin_s, apart_s=settings.apart_s)
        if not len(encounters):
            break
        evidence = _weigh(rows, moved, encounters, motion=motion, settings=settings)
        exchanged = encounters.take(_choose_exchanges(encounters, evidence, settings=settings))
        if not len(exchanged):
            break
        changed = np.unique(np.append(exchanged.a, exchanged.b))
        moved |= _exchange(rows, moved, changed, exchanged)
    return moved


def _weigh(
    rows: TrackletRows,
    moved: dict[int, IntArray],
    encounters: Encounters,
    *,
    motion: MotionSettings,
    settings: ExchangeSettings,
) -> FloatArray:
    if not moved:
        return weigh_exchanges(rows, encounters, motion=motion, settings=settings)
    involved = np.unique(np.append(encounters.a, encounters.b))
    a, b = (np.searchsorted(involved, piece) for piece in (encounters.a, encounters.b))
    part = _take_pieces(rows, involved, moved)
    return weigh_exchanges(part, replace(encounters, a=a, b=b), motion=motion, settings=settings)


def _choose_exchanges(
    encounters: Encounters, evidence: FloatArray, *, settings: ExchangeSettings
) -> IntArray:
    """Return the surest exchanges that do not affect each other's evidence, in time order."""
    likely = np.flatnonzero(evidence >= settings.least_log_ratio)
    likely = likely[np.argsort(-evidence[likely], kind="stable")]
    ordered = encounters.take(likely)
    columns = (ordered.a, ordered.b, ordered.first_s, ordered.last_s)
    chosen: list[int] = []
    of_piece: dict[int, list[tuple[float, float]]] = {}
    for at, a, b, first_s, last_s in zip(
        likely.tolist(), *(values.tolist() for values in columns), strict=True
    ):
        if all(
            max(first_s, other_first_s) > min(last_s, other_last_s) + settings.window_s
            for other_first_s, other_last_s in (*of_piece.get(a, ()), *of_piece.get(b, ()))
        ):
            chosen.append(at)
            for piece in (a, b):
                of_piece.setdefault(piece, []).append((first_s, last_s))
    return np.sort(np.array(chosen, np.int64))


def _exchange(
    rows: TrackletRows, moved: dict[int, IntArray], changed: IntArray, exchanged: Encounters
) -> dict[int, IntArray]:
    """Return the rows of the pieces ``changed`` with their rests exchanged, encounter by encounter."""
    own = _list_rows(rows, changed, moved)
    index = np.concatenate(own)
    time_s = rows.time_s[index]
    ends = np.cumsum([len(one) for one in own])
    # the owner of each row, updated as the encounters happen
    owner = np.repeat(np.arange(len(own)), np.diff(ends, prepend=0))

    def find_later(piece: int, from_s: float) -> slice:
        begin, end = int(ends[piece]) - len(own[piece]), int(ends[piece])
        return slice(begin + int(np.searchsorted(time_s[begin:end], from_s - 1e-6)), end)

    places = (np.searchsorted(changed, piece).tolist() for piece in (exchanged.a, exchanged.b))
    for a, b, nearest_s in zip(*places, exchanged.nearest_s.tolist(), strict=True):
        later_a, later_b = find_later(a, nearest_s), find_later(b, nearest_s)
        if later_a.start < later_a.stop and later_b.start < later_b.stop:
            owner[later_a], owner[later_b] = owner[later_b.start], owner[later_a.start]
    order = np.lexsort((time_s, owner))
    # every piece gets exactly one rest
    parts = np.split(index[order], np.flatnonzero(np.diff(owner[order])) + 1)
    return dict(zip(changed.tolist(), parts, strict=True))


def _list_rows(rows: TrackletRows, pieces: IntArray, moved: dict[int, IntArray]) -> list[IntArray]:
    """Return the rows of each of some pieces, in time order."""
    starts, ends = rows.starts[pieces].tolist(), rows.ends[pieces].tolist()
    return [
        moved[piece] if piece in moved else np.arange(start, end)
        for piece, start, end in zip(pieces.tolist(), starts, ends, strict=True)
    ]


def _take_pieces(rows: TrackletRows, pieces: IntArray, moved: dict[int, IntArray]) -> TrackletRows:
    """Return some of the pieces, with their current rows."""
    own = _list_rows(rows, pieces, moved)
    ends = np.cumsum([len(one) for one in own])
    return rows.take(np.concatenate(own), ends=ends, camera=rows.camera[pieces], number=rows.number[pieces])


def _join_pieces(rows: TrackletRows, visitor: IntArray) -> TrackletRows:
    """Return the rows in one piece for each visitor, without a camera and with the visitor as number.

    Their source is the row of ``rows``.
    """
    length = rows.ends - rows.starts
    by_visitor = np.lexsort((rows.time_s[rows.starts], visitor))
    length, whose = length[by_visitor], np.repeat(visitor[by_visitor], length[by_visitor])
    order = np.arange(len(whose)) + np.repeat(rows.starts[by_visitor] - (np.cumsum(length) - length), length)
    time_s = rows.time_s[order]
    is_same = whose[1:] == whose[:-1]
    is_back = is_same & (time_s[1:] <= time_s[:-1])
    if is_back.any():
        # only visitors seen by two cameras at once have rows out of order
        mixed = np.flatnonzero(np.isin(whose, whose[1:][is_back]))
        own = np.sort(order[mixed])
        order[mixed] = own[np.lexsort((rows.time_s[own], visitor[rows.find_pieces(own)]))]
    starts = np.flatnonzero(np.append(True, ~is_same))[: len(order)]
    ends = np.append(starts[1:], len(order))[: len(starts)]
    nowhere = np.zeros(len(starts), np.int64)
    linked = replace(rows, source=np.arange(len(order)))
    return linked.take(order, ends=ends, camera=nowhere, number=whose[starts])
