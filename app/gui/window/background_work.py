"""Background work of the window: preparing past days, watching other recorders, opening the demo."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.core.change_set import ChangeSet
from app.core.child_command import run_child_command
from app.core.document import Venue
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.demo.ready_venue import find_demo_folder
from app.facts.prepared_facts import find_unprepared, prepare_facts_in_child
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import tr
from app.gui.window.shell import ShellViewModel
from app.recording.announcement import find_other_recorder

POLL_INTERVAL_MS = 2000


class RecorderWatch(QObject):
    """Watches for another recorder when a venue is opened and every two seconds while nothing is recorded."""

    def __init__(
        self, *, app_state: AppState, monitor: PipelineMonitor, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._app_state, self._monitor = app_state, monitor
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self.check)
        app_state.venue_opened.connect(self._on_venue_opened)

    def check(self) -> None:
        """Attach the window to the process that records the venue, unless it is attached already."""
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
        self.check()


PREPARE_FACTS_KEY = "prepare facts"
"""Key of the preparation job."""
DELAY_MS = 15_000
"""Delay after opening a venue or an edit, so that its pages come first."""
RECHECK_MS = 3_600_000
"""Interval of checks; while the window stays open, further days end."""


class FactPreparationViewModel(QObject):
    """Computes missing facts in a separate process, with progress and cancel in the status bar."""

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
        self._recheck = QTimer(self)
        self._recheck.setInterval(RECHECK_MS)
        self._recheck.timeout.connect(self._prepare)
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(self._on_changed)

    @property
    def is_due(self) -> bool:
        return self._due.isActive()

    def _on_venue_opened(self) -> None:
        self._stop()
        venue = self._app_state.venue
        if venue is None:
            return
        self._recheck.start()
        self._due.start()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        is_past_touched = changes.events and changes.events_from_utc_s is None
        if changes.zones or changes.plan or changes.cameras or changes.corrections or is_past_touched:
            # a running preparation may be out of date already
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
                lambda: tr("Preparing past days"),
                partial(_prepare_missing, venue),
                on_done=lambda _result: None,
                # the pages compute missing facts themselves and report errors
                on_failed=lambda _report: None,
            )


def _prepare_missing(venue: Venue, context: JobContext) -> None:
    context.checkpoint(0.0, 0.0)
    if find_unprepared(venue):
        prepare_facts_in_child(venue.folder, context)


class DemonstrationViewModel(QObject):
    """Opens the demo, which is an ordinary venue from then on."""

    def __init__(
        self,
        *,
        job_runner: JobRunner,
        shell: ShellViewModel,
        folder: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Set up the view-model; ``folder`` holds the demo's venue, by default in ExpoFlow's own data."""
        super().__init__(parent)
        self._job_runner = job_runner
        self._shell = shell
        self._folder = folder or find_demo_folder()

    def open(self) -> None:
        """Open the demo exhibition, unpacking it where it is missing or its days are over."""
        self._shell.leave_venue(self._open)

    def _open(self) -> None:
        self._job_runner.run_latest(
            "open demonstration",
            lambda: tr("Opening the demo"),
            partial(_unpack_and_read, self._folder),
            on_done=self._show,
            on_failed=self._shell.report_error,
        )

    def _show(self, venue: Venue) -> None:
        self._shell.show_venue(venue)
        self._shell.start_recording()


def _unpack_and_read(folder: Path, context: JobContext) -> Venue:
    # in a process of its own: the window loads neither OpenCV nor pandas for it
    run_child_command(("demo-exhibition", "--json", "--venue", str(folder)), context)
    return read_venue(folder)
