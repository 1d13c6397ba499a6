"""What the window does by itself: prepares days that are over, watches other recorders, opens the demo."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.core.change_set import ChangeSet
from app.core.child_command import run_child_command
from app.core.document import Venue
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.demo.demo_exhibition import find_demo_folder, is_demo_venue
from app.facts.prepared_facts import find_unprepared, prepare_facts_in_child
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import tr
from app.gui.window.shell import ShellViewModel
from app.recording.announcement import find_other_recorder

LOOK_EVERY_MS = 2000


class RecorderWatch(QObject):
    """Looks when a venue is opened, and every two seconds while nothing is recorded."""

    def __init__(
        self, *, app_state: AppState, monitor: PipelineMonitor, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._app_state, self._monitor = app_state, monitor
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        app_state.venue_opened.connect(self._on_venue_opened)

    def look(self) -> None:
        """Let the window look at whoever records the venue, unless it looks at somebody already."""
        venue = self._app_state.venue
        if venue is None or self._monitor.is_active:
            return
        recorder = find_other_recorder(venue.folder)
        if recorder is not None:
            self._monitor.attach(venue.folder, recorder)

    def _on_venue_opened(self) -> None:
        if self._app_state.venue is None:
            self._timer.stop()
            return
        self._timer.start()
        self.look()


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
        prepare_facts_in_child(venue.folder, context)


PREPARE_DAYS_KEY = "prepare days"
"""Of the job that prepares the history."""
_COMMAND = ("demo-exhibition", "--json", "--no-truth", "--venue")


class DemonstrationViewModel(QObject):
    """The demo's way into the window; from there on it is a venue like any other."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        shell: ShellViewModel,
        folder: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        """``folder`` is where the demo's venue lies, by default among ExpoFlow's own data."""
        super().__init__(parent)
        self._app_state = app_state
        self._job_runner = job_runner
        self._shell = shell
        self._folder = folder or find_demo_folder()
        app_state.venue_opened.connect(self._on_venue_opened)

    def open(self) -> None:
        """Show the demo exhibition, after making it if this is the first time."""
        self._job_runner.run_latest(
            "open demonstration",
            lambda: tr("Letting visitors in"),
            partial(_make_or_read, self._folder),
            on_done=self._show,
            on_failed=self._shell.complain,
        )

    def _show(self, venue: Venue) -> None:
        self._shell.show_venue(venue)
        self._shell.start_recording()

    def _on_venue_opened(self) -> None:
        venue = self._app_state.venue
        if venue is not None and is_demo_venue(venue):
            self._job_runner.run_latest(
                PREPARE_DAYS_KEY,
                lambda: tr("Preparing two days of history"),
                partial(_prepare_days, venue.folder),
                on_done=self._on_days_prepared,
                on_failed=self._shell.complain,
            )

    def _on_days_prepared(self, _answer: str) -> None:
        self._app_state.announce(ChangeSet(events=True), initiator=self)


def _make_or_read(folder: Path, context: JobContext) -> Venue:
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        # its cameras are calibrated by OpenCV, which a window must not load
        run_child_command((*_COMMAND, str(folder), "--no-history"), context)
    return read_venue(folder)


def _prepare_days(folder: Path, context: JobContext) -> str:
    return run_child_command((*_COMMAND, str(folder)), context)
