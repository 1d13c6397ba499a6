"""How masks, zones and lines in a camera's picture are called, and why something cannot be drawn in it."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError
from app.error_reporting import describe_error
from app.gui.translation import display_name, tr
from app.gui.viewmodels.calibration_picture import CameraPicture
from app.gui.viewmodels.camera_picture_state import FigureRow
from app.operations.pictured_figures import FigureKind, PicturedFigure

_ROWS_ORDER = (FigureKind.PRIVACY, FigureKind.IGNORE, FigureKind.ZONE, FigureKind.LINE)


def describe_misfit(camera: Camera, picture: CameraPicture | None) -> str:
    """Why nothing can be drawn in a picture: it has another shape than the camera's masks and points."""
    if picture is None:
        return ""
    try:
        camera.scaled_to(picture.frame_wh)
    except CalibrationError as error:
        report = describe_error(error, translate=tr)
        return f"{report.problem} {report.remedy}"
    return ""


def describe_floor_note(geometry: CameraGeometry | None) -> str:
    """Why no zones and lines can be drawn; empty where they can."""
    if geometry is None:
        return tr("The camera is not calibrated: masks can be drawn; zones and lines need its calibration.")
    return ""


def list_rows(figures: Sequence[PicturedFigure]) -> tuple[FigureRow, ...]:
    """What can be chosen of that which the picture shows, masks first."""
    shown = [figure for figure in figures if figure.can_be_chosen and figure.pieces]
    shown.sort(key=lambda figure: _ROWS_ORDER.index(figure.kind))
    return tuple(FigureRow(figure.ref, name_figure(figure)) for figure in shown)


def name_figure(figure: PicturedFigure) -> str:
    """What a mask, zone or line is called."""
    match figure.kind:
        case FigureKind.PRIVACY:
            return tr("Privacy mask {number}", number=figure.number + 1)
        case FigureKind.IGNORE:
            return tr("Ignore mask {number}", number=figure.number + 1)
        case FigureKind.LINE:
            return tr("Line '{name}'", name=display_name(figure.name))
        case _:
            return tr("Zone '{name}'", name=display_name(figure.name))
