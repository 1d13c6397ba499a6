from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from analytics.domain.identifiers import CameraId
from tools.scenes.scene_cameras import (
    FilmedCrowd,
    FrameTiming,
    SceneCamera,
    film_crowd,
    find_seen,
    measure_pairs,
)
from tools.simulation.crowd.crowd_samples import sample_crowd_at
from tools.simulation.crowd.visitor_paths import VisitorPaths, WalkSettings, simulate_visitors
from tools.simulation.crowd.walk_hall import make_demo_hall
from tools.simulation.detector_simulation import DetectorErrors
from tools.simulation.pinhole_camera import PinholeCamera

VIEW = PinholeCamera((6.0, -2.6, 4.4), math.pi / 2, math.radians(30), math.radians(78), (1280, 720))
PLACES = ((4.0, 2.0), (8.0, 2.0), (3.0, 5.0), (9.0, 5.0), (6.0, 7.0))
PAIRS = measure_pairs(view=VIEW, points_m=PLACES, rng=np.random.default_rng(1))
CAMERA = SceneCamera(CameraId("cam"), VIEW, PAIRS)
FLAWLESS = DetectorErrors(
    missed_share=0.0, bursts_per_s=0.0, edge_sigma_parts=0.0, edge_sigma_px=0.0, ghosts_per_s=0.0
)


@pytest.fixture(scope="module")
def paths() -> VisitorPaths:
    settings = WalkSettings(arrivals_per_s=0.3)
    return simulate_visitors(hall=make_demo_hall(), duration_s=40.0, seed=1, settings=settings)


def film(
    paths: VisitorPaths,
    *,
    fps: float = 5.0,
    timing: FrameTiming | None = None,
    errors: DetectorErrors = FLAWLESS,
    seed: int = 1,
) -> FilmedCrowd:
    count = len(paths.paths)
    return film_crowd(
        paths=paths,
        camera=CAMERA,
        furniture=(),
        banners_m=(),
        fps=fps,
        timing=timing or FrameTiming(),
        errors=errors,
        height_m=np.full(count, 1.7),
        half_width_m=np.full(count, 0.25),
        seed=seed,
    )


@pytest.mark.slow
def test_foot_points_match_the_true_positions(paths: VisitorPaths) -> None:
    filmed = film(paths)
    true = sample_crowd_at(paths=paths, times_s=filmed.frame_times_s)
    where = dict(zip(zip(true.frame, true.visitor, strict=True), true.xy_m, strict=True))
    feet = np.column_stack([filmed.xyxy[:, [0, 2]].mean(axis=1), filmed.xyxy[:, 3]]).astype(float)
    on_floor = CAMERA.exact_geometry.project_to_floor(feet)
    exact = np.array([where[key] for key in zip(filmed.frame, filmed.visitor, strict=True)])
    error_m = np.hypot(*(on_floor - exact).T)
    # a foot is a little nearer than the middle of the body
    assert np.median(error_m) < 0.15
    assert len(filmed.score) > 300


def test_empty_frames_are_included(paths: VisitorPaths) -> None:
    filmed = film(paths, errors=replace(FLAWLESS, score_threshold=0.99))
    frames = list(filmed.frames())
    assert [time_s for time_s, _, _ in frames] == filmed.frame_times_s.tolist()
    assert sum(len(score) for _, _, score in frames) == len(filmed.score) == 0
    filled = film(paths)
    joined = np.concatenate([xyxy for _, xyxy, _ in filled.frames()])
    assert np.array_equal(joined, filled.xyxy)


def test_only_floor_points_in_the_picture_are_seen() -> None:
    corners = VIEW.to_geometry().project_to_floor(np.array([(1.0, 700.0), (-40.0, 700.0), (640.0, 400.0)]))
    assert find_seen(view=VIEW, xy_m=corners).tolist() == [True, False, True]
    assert not find_seen(view=VIEW, xy_m=np.array([[6.0, -20.0]])).any()
