"""A hall whose only door is inside the view: everybody comes and goes through one place of the picture."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.identifiers import CameraId, LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from tools.scenes.scene_cameras import FrameTiming, SceneCamera, film_crowd, measure_pairs
from tools.scenes.scenes import FRAME_SIZE_WH, SyntheticScene, draw_bodies
from tools.simulation.crowd.visitor_paths import STEP_S, VisitorPath, VisitorPaths
from tools.simulation.detector_simulation import DetectorErrors
from tools.simulation.pinhole_camera import PinholeCamera

DOOR_M = (10.0, 9.5)
DOOR_WIDTH_M = 1.2
_WARM_UP_S = 120.0
_LINGERS_SHARE, _LINGERS_S, _LINGERS_SPREAD = 0.5, 10.0, 0.7
_PAIR_POINTS_M = ((6.2, 4.2), (13.8, 4.2), (10.0, 4.5), (4.2, 8.0), (15.8, 8.0), (10.0, 8.5), (4.2, 10.8))

DOOR_ZONE = Zone(
    ZoneId("Foyer"),
    ZoneKind.BOOTH,
    Polygon.from_points([(8.0, 7.0), (12.0, 7.0), (12.0, 9.3), (8.0, 9.3)], what="zone 'Foyer'"),
)
"""Walked through in less than three seconds, so that only those who linger before the door visit it."""
DOOR_LINE = CountingLine(
    LineId("Door"),
    ZoneKind.ENTRANCE,
    Polyline.from_points([(9.4, 9.4), (10.6, 9.4)], what="line 'Door'"),
)


def make_door_scene(
    *, people_per_minute: float, seed: int, duration_s: float = 600.0, fps: float = 5.0, has_line: bool = True
) -> SyntheticScene:
    """Simulate and film the hall; the same arguments give the same scene.

    Half of the people linger before the door when they come or go; everybody looks at one to three things in
    the hall, and leaves as they came.
    """
    paths = walk_through_door(people_per_minute=people_per_minute, seed=seed, duration_s=duration_s)
    bodies = draw_bodies(paths, seed)
    view = PinholeCamera(
        (10.0, 0.0, 4.5), math.radians(90), math.radians(31), math.radians(82), FRAME_SIZE_WH
    )
    pairs = measure_pairs(view=view, points_m=_PAIR_POINTS_M, rng=np.random.default_rng([seed, 6]))
    camera = SceneCamera(CameraId("cam"), view, pairs)
    filmed = film_crowd(
        paths=paths,
        camera=camera,
        furniture=(),
        banners_m=(),
        fps=fps,
        timing=FrameTiming(),
        errors=DetectorErrors(),
        height_m=bodies.height_m,
        half_width_m=bodies.half_width_m,
        seed=seed,
    )
    lines = (DOOR_LINE,) if has_line else ()
    return SyntheticScene("door", seed, paths, bodies, (DOOR_ZONE,), lines, (camera,), (filmed,))


def walk_through_door(*, people_per_minute: float, seed: int, duration_s: float) -> VisitorPaths:
    """Return the ways of people who come at a mean rate, exponentially distributed."""
    rng = np.random.default_rng([seed, 41])
    return walk_at_random(_walk, rng, people_per_minute=people_per_minute, duration_s=duration_s)


def _walk(rng: np.random.Generator) -> FloatArray:
    """Return one person's places in steps of ``STEP_S``, from the door and back to it, shape (n, 2)."""
    speed_m_s = float(np.clip(rng.normal(1.25, 0.12), 1.05, 1.6))
    stops = [(rng.uniform((4.5, 3.6), (15.5, 6.2)), rng.lognormal(math.log(14), 0.6))]
    stops += [
        (rng.uniform((4.5, 3.6), (15.5, 6.2)), rng.lognormal(math.log(14), 0.6))
        for _ in range(rng.integers(0, 3))
    ]
    if rng.random() < _LINGERS_SHARE:
        lingers = (rng.uniform((8.5, 7.5), (11.5, 8.7)), rng.lognormal(math.log(_LINGERS_S), _LINGERS_SPREAD))
        stops.insert(0 if rng.random() < 0.5 else len(stops), lingers)
    here = _draw_at_door(rng)
    places = [here[None]]
    for goal, stays_s in (*stops, (_draw_at_door(rng), 0.0)):
        way_m = float(np.hypot(*(goal - here)))
        steps = max(round(way_m / speed_m_s / STEP_S), 1)
        share = np.arange(1, steps + 1)[:, None] / steps
        bend = (
            np.sin(np.pi * share) * rng.normal(0, 0.15) * np.array([[here[1] - goal[1], goal[0] - here[0]]])
        )
        places.append(here + share * (goal - here) + bend / max(way_m, 1.0))
        stands = round(float(stays_s) / STEP_S)
        sway_m = np.cumsum(rng.normal(0, 0.006, (stands, 2)), axis=0) if stands else np.empty((0, 2))
        places.append(goal + sway_m - np.linspace(0, 1, stands)[:, None] * sway_m[-1:].sum(axis=0))
        here = goal
    return np.concatenate(places)


def _draw_at_door(rng: np.random.Generator) -> FloatArray:
    return np.array([DOOR_M[0] + rng.uniform(-0.35, 0.35), DOOR_M[1]])


def walk_at_random(
    walk: Callable[[np.random.Generator], FloatArray],
    rng: np.random.Generator,
    *,
    people_per_minute: float,
    duration_s: float,
) -> VisitorPaths:
    """Return the ways of people who come at a mean rate, exponentially distributed.

    Args:
        walk: draws one person's places in steps of ``STEP_S``, shape (n, 2).
    """
    paths: list[VisitorPath] = []
    start_s = -_WARM_UP_S
    while (start_s := start_s + float(rng.exponential(60 / people_per_minute))) < duration_s:
        xy_m = walk(rng)
        if start_s + STEP_S * len(xy_m) > STEP_S:
            paths.append(make_path(len(paths) + 1, start_s, xy_m))
    return VisitorPaths(duration_s, tuple(paths))


def make_path(visitor: int, start_s: float, xy_m: FloatArray) -> VisitorPath:
    """Return the path of somebody who is at ``xy_m``, shape (n, 2), in steps of ``STEP_S``."""
    steps_m = np.diff(xy_m, axis=0, prepend=xy_m[:1])
    heading_rad = np.unwrap(np.arctan2(steps_m[:, 1], steps_m[:, 0]))
    return VisitorPath(visitor, start_s, xy_m, heading_rad, np.cumsum(np.hypot(*steps_m.T)))
