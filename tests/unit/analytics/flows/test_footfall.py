"""Crossings of a line from (0, 0) to (0, 10): left of it is x < 0, so that ``in`` is towards x > 0."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.columns import CROSSING_COLUMNS, TRACK_COLUMNS, empty_table
from analytics.domain.floor_geometry import Polyline
from analytics.domain.identifiers import LineId
from analytics.domain.zone import CountingLine, ZoneKind
from analytics.flows.footfall import CrossingSettings, compute_crossings, count_crossings
from tests.support.halls.known_crowd import make_track_table

DOOR = CountingLine(LineId("door"), ZoneKind.ENTRANCE, Polyline.from_points([(0, 0), (0, 10)], what="door"))
BENT = CountingLine(
    LineId("bent"), ZoneKind.ENTRANCE, Polyline.from_points([(0, 0), (0, 5), (5, 5)], what="bent")
)


def crossings_of(
    *points: tuple[float, float], line: CountingLine = DOOR, step_s: float = 1.0, tracklet: int = 1
) -> list[tuple[float, str]]:
    x, y = np.array(points, float).T
    tracks = make_track_table(time_s=step_s * np.arange(len(x)), tracklet=[tracklet] * len(x), x_m=x, y_m=y)
    table = compute_crossings(tracks=tracks, lines=[line], settings=CrossingSettings())
    return [(round(time_s, 6), way) for time_s, way in zip(table["time_s"], table["direction"], strict=True)]


@pytest.mark.parametrize(
    ("line", "points", "expected"),
    [
        pytest.param(DOOR, [(-2, 5), (-1, 5), (1, 5), (2, 5)], [(1.5, "in")], id="left to right"),
        pytest.param(DOOR, [(2, 5), (0.5, 5), (-1.5, 5)], [(1.25, "out")], id="right to left"),
        pytest.param(DOOR, [(-2, 5), (2, 5), (-2, 5)], [(0.5, "in"), (1.5, "out")], id="there and back"),
        pytest.param(DOOR, [(-2, 5), (0, 5), (2, 5)], [(1.0, "in")], id="a row on the line"),
        pytest.param(DOOR, [(-2, 5), (-0.1, 5), (0.2, 5), (-0.1, 5), (-2, 5)], [], id="turn in the band"),
        pytest.param(DOOR, [(-2, 5), (0.1, 5), (-0.1, 5), (0.1, 5), (2, 5)], [(2.5, "in")], id="swaying"),
        pytest.param(DOOR, [(-0.2, 5), (0.8, 5), (1.8, 5)], [(0.2, "in")], id="begins in the band"),
        pytest.param(DOOR, [(2, 5), (0.8, 5), (-0.2, 5)], [(1.8, "out")], id="ends in the band"),
        pytest.param(DOOR, [(0.2, 5), (1.2, 5), (2.2, 5)], [], id="begins beyond the line"),
        pytest.param(DOOR, [(-2, 11), (2, 11)], [], id="beyond the end of the line"),
        pytest.param(DOOR, [(-2, 9), (-2, 12), (2, 12), (2, 9)], [], id="round the end of the line"),
        pytest.param(BENT, [(-2, 2), (2, 2)], [(0.5, "in")], id="first part"),
        pytest.param(BENT, [(3, 7), (3, 3)], [(0.5, "in")], id="second part"),
        pytest.param(BENT, [(-2, 7), (2, 3)], [(0.5, "in")], id="through the corner"),
        pytest.param(BENT, [(-2, 4), (4, 10)], [], id="in and out between two rows"),
    ],
)
def test_a_crossing_counts_once_at_the_intersection(
    line: CountingLine, points: list[tuple[float, float]], expected: list[tuple[float, str]]
) -> None:
    assert crossings_of(*points, line=line) == expected


@pytest.mark.parametrize("first_x_m", [-0.2, 0.0, 0.2])
def test_a_track_that_begins_in_the_band_and_stands_there_does_not_count(first_x_m: float) -> None:
    stands = [(first_x_m, 5.0)] * 3
    assert crossings_of(*stands, (1, 5), (2, 5)) == []
    assert crossings_of((-2, 5), (-1, 5), *stands) == []


def test_leaving_slowly_behind_others_counts_where_the_track_ends_beyond_the_line() -> None:
    queue = [(-0.25 * seconds, 5.0) for seconds in np.arange(-5.0, 0.8, 0.2)]
    assert [way for _, way in crossings_of(*queue, step_s=0.2)] == ["out"]
    assert crossings_of(*queue, *[queue[-1]] * 11, step_s=0.2) == []


def make_walk(*, start_s: float, x_m: float, tracklet: int, end_x_m: float = 6.0) -> pd.DataFrame:
    """Make a walk at 1 m/s towards greater x at y = 5."""
    steps = round((end_x_m - x_m) / 0.2) + 1
    return make_track_table(
        time_s=start_s + 0.2 * np.arange(steps), tracklet=np.full(steps, tracklet),
        x_m=x_m + 0.2 * np.arange(steps), y_m=np.full(steps, 5.0), sigma_m=0.08,
    )  # fmt: skip


BESIDE = make_track_table(time_s=[0.0, 60.0], tracklet=[9, 9], x_m=[40.0, 40.0], y_m=[5.0, 5.0])
"""Rows of a distant person at the begin and end of the observation."""


def crossings_of_tracks(*tables: pd.DataFrame, spans: pd.DataFrame | None = None) -> list[tuple[float, str]]:
    tracks = pd.concat(tables).sort_values("time_s", kind="stable", ignore_index=True)
    table = compute_crossings(tracks=tracks, lines=[DOOR], settings=CrossingSettings(), spans=spans)
    return [(round(time_s, 3), way) for time_s, way in zip(table["time_s"], table["direction"], strict=True)]


def test_a_track_that_begins_just_beyond_the_line_counts() -> None:
    assert crossings_of_tracks(BESIDE, make_walk(start_s=20.0, x_m=0.7, tracklet=1)) == [(19.3, "in")]


def test_a_track_that_begins_far_beyond_the_line_does_not_count() -> None:
    walk = make_walk(start_s=20.0, x_m=1.4, tracklet=1)
    assert crossings_of_tracks(BESIDE, walk) == []
    # at two frames a second, somebody who is found in the third has been unseen for longer
    rare = walk.iloc[::3].assign(time_s=20.0 + 0.5 * np.arange(len(walk.iloc[::3])))
    assert crossings_of_tracks(BESIDE, rare) == [(18.833, "in")]


def test_a_track_lost_and_found_beyond_the_line_counts_once() -> None:
    before = make_walk(start_s=10.0, x_m=-3.0, tracklet=1, end_x_m=0.6)
    after = make_walk(start_s=14.0, x_m=0.8, tracklet=2)
    assert crossings_of_tracks(BESIDE, before, after) == [(13.0, "in")]


def test_an_entry_beside_a_leaving_person_counts() -> None:
    leaves = make_walk(start_s=10.0, x_m=-1.0, tracklet=1, end_x_m=4.0)
    leaves["x_m"] = leaves["x_m"].to_numpy()[::-1] + 1.4
    comes = make_walk(start_s=16.0, x_m=0.6, tracklet=2)
    assert crossings_of_tracks(BESIDE, leaves, comes) == [(15.4, "out"), (15.4, "in")]


def test_a_track_continued_under_another_number_counts() -> None:
    before = make_walk(start_s=10.0, x_m=-4.0, tracklet=1, end_x_m=-1.6)
    after = make_walk(start_s=15.4, x_m=1.4, tracklet=2)
    assert crossings_of_tracks(BESIDE, before, after) == [(14.0, "in")]
    # somebody who walks the other way is another
    other_way = after.assign(x_m=after["x_m"].to_numpy()[::-1])
    assert crossings_of_tracks(BESIDE, before, other_way) == []
    # and so is who begins to walk where nobody can have got to
    assert crossings_of_tracks(BESIDE, before, make_walk(start_s=12.6, x_m=3.4, tracklet=2)) == []


def test_a_track_that_ends_just_before_the_line_counts() -> None:
    assert crossings_of_tracks(BESIDE, make_walk(start_s=10.0, x_m=-4.0, tracklet=1, end_x_m=-0.6)) == [
        (14.0, "in")
    ]
    assert crossings_of_tracks(BESIDE, make_walk(start_s=10.0, x_m=-4.0, tracklet=1, end_x_m=-1.4)) == []


@pytest.mark.parametrize(("end_x_m", "second_camera", "counted"), [
    (1.4, "east", 1), (1.4, "west", 2), (6.0, "east", 2),
])  # fmt: skip
def test_a_short_second_track_of_one_camera_is_a_duplicate(
    end_x_m: float, second_camera: str, counted: int
) -> None:
    one = make_walk(start_s=20.0, x_m=-8.0, tracklet=1, end_x_m=8.0)
    # the two cameras see it in turn
    one = one.assign(camera=np.where(np.arange(len(one)) % 2, second_camera, "west"))
    double = make_walk(start_s=26.4, x_m=-1.4, tracklet=2, end_x_m=end_x_m).assign(camera="west", y_m=5.6)
    elsewhere = BESIDE.assign(camera="east")
    assert len(crossings_of_tracks(elsewhere, one, double)) == counted


def test_no_crossing_is_inferred_after_the_observation() -> None:
    walk = make_walk(start_s=10.0, x_m=-4.0, tracklet=1, end_x_m=-0.6)
    spans = pd.DataFrame({"camera": ["cam"], "start_s": [0.0], "end_s": [13.6], "frames": [68]})
    assert crossings_of_tracks(BESIDE.iloc[:1], walk, spans=spans) == []


def test_a_lost_and_a_found_stander_on_both_sides_make_no_crossing() -> None:
    stands = {"y_m": [5.0] * 50, "sigma_m": 0.08}
    lost = make_track_table(time_s=10.0 + 0.2 * np.arange(50), tracklet=[1] * 50, x_m=[-0.5] * 50, **stands)
    found = make_track_table(time_s=20.5 + 0.2 * np.arange(50), tracklet=[2] * 50, x_m=[0.5] * 50, **stands)
    assert crossings_of_tracks(BESIDE, lost, found) == []


def test_no_crossing_is_inferred_before_the_observation() -> None:
    walk = make_walk(start_s=20.2, x_m=0.7, tracklet=1)
    spans = pd.DataFrame(
        {"camera": ["cam"] * 2, "start_s": [0.0, 20.0], "end_s": [10.0, 60.0], "frames": [50, 200]}
    )
    assert crossings_of_tracks(BESIDE, walk, spans=spans) == []
    assert crossings_of_tracks(BESIDE, walk, spans=spans.assign(start_s=[0.0, 19.0])) == [(19.5, "in")]


def test_a_crossing_during_a_short_outage_counts() -> None:
    walk = make_walk(start_s=20.0, x_m=-3.0, tracklet=1)
    walk = walk[(walk["time_s"] <= 22.0) | (walk["time_s"] >= 24.0)]
    spans = pd.DataFrame(
        {"camera": ["cam"] * 2, "start_s": [0.0, 24.0], "end_s": [22.0, 60.0], "frames": [110, 180]}
    )
    assert crossings_of_tracks(BESIDE, walk, spans=spans) == [(23.0, "in")]


def make_standing(*, x_m: float, sigma_m: float, seed: int) -> pd.DataFrame:
    """Make a person standing for ten minutes with a position error correlated over two seconds."""
    random = np.random.default_rng(seed)
    slow = np.empty((3000, 2))
    slow[0] = random.normal(0, sigma_m, 2)
    keep = np.exp(-0.2 / 2.0)
    for row in range(1, len(slow)):
        slow[row] = keep * slow[row - 1] + np.sqrt(1 - keep**2) * random.normal(0, sigma_m, 2)
    return make_track_table(
        time_s=0.2 * np.arange(len(slow)), tracklet=np.full(len(slow), seed), x_m=x_m + slow[:, 0],
        y_m=5.0 + slow[:, 1], sigma_m=sigma_m,
    )  # fmt: skip


@pytest.mark.parametrize(("sigma_m", "broken_every_s"), [(0.03, None), (0.1, None), (0.2, None), (0.1, 5.0)])
def test_standing_on_a_line_makes_up_no_crossing(sigma_m: float, broken_every_s: float | None) -> None:
    tracks = pd.concat([make_standing(x_m=0.0, sigma_m=sigma_m, seed=seed) for seed in range(1, 7)])
    if broken_every_s is not None:
        tracks["tracklet"] = tracks["tracklet"] * 1000 + (tracks["time_s"] // broken_every_s).astype("int64")
    crossings = compute_crossings(
        tracks=tracks.sort_values("time_s"), lines=[DOOR], settings=CrossingSettings()
    )
    assert len(crossings) == 0


def test_twice_in_the_same_direction_counts_once_within_ten_seconds() -> None:
    # back to the left side round the end of the line
    round_the_end = [(2.0, 12.0), (-2.0, 12.0)]
    assert crossings_of((-2, 5), (2, 5), *round_the_end, (-2, 5), (2, 5)) == [(0.5, "in")]
    waits = [(-2.0, 12.0)] * 8
    twice = crossings_of((-2, 5), (2, 5), *round_the_end, *waits, (-2, 5), (2, 5))
    assert twice == [(0.5, "in"), (12.5, "in")]


def test_a_long_absence_counts_nothing_and_a_missed_row_is_bridged() -> None:
    assert crossings_of((-2, 5), (2, 5), step_s=6.0) == []
    assert crossings_of((-2, 5), (2, 5), step_s=4.0) == [(2.0, "in")]


def test_counts_name_every_line_and_no_rows_give_every_column() -> None:
    nothing = compute_crossings(
        tracks=empty_table(TRACK_COLUMNS), lines=[DOOR, BENT], settings=CrossingSettings()
    )
    assert {name: str(kind) for name, kind in nothing.dtypes.items()} == {
        column.name: column.dtype for column in CROSSING_COLUMNS
    }
    some = pd.DataFrame(
        {"visitor": [1, 2], "line": ["door"] * 2, "time_s": [0.0, 1.0], "direction": ["in", "in"]}
    )
    assert count_crossings(crossings=some, lines=[DOOR, BENT]) == {
        "door": {"in": 2, "out": 0},
        "bent": {"in": 0, "out": 0},
    }
