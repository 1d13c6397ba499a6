"""Scenes with exact truth, on which tracking, stitching and dwell times are judged."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import ExpoFlowError
from analytics.domain.identifiers import CameraId
from analytics.domain.zone import CountingLine, Zone
from tools.scenes.scene_cameras import (
    FilmedCrowd,
    SceneCamera,
    film_crowd,
    measure_pairs,
)
from tools.scenes.scene_plans import SCENE_PLANS, CameraMount, ScenePlan
from tools.simulation.crowd.crowd_simulation import simulate_crowd
from tools.simulation.crowd.visitor_paths import VisitorPaths
from tools.simulation.pinhole_camera import PinholeCamera

FRAME_SIZE_WH = (1920, 1080)


@dataclass(frozen=True, slots=True)
class Bodies:
    """How visitors are built, one row for each of the scene's paths.

    Attributes:
        height_m, half_width_m: shape (n,).
    """

    height_m: FloatArray
    half_width_m: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticScene:
    """A crowd with exact positions and what cameras reported of it.

    Attributes:
        paths: everybody's exact way, also outside the cameras' views.
        bodies: in the order of ``paths.paths``.
        zones: all of their floor is in view.
        detections: one for each camera, in the same order.
    """

    name: str
    seed: int
    paths: VisitorPaths
    bodies: Bodies
    zones: tuple[Zone, ...]
    lines: tuple[CountingLine, ...]
    cameras: tuple[SceneCamera, ...]
    detections: tuple[FilmedCrowd, ...]


SCENE_NAMES = tuple(SCENE_PLANS)


def make_scene(name: str, *, seed: int, duration_s: float = 600.0, fps: float = 5.0) -> SyntheticScene:
    """Simulate and film a scene; the same arguments give the same scene, bit by bit.

    Raises:
        ExpoFlowError: there is no such scene, or JuPedSim is not installed.
    """
    return film_scene(name, paths=simulate_scene(name, seed=seed, duration_s=duration_s), seed=seed, fps=fps)


def simulate_scene(name: str, *, seed: int, duration_s: float) -> VisitorPaths:
    """The ways of a scene's visitors, which do not depend on its cameras.

    Raises:
        ExpoFlowError: there is no such scene, or JuPedSim is not installed.
    """
    plan = _find_plan(name)
    return simulate_crowd(
        layout=plan.make_layout(name), duration_s=duration_s, seed=seed, settings=plan.crowd
    )


def film_scene(name: str, *, paths: VisitorPaths, seed: int, fps: float) -> SyntheticScene:
    """Film the ways that `simulate_scene` gave.

    Raises:
        ExpoFlowError: there is no such scene.
    """
    plan = _find_plan(name)
    layout = plan.make_layout(name)
    bodies = draw_bodies(paths, seed)
    cameras = tuple(_hang(mount, np.random.default_rng([seed, 6, i])) for i, mount in enumerate(plan.mounts))
    detections = tuple(
        film_crowd(
            paths=paths,
            camera=camera,
            furniture=layout.furniture,
            banners_m=plan.banners_m,
            fps=fps,
            timing=plan.timing,
            errors=plan.errors,
            height_m=bodies.height_m,
            half_width_m=bodies.half_width_m,
            seed=seed,
        )
        for camera in cameras
    )
    return SyntheticScene(name, seed, paths, bodies, layout.zones, layout.hall.lines, cameras, detections)


def _find_plan(name: str) -> ScenePlan:
    if name not in SCENE_PLANS:
        raise ExpoFlowError(
            "There is no scene '{name}'.", "Choose one of: {names}.", name=name, names=", ".join(SCENE_PLANS)
        )
    return SCENE_PLANS[name]


def draw_bodies(paths: VisitorPaths, seed: int) -> Bodies:
    """How the visitors of paths are built; the same arguments give the same bodies."""
    heights, half_widths = [], []
    for path in paths.paths:
        rng = np.random.default_rng([seed, 7, path.visitor])
        is_child = rng.random() < 0.07
        height = rng.uniform(1.0, 1.5) if is_child else np.clip(rng.normal(1.71, 0.09), 1.5, 1.95)
        heights.append(float(height))
        half_widths.append(float(0.25 * height / 1.7 * rng.uniform(0.88, 1.2)))
    return Bodies(np.array(heights), np.array(half_widths))


def _hang(mount: CameraMount, rng: np.random.Generator) -> SceneCamera:
    view = PinholeCamera(
        mount.position_m,
        math.radians(mount.heading_deg),
        math.radians(mount.tilt_deg),
        math.radians(mount.fov_deg),
        FRAME_SIZE_WH,
    )
    pairs = measure_pairs(view=view, points_m=mount.pair_points_m, rng=rng)
    return SceneCamera(CameraId(mount.name), view, pairs)
