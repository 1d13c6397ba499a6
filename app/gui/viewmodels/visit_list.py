"""The list of visits behind a figure, found in the background."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.error_reporting import ErrorReport
from app.gui.app_state import AppState
from app.gui.job_runner import JobRunner
from app.gui.translation import tr
from app.jobs.job import JobContext
from app.operations.listed_visits import FoundVisits, VisitFilter


class VisitListViewModel(QObject):
    """Holds what was found last; a newer question takes the place of one that is not answered."""

    state_changed = Signal()
    failed = Signal(object)
    """ErrorReport."""

    def __init__(self, *, app_state: AppState, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._job_runner = job_runner
        self._asked: object = None
        self._found: FoundVisits | None = None
        app_state.venue_opened.connect(self.clear)

    @property
    def found(self) -> FoundVisits | None:
        """What was asked for; None while it is being found."""
        return self._found

    def clear(self) -> None:
        """Nothing is listed."""
        self._asked, self._found = None, None
        self.state_changed.emit()

    def ask(self, wanted: VisitFilter, period_s: tuple[float, float]) -> None:
        """Find visits of a period; seconds since the epoch."""
        venue = self._app_state.venue
        if venue is None:
            return
        self._asked = asked = object()
        self._found = None
        self.state_changed.emit()

        def work(job: JobContext) -> FoundVisits:
            # pandas takes longer to load than the window to appear
            from app.operations.visit_list import list_visits

            return list_visits(venue=venue, period_s=period_s, wanted=wanted, job=job)

        def show(found: FoundVisits) -> None:
            if asked is self._asked:
                self._asked, self._found = None, found
                self.state_changed.emit()

        def complain(fault: ErrorReport) -> None:
            if asked is self._asked:
                self._asked = None
                self.state_changed.emit()
                self.failed.emit(fault)

        self._job_runner.run_latest(
            "visits", lambda: tr("Listing visits"), work, on_done=show, on_failed=complain
        )
