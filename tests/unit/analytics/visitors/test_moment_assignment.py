"""Partners chosen together, so that each tracklet has one at a time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from analytics.visitors.cameras.overlap_fusion import find_chosen
from analytics.visitors.tracklet_pairs import sample_tracklets
from analytics.visitors.tracklet_rows import read_tracklet_rows
from tests.unit.analytics.visitors.walks import join, walk


def choose(
    evidence: dict[tuple[int, int], float], lives_s: dict[int, tuple[float, float]]
) -> set[tuple[int, int]]:
    """Return the chosen pairs of tracklets with given first and last times."""
    rows = read_tracklet_rows(
        join(*(walk(number, start_s=begin, end_s=end) for number, (begin, end) in lives_s.items()))
    )
    piece = {int(number): place for place, number in enumerate(rows.number)}
    found = find_chosen(
        sample_tracklets(rows),
        a=np.array([piece[a] for a, _ in evidence], np.int64),
        b=np.array([piece[b] for _, b in evidence], np.int64),
        evidence=np.array(list(evidence.values()), np.float64),
    )
    return {pair for pair, is_chosen in zip(evidence, found.tolist(), strict=True) if is_chosen}


def test_a_later_tracklet_does_not_compete() -> None:
    lives_s = {1: (0.0, 30.0), 2: (0.0, 9.0), 11: (0.0, 10.0), 12: (12.0, 30.0)}
    assert choose({(1, 11): 3.0, (1, 12): 2.0, (2, 12): 9.0}, lives_s) == {(1, 11), (1, 12)}


def test_for_the_most_of_the_time_a_pair_has_to_hold() -> None:
    evidence = {(1, 11): 2.0, (2, 11): 5.0}
    assert (1, 11) in choose(evidence, {1: (0.0, 40.0), 11: (0.0, 40.0), 2: (0.0, 10.0)})
    assert (1, 11) not in choose(evidence, {1: (0.0, 40.0), 11: (0.0, 40.0), 2: (0.0, 30.0)})


@pytest.mark.parametrize("seed", range(20))
def test_no_other_choice_has_more_evidence(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = range(1, 5), range(11, 15)
    evidence = {
        pair: float(value)
        for pair, value in zip(itertools.product(one, other), rng.normal(0, 3, 16), strict=True)
        if rng.random() < 0.6
    }
    best = max(
        sum(max(evidence.get(pair, 0.0), 0.0) for pair in zip(one, order, strict=True))
        for order in itertools.permutations(other)
    )
    found = choose(evidence, dict.fromkeys((*one, *other), (0.0, 8.0)))
    assert len({a for a, _ in found}) == len({b for _, b in found}) == len(found)
    assert sum(evidence[pair] for pair in found) == pytest.approx(best)
