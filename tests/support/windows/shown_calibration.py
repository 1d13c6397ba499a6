"""The window that calibrates a camera whose true geometry is known, over a venue on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QGraphicsView
from pytestqt.qtbot import QtBot

from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from app.core.credentials import MemoryCredentialStore
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue, read_venue
from app.gui.calibration.calibration_draft import UnsavedDrafts
from app.gui.calibration.calibration_state import CalibrationState
from app.gui.calibration.model import CalibrationViewModel
from app.gui.calibration.page import CalibrationDialog
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from tests.support.windows.scripted_monitor import PicturePreview, ScriptedMonitor
from tests.support.windows.shown_window import find_button
from tools.simulation.rendering.exhibition_scene import FRAME_SIZE_WH, HALL_CAMERAS, calibrate_hall_camera

CAMERA = HALL_CAMERAS[0]
TRUTH = CAMERA.to_pinhole().to_geometry()
SIX = ((5.0, 4.5), (14.5, 4.5), (4.0, 8.0), (16.0, 8.0), (2.0, 12.0), (18.0, 12.0))
"""Metres; all of them in the picture."""
ANSWERS_WITHIN_MS = 20_000


def find_pixels(floor_m: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    return [(float(u), float(v)) for u, v in TRUTH.project_to_pixel(np.array(floor_m))]


class OpenedCalibration:
    """The window over a venue on disk, operated by what a person sees."""

    def __init__(self, qtbot: QtBot, folder: Path, runner: JobRunner) -> None:
        camera = replace(calibrate_hall_camera(CAMERA, analysed_fps=5.0), pairs=(), mask=())
        outline = Polygon.from_points([(0, 0), (40, 0), (40, 25), (0, 25)], what="the floor")
        stand = Polygon.from_points([(4, 9), (9, 9), (9, 11), (4, 11)], what="the stand")
        self.qtbot = qtbot
        self.folder = folder / "Hall.expoflow"
        venue = create_venue(
            self.folder,
            Exhibition("Hall", "UTC"),
            FloorPlan(outline),
            cameras=(VenueCamera(camera, None),),
            geometry=FloorGeometry(zones=(Zone(ZoneId("Glass"), ZoneKind.BOOTH, stand),)),
        )
        self.app_state, self.monitor = AppState(), ScriptedMonitor()
        self.app_state.show_venue(venue)
        width, height = FRAME_SIZE_WH
        grey = np.full((height, width, 3), 90, np.uint8)
        grey[: height // 3] = (200, 60, 20)
        self.monitor.pictures[str(CAMERA.name)] = PicturePreview(grey)
        self.monitor.show_starting()
        self.runner, self.drafts = runner, UnsavedDrafts()
        self.dialog = self.open_dialog()

    def open_dialog(self) -> CalibrationDialog:
        self.viewmodel = CalibrationViewModel(
            str(CAMERA.name),
            venue=self.saved,
            app_state=self.app_state,
            job_runner=self.runner,
            monitor=self.monitor,
            open_credentials=MemoryCredentialStore,
            drafts=self.drafts,
        )
        dialog = CalibrationDialog(self.viewmodel, self.runner)
        self.qtbot.addWidget(dialog)
        dialog.show()
        with self.qtbot.waitActive(dialog):
            dialog.activateWindow()
        self.qtbot.waitUntil(lambda: dialog.picture.has_picture, timeout=ANSWERS_WITHIN_MS)
        return dialog

    def save(self) -> None:
        """Press the button, which closes the window."""
        find_button(self.dialog, "Save").click()
        self.qtbot.waitUntil(lambda: not self.dialog.isVisible(), timeout=ANSWERS_WITHIN_MS)

    def reopen(self) -> None:
        """Open the window again, as somebody does who goes on."""
        self.dialog = self.open_dialog()
        self.wait()

    @property
    def state(self) -> CalibrationState:
        return self.viewmodel.state

    @property
    def saved(self) -> Venue:
        """What is on disk."""
        return read_venue(self.folder)

    def find_place(self, canvas: QGraphicsView, place: tuple[float, float]) -> QPoint:
        return canvas.viewportTransform().map(QPointF(*place)).toPoint()

    def click_pair(self, pixel: tuple[float, float], floor: tuple[float, float]) -> None:
        for canvas, place in ((self.dialog.picture, pixel), (self.dialog.plan, floor)):
            self.qtbot.mouseClick(
                canvas.viewport(), Qt.MouseButton.LeftButton, pos=self.find_place(canvas, place)
            )

    def click_six(self) -> None:
        for pixel, floor in zip(find_pixels(SIX), SIX, strict=True):
            self.click_pair(pixel, floor)
            # a click on the plan is a few centimetres off: what was measured is typed
            self.dialog.details.x_field.setValue(floor[0])
            self.dialog.details.y_field.setValue(floor[1])
        self.wait()

    def wait(self) -> None:
        """Until what the points give is known."""
        self.qtbot.waitUntil(
            lambda: (
                bool(self.state.points)
                and all(point.residual_m is not None for point in self.state.points)
                and not self.viewmodel.is_measuring
            ),
            timeout=ANSWERS_WITHIN_MS,
        )

    def press(self, canvas: QGraphicsView, key: Qt.Key, *, shift: bool = False) -> None:
        modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        self.qtbot.keyClick(canvas, key, modifier)
