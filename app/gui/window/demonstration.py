"""Opens the demo exhibition: made once, its cameras started at once, its history prepared behind them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.core.change_set import ChangeSet
from app.core.child_command import run_child_command
from app.core.document import Venue
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.demo.demo_exhibition import find_demo_folder, is_demo_venue
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import tr
from app.gui.window.shell import ShellViewModel

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
