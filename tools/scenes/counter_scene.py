"""A hall with a row of counters across the view, which hides the legs of whoever stands behind it."""

from __future__ import annotations

import math

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.identifiers import CameraId
from tools.scenes.door_scene import walk_at_random
from tools.scenes.scene_cameras import FrameTiming, SceneCamera, film_crowd, measure_pairs
from tools.scenes.scenes import FRAME_SIZE_WH, SyntheticScene, draw_bodies
from tools.simulation.crowd.exhibition_hall import Furniture
from tools.simulation.crowd.visitor_paths import STEP_S, VisitorPaths
from tools.simulation.crowd.walk_hall import Rectangle
from tools.simulation.detector_simulation import DetectorErrors
from tools.simulation.pinhole_camera import PinholeCamera

COUNTERS_M: Rectangle = (4.0, 5.6, 16.0, 6.4)
"""People stand before and behind it, and walk around its ends."""
_CAMERA_M, _TILT_DEG, _FOV_DEG = (10.0, -1.0, 5.0), 33.0, 84.0
_PAIR_POINTS_M = ((6.2, 3.2), (13.8, 3.2), (10.0, 4.5), (3.2, 8.0), (16.8, 8.0), (10.0, 9.5), (4.2, 10.8))
_BEHIND_SHARE = 0.55
_BEHIND_M, _STAYS_S, _STAYS_SPREAD = (0.3, 0.9), 35.0, 0.7


def make_counter_scene(
    *,
    counter_height_m: float,
    seed: int,
    people_per_minute: float = 6.0,
    duration_s: float = 480.0,
    fps: float = 5.0,
) -> SyntheticScene:
    """Simulate and film the hall; the same arguments give the same scene. Height 0: nothing hides legs."""
    paths = _walk_around(people_per_minute=people_per_minute, seed=seed, duration_s=duration_s)
    bodies = draw_bodies(paths, seed)
    view = PinholeCamera(
        _CAMERA_M, math.radians(90), math.radians(_TILT_DEG), math.radians(_FOV_DEG), FRAME_SIZE_WH
    )
    pairs = measure_pairs(view=view, points_m=_PAIR_POINTS_M, rng=np.random.default_rng([seed, 6]))
    camera = SceneCamera(CameraId("cam"), view, pairs)
    filmed = film_crowd(
        paths=paths,
        camera=camera,
        furniture=[Furniture("counters", COUNTERS_M, counter_height_m, "")] if counter_height_m else [],
        banners_m=(),
        fps=fps,
        timing=FrameTiming(),
        errors=DetectorErrors(),
        height_m=bodies.height_m,
        half_width_m=bodies.half_width_m,
        seed=seed,
    )
    return SyntheticScene("counter", seed, paths, bodies, (), (), (camera,), (filmed,))


def _walk_around(*, people_per_minute: float, seed: int, duration_s: float) -> VisitorPaths:
    rng = np.random.default_rng([seed, 43])
    return walk_at_random(_walk, rng, people_per_minute=people_per_minute, duration_s=duration_s)


def _walk(rng: np.random.Generator) -> FloatArray:
    """Return one person's places in steps of ``STEP_S``, in by one side of the hall and out by the other."""
    left, low, right, high = COUNTERS_M
    way = float(rng.choice([-1.0, 1.0]))
    goals: list[tuple[tuple[float, float], float]] = []
    is_behind = rng.random() < 0.5
    enters_m = high + rng.uniform(1.0, 3.0) if is_behind else low - rng.uniform(0.6, 1.6)
    here = np.array([10 - way * 14.0, enters_m])
    x_m = 10 - way * 14.0
    for _ in range(rng.integers(1, 4)):
        goes_behind = rng.random() < _BEHIND_SHARE
        if goes_behind != is_behind:
            # around the nearer end
            x_m = (left - 0.8) if x_m < 10 else (right + 0.8)
            sides = (low - 0.8, high + 0.8) if goes_behind else (high + 0.8, low - 0.8)
            goals += [((x_m, side), 0.0) for side in sides]
            is_behind = goes_behind
        x_m = float(rng.uniform(left + 0.5, right - 0.5))
        y_m = high + rng.uniform(*_BEHIND_M) if is_behind else low - rng.uniform(0.4, 1.8)
        goals.append(((x_m, float(y_m)), float(rng.lognormal(math.log(_STAYS_S), _STAYS_SPREAD))))
    y_m = high + rng.uniform(0.6, 3.0) if is_behind else low - rng.uniform(0.6, 1.6)
    goals.append(((10 + way * 14.0, float(y_m)), 0.0))
    speed_m_s = float(np.clip(rng.normal(1.2, 0.15), 0.8, 1.6))
    places = [here[None]]
    for goal, stays_s in goals:
        steps = max(round(float(np.hypot(*(goal - here))) / speed_m_s / STEP_S), 1)
        share = np.arange(1, steps + 1)[:, None] / steps
        places.append(here + share * (goal - here))
        stands = round(stays_s / STEP_S)
        sway_m = np.cumsum(rng.normal(0, 0.006, (stands, 2)), axis=0) if stands else np.empty((0, 2))
        places.append(goal + sway_m - np.linspace(0, 1, stands)[:, None] * sway_m[-1:].sum(axis=0))
        here = np.asarray(goal)
    return np.concatenate(places)
