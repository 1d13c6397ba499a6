"""The window with a camera's picture over a venue on disk, operated by what a person sees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from analytics.domain.camera import Camera
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from app.core.credentials import MemoryCredentialStore
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue, read_venue
from app.gui.plan.camera_picture_model import CameraPictureState, CameraPictureViewModel
from app.gui.plan.camera_picture_page import CameraPictureDialog
from app.gui.plan.model import PlanEditorViewModel
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from tests.support.windows.scripted_monitor import PicturePreview, ScriptedMonitor
from tools.simulation.rendering.exhibition_scene import FRAME_SIZE_WH, HALL_CAMERAS, calibrate_hall_camera
from vision.pixel_types import Picture

LEFT = Qt.MouseButton.LeftButton
HALL_CAMERA = HALL_CAMERAS[0]
TRUTH = HALL_CAMERA.to_pinhole().to_geometry()
WITHIN_MS = 10_000
STAND = ((4.0, 9.0), (9.0, 9.0), (9.0, 11.0), (4.0, 11.0))
DOOR = ((6.0, 6.0), (13.0, 6.0))


def make_hall_camera() -> Camera:
    return replace(calibrate_hall_camera(HALL_CAMERA, analysed_fps=5.0), mask=())


def make_drawn_venue(folder: Path, camera: Camera) -> Venue:
    outline = Polygon.from_points([(0, 0), (40, 0), (40, 25), (0, 25)], what="the floor")
    return create_venue(
        folder / "Hall.expoflow",
        Exhibition("Hall", "UTC"),
        FloorPlan(outline),
        cameras=(VenueCamera(camera, None),),
        geometry=FloorGeometry(
            zones=(Zone(ZoneId("Glass"), ZoneKind.BOOTH, Polygon(STAND)),),
            lines=(CountingLine(LineId("door"), ZoneKind.ENTRANCE, Polyline(DOOR)),),
        ),
    )


def find_pixel(x_m: float, y_m: float) -> tuple[float, float]:
    u, v = TRUTH.project_to_pixel(np.array([[x_m, y_m]]))[0].tolist()
    return u, v


class DrawnPicture:
    """The window is open and shows a picture."""

    def __init__(
        self,
        qtbot: QtBot,
        folder: Path,
        runner: JobRunner,
        *,
        camera: Camera | None = None,
        picture: Picture | None = None,
    ) -> None:
        self.qtbot = qtbot
        camera = camera or make_hall_camera()
        venue = make_drawn_venue(folder, camera)
        self.folder, self.camera = venue.folder, str(camera.name)
        self.app_state, self.monitor = AppState(), ScriptedMonitor()
        self.app_state.show_venue(venue)
        width, height = FRAME_SIZE_WH
        grey = np.full((height, width, 3), 120, np.uint8)
        self.monitor.pictures[self.camera] = PicturePreview(grey if picture is None else picture)
        self.monitor.show_starting()
        self.editor = PlanEditorViewModel(app_state=self.app_state, job_runner=runner)
        self.viewmodel = CameraPictureViewModel(
            self.camera,
            app_state=self.app_state,
            job_runner=runner,
            monitor=self.monitor,
            editor=self.editor,
            open_credentials=MemoryCredentialStore,
        )
        self.dialog = CameraPictureDialog(self.viewmodel)
        self.editor.setParent(self.dialog)
        qtbot.addWidget(self.dialog)
        self.dialog.show()
        with qtbot.waitActive(self.dialog):
            self.dialog.activateWindow()
        self.canvas = self.dialog.canvas
        self.wait(lambda: self.canvas.has_picture)

    @property
    def state(self) -> CameraPictureState:
        return self.viewmodel.state

    @property
    def saved(self) -> Venue:
        return read_venue(self.folder)

    @property
    def saved_camera(self) -> Camera:
        return self.saved.camera(self.camera).camera

    def wait(self, is_so: object) -> None:
        self.qtbot.waitUntil(is_so, timeout=WITHIN_MS)

    def at(self, place: tuple[float, float]) -> QPoint:
        return self.canvas.viewportTransform().map(QPointF(*place)).toPoint()

    def click(self, *places: tuple[float, float]) -> None:
        for place in places:
            self.qtbot.mouseMove(self.canvas.viewport(), self.at(place))
            self.qtbot.mouseClick(self.canvas.viewport(), LEFT, pos=self.at(place))

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        viewport = self.canvas.viewport()
        self.qtbot.mousePress(viewport, LEFT, pos=self.at(start))
        for share in (0.4, 1.0):
            place = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
            self.qtbot.mouseMove(viewport, self.at(place))
        self.qtbot.mouseRelease(viewport, LEFT, pos=self.at(end))

    def press(self, *keys: Qt.Key, shift: bool = False) -> None:
        modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        for key in keys:
            self.qtbot.keyClick(self.canvas, key, modifier)
