"""Makes the pages on which a period is understood; each comes from a module of its own."""

from __future__ import annotations

from PySide6.QtCore import QSettings

from app.gui.main_window import MainWindow, WindowParts
from app.gui.pages import Page
from app.gui.settings_cards import add_settings_cards
from app.settings.paths import settings_folder

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
    from app.gui.viewmodels.flows import FlowsViewModel
    from app.gui.views.floor_plan import FloorPlanView
    from app.gui.views.flows import FlowsView
    from app.operations.view_link import Shown, ViewLink

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
    from app.gui.viewmodels.exhibition import ExhibitionViewModel
    from app.gui.views.exhibition import ExhibitionView

    viewmodel = ExhibitionViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    page = ExhibitionView(viewmodel, window)
    page.link_opened.connect(window.open_link)
    window.add_page(Page.EXHIBITION, page)


def _add_comparison(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.viewmodels.comparison import ComparisonViewModel
    from app.gui.views.comparison import ComparisonView

    viewmodel = ComparisonViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    window.comparison_asked.connect(viewmodel.show_link)
    window.add_page(Page.COMPARE, ComparisonView(viewmodel, window))


def _add_findings(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.viewmodels.findings import FindingsViewModel
    from app.gui.views.findings import FindingsView

    viewmodel = FindingsViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    viewmodel.failed.connect(parts.shell.complain)
    page = FindingsView(viewmodel, window)
    page.link_opened.connect(window.open_link)
    window.add_page(Page.FINDINGS, page)


def _add_timeline(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.viewmodels.timeline import TimelineViewModel
    from app.gui.views.timeline import TimelineView

    viewmodel = TimelineViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    window.add_page(Page.TIMELINE, TimelineView(viewmodel, window))


def _add_reports(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.viewmodels.data_export import DataExportViewModel
    from app.gui.viewmodels.reports import ReportsViewModel
    from app.gui.viewmodels.schedules import SchedulesViewModel
    from app.gui.views.reports import ReportsView
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
