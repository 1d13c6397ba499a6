from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.dwell.stops import StopSettings, find_stops, measure_stop_seconds
from analytics.metrics.presence import order_by_person
from analytics.metrics.speed import measure_speed, measure_velocity, smooth_positions
from tests.support.halls.known_crowd import break_tracks, make_crowd, make_track_table
from tests.support.oracles import EXACT_STOPS


def walk_and_stand(*, stands_s: float, visitor: int = 1, start_s: float = 0.0) -> pd.DataFrame:
    """Make a walk at 1 m/s from x = 0 to 5, then still, then on to 10."""
    moments = np.arange(0.0, 10.0 + stands_s + 1e-9, 0.2)
    x = np.interp(moments, [0.0, 5.0, 5.0 + stands_s, 10.0 + stands_s], [0.0, 5.0, 5.0, 10.0])
    who = np.full(len(x), visitor)
    return make_track_table(
        time_s=start_s + moments, tracklet=who, visitor=who, x_m=x, y_m=np.full(len(x), 2.0)
    )


def test_the_velocity_has_its_direction_and_does_not_reach_over_a_gap() -> None:
    moments = np.array([0.0, 0.5, 1.0, 20.0, 20.5, 21.0, 40.0])
    tracks = make_track_table(
        time_s=moments, tracklet=[1] * 7, x_m=[0, 1, 2, 50, 50, 50, 9], y_m=[0, 0, 0, 0, -1, -2, 9]
    )
    vx, vy = measure_velocity(order_by_person(tracks=tracks, longest_gap_s=2.0))
    assert vx == pytest.approx([2, 2, 2, 0, 0, 0, np.nan], nan_ok=True)
    assert vy == pytest.approx([0, 0, 0, -2, -2, -2, np.nan], nan_ok=True)


def test_irregular_rows_give_the_same_speed() -> None:
    moments = np.array([0.0, 0.1, 0.7, 0.8, 1.4, 1.5, 2.6])
    tracks = make_track_table(time_s=moments, tracklet=[1] * 7, x_m=1.2 * moments, y_m=np.zeros(7))
    assert measure_speed(order_by_person(tracks=tracks, longest_gap_s=2.0)) == pytest.approx(
        [1.2] * 7, rel=1e-5
    )


def test_smoothing_keeps_a_straight_walk() -> None:
    rows = order_by_person(tracks=walk_and_stand(stands_s=0.0), longest_gap_s=2.0)
    assert smooth_positions(rows, window_s=1.0).x_m == pytest.approx(rows.x_m, abs=1e-5)


def test_a_stop_lasts_from_the_first_slow_row_to_the_last() -> None:
    stops = find_stops(tracks=walk_and_stand(stands_s=10.0), settings=EXACT_STOPS)
    # half a second after standing begins, less what 0.3 m/s is reached by: 0.35 s
    assert stops["seconds"].tolist() == pytest.approx([9.4], abs=0.21)
    assert stops["x_m"].tolist() == pytest.approx([5.0], abs=0.05)
    assert stops[["censored_start", "censored_end"]].to_numpy().tolist() == [[0, 0]]


def test_three_seconds_are_a_stop_and_two_are_none() -> None:
    assert len(find_stops(tracks=walk_and_stand(stands_s=4.0), settings=EXACT_STOPS)) == 1
    assert len(find_stops(tracks=walk_and_stand(stands_s=2.0), settings=EXACT_STOPS)) == 0


def test_stops_agree_with_the_definition_taken_row_by_row() -> None:
    tracks = make_crowd(seed=5, duration_s=300.0, arrivals_per_h=600.0)
    found = []
    for person, rows in tracks.groupby("visitor"):
        time_s, x, y = (rows[name].to_numpy(np.float64) for name in ("time_s", "x_m", "y_m"))
        run: list[float] = []
        for moment in [*time_s.tolist(), None]:
            speed = np.inf
            if moment is not None:
                low, high = max(time_s[0], moment - 0.5), min(time_s[-1], moment + 0.5)
                ways = [np.interp(high, time_s, v) - np.interp(low, time_s, v) for v in (x, y)]
                speed = np.hypot(*ways) / (high - low) if high > low else np.inf
            if speed < 0.3:
                run.append(moment)
            else:
                if run and run[-1] - run[0] >= 3.0 - 1e-6:
                    found.append((person, run[0], run[-1]))
                run = []
    stops = find_stops(tracks=tracks, settings=EXACT_STOPS)
    assert len(found) > 20
    assert stops[["visitor", "started_s", "ended_s"]].to_numpy() == pytest.approx(np.array(found))


@pytest.mark.parametrize("sigma_m", [0.1, 0.3])
def test_errors_of_the_position_change_neither_the_stops_nor_their_time(sigma_m: float) -> None:
    exact = make_crowd(seed=1, duration_s=1200.0, arrivals_per_h=400.0)
    truth = find_stops(tracks=exact, settings=EXACT_STOPS)
    seen = break_tracks(exact, seed=2, sigma_m=sigma_m, break_every_s=1e9)
    stops = find_stops(tracks=seen, settings=StopSettings())
    assert len(stops) == pytest.approx(len(truth), rel=0.03)
    assert stops["seconds"].sum() == pytest.approx(truth["seconds"].sum(), rel=0.02)


def test_an_outage_splits_a_stop() -> None:
    tracks = walk_and_stand(stands_s=20.0)
    tracks = tracks[(tracks["time_s"] < 12.0) | (tracks["time_s"] >= 13.2)]
    spans = pd.DataFrame(
        {"camera": ["cam"] * 2, "start_s": [0.0, 13.2], "end_s": [11.9, 40.0], "frames": [60, 60]}
    )
    one = find_stops(tracks=tracks, settings=StopSettings())
    two = find_stops(tracks=tracks, spans=spans, settings=StopSettings())
    assert (len(one), len(two)) == (1, 2)
    assert two["censored_end"].tolist() == [1, 0]
    assert two["censored_start"].tolist() == [0, 1]


def test_stop_seconds_are_those_within_each_visit_of_the_same_visitor() -> None:
    stops = pd.DataFrame(
        {"visitor": [1, 1, 2], "started_s": [10.0, 30.0, 0.0], "ended_s": [20.0, 35.0, 100.0]}
    )
    visits = pd.DataFrame(
        {"visitor": [1, 2, 1, 3], "entered_s": [15.0, 50.0, 0.0, 0.0], "left_s": [33.0, 60.0, 5.0, 90.0]}
    )
    assert measure_stop_seconds(visits=visits, stops=stops).tolist() == [8.0, 10.0, 0.0, 0.0]
