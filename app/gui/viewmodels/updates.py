"""Whether there is a newer ExpoFlow, as the settings page and a quiet message tell it; off by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, QTimer, Signal

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError
from app.error_reporting import ErrorReport, describe_error
from app.gui.app_state import AppState
from app.gui.job_runner import JobRunner
from app.gui.translation import tr
from app.gui.viewmodels.shell_words import Notification
from app.operations.release_feed import Release
from app.operations.update_notice import (
    dismiss_update,
    find_last_venue,
    find_news,
    find_own_address,
    is_due,
    look_for_update,
    switch_updates,
)
from app.settings.update_file import UpdateChoice, read_updates

LOOK_EVERY_MS = 3_600_000
FIRST_LOOK_MS = 30_000
"""After a start: what a person waits for comes first."""


@dataclass(frozen=True, slots=True)
class UpdatesState:
    """What the card shows.

    Attributes:
        news: a newer version that is out; None: none is known of.
        is_dismissed: nobody wants to be told of it again.
        is_due: it may be asked now.
        problem: why the last look of this window found nothing out; None: it did, or there was none.
    """

    choice: UpdateChoice = field(default_factory=UpdateChoice)
    news: Release | None = None
    is_dismissed: bool = False
    is_due: bool = False
    problem: ErrorReport | None = None


class UpdatesViewModel(QObject):
    """Asks nobody as long as it is switched off, and then once a day at most."""

    state_changed = Signal()
    failed = Signal(object)
    """An `ErrorReport`: nothing was changed."""
    told = Signal(object)
    """A `Notification`: a newer version is out."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        clock: Clock | None = None,
        look: Callable[[], UpdateChoice] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self._clock = clock or SystemClock()
        self._ask_feed = look or look_for_update
        self._told_of = ""
        self._state = UpdatesState()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look_from_time_to_time)
        self._timer.start(FIRST_LOOK_MS)
        self.refresh()

    @property
    def state(self) -> UpdatesState:
        """What the card shows."""
        return self._state

    @property
    def proposed_address(self) -> str:
        """Of the feed that was given last, or that the project names; empty: somebody has to give one."""
        return self._state.choice.address or find_own_address()

    def refresh(self) -> None:
        """Read again what holds: a command may have changed it."""
        self._show(read_updates(), problem=self._state.problem)

    def switch(self, *, is_on: bool, address: str) -> None:
        """Ask this feed from now on, or nobody."""
        venue = self._app_state.venue
        try:
            folder = find_last_venue() if venue is None else venue.folder
            choice = switch_updates(folder, is_on=is_on, address=address if is_on else None)
        except ExpoFlowError as error:
            self.failed.emit(describe_error(error, translate=tr))
            # a control shows what was chosen; it is to show again what holds
            self.state_changed.emit()
            return
        self._show(choice)
        self.look_if_due()

    def look_if_due(self) -> None:
        """Ask in the background, if it is switched on and was not asked for a day."""
        self.refresh()
        if not self._state.is_due:
            return
        self._job_runner.run_latest(
            "updates",
            lambda: tr("Asking whether there is a newer version"),
            lambda _context: self._ask_feed(),
            on_done=self._show_found,
            on_failed=self._show_failure,
        )

    def _look_from_time_to_time(self) -> None:
        self._timer.setInterval(LOOK_EVERY_MS)
        self.look_if_due()

    def dismiss(self) -> None:
        """Tell of the version that is out no more."""
        news = self._state.news
        if news is None:
            return
        try:
            self._show(dismiss_update(news.version))
        except ExpoFlowError as error:
            self.failed.emit(describe_error(error, translate=tr))

    def _show_found(self, choice: UpdateChoice) -> None:
        self._show(choice)
        news = self._state.news
        if news is not None and not self._state.is_dismissed and news.version != self._told_of:
            self._told_of = news.version
            self.told.emit(self._word(news))

    def _word(self, news: Release) -> Notification:
        def word() -> Notification:
            return Notification(
                tr("ExpoFlow {version} is out.", version=news.version),
                tr("Settings, Updates says more. To close this is not to be told of it again."),
                tone="neutral",
                on_closed=self.dismiss,
            )

        return replace(word(), say_again=word)

    def _show_failure(self, report: ErrorReport) -> None:
        # nobody asked for it now, so that nobody is disturbed: the card says it
        self._show(read_updates(), problem=report)

    def _show(self, choice: UpdateChoice, *, problem: ErrorReport | None = None) -> None:
        news = find_news(choice)
        state = UpdatesState(
            choice=choice,
            news=news,
            is_dismissed=news is not None and news.version == choice.dismissed,
            is_due=is_due(choice, self._clock.now_utc_s()),
            problem=problem,
        )
        if state != self._state:
            self._state = state
            self.state_changed.emit()
