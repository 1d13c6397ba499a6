"""Masks, zones, lines and other plan objects in a camera's picture, in its pixels."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import GeometryError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from app.cameras.edit_masks import MaskPart, list_polygons
from app.cameras.mask_kind import MaskKind
from app.core.change_set import Part
from app.core.document import Venue
from app.plan.floor_scene import Point, Ring
from app.plan.plan_shapes import EditableShape, Shape, list_editable_shapes

_MAX_PIECE_M = 0.25
_ARROW_M = 0.8
"""Arrow length across a counting line, about one step."""


@dataclass(frozen=True, slots=True)
class PicturedLine:
    """A piece of the plan in the picture, pixels; ``zone`` counts the zones from 0, None for others."""

    points: Ring
    zone: int | None


def draw_plan(
    geometry: CameraGeometry, size_wh: tuple[int, int], plan: FloorPlan, zones: FloorGeometry
) -> tuple[PicturedLine, ...]:
    """Project the visible outline, obstacles and zones into the picture."""
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
    """Project a path on the floor; returns its visible pieces, each with one point beyond the border."""
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
    """Project points of the floor to pixels; None where not visible."""
    uv_px = geometry.project_to_pixel(np.asarray(points, np.float64).reshape(-1, 2))
    is_seen = find_in_picture(uv_px, size_wh)
    return tuple(
        (u, v) if is_part else None for (u, v), is_part in zip(uv_px.tolist(), is_seen.tolist(), strict=True)
    )


def draw_direction(
    geometry: CameraGeometry, size_wh: tuple[int, int], path: Sequence[Point]
) -> tuple[Point, Point] | None:
    """Return an arrow across a counting line in its ``in`` direction, from its left to its right.

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
    """Return which pixels, shape (n, 2), lie in a picture of a size; shape (n,)."""
    with np.errstate(invalid="ignore"):
        return np.asarray(((uv_px >= 0) & (uv_px <= np.asarray(size_wh))).all(axis=1), np.bool_)


def _divide_path(points: Sequence[Point], *, is_closed: bool) -> FloatArray:
    """Subdivide a path to short sides, shape (n, 2); a closed one repeats its first point."""
    corners = np.asarray([*points, points[0]] if is_closed else points, np.float64)
    pieces = [corners[:1]]
    for start, end in itertools.pairwise(corners):
        steps = max(1, math.ceil(float(np.linalg.norm(end - start)) / _MAX_PIECE_M))
        pieces.append(start + (end - start) * (np.arange(1, steps + 1) / steps)[:, None])
    return np.concatenate(pieces)


GRID_M = 0.01
REACH_M = 0.5
"""Tolerance beyond the hall's edge, for clicks along a wall that are a few pixels off."""
MAX_PIXEL_M = 1.0
"""Maximum floor size of a pixel at which zones can be drawn."""


def find_floor_points(
    corners_px: Sequence[Point], *, geometry: CameraGeometry, outline: Polygon
) -> tuple[Point, ...]:
    """Return the floor points of picture points, rounded to the centimetre.

    Args:
        corners_px: pixels of the size in which ``geometry`` takes them.
        outline: of the hall; a place a little outside of it is drawn to it.

    Raises:
        GeometryError: one lies above the horizon, too near to it, or outside of the hall.
    """
    uv_px = np.asarray(corners_px, np.float64).reshape(-1, 2)
    floor_m = geometry.project_to_floor(uv_px)
    jacobian = geometry.compute_jacobian(uv_px)
    hall = outline.to_shape()
    placed = []
    for number, ((x_m, y_m), change) in enumerate(zip(floor_m.tolist(), jacobian, strict=True), start=1):
        if not (math.isfinite(x_m) and math.isfinite(y_m)):
            raise GeometryError(
                "Corner {number} is above the horizon, where there is no floor.",
                "Draw it on the floor.",
                number=number,
            )
        if not float(np.abs(change).max()) <= MAX_PIXEL_M:
            raise GeometryError(
                "Corner {number} is too far away: one pixel there covers more than {metres:g} m of floor.",
                "Draw it closer to the camera, in another camera's picture, or on the plan.",
                number=number,
                metres=MAX_PIXEL_M,
            )
        placed.append(_place_in_hall((x_m, y_m), hall, number))
    return tuple(placed)


def _place_in_hall(place: Point, hall: shapely.Polygon, number: int) -> Point:
    at = shapely.Point(place)
    distance_m = hall.distance(at)
    if distance_m > REACH_M:
        raise GeometryError(
            "Corner {number} is {metres:.1f} m outside the hall.",
            "Draw it on the hall's floor; the picture shows the hall's outline.",
            number=number,
            metres=distance_m,
        )
    if distance_m > 0:
        at = hall.exterior.interpolate(hall.exterior.project(at))
    return round(round(at.x / GRID_M) * GRID_M, 6), round(round(at.y / GRID_M) * GRID_M, 6)


PicturedRef = MaskPart | Shape
"""Identifier of a mask, or of a zone, line or other plan object."""


class PicturedKind(StrEnum):
    """The kind of object, which decides its appearance."""

    HALL = "hall"
    OBSTACLE = "obstacle"
    ZONE = "zone"
    LINE = "line"
    IGNORE = "ignore"
    PRIVACY = "privacy"


@dataclass(frozen=True, slots=True)
class PicturedShape:
    """An object in a camera's picture.

    Attributes:
        pieces: visible lines; empty if nothing is visible.
        corners: None for corners outside of the picture.
        colour, number: as of an `EditableShape`.
        direction: arrow in the ``in`` direction of a counting line.
    """

    ref: PicturedRef
    kind: PicturedKind
    pieces: tuple[Ring, ...]
    corners: tuple[Point | None, ...]
    name: str = ""
    colour: str | None = None
    number: int = 0
    direction: tuple[Point, Point] | None = None

    @property
    def is_closed(self) -> bool:
        """Return whether the last corner is joined to the first."""
        return self.kind is not PicturedKind.LINE

    @property
    def can_be_chosen(self) -> bool:
        """Return whether it can be edited in a picture."""
        return self.kind not in (PicturedKind.HALL, PicturedKind.OBSTACLE)


def list_masks(camera: Camera) -> tuple[PicturedShape, ...]:
    """Return a camera's masks in its own frame size; privacy masks come last, to be drawn on top."""
    return tuple(
        PicturedShape(
            MaskPart(camera.name, kind, index),
            PicturedKind(kind.value),
            ((*polygon, polygon[0]),),
            polygon,
            number=index,
        )
        for kind in (MaskKind.IGNORE, MaskKind.PRIVACY)
        for index, polygon in enumerate(list_polygons(camera, kind))
    )


def list_pictured_shapes(
    venue: Venue, geometry: CameraGeometry, frame_wh: tuple[int, int]
) -> tuple[PicturedShape, ...]:
    """Return the visible outline, obstacles, and newest zones and lines of a venue, in pixels.

    Args:
        geometry: for pixels of pictures of ``frame_wh``.
    """
    return tuple(_picture(item, geometry, frame_wh) for item in list_editable_shapes(venue))


def _picture(item: EditableShape, geometry: CameraGeometry, frame_wh: tuple[int, int]) -> PicturedShape:
    return PicturedShape(
        item.shape,
        _KINDS[item.shape.part],
        draw_path(geometry, frame_wh, item.points, is_closed=not item.is_line),
        draw_corners(geometry, frame_wh, item.points),
        item.shape.name,
        item.colour,
        item.number,
        draw_direction(geometry, frame_wh, item.points) if item.is_line else None,
    )


_KINDS = {
    Part.OUTLINE: PicturedKind.HALL,
    Part.OBSTACLES: PicturedKind.OBSTACLE,
    Part.ZONES: PicturedKind.ZONE,
    Part.LINES: PicturedKind.LINE,
}
