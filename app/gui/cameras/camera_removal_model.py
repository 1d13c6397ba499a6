"""Removes a camera from the open venue, and puts it back as long as the venue is open."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from analytics.domain.errors import VenueError
from analytics.domain.identifiers import CameraId
from app.cameras.remove_camera import RemoveCamera
from app.core.job import JobContext
from app.error_reporting import describe_error
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import display_name, tr
from app.plan.edit_step import EditStep
from app.plan.saved_edits import SavedEdit, save_edit, save_undo


class CameraRemovalViewModel(QObject):
    """Not while it is recorded: the pipeline would go on counting in a camera that the venue lacks."""

    removed = Signal(str)
    """Name of the camera that the venue no longer has."""
    restored = Signal(str)
    """Name of the camera that it has again."""
    failed = Signal(object)
    """An `ErrorReport`: nothing was changed."""
    forgotten = Signal()
    """Another venue is open: what was removed can no longer be put back from here."""

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
        """Whether a camera can be removed now; `failed` says why not."""
        venue = self._app_state.venue
        if venue is None:
            return False
        if self._monitor.is_active:
            error = VenueError(
                "Camera '{camera}' is being recorded.",
                "Stop the recording, then remove the camera.",
                camera=display_name(camera),
            )
            self.failed.emit(describe_error(error, translate=tr))
            return False
        return True

    def remove(self, camera: str) -> None:
        """Take a camera out of the venue, with its calibration and masks; its password stays where it is."""
        venue = self._app_state.venue
        if venue is None or not self.is_possible(camera):
            return

        def work(_context: JobContext) -> SavedEdit:
            return save_edit(venue.folder, RemoveCamera(CameraId(camera)))

        def finish(saved: SavedEdit) -> None:
            if self._take(saved):
                self._last = (camera, saved.step)
                self.removed.emit(camera)

        self._job_runner.run(
            tr("Removing {camera}", camera=display_name(camera)),
            work,
            on_done=finish,
            on_failed=self.failed.emit,
        )

    def undo(self) -> None:
        """Put the camera that was removed last back to where it was; nothing where there is none."""
        venue, last = self._app_state.venue, self._last
        if venue is None or last is None:
            return
        camera, step = last

        def work(_context: JobContext) -> SavedEdit:
            return save_undo(venue.folder, step)

        def finish(saved: SavedEdit) -> None:
            if self._take(saved):
                self._last = None
                self.restored.emit(camera)

        self._job_runner.run(
            tr("Putting {camera} back", camera=display_name(camera)),
            work,
            on_done=finish,
            on_failed=self.failed.emit,
        )

    def _take(self, saved: SavedEdit) -> bool:
        shown = self._app_state.venue
        if shown is None or shown.folder != saved.venue.folder:
            return False
        self._app_state.replace_venue(saved.venue, saved.changes, initiator=self)
        return True

    def _on_venue_opened(self) -> None:
        self._last = None
        self.forgotten.emit()
