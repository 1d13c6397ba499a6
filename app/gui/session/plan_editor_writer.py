"""Writes edits of a plan, and their undoing, one after the other in the background."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, Unpack

from PySide6.QtCore import QObject, Signal

from analytics.domain.errors import ExpoFlowError
from app.core.document import Venue
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.plan_editor_history import UndoHistory
from app.gui.session.translation import tr
from app.gui.session.view_model import State, VenueParts, VenueViewModel
from app.plan.plan_shapes import GeometryEdit, Shape
from app.plan.saved_edits import EditStep, SavedEdit, TriedEdit, save_edit, save_redo, save_undo

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EditTask:
    """One edit to write.

    Attributes:
        make: gives the edit for the venue as it is when its turn comes; None: undo or redo.
        is_undo: of those two, which.
        gesture: tasks of the same one are undone together.
        shape: what is selected afterwards.
        tried: result of trying the edit in the venue as shown.
    """

    make: Callable[[Venue], GeometryEdit] | None = None
    is_undo: bool = False
    gesture: Hashable = None
    shape: Shape | None = None
    tried: TriedEdit | None = None


class PlanEditWriter(QObject):
    """Writes tasks in order; after a failure the waiting ones are dropped, since they build on it."""

    written = Signal(object, object)
    """(`EditTask`, `SavedEdit`)"""
    failed = Signal(object)
    """An `ErrorReport`."""

    def __init__(self, *, app_state: AppState, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self._tasks: deque[EditTask] = deque()
        self.steps: UndoHistory[EditStep] = UndoHistory()
        self.is_writing = False

    def push(self, task: EditTask) -> None:
        if self._app_state.venue is not None:
            self._tasks.append(task)
            self._write_next()

    def forget(self) -> None:
        """Clear queue and history, after another venue was opened."""
        self._tasks.clear()
        self.steps.clear()
        self.is_writing = False

    def _write_next(self) -> None:
        while self._tasks and not self.is_writing:
            venue = self._app_state.venue
            if venue is None:
                self._tasks.clear()
                return
            task = self._tasks.popleft()
            try:
                work = self._find_work(venue, task)
            except ExpoFlowError as error:
                self._fail(describe_error(error, translate=tr))
                return
            if work is not None:
                self._write(venue.folder, task, work)

    def _find_work(self, venue: Venue, task: EditTask) -> Callable[[Path], SavedEdit] | None:
        if task.make is not None:
            edit = task.make(venue)
            return lambda folder: save_edit(folder, edit, tried=task.tried)
        step = self.steps.to_undo if task.is_undo else self.steps.to_redo
        if step is None:
            return None
        write = save_undo if task.is_undo else save_redo
        return lambda folder: write(folder, step)

    def _write(self, folder: Path, task: EditTask, work: Callable[[Path], SavedEdit]) -> None:
        self.is_writing = True
        self._job_runner.run(
            lambda: tr("Writing the plan"),
            lambda _context: work(folder),
            on_done=lambda saved: self._on_written(folder, task, saved),
            on_failed=lambda report: self._on_failed(folder, report),
        )

    def _is_shown(self, folder: Path) -> bool:
        venue = self._app_state.venue
        return venue is not None and venue.folder == folder

    def _on_written(self, folder: Path, task: EditTask, saved: SavedEdit) -> None:
        if not self._is_shown(folder):
            return
        self.is_writing = False
        if task.make is not None:
            self.steps.push(dataclasses.replace(saved.step, gesture=task.gesture))
        elif task.is_undo:
            self.steps.mark_undone()
        else:
            self.steps.mark_redone()
        self.written.emit(task, saved)
        self._write_next()

    def _on_failed(self, folder: Path, report: ErrorReport) -> None:
        if self._is_shown(folder):
            self.is_writing = False
            self._fail(report)

    def _fail(self, report: ErrorReport) -> None:
        self._tasks.clear()
        self.failed.emit(report)


class EditingViewModel(VenueViewModel[State]):
    """Edits the open venue; a subclass shows the state and handles written edits."""

    def __init__(self, state: State, **parts: Unpack[VenueParts]) -> None:
        super().__init__(state, **parts)
        self.app_state, self.job_runner = self._app_state, self._job_runner
        self._writer = PlanEditWriter(app_state=self._app_state, job_runner=self._job_runner, parent=self)
        self._writer.written.connect(self._on_written)
        self._writer.failed.connect(self.report_error)
        self._failure: ErrorReport | None = None
        self._nudges: dict[Hashable, tuple[float, ...]] = {}

    def undo(self) -> None:
        self._writer.push(EditTask(is_undo=True))

    def redo(self) -> None:
        self._writer.push(EditTask())

    def read_picture(self, path: str | None, read: Callable[[str], T], on_read: Callable[[T], None]) -> None:
        """Read the plan's picture in the background, if any; ``read`` must not touch any widget."""
        if path is not None:
            key, title = f"{type(self).__name__} picture", tr("Reading the plan's picture")
            self.job_runner.run_latest(key, title, lambda _job: read(path), on_done=on_read)

    def report_error(self, report: ErrorReport) -> None:
        # the writer has dropped the waiting tasks
        self._nudges.clear()
        self._failure = report
        self._show()

    def retranslate(self) -> None:
        self._show()

    def _push_edit(
        self, venue: Venue, edit: GeometryEdit, shape: Shape | None, gesture: Hashable = None
    ) -> bool:
        """Write an edit unless it cannot be applied; queued edits may change that, and are waited for."""
        tried = None
        if not self._writer.is_writing:
            try:
                tried = TriedEdit(edit, venue, edit.apply(venue))
            except ExpoFlowError as error:
                return self._refuse(error)
        self._writer.push(EditTask(lambda _venue: edit, gesture=gesture, shape=shape, tried=tried))
        return True

    def _refuse(self, error: ExpoFlowError) -> bool:
        self.report_error(describe_error(error, translate=tr))
        return False

    def _show(self) -> None:
        raise NotImplementedError

    def _on_written(self, task: EditTask, saved: SavedEdit) -> None:
        raise NotImplementedError
