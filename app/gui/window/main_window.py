"""The window: navigation, header, the pages, messages and the status bar. It composes and decides nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QObject, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QProgressBar,
    QStackedWidget,
    QStatusBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.document import Venue
from app.core.view_link import Shown, ViewLink
from app.gui.doctor.page import AboutDialog
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.notification import Notification
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import Translated, display_name, tr, trn
from app.gui.settings.model import SettingsViewModel
from app.gui.settings.page import SettingsView
from app.gui.widgets.forms import make_label
from app.gui.widgets.icons import make_icon
from app.gui.widgets.layouts import open_dialog
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.window.navigation_rail import NavigationRail
from app.gui.window.pages import PAGE_OF, PAGES, Page
from app.gui.window.period_bar import PeriodGapsLine
from app.gui.window.shell import ShellState, ShellViewModel, describe_recording
from app.gui.window.welcome_model import WelcomeViewModel
from app.gui.window.welcome_page import WelcomeView
from app.gui.window.window_header import WindowHeader


class PageStack(QStackedWidget):
    """Pages behind are told of a change of language when they are shown: all at once hold the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outdated: set[QObject] = set()

    def addWidget(self, page: QWidget) -> int:  # noqa: N802
        """Put a page behind the others."""
        page.installEventFilter(self)
        return super().addWidget(page)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep the change of language until the page is shown."""
        if event.type() is QEvent.Type.LanguageChange and watched is not self.currentWidget():
            self._outdated.add(watched)
            return True
        if event.type() is QEvent.Type.Show and watched in self._outdated:
            self._outdated.discard(watched)
            QCoreApplication.sendEvent(watched, QEvent(QEvent.Type.LanguageChange))
        return super().eventFilter(watched, event)


class JobStatusBar(QStatusBar):
    """Shows the oldest unfinished job, and how many wait behind it."""

    doctor_asked = Signal()
    """Somebody wants to know what is wrong."""

    def __init__(self, job_runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._jobs: list[JobHandle] = []
        self._share: dict[JobHandle, tuple[float, float]] = {}
        self._cameras = QLabel(self)
        self._rate = QLabel(self)
        self._recording = QLabel(self)
        for label in (self._cameras, self._rate, self._recording):
            label.setProperty("role", "small")
            self.addWidget(label)
        self._job = make_label(role="small", is_plain=True, parent=self)
        self._progress = QProgressBar(self)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(160)
        self._cancel = QToolButton(self)
        self._cancel.setProperty("role", "quiet")
        self._cancel.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._cancel.setIcon(make_icon("close"))
        self._cancel.clicked.connect(self._on_cancel_clicked)
        self._doctor = QToolButton(self)
        self._doctor.setProperty("role", "quiet")
        self._doctor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._doctor.setIcon(make_icon("doctor"))
        self._doctor.clicked.connect(self.doctor_asked)
        for widget in (self._job, self._progress, self._cancel, self._doctor):
            self.addPermanentWidget(widget)
        job_runner.job_started.connect(self._on_job_started)
        job_runner.job_finished.connect(self._on_job_finished)
        self.retranslate()
        self._show_jobs()

    def set_pipeline(self, *, cameras: str, rate: str, recording: str) -> None:
        """Three short texts, already translated; empty ones are hidden."""
        for label, text in ((self._cameras, cameras), (self._rate, rate), (self._recording, recording)):
            label.setText(text)
            label.setVisible(bool(text))

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._cancel.setToolTip(tr("Cancel this work"))
        self._cancel.setAccessibleName(tr("Cancel this work"))
        self._progress.setAccessibleName(tr("Progress"))
        self._doctor.setToolTip(tr("What is wrong? Ask the doctor"))
        self._doctor.setAccessibleName(tr("What is wrong? Ask the doctor"))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
            self._show_jobs()
        elif event.type() is QEvent.Type.PaletteChange:
            self._cancel.setIcon(make_icon("close"))
            self._doctor.setIcon(make_icon("doctor"))
        super().changeEvent(event)

    def _on_job_started(self, job: JobHandle) -> None:
        self._jobs.append(job)
        job.progress.connect(self._on_progress)
        self._show_jobs()

    def _on_job_finished(self, job: JobHandle) -> None:
        if job in self._jobs:
            self._jobs.remove(job)
            self._share.pop(job, None)
            job.progress.disconnect(self._on_progress)
        self._show_jobs()

    def _on_progress(self, done: float, total: float) -> None:
        job = self.sender()
        if isinstance(job, JobHandle) and job in self._jobs:
            self._share[job] = (done, total)
            if job is self._jobs[0]:
                self._show_share(done, total)

    def _on_cancel_clicked(self) -> None:
        if self._jobs:
            self._jobs[0].cancel()
            self._cancel.setEnabled(False)
            self._job.setText(tr("Cancelling"))

    def _show_jobs(self) -> None:
        for widget in (self._job, self._progress, self._cancel):
            widget.setVisible(bool(self._jobs))
        if not self._jobs:
            return
        waiting = len(self._jobs) - 1
        more = trn(" (and {n} more)", " (and {n} more)", waiting) if waiting else ""
        self._job.setText(self._jobs[0].title + more)
        self._show_share(*self._share.get(self._jobs[0], (0.0, 0.0)))
        self._cancel.setEnabled(not self._jobs[0].is_cancelled)

    def _show_share(self, done: float, total: float) -> None:
        self._progress.setRange(0, 1000 if total > 0 else 0)
        self._progress.setValue(round(1000 * done / total) if total > 0 else 0)


def show_pipeline(
    state: ShellState, header: WindowHeader, rail: NavigationRail, status: JobStatusBar
) -> None:
    """Say whether a venue is recorded, how many of its cameras give pictures, and how fast."""
    header.set_recording(
        is_recording=state.is_recording,
        is_waiting=state.is_waiting,
        is_possible=state.is_recording or (state.has_venue and state.cameras > 0),
    )
    live, total = state.cameras_live, state.cameras
    if not state.has_venue:
        pill, tone = tr("No venue is open"), "muted"
    elif not state.is_recording:
        pill, tone = tr("Not recording"), "muted"
    elif state.is_loading:
        pill, tone = tr("Loading the model"), "warning"
    else:
        pill = trn("{live} of {n} camera online", "{live} of {n} cameras online", total, live=live)
        tone = "good" if live == total else "warning" if live else "bad"
    rail.set_status(pill, tone)
    recording = state.is_recording and not state.is_waiting
    status.set_pipeline(
        cameras=trn("{n} camera", "{n} cameras", total) if state.has_venue else "",
        rate=tr("{fps:.1f} frames a second", fps=state.fps_analysed) if recording else "",
        recording=(
            describe_recording(is_recording=recording, people=state.people, restarts=state.restarts)
            + (f" · {state.recorded_by}" if state.recorded_by else "")
        )
        if state.has_venue
        else "",
    )


def ask_to_stop(window: QWidget, shell: ShellViewModel) -> None:
    """Ask whether the recording of another process is to stop."""
    question = QMessageBox(QMessageBox.Icon.Question, "ExpoFlow", shell.state.recorded_by, parent=window)
    question.setInformativeText(
        tr("Let it stop? What it has counted is kept. A service begins again with the machine.")
    )
    stop = question.addButton(tr("Stop the recording"), QMessageBox.ButtonRole.DestructiveRole)
    go_on = question.addButton(tr("Let it go on"), QMessageBox.ButtonRole.RejectRole)
    question.setDefaultButton(go_on)
    stop.clicked.connect(shell.stop_other_recording)
    open_dialog(question)


_KEY = "pages"
MAX_VENUES = 50
"""Of those that were looked at before, the oldest are forgotten."""


class PageMemory:
    """Kept with the window's place on the screen: for the account, whoever signs in."""

    def __init__(self, settings: QSettings | None) -> None:
        """``settings``: None remembers nothing."""
        self._settings = settings

    def keep(self, venue: Venue, page: int) -> None:
        """Remember that this page was chosen last; those that are about no venue are passed over."""
        if self._settings is None or not PAGES[Page(page)].needs_venue:
            return
        known = self._read()
        known.pop(str(venue.folder), None)
        known[str(venue.folder)] = Page(page).name
        self._settings.setValue(_KEY, json.dumps(dict(list(known.items())[-MAX_VENUES:])))

    def choose(self, venue: Venue, *, shown: int) -> Page:
        """The page to open a venue with: where it was left, else what somebody has already chosen.

        Otherwise what happens now, of a venue that has zones and a history; of one that is being set up, its
        cameras.
        """
        name = self._read().get(str(venue.folder), "")
        if name in Page.__members__:
            return Page[name]
        if shown not in (Page.LIVE, Page.SETTINGS):
            return Page(shown)
        has_zones = bool(venue.geometry_versions[-1].zones)
        return Page.NOW if has_zones and venue.has_history else Page.LIVE

    def _read(self) -> dict[str, str]:
        if self._settings is None:
            return {}
        try:
            known = json.loads(str(self._settings.value(_KEY, "{}")))
        except ValueError:
            return {}
        return {str(key): str(name) for key, name in known.items()} if isinstance(known, dict) else {}


MIN_WH = (1024, 640)


@dataclass(frozen=True, slots=True)
class WindowParts:
    """What a window is about."""

    app_state: AppState
    job_runner: JobRunner
    monitor: PipelineMonitor
    shell: ShellViewModel
    settings: SettingsViewModel


class MainWindow(Translated, QMainWindow):
    """Shows the welcome page until a venue is open; pages are added when they have been made."""

    closed = Signal()
    guide_asked = Signal()
    view_asked = Signal(str)
    """Name of a camera: where it looked and looks is to be shown."""
    comparison_asked = Signal(object)
    """A ``ViewLink`` with two periods."""

    def __init__(
        self,
        parts: WindowParts,
        *,
        open_demonstration: Callable[[], None] | None = None,
        geometry: QSettings | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._parts = parts
        self._geometry = geometry
        self._left_at = PageMemory(geometry)
        self._open_demonstration = open_demonstration
        self._is_closing = False
        self._cover: QWidget | None = None
        self._is_bare = False
        self._period_note: PeriodGapsLine | None = None
        self._is_ending, self._end_cause = False, ""
        self.may_close: Callable[[], bool] = lambda: True
        self.ask_about_recording: Callable[[], object] | None = None
        """Called in place of closing while this window records; None: the recording stops and it closes."""
        self._rail = NavigationRail(self)
        self._header = WindowHeader(self)
        self._banner = NotificationBanner(self)
        self._stack, self._above_pages = PageStack(self), QVBoxLayout()
        welcome = WelcomeViewModel(
            shell=parts.shell,
            settings=parts.settings,
            job_runner=parts.job_runner,
            has_demonstration=open_demonstration is not None,
            parent=self,
        )
        if open_demonstration is not None:
            welcome.demonstration_asked.connect(self.open_demonstration)
        self._welcome = WelcomeView(welcome, self)
        self._waiting = QLabel(self)
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._waiting.setProperty("role", "muted")
        self._settings_page = SettingsView(parts.settings, self)
        self._pages: dict[int, QWidget] = {Page.SETTINGS: self._settings_page}
        for page in (self._welcome, self._waiting, self._pages[Page.SETTINGS]):
            self._stack.addWidget(page)
        self._page: int = Page.LIVE
        self._camera_told_of = ""
        self._status = JobStatusBar(parts.job_runner, self)
        self.setStatusBar(self._status)
        self._arrange()
        self.setMinimumSize(*MIN_WH)
        self._connect()
        self._restore_geometry()
        self.retranslate()
        self.show_page(Page.LIVE)

    @property
    def page(self) -> int:
        """Which page is chosen."""
        return self._page

    @property
    def header(self) -> WindowHeader:
        """The line above the pages."""
        return self._header

    @property
    def banner(self) -> NotificationBanner:
        """Where messages are shown."""
        return self._banner

    def add_settings_card(self, card: QWidget) -> None:
        """Show another card on the settings page."""
        self._settings_page.add_card(card)

    @property
    def covering(self) -> QWidget | None:
        """What is shown in the place of the pages, if anything is."""
        return self._cover

    def cover_pages(self, cover: QWidget | None) -> None:
        """Show something in the place of all pages, which cannot be reached; None: the pages again."""
        if cover is not None and self._stack.indexOf(cover) < 0:
            self._stack.addWidget(cover)
        self._cover = cover
        self._rail.set_locked(cover is not None)
        self._header.set_locked(cover is not None)
        self._status.setVisible(cover is None and not self._is_bare)
        if cover is not None:
            self._banner.hide()
        self.show_page(self._page)

    def refuse_pages(self, reasons: Mapping[int, str]) -> None:
        """Let pages not be chosen, with the reasons."""
        self._rail.refuse_pages(reasons)
        if self._page in reasons:
            self.show_page(Page.NOW)

    @property
    def is_bare(self) -> bool:
        """Whether it shows its pages alone, on a wall."""
        return self._is_bare

    def set_bare(self, is_bare: bool) -> None:
        """Show the pages alone, on the full screen, or the whole window."""
        self._is_bare = is_bare
        for part in (self._rail, self._header, self._status):
            part.setVisible(not is_bare)
        if is_bare:
            self._banner.hide()
            self.showFullScreen()
        else:
            self.showNormal()

    def add_page(self, index: int, page: QWidget) -> None:
        """Put a page in its place."""
        self._pages[index] = page
        self._stack.addWidget(page)
        if index == self._page:
            self.show_page(index)

    def open_demonstration(self) -> None:
        """Show the demonstration, if there is one."""
        if self._open_demonstration is not None:
            self._open_demonstration()

    def add_period_widget(self, widget: QWidget) -> None:
        """Put the choice of a period into the header."""
        self._header.set_period_widget(widget)
        self.show_page(self._page)

    def add_period_note(self, note: PeriodGapsLine) -> None:
        """Say above every page of a period what its figures lack."""
        self._period_note = note
        self._above_pages.addWidget(note)
        self.show_page(self._page)

    def show_page(self, index: int) -> None:
        """Show a page; without a venue, the welcome page takes the place of those that are about one."""
        self._page = index
        self._rail.set_current(index)
        has_venue = self._parts.app_state.venue is not None
        is_of_a_period = has_venue and PAGES[Page(index)].is_of_a_period and self._cover is None
        self._header.show_period(is_of_a_period)
        if self._period_note is not None:
            self._period_note.set_wanted(is_of_a_period and not self._is_bare)
        if self._cover is not None:
            self._stack.setCurrentWidget(self._cover)
        elif PAGES[Page(index)].needs_venue and not has_venue:
            self._stack.setCurrentWidget(self._welcome)
        else:
            self._stack.setCurrentWidget(self._pages.get(index, self._waiting))

    def show_models(self) -> None:
        """Show the networks of this machine."""
        self.show_page(Page.SETTINGS)
        self._settings_page.show_models()

    def show_waiting(self, index: int, count: int) -> None:
        """Say beside a page's name how much on it waits for a decision."""
        self._rail.set_waiting(index, count)

    def open_zone(self, name: str) -> None:
        """Show the dwell times of a zone."""
        self.open_link(ViewLink(Shown.DWELL, zone=name))

    def open_link(self, link: ViewLink) -> None:
        """Show what a link leads to; a wall keeps to its own pages."""
        state = self._parts.app_state
        if self._is_bare:
            return
        if link.period_s is not None:
            state.set_period(link.period_s)
        if link.zone is not None:
            state.select_zone(link.zone)
        self._go_to(PAGE_OF[link.shown])
        if link.other_period_s is not None:
            self.comparison_asked.emit(link)

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._waiting.setText(tr("One moment"))
        self._show_state()

    @property
    def is_ending(self) -> bool:
        """Whether it closes without a question, as soon as what is recorded is durable."""
        return self._is_ending

    def end(self, cause: str = "") -> None:
        """Stop what is recorded here and close, without a question.

        Args:
            cause: of the gap that begins, where nobody stopped the recording: see `observation_log`.
        """
        self._is_ending, self._end_cause = True, cause
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Cancel what runs; a pipeline makes its results durable first, behind a window that is gone."""
        if not self._is_ending and not self.may_close():
            event.ignore()
            return
        if (
            not self._is_ending
            and self.ask_about_recording is not None
            and self._parts.monitor.is_recording_here
        ):
            event.ignore()
            self.ask_about_recording()
            return
        if self._geometry is not None and not self._is_bare:
            self._geometry.setValue("geometry", self.saveGeometry())
        # what another process records goes on
        self._parts.monitor.detach()
        if self._parts.monitor.is_active:
            if not self._is_closing:
                self._is_closing = True
                self._parts.monitor.stopped.connect(self.close)
                self._parts.monitor.stop(self._end_cause)
            self.hide()
            event.ignore()
            return
        self._parts.job_runner.shutdown()
        super().closeEvent(event)
        self.closed.emit()

    def _arrange(self) -> None:
        self._above_pages.setContentsMargins(20, 10, 20, 0)
        self._above_pages.addWidget(self._banner)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._header)
        right.addLayout(self._above_pages)
        right.addWidget(self._stack, 1)
        central = QWidget(self)
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._rail)
        row.addLayout(right, 1)
        self.setCentralWidget(central)
        central.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        central.setFocus()

    def _connect(self) -> None:
        parts = self._parts
        self._rail.page_chosen.connect(self._go_to)
        self._rail.guide_asked.connect(self.guide_asked)
        self._rail.about_asked.connect(self._on_about_asked)
        self._header.language_chosen.connect(parts.settings.choose_language)
        self._header.theme_toggled.connect(self._on_theme_toggled)
        self._header.recording_toggled.connect(self._on_recording_toggled)
        self._header.open_asked.connect(self._welcome.ask_for_venue)
        parts.shell.state_changed.connect(self._show_state)
        parts.shell.notified.connect(self._on_notified)
        parts.shell.venue_shown.connect(parts.settings.remember_venue)
        parts.settings.failed.connect(parts.shell.complain)
        parts.settings.model_chosen.connect(self._on_model_chosen)
        for asked in (self._status.doctor_asked, self._settings_page.doctor_asked):
            asked.connect(lambda: self.show_page(Page.DOCTOR))
        self._banner.action_chosen.connect(self._on_banner_action_chosen)
        parts.app_state.venue_opened.connect(self._on_venue_opened)

    def _restore_geometry(self) -> None:
        saved = self._geometry.value("geometry") if self._geometry is not None else None
        if not isinstance(saved, QByteArray) or not self.restoreGeometry(saved):
            self.resize(1366, 768)

    def _show_state(self) -> None:
        state = self._parts.shell.state
        title = display_name(state.title)
        self.setWindowTitle(f"{title} — ExpoFlow" if title else "ExpoFlow")
        self._header.set_title(title or tr("Welcome"))
        show_pipeline(state, self._header, self._rail, self._status)

    def _go_to(self, index: int) -> None:
        """Show a page that a person has chosen."""
        self.show_page(index)
        venue = self._parts.app_state.venue
        if venue is not None and not self._is_bare:
            self._left_at.keep(venue, self._page)

    def _on_venue_opened(self) -> None:
        self._banner.hide()
        venue = self._parts.app_state.venue
        if venue is None:
            self.show_page(Page.LIVE if self._page == Page.SETTINGS else self._page)
        elif not self._is_bare:
            self.show_page(self._left_at.choose(venue, shown=self._page))

    def _on_notified(self, notification: Notification) -> None:
        if self._cover is not None or self._is_bare:
            # it may tell figures to whoever passes by; what it is about is told again on its page
            return
        again = notification.say_again or (lambda: notification)
        self._camera_told_of = notification.leads_to_view_of
        self._banner.show_message(
            lambda: again().problem,
            lambda: again().remedy,
            tone=notification.tone,
            action=_say_action(notification),
            on_closed=notification.on_closed,
        )

    def _on_banner_action_chosen(self) -> None:
        self._banner.hide()
        if self._camera_told_of:
            self.view_asked.emit(self._camera_told_of)
            return
        self.show_models()

    def _on_recording_toggled(self) -> None:
        if self._parts.monitor.recorder is None:
            self._parts.shell.toggle_recording()
            return
        ask_to_stop(self, self._parts.shell)

    def _on_model_chosen(self, name: str) -> None:
        self._banner.show_message(
            lambda: tr("This venue uses {name}.", name=name),
            lambda: tr("It finds people from the next start of the recording."),
            tone="good",
        )

    def _on_theme_toggled(self) -> None:
        is_dark = self.palette().window().color().lightness() < 128
        self._parts.settings.choose_theme("light" if is_dark else "dark")

    def _on_about_asked(self) -> None:
        AboutDialog(self).open()


def _say_action(notification: Notification) -> str | Callable[[], str]:
    if notification.leads_to_models:
        return lambda: tr("Show the models")
    return (lambda: tr("Before and after")) if notification.leads_to_view_of else ""
