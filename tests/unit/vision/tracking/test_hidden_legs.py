from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import shapely

from analytics.domain.camera import Camera
from analytics.domain.identifiers import TrackletId
from app.analysis.recording_scene import fit_geometry
from tests.support.halls.scripted_people import CAMERA, VIEW, find_box, make_floor_tracker
from tools.scenes.counter_scene import COUNTERS_M, make_counter_scene
from tools.scenes.scenes import SyntheticScene
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.floor_people import find_in_sight
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_view import FloorView
from vision.tracking.sightings import look_at
from vision.tracking.visible_floor import HIDDEN_FEET_CHANCE, VisibleFloor, cover_floor

GEOMETRY = CAMERA.to_geometry()
FPS = 5.0


def see(tracker: FloorTracker, time_s: float, *boxes: list[float]) -> list[TrackedBox]:
    xyxy, score = np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), 0.9, np.float32)
    return list(tracker.update(time_s, Detections(xyxy, score)))


def find_error_m(found: TrackedBox, x_m: float, y_m: float) -> float:
    assert found.foot is not None
    place = GEOMETRY.project_to_floor(np.array([[found.foot.u_px, found.foot.v_px]]))[0]
    return float(np.hypot(*(place - (x_m, y_m))))


def walk_behind_counter(tracker: FloorTracker, begin_s: float) -> list[TrackedBox]:
    """Somebody walks in from the side, stands behind a counter for 20 s, and is seen to the waist there."""
    found: list[TrackedBox] = []
    for frame in range(round(28 * FPS)):
        time_s = frame / FPS
        y_m = max(0.15, 4.0 - 0.8 * time_s)
        hidden_share = 0.45 if y_m < 1.0 else 0.0
        found += see(tracker, begin_s + time_s, find_box(9.0, y_m, hidden_share=hidden_share))
    return found


def test_a_newcomer_is_no_child_where_a_counter_has_hidden_the_feet_of_others() -> None:
    tracker = make_floor_tracker()
    walk_behind_counter(tracker, 0.0)
    tracker.finish()
    found = [
        box
        for frame in range(25)
        for box in see(tracker, 40 + frame / FPS, find_box(9.0, 0.15, hidden_share=0.45))
    ]
    assert find_error_m(found[-1], 9.0, 0.15) < 0.6


@pytest.mark.parametrize("hidden_share", [0.35, 0.5])
def test_a_newcomer_as_wide_as_an_adult_is_no_child_wherever_a_counter_may_be(hidden_share: float) -> None:
    tracker = make_floor_tracker()
    behind, child = (9.0, 0.15), (7.0, -1.5)
    found = [
        box
        for frame in range(25)
        for box in see(
            tracker,
            frame / FPS,
            find_box(*behind, hidden_share=hidden_share),
            find_box(*child, height_m=1.7 * (1 - hidden_share)),
        )
    ]
    assert find_error_m(found[-2], *behind) < 0.6
    assert find_error_m(found[-1], *child) < 0.3


def test_whose_feet_are_hidden_never_becomes_as_certain_as_who_is_seen_whole() -> None:
    tracker = make_floor_tracker()
    walk_behind_counter(tracker, 0.0)
    hidden = see(tracker, 28.0, find_box(9.0, 0.15, hidden_share=0.45))[0].foot
    in_sight = make_floor_tracker()
    seen = [see(in_sight, frame / FPS, find_box(9.0, 0.15)) for frame in range(round(20 * FPS))]
    whole = seen[-1][0].foot
    assert hidden is not None
    assert whole is not None
    assert whole.sigma_m < 0.09
    assert hidden.sigma_m > 0.1


def test_a_place_where_walkers_lack_legs_hides_feet_until_they_are_seen_there() -> None:
    floor = VisibleFloor(VIEW)
    feet, elsewhere = np.array([[600.0], [400.0]]), np.array([[600.0], [500.0]])
    for lacking, people, (low, high) in ((0.15, 8, (0.8, 0.9)), (0.0, 20, (0.0, 0.06))):
        for _ in range(people):
            floor.learn(feet, np.array([lacking]), np.array([0.08]))
        assert low <= floor.find_hidden_chance(feet)[0] <= high
        assert floor.find_hidden_chance(elsewhere)[0] == HIDDEN_FEET_CHANCE


def test_few_children_among_the_walkers_hide_no_floor() -> None:
    rng = np.random.default_rng(5)
    floor, feet = VisibleFloor(VIEW), np.array([[600.0], [400.0]])
    for number in range(200):
        lacking = 0.3 if number % 10 == 0 else rng.normal(0, 0.08)
        floor.learn(feet, np.array([lacking]), np.array([0.08]))
    assert floor.find_hidden_chance(feet)[0] < HIDDEN_FEET_CHANCE


def test_the_floor_behind_a_counter_of_the_plan_is_hidden_as_deep_as_its_height_says() -> None:
    counter = shapely.box(8.0, -2.0, 8.8, 2.0)
    for height_m in (0.7, 1.1):
        covered = cover_floor(dataclasses.replace(VIEW, obstacles=((counter, height_m),)))
        camera_m, far_m = CAMERA.position_m, 8.8
        shadow_m = height_m * (far_m - camera_m[0]) / (camera_m[2] - height_m)
        places = np.array([[7.9, 0.0], [8.4, 0.0], [8.8 + 0.9 * shadow_m, 0.0], [8.8 + 1.1 * shadow_m, 0.0]])
        pixels = GEOMETRY.project_to_pixel(places)
        assert shapely.contains_xy(covered, pixels).tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    "counter_height_m",
    [pytest.param(0.7, marks=pytest.mark.slow), 0.9, pytest.param(1.1, marks=pytest.mark.slow)],
)
def test_people_behind_a_counter_of_the_plan_stand_where_they_do(counter_height_m: float) -> None:
    scene = make_counter_scene(counter_height_m=counter_height_m, seed=1, duration_s=300.0)
    known, unknown = (
        measure_behind_counter(scene, obstacles)
        for obstacles in (((shapely.box(*COUNTERS_M), counter_height_m),), ())
    )
    # 0.13 to 0.15 m over two scenes of 8 minutes; so few people differ by their heights
    assert np.median(np.hypot(*known.T)) <= 0.18
    assert abs(np.median(known[:, 1])) <= 0.1
    assert abs(np.median(known[:, 1])) < abs(np.median(unknown[:, 1]))


def measure_behind_counter(
    scene: SyntheticScene, obstacles: tuple[tuple[shapely.Geometry, float], ...]
) -> np.ndarray:
    """Errors in x and y of people who stand behind the counter: found minus true, shape (n, 2)."""
    (camera,), (filmed,) = scene.cameras, scene.detections
    geometry = fit_geometry(Camera(camera.name, camera.frame_size_wh, camera.pairs))
    tracker = FloorTracker(
        map(TrackletId, itertools.count(1)).__next__,
        FloorView(geometry, camera.frame_size_wh, obstacles=obstacles),
    )
    keys = zip(np.round(filmed.frame_times_s[filmed.frame], 3), filmed.xyxy[:, 0], strict=True)
    shown = dict(zip(keys, filmed.visitor.tolist(), strict=True))
    paths = {path.visitor: path for path in scene.paths.paths}
    left, _, right, high = COUNTERS_M
    errors_m = []
    for time_s, boxes, scores in filmed.frames():
        for found in tracker.update(time_s, Detections(boxes, scores)):
            path = paths.get(shown.get((round(found.time_s, 3), found.xyxy[0]), -1))
            state = path and path.state_at(found.time_s)
            if not state or found.foot is None:
                continue
            x_m, y_m = state.xy_m
            if left < x_m < right and high < y_m < high + 1.0:
                # the feet are before the body
                away_m = np.array([x_m - camera.view.position_m[0], y_m - camera.view.position_m[1]])
                feet_m = np.array([x_m, y_m]) - 0.1 * away_m / np.hypot(*away_m)
                errors_m.append(np.array([found.foot.x_m, found.foot.y_m]) - feet_m)
    return np.array(errors_m)


def test_whoever_bends_for_some_seconds_stays_as_tall_as_before() -> None:
    tracker = make_floor_tracker()
    found: list[TrackedBox] = []
    for frame in range(round(20 * FPS)):
        is_bent = 10.0 <= frame / FPS < 14.0
        found += see(tracker, frame / FPS, find_box(9.0, 0.0, height_m=1.25 if is_bent else 1.7))
    heights_m = [box.foot.height_m for box in found if box.time_s >= 9.0 and box.foot is not None]
    assert {box.tracklet for box in found} == {1}
    assert heights_m == pytest.approx([1.7] * len(heights_m), abs=0.1)


@pytest.mark.parametrize(("covered_px", "in_sight"), [(0, 1.0), (30, 0.5), (70, 0.0), (100, 0.0)])
def test_whoever_is_hidden_for_the_most_part_could_not_have_been_seen(
    covered_px: float, in_sight: float
) -> None:
    in_front = np.array([[500.0, 400.0 - covered_px, 600.0, 450.0]])
    sightings = look_at(VIEW, in_front, np.ones(1))
    edges = np.array([[520.0], [300.0], [560.0], [400.0]])
    assert find_in_sight(edges, np.array([-1]), sightings) == pytest.approx([in_sight])
    # nobody hides themselves
    assert find_in_sight(edges, np.array([0]), sightings) == pytest.approx([1.0])


@pytest.mark.slow
@pytest.mark.parametrize("hidden_share", [0.3, 0.45])
def test_an_odd_box_is_followed_about_as_far_as_one_that_shows_somebody_whole(hidden_share: float) -> None:
    assert find_longest_step_m(hidden_share) > 0.8 * find_longest_step_m(0.0)


def find_longest_step_m(hidden_share: float) -> float:
    """How far somebody who stood may step aside between two frames and still be the same person."""
    return max(step_m for step_m in np.arange(0.0, 1.0, 0.02) if is_followed(step_m, hidden_share))


def is_followed(step_m: float, hidden_share: float) -> bool:
    tracker = make_floor_tracker()
    found = [box for frame in range(20) for box in see(tracker, frame / FPS, find_box(8.0, 0.0))]
    beside = find_box(8.0, step_m, hidden_share=hidden_share)
    found += [box for frame in range(20, 26) for box in see(tracker, frame / FPS, beside)]
    return len({box.tracklet for box in found}) == 1


@pytest.mark.slow
@pytest.mark.parametrize("hidden_share", [0.1, 0.15, 0.25])
def test_staff_alone_behind_a_counter_before_the_doors_open_shrink_nobody_after_them(
    hidden_share: float,
) -> None:
    tracker = make_floor_tracker()
    rng = np.random.default_rng(3)
    for second in range(1200):
        y_m = 1.5 * np.sin(second / 40) + rng.normal(0, 0.02)
        for frame in range(2):
            see(tracker, second + frame / 2, find_box(9.0, float(y_m), hidden_share=hidden_share))
    tracker.finish()
    for begin_s in (2000, 2020):
        for frame in range(round(10 * FPS)):
            see(tracker, begin_s + frame / FPS, find_box(6.0 + 0.1 * frame, -2.0))
        tracker.finish()
    in_front = find_box(8.0, -2.0)
    found = [
        box
        for frame in range(25)
        for box in see(tracker, 2100 + frame / FPS, in_front, find_box(9.0, -2.0, hidden_share=0.45))
    ]
    behind = [box for box in found if box.xyxy[3] < in_front[3] - 5]
    assert find_error_m(behind[-1], 9.0, -2.0) < 0.35
