"""Everything that can be seen or taken hold of in a camera's picture, in its pixels."""

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
from app.core.document import Venue
from app.plan.floor_scene import Point, Ring
from app.plan.plan_shapes import EditableFigure, Part, Shape, list_editable_figures

_MAX_PIECE_M = 0.25
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
        steps = max(1, math.ceil(float(np.linalg.norm(end - start)) / _MAX_PIECE_M))
        pieces.append(start + (end - start) * (np.arange(1, steps + 1) / steps)[:, None])
    return np.concatenate(pieces)


GRID_M = 0.01
REACH_M = 0.5
"""So far beyond the hall a place still means its edge: a hand that follows a wall is a few pixels off."""
COARSEST_PIXEL_M = 1.0
"""Where one pixel is more of the floor, a zone cannot be drawn."""


def find_floor_points(
    corners_px: Sequence[Point], *, geometry: CameraGeometry, outline: Polygon
) -> tuple[Point, ...]:
    """The places on the floor of places in the picture, to the centimetre.

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
                "Corner {number} lies above the horizon of the picture: there is no floor.",
                "Draw it on the floor.",
                number=number,
            )
        if not float(np.abs(change).max()) <= COARSEST_PIXEL_M:
            raise GeometryError(
                "Corner {number} is so far off that a pixel there is more than {metres:g} m of the floor.",
                "Draw it nearer to the camera, in another camera's picture, or on the plan.",
                number=number,
                metres=COARSEST_PIXEL_M,
            )
        placed.append(_place_in_hall((x_m, y_m), hall, number))
    return tuple(placed)


def _place_in_hall(place: Point, hall: shapely.Polygon, number: int) -> Point:
    at = shapely.Point(place)
    distance_m = hall.distance(at)
    if distance_m > REACH_M:
        raise GeometryError(
            "Corner {number} lies {metres:.1f} m outside of the hall.",
            "Draw it on the hall's floor; the hall's outline is drawn in the picture.",
            number=number,
            metres=distance_m,
        )
    if distance_m > 0:
        at = hall.exterior.interpolate(hall.exterior.project(at))
    return round(round(at.x / GRID_M) * GRID_M, 6), round(round(at.y / GRID_M) * GRID_M, 6)


FigureRef = MaskPart | Shape
"""Which mask, or which zone, line or other thing of the plan."""


class FigureKind(StrEnum):
    """What it is, and so how it looks."""

    HALL = "hall"
    OBSTACLE = "obstacle"
    ZONE = "zone"
    LINE = "line"
    IGNORE = "ignore"
    PRIVACY = "privacy"


@dataclass(frozen=True, slots=True)
class PicturedFigure:
    """One of them.

    Attributes:
        pieces: the lines that are to be drawn; none where the picture shows nothing of it.
        corners: those that can be taken hold of; None where the picture does not show one.
        colour, number: as of an `EditableFigure`.
        direction: of a counting line, an arrow the way that counts as ``in``.
    """

    ref: FigureRef
    kind: FigureKind
    pieces: tuple[Ring, ...]
    corners: tuple[Point | None, ...]
    name: str = ""
    colour: str | None = None
    number: int = 0
    direction: tuple[Point, Point] | None = None

    @property
    def is_closed(self) -> bool:
        """Whether its last corner is joined to its first."""
        return self.kind is not FigureKind.LINE

    @property
    def can_be_chosen(self) -> bool:
        """Whether it can be edited in a picture."""
        return self.kind not in (FigureKind.HALL, FigureKind.OBSTACLE)


def list_masks(camera: Camera) -> tuple[PicturedFigure, ...]:
    """A camera's masks in its own frame size; those that hide come last, to be drawn over the others."""
    return tuple(
        PicturedFigure(
            MaskPart(camera.name, kind, index),
            FigureKind(kind.value),
            ((*polygon, polygon[0]),),
            polygon,
            number=index,
        )
        for kind in (MaskKind.IGNORE, MaskKind.PRIVACY)
        for index, polygon in enumerate(list_polygons(camera, kind))
    )


def list_plan_figures(
    venue: Venue, geometry: CameraGeometry, frame_wh: tuple[int, int]
) -> tuple[PicturedFigure, ...]:
    """The plan as a camera sees it: the newest zones and lines, as far as they lie in its picture.

    Args:
        geometry: for pixels of pictures of ``frame_wh``.
    """
    return tuple(_picture(figure, geometry, frame_wh) for figure in list_editable_figures(venue))


def _picture(figure: EditableFigure, geometry: CameraGeometry, frame_wh: tuple[int, int]) -> PicturedFigure:
    return PicturedFigure(
        figure.shape,
        _KINDS[figure.shape.part],
        draw_path(geometry, frame_wh, figure.points, is_closed=not figure.is_line),
        draw_corners(geometry, frame_wh, figure.points),
        figure.shape.name,
        figure.colour,
        figure.number,
        draw_direction(geometry, frame_wh, figure.points) if figure.is_line else None,
    )


_KINDS = {
    Part.OUTLINE: FigureKind.HALL,
    Part.OBSTACLES: FigureKind.OBSTACLE,
    Part.ZONES: FigureKind.ZONE,
    Part.LINES: FigureKind.LINE,
}
