"""Everything that can be seen or taken hold of in a camera's picture, in its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from app.cameras.edit_masks import MaskPart, list_polygons
from app.cameras.mask_kind import MaskKind
from app.cameras.pictured_plan import draw_corners, draw_direction, draw_path
from app.core.document import Venue
from app.plan.editable_figures import EditableFigure, list_editable_figures
from app.plan.floor_scene import Point, Ring
from app.plan.geometry_change import Part
from app.plan.plan_shapes import Shape

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
