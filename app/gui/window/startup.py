"""Opens the window: application, fonts, language, colours, first page; what is heavy comes after it shows."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from app.access.roles import Permission
from app.error_reporting import describe_error
from app.gui.recording.recorder_watch import RecorderWatch
from app.gui.session.app_state import AppState
from app.gui.session.fact_preparation import FactPreparationViewModel
from app.gui.session.job_runner import JobRunner
from app.gui.session.pages import Page, parse_wall_pages
from app.gui.session.period import PeriodViewModel
from app.gui.session.permissions import needs
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.theme import DARK, LIGHT, THEMES, Theme, install_theme, styled_at_the_end
from app.gui.session.translation import install_language, resolve_language, tr
from app.gui.session.units import install_units
from app.gui.settings.model import SettingsViewModel
from app.gui.widgets.icons import make_icon
from app.gui.window.camera_windows import (
    CameraWindows,
    bind_camera_removal,
    bind_camera_windows,
    bind_camera_wizard,
)
from app.gui.window.closing import WindowClosing
from app.gui.window.demonstration import DemonstrationViewModel
from app.gui.window.garbage_collection import GarbageCollection
from app.gui.window.help_key import HelpKey
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.period_bar import PeriodBar
from app.gui.window.period_gaps import PeriodGapsViewModel
from app.gui.window.period_gaps_line import PeriodGapsLine
from app.gui.window.screenshot_tour import ScreenshotTour
from app.gui.window.session_end import SessionEnd
from app.gui.window.shell import Notification, ShellViewModel
from app.print.fonts import load_fonts
from app.settings.models_location import models_folder
from app.settings.paths import data_folder, settings_folder
from vision.pipeline.observation_log import TERMINATED

if TYPE_CHECKING:
    from app.gui.floor_plan.model import FloorPlanViewModel
    from app.gui.live.page import LiveWallView
    from app.gui.plan.model import PlanEditorViewModel
    from app.gui.plan.panel_models import PlanEditorParts
    from app.gui.window.window_guard import WindowGuard


def add_settings_cards(window: MainWindow, parts: WindowParts) -> None:
    """Import and make them."""
    from app.gui.window.closing_card import ClosingCard

    _add_history_keeping(window, parts)
    window.add_settings_card(ClosingCard(parts.app_state, parts.shell))
    _add_privacy(window, parts)
    _add_other_systems(window, parts)


def _add_history_keeping(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.settings.history_keeping import HistoryKeepingViewModel
    from app.gui.settings.history_keeping_card import HistoryKeepingCard

    viewmodel = HistoryKeepingViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    viewmodel.setParent(window)
    window.add_settings_card(HistoryKeepingCard(viewmodel))


def _add_privacy(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.privacy.model import PrivacyViewModel
    from app.gui.privacy.page import PrivacyCard
    from app.print.privacy_files import write_privacy_pack

    viewmodel = PrivacyViewModel(
        app_state=parts.app_state, job_runner=parts.job_runner, write_pack=write_privacy_pack
    )
    viewmodel.setParent(window)
    window.add_settings_card(PrivacyCard(viewmodel))


def _add_other_systems(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.integrations.model import OtherSystemsViewModel
    from app.gui.integrations.page import OtherSystemsCard
    from app.gui.integrations.told_systems import ToldSystemsViewModel
    from app.gui.integrations.told_systems_part import ToldSystemsPart

    viewmodel = OtherSystemsViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    viewmodel.setParent(window)
    window.closed.connect(viewmodel.close)
    told = ToldSystemsViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    told.setParent(window)
    told.settings_changed.connect(viewmodel.restart_serving)
    card = OtherSystemsCard(viewmodel)
    card.add_part(ToldSystemsPart(told))
    needs(card, Permission.INTEGRATE)
    window.add_settings_card(card)


PREVIEW_PIXELS_PER_POINT = 2.0
"""Sharp on a screen of twice as many pixels, and quick enough to follow every choice."""
MEMORY_FILE = "window.ini"


def add_analysis_pages(window: MainWindow, parts: WindowParts) -> None:
    """Import and make the pages of flows, the exhibition, comparisons, findings, the timeline and reports.

    The cards of the settings that are about the open venue come with them.
    """
    _add_flows(window, parts)
    _add_exhibition(window, parts)
    _add_comparison(window, parts)
    _add_findings(window, parts)
    _add_timeline(window, parts)
    _add_reports(window, parts)
    add_settings_cards(window, parts)


def _add_flows(window: MainWindow, parts: WindowParts) -> None:
    from app.core.view_link import Shown, ViewLink
    from app.gui.floor_plan.page import FloorPlanView
    from app.gui.flows.model import FlowsViewModel
    from app.gui.flows.page import FlowsView

    viewmodel = FlowsViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    viewmodel.failed.connect(parts.shell.complain)
    page = FlowsView(viewmodel, window)
    page.link_opened.connect(window.open_link)

    def show_routes() -> None:
        window.open_link(ViewLink(Shown.FLOOR_PLAN))
        for plan in window.findChildren(FloorPlanView):
            plan.show_routes()

    page.routes_asked.connect(show_routes)
    window.add_page(Page.FLOWS, page)


def _add_exhibition(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.exhibition.model import ExhibitionViewModel
    from app.gui.exhibition.page import ExhibitionView

    viewmodel = ExhibitionViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    page = ExhibitionView(viewmodel, window)
    page.link_opened.connect(window.open_link)
    window.add_page(Page.EXHIBITION, page)


def _add_comparison(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.comparison.model import ComparisonViewModel
    from app.gui.comparison.page import ComparisonView

    viewmodel = ComparisonViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    window.comparison_asked.connect(viewmodel.show_link)
    window.add_page(Page.COMPARE, ComparisonView(viewmodel, window))


def _add_findings(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.findings.model import FindingsViewModel
    from app.gui.findings.page import FindingsView

    viewmodel = FindingsViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    viewmodel.failed.connect(parts.shell.complain)
    page = FindingsView(viewmodel, window)
    page.link_opened.connect(window.open_link)
    window.add_page(Page.FINDINGS, page)


def _add_timeline(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.timeline.model import TimelineViewModel
    from app.gui.timeline.page import TimelineView

    viewmodel = TimelineViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    window.add_page(Page.TIMELINE, TimelineView(viewmodel, window))


def _add_reports(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.reports.model import ReportsViewModel
    from app.gui.reports.page import ReportsView
    from app.gui.reports.schedules import SchedulesViewModel
    from app.gui.session.data_export import DataExportViewModel
    from app.print.pack_files import write_packs
    from app.print.report_files import write_report_file
    from app.print.report_preview import render_pages

    viewmodel = ReportsViewModel(
        app_state=parts.app_state,
        job_runner=parts.job_runner,
        draw_pages=lambda content: render_pages(content, pixels_per_point=PREVIEW_PIXELS_PER_POINT),
        write_file=write_report_file,
        write_packs=write_packs,
        memory=QSettings(str(settings_folder() / MEMORY_FILE), QSettings.Format.IniFormat, window),
    )
    schedules = SchedulesViewModel(
        app_state=parts.app_state, job_runner=parts.job_runner, write_file=write_report_file
    )
    schedules.failed.connect(parts.shell.complain)
    data_export = DataExportViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    window.add_page(
        Page.REPORTS, ReportsView(viewmodel, window, schedules=schedules, data_export=data_export)
    )


_LOG = logging.getLogger(__name__)
GEOMETRY_FILE = "window.ini"
TEMPLATES_FOLDER = "templates"
"""Of zones and lines, for every venue of this machine."""


def run_gui(
    venue: Path | None,
    demo: bool,
    screenshots: Path | None,
    say: Callable[[str], object] = lambda _text: None,
    wall_pages: Sequence[str] | None = None,
) -> int:
    """Open the window and stay until it is closed.

    Args:
        venue: a folder to open; None for the welcome page.
        demo: open the demonstration.
        screenshots: a folder for pictures of every page, after which the window closes.
        say: takes the sentences that tell how the pictures go.
        wall_pages: be a screen for everybody with these pages, the usual ones for none; None: a window.

    Returns:
        The exit status of the process; above 0 if a picture could not be taken as it should be.
    """
    wall = None if wall_pages is None else parse_wall_pages(wall_pages)
    application = make_application()
    window, parts = make_window(application)
    collection = GarbageCollection()
    sys.excepthook = _make_excepthook(parts.shell)
    # a window that records may be hidden: neither it nor the last dialog that is closed ends the program
    application.setQuitOnLastWindowClosed(False)
    window.closed.connect(application.quit)
    session_end = SessionEnd(application, window)
    window.show()
    tour = None
    if screenshots is not None:
        tour = ScreenshotTour(
            window,
            parts,
            screenshots,
            is_demo=demo,
            has_venue=demo or venue is not None,
            say=say,
            on_end=window.end,
        )
    QTimer.singleShot(0, window, lambda: _go_on(window, parts, venue, demo, tour=tour, wall=wall))
    status = application.exec()
    session_end.stop()
    # where Qt ended by itself: the connection to the screen broke
    parts.monitor.end_now(TERMINATED)
    sys.excepthook = sys.__excepthook__
    collection.stop()
    return 1 if tour is not None and tour.problems else status


def make_application() -> QApplication:
    """The application with our fonts; one per process."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(["expoflow"])
    application.setApplicationName("expoflow")
    application.setApplicationDisplayName("ExpoFlow")
    application.setDesktopFileName("io.github.expoflow.ExpoFlow")
    load_fonts()
    return application


def make_window(application: QApplication) -> tuple[MainWindow, WindowParts]:
    """A window with nothing open, in the language and colours of the settings; its pages come later."""
    app_state, job_runner, monitor = AppState(), JobRunner(), PipelineMonitor()
    settings = SettingsViewModel(app_state=app_state, job_runner=job_runner, monitor=monitor)
    install_language(application, resolve_language(settings.state.language))
    install_theme(application, resolve_theme(settings.state.theme))
    install_units(application, settings.state.units)
    application.setWindowIcon(make_icon("brand", LIGHT.accent))
    shell = ShellViewModel(app_state=app_state, job_runner=job_runner, monitor=monitor)
    parts = WindowParts(app_state, job_runner, monitor, shell, settings)
    demonstration = DemonstrationViewModel(app_state=app_state, job_runner=job_runner, shell=shell)
    preparation = FactPreparationViewModel(app_state=app_state, job_runner=job_runner)
    memory = QSettings(str(settings_folder() / GEOMETRY_FILE), QSettings.Format.IniFormat)
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
    for owned in (app_state, job_runner, monitor, settings, shell, demonstration, preparation, period, watch):
        owned.setParent(window)
    settings.language_chosen.connect(
        lambda language: install_language(application, resolve_language(language))
    )
    settings.theme_chosen.connect(lambda theme: install_theme(application, resolve_theme(theme)))
    settings.units_chosen.connect(lambda units: install_units(application, units))
    if settings.complaint is not None:
        shell.complain(settings.complaint)
    HelpKey(window)
    WindowClosing(window, parts)
    return window, parts


def add_pages(window: MainWindow, parts: WindowParts) -> WindowGuard:
    """Import and make the pages; charts take a moment to load. What guards them is made first."""
    with styled_at_the_end():
        return _make_pages(window, parts)


def _make_pages(window: MainWindow, parts: WindowParts) -> WindowGuard:
    from app.gui.dwell.model import DwellDashboardViewModel
    from app.gui.dwell.page import DwellDashboardView
    from app.gui.floor_plan.corrections import CorrectionsViewModel
    from app.gui.floor_plan.corrections_panel import CorrectionsPanel
    from app.gui.floor_plan.floor_files import FloorFilesViewModel
    from app.gui.floor_plan.floor_files_panel import FloorFilesPanel
    from app.gui.floor_plan.model import FloorPlanViewModel
    from app.gui.floor_plan.page import FloorPlanView
    from app.gui.live.model import LiveWallViewModel
    from app.gui.live.page import LiveWallView
    from app.gui.plan.page import PlanEditorView
    from app.gui.window.window_guard import WindowGuard

    guard = WindowGuard(window, parts)
    app_state, job_runner, monitor = parts.app_state, parts.job_runner, parts.monitor
    live = LiveWallViewModel(app_state=app_state, job_runner=job_runner, monitor=monitor)
    plan = FloorPlanViewModel(app_state=app_state, job_runner=job_runner, monitor=monitor)
    dwell = DwellDashboardViewModel(app_state=app_state, job_runner=job_runner, monitor=monitor)
    for viewmodel in (live, plan, dwell):
        viewmodel.setParent(window)
    live.start_requested.connect(parts.shell.start_recording)
    live.demo_requested.connect(window.open_demonstration)
    wall = LiveWallView(live, window)
    bind_camera_wizard(wall, live, app_state=app_state, job_runner=job_runner)
    bind_camera_removal(wall, app_state=app_state, job_runner=job_runner, monitor=monitor)
    window.add_page(Page.LIVE, wall)
    window.add_page(Page.NOW, _make_now_page(window, parts, plan))
    floor = FloorPlanView(plan, window)
    floor.zone_opened.connect(window.open_zone)
    corrections = CorrectionsViewModel(app_state=app_state, job_runner=job_runner)
    plan.view_computed.connect(corrections.show_period)
    corrections.failed.connect(parts.shell.complain)
    corrections.state_changed.connect(
        lambda: window.show_waiting(Page.FLOOR_PLAN, corrections.state.proposals)
    )
    left_out = CorrectionsPanel(corrections, floor)
    floor.side.add_panel(left_out, left_out.describe_title)
    left_out.title_changed.connect(floor.side.name_buttons)
    left_out.marks_changed.connect(floor.canvas.show_marks)
    editor = _make_plan_editor(parts)
    files = FloorFilesPanel(FloorFilesViewModel(app_state=app_state, job_runner=job_runner), floor)
    floor.side.add_panel(files, files.describe_title)
    camera_windows = bind_camera_windows(window, parts, editor.editor, wall=wall, files=files)
    window.add_page(Page.FLOOR_PLAN, floor)
    window.add_page(Page.DWELL, DwellDashboardView(dwell, window))
    window.add_page(Page.EDIT_PLAN, PlanEditorView(editor, window))
    window.add_page(Page.COVERAGE, _make_coverage_planner(window, parts, add_camera=wall.ask_for_camera))
    window.add_page(Page.ACCURACY, _make_validation(window, parts))
    window.add_page(Page.DOCTOR, _make_doctor(window, parts, editor.editor, wall, camera_windows))
    add_analysis_pages(window, parts)
    return guard


def _make_now_page(window: MainWindow, parts: WindowParts, plan: FloorPlanViewModel) -> QWidget:
    """After the floor plan's view-model, which finds out at every look where everybody is."""
    from app.gui.now.page import NowPageParts, make_now_page

    memory = QSettings(str(settings_folder() / GEOMETRY_FILE), QSettings.Format.IniFormat, window)
    page, desk = make_now_page(
        NowPageParts(parts.app_state, parts.job_runner, parts.monitor, memory),
        find_dots=lambda: plan.state.dots,
        parent=window,
    )
    page.zone_opened.connect(window.open_zone)
    desk.failed.connect(parts.shell.complain)

    def tell_elsewhere(notification: Notification) -> None:
        if window.page != Page.NOW:
            parts.shell.notify(notification)

    desk.told.connect(tell_elsewhere)
    desk.state_changed.connect(lambda: window.show_waiting(Page.NOW, desk.state.unknown))
    return page


def _make_plan_editor(parts: WindowParts) -> PlanEditorParts:
    from app.gui.plan.panel_models import make_plan_editor_parts

    return make_plan_editor_parts(
        app_state=parts.app_state,
        job_runner=parts.job_runner,
        templates_folder=data_folder() / TEMPLATES_FOLDER,
    )


def _make_coverage_planner(
    window: MainWindow, parts: WindowParts, *, add_camera: Callable[[str], object]
) -> QWidget:
    from app.gui.coverage.model import CoveragePlannerViewModel
    from app.gui.coverage.page import CoveragePlannerView

    viewmodel = CoveragePlannerViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    planner = CoveragePlannerView(viewmodel, window)
    planner.install_asked.connect(add_camera)
    return planner


def _make_validation(window: MainWindow, parts: WindowParts) -> QWidget:
    from app.gui.validation.model import ValidationViewModel
    from app.gui.validation.page import ValidationView

    viewmodel = ValidationViewModel(
        app_state=parts.app_state,
        job_runner=parts.job_runner,
        monitor=parts.monitor,
        models_folder=models_folder(),
    )
    viewmodel.notified.connect(parts.shell.notified)
    # no picture outlives the window
    window.closed.connect(viewmodel.close)
    return ValidationView(viewmodel, window)


def _make_doctor(
    window: MainWindow,
    parts: WindowParts,
    editor: PlanEditorViewModel,
    wall: LiveWallView,
    cameras: CameraWindows,
) -> QWidget:
    from app.core.findings import Finding, Mend
    from app.gui.doctor.checks_panel import DoctorView
    from app.gui.doctor.health_model import HealthViewModel
    from app.gui.doctor.health_panel import HealthView
    from app.gui.doctor.model import DoctorViewModel
    from app.gui.doctor.page import DoctorPage
    from app.gui.session.whole_venue import WholeVenueViewModel
    from app.gui.settings.whole_venue_card import WholeVenueCard

    viewmodel = DoctorViewModel(app_state=parts.app_state, job_runner=parts.job_runner, monitor=parts.monitor)
    doctor = DoctorView(viewmodel, window)
    whole = WholeVenueViewModel(
        app_state=parts.app_state, job_runner=parts.job_runner, monitor=parts.monitor, parent=window
    )
    whole.failed.connect(parts.shell.complain)
    whole.venue_restored.connect(parts.shell.open_venue)
    window.add_settings_card(WholeVenueCard(whole))
    health = HealthView(HealthViewModel(app_state=parts.app_state, job_runner=parts.job_runner), window)
    page = DoctorPage(doctor, health, findings=viewmodel, whole_venue=whole, parent=window)

    def show_on_plan(finding: Finding) -> None:
        window.show_page(Page.EDIT_PLAN)
        editor.select_named(finding.part, finding.name)

    def show_camera(camera: str) -> None:
        window.show_page(Page.DOCTOR)
        if not viewmodel.state.has_run:
            viewmodel.run()
        page.show_doctor()
        doctor.show_camera(camera)

    ways: dict[Mend, Callable[[Finding], object]] = {
        Mend.CHANGE_CAMERA: lambda finding: wall.ask_for_camera(finding.name),
        Mend.ENTER_PASSWORD: lambda finding: wall.ask_for_camera(finding.name, asks_login=True),
        Mend.CALIBRATE: lambda finding: cameras.calibrate(finding.name),
        Mend.SHOW_VIEW: lambda finding: cameras.show_view(finding.name),
        Mend.DRAW_MASK: lambda finding: cameras.draw_in_picture(finding.name),
        Mend.CHOOSE_MODEL: lambda _finding: window.show_models(),
        Mend.EDIT_PLAN: show_on_plan,
        Mend.OPEN_FOLDER: lambda finding: QDesktopServices.openUrl(QUrl.fromLocalFile(finding.name)),
        Mend.CONNECT_AGAIN: lambda finding: parts.monitor.connect_again(finding.name),
        Mend.START_RECORDING: lambda _finding: parts.shell.start_recording(),
        Mend.RESTART_RECORDING: lambda _finding: parts.shell.restart_recording(),
    }
    viewmodel.mend_asked.connect(lambda finding: ways[finding.mend](finding))
    wall.doctor_requested.connect(show_camera)
    return page


def resolve_theme(setting: str) -> Theme:
    """The theme of a setting that may be ``system``."""
    if setting in THEMES:
        return THEMES[setting]
    is_dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return DARK if is_dark else LIGHT


def _go_on(
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
    if wall is not None:
        guard.begin_as_wall(wall)
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
        shell.complain(described)

    return report
