"""Prepares the days that are over while the window is open, so that nobody waits for a month."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer

from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.job import JobContext
from app.demo.demo_exhibition import is_demo_venue
from app.facts.prepared_facts import find_unprepared, prepare_facts_apart
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import tr

PREPARE_FACTS_KEY = "prepare facts"
"""Of the job."""
DELAY_MS = 15_000
"""After opening a venue, whose first pages come first, and after an edit, which others follow."""
AGAIN_MS = 3_600_000
"""A window stays open for days, of which one after the other is over."""


class FactPreparationViewModel(QObject):
    """Has a process of its own compute what is missing; the status bar shows it and can stop it."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        delay_ms: int = DELAY_MS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._job_runner = job_runner
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(delay_ms)
        self._due.timeout.connect(self._prepare)
        self._again = QTimer(self)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._prepare)
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(self._on_changed)

    @property
    def is_due(self) -> bool:
        """Whether it will look in a moment what is missing."""
        return self._due.isActive()

    def _on_venue_opened(self) -> None:
        self._stop()
        venue = self._app_state.venue
        if venue is None:
            return
        self._again.start()
        # a demonstration's history is announced when it is there
        if not is_demo_venue(venue):
            self._due.start()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        is_past_touched = changes.events and changes.events_from_utc_s is None
        if changes.zones or changes.plan or changes.cameras or changes.corrections or is_past_touched:
            # what was being made may be out of date already
            self._stop()
            self._due.start()

    def _stop(self) -> None:
        self._due.stop()
        for handle in self._job_runner.handles:
            if handle.key == PREPARE_FACTS_KEY:
                handle.cancel()

    def _prepare(self) -> None:
        venue = self._app_state.venue
        if venue is not None:
            self._job_runner.run_latest(
                PREPARE_FACTS_KEY,
                lambda: tr("Preparing days that are over"),
                partial(_prepare_missing, venue),
                on_done=lambda _result: None,
                # the pages compute what they need, and say what is wrong if that fails, too
                on_failed=lambda _report: None,
            )


def _prepare_missing(venue: Venue, context: JobContext) -> None:
    context.checkpoint(0.0, 0.0)
    if find_unprepared(venue):
        prepare_facts_apart(venue.folder, context)
