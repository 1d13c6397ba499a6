"""A second camera and detector, deliberately unlike the first: other lens, other errors, other scores.

Cover is the largest share of a box behind one nearer box, not the union over body points. Misses are a Markov
chain whose rates depend on cover. Errors of edges are autoregressive with heavy tails, and boxes are a little
too short at the feet. Scores are beta-distributed. False persons come at hot spots. The lens distorts, which
no homography knows. Every so often the frame rate halves for a while, and single frames are lost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.camera import PointPair
from analytics.domain.identifiers import CameraId
from benchmarks.other_crowd import OTHER_LINES, OTHER_STANDS, walk_other_crowd
from tools.scenes.scene_cameras import FilmedCrowd, SceneCamera
from tools.scenes.scenes import Bodies, SyntheticScene
from tools.simulation.body_boxes import project_bodies
from tools.simulation.crowd.crowd_samples import sample_crowd_at
from tools.simulation.crowd.visitor_paths import VisitorPaths
from tools.simulation.pinhole_camera import PinholeCamera

OTHER_SCENES = {"other": (0.16, 21), "other_dense": (0.3, 36)}
"""Arrivals a second, and how many people the hall holds."""

_SIZE_WH = (1280, 720)
_DISTORTION = -0.03
_PAIR_POINTS_M = ((4.0, 4.0), (7.2, 3.0), (11.5, 2.2), (3.4, 8.6), (11.2, 9.0), (9.0, 6.0), (13.5, 6.0))
_POSTERS_M = ((11.2, 10.6, 1.9), (13.7, 5.6, 1.7))


@dataclass(frozen=True, slots=True)
class _Rates:
    """Of a detector: the Markov chain of misses and what else goes wrong."""

    lost_per_s: float = 0.12
    lost_per_s_covered: float = 2.4
    found_per_s: float = 2.6
    found_per_s_covered: float = 1.9
    edge_sigma: float = 0.022
    edge_memory_s: float = 1.8
    short_feet: float = 0.015
    spots: int = 4
    spot_per_s: float = 0.008
    spot_s: float = 1.2
    poster_per_s: float = 0.006
    poster_s: float = 100.0
    reflection_share: float = 0.004


_RATES = _Rates()


def simulate_other_scene(name: str, *, seed: int, duration_s: float) -> VisitorPaths:
    """The ways of a scene's visitors."""
    arrivals_per_s, max_people = OTHER_SCENES[name]
    return walk_other_crowd(
        duration_s=duration_s, seed=seed, arrivals_per_s=arrivals_per_s, max_people=max_people
    )


def film_other_scene(name: str, *, paths: VisitorPaths, seed: int, fps: float) -> SyntheticScene:
    """What the corner camera reports of them; the same arguments give the same scene."""
    rng = np.random.default_rng([seed, 32])
    view = PinholeCamera(
        (-1.6, -1.2, 3.6), math.radians(40.5), math.radians(19.0), math.radians(70.0), _SIZE_WH
    )
    camera = SceneCamera(CameraId("corner"), view, _measure_pairs(view, rng))
    height_m = np.where(
        rng.random(len(paths.paths)) < 0.1,
        rng.uniform(0.95, 1.4, len(paths.paths)),
        rng.triangular(1.5, 1.7, 1.95, len(paths.paths)),
    )
    bodies = Bodies(height_m, 0.14 * height_m * rng.uniform(0.9, 1.25, len(paths.paths)))
    filmed = _film(paths, bodies, camera, fps, rng)
    zones = tuple(stand.zone for stand in OTHER_STANDS)
    return SyntheticScene(name, seed, paths, bodies, zones, OTHER_LINES, (camera,), (filmed,))


def _film(
    paths: VisitorPaths, bodies: Bodies, camera: SceneCamera, fps: float, rng: np.random.Generator
) -> FilmedCrowd:
    view = camera.view
    times_s = _draw_times(paths.duration_s, fps, rng)
    samples = sample_crowd_at(paths=paths, times_s=times_s)
    numbers = np.array([path.visitor for path in paths.paths], np.int64)
    number = np.searchsorted(numbers, samples.visitor)
    boxes = project_bodies(
        view=view,
        xy_m=samples.xy_m,
        height_m=bodies.height_m[number],
        half_width_m=bodies.half_width_m[number],
    )
    posters = _place_posters(view)
    detector = _OtherDetector(len(numbers), posters, rng)
    rows = np.nonzero(boxes.is_visible)[0]
    borders = np.searchsorted(samples.frame[rows], np.arange(len(times_s) + 1))
    frames, shown, scores, people = [], [], [], []
    for index, time_s in enumerate(times_s.tolist()):
        own = rows[borders[index] : borders[index + 1]]
        found, score, who = detector.look(time_s, number[own], boxes.xyxy[own], boxes.distance_m[own])
        frames.append(np.full(len(score), index))
        shown.append(_distort(found, view))
        scores.append(score)
        people.append(who)
    who = np.concatenate(people)
    return FilmedCrowd(
        camera.name,
        times_s,
        np.concatenate(frames),
        np.concatenate(shown).astype(np.float32),
        np.concatenate(scores).astype(np.float32),
        np.where(who < 0, -1, numbers[who]),
    )


class _OtherDetector:
    def __init__(self, count: int, posters: FloatArray, rng: np.random.Generator) -> None:
        self._rng = rng
        self._last_s = 0.0
        self._is_lost = rng.random(count) < 0.1
        self._error = rng.standard_t(4, (count, 4))
        self._ability = rng.normal(0, 0.25, count)
        self._guess = rng.random(count)
        self._posters = posters
        self._poster_on = np.zeros(len(posters), bool)
        size = rng.uniform(60, 160, _RATES.spots)
        low = rng.uniform((0, 300), (1180, 700), (_RATES.spots, 2))
        self._spots = np.column_stack([low[:, 0], low[:, 1] - size, low[:, 0] + 0.45 * size, low[:, 1]])
        self._spot_on = np.zeros(_RATES.spots, bool)

    def look(
        self, now_s: float, who: IntArray, xyxy: FloatArray, distance_m: FloatArray
    ) -> tuple[FloatArray, FloatArray, IntArray]:
        """Boxes, scores and whom they show, best score first."""
        rng, elapsed_s = self._rng, max(now_s - self._last_s, 1e-3)
        self._last_s = now_s
        cover, ends = _find_cover(xyxy, distance_m)
        self._remember_misses(who, cover, elapsed_s)
        kept = math.exp(-elapsed_s / _RATES.edge_memory_s)
        fresh = rng.standard_t(4, self._error.shape) / math.sqrt(2)
        self._error = kept * self._error + math.sqrt(1 - kept**2) * fresh
        height = xyxy[:, 3] - xyxy[:, 1]
        boxes = xyxy.copy()
        cut = np.maximum(boxes[:, 3] - ends, 0.0)
        boxes[:, 3] -= (1 - self._guess[who]) * cut + _RATES.short_feet * height
        boxes += _RATES.edge_sigma * height[:, None] * np.clip(self._error[who], -5, 5)
        mean = np.clip(0.66 - 0.4 * cover - 0.008 * distance_m, 0.12, 0.9)
        score = rng.beta(12 * mean, 12 * (1 - mean))
        found = ~self._is_lost[who] & (height > 25)
        boxes, score, who = boxes[found], score[found], who[found]
        mirrored = rng.random(len(who)) < _RATES.reflection_share
        extra = [
            boxes[mirrored] + np.array([60.0, 20.0, 60.0, 20.0]),
            self._switch(self._spots, self._spot_on, _RATES.spot_per_s, _RATES.spot_s, elapsed_s),
            self._switch(self._posters, self._poster_on, _RATES.poster_per_s, _RATES.poster_s, elapsed_s),
        ]
        false = np.vstack(extra)
        boxes = np.vstack([boxes, false + rng.normal(0, 1.2, false.shape)])
        score = np.append(score, rng.beta(4, 7, len(false)))
        who = np.append(who, np.full(len(false), -1))
        boxes = np.clip(boxes, 0, (*_SIZE_WH, *_SIZE_WH))
        kept_rows = (score >= 0.12) & (boxes[:, 2] - boxes[:, 0] > 4) & (boxes[:, 3] - boxes[:, 1] > 10)
        order = np.nonzero(kept_rows)[0]
        order = order[np.argsort(-score[order], kind="stable")]
        return boxes[order], np.round(score[order], 2), who[order]

    def _remember_misses(self, who: IntArray, cover: FloatArray, elapsed_s: float) -> None:
        """A chain with rates per second, whatever the frame rate; some people are harder to find."""
        covered = np.clip((cover - 0.25) / 0.55, 0, 1) ** 1.5
        lost = (_RATES.lost_per_s + _RATES.lost_per_s_covered * covered) * np.exp(self._ability[who])
        found = _RATES.found_per_s - _RATES.found_per_s_covered * covered
        was_lost = self._is_lost[who]
        change = np.where(was_lost, found, lost)
        flips = self._rng.random(len(who)) < 1 - np.exp(-change * elapsed_s)
        self._is_lost[who] = was_lost ^ flips

    def _switch(
        self, boxes: FloatArray, is_on: BoolArray, begins_per_s: float, lasts_s: float, elapsed_s: float
    ) -> FloatArray:
        rate = np.where(is_on, 1 / lasts_s, begins_per_s)
        is_on ^= self._rng.random(len(is_on)) < 1 - np.exp(-rate * elapsed_s)
        return boxes[is_on & (self._rng.random(len(is_on)) < 0.8)]


def _find_cover(xyxy: FloatArray, distance_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Largest share of each box behind one nearer box, and where the feet are cut by it, pixels."""
    n = len(xyxy)
    if n == 0:
        return np.empty(0), np.empty(0)
    # what is beside a body in its box hides nobody
    slim = xyxy.copy()
    inset = 0.12 * (xyxy[:, 2] - xyxy[:, 0])
    slim[:, 0] += inset
    slim[:, 2] -= inset
    low = np.maximum(xyxy[:, None, :2], slim[None, :, :2])
    high = np.minimum(xyxy[:, None, 2:], slim[None, :, 2:])
    size = np.clip(high - low, 0, None)
    area = np.prod(xyxy[:, 2:] - xyxy[:, :2], axis=1)
    share = size[..., 0] * size[..., 1] / area[:, None]
    share[distance_m[None, :] >= distance_m[:, None] - 0.1] = 0.0
    before = share.argmax(axis=1)
    cover = share[np.arange(n), before]
    is_cut = (cover > 0.08) & (size[np.arange(n), before, 0] > 0.7 * (xyxy[:, 2] - xyxy[:, 0]))
    ends = np.where(is_cut, np.maximum(slim[before, 1], xyxy[:, 1] + 12), np.inf)
    return cover, ends


def _draw_times(duration_s: float, fps: float, rng: np.random.Generator) -> FloatArray:
    """Even, but for lost frames and slow stretches of half the rate."""
    times_s = []
    now_s, slow_until_s = 0.0, 0.0
    while now_s < duration_s:
        if rng.random() >= 0.03:
            times_s.append(round(now_s, 3))
        if rng.random() < 0.008 / fps:
            slow_until_s = now_s + float(rng.uniform(5, 25))
        now_s += (2.0 if now_s < slow_until_s else 1.0) / fps
    return np.array(times_s)


def _measure_pairs(view: PinholeCamera, rng: np.random.Generator) -> tuple[PointPair, ...]:
    places = np.array(_PAIR_POINTS_M)
    uv = view.to_geometry().project_to_pixel(places)
    uv = _distort(np.hstack([uv, uv]), view)[:, :2] + rng.normal(0, 1.0, uv.shape)
    return tuple(
        PointPair(round(float(u), 1), round(float(v), 1), x, y)
        for (u, v), (x, y) in zip(uv, _PAIR_POINTS_M, strict=True)
    )


def _place_posters(view: PinholeCamera) -> FloatArray:
    places = np.array(_POSTERS_M)
    shown = project_bodies(
        view=view, xy_m=places[:, :2], height_m=places[:, 2], half_width_m=np.full(len(places), 0.4)
    )
    return shown.xyxy[shown.is_visible]


def _distort(xyxy: FloatArray, view: PinholeCamera) -> FloatArray:
    """Move points as a lens with one radial coefficient does (Brown 1966, to the first order)."""
    centre = np.array(view.size_wh) / 2
    points = xyxy.reshape(-1, 2) - centre
    radius2 = (points**2).sum(axis=1, keepdims=True) / view.focal_px**2
    return np.asarray((centre + points * (1 + _DISTORTION * radius2)).reshape(-1, 4), np.float64)
