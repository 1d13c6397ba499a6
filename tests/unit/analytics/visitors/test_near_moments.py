"""Moments at which two people are near each other, and their encounters."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from analytics.visitors.switches.person_exchanges import NearMoments, find_near_moments, join_moments
from analytics.visitors.tracklet_pairs import compare_tracklets, sample_tracklets
from analytics.visitors.tracklet_rows import TrackletRows, read_tracklet_rows
from tests.unit.analytics.visitors.walks import join, walk

REACH_M = 0.6


def wander(shift_m: float = 0.0) -> TrackletRows:
    """Make seven people on three spots, the third and the sixth a little to the side."""
    return read_tracklet_rows(
        join(
            *(
                walk(
                    number,
                    start_s=number,
                    end_s=20 + number,
                    at_m=(number % 3 + (shift_m if number in (3, 6) else 0.0), 0.0),
                    sigma_m=0.4,
                    seed=number,
                )
                for number in range(1, 8)
            )
        )
    )


def list_moments(found: NearMoments) -> list[tuple[int, int, int]]:
    return list(zip(found.a.tolist(), found.b.tolist(), found.step.tolist(), strict=True))


def test_each_moment_of_two_nearby_people_is_found_once_in_order() -> None:
    samples = sample_tracklets(wander())
    found = find_near_moments(samples, np.arange(7), reach_m=REACH_M)
    expected = []
    for a, b in itertools.combinations(range(7), 2):
        both = compare_tracklets(samples, np.array([a]), np.array([b]))
        near = np.hypot(both.x_m, both.y_m) <= REACH_M
        expected += [(a, b, step) for step in both.step[near].tolist()]
    assert list_moments(found) == expected
    assert len(expected) > 20
    assert (found.distance_m <= REACH_M).all()


def test_an_encounter_ends_when_they_part_for_long() -> None:
    step = np.array([10, 11, 13, 17, 18, 4])
    moments = NearMoments(
        a=np.array([0, 0, 0, 0, 0, 1]),
        b=np.array([1, 1, 1, 1, 1, 2]),
        step=step,
        distance_m=np.array([0.4, 0.2, 0.3, 0.5, 0.1, 0.3]),
    )
    found = join_moments(moments, origin_s=100.0, apart_s=1.0)
    assert list(zip(found.a.tolist(), found.b.tolist(), strict=True)) == [(1, 2), (0, 1), (0, 1)]
    assert found.first_s == pytest.approx([102.0, 105.0, 108.5])
    assert found.last_s == pytest.approx([102.0, 106.5, 109.0])
    assert found.nearest_s == pytest.approx([102.0, 105.5, 109.0])
