"""Removes a camera from the open venue, and puts it back as long as the venue is open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from analytics.domain.errors import VenueError
from analytics.domain.identifiers import CameraId
from app.cameras.edit_masks import RemoveCamera
from app.error_reporting import describe_error
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import display_name, tr
from app.plan.saved_edits import EditStep, SavedEdit, save_edit, save_undo


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

        def finish(saved: SavedEdit) -> None:
            self._last = (camera, saved.step)
            self.removed.emit(camera)

        title = tr("Removing {camera}", camera=display_name(camera))
        self._run(title, lambda: save_edit(venue.folder, RemoveCamera(CameraId(camera))), finish)

    def undo(self) -> None:
        """Put the camera that was removed last back to where it was; nothing where there is none."""
        venue, last = self._app_state.venue, self._last
        if venue is None or last is None:
            return
        camera, step = last

        def finish(_saved: SavedEdit) -> None:
            self._last = None
            self.restored.emit(camera)

        title = tr("Putting {camera} back", camera=display_name(camera))
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
        self.forgotten.emit()
