"""Searches over all tracklets at once find what a search one by one finds."""

from __future__ import annotations

import numpy as np

from analytics.visitors.tracklet_rows import find_first


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
