from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from analytics.domain.errors import ExpoFlowError
from tests.support.simulator import needs_simulator
from tools.scenes.scene_cameras import find_seen
from tools.scenes.scenes import SCENE_NAMES, SyntheticScene, make_scene, simulate_scene


@cache
def get_scene(name: str) -> SyntheticScene:
    return make_scene(name, seed=3, duration_s=60.0, fps=2.0)


@pytest.mark.slow
@needs_simulator
@pytest.mark.parametrize("name", SCENE_NAMES)
def test_every_zone_is_completely_in_view(name: str) -> None:
    scene = get_scene(name)
    for zone in scene.zones:
        left, low, right, high = zone.outline.to_shape().bounds
        grid = np.stack(np.meshgrid(np.linspace(left, right, 9), np.linspace(low, high, 9)), axis=-1)
        seen = np.array([find_seen(view=c.view, xy_m=grid.reshape(-1, 2)) for c in scene.cameras])
        assert seen.any(axis=0).all(), zone.name


@pytest.mark.slow
@needs_simulator
def test_equal_arguments_give_identical_scenes() -> None:
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


def test_an_unknown_scene_is_rejected() -> None:
    with pytest.raises(ExpoFlowError) as caught:
        simulate_scene("moon", seed=1, duration_s=1.0)
    assert "moon" in str(caught.value)
    assert "busy" in str(caught.value.remedy)
