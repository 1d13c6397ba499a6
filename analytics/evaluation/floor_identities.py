"""Identity and position scores on the floor: HOTA, IDF1, identities per person, position errors.

HOTA is that of Luiten et al. (2021), IJCV 129, 548, with the similarity 1 - d / gate of two positions that
are d metres apart; IDF1 that of Ristani et al. (2016), ECCV Workshops, with pairs allowed up to the gate.
Both people and identities are looked at on one grid of moments, their positions interpolated between rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.metrics.presence import PresenceRows, order_by_person

MIN_DOUBLE_S = 3.0
"""Minimum duration of a second identity that counts a person double."""
OBJECT_M = 0.2
"""Position tolerance of objects; a second identity with hidden feet moves more."""
MIN_UNATTENDED_S = 10.0
"""Minimum total time of identities at a place without people that marks a false object there."""


def find_double_people(
    *, person: IntArray, xy_m: FloatArray, alone_xy_m: FloatArray, people: int, step_s: float
) -> BoolArray:
    """Return whether each person had a second identity for long enough, shape (people,).

    Args:
        person: who is nearest to an identity that is matched to nobody although near, one for each moment
            of each identity, shape (n,).
        xy_m: where that identity is, shape (n, 2), metres.
        alone_xy_m: positions of identities without a person nearby, one row per time, shape (m, 2), metres.
        people: how many there are.
        step_s: time from moment to moment.
    """
    alone = cKDTree(alone_xy_m.reshape(-1, 2)).query_ball_point(
        xy_m.reshape(-1, 2), OBJECT_M, return_length=True
    )
    is_double = np.asarray(alone, np.int64) * step_s < MIN_UNATTENDED_S - 1e-9
    seconds = np.bincount(person[is_double], minlength=people) * step_s
    return np.asarray(seconds >= MIN_DOUBLE_S - 1e-9, np.bool_)


GATE_M = 1.0
"""Maximum distance between a position and the matched person."""
ALPHAS = np.arange(0.05, 0.99, 0.05)
"""Similarity thresholds over which HOTA is averaged."""
STEP_S = 0.2
BRIDGED_S = 1.05
"""Maximum time between rows of one identity that are interpolated, a second and some tolerance."""
MIN_SHARED_S = 1.0
"""Minimum shared time for an identity to count as one of a person's."""


@dataclass(frozen=True, slots=True, eq=False)
class FloorPositions:
    """Positions on a time grid, ordered by time; columns of equal length.

    Attributes:
        moment: index in the time grid.
        person: 0, 1, … in the order of first appearance.
        ids: number in the file of each ``person``, shape (persons,).
    """

    moment: IntArray
    person: IntArray
    xy_m: FloatArray
    ids: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class FloorIdentities:
    """Sums over the matches of people and identities, per block of the period, and scores of them.

    Attributes:
        hota_association: sum of the association scores of the matches, shape (alphas, blocks).
        hota_union: matches, misses and false positions, shape (alphas, blocks).
        same_identity: positions matched by the best assignment of identities to people, shape (blocks,).
        true_positions, found_positions: shape (blocks,).
        squared_error_m2: of the matches within the gate, the smallest first, with their ``matched_block``.
        identities_of_people: number of identities per person, shape (persons,).
        is_double: whether a person had two identities at once, shape (persons,), without false objects.
        people, identities: numbers of them.
    """

    hota_association: FloatArray
    hota_union: FloatArray
    same_identity: FloatArray
    true_positions: FloatArray
    found_positions: FloatArray
    squared_error_m2: FloatArray
    matched_block: IntArray
    identities_of_people: IntArray
    is_double: BoolArray
    identities: int

    def hota(self, weight: FloatArray) -> float:
        """Return HOTA with every block counted ``weight`` times, 0 to 1."""
        union = self.hota_union @ weight
        association = self.hota_association @ weight
        return float(
            np.mean(np.sqrt(np.divide(association, union, out=np.zeros(len(union)), where=union > 0)))
        )

    def idf1(self, weight: FloatArray) -> float:
        """Return IDF1 with every block counted ``weight`` times, 0 to 1."""
        positions = float((self.true_positions + self.found_positions) @ weight)
        return 2 * float(self.same_identity @ weight) / positions if positions > 0 else 0.0


def place_on_grid(*, tracks: pd.DataFrame, times_s: FloatArray) -> FloorPositions:
    """Interpolate all positions at each time, linear between rows at most ``BRIDGED_S`` apart.

    Args:
        tracks: columns of ``TRACK_COLUMNS``; identified by ``visitor``, or else ``tracklet``.
    """
    rows = order_by_person(tracks=tracks, longest_gap_s=BRIDGED_S)
    starts, ends = rows.segment_starts(), rows.segment_ends()
    times, persons, places = [], [], []
    slack_s = 1e-3
    first = np.searchsorted(times_s, rows.time_s[starts] - slack_s)
    behind = np.searchsorted(times_s, rows.time_s[ends] + slack_s, side="right")
    for segment in np.flatnonzero(behind > first):
        own = slice(starts[segment], ends[segment] + 1)
        at = np.arange(first[segment], behind[segment])
        times.append(at)
        persons.append(np.full(len(at), rows.person[starts[segment]]))
        places.append(_interpolate(rows, own, times_s[at]))
    if not times:
        return FloorPositions(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 2)), rows.person_ids)
    moment, person = np.concatenate(times), np.concatenate(persons)
    order = np.lexsort((person, moment))
    return FloorPositions(moment[order], person[order], np.concatenate(places)[order], rows.person_ids)


def _interpolate(rows: PresenceRows, own: slice, times_s: FloatArray) -> FloatArray:
    known_s = rows.time_s[own]
    return np.column_stack([np.interp(times_s, known_s, axis[own]) for axis in (rows.x_m, rows.y_m)])


def compare_identities(
    *, truth: FloorPositions, found: FloorPositions, block_of_time: IntArray
) -> FloorIdentities:
    """Match people and identities at every time and over all of them.

    Args:
        block_of_time: to which block of the period each moment of the grid belongs.
    """
    blocks = int(block_of_time.max(initial=0)) + 1
    people, identities = len(truth.ids), len(found.ids)
    encounters = _find_encounters(truth, found, time_count=len(block_of_time), gate_m=GATE_M)
    possible, shared = np.zeros((people, identities)), np.zeros((people, identities))
    for encounter in encounters:
        similarity = encounter.similarity
        near = np.ix_(encounter.people, encounter.identities)
        shared[near] += similarity > 0
        # Luiten et al. section 3.4, as TrackEval does it: an overlap counts less where others overlap too
        beside = similarity.sum(0, keepdims=True) + similarity.sum(1, keepdims=True) - similarity
        possible[near] += np.divide(similarity, beside, out=np.zeros_like(similarity), where=beside > 0)
    lengths, found_lengths = (
        np.bincount(truth.person, minlength=people),
        np.bincount(found.person, minlength=identities),
    )
    union = lengths[:, None] + found_lengths[None, :] - possible
    alignment = np.divide(possible, union, out=np.zeros_like(possible), where=union > 0)
    best_rows, best_columns = linear_sum_assignment(shared, maximize=True)
    best = np.full(people, -1)
    best[best_rows] = best_columns
    matches = _match_times(encounters, alignment, best)
    block = block_of_time[matches.moment]
    true_positions = np.bincount(block_of_time[truth.moment], minlength=blocks).astype(np.float64)
    found_positions = np.bincount(block_of_time[found.moment], minlength=blocks).astype(np.float64)
    association, unions = np.zeros((len(ALPHAS), blocks)), np.zeros((len(ALPHAS), blocks))
    for index, alpha in enumerate(ALPHAS):
        kept = matches.similarity >= alpha - 1e-9
        pair = matches.person[kept] * identities + matches.identity[kept]
        _, inverse, count = np.unique(pair, return_inverse=True, return_counts=True)
        together = count[inverse]
        score = together / (lengths[matches.person[kept]] + found_lengths[matches.identity[kept]] - together)
        association[index] = np.bincount(block[kept], weights=score, minlength=blocks)
        unions[index] = true_positions + found_positions - np.bincount(block[kept], minlength=blocks)
    pairs = pd.DataFrame({"person": matches.person, "identity": matches.identity})
    shared_moments = pairs.groupby(["person", "identity"]).size()
    long_enough = shared_moments[shared_moments * STEP_S >= MIN_SHARED_S - 1e-9].reset_index()
    closest = np.argsort(-matches.similarity, kind="stable")
    return FloorIdentities(
        hota_association=association,
        hota_union=unions,
        same_identity=np.bincount(block_of_time[matches.same_time_index], minlength=blocks).astype(
            np.float64
        ),
        true_positions=true_positions,
        found_positions=found_positions,
        squared_error_m2=((1.0 - matches.similarity[closest]) * GATE_M) ** 2,
        matched_block=block[closest],
        identities_of_people=np.bincount(long_enough["person"].to_numpy(np.int64), minlength=people),
        is_double=find_double_people(
            person=matches.doubled_person,
            xy_m=found.xy_m[matches.doubled_row],
            alone_xy_m=np.delete(found.xy_m, matches.near_row, axis=0),
            people=people,
            step_s=STEP_S,
        ),
        identities=identities,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Encounter:
    """People and identities at one time; similarity has the shape (people, identities).

    ``row`` is the place of the first of the identities among the positions.
    """

    moment: int
    row: int
    people: IntArray
    identities: IntArray
    similarity: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Matches:
    """The matched pairs of every time.

    Attributes:
        same_time_index: of the positions matched by the best assignment.
        doubled_row, doubled_person: each unmatched position near a person, and the nearest person.
        near_row: the found positions near a person.
    """

    moment: IntArray
    person: IntArray
    identity: IntArray
    similarity: FloatArray
    same_time_index: IntArray
    doubled_row: IntArray
    doubled_person: IntArray
    near_row: IntArray


def _find_encounters(
    truth: FloorPositions, found: FloorPositions, *, time_count: int, gate_m: float
) -> list[_Encounter]:
    truth_at = np.searchsorted(truth.moment, np.arange(time_count + 1))
    found_at = np.searchsorted(found.moment, np.arange(time_count + 1))
    encounters = []
    for moment in np.flatnonzero((np.diff(truth_at) > 0) & (np.diff(found_at) > 0)).tolist():
        mine = slice(truth_at[moment], truth_at[moment + 1])
        theirs = slice(found_at[moment], found_at[moment + 1])
        offset = truth.xy_m[mine][:, None, :] - found.xy_m[theirs][None, :, :]
        similarity = np.maximum(0.0, 1.0 - np.hypot(offset[..., 0], offset[..., 1]) / gate_m)
        encounters.append(
            _Encounter(moment, theirs.start, truth.person[mine], found.person[theirs], similarity)
        )
    return encounters


def _match_times(encounters: list[_Encounter], alignment: FloatArray, best: IntArray) -> _Matches:
    times, persons, identities, values, same = [], [], [], [], []
    doubled_rows, doubled, near = [], [], []
    for encounter in encounters:
        mine, theirs, similarity = encounter.people, encounter.identities, encounter.similarity
        is_same = (best[mine][:, None] == theirs[None, :]) & (similarity > 0)
        same.append(np.full(int(is_same.sum()), encounter.moment))
        row, column = linear_sum_assignment(alignment[np.ix_(mine, theirs)] * similarity, maximize=True)
        is_near = similarity[row, column] > 0
        row, column = row[is_near], column[is_near]
        times.append(np.full(len(row), encounter.moment))
        persons.append(mine[row])
        identities.append(theirs[column])
        values.append(similarity[row, column])
        left_over = similarity.max(axis=0) > 0
        near.append(encounter.row + np.flatnonzero(left_over))
        left_over[column] = False
        doubled_rows.append(encounter.row + np.flatnonzero(left_over))
        doubled.append(mine[similarity.argmax(axis=0)[left_over]])
    nothing = np.empty(0, np.int64)
    return _Matches(
        moment=np.concatenate([nothing, *times]),
        person=np.concatenate([nothing, *persons]),
        identity=np.concatenate([nothing, *identities]),
        similarity=np.concatenate([np.empty(0), *values]),
        same_time_index=np.concatenate([nothing, *same]),
        doubled_row=np.concatenate([nothing, *doubled_rows]),
        doubled_person=np.concatenate([nothing, *doubled]),
        near_row=np.concatenate([nothing, *near]),
    )
