"""The main window: navigation, header, pages, messages and status bar; it contains no logic of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QObject, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QStatusBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.clock import Clock, SystemClock
from app.core.document import Venue
from app.core.periods import find_day, list_show_days
from app.core.view_link import LinkPart, LinkTarget, ViewLink
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.notification import Notification
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, tr, translate_phrase, trn
from app.gui.settings.model import SettingsViewModel
from app.gui.settings.page import Section, SettingsView
from app.gui.tables.record_list import RecordList
from app.gui.widgets.forms import set_style_property
from app.gui.widgets.icons import make_icon
from app.gui.widgets.layouts import fill, make_column, make_label, make_row, name_button, open_dialog
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.work_row import ProgressBar
from app.gui.window.frame import NavigationRail, WindowHeader
from app.gui.window.pages import PAGE_OF, PAGES, Page
from app.gui.window.period_gaps import PeriodGapsLine
from app.gui.window.set_up import SetUpStrip, SetUpViewModel
from app.gui.window.shell import ShellState, ShellViewModel, describe_recording
from app.gui.window.welcome import WelcomeView, WelcomeViewModel
from app.recording.set_up_steps import SetUpStep
from vision.detection.model_catalogue import SHIPPED_MODEL


class PageStack(QStackedWidget):
    """Stacked pages; hidden ones handle a language change when shown, because all at once would block."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outdated: set[QObject] = set()
        self._following: QObject | None = None

    def addWidget(self, page: QWidget) -> int:  # noqa: N802
        page.installEventFilter(self)
        return super().addWidget(page)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        is_late = watched not in (self.currentWidget(), self._following)
        if event.type() is QEvent.Type.LanguageChange and is_late:
            self._outdated.add(watched)
            return True
        if event.type() is QEvent.Type.Show:
            self._catch_up(watched)
        return super().eventFilter(watched, event)

    def catch_up(self) -> None:
        for page in tuple(self._outdated):
            self._catch_up(page)

    def _catch_up(self, page: QObject) -> None:
        if page in self._outdated:
            self._outdated.discard(page)
            self._following = page
            QCoreApplication.sendEvent(page, QEvent(QEvent.Type.LanguageChange))
            self._following = None


class JobStatusBar(Translated, QStatusBar):
    """Status bar with the oldest unfinished job and the number of jobs that wait."""

    doctor_requested = Signal()
    """The doctor was requested."""

    def __init__(self, job_runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._jobs: list[JobHandle] = []
        self._share: dict[JobHandle, tuple[float, float]] = {}
        self._cameras = make_label(parent=self)
        self._rate = QLabel(self)
        self._recording = QLabel(self)
        for label in (self._cameras, self._rate, self._recording):
            self.addWidget(label)
        for label in (self._rate, self._recording):
            label.setProperty("role", "small")
        self._job = make_label(role="small", parent=self)
        self._progress = ProgressBar(self)
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
        self._doctor.clicked.connect(self.doctor_requested)
        for widget in (self._job, self._progress, self._cancel, self._doctor):
            self.addPermanentWidget(widget)
        job_runner.job_started.connect(self._on_job_started)
        job_runner.job_finished.connect(self._on_job_finished)
        self.retranslate()

    def set_pipeline(self, *, cameras: str, tone: str, rate: str, recording: str) -> None:
        """Show three short, translated texts, the first in a tone; empty ones are hidden."""
        if self._cameras.property("tone") != tone:
            set_style_property(self._cameras, "tone", tone)
        for label, text in ((self._cameras, cameras), (self._rate, rate), (self._recording, recording)):
            label.setText(text)
            label.setVisible(bool(text))

    def retranslate(self) -> None:
        self._cancel.setToolTip(tr("Cancel this job"))
        self._cancel.setAccessibleName(tr("Cancel this job"))
        self._progress.setAccessibleName(tr("Progress"))
        self._doctor.setToolTip(tr("Problems? Run the doctor"))
        self._doctor.setAccessibleName(tr("Problems? Run the doctor"))
        self._show_jobs()

    def _recolour(self) -> None:
        self._cancel.setIcon(make_icon("close"))
        self._doctor.setIcon(make_icon("doctor"))

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
            self._jobs[0].cancel_and_tell()
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


class JobNote(Translated, QFrame):
    """Line above the pages about a job that takes longer than usual, with a button that cancels it."""

    def __init__(self, job_runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job_runner = job_runner
        self._is_allowed = True
        self.setProperty("role", "banner")
        theme = current_theme()
        self._words = make_label(wraps=True, parent=self)
        self.cancel = QPushButton(self)
        self.cancel.clicked.connect(self._on_cancel_clicked)
        row = make_row(self, margins=(theme.space_m, theme.space_s, theme.space_s, theme.space_s))
        fill(row, (self._words, 1), self.cancel)
        job_runner.job_started.connect(lambda job: job.described.connect(self.retranslate))
        job_runner.job_finished.connect(lambda _job: self.retranslate())
        self.retranslate()

    @property
    def words(self) -> str:
        """The line's text; empty while there is none."""
        return self._words.text()

    def allow(self, is_allowed: bool) -> None:
        """Set whether the line may be shown, as a wall screen has no buttons."""
        self._is_allowed = is_allowed
        self.retranslate()

    def retranslate(self) -> None:
        words = next((job.words for job in self._list_jobs() if job.words is not None), None)
        name_button(self.cancel, tr("Cancel"))
        self._words.setText("" if words is None else translate_phrase(words))
        self.setVisible(self._is_allowed and words is not None)

    def _list_jobs(self) -> list[JobHandle]:
        return [job for job in self._job_runner.handles if job.words is not None and not job.is_cancelled]

    def _on_cancel_clicked(self) -> None:
        for job in self._list_jobs():
            job.cancel_and_tell()
        self.retranslate()


def show_pipeline(state: ShellState, header: WindowHeader, status: JobStatusBar) -> None:
    """Show whether a venue is recorded, how many of its cameras deliver pictures, and how fast."""
    header.set_recording(
        is_recording=state.is_recording,
        is_waiting=state.is_waiting,
        is_possible=state.is_recording or (state.has_venue and state.cameras > 0),
    )
    live, total = state.cameras_live, state.cameras
    if not state.has_venue:
        cameras, tone = tr("No venue is open"), "muted"
    elif not state.is_recording:
        cameras, tone = trn("{n} camera", "{n} cameras", total), "muted"
    elif state.is_loading:
        cameras, tone = tr("Loading the model"), "warning"
    else:
        cameras = trn("{live} of {n} camera online", "{live} of {n} cameras online", total, live=live)
        tone = "good" if live == total else "warning" if live else "bad"
    recording = state.is_recording and not state.is_waiting
    status.set_pipeline(
        cameras=cameras,
        tone=tone,
        rate=tr("{fps:.1f} frames a second", fps=state.fps_analysed) if recording else "",
        recording=(
            describe_recording(is_recording=recording, people=state.people, restarts=state.restarts)
            + (f" · {state.recorded_by}" if state.recorded_by else "")
        )
        if state.has_venue
        else "",
    )


def confirm_stop(window: QWidget, shell: ShellViewModel) -> None:
    question = QMessageBox(QMessageBox.Icon.Question, "ExpoFlow", shell.state.recorded_by, parent=window)
    question.setInformativeText(tr("Stop it? Its results are kept. A service starts again with the machine."))
    stop = question.addButton(tr("Stop the recording"), QMessageBox.ButtonRole.DestructiveRole)
    go_on = question.addButton(tr("Keep recording"), QMessageBox.ButtonRole.RejectRole)
    question.setDefaultButton(go_on)
    stop.clicked.connect(shell.stop_other_recording)
    open_dialog(question)


_KEY = "pages"
MAX_VENUES = 50
"""Number of venues whose last page is remembered; the oldest are dropped."""


class PageMemory:
    """Remembers the last page of each venue, per account, with the window's geometry."""

    def __init__(self, settings: QSettings | None) -> None:
        """Set up the memory; with ``settings`` None nothing is remembered."""
        self._settings = settings

    def keep(self, venue: Venue, page: int) -> None:
        """Remember the page chosen last; pages that are not about a venue are ignored."""
        if self._settings is None or not PAGES[Page(page)].needs_venue:
            return
        known = self._read()
        known.pop(str(venue.folder), None)
        known[str(venue.folder)] = Page(page).name
        self._settings.setValue(_KEY, json.dumps(dict(list(known.items())[-MAX_VENUES:])))

    def choose(self, venue: Venue, *, shown: int, is_day_over: bool) -> Page:
        """Return the page to open a venue with: the last one, or one chosen meanwhile.

        Otherwise, of a venue with zones and a history, the overview if yesterday was a day of the show,
        else the page Now; for one being set up, its cameras.
        """
        name = self._read().get(str(venue.folder), "")
        if name in Page.__members__:
            return Page[name]
        if shown not in (Page.LIVE, Page.SETTINGS):
            return Page(shown)
        has_zones = bool(venue.geometry_versions[-1].zones)
        if not has_zones or not venue.has_history:
            return Page.LIVE
        return Page.OVERVIEW if is_day_over else Page.NOW

    def _read(self) -> dict[str, str]:
        if self._settings is None:
            return {}
        try:
            known = json.loads(str(self._settings.value(_KEY, "{}")))
        except ValueError:
            return {}
        return {str(key): str(name) for key, name in known.items()} if isinstance(known, dict) else {}


_FOLDED_KEY = "navigation/is_set_up_folded"
MIN_WH = (1024, 640)
_TITLE_BAR_PX = 40
"""About the height of a window's title bar; it is unknown before the window is shown."""


@dataclass(frozen=True, slots=True)
class WindowParts:
    app_state: AppState
    job_runner: JobRunner
    monitor: PipelineMonitor
    shell: ShellViewModel
    settings: SettingsViewModel
    set_up: SetUpViewModel


class MainWindow(Translated, QMainWindow):
    """The main window: the welcome page until a venue is open; pages are added once they are made."""

    closed = Signal()
    guide_requested = Signal()
    search_requested = Signal()
    tour_requested = Signal()
    field_of_view_requested = Signal(str)
    """Name of a camera whose former and current field of view are to be shown."""
    link_shown = Signal(object)
    """The `ViewLink` whose page is shown, for the part of the page that it leads to."""

    def __init__(
        self,
        parts: WindowParts,
        *,
        open_demonstration: Callable[[], None] | None = None,
        geometry: QSettings | None = None,
        clock: Clock | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._parts = parts
        self._clock = clock or SystemClock()
        self._geometry = geometry
        self._left_at = PageMemory(geometry)
        self._open_demonstration = open_demonstration
        self._is_closing = False
        self._cover: QWidget | None = None
        self._is_kiosk_mode = False
        self._period_note: PeriodGapsLine | None = None
        self._is_ending, self._end_cause = False, ""
        self._may_set_up = True
        self.may_close: Callable[[], bool] = lambda: True
        self.confirm_closing: Callable[[], object] | None = None
        """Called instead of closing while this window records; None: stop the recording and close."""
        self._rail = NavigationRail(self)
        self._header = WindowHeader(self)
        self._banner = NotificationBanner(self)
        self._stack, self._above_pages = PageStack(self), QVBoxLayout()
        self._banner.float_over(self._stack)
        self._stack.currentChanged.connect(self._banner.raise_)
        self._recent = welcome = WelcomeViewModel(
            app_state=parts.app_state,
            shell=parts.shell,
            settings=parts.settings,
            job_runner=parts.job_runner,
            has_demonstration=open_demonstration is not None,
            parent=self,
        )
        if open_demonstration is not None:
            welcome.demonstration_requested.connect(self.open_demonstration)
        self._welcome = WelcomeView(welcome, self)
        self._welcome.tour_requested.connect(self.tour_requested)
        self._pending = QLabel(self)
        self._pending.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pending.setProperty("role", "muted")
        self._settings_page = SettingsView(parts.settings, self)
        self._pages: dict[int, QWidget] = {Page.SETTINGS: self._settings_page}
        for page in (self._welcome, self._pending, self._pages[Page.SETTINGS]):
            self._stack.addWidget(page)
        self._page: int = Page.LIVE
        self._reported_camera = ""
        self._set_up = SetUpStrip(parts.set_up, self)
        self._job_note = JobNote(parts.job_runner, self)
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
        return self._page

    @property
    def header(self) -> WindowHeader:
        return self._header

    @property
    def banner(self) -> NotificationBanner:
        return self._banner

    @property
    def settings_page(self) -> SettingsView:
        return self._settings_page

    @property
    def page_area(self) -> QWidget:
        """The widget that holds the pages, over which messages float."""
        return self._stack

    def find_page(self, index: int) -> QWidget | None:
        """Return the widget of a page; None until it is made."""
        return self._pages.get(index)

    def update_texts(self) -> None:
        self._stack.catch_up()

    def may_show(self, page: Page) -> bool:
        """Return whether the user may go to a page."""
        return self._rail.is_page_enabled(page)

    def add_settings_card(self, card: QWidget, section: Section) -> None:
        self._settings_page.add_card(card, section)

    def show_settings(self, section: Section) -> None:
        self.show_page(Page.SETTINGS)
        self._settings_page.show_section(section)

    @property
    def covering(self) -> QWidget | None:
        """The widget shown instead of the pages, if any."""
        return self._cover

    def cover_pages(self, cover: QWidget | None) -> None:
        """Show a widget instead of all pages, which become unreachable; None shows the pages again."""
        if cover is not None and self._stack.indexOf(cover) < 0:
            self._stack.addWidget(cover)
        self._cover = cover
        self._rail.set_locked(cover is not None)
        self._header.set_locked(cover is not None)
        self._status.setVisible(cover is None and not self._is_kiosk_mode)
        if cover is not None:
            self._banner.hide()
        self.show_page(self._page)

    def disable_pages(self, reasons: Mapping[int, str]) -> None:
        self._rail.disable_pages(reasons)
        self._may_set_up = any(spec.permission and page not in reasons for page, spec in PAGES.items())
        self._fold_set_up()
        if self._page in reasons:
            self.show_page(Page.NOW)

    @property
    def is_kiosk_mode(self) -> bool:
        """Return whether only the pages are shown, as on a wall screen."""
        return self._is_kiosk_mode

    def set_kiosk_mode(self, is_kiosk_mode: bool) -> None:
        """Show the pages alone in full screen, or the whole window."""
        self._is_kiosk_mode = is_kiosk_mode
        for part in (self._rail, self._header, self._status):
            part.setVisible(not is_kiosk_mode)
        if is_kiosk_mode:
            self._banner.hide()
            self.showFullScreen()
        else:
            self.showNormal()

    def add_page(self, index: int, page: QWidget) -> None:
        self._pages[index] = page
        for table in page.findChildren(RecordList):
            table.zone_opened.connect(self.open_zone)
        self._stack.addWidget(page)
        if index == self._page:
            self.show_page(index)

    def open_demonstration(self) -> None:
        """Open the demo, if there is one."""
        if self._open_demonstration is not None:
            self._open_demonstration()

    def show_halls(self, has_halls: bool) -> None:
        """Offer the page over all halls if the open venue is in a site."""
        self._rail.show_halls(has_halls)
        if not has_halls and self._page == Page.HALLS:
            self.show_page(Page.NOW)

    def add_note(self, note: QWidget) -> None:
        self._above_pages.addWidget(note)

    def add_period_widget(self, widget: QWidget) -> None:
        self._header.set_period_widget(widget)
        self.show_page(self._page)

    def add_period_note(self, note: PeriodGapsLine) -> None:
        """Add the line about missing data, for every page of a period."""
        self._period_note = note
        self._status.addWidget(note, 1)
        self.show_page(self._page)

    def show_page(self, index: int) -> None:
        """Show a page; without a venue, the welcome page replaces those that need one."""
        self._page = index
        has_venue = self._parts.app_state.venue is not None
        self._rail.set_current(index, is_shown=has_venue or not PAGES[Page(index)].needs_venue)
        shows_period = has_venue and PAGES[Page(index)].shows_period and self._cover is None
        self._header.show_period(shows_period)
        if self._period_note is not None:
            self._period_note.set_page_visible(shows_period and not self._is_kiosk_mode)
        self._job_note.allow(not self._is_kiosk_mode)
        self._set_up.allow(PAGES[Page(index)].needs_venue and self._cover is None and not self._is_kiosk_mode)
        if self._cover is not None:
            self._stack.setCurrentWidget(self._cover)
        elif PAGES[Page(index)].needs_venue and not has_venue:
            self._stack.setCurrentWidget(self._welcome)
        else:
            self._stack.setCurrentWidget(self._pages.get(index, self._pending))

    def show_models(self) -> None:
        self.show_page(Page.SETTINGS)
        self._settings_page.show_models()

    def show_pending_count(self, index: int, count: int) -> None:
        """Show beside a page's name how many items on it need a decision."""
        self._rail.set_pending_count(index, count)

    def open_zone(self, name: str) -> None:
        venue = self._parts.app_state.venue
        zones = () if venue is None else venue.geometry_versions[-1].zones
        if any(str(zone.name) == name and zone.is_stand for zone in zones):
            self.open_link(ViewLink(LinkTarget.EXHIBITION, LinkPart.STAND, zone=name))
        else:
            self.open_link(ViewLink(LinkTarget.DWELL, zone=name))

    def open_link(self, link: ViewLink) -> None:
        """Open a link; a wall screen opens only its own pages."""
        state = self._parts.app_state
        if self._is_kiosk_mode:
            return
        # Compare has periods of its own
        if link.period_s is not None and link.shown is not LinkTarget.COMPARE:
            state.set_period(link.period_s)
        if link.zone is not None:
            state.select_zone(link.zone)
        self.go_to(PAGE_OF[link.shown])
        self.link_shown.emit(link)

    def retranslate(self) -> None:
        self._pending.setText(tr("Please wait"))
        self._show_recent()
        self._show_state()

    @property
    def is_ending(self) -> bool:
        """Return whether the window closes without a question once its recording is stored."""
        return self._is_ending

    def end(self, cause: str = "") -> None:
        """Stop the recording and close, without a question.

        Args:
            cause: cause of the gap if the user did not stop the recording; see `observation_log`.
        """
        self._is_ending, self._end_cause = True, cause
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        if not self._is_ending and not self.may_close():
            event.ignore()
            return
        if not self._is_ending and self.confirm_closing is not None and self._parts.monitor.is_recording_here:
            event.ignore()
            self.confirm_closing()
            return
        if self._geometry is not None and not self._is_kiosk_mode:
            self._geometry.setValue("geometry", self.saveGeometry())
        # a recording of another process continues
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
        self._above_pages.addWidget(self._set_up)
        self._above_pages.addWidget(self._job_note)
        right = fill(make_column(spacing=0), self._header, self._above_pages, (self._stack, 1))
        central = QWidget(self)
        fill(make_row(central, margins=0, spacing=0), self._rail, (right, 1))
        self.setCentralWidget(central)
        central.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        central.setFocus()

    def _connect(self) -> None:
        parts = self._parts
        self._rail.page_chosen.connect(self.go_to)
        self._rail.folded.connect(self._on_folded)
        self._rail.guide_requested.connect(self.guide_requested)
        self._rail.search_requested.connect(self.search_requested)
        self._rail.about_requested.connect(self._on_about_asked)
        self._header.language_chosen.connect(parts.settings.choose_language)
        self._header.theme_toggled.connect(self._on_theme_toggled)
        self._header.recording_toggled.connect(self._on_recording_toggled)
        self._header.open_requested.connect(self._welcome.open_venue_dialog)
        self._header.creation_requested.connect(self._welcome.create_venue_dialog)
        self._header.venue_chosen.connect(parts.shell.open_venue)
        self._recent.state_changed.connect(self._show_recent)
        parts.shell.state_changed.connect(self._show_state)
        parts.shell.notified.connect(self._on_notified)
        parts.shell.venue_shown.connect(parts.settings.remember_venue)
        parts.settings.failed.connect(parts.shell.report_error)
        parts.settings.model_chosen.connect(self._on_model_chosen)
        parts.set_up.state_changed.connect(self._show_state)
        for asked in (self._status.doctor_requested, self._settings_page.doctor_requested):
            asked.connect(lambda: self.show_page(Page.DOCTOR))
        self._banner.action_chosen.connect(self._on_banner_action_chosen)
        parts.app_state.venue_opened.connect(self._on_venue_opened)
        # why it could not start, or what its next start will change, is true no longer
        parts.monitor.started.connect(self._banner.hide)

    def _restore_geometry(self) -> None:
        saved = self._geometry.value("geometry") if self._geometry is not None else None
        if isinstance(saved, QByteArray) and self.restoreGeometry(saved):
            return
        self.resize(1366, 768)
        free = self.screen().availableGeometry()
        is_small = free.width() < self.width() or free.height() < self.height() + _TITLE_BAR_PX
        if is_small and free.width() >= MIN_WH[0]:
            # as large as the desktop permits, with the status bar on the screen
            self.setWindowState(Qt.WindowState.WindowMaximized)

    def _show_state(self) -> None:
        state = self._parts.shell.state
        title = display_name(state.title)
        self.setWindowTitle(f"{title} — ExpoFlow" if title else "ExpoFlow")
        self._header.set_title(title or tr("Welcome"))
        self._header.set_ready(self._parts.set_up.state.next_step in (None, SetUpStep.RECORDING))
        show_pipeline(state, self._header, self._status)

    def _show_recent(self) -> None:
        venue = self._parts.app_state.venue
        self._header.set_recent(
            [
                (display_name(recent.name, is_demonstration=recent.is_demonstration), recent.folder)
                for recent in self._recent.state.recent_venues
                if venue is None or recent.folder != venue.folder.absolute()
            ]
        )

    def go_to(self, index: int) -> None:
        self._banner.dismiss_news()
        self.show_page(index)
        venue = self._parts.app_state.venue
        if venue is not None and not self._is_kiosk_mode:
            self._left_at.keep(venue, self._page)

    def _on_folded(self, is_folded: bool) -> None:
        if self._geometry is not None:
            self._geometry.setValue(_FOLDED_KEY, is_folded)

    def _fold_set_up(self) -> None:
        """Fold the installer's pages as the user chose last; else unless this user has to set a venue up."""
        saved = None if self._geometry is None else self._geometry.value(_FOLDED_KEY)
        venue = self._parts.app_state.venue
        is_needed = self._may_set_up and venue is not None and not venue.has_history
        self._rail.set_folded(not is_needed if saved is None else str(saved) == "true")

    def _on_venue_opened(self) -> None:
        self._settings_page.forget_changes()
        self._banner.hide()
        venue = self._parts.app_state.venue
        self._recent.read_names()
        self._show_recent()
        self._fold_set_up()
        if venue is None:
            self.show_page(Page.LIVE if self._page == Page.SETTINGS else self._page)
        elif not self._is_kiosk_mode:
            exhibition, state = venue.exhibition, self._parts.app_state
            yesterday = exhibition.local_day(self._clock.now_utc_s()) - timedelta(days=1)
            is_day_over = yesterday in list_show_days(exhibition)
            page = self._left_at.choose(venue, shown=self._page, is_day_over=is_day_over)
            if page is Page.OVERVIEW and is_day_over and state.period is None:
                # which is about a day, not about the last hour
                state.set_period(find_day(exhibition, yesterday, opening_hours_only=True))
            self.show_page(page)

    def _on_notified(self, notification: Notification) -> None:
        if self._cover is not None or self._is_kiosk_mode:
            # a locked window must not show figures; the message appears on its page again
            return
        again = notification.rebuild or (lambda: notification)
        self._reported_camera = notification.leads_to_view_of
        self._banner.show_message(
            lambda: again().problem,
            lambda: again().remedy,
            tone=notification.tone,
            action=_describe_action(notification),
            on_closed=notification.on_closed,
        )

    def _on_banner_action_chosen(self) -> None:
        self._banner.hide()
        if self._reported_camera:
            self.field_of_view_requested.emit(self._reported_camera)
            return
        self._parts.settings.use_model(SHIPPED_MODEL)

    def _on_recording_toggled(self) -> None:
        if self._parts.monitor.recorder is None:
            self._parts.shell.toggle_recording()
        elif not self._parts.shell.end_part():
            confirm_stop(self, self._parts.shell)

    def _on_model_chosen(self, name: str) -> None:
        self._banner.show_message(
            lambda: tr("This venue uses {name}.", name=name),
            lambda: tr("It is used from the next recording on."),
            tone="good",
        )

    def _on_theme_toggled(self) -> None:
        is_dark = self.palette().window().color().lightness() < 128
        self._parts.settings.choose_theme("light" if is_dark else "dark")

    def _on_about_asked(self) -> None:
        from app.gui.doctor.page import AboutDialog

        AboutDialog(self).open()


def _describe_action(notification: Notification) -> str | Callable[[], str]:
    if notification.leads_to_models:
        return lambda: tr("Use {name} for this venue", name=SHIPPED_MODEL)
    return (lambda: tr("Before and after")) if notification.leads_to_view_of else ""
