"""Forms persons from pairs of tracklets: groups grow from the surest pairs unless their tracklets clash.

Pairs that are partners at most of their moments come first. Two groups are merged if the evidence over all
their pairs of tracklets supports it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.visitors.link_assignment import MAX_LOG_RATIO
from analytics.visitors.tracklet_pairs import STEP_S, TrackletPairs
from analytics.visitors.tracklet_rows import TrackletRows
from analytics.visitors.visitor_settings import OVERLAP, SCALES


@dataclass(frozen=True, slots=True, eq=False)
class OverlapGroups:
    """Groups of pieces that are one person each.

    Attributes:
        label: group of every piece, shape (pieces,).
        a, b, confidence: the links that made the groups, shape (links,) each.
        disagreement_m: of each pair of cameras, (x, y) of the second's positions minus the first's, metres;
            empty if not computed.
    """

    label: IntArray
    a: IntArray
    b: IntArray
    confidence: FloatArray
    disagreement_m: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class PairEvidence:
    """Log ratios of one person to two for pairs of pieces, with all evidence.

    Attributes:
        is_late: pairs processed after all others, shape (pairs,).
    """

    pairs: TrackletPairs
    log_ratio: FloatArray
    is_late: BoolArray


def group_pairs(rows: TrackletRows, found: Sequence[PairEvidence]) -> OverlapGroups:
    """Group pieces that are one person each.

    Args:
        found: the evidence; for a pair that occurs several times, the last counts.
    """
    known = _PieceEvidence(rows, found)
    camera = rows.camera.tolist()
    label = np.arange(len(rows))
    groups = {piece: [piece] for piece in label.tolist()}
    sums = _GroupSums(groups, known)
    links: list[tuple[int, int, float]] = []
    for a, b in known.list_pairs():
        one, other, value = int(label[a]), int(label[b]), known.of_pair[a, b]
        if value <= 0 or one == other:
            continue
        cameras = len({camera[piece] for piece in (*groups[one], *groups[other])})
        evidence, clashes = sums.compare(one, other)
        # two people side by side clash in each camera that sees both, and match between any two cameras
        if evidence <= clashes * OVERLAP.clash_cost * max(cameras - 1, 1):
            continue
        members = groups.pop(other)
        groups[one] += members
        label[members] = one
        confidence = 1 / (1 + np.exp(-min(value, MAX_LOG_RATIO)) + known.weigh_rivals(a, b))
        first, second = (a, b) if known.begin_s[a] <= known.begin_s[b] else (b, a)
        links.append((first, second, float(confidence)))
    return OverlapGroups(
        label=label,
        a=np.array([link[0] for link in links], np.int64),
        b=np.array([link[1] for link in links], np.int64),
        confidence=np.array([link[2] for link in links]),
    )


class _PieceEvidence:
    """Evidence for one person for any two pieces.

    Attributes:
        of_pair: log ratio of every compared pair, by the lower and the higher number.
        begin_s: of every piece.
    """

    def __init__(self, rows: TrackletRows, found: Sequence[PairEvidence]) -> None:
        self.of_pair: dict[tuple[int, int], float] = {}
        self.begin_s = rows.time_s[rows.starts].tolist()
        self._end_s = rows.time_s[rows.ends - 1].tolist()
        self._camera = rows.camera.tolist()
        self._clashes = _Clashes(rows, longest_s=SCALES.lasting_s)
        self._max_clash_s = SCALES.lasting_s
        self._partners: dict[int, list[int]] = {}
        self._ordered: list[tuple[bool, float, tuple[int, int]]] = []
        for part in found:
            columns = part.pairs.a, part.pairs.b, part.log_ratio, part.is_late
            for a, b, value, is_late in zip(*(each.tolist() for each in columns), strict=True):
                pair = min(a, b), max(a, b)
                self.of_pair[pair] = value
                self._ordered.append((is_late, -value, pair))
                self._partners.setdefault(a, []).append(b)
                self._partners.setdefault(b, []).append(a)

    def list_pairs(self) -> list[tuple[int, int]]:
        """Return all compared pairs, the surest first."""
        return [pair for _, _, pair in sorted(self._ordered)]

    def weigh(self, one: int, other: int) -> float | None:
        """Return the log ratio of one person to two, 0 if unknown; None if they were in two places."""
        value = self.of_pair.get((one, other) if one < other else (other, one))
        if value is not None:
            return value
        overlap_s = min(self._end_s[one], self._end_s[other]) - max(self.begin_s[one], self.begin_s[other])
        if overlap_s <= self._max_clash_s or not self._clashes.check(one, other):
            return 0.0
        return None

    def weigh_rivals(self, a: int, b: int) -> float:
        """Return the likelihood that others belong in a pair, relative to the pair itself."""
        value = self.of_pair[a, b]
        total = 0.0
        for piece, partner in ((a, b), (b, a)):
            for rival in self._partners[piece]:
                weight = self.of_pair[min(piece, rival), max(piece, rival)]
                if rival != partner and weight > 0 and self._is_rival(rival, partner):
                    total += float(np.exp(min(weight, MAX_LOG_RATIO) - value))
        return total

    def _is_rival(self, candidate: int, partner: int) -> bool:
        """Return whether a piece competes with the partner: same camera at the same time."""
        if self._camera[candidate] != self._camera[partner]:
            return False
        begin_s = max(self.begin_s[candidate], self.begin_s[partner])
        return bool(min(self._end_s[candidate], self._end_s[partner]) > begin_s)


class _GroupSums:
    """Evidence for one person between groups, updated as the groups grow."""

    def __init__(self, groups: dict[int, list[int]], known: _PieceEvidence) -> None:
        self._groups, self._pieces = groups, known
        self._known: dict[tuple[int, int], tuple[float, int, int, int]] = {}

    def compare(self, one: int, other: int) -> tuple[float, int]:
        """Return the summed evidence of all pairs of their pieces, and the number of clashing pairs."""
        one, other = min(one, other), max(one, other)
        some, others = self._groups[one], self._groups[other]
        evidence, clashes, looked, looked_other = self._known.get((one, other), (0.0, 0, 0, 0))
        new = itertools.chain(
            itertools.product(some[:looked], others[looked_other:]), itertools.product(some[looked:], others)
        )
        for p, q in new:
            value = self._pieces.weigh(p, q)
            if value is None:
                clashes += 1
            else:
                evidence += value
        self._known[one, other] = evidence, clashes, len(some), len(others)
        return evidence, clashes


class _Clashes:
    """Pairs of pieces that were both seen for longer than one person can be in two places.

    While a tracker only predicts a person, the same person may be seen in another tracklet.
    """

    def __init__(self, rows: TrackletRows, *, longest_s: float) -> None:
        step = np.floor((rows.time_s - rows.time_s.min(initial=0.0)) / STEP_S).astype(np.int64)
        self._first = step[rows.starts]
        length = step[rows.ends - 1] - self._first + 1
        self._offset = np.append(0, np.cumsum(length))
        self._is_seen = np.zeros(int(self._offset[-1]), bool)
        own = np.repeat(self._offset[:-1] - self._first, rows.ends - rows.starts) + step
        self._is_seen[own[rows.is_seen]] = True
        self._max_steps = longest_s / STEP_S

    def check(self, one: int, other: int) -> bool:
        """Return whether the two pieces clash."""
        begin = max(self._first[one], self._first[other])
        seen = [
            self._is_seen[self._offset[piece] + begin - self._first[piece] : self._offset[piece + 1]]
            for piece in (one, other)
        ]
        length = min(map(len, seen))
        return bool(np.count_nonzero(seen[0][:length] & seen[1][:length]) > self._max_steps)
