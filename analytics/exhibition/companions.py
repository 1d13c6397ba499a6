"""Visiting parties: visitors who walk side by side for most of their common time."""

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
"""Columns: ``party``: number shared by its members; ``start_s``: time first seen; ``seconds``: time
seen. Visitors seen for too short a time have no row."""


@dataclass(frozen=True, slots=True)
class CompanionSettings:
    """Parameters, printed with every report.

    Attributes:
        step_s: sampling interval of positions.
        near_m: maximum distance of companions: most pairs keep within 1.5 m (Zanlungo, Ikeda and Kanda
            2014, Phys. Rev. E 89, 012811), plus the errors of two positions.
        velocity_m_s: maximum difference of their velocities while both walk.
        near_share: minimum share of their common time near each other.
        walked_share: minimum share of the time in which both walk.
        min_walked_s: minimum time of walking near each other: people who only stand side by side
            at a stand are no companions.
        min_common_s: minimum common time.
        min_seen_s: minimum time seen; visitors below it are left out.
        comes_within_s: maximum difference of the times first seen.
    """

    step_s: float = 1.0
    near_m: float = 2.3
    velocity_m_s: float = 0.8
    near_share: float = 0.5
    walked_share: float = 0.6
    min_walked_s: float = 8.0
    min_common_s: float = 20.0
    min_seen_s: float = 30.0
    comes_within_s: float = 15.0


def find_parties(ordered: OrderedRows) -> pd.DataFrame:
    """Return the party of every visitor seen long enough, with ``PARTY_COLUMN_NAMES``.

    Two are companions if they are near each other, with like velocities while they walk, for most of the time
    that both are there, and came at about the same time; companions of companions form one party. The
    clues are those of Yuecel, Zanlungo, Ikeda, Miyashita and Hagita 2013 (Sensors 13, 875): distance and the
    likeness of velocities over the common way.
    """
    settings = CompanionSettings()
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
    is_known = (last - first) * settings.step_s >= settings.min_seen_s
    chosen = _choose_pairs(pairs, first, last, is_known, settings)
    links = coo_array((np.ones(len(chosen)), (chosen[:, 0], chosen[:, 1])), shape=(people, people))
    _, party = connected_components(links, directed=False)
    known = np.flatnonzero(is_known)
    times = np.column_stack([first, last])[known].astype(np.float64) * settings.step_s
    return _make_table(rows.person_ids[known].astype(np.int64), party[known].astype(np.int64), times)


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Counts of moments of each pair that was ever near."""

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
    """Return moments in which each pair was near, and in which both walked alike."""
    # moments are separated on a third axis, so that one tree serves for all
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
