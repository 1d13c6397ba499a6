"""The plan as a camera sees it, in pixels: straight edges of the floor bend where its lens bends them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from app.plan.floor_scene import Point, Ring

_LONGEST_PIECE_M = 0.25
_ARROW_M = 0.8
"""Of a counting line: as far as a step."""


@dataclass(frozen=True, slots=True)
class PicturedLine:
    """A piece of the plan in the picture, pixels; ``zone`` counts the zones from 0, None is anything else."""

    points: Ring
    zone: int | None


def draw_plan(
    geometry: CameraGeometry, size_wh: tuple[int, int], plan: FloorPlan, zones: FloorGeometry
) -> tuple[PicturedLine, ...]:
    """Outline, obstacles and zones, as far as they lie in the picture."""
    rings = [(plan.outline.points, None), *((o.outline.points, None) for o in plan.obstacles)]
    numbered: list[tuple[tuple[Point, ...], int | None]] = [
        *rings,
        *((zone.outline.points, number) for number, zone in enumerate(zones.zones)),
    ]
    return tuple(
        PicturedLine(piece, number)
        for points, number in numbered
        for piece in draw_path(geometry, size_wh, points, is_closed=True)
    )


def draw_path(
    geometry: CameraGeometry, size_wh: tuple[int, int], points: Sequence[Point], *, is_closed: bool
) -> tuple[Ring, ...]:
    """Pieces of a path on the floor that lie in the picture, each with one point beyond its border."""
    uv_px = geometry.project_to_pixel(_divide_path(points, is_closed=is_closed))
    is_drawn = find_in_picture(uv_px, size_wh)
    is_drawn[:-1] |= is_drawn[1:]
    is_drawn[1:] |= is_drawn[:-1]
    is_drawn &= np.isfinite(uv_px).all(axis=1)
    pieces: list[list[Point]] = [[]]
    for (u, v), is_part in zip(uv_px.tolist(), is_drawn.tolist(), strict=True):
        if is_part:
            pieces[-1].append((u, v))
        elif pieces[-1]:
            pieces.append([])
    return tuple(tuple(piece) for piece in pieces if len(piece) > 1)


def draw_corners(
    geometry: CameraGeometry, size_wh: tuple[int, int], points: Sequence[Point]
) -> tuple[Point | None, ...]:
    """The pixel of each point of the floor; None where the picture does not show it."""
    uv_px = geometry.project_to_pixel(np.asarray(points, np.float64).reshape(-1, 2))
    is_seen = find_in_picture(uv_px, size_wh)
    return tuple(
        (u, v) if is_part else None for (u, v), is_part in zip(uv_px.tolist(), is_seen.tolist(), strict=True)
    )


def draw_direction(
    geometry: CameraGeometry, size_wh: tuple[int, int], path: Sequence[Point]
) -> tuple[Point, Point] | None:
    """An arrow across a counting line the way that counts as ``in``: from its left to its right.

    It stands in the middle of what the picture shows of the line; None where it shows nothing of it.
    """
    floor = _divide_path(path, is_closed=False)
    seen = np.nonzero(find_in_picture(geometry.project_to_pixel(floor), size_wh))[0]
    if not len(seen):
        return None
    at = min(max(int(seen[len(seen) // 2]), 1), len(floor) - 1)
    along = floor[at] - floor[at - 1]
    to_the_right = np.array([along[1], -along[0]]) / max(float(np.linalg.norm(along)), 1e-9)
    middle = (floor[at] + floor[at - 1]) / 2
    ends = geometry.project_to_pixel(
        np.array([middle - to_the_right * _ARROW_M / 2, middle + to_the_right * _ARROW_M / 2])
    )
    if not np.isfinite(ends).all():
        return None
    (u0, v0), (u1, v1) = ends.tolist()
    return (u0, v0), (u1, v1)


def find_in_picture(uv_px: FloatArray, size_wh: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Which pixels, shape (n, 2), lie in a picture of a size; shape (n,)."""
    with np.errstate(invalid="ignore"):
        return np.asarray(((uv_px >= 0) & (uv_px <= np.asarray(size_wh))).all(axis=1), np.bool_)


def _divide_path(points: Sequence[Point], *, is_closed: bool) -> FloatArray:
    """Shape (n, 2): the path, a closed one with its first point again, no two neighbours far apart."""
    corners = np.asarray([*points, points[0]] if is_closed else points, np.float64)
    pieces = [corners[:1]]
    for start, end in itertools.pairwise(corners):
        steps = max(1, math.ceil(float(np.linalg.norm(end - start)) / _LONGEST_PIECE_M))
        pieces.append(start + (end - start) * (np.arange(1, steps + 1) / steps)[:, None])
    return np.concatenate(pieces)
