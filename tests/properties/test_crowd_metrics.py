"""Densities, stops and queues: what holds for whatever people do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.density.crowd_moments import CrowdMoments, sample_crowd_moments
from analytics.density.voronoi_density import measure_individual_density
from analytics.dwell.stops import StopSettings, find_stops
from analytics.metrics.presence import order_by_person
from tests.support.halls.known_crowd import make_track_table
from tests.support.oracles import EXACT_STOPS, count_people, measure_area_density

FLOOR = shapely.box(0, 0, 6, 4)
PLACES = st.lists(
    st.tuples(st.integers(1, 59).map(lambda x: x / 10), st.integers(1, 39).map(lambda y: y / 10)),
    min_size=1,
    max_size=25,
)


def stand(places: list[tuple[float, float]]) -> CrowdMoments:
    xy = np.array(places)
    return CrowdMoments(np.array([0.5]), 1.0, np.array([0, len(xy)]), np.arange(len(xy)), xy[:, 0], xy[:, 1])


@given(PLACES)
@settings(max_examples=25, deadline=None)
def test_everybodys_cells_share_out_the_floor_within_reach(places: list[tuple[float, float]]) -> None:
    moments = stand(places)
    individual = measure_individual_density(moments, floor=FLOOR)
    reached = shapely.union_all(
        [shapely.Point(place).buffer(1.0, quad_segs=16) for place in places]
    ).intersection(FLOOR)
    # a circle of 64 sides reaches 0.1 % less far in some directions
    assert (1 / individual.per_m2).sum() == pytest.approx(reached.area, rel=2e-3)
    # so each person is one person: the mean density times the floor is their number
    mean = measure_area_density(moments, individual, FLOOR)
    assert mean[0] * FLOOR.area == pytest.approx(len(places), rel=1e-6)


def wander(seed: int, rows: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    pace = np.repeat(random.choice([0.0, 0.02, 0.2], rows // 10 + 1), 10)[:rows]
    steps = random.choice([1, 1, 1, 2, 40], rows, p=[0.5, 0.3, 0.1, 0.09, 0.01])
    return make_track_table(
        time_s=np.cumsum(steps) * 0.2,
        tracklet=[1] * rows,
        x_m=np.cumsum(pace * random.normal(1, 0.3, rows)),
        y_m=np.zeros(rows),
    )


@given(st.integers(0, 2**32 - 1), st.integers(1, 300))
@settings(max_examples=25, deadline=None)
def test_stops_are_apart_long_enough_and_within_the_track(seed: int, rows: int) -> None:
    tracks = wander(seed, rows)
    for rule in (EXACT_STOPS, StopSettings()):
        stops = find_stops(tracks=tracks, settings=rule)
        assert (stops["seconds"] >= rule.minimum_s - 1e-6).all()
        assert (stops["started_s"].to_numpy()[1:] > stops["ended_s"].to_numpy()[:-1]).all()
        assert stops["started_s"].min() >= tracks["time_s"].min() or not len(stops)
        assert stops["ended_s"].max() <= tracks["time_s"].max() or not len(stops)


@given(st.integers(0, 2**32 - 1), st.integers(2, 200))
@settings(max_examples=20, deadline=None)
def test_the_moments_hold_the_person_seconds(seed: int, rows: int) -> None:
    tracks = wander(seed, rows)
    ordered = order_by_person(tracks=tracks, longest_gap_s=1.5)
    end_s = float(tracks["time_s"].max()) + 1.0
    moments = sample_crowd_moments(rows=ordered, observed=None, period_s=(0.0, end_s), step_s=0.1)
    starts, ends = ordered.segment_starts(), ordered.segment_ends()
    followed_s = (ordered.time_s[ends] - ordered.time_s[starts] + ordered.sample_interval_s()).sum()
    everywhere = shapely.box(-1e3, -1e3, 1e3, 1e3)
    # each stretch is known to half a step at either end
    assert count_people(moments, everywhere).sum() * 0.1 == pytest.approx(followed_s, abs=0.11 * len(starts))
