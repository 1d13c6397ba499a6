"""Searches over all tracklets at once find what a search one by one finds."""

from __future__ import annotations

import itertools

import numpy as np

from analytics.visitors.tracklet_pairs import compare_tracklets, find_near_moments, sample_tracklets
from analytics.visitors.tracklet_rows import find_first, read_tracklet_rows
from tests.unit.analytics.visitors.walks import join, walk


def test_first_places_are_those_of_a_search_in_each_slice() -> None:
    rng = np.random.default_rng(1)
    lengths = rng.integers(0, 9, 40)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    values = np.concatenate([np.sort(rng.integers(0, 9, length)) for length in lengths]).astype(float)
    slices = rng.integers(0, 40, 300)
    wanted = rng.integers(-1, 11, 300).astype(float)
    found = find_first(values, starts[slices], ends[slices], wanted)
    expected = [
        starts[at] + np.searchsorted(values[starts[at] : ends[at]], value)
        for at, value in zip(slices, wanted, strict=True)
    ]
    assert found.tolist() == expected


def test_moments_at_which_two_are_near_are_found_once_and_in_order() -> None:
    walks = [
        walk(number, start_s=number, end_s=20 + number, at_m=(number % 3, 0.0), sigma_m=0.4, seed=number)
        for number in range(1, 8)
    ]
    samples = sample_tracklets(read_tracklet_rows(join(*walks)))
    members = np.arange(7) != 3
    found = find_near_moments(samples, members=members, reach_m=0.6)
    expected = []
    for a, b in itertools.combinations(np.flatnonzero(members).tolist(), 2):
        both = compare_tracklets(samples, np.array([a]), np.array([b]))
        near = np.hypot(both.x_m, both.y_m) <= 0.6
        expected += [(a, b, step) for step in both.step[near].tolist()]
    assert list(zip(found.a.tolist(), found.b.tolist(), found.step.tolist(), strict=True)) == expected
    assert len(expected) > 20
    assert (found.distance_m <= 0.6).all()
