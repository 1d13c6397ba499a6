"""All that the window shows in which masks, zones and lines are drawn in a camera's picture."""

from __future__ import annotations

from dataclasses import dataclass

from app.cameras.pictured_figures import FigureRef, PicturedFigure
from app.gui.session.calibration_picture import CameraPicture
from app.plan.floor_scene import Point


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A mask, zone or line that the picture shows, in words."""

    ref: FigureRef
    text: str


@dataclass(frozen=True, slots=True)
class CameraPictureState:
    """All that the window shows.

    Attributes:
        frame_wh: in whose pixels everything is given; None while it is not known.
        picture: in memory alone, people made unrecognisable.
        figures: what is drawn, in this order.
        corners: of the selected figure, as they were last put; None where the picture does not show one.
        can_draw: masks can be drawn.
        can_draw_floor: zones and lines too.
        note: why not.
        may_be_dark: black pictures of the camera count as observed.
        message: what was refused, in words; empty for none.
    """

    camera: str
    frame_wh: tuple[int, int] | None = None
    picture: CameraPicture | None = None
    figures: tuple[PicturedFigure, ...] = ()
    rows: tuple[FigureRow, ...] = ()
    selected: FigureRef | None = None
    corners: tuple[Point | None, ...] = ()
    can_draw: bool = False
    can_draw_floor: bool = False
    note: str = ""
    may_be_dark: bool = False
    message: str = ""
    busy: str = ""
    problem: str = ""
    remedy: str = ""
    undo_text: str = ""
    redo_text: str = ""
    can_undo: bool = False
    can_redo: bool = False
