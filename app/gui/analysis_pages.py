"""Makes the pages on which a period is understood; each comes from a module of its own."""

from __future__ import annotations

from app.gui.main_window import MainWindow, WindowParts
from app.gui.pages import Page


def add_analysis_pages(window: MainWindow, parts: WindowParts) -> None:
    """Import and make the pages of flows, the exhibition, comparisons, findings and the timeline."""
    _add_flows(window, parts)
    _add_exhibition(window, parts)
    _add_comparison(window, parts)
    _add_findings(window, parts)


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
