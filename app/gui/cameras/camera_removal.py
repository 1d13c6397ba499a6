"""Removing a camera: view-model and question."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from analytics.domain.errors import VenueError
from analytics.domain.identifiers import CameraId
from app.cameras.edit_masks import RemoveCamera
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import display_name, tr
from app.gui.widgets.notification_banner import NotificationBanner
from app.plan.saved_edits import EditStep, SavedEdit, save_edit, save_undo
from app.recording.record_venue import list_recorded


class CameraRemovalViewModel(QObject):
    """The removal of cameras; a recording reads a removed one no more, but cannot do without its last one."""

    removed = Signal(str)
    """Name of the removed camera."""
    restored = Signal(str)
    """Name of the restored camera."""
    failed = Signal(object)
    """An `ErrorReport` of a failed removal or undo."""
    undo_expired = Signal()
    """Another venue was opened, so the removal can no longer be undone here."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        monitor: PipelineMonitor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner, self._monitor = app_state, job_runner, monitor
        self._last: tuple[str, EditStep] | None = None
        app_state.venue_opened.connect(self._on_venue_opened)

    def is_possible(self, camera: str) -> bool:
        """Return whether a camera can be removed now; `failed` reports why not."""
        venue = self._app_state.venue
        if venue is None:
            return False
        if self._monitor.is_active and not set(list_recorded(venue)) - {camera}:
            error = VenueError(
                "Camera '{camera}' is the only one that is recorded.",
                "Stop the recording, then remove the camera.",
                camera=display_name(camera),
            )
            self.failed.emit(describe_error(error, translate=tr))
            return False
        return True

    def remove(self, camera: str) -> None:
        """Remove a camera from the venue, with its calibration and masks; its password is kept."""
        venue = self._app_state.venue
        if venue is None or not self.is_possible(camera):
            return

        def finish(saved: SavedEdit) -> None:
            self._last = (camera, saved.step)
            self.removed.emit(camera)

        title = tr("Removing {camera}", camera=display_name(camera))
        self._run(title, lambda: save_edit(venue.folder, RemoveCamera(CameraId(camera))), finish)

    def undo(self) -> None:
        venue, last = self._app_state.venue, self._last
        if venue is None or last is None:
            return
        camera, step = last

        def finish(_saved: SavedEdit) -> None:
            self._last = None
            self.restored.emit(camera)

        title = tr("Restoring {camera}", camera=display_name(camera))
        self._run(title, lambda: save_undo(venue.folder, step), finish)

    def _run(self, title: str, work: Callable[[], SavedEdit], on_done: Callable[[SavedEdit], None]) -> None:
        def take(saved: SavedEdit) -> None:
            shown = self._app_state.venue
            if shown is not None and shown.folder == saved.venue.folder:
                self._app_state.replace_venue(saved.venue, saved.changes, initiator=self)
                on_done(saved)

        self._job_runner.run(title, lambda _context: work(), on_done=take, on_failed=self.failed.emit)

    def _on_venue_opened(self) -> None:
        self._last = None
        self.undo_expired.emit()


class CameraRemovalNotice(NotificationBanner):
    """A notice that is hidden until a camera was removed, or could not be."""

    def __init__(self, viewmodel: CameraRemovalViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        viewmodel.setParent(self)
        self._viewmodel = viewmodel
        self._question: QMessageBox | None = None
        viewmodel.removed.connect(self._on_removed)
        viewmodel.restored.connect(self._on_restored)
        viewmodel.failed.connect(self._on_failed)
        viewmodel.undo_expired.connect(self.hide)
        self.action_chosen.connect(viewmodel.undo)

    @property
    def open_question(self) -> QMessageBox | None:
        return self._question

    def ask(self, camera: str) -> None:
        if self._question is not None or not self._viewmodel.is_possible(camera):
            return
        title = tr("Remove {camera}?", camera=display_name(camera))
        dialog = QMessageBox(
            QMessageBox.Icon.Warning, title, title, QMessageBox.StandardButton.Cancel, self.window()
        )
        dialog.setInformativeText(
            tr(
                "Its address, calibration and masks will be removed. Recorded data remains, but "
                "floor seen only by this camera counts as not observed, also in the past. Its "
                "password is kept. You can undo this until the venue is closed."
            )
        )
        remove = dialog.addButton(tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        dialog.setDefaultButton(QMessageBox.StandardButton.Cancel)
        dialog.setEscapeButton(QMessageBox.StandardButton.Cancel)

        def finish() -> None:
            self._question = None
            is_agreed = dialog.clickedButton() is remove
            dialog.deleteLater()
            if is_agreed:
                self._viewmodel.remove(camera)

        self._question = dialog
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.finished.connect(finish)
        dialog.open()

    def _on_removed(self, camera: str) -> None:
        self.show_message(
            lambda: tr("{camera} was removed.", camera=display_name(camera)),
            lambda: tr("Recorded data remains."),
            tone="neutral",
            action=lambda: tr("Undo"),
        )

    def _on_restored(self, camera: str) -> None:
        self.show_message(lambda: tr("{camera} was restored.", camera=display_name(camera)), tone="good")

    def _on_failed(self, report: ErrorReport) -> None:
        self.show_message(lambda: report.render(tr).problem, lambda: report.render(tr).remedy)
