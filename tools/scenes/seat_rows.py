"""Rows of people who sit or stand for minutes, a metre apart, while others walk by in front of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.zone import Zone, ZoneKind
from tools.scenes.scene_cameras import FilmedCrowd, SceneCamera, collect_reports, measure_pairs
from tools.scenes.scenes import FRAME_SIZE_WH, SyntheticScene, draw_bodies
from tools.simulation.body_boxes import COLUMNS, ROWS, project_bodies
from tools.simulation.crowd.crowd_samples import sample_crowd_at
from tools.simulation.crowd.visitor_paths import STEP_S, VisitorPath, VisitorPaths
from tools.simulation.detector_simulation import BodiesInFrame, DetectorErrors, DetectorSimulation
from tools.simulation.pinhole_camera import PinholeCamera

_SEATS_M = np.array([(8.0 + column, 5.0 + row) for row in range(4) for column in range(5)])
_ZONE = ((7.2, 4.2), (12.8, 4.2), (12.8, 8.8), (7.2, 8.8))
_SITTING_SHARE = 0.75
"""Height of somebody who sits, in heights of the same person."""
_SWAY_M, _SWAY_S, _SHIFTS_PER_S = 0.025, 8.0, 1 / 90
_PAIR_POINTS_M = ((6.2, 4.2), (13.8, 4.2), (10.0, 4.5), (4.6, 8.0), (15.4, 8.0), (10.0, 8.5), (4.6, 6.0))


@dataclass(frozen=True, slots=True)
class RowsPlan:
    """What a scene of rows is made of.

    Attributes:
        in_place: how many people are in place at a time, on average.
        slow_logit, slow_s: standard deviation and correlation time of how surely somebody is found.
        hidden_s, shown_s: everybody is hidden for up to so long at a time, and then shown for so long on
            average; 0: never.
    """

    sits: bool = True
    cameras: int = 2
    height_m: float = 5.0
    fps: float = 2.0
    in_place: int = 14
    walkers_per_minute: float = 4.0
    stays_s: tuple[float, float] = (300.0, 1800.0)
    slow_logit: float = 0.0
    slow_s: float = 20.0
    hidden_s: float = 0.0
    shown_s: float = 40.0


def make_rows_scene(
    plan: RowsPlan, *, seed: int, duration_s: float = 900.0
) -> tuple[SyntheticScene, dict[int, tuple[float, float]]]:
    """Return the scene, and when each of those who stay was in place."""
    rng = np.random.default_rng([seed, 49])
    paths, places = _move(plan, duration_s, rng)
    bodies = draw_bodies(paths, seed)
    cameras = []
    for name, position_m, heading_deg in (
        ("front", (10.0, 0.0, plan.height_m), 90.0),
        ("side", (18.5, 6.5, plan.height_m), 180.0),
    )[: plan.cameras]:
        tilt_deg = 30.0 if plan.height_m > 4 else 24.0
        view = PinholeCamera(
            position_m, math.radians(heading_deg), math.radians(tilt_deg), math.radians(82), FRAME_SIZE_WH
        )
        pairs = measure_pairs(view=view, points_m=_PAIR_POINTS_M, rng=rng)
        cameras.append(SceneCamera(CameraId(name), view, pairs))
    filmed = tuple(
        _film(plan, paths, places, camera, bodies.height_m, bodies.half_width_m, rng) for camera in cameras
    )
    zone = Zone(
        ZoneId("Rows"),
        ZoneKind.STAGE if plan.sits else ZoneKind.BOOTH,
        Polygon.from_points(_ZONE, what="zone 'Rows'"),
    )
    return SyntheticScene("rows", seed, paths, bodies, (zone,), (), tuple(cameras), filmed), places


def _move(
    plan: RowsPlan, duration_s: float, rng: np.random.Generator
) -> tuple[VisitorPaths, dict[int, tuple[float, float]]]:
    paths: list[VisitorPath] = []
    places: dict[int, tuple[float, float]] = {}
    free_s = np.zeros(len(_SEATS_M)) - 60.0
    mean_s = sum(plan.stays_s) / 2
    # those who are in place at the beginning have been there for a while
    arrivals_s = [-30.0] * plan.in_place
    now_s = 0.0
    while (now_s := now_s + rng.exponential(mean_s / plan.in_place)) < duration_s - 60:
        arrivals_s.append(now_s)
    for number, arrival_s in enumerate(arrivals_s):
        free = np.flatnonzero(free_s <= arrival_s)
        seat = int(rng.choice(free))
        stay_s = rng.uniform(*plan.stays_s)
        if number < plan.in_place:
            stay_s = max(60.0, stay_s * rng.random())
        x_m, y_m = _SEATS_M[seat]
        door_m = (-1.0, y_m - 0.45) if x_m < 10 else (21.0, y_m - 0.45)
        way_in = _walk([door_m, (x_m, y_m - 0.45), (x_m, y_m)], rng)
        begin_s = arrival_s + STEP_S * len(way_in)
        stay = _stay((x_m, y_m), round(stay_s / STEP_S), 0.04 if plan.sits else 0.07, rng)
        paths.append(_make_path(len(paths) + 1, arrival_s, np.concatenate([way_in, stay, way_in[::-1]])))
        places[len(paths)] = (begin_s, begin_s + stay_s)
        free_s[seat] = begin_s + stay_s + 30.0
    now_s = -20.0
    while (now_s := now_s + rng.exponential(60 / plan.walkers_per_minute)) < duration_s:
        y_m = rng.uniform(3.2, 4.1)
        way = _walk([(-1.0, y_m), (21.0, y_m)], rng)
        paths.append(_make_path(len(paths) + 1, now_s, way if rng.random() < 0.5 else way[::-1]))
    return VisitorPaths(duration_s, tuple(paths)), places


def _walk(points_m: list[tuple[float, float]], rng: np.random.Generator) -> FloatArray:
    speed_m_s = float(np.clip(rng.normal(1.1, 0.15), 0.7, 1.5))
    corners = np.array(points_m)
    along_m = np.append(0.0, np.cumsum(np.hypot(*np.diff(corners, axis=0).T)))
    steps = np.arange(0.0, along_m[-1], speed_m_s * STEP_S)
    return np.column_stack([np.interp(steps, along_m, corners[:, axis]) for axis in (0, 1)])


def _stay(place_m: tuple[float, float], steps: int, shift_m: float, rng: np.random.Generator) -> FloatArray:
    kept = math.exp(-STEP_S / _SWAY_S)
    sway_m, shifted_m = np.zeros(2), np.zeros(2)
    places = np.empty((steps, 2))
    for step in range(steps):
        sway_m = kept * sway_m + math.sqrt(1 - kept**2) * rng.normal(0, _SWAY_M, 2)
        if rng.random() < _SHIFTS_PER_S * STEP_S:
            shifted_m = rng.normal(0, shift_m, 2)
        places[step] = place_m + sway_m + shifted_m
    return places


def _make_path(visitor: int, start_s: float, xy_m: FloatArray) -> VisitorPath:
    steps_m = np.diff(xy_m, axis=0, prepend=xy_m[:1])
    heading_rad = np.unwrap(np.arctan2(steps_m[:, 1], steps_m[:, 0]))
    return VisitorPath(visitor, start_s, xy_m, heading_rad, np.cumsum(np.hypot(*steps_m.T)))


def _film(
    plan: RowsPlan,
    paths: VisitorPaths,
    places: dict[int, tuple[float, float]],
    camera: SceneCamera,
    height_m: FloatArray,
    half_width_m: FloatArray,
    rng: np.random.Generator,
) -> FilmedCrowd:
    interval_s = 1 / plan.fps
    times_s = np.arange(0.0, paths.duration_s, interval_s)
    times_s = np.round(times_s + np.append(0.0, rng.uniform(0, 0.1 * interval_s, len(times_s) - 1)), 3)
    samples = sample_crowd_at(paths=paths, times_s=times_s)
    number, at_s = samples.visitor - 1, times_s[samples.frame]
    begin_s, end_s = np.array([places.get(path.visitor, (np.inf, -np.inf)) for path in paths.paths]).T
    is_in_place = (at_s > begin_s[number]) & (at_s < end_s[number])
    tall_m = height_m[number] * np.where(is_in_place & plan.sits, _SITTING_SHARE, 1.0)
    bodies = project_bodies(
        view=camera.view, xy_m=samples.xy_m, height_m=tall_m, half_width_m=half_width_m[number]
    )
    detector = DetectorSimulation(
        errors=DetectorErrors(edge_sigma_parts=0.02),
        size_wh=camera.frame_size_wh,
        count=len(paths.paths),
        banners=np.empty((0, 4)),
        rng=rng,
    )
    is_shown = ~_find_hidden(plan, len(paths.paths), times_s, rng)[samples.frame, number] | ~is_in_place
    reports = []
    borders = np.searchsorted(samples.frame, np.arange(len(times_s) + 1))
    for frame, time_s in enumerate(times_s.tolist()):
        own = np.arange(borders[frame], borders[frame + 1])
        own = own[bodies.is_visible[own] & is_shown[own]]
        xyxy = bodies.xyxy[own]
        cut = np.zeros((len(own), ROWS * COLUMNS), bool)
        reports.append(detector.report(BodiesInFrame(time_s, number[own], xyxy, bodies.distance_m[own], cut)))
    return collect_reports(camera.name, times_s, reports, np.array([path.visitor for path in paths.paths]))


def _find_hidden(plan: RowsPlan, count: int, times_s: FloatArray, rng: np.random.Generator) -> BoolArray:
    """Return who is not found for a reason that lasts, shape (frames, people)."""
    hidden = np.zeros((len(times_s), count), bool)
    if plan.slow_logit:
        kept = math.exp(-1 / plan.fps / plan.slow_s)
        level = rng.normal(0, 1, count)
        for frame in range(len(times_s)):
            level = kept * level + math.sqrt(1 - kept**2) * rng.normal(0, 1, count)
            hidden[frame] |= rng.random(count) > 1 / (1 + np.exp(-2.0 - plan.slow_logit * level))
    if plan.hidden_s:
        for person in range(count):
            now_s = -rng.uniform(0, plan.hidden_s)
            while now_s < times_s[-1]:
                end_s = now_s + rng.uniform(10.0, plan.hidden_s)
                hidden[(times_s >= now_s) & (times_s < end_s), person] = True
                now_s = end_s + rng.exponential(plan.shown_s)
    return hidden
