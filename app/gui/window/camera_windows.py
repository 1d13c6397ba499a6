"""The windows that are about one camera, opened from the wall and from the list of cameras."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.gui.window.main_window import MainWindow, WindowParts

if TYPE_CHECKING:
    from app.gui.floor_plan.floor_files_panel import FloorFilesPanel
    from app.gui.live.page import LiveWallView
    from app.gui.plan.model import PlanEditorViewModel


@dataclass(frozen=True, slots=True)
class CameraWindows:
    """Each opens a window about the camera of a name."""

    calibrate: Callable[[str], None]
    draw_in_picture: Callable[[str], None]
    show_view: Callable[[str], None]


def bind_camera_windows(
    window: MainWindow,
    parts: WindowParts,
    editor: PlanEditorViewModel,
    *,
    wall: LiveWallView,
    files: FloorFilesPanel,
) -> CameraWindows:
    """Let the wall and the list of cameras open the windows that are about one camera."""
    from app.gui.calibration.calibration_draft import KeptDrafts
    from app.gui.calibration.model import CalibrationViewModel
    from app.gui.calibration.page import CalibrationDialog
    from app.gui.cameras.moved_camera_model import MovedCameraViewModel
    from app.gui.cameras.moved_camera_page import MovedCameraDialog
    from app.gui.plan.camera_picture_model import CameraPictureViewModel
    from app.gui.plan.camera_picture_page import CameraPictureDialog

    app_state, job_runner, monitor = parts.app_state, parts.job_runner, parts.monitor
    drafts = KeptDrafts()

    def calibrate(camera: str) -> None:
        if app_state.venue is None:
            return
        viewmodel = CalibrationViewModel(
            camera,
            venue=app_state.venue,
            app_state=app_state,
            job_runner=job_runner,
            monitor=monitor,
            drafts=drafts,
        )
        dialog = CalibrationDialog(viewmodel, job_runner, window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def draw_in_picture(camera: str) -> None:
        if app_state.venue is None:
            return
        dialog = CameraPictureDialog(
            CameraPictureViewModel(
                camera, app_state=app_state, job_runner=job_runner, monitor=monitor, editor=editor
            ),
            window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def show_view(camera: str) -> None:
        viewmodel = MovedCameraViewModel(camera, app_state=app_state, job_runner=job_runner, monitor=monitor)
        viewmodel.realigned.connect(parts.shell.restart_recording)
        dialog = MovedCameraDialog(viewmodel, window)
        dialog.calibration_requested.connect(calibrate)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    for asked in (wall.view_requested, window.view_asked):
        asked.connect(show_view)
    for asked in (wall.calibration_requested, files.calibration_asked):
        asked.connect(calibrate)
    for asked in (wall.drawing_requested, files.drawing_asked):
        asked.connect(draw_in_picture)
    return CameraWindows(calibrate, draw_in_picture, show_view)
