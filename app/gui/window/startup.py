"""Opening the window: application, fonts, language, colours, first page; slow imports come afterwards."""

from __future__ import annotations

import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QEventLoop, QObject, QSettings, QSocketNotifier, Qt, QTimer, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QKeySequence,
    QSessionManager,
    QShortcut,
    QWindow,
)
from PySide6.QtWidgets import (
    QApplication,
    QWidget,
)

from app.error_reporting import describe_error
from app.gui.session.app_state import AppState
from app.gui.session.experts_view import install_experts_view
from app.gui.session.job_runner import JobRunner
from app.gui.session.period import PeriodViewModel
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.theme import DARK, LIGHT, THEMES, Theme, deferred_style, install_theme
from app.gui.session.translation import install_language, resolve_language, tr
from app.gui.session.units import install_units
from app.gui.settings.model import SettingsViewModel
from app.gui.widgets.icons import make_icon
from app.gui.window.background_work import DemonstrationViewModel, FactPreparationViewModel, RecorderWatch
from app.gui.window.closing import WindowClosing
from app.gui.window.guided_tour import GuidedTour
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.page_maker import (
    MEMORY_FILE,
    PAGE_MAKERS,
    PageMaker,
    add_settings_cards,
    connect_set_up,
)
from app.gui.window.pages import Page, find_section, parse_wall_pages
from app.gui.window.period_gaps import PeriodBar, PeriodGapsLine, PeriodGapsViewModel
from app.gui.window.quick_search import QuickSearch
from app.gui.window.set_up import SetUpViewModel
from app.gui.window.shell import ShellViewModel
from app.print.fonts import load_fonts
from app.settings.paths import settings_folder
from vision.pipeline.child_link import END_SIGNALS
from vision.pipeline.observation_log import TERMINATED

if TYPE_CHECKING:
    from app.gui.window.screenshot_tour import ScreenshotTour
    from app.gui.window.window_guard import WindowGuard


EVERY_MS = 50
"""Interval between collections, each of which is short if few objects were made since the last."""
_FULL = 2
"""Generation of a collection of everything that is not frozen."""
MAX_YOUNG = 1_000_000
"""Objects made since the last collection, above which even a running job is interrupted."""
FREEZES = 3
"""Full collections after which what is left, mostly pages and libraries, is not searched any more."""


def collect_garbage_if_due() -> int | None:
    """Collect the oldest generation due by Python's thresholds; return its number, or None."""
    due = [
        generation
        for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
        if count > threshold > 0
    ]
    if not due:
        return None
    gc.collect(due[-1])
    return due[-1]


class GarbageCollection(QObject):
    """Replaces Python's automatic garbage collection until stopped.

    It waits for the end of jobs, most of whose objects are gone by then without a search.
    """

    def __init__(self, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job_runner = job_runner
        gc.disable()
        self._freezes = FREEZES
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def _collect(self) -> None:
        if self._job_runner.handles and gc.get_count()[0] < MAX_YOUNG:
            return
        if collect_garbage_if_due() == _FULL and self._freezes:
            # searching the libraries again and again would block the event loop for a quarter of a second
            gc.freeze()
            self._freezes -= 1

    def stop(self) -> None:
        """Restore Python's automatic collection."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()


MAX_END_MS = 15_000
"""Longest wait for the recording when the session ends."""


class SessionEnd(QObject):
    """Handles SIGINT, SIGTERM, SIGHUP and the end of the user's session.

    A second signal ends the program as it would any other.
    """

    def __init__(self, application: QApplication, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._is_closed = False
        window.closed.connect(self._on_closed)
        # Qt waits in native code, where Python runs no handler: the signal's number comes through a socket
        self._receiver, self._socket = socket.socketpair()
        for end in (self._receiver, self._socket):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._receiver.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)
        self._former_fd = signal.set_wakeup_fd(self._socket.fileno(), warn_on_full_buffer=False)
        self._former = {
            number: signal.signal(number, _ignore_signal) for number in (signal.SIGINT, *END_SIGNALS)
        }
        application.commitDataRequest.connect(self._on_session_ends, Qt.ConnectionType.DirectConnection)

    def stop(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._former_fd)
        for number, handler in self._former.items():
            signal.signal(number, handler)
        for end in (self._receiver, self._socket):
            end.close()

    def _on_signal(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._receiver.recv(64)
        for number in self._former:
            signal.signal(number, signal.SIG_DFL)
        self._window.end(TERMINATED)

    def end_session(self) -> None:
        """Stop the recording and close before returning, since the system may end the program afterwards."""
        self._window.end(TERMINATED)
        if self._is_closed:
            return
        loop = QEventLoop()
        self._window.closed.connect(loop.quit)
        QTimer.singleShot(MAX_END_MS, loop.quit)
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)

    def _on_session_ends(self, _manager: QSessionManager) -> None:
        self.end_session()

    def _on_closed(self) -> None:
        self._is_closed = True


def _ignore_signal(_number: int, _stack: object) -> None:
    """Ignore the signal; its number is read from the socket."""


_NAME = "help-key"


class HelpKey(QObject):
    """Handles F1 for one main window; the guide is created on first use and closes with the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.guide: QWidget | None = None
        self._give_key(window)
        window.guide_requested.connect(self.open)
        window.closed.connect(self._close)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._on_focus)

    def open(self) -> None:
        """Open the guide at the section about the active window; does nothing on a wall screen."""
        from app.gui.guide.page import GuideWindow

        if self._window.is_kiosk_mode:
            return
        front = QApplication.activeWindow()
        if not isinstance(self.guide, GuideWindow):
            self.guide = GuideWindow()
            self.guide.tour_requested.connect(self._start_tour)
        elif front is self.guide:
            return
        dialog = type(front).__name__ if front is not None and front is not self._window else None
        self.guide.open_topic(find_section(dialog, self._window.page))
        self.guide.setWindowState(self.guide.windowState() & ~Qt.WindowState.WindowMinimized)
        self.guide.show()
        self.guide.activateWindow()

    def _start_tour(self) -> None:
        self._window.activateWindow()
        self._window.tour_requested.emit()

    def _on_focus(self, _window: QWindow | None) -> None:
        # shortcuts of the main window do not work while a dialog is open
        front = QApplication.activeWindow()
        if front is not None:
            self._give_key(front)

    def _give_key(self, widget: QWidget) -> None:
        if widget.findChild(QShortcut, _NAME) is None:
            shortcut = QShortcut(QKeySequence("F1"), widget)
            shortcut.setObjectName(_NAME)
            shortcut.activated.connect(self.open)

    def _close(self) -> None:
        if self.guide is not None:
            self.guide.close()
            self.guide.deleteLater()
            self.guide = None


PAINTED_WITHIN_MS = 1000
"""A window that is minimised or covered is not painted; its pages are made all the same."""
_LOG = logging.getLogger(__name__)


def run_gui(
    venue: Path | None,
    demo: bool,
    screenshots: Path | None,
    say: Callable[[str], object] = lambda _text: None,
    wall_pages: Sequence[str] | None = None,
    *,
    has_all_pictures: bool = True,
) -> int:
    """Open the window and run until it is closed.

    Args:
        venue: a folder to open; None for the welcome page.
        screenshots: a folder for pictures of every page, after which the window closes.
        has_all_pictures: pictures in every language, theme and size; otherwise one of each page.
        say: takes the sentences that tell how the pictures go.
        wall_pages: be a screen for everybody with these pages, the usual ones for none; None: a window.

    Returns:
        The exit status of the process; above 0 if a picture could not be taken as it should be.
    """
    wall = None if wall_pages is None else parse_wall_pages(wall_pages)
    application = make_application()
    window, parts = make_window(application)
    collection = GarbageCollection(parts.job_runner)
    sys.excepthook = _make_excepthook(parts.shell)
    # a recording window may be hidden, so closing the last window must not end the program
    application.setQuitOnLastWindowClosed(False)
    window.closed.connect(application.quit)
    session_end = SessionEnd(application, window)
    window.show()
    tour = None
    if screenshots is not None:
        from app.gui.window.screenshot_tour import ScreenshotTour

        tour = ScreenshotTour(
            window,
            parts,
            screenshots,
            is_demo=demo,
            has_all_variants=has_all_pictures,
            has_venue=demo or venue is not None,
            report=say,
            on_end=window.end,
        )
    first_paint = FirstPaint(window)
    first_paint.over.connect(lambda: _finish_startup(window, parts, venue, demo, tour=tour, wall=wall))
    status = application.exec()
    session_end.stop()
    # Qt ended by itself if the connection to the display broke
    parts.monitor.stop_now(TERMINATED)
    sys.excepthook = sys.__excepthook__
    collection.stop()
    return 1 if tour is not None and tour.problems else status


class FirstPaint(QObject):
    """Waits until a window has been painted for the first time, ``PAINTED_WITHIN_MS`` at most."""

    over = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._is_over = False
        window.installEventFilter(self)
        self._limit = QTimer(self, singleShot=True, interval=PAINTED_WITHIN_MS)
        self._limit.timeout.connect(self._end)
        self._limit.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self._end)
        return False

    def _end(self) -> None:
        self._limit.stop()
        if not self._is_over:
            self._is_over = True
            self.over.emit()


def make_application() -> QApplication:
    """Return the application with our fonts; one per process."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(["expoflow"])
    application.setApplicationName("expoflow")
    application.setApplicationDisplayName("ExpoFlow")
    application.setDesktopFileName("io.github.expoflow.ExpoFlow")
    load_fonts()
    return application


def make_window(application: QApplication) -> tuple[MainWindow, WindowParts]:
    """Create a window without a venue, in the language and theme of the settings; pages are added later."""
    app_state, job_runner, monitor = AppState(), JobRunner(), PipelineMonitor()
    settings = SettingsViewModel(app_state=app_state, job_runner=job_runner, monitor=monitor)
    install_language(application, resolve_language(settings.state.language))
    install_theme(application, resolve_theme(settings.state.theme))
    install_units(application, settings.state.units)
    install_experts_view(application, settings.state.has_experts_view)
    application.setWindowIcon(make_icon("brand", LIGHT.accent))
    shell = ShellViewModel(app_state=app_state, job_runner=job_runner, monitor=monitor)
    set_up = SetUpViewModel(app_state=app_state, job_runner=job_runner, monitor=monitor)
    parts = WindowParts(app_state, job_runner, monitor, shell, settings, set_up)
    demonstration = DemonstrationViewModel(job_runner=job_runner, shell=shell)
    preparation = FactPreparationViewModel(app_state=app_state, job_runner=job_runner)
    memory = QSettings(str(settings_folder() / MEMORY_FILE), QSettings.Format.IniFormat)
    window = MainWindow(
        parts,
        open_demonstration=demonstration.open,
        geometry=memory,
    )
    period = PeriodViewModel(app_state=app_state, memory=memory)
    window.add_period_widget(PeriodBar(period, window))
    window.add_period_note(
        PeriodGapsLine(PeriodGapsViewModel(app_state=app_state, job_runner=job_runner), window)
    )
    watch = RecorderWatch(app_state=app_state, monitor=monitor)
    for owned in (
        *(app_state, job_runner, monitor, settings, shell, set_up),
        *(demonstration, preparation, period, watch),
    ):
        owned.setParent(window)
    settings.language_chosen.connect(
        lambda language: install_language(application, resolve_language(language))
    )
    settings.theme_chosen.connect(lambda theme: install_theme(application, resolve_theme(theme)))
    settings.units_chosen.connect(lambda units: install_units(application, units))
    settings.experts_view_chosen.connect(lambda is_on: install_experts_view(application, is_on))
    if settings.load_error is not None:
        shell.report_error(settings.load_error)
    HelpKey(window)
    QuickSearch(window, parts)
    WindowClosing(window, parts)
    GuidedTour(window, parts, memory)
    return window, parts


def add_pages(window: MainWindow, parts: WindowParts, pages: Collection[Page] = tuple(Page)) -> WindowGuard:
    """Import and create pages and, before them, the access guard; charts take a moment to load."""
    from app.gui.window.window_guard import WindowGuard

    with deferred_style():
        guard, maker = WindowGuard(window, parts), PageMaker(window, parts)
        for page, make in PAGE_MAKERS.items():
            if page in pages:
                window.add_page(page, make(maker))
        add_settings_cards(window, parts)
        connect_set_up(maker)
    return guard


def resolve_theme(setting: str) -> Theme:
    """Return the theme of a setting that may be ``system``."""
    if setting in THEMES:
        return THEMES[setting]
    is_dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return DARK if is_dark else LIGHT


def _finish_startup(
    window: MainWindow,
    parts: WindowParts,
    venue: Path | None,
    demo: bool,
    *,
    tour: ScreenshotTour | None,
    wall: Sequence[Page] | None,
) -> None:
    if tour is not None:
        tour.start()
    guard = add_pages(window, parts)
    gc.freeze()
    if wall is not None:
        guard.start_wall_screen(wall)
    elif tour is None:
        for guided in window.findChildren(GuidedTour):
            guided.start_once()
    if demo:
        window.open_demonstration()
    elif venue is not None:
        parts.shell.open_venue(venue)


def _make_excepthook(
    shell: ShellViewModel,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def report(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            QApplication.quit()
            return
        described = describe_error(error, translate=tr)
        _LOG.error("%s\n%s", described.problem, described.detail)
        shell.report_error(described)

    return report
