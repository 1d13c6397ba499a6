"""Windows for one camera, opened from the wall and from the list of cameras."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.gui.widgets.layouts import open_dialog
from app.gui.window.main_window import MainWindow, WindowParts

if TYPE_CHECKING:
    from app.core.credentials import CredentialStore
    from app.gui.cameras.camera_removal import CameraRemovalNotice
    from app.gui.live.model import LiveWallViewModel
    from app.gui.live.page import LiveWallView
    from app.gui.plan.floor_files_panel import FloorFilesPanel
    from app.gui.plan.model import PlanEditorViewModel
    from app.gui.session.app_state import AppState
    from app.gui.session.job_runner import JobRunner
    from app.gui.session.pipeline_monitor import PipelineMonitor


@dataclass(frozen=True, slots=True)
class CameraWindows:
    """Functions that open a window for the camera of a name."""

    calibrate: Callable[[str], None]
    draw_in_picture: Callable[[str], None]
    show_view: Callable[[str], None]


def connect_camera_windows(
    window: MainWindow,
    parts: WindowParts,
    editor: PlanEditorViewModel,
    *,
    wall: LiveWallView,
    files: FloorFilesPanel,
) -> CameraWindows:
    from app.gui.calibration.calibration_draft import UnsavedDrafts
    from app.gui.calibration.model import CalibrationViewModel
    from app.gui.calibration.page import CalibrationDialog
    from app.gui.cameras.detection import DetectionDialog, DetectionViewModel
    from app.gui.cameras.moved_camera import MovedCameraDialog, MovedCameraViewModel
    from app.gui.plan.camera_picture_model import CameraPictureViewModel
    from app.gui.plan.camera_picture_page import CameraPictureDialog

    app_state, job_runner, monitor = parts.app_state, parts.job_runner, parts.monitor
    drafts = UnsavedDrafts()

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
        open_dialog(dialog)

    def draw_in_picture(camera: str) -> None:
        if app_state.venue is None:
            return
        dialog = CameraPictureDialog(
            CameraPictureViewModel(
                camera, app_state=app_state, job_runner=job_runner, monitor=monitor, editor=editor
            ),
            window,
        )
        open_dialog(dialog)

    def set_detection(camera: str) -> None:
        if app_state.venue is None:
            return
        viewmodel = DetectionViewModel(camera, app_state=app_state, job_runner=job_runner, edit=editor.edit)
        open_dialog(DetectionDialog(viewmodel, window))

    def show_view(camera: str) -> None:
        viewmodel = MovedCameraViewModel(camera, app_state=app_state, job_runner=job_runner, monitor=monitor)
        viewmodel.realigned.connect(parts.shell.restart_recording)
        dialog = MovedCameraDialog(viewmodel, window)
        dialog.calibration_requested.connect(calibrate)
        open_dialog(dialog)

    for signal in (wall.view_requested, window.field_of_view_requested):
        signal.connect(show_view)
    wall.detection_requested.connect(set_detection)
    for signal in (wall.calibration_requested, files.calibration_requested):
        signal.connect(calibrate)
    for signal in (wall.drawing_requested, files.drawing_requested):
        signal.connect(draw_in_picture)
    return CameraWindows(calibrate, draw_in_picture, show_view)


def connect_camera_wizard(
    wall: LiveWallView,
    live: LiveWallViewModel,
    *,
    app_state: AppState,
    job_runner: JobRunner,
    open_credentials: Callable[[], CredentialStore] | None = None,
) -> None:
    from app.gui.cameras.camera_wizard_model import CameraWizardViewModel
    from app.gui.cameras.camera_wizard_page import CameraWizard

    def open_wizard(name: str, starts_at_login: bool) -> None:
        viewmodel = CameraWizardViewModel(
            app_state=app_state, job_runner=job_runner, open_credentials=open_credentials
        )
        if name:
            viewmodel.begin_with(name, starts_at_login=starts_at_login)
        viewmodel.changed.connect(live.camera_changed)
        wizard = CameraWizard(viewmodel, wall.window())
        open_dialog(wizard)

    wall.wizard_requested.connect(open_wizard)


def connect_camera_removal(
    wall: LiveWallView, *, app_state: AppState, job_runner: JobRunner, monitor: PipelineMonitor
) -> CameraRemovalNotice:
    from app.gui.cameras.camera_removal import CameraRemovalNotice, CameraRemovalViewModel

    viewmodel = CameraRemovalViewModel(app_state=app_state, job_runner=job_runner, monitor=monitor)
    notice = CameraRemovalNotice(viewmodel, wall)
    wall.add_notice(notice)
    wall.removal_requested.connect(notice.ask)
    return notice
