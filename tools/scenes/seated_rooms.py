"""Rooms full of seated people, with what a detector takes for people there: detections with known truth.

People are found as measured on 44 pictures of full rooms (634 people, YOLO11n): .80 of them at score .10, .66
at .25, .48 at .45. How surely somebody is found depends mostly on who sits before them, so it lasts. They
breathe, lean and turn. Coats, empty chairs and posters do not; their boxes only tremble. A reflection moves
as whom it shows, behind the glass or upside down in the floor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Polygon
from tools.simulation.pinhole_camera import PinholeCamera
from vision.pixel_types import Detections

FOUND_SHARES = ((0.0, -0.1), (0.2, 0.10), (0.34, 0.25), (0.52, 0.45), (0.85, 0.78), (1.0, 0.92))
"""Share of people whose mean score is lower, and that score."""
SCORE_SIGMA, SCORE_DRIFT_S = 0.06, 2.0
_REACH_SIGMA_M, _REACH_S = 0.035, 2.5
_SHIFTS_PER_S, _SHIFT_SIGMA_M = 1 / 25, 0.08
_HALF_WIDTH_M = 0.27
ROWS_ZONE = Polygon(((-3.2, 3.4), (3.2, 3.4), (3.2, 9.6), (-3.2, 9.6)))
"""The rows of chairs; coats hang on some of them."""


class SeenKind(StrEnum):
    """What makes boxes in a room."""

    PERSON = "person"
    SECOND_BOX = "second box"
    COAT = "coat"
    CHAIR = "empty chair"
    POSTER = "poster"
    REFLECTION = "reflection"


@dataclass(slots=True)
class _Seen:
    """One thing that makes boxes.

    Attributes:
        base_m, top_m: height of its lower and upper end.
        from_s: when it comes; a person sits from then on.
        of: the number of the person a second box or a reflection belongs to.
    """

    kind: SeenKind
    x_m: float
    y_m: float
    base_m: float
    top_m: float
    half_width_m: float
    score: float
    from_s: float = 0.0
    of: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class SeatedRoom:
    """A filmed room.

    Attributes:
        kinds: of everything that makes boxes.
        from_s: when each of them came.
        of: whose second box or reflection each is; -1 for the others.
        frames: time, detections, and which of ``kinds`` makes each box.
    """

    view: PinholeCamera
    kinds: tuple[SeenKind, ...]
    from_s: tuple[float, ...]
    of: tuple[int, ...]
    frames: tuple[tuple[float, Detections, tuple[int, ...]], ...]


def make_seated_room(
    *, seed: int, fps: float = 5.0, duration_s: float = 60.0, people: int = 14, latest_s: float = 30.0
) -> SeatedRoom:
    """Film a room in which ``people`` sit, each from a moment up to ``latest_s`` on."""
    rng = np.random.default_rng([seed, 35])
    view = PinholeCamera(
        position_m=(0.0, 0.0, rng.uniform(2.6, 4.0)),
        heading_rad=math.pi / 2,
        tilt_rad=math.radians(rng.uniform(16, 28)),
        horizontal_fov_rad=math.radians(rng.uniform(65, 85)),
        size_wh=(1280, 720),
    )
    things = _furnish(rng, people, latest_s)
    frames = tuple(_film(view, things, rng, fps=fps, duration_s=duration_s))
    return SeatedRoom(
        view=view,
        kinds=tuple(thing.kind for thing in things),
        from_s=tuple(thing.from_s for thing in things),
        of=tuple(thing.of for thing in things),
        frames=frames,
    )


def _furnish(rng: np.random.Generator, people: int, latest_s: float) -> list[_Seen]:
    columns, rows = 6, 5
    seats = [
        (1.05 * (column - (columns - 1) / 2) + rng.normal(0, 0.08), 4.0 + 1.25 * row + rng.normal(0, 0.08))
        for row in range(rows)
        for column in range(columns)
    ]
    rng.shuffle(seats)
    shares, scores = np.array(FOUND_SHARES).T
    things = []
    for x_m, y_m in seats[:people]:
        hidden_m = 0.0 if rng.random() < 0.4 else rng.uniform(0.1, 0.6)
        score = float(np.interp(rng.random(), shares, scores))
        top_m = rng.normal(1.27, 0.06)
        width_m = _HALF_WIDTH_M * rng.uniform(0.8, 1.15)
        from_s = rng.uniform(0, latest_s)
        things.append(_Seen(SeenKind.PERSON, x_m, y_m, hidden_m, top_m, width_m, score, from_s))
    for number in range(people):
        own = things[number]
        if rng.random() < 0.08:
            base_m = own.base_m + 0.5 * (own.top_m - own.base_m)
            score, width_m = rng.uniform(0.08, 0.3), own.half_width_m * 0.9
            things.append(
                _Seen(
                    SeenKind.SECOND_BOX,
                    own.x_m, own.y_m, base_m, own.top_m, width_m, score, own.from_s, number,
                )
            )  # fmt: skip
    for x_m, y_m in seats[people:]:
        score = rng.uniform(-0.1, 0.16)
        things.append(_Seen(SeenKind.CHAIR, x_m, y_m, 0.0, rng.normal(0.9, 0.04), 0.23, score))
    for x_m, y_m in [*seats[people : people + 2], (-3.4, 6.0), (3.3, 7.5)]:
        top_m, score = (1.05, rng.uniform(0, 0.35)) if abs(x_m) < 3.2 else (1.75, rng.uniform(0, 0.4))
        base_m = 0.35 if top_m < 1.2 else 0.5
        things.append(_Seen(SeenKind.COAT, x_m, y_m + 0.15, base_m, top_m, 0.24, score))
    for x_m in (-2.0, 1.5):
        base_m = rng.uniform(0.0, 1.0)
        size_m = rng.uniform(0.6, 1.7)
        things.append(
            _Seen(SeenKind.POSTER, x_m, 11.0, base_m, base_m + size_m, 0.2 * size_m, rng.uniform(0.05, 0.45))
        )
    for number in range(2):
        own = things[number]
        score = 0.5 * max(own.score, 0.0)
        if number:
            x_m = 6.6 - own.x_m
            things.append(
                _Seen(
                    SeenKind.REFLECTION,
                    x_m, own.y_m, own.base_m, own.top_m, own.half_width_m, score, own.from_s, number,
                )
            )  # fmt: skip
        else:
            things.append(
                _Seen(
                    SeenKind.REFLECTION,
                    own.x_m, own.y_m, -own.top_m, -0.1, own.half_width_m, score, own.from_s, number,
                )
            )  # fmt: skip
    return things


def _film(
    view: PinholeCamera, things: list[_Seen], rng: np.random.Generator, *, fps: float, duration_s: float
) -> Iterator[tuple[float, Detections, tuple[int, ...]]]:
    count = len(things)
    is_alive = np.array([thing.kind is SeenKind.PERSON for thing in things])
    source = np.array([thing.of if thing.of >= 0 else number for number, thing in enumerate(things)])
    from_s = np.array([thing.from_s for thing in things])
    # the reach of a body to both sides and up, and how it sits
    reach, seat, score_drift = np.zeros((count, 4)), np.zeros((count, 2)), np.zeros(count)
    mean_score = np.array([thing.score for thing in things])
    tremble = np.where(is_alive[source], 0.012, 0.008) * (1 + np.maximum(0.4 - mean_score, 0) * 2)
    kept_reach, kept_score = math.exp(-1 / fps / _REACH_S), math.exp(-1 / fps / SCORE_DRIFT_S)
    for frame in range(round(duration_s * fps)):
        time_s = frame / fps
        reach = kept_reach * reach + math.sqrt(1 - kept_reach**2) * rng.normal(0, _REACH_SIGMA_M, reach.shape)
        shifts = rng.random(count) < _SHIFTS_PER_S / fps
        seat[shifts] = rng.normal(0, _SHIFT_SIGMA_M, (int(shifts.sum()), 2))
        score_drift = kept_score * score_drift + math.sqrt(1 - kept_score**2) * rng.normal(0, 1, count)
        moved = np.where(is_alive[source, None], reach[source], 0.0)
        sits = np.where(is_alive[source, None], seat[source], 0.0)
        boxes = np.array(
            [_place(view, thing, moved[number], sits[number]) for number, thing in enumerate(things)]
        )
        boxes += rng.normal(0, 1, boxes.shape) * (tremble * (boxes[:, 3] - boxes[:, 1]))[:, None] + 0.0
        boxes += rng.normal(0, 0.4, boxes.shape)
        sigma = np.where(is_alive[source], SCORE_SIGMA, SCORE_SIGMA / 2)
        score = mean_score + sigma * (0.7 * score_drift + 0.7 * rng.normal(0, 1, count))
        boxes = np.clip(boxes, 0, np.array([*view.size_wh, *view.size_wh]))
        is_box = (boxes[:, 2] - boxes[:, 0] > 4) & (boxes[:, 3] - boxes[:, 1] > 8)
        shown = np.flatnonzero((score >= 0.1) & (from_s <= time_s) & is_box)
        shown = shown[np.argsort(-score[shown], kind="stable")]
        detections = Detections(
            boxes[shown].astype(np.float32), np.minimum(score[shown], 0.97).astype(np.float32)
        )
        yield time_s, detections, tuple(shown.tolist())


def _place(view: PinholeCamera, thing: _Seen, reach: FloatArray, seat: FloatArray) -> FloatArray:
    x_m, y_m = thing.x_m + 0.5 * seat[0] + 0.5 * reach[3], thing.y_m
    middle_m = (thing.base_m + thing.top_m) / 2
    corners = view.project(
        np.array(
            [
                (x_m - thing.half_width_m - max(reach[0], -0.1), y_m, middle_m),
                (x_m + thing.half_width_m + max(reach[1], -0.1), y_m, middle_m),
                (x_m, y_m, thing.top_m + 0.5 * seat[1] + 0.5 * reach[2]),
                (x_m, y_m - 0.25, thing.base_m),
            ]
        )
    )
    left, right, top, bottom = corners[0, 0], corners[1, 0], corners[2, 1], corners[3, 1]
    return np.array([left, min(top, bottom), right, max(top, bottom)])
