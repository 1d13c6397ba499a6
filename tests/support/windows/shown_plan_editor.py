"""The plan editor's page as a person has it before them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from analytics.domain.zone import CountingLine, Zone
from app.core.change_set import Part
from app.core.document import Venue
from app.core.file_format import read_venue
from app.gui.plan.model import PlanEditorViewModel
from app.gui.plan.page import PlanEditorView
from app.gui.plan.panel_models import PlanEditorViewModels, PlanPictureViewModel
from app.gui.session.app_state import AppState
from app.plan.plan_shapes import Shape

LEFT = Qt.MouseButton.LeftButton
ROBOTICS, DOOR = Shape(Part.ZONES, "Robotics"), Shape(Part.LINES, "door")
LONG_ENOUGH_MS = 5000


@dataclass
class Shown:
    view: PlanEditorView
    parts: PlanEditorViewModels
    app_state: AppState
    folder: Path

    @property
    def model(self) -> PlanEditorViewModel:
        return self.parts.editor

    @property
    def picture(self) -> PlanPictureViewModel:
        return self.parts.picture

    @property
    def saved(self) -> Venue:
        return read_venue(self.folder)

    @property
    def content(self) -> bytes:
        return (self.folder / "venue.toml").read_bytes()

    def zone(self, name: str) -> Zone:
        return next(zone for zone in self.saved.geometry_at(None).zones if zone.name == name)

    def line(self, name: str) -> CountingLine:
        return next(line for line in self.saved.geometry_at(None).lines if line.name == name)

    def at(self, x_m: float, y_m: float) -> QPoint:
        return self.view.canvas.mapFromScene(x_m, y_m)


def click(qtbot: QtBot, shown: Shown, *places: tuple[float, float]) -> None:
    for place in places:
        qtbot.mouseMove(shown.view.canvas.viewport(), shown.at(*place))
        qtbot.mouseClick(shown.view.canvas.viewport(), LEFT, pos=shown.at(*place))


def drag(qtbot: QtBot, shown: Shown, start: tuple[float, float], end: tuple[float, float]) -> None:
    viewport = shown.view.canvas.viewport()
    qtbot.mousePress(viewport, LEFT, pos=shown.at(*start))
    for share in (0.3, 0.7, 1.0):
        place = tuple(a + share * (b - a) for a, b in zip(start, end, strict=True))
        qtbot.mouseMove(viewport, shown.at(*place))
    qtbot.mouseRelease(viewport, LEFT, pos=shown.at(*end))
