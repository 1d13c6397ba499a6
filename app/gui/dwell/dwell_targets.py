"""Editing of the time that a visitor needs for a zone."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.error_reporting import ErrorReport
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.plan_editor_history import describe_redo, describe_undo
from app.gui.session.plan_editor_writer import EditTask, PlanEditWriter
from app.gui.session.translation import join_sentences, tr
from app.plan.edit_plan import SetDwellTarget
from app.plan.saved_edits import SavedEdit


class DwellTargetsViewModel(QObject):
    """View-model of needed times; every edit is written at once and can be undone."""

    state_changed = Signal()

    def __init__(self, *, app_state: AppState, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._writer = PlanEditWriter(app_state=app_state, job_runner=job_runner, parent=self)
        self._writer.written.connect(self._on_written)
        self._writer.failed.connect(self._on_failed)
        self._failure: ErrorReport | None = None
        app_state.venue_opened.connect(self._on_venue_opened)

    @property
    def undo_text(self) -> str:
        """Name of the edit to undo; empty for none."""
        words = self._writer.steps.undo_title
        return "" if words is None else describe_undo(words)

    @property
    def redo_text(self) -> str:
        """Name of the edit to redo; empty for none."""
        words = self._writer.steps.redo_title
        return "" if words is None else describe_redo(words)

    @property
    def fault(self) -> str:
        """Reason why the last edit was rejected, with a remedy; empty if it was not."""
        text = None if self._failure is None else self._failure.render(tr)
        return "" if text is None else join_sentences((text.problem, text.remedy))

    def set_needed(self, zone: str, needed_s: float | None) -> None:
        """Set the time that a zone needs, seconds; None if unknown."""
        self._failure = None
        self._writer.push(EditTask(lambda _venue: SetDwellTarget(zone, needed_s)))

    def undo(self) -> None:
        self._writer.push(EditTask(is_undo=True))

    def redo(self) -> None:
        self._writer.push(EditTask())

    def _on_written(self, _task: EditTask, saved: SavedEdit) -> None:
        if saved.changes:
            self._app_state.replace_venue(saved.venue, saved.changes, initiator=self)
        self.state_changed.emit()

    def _on_failed(self, report: ErrorReport) -> None:
        self._failure = report
        self.state_changed.emit()

    def _on_venue_opened(self) -> None:
        self._writer.forget()
        self._failure = None
        self.state_changed.emit()
