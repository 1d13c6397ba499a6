from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from analytics.domain.errors import ExpoFlowError
from tests.support.simulator import needs_simulator
from tools.scenes.scene_cameras import find_seen
from tools.scenes.scenes import SCENE_NAMES, SyntheticScene, film_scene, make_scene, simulate_scene
from vision.simulation.crowd.crowd_samples import CrowdSamples, sample_crowd


@cache
def get_scene(name: str) -> SyntheticScene:
    return make_scene(name, seed=3, duration_s=60.0, fps=2.0)


def sample_seen(scene: SyntheticScene) -> CrowdSamples:
    """Who is in a picture, every second."""
    samples = sample_crowd(paths=scene.paths, interval_s=1.0)
    seen = np.zeros(len(samples.frame), bool)
    for camera in scene.cameras:
        seen |= find_seen(view=camera.view, xy_m=samples.xy_m)
    return CrowdSamples(samples.times_s, samples.frame[seen], samples.visitor[seen], samples.xy_m[seen])


@needs_simulator
@pytest.mark.parametrize("name", SCENE_NAMES)
def test_every_zone_is_wholly_in_view(name: str) -> None:
    scene = get_scene(name)
    for zone in scene.zones:
        left, low, right, high = zone.outline.to_shape().bounds
        grid = np.stack(np.meshgrid(np.linspace(left, right, 9), np.linspace(low, high, 9)), axis=-1)
        seen = np.array([find_seen(view=c.view, xy_m=grid.reshape(-1, 2)) for c in scene.cameras])
        assert seen.any(axis=0).all(), zone.name


@needs_simulator
@pytest.mark.parametrize("name", SCENE_NAMES)
def test_every_camera_reports_most_of_whom_it_sees_and_little_else(name: str) -> None:
    scene = get_scene(name)
    assert len(scene.detections) == len(scene.cameras)
    for camera, filmed in zip(scene.cameras, scene.detections, strict=True):
        samples = sample_crowd(paths=scene.paths, interval_s=1.0)
        in_view = find_seen(view=camera.view, xy_m=samples.xy_m).sum() / 60
        reported = (filmed.visitor >= 0).sum() / len(filmed.frame_times_s)
        assert 0.7 < reported / in_view < 1.1
        assert (filmed.visitor < 0).mean() < 0.3


@needs_simulator
@pytest.mark.parametrize(("name", "least", "most"), [("sparse", 2, 9), ("busy", 12, 21), ("dense", 26, 42)])
def test_about_as_many_are_in_view_as_the_scene_is_for(name: str, least: int, most: int) -> None:
    samples = sample_seen(get_scene(name))
    assert least < len(samples.frame) / len(samples.times_s) < most


@needs_simulator
def test_half_of_what_two_cameras_see_they_both_see() -> None:
    scene = get_scene("two_cameras")
    xy = sample_seen(scene).xy_m
    both = np.all([find_seen(view=camera.view, xy_m=xy) for camera in scene.cameras], axis=0)
    assert 0.3 < both.mean() < 0.65


@needs_simulator
def test_in_a_queue_people_stand_three_fifths_of_a_metre_apart() -> None:
    scene = get_scene("queue")
    zone = next(zone for zone in scene.zones if zone.name == "Tickets")
    samples = sample_crowd(paths=scene.paths, interval_s=1.0)
    gaps = []
    for frame in range(0, 60, 3):
        x, y = samples.xy_m[samples.frame == frame].T
        waiting = np.sort(x[(np.abs(y - 5.0) < 0.25) & (x < 11.8) & (x > zone.outline.points[0][0])])
        gaps += np.diff(waiting).tolist()
    assert len(gaps) > 30
    assert np.median(gaps) == pytest.approx(0.6, abs=0.1)


@needs_simulator
def test_members_of_a_group_stay_together() -> None:
    scene = get_scene("groups")
    samples = sample_crowd(paths=scene.paths, interval_s=1.0)
    nearest = []
    for frame in range(60):
        xy = samples.xy_m[samples.frame == frame]
        apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
        np.fill_diagonal(apart, np.inf)
        nearest += apart.min(axis=1).tolist()
    assert np.median(nearest) < 0.85
    assert min(nearest) > 0.25


@needs_simulator
def test_the_same_arguments_give_the_same_scene_bit_by_bit() -> None:
    first = get_scene("busy")
    again = make_scene("busy", seed=3, duration_s=60.0, fps=2.0)
    other = make_scene("busy", seed=4, duration_s=60.0, fps=2.0)
    assert all(
        np.array_equal(a.xy_m, b.xy_m) for a, b in zip(first.paths.paths, again.paths.paths, strict=True)
    )
    assert first.cameras == again.cameras
    assert np.array_equal(first.detections[0].xyxy, again.detections[0].xyxy)
    assert np.array_equal(first.detections[0].score, again.detections[0].score)
    assert not np.array_equal(first.detections[0].frame_times_s, other.detections[0].frame_times_s)


@needs_simulator
def test_the_same_crowd_can_be_filmed_at_another_rate() -> None:
    first = get_scene("busy")
    faster = film_scene("busy", paths=first.paths, seed=3, fps=10.0)
    assert len(faster.detections[0].frame_times_s) > 4 * len(first.detections[0].frame_times_s)
    assert faster.bodies.height_m.tolist() == first.bodies.height_m.tolist()


@needs_simulator
def test_people_differ_in_height_and_some_are_children() -> None:
    heights = np.concatenate([get_scene(name).bodies.height_m for name in SCENE_NAMES])
    adults = heights[heights >= 1.5]
    assert heights.min() >= 1.0
    assert heights.max() <= 1.95
    assert 0.02 < 1 - len(adults) / len(heights) < 0.16
    assert adults.std() > 0.06


def test_an_unknown_scene_is_named_in_a_sentence() -> None:
    with pytest.raises(ExpoFlowError) as caught:
        simulate_scene("moon", seed=1, duration_s=1.0)
    assert "moon" in str(caught.value)
    assert "busy" in str(caught.value.remedy)
