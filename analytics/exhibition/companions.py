"""Who came together: visitors who walk side by side for most of the time that both are there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from analytics.domain.arrays import FloatArray, IntArray
from analytics.metrics.presence import OrderedRows
from analytics.metrics.speed import STANDING_M_S, measure_velocity

PARTY_COLUMN_NAMES = ("visitor", "party", "start_s", "seconds")
"""``party``: a number that its members share; ``start_s``: when the visitor was first seen; ``seconds``: for
how long. Visitors who were seen for too short a time to tell have no row."""


@dataclass(frozen=True, slots=True)
class CompanionSettings:
    """Parameters; printed with every report.

    Attributes:
        step_s: everybody is looked at at these moments.
        near_m: companions walk no farther apart: most pairs keep within 1.5 m (Zanlungo, Ikeda and Kanda
            2014, Phys. Rev. E 89, 012811), to which the errors of two positions come.
        velocity_m_s: nor do their velocities differ by more while both walk.
        near_share: of the time that both are there, they are near each other for so much of it.
        walked_share: and of the time that both walk.
        min_walked_s: both walk, near each other, for at least so long: people who only stand side by side
            at a stand are no companions.
        min_common_s: both are there for at least so long.
        least_seen_s: who was seen for less is left out.
        comes_within_s: companions are first seen within so long of each other.
    """

    step_s: float = 1.0
    near_m: float = 2.3
    velocity_m_s: float = 0.8
    near_share: float = 0.5
    walked_share: float = 0.6
    min_walked_s: float = 8.0
    min_common_s: float = 20.0
    least_seen_s: float = 30.0
    comes_within_s: float = 15.0


@dataclass(frozen=True, slots=True)
class PartySizes:
    """Visiting parties of a period.

    Attributes:
        parties: how many; ``by_size`` of one, two, three and more members.
        visitors: who could be told of.
        mean_size: visitors over parties; None without any.
    """

    parties: int
    visitors: int
    by_size: tuple[int, int, int]

    @property
    def mean_size(self) -> float | None:
        """Visitors over parties; None without any."""
        return self.visitors / self.parties if self.parties else None


def find_parties(ordered: OrderedRows, *, settings: CompanionSettings | None = None) -> pd.DataFrame:
    """The party of every visitor who was seen long enough, columns of ``PARTY_COLUMN_NAMES``.

    Two are companions if they are near each other, with like velocities while they walk, for most of the time
    that both are there, and came at about the same time; companions of companions are of one party. The
    clues are those of Yuecel, Zanlungo, Ikeda, Miyashita and Hagita 2013 (Sensors 13, 875): distance and the
    likeness of velocities over the common way.
    """
    settings = settings or CompanionSettings()
    rows = ordered.cut(longest_gap_s=3.0)
    if not len(rows.time_s):
        return _make_table(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 2)))
    vx, vy = measure_velocity(rows, window_s=2.0)
    slot = np.round(rows.time_s / settings.step_s).astype(np.int64)
    # one row a person and moment: the first of each
    key = np.unique(rows.person.astype(np.int64) * (int(slot.max()) + 1) + slot, return_index=True)[1]
    person, slot = rows.person[key].astype(np.int64), slot[key]
    place = np.column_stack([rows.x_m[key], rows.y_m[key]])
    velocity = np.nan_to_num(np.column_stack([vx[key], vy[key]]))
    people = len(rows.person_ids)
    first, last = _find_extent(person, slot, people)
    pairs = _compare_pairs(person, slot, place, velocity, people=people, settings=settings)
    is_known = (last - first) * settings.step_s >= settings.least_seen_s
    chosen = _choose_pairs(pairs, first, last, is_known, settings)
    links = coo_array((np.ones(len(chosen)), (chosen[:, 0], chosen[:, 1])), shape=(people, people))
    _, party = connected_components(links, directed=False)
    known = np.flatnonzero(is_known)
    times = np.column_stack([first, last])[known].astype(np.float64) * settings.step_s
    return _make_table(rows.person_ids[known].astype(np.int64), party[known].astype(np.int64), times)


def count_parties(parties: pd.DataFrame) -> PartySizes:
    """How many parties of which size, of ``find_parties``."""
    sizes = parties.groupby("party").size().to_numpy(np.int64)
    by_size = (int((sizes == 1).sum()), int((sizes == 2).sum()), int((sizes >= 3).sum()))
    return PartySizes(len(sizes), int(sizes.sum()), by_size)


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Seconds-like counts of moments of each pair that was ever near."""

    first: IntArray
    second: IntArray
    near: IntArray
    alike: IntArray
    walked: IntArray


def _compare_pairs(
    person: IntArray,
    slot: IntArray,
    place: FloatArray,
    velocity: FloatArray,
    *,
    people: int,
    settings: CompanionSettings,
) -> _Pairs:
    """Moments in which each pair was near, and of those the ones in which both walked alike."""
    # moments apart on a third axis, so that one tree does for all
    apart_m = 2.0 * settings.near_m
    tree = cKDTree(np.column_stack([place, slot * apart_m]))
    found = tree.query_pairs(settings.near_m, output_type="ndarray").astype(np.int64)
    one, other = person[found[:, 0]], person[found[:, 1]]
    low, high = np.minimum(one, other), np.maximum(one, other)
    speed = np.linalg.norm(velocity, axis=1)
    walks = (speed[found[:, 0]] > STANDING_M_S) & (speed[found[:, 1]] > STANDING_M_S)
    differs = np.linalg.norm(velocity[found[:, 0]] - velocity[found[:, 1]], axis=1)
    is_alike = walks & (differs <= settings.velocity_m_s)
    key, inverse = np.unique(low * people + high, return_inverse=True)
    counts = [
        np.bincount(inverse, weights=values.astype(np.float64), minlength=len(key)).astype(np.int64)
        for values in (np.ones(len(found)), is_alike, walks)
    ]
    return _Pairs(key // people, key % people, counts[0], counts[1], counts[2])


def _choose_pairs(
    pairs: _Pairs,
    first: IntArray,
    last: IntArray,
    is_known: npt.NDArray[np.bool_],
    settings: CompanionSettings,
) -> IntArray:
    a, b, step_s = pairs.first, pairs.second, settings.step_s
    common_s = (np.minimum(last[a], last[b]) - np.maximum(first[a], first[b]) + 1) * step_s
    is_together = (
        is_known[a]
        & is_known[b]
        & (common_s >= settings.min_common_s)
        & (pairs.near * step_s >= settings.near_share * common_s)
        & (pairs.alike * step_s >= settings.min_walked_s)
        & (pairs.alike >= settings.walked_share * pairs.walked)
        & (np.abs(first[a] - first[b]) * step_s <= settings.comes_within_s)
    )
    chosen: IntArray = np.column_stack([a, b])[is_together]
    return chosen


def _find_extent(person: IntArray, slot: IntArray, people: int) -> tuple[IntArray, IntArray]:
    first, last = np.full(people, np.iinfo(np.int64).max), np.full(people, -1)
    np.minimum.at(first, person, slot)
    np.maximum.at(last, person, slot)
    return np.where(last < 0, 0, first), np.maximum(last, 0)


def _make_table(visitor: IntArray, party: IntArray, times_s: FloatArray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "visitor": visitor,
            "party": party,
            "start_s": times_s[:, 0].astype(np.float64),
            "seconds": (times_s[:, 1] - times_s[:, 0]).astype(np.float64),
        }
    )
