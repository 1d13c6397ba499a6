"""Makes the pages of a window and the cards of its settings, and connects them with one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from app.access.roles import Permission
from app.core.view_link import LinkTarget, ViewLink
from app.gui.session.permissions import require_permission
from app.gui.settings.page import Section
from app.gui.widgets.layouts import open_dialog
from app.gui.window.closing import ClosingCard
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from app.recording.set_up_steps import SetUpStep
from app.settings.file import models_folder
from app.settings.paths import data_folder, settings_folder

if TYPE_CHECKING:
    from app.core.check_results import CheckResult
    from app.core.credentials import CredentialStore
    from app.gui.cameras.camera_removal import CameraRemovalNotice
    from app.gui.floor_plan.corrections import CorrectionsViewModel
    from app.gui.floor_plan.model import FloorPlanViewModel
    from app.gui.floor_plan.page import FloorPlanView
    from app.gui.live.model import LiveWallViewModel
    from app.gui.live.page import LiveWallView
    from app.gui.overview.model import OverviewViewModel
    from app.gui.plan.floor_files import FloorFilesPanel
    from app.gui.plan.model import PlanEditorViewModel
    from app.gui.plan.page import PlanEditorView
    from app.gui.plan.panel_models import PlanEditorViewModels
    from app.gui.session.app_state import AppState
    from app.gui.session.job_runner import JobRunner
    from app.gui.session.notification import Notification
    from app.gui.session.pipeline_monitor import PipelineMonitor
    from app.gui.site.halls import HallsViewModel


@dataclass(frozen=True, slots=True)
class CameraWindows:
    """Functions that open a window for the camera of a name."""

    calibrate: Callable[[str], None]
    draw_in_picture: Callable[[str], None]
    show_view: Callable[[str], None]


def connect_camera_windows(
    window: MainWindow,
    parts: WindowParts,
    editor: PlanEditorViewModel,
    *,
    wall: LiveWallView,
    files: FloorFilesPanel,
) -> CameraWindows:
    from app.gui.calibration.calibration_draft import UnsavedDrafts
    from app.gui.calibration.model import CalibrationViewModel
    from app.gui.calibration.page import CalibrationDialog
    from app.gui.cameras.detection import DetectionDialog, DetectionViewModel
    from app.gui.cameras.moved_camera import MovedCameraDialog, MovedCameraViewModel
    from app.gui.plan.camera_picture_model import CameraPictureViewModel
    from app.gui.plan.camera_picture_page import CameraPictureDialog

    app_state, job_runner, monitor = parts.app_state, parts.job_runner, parts.monitor
    drafts = UnsavedDrafts()

    def calibrate(camera: str) -> None:
        if app_state.venue is None:
            return
        viewmodel = CalibrationViewModel(
            camera,
            venue=app_state.venue,
            app_state=app_state,
            job_runner=job_runner,
            monitor=monitor,
            drafts=drafts,
        )
        dialog = CalibrationDialog(viewmodel, job_runner, window)
        open_dialog(dialog)

    def draw_in_picture(camera: str) -> None:
        if app_state.venue is None:
            return
        dialog = CameraPictureDialog(
            CameraPictureViewModel(
                camera, app_state=app_state, job_runner=job_runner, monitor=monitor, editor=editor
            ),
            window,
        )
        open_dialog(dialog)

    def set_detection(camera: str) -> None:
        if app_state.venue is None:
            return
        viewmodel = DetectionViewModel(camera, app_state=app_state, job_runner=job_runner, edit=editor.edit)
        open_dialog(DetectionDialog(viewmodel, window))

    def show_view(camera: str) -> None:
        viewmodel = MovedCameraViewModel(camera, app_state=app_state, job_runner=job_runner, monitor=monitor)
        viewmodel.realigned.connect(parts.shell.restart_recording)
        dialog = MovedCameraDialog(viewmodel, window)
        dialog.calibration_requested.connect(calibrate)
        open_dialog(dialog)

    for signal in (wall.view_requested, window.field_of_view_requested):
        signal.connect(show_view)
    wall.detection_requested.connect(set_detection)
    for signal in (wall.calibration_requested, files.calibration_requested):
        signal.connect(calibrate)
    for signal in (wall.drawing_requested, files.drawing_requested):
        signal.connect(draw_in_picture)
    return CameraWindows(calibrate, draw_in_picture, show_view)


def connect_camera_wizard(
    wall: LiveWallView,
    live: LiveWallViewModel,
    *,
    app_state: AppState,
    job_runner: JobRunner,
    open_credentials: Callable[[], CredentialStore] | None = None,
) -> None:
    from app.gui.cameras.camera_wizard_model import CameraWizardViewModel
    from app.gui.cameras.camera_wizard_page import CameraWizard

    def open_wizard(name: str, starts_at_login: bool) -> None:
        viewmodel = CameraWizardViewModel(
            app_state=app_state, job_runner=job_runner, open_credentials=open_credentials
        )
        if name:
            viewmodel.begin_with(name, starts_at_login=starts_at_login)
        viewmodel.changed.connect(live.camera_changed)
        wizard = CameraWizard(viewmodel, wall.window())
        open_dialog(wizard)

    wall.wizard_requested.connect(open_wizard)


def connect_camera_removal(
    wall: LiveWallView, *, app_state: AppState, job_runner: JobRunner, monitor: PipelineMonitor
) -> CameraRemovalNotice:
    from app.gui.cameras.camera_removal import CameraRemovalNotice, CameraRemovalViewModel

    viewmodel = CameraRemovalViewModel(app_state=app_state, job_runner=job_runner, monitor=monitor)
    notice = CameraRemovalNotice(viewmodel, wall)
    wall.add_notice(notice)
    wall.removal_requested.connect(notice.ask)
    return notice


PREVIEW_PIXELS_PER_POINT = 2.0
"""Sharp on high-density screens, and fast enough to follow every choice."""
MEMORY_FILE = "window.ini"
TEMPLATES_FOLDER = "templates"
"""Folder of layout templates for every venue of this machine."""


class PageMaker:
    """Creates the pages of a window, and the parts that several of them share."""

    def __init__(self, window: MainWindow, parts: WindowParts) -> None:
        self.window, self.parts = window, parts
        self.app_state, self.job_runner, self.monitor = parts.app_state, parts.job_runner, parts.monitor
        self.doors_pending = 0

    @cached_property
    def plan(self) -> FloorPlanViewModel:
        from app.gui.floor_plan.model import FloorPlanViewModel

        plan = FloorPlanViewModel(app_state=self.app_state, job_runner=self.job_runner, monitor=self.monitor)
        plan.setParent(self.window)
        return plan

    @cached_property
    def editor(self) -> PlanEditorViewModels:
        from app.gui.plan.panel_models import make_plan_editor_view_models

        return make_plan_editor_view_models(
            app_state=self.app_state,
            job_runner=self.job_runner,
            templates_folder=data_folder() / TEMPLATES_FOLDER,
        )

    @cached_property
    def overview(self) -> OverviewViewModel:
        """The view-model of the overview, to which other pages tell what waits for a decision."""
        from app.gui.overview.model import OverviewViewModel

        overview = OverviewViewModel(
            app_state=self.app_state, job_runner=self.job_runner, monitor=self.monitor
        )
        overview.setParent(self.window)
        return overview

    @cached_property
    def halls(self) -> HallsViewModel:
        """The view-model of the halls of a site, one of which *Now* may show."""
        from app.gui.site.halls import HallsViewModel

        halls = HallsViewModel(app_state=self.app_state, job_runner=self.job_runner)
        halls.setParent(self.window)
        return halls

    @cached_property
    def wall(self) -> LiveWallView:
        from app.gui.live.model import LiveWallViewModel
        from app.gui.live.page import LiveWallView

        live = LiveWallViewModel(app_state=self.app_state, job_runner=self.job_runner, monitor=self.monitor)
        live.setParent(self.window)
        live.start_requested.connect(self.parts.shell.start_recording)
        live.demo_requested.connect(self.window.open_demonstration)
        wall = LiveWallView(live, self.window)
        connect_camera_wizard(wall, live, app_state=self.app_state, job_runner=self.job_runner)
        connect_camera_removal(
            wall, app_state=self.app_state, job_runner=self.job_runner, monitor=self.monitor
        )
        return wall

    @cached_property
    def floor(self) -> FloorPlanView:
        from app.gui.floor_plan.page import FloorPlanView

        floor = FloorPlanView(self.plan, self.window)
        floor.zone_opened.connect(self.window.open_zone)
        return floor

    @cached_property
    def corrections(self) -> CorrectionsViewModel:
        """The view-model of what is no person, which the editor of the plan shows."""
        from app.gui.floor_plan.corrections import CorrectionsViewModel

        corrections = CorrectionsViewModel(app_state=self.app_state, job_runner=self.job_runner)
        self.plan.results_computed.connect(corrections.show_period)
        corrections.period_needed.connect(self.plan.compute_if_due)
        corrections.failed.connect(self.parts.shell.report_error)

        corrections.state_changed.connect(self.show_pending)
        return corrections

    def show_pending(self) -> None:
        """Show how many doors and objects wait for a decision in the editor of the plan."""
        proposals = self.corrections.state.proposals
        self.window.show_pending_count(Page.EDIT_PLAN, proposals + self.doors_pending)
        self.overview.set_pending(LinkTarget.EDIT_PLAN, proposals)

    def import_tracks(self) -> None:
        """Open the dialog that imports positions of other sensors."""
        from app.gui.analysis.import_tracks_dialog import ImportTracksDialog
        from app.gui.analysis.import_tracks_model import ImportTracksViewModel
        from app.gui.widgets.layouts import open_dialog

        if self.app_state.venue is not None:
            viewmodel = ImportTracksViewModel(app_state=self.app_state, job_runner=self.job_runner)
            open_dialog(ImportTracksDialog(viewmodel, self.window))

    @cached_property
    def plan_editor(self) -> PlanEditorView:
        from app.gui.floor_plan.corrections_panel import CorrectionsPanel
        from app.gui.plan.page import PlanEditorView

        editor = PlanEditorView(self.editor, self.window)
        left_out = CorrectionsPanel(self.corrections, editor)
        editor.side.add_panel(left_out, left_out.describe_title)
        left_out.title_changed.connect(editor.side.name_buttons)
        left_out.marks_changed.connect(editor.canvas.show_marks)
        return editor

    @cached_property
    def camera_windows(self) -> CameraWindows:
        """The openers of windows for one camera, also from the plan editor's list of cameras."""
        from app.gui.plan.floor_files import FloorFilesPanel, FloorFilesViewModel

        files = FloorFilesPanel(
            FloorFilesViewModel(app_state=self.app_state, job_runner=self.job_runner), self.plan_editor
        )
        self.plan_editor.side.add_panel(files, files.describe_title)
        files.tracks_requested.connect(self.import_tracks)
        return connect_camera_windows(
            self.window, self.parts, self.editor.editor, wall=self.wall, files=files
        )


def _make_halls(maker: PageMaker) -> QWidget:
    from app.gui.now.alarm_desk import describe_alarm
    from app.gui.site.halls import HallNote, HallsView

    window, parts, viewmodel = maker.window, maker.parts, maker.halls
    viewmodel.hall_chosen.connect(parts.shell.open_venue)
    viewmodel.failed.connect(parts.shell.report_error)
    window.add_note(HallNote(viewmodel, window))
    window.header.hall_chosen.connect(viewmodel.open)

    def show_halls() -> None:
        figures = viewmodel.state.figures
        window.show_halls(viewmodel.state.is_member)
        alarms = 0 if figures is None else sum(not a.acknowledged_utc_s for _hall, a in figures.alarms)
        window.show_pending_count(Page.HALLS, alarms)
        window.header.set_halls(viewmodel.list_places())

    viewmodel.state_changed.connect(show_halls)
    show_halls()
    return HallsView(viewmodel, describe_alarm, window)


def _make_now(maker: PageMaker) -> QWidget:
    from app.gui.now.page import NowPageParts, make_now_page
    from app.gui.widgets.figure_list import LiveFigure

    # created first: it updates all positions on every poll
    window, parts, plan = maker.window, maker.parts, maker.plan
    memory = QSettings(str(settings_folder() / MEMORY_FILE), QSettings.Format.IniFormat, window)
    page, now, desk = make_now_page(
        NowPageParts(parts.app_state, parts.job_runner, parts.monitor, memory),
        find_dots=lambda: plan.state.dots,
        parent=window,
    )
    page.zone_opened.connect(window.open_zone)
    page.door.answered.connect(maker.editor.editor.answer_door)
    page.door.undo_requested.connect(maker.editor.editor.undo)
    now.doors_learned.connect(plan.learn_doors)

    def show_doors() -> None:
        maker.doors_pending = len(now.state.doors)
        maker.show_pending()

    now.state_changed.connect(show_doors)
    desk.failed.connect(parts.shell.report_error)

    def notify_if_hidden(notification: Notification) -> None:
        if window.page != Page.NOW:
            parts.shell.notify(notification)

    def show_unacknowledged() -> None:
        window.show_pending_count(Page.NOW, desk.state.unacknowledged)
        maker.overview.set_pending(LinkTarget.NOW, desk.state.unacknowledged)

    def show_live() -> None:
        maker.overview.show_live(
            tuple(LiveFigure(tile.title, tile.value, tile.detail) for tile in page.viewmodel.state.tiles)
        )

    def show_elsewhere() -> None:
        one = maker.halls.state.own
        if one is not None:
            at_utc_s = maker.halls.state.read_utc_s - (one.age_s or 0.0)
            now.show_elsewhere(one.snapshot, at_utc_s=at_utc_s)

    maker.halls.state_changed.connect(show_elsewhere)
    desk.notified.connect(notify_if_hidden)
    desk.state_changed.connect(show_unacknowledged)
    page.viewmodel.state_changed.connect(show_live)
    maker.overview.live_requested.connect(page.viewmodel.refresh)
    return page


def _make_live(maker: PageMaker) -> QWidget:
    return maker.wall


def _make_overview(maker: PageMaker) -> QWidget:
    from app.gui.overview.page import OverviewView

    page = OverviewView(maker.overview, maker.window)
    page.link_opened.connect(maker.window.open_link)
    return page


def _make_floor_plan(maker: PageMaker) -> QWidget:
    # its list of cameras opens the camera windows
    floor, _windows = maker.floor, maker.camera_windows
    return floor


def _make_dwell(maker: PageMaker) -> QWidget:
    from app.gui.dwell.model import DwellDashboardViewModel
    from app.gui.dwell.page import DwellDashboardView

    dwell = DwellDashboardViewModel(app_state=maker.app_state, job_runner=maker.job_runner)
    dwell.setParent(maker.window)
    page = DwellDashboardView(dwell, maker.window)
    maker.window.link_shown.connect(page.show_link)
    return page


def _make_flows(maker: PageMaker) -> QWidget:
    from app.gui.floor_plan.page import FloorPlanView
    from app.gui.flows.model import FlowsViewModel
    from app.gui.flows.page import FlowsView

    window, parts = maker.window, maker.parts
    viewmodel = FlowsViewModel(app_state=maker.app_state, job_runner=maker.job_runner)
    viewmodel.failed.connect(parts.shell.report_error)
    page = FlowsView(viewmodel, window)
    page.link_opened.connect(window.open_link)

    def show_routes() -> None:
        window.open_link(ViewLink(LinkTarget.FLOOR_PLAN))
        for plan in window.findChildren(FloorPlanView):
            plan.show_routes()

    page.routes_requested.connect(show_routes)
    window.link_shown.connect(page.show_link)
    return page


def _make_exhibition(maker: PageMaker) -> QWidget:
    from app.gui.exhibition.model import ExhibitionViewModel
    from app.gui.exhibition.page import ExhibitionView
    from app.gui.exhibition.stand_page import StandPageViewModel

    window = maker.window
    viewmodel = ExhibitionViewModel(app_state=maker.app_state, job_runner=maker.job_runner)
    stand = StandPageViewModel(app_state=maker.app_state, job_runner=maker.job_runner)
    page = ExhibitionView(viewmodel, stand, window)
    page.link_opened.connect(window.open_link)
    window.link_shown.connect(page.show_link)
    return page


def _make_comparison(maker: PageMaker) -> QWidget:
    from app.gui.comparison.model import ComparisonViewModel
    from app.gui.comparison.page import ComparisonView

    window = maker.window
    viewmodel = ComparisonViewModel(app_state=maker.app_state, job_runner=maker.job_runner)
    window.link_shown.connect(viewmodel.show_link)
    return ComparisonView(viewmodel, window)


def _make_findings(maker: PageMaker) -> QWidget:
    from app.gui.findings.model import FindingsViewModel
    from app.gui.findings.page import FindingsView

    window, parts = maker.window, maker.parts
    viewmodel = FindingsViewModel(app_state=maker.app_state, job_runner=maker.job_runner)
    viewmodel.failed.connect(parts.shell.report_error)
    page = FindingsView(viewmodel, window)
    page.link_opened.connect(window.open_link)
    return page


def _make_timeline(maker: PageMaker) -> QWidget:
    from app.gui.timeline.model import TimelineViewModel
    from app.gui.timeline.page import TimelineView

    window = maker.window
    viewmodel = TimelineViewModel(app_state=maker.app_state, job_runner=maker.job_runner)
    page = TimelineView(viewmodel, window)
    window.link_shown.connect(page.show_link)
    return page


def _make_reports(maker: PageMaker) -> QWidget:
    from app.core.child_work import ChildWorker
    from app.gui.reports.model import ReportsViewModel
    from app.gui.reports.page import ReportsView
    from app.gui.reports.schedules import SchedulesViewModel
    from app.gui.session.data_export import DataExportViewModel
    from app.print.pack_files import write_packs
    from app.print.report_files import write_report_file
    from app.print.report_preview import render_pages

    window, parts = maker.window, maker.parts
    worker = ChildWorker()
    window.closed.connect(worker.close)
    viewmodel = ReportsViewModel(
        app_state=maker.app_state,
        job_runner=maker.job_runner,
        draw_pages=partial(render_pages, pixels_per_point=PREVIEW_PIXELS_PER_POINT),
        write_file=write_report_file,
        write_packs=write_packs,
        worker=worker,
        memory=QSettings(str(settings_folder() / MEMORY_FILE), QSettings.Format.IniFormat, window),
    )
    schedules = SchedulesViewModel(
        app_state=maker.app_state, job_runner=maker.job_runner, write_file=write_report_file
    )
    schedules.failed.connect(parts.shell.report_error)
    data_export = DataExportViewModel(app_state=maker.app_state, job_runner=maker.job_runner)
    return ReportsView(viewmodel, window, schedules=schedules, data_export=data_export)


def _make_editor(maker: PageMaker) -> QWidget:
    return maker.plan_editor


def _make_coverage(maker: PageMaker) -> QWidget:
    from app.gui.coverage.model import CoveragePlannerViewModel
    from app.gui.coverage.page import CoveragePlannerView

    window = maker.window
    viewmodel = CoveragePlannerViewModel(app_state=maker.app_state, job_runner=maker.job_runner)
    planner = CoveragePlannerView(viewmodel, window)
    planner.install_requested.connect(maker.wall.request_camera_wizard)
    return planner


def _make_accuracy(maker: PageMaker) -> QWidget:
    from app.gui.validation.model import ValidationViewModel
    from app.gui.validation.page import ValidationView

    window, parts = maker.window, maker.parts
    viewmodel = ValidationViewModel(
        app_state=maker.app_state,
        job_runner=maker.job_runner,
        monitor=maker.monitor,
        models_folder=models_folder(),
    )
    viewmodel.notified.connect(parts.shell.notified)
    # pictures are deleted with the window
    window.closed.connect(viewmodel.close)
    return ValidationView(viewmodel, window)


def _make_doctor(maker: PageMaker) -> QWidget:
    from app.core.check_results import Fix
    from app.gui.doctor.checks_panel import DoctorView
    from app.gui.doctor.health import HealthView, HealthViewModel
    from app.gui.doctor.model import DoctorViewModel
    from app.gui.doctor.page import DoctorPage
    from app.gui.session.whole_venue import WholeVenueViewModel
    from app.gui.settings.whole_venue_card import WholeVenueCard

    window, parts, wall, cameras = maker.window, maker.parts, maker.wall, maker.camera_windows
    viewmodel = DoctorViewModel(app_state=maker.app_state, job_runner=maker.job_runner, monitor=maker.monitor)
    doctor = DoctorView(viewmodel, window)
    whole = WholeVenueViewModel(
        app_state=maker.app_state, job_runner=maker.job_runner, monitor=maker.monitor, parent=window
    )
    whole.failed.connect(parts.shell.report_error)
    whole.venue_restored.connect(parts.shell.open_venue)
    window.add_settings_card(WholeVenueCard(whole), Section.VENUE)
    health = HealthView(HealthViewModel(app_state=maker.app_state, job_runner=maker.job_runner), window)
    page = DoctorPage(doctor, health, findings=viewmodel, whole_venue=whole, parent=window)

    def show_on_plan(finding: CheckResult) -> None:
        window.show_page(Page.EDIT_PLAN)
        maker.editor.editor.select_named(finding.part, finding.name)

    def show_camera(camera: str) -> None:
        window.show_page(Page.DOCTOR)
        if not viewmodel.state.has_run:
            viewmodel.run()
        page.show_doctor()
        doctor.show_camera(camera)

    ways: dict[Fix, Callable[[CheckResult], object]] = {
        Fix.CHANGE_CAMERA: lambda finding: wall.request_camera_wizard(finding.name),
        Fix.ENTER_PASSWORD: lambda finding: wall.request_camera_wizard(finding.name, starts_at_login=True),
        Fix.CALIBRATE: lambda finding: cameras.calibrate(finding.name),
        Fix.SHOW_VIEW: lambda finding: cameras.show_view(finding.name),
        Fix.DRAW_MASK: lambda finding: cameras.draw_in_picture(finding.name),
        Fix.CHOOSE_MODEL: lambda _finding: window.show_models(),
        Fix.EDIT_PLAN: show_on_plan,
        Fix.OPEN_FOLDER: lambda finding: QDesktopServices.openUrl(QUrl.fromLocalFile(finding.name)),
        Fix.CONNECT_AGAIN: lambda finding: parts.monitor.connect_again(finding.name),
        Fix.START_RECORDING: lambda _finding: parts.shell.start_recording(),
        Fix.RESTART_RECORDING: lambda _finding: parts.shell.restart_recording(),
    }
    viewmodel.fix_requested.connect(lambda finding: ways[finding.fix](finding))
    wall.doctor_requested.connect(show_camera)
    return page


PAGE_MAKERS: Mapping[Page, Callable[[PageMaker], QWidget]] = {
    Page.HALLS: _make_halls,
    Page.NOW: _make_now,
    Page.LIVE: _make_live,
    Page.OVERVIEW: _make_overview,
    Page.FLOOR_PLAN: _make_floor_plan,
    Page.DWELL: _make_dwell,
    Page.FLOWS: _make_flows,
    Page.EXHIBITION: _make_exhibition,
    Page.TIMELINE: _make_timeline,
    Page.FINDINGS: _make_findings,
    Page.COMPARE: _make_comparison,
    Page.REPORTS: _make_reports,
    Page.EDIT_PLAN: _make_editor,
    Page.COVERAGE: _make_coverage,
    Page.ACCURACY: _make_accuracy,
    Page.DOCTOR: _make_doctor,
}
"""Functions that make the pages, in the order of making; the window makes the settings itself."""


def connect_set_up(maker: PageMaker) -> None:
    """Connect the steps of the set-up's checklist to where they are done."""
    window, parts = maker.window, maker.parts

    def edit_plan(show: Callable[[], None]) -> None:
        window.show_page(Page.EDIT_PLAN)
        show()

    def calibrate() -> None:
        window.show_page(Page.LIVE)
        if parts.set_up.state.camera:
            maker.camera_windows.calibrate(parts.set_up.state.camera)

    def add_camera() -> None:
        window.show_page(Page.LIVE)
        maker.wall.request_camera_wizard()

    def start_recording() -> None:
        window.show_page(Page.FLOOR_PLAN)
        parts.shell.start_recording()

    ways: dict[SetUpStep, Callable[[], None]] = {
        SetUpStep.PLAN: lambda: edit_plan(maker.plan_editor.show_background),
        SetUpStep.CAMERA: add_camera,
        SetUpStep.CALIBRATION: calibrate,
        SetUpStep.ZONES: lambda: edit_plan(maker.plan_editor.draw_rectangle),
        SetUpStep.RECORDING: start_recording,
    }
    parts.set_up.step_requested.connect(lambda step: ways[step]())


def add_settings_cards(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.settings.show_days import ShowDaysCard

    window.add_settings_card(ShowDaysCard(parts.app_state, parts.job_runner), Section.VENUE)
    _add_retention(window, parts)
    window.add_settings_card(ClosingCard(parts.app_state, parts.shell), Section.RECORDING)
    _add_privacy(window, parts)
    _add_other_systems(window, parts)
    _add_site(window, parts)


def _add_retention(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.settings.retention import RetentionCard, RetentionViewModel

    viewmodel = RetentionViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    viewmodel.setParent(window)
    window.add_settings_card(RetentionCard(viewmodel), Section.RECORDING)


def _add_privacy(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.privacy.model import PrivacyViewModel
    from app.gui.privacy.page import PrivacyCard
    from app.print.privacy_files import write_privacy_pack

    viewmodel = PrivacyViewModel(
        app_state=parts.app_state, job_runner=parts.job_runner, write_pack=write_privacy_pack
    )
    viewmodel.setParent(window)
    window.add_settings_card(PrivacyCard(viewmodel), Section.PRIVACY)


def _add_other_systems(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.integrations.model import OtherSystemsViewModel
    from app.gui.integrations.page import OtherSystemsCard
    from app.gui.integrations.public_panel import PublicPanel
    from app.gui.integrations.publishers import PublishersPanel, PublishersViewModel

    viewmodel = OtherSystemsViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    viewmodel.setParent(window)
    window.closed.connect(viewmodel.close)
    told = PublishersViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    told.setParent(window)
    told.settings_changed.connect(viewmodel.restart_serving)
    card = OtherSystemsCard(viewmodel)
    card.add_part(PublicPanel(told))
    card.add_part(PublishersPanel(told))
    require_permission(card, Permission.INTEGRATE)
    window.add_settings_card(card, Section.OTHER_SYSTEMS)


def _add_site(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.site.model import SiteViewModel
    from app.gui.site.page import SiteCard

    viewmodel = SiteViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    viewmodel.setParent(window)
    window.closed.connect(viewmodel.close)
    viewmodel.venue_created.connect(parts.shell.open_venue)
    card = SiteCard(viewmodel)
    parts.shell.take_part = viewmodel.record_for_site
    viewmodel.failed.connect(lambda report: None if card.isVisible() else parts.shell.report_error(report))
    window.add_settings_card(card, Section.SITE)
