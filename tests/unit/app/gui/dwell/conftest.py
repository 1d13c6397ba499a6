from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import (
    QApplication,
)
from pytestqt.qtbot import QtBot

from analytics.dwell.zone_figures import ZoneFigures
from app.core.document import Venue
from app.core.job import JobContext
from app.dwell import dwell_analysis as dwell_view
from app.dwell.dwell_analysis import analyse_dwell
from app.dwell.dwell_figures import DwellAnalysis, ZoneDwell
from app.gui.charts.plot_chart import PlotChart
from app.gui.dwell.model import DwellDashboardViewModel
from app.gui.dwell.page import DwellDashboardView
from app.gui.session.app_state import AppState
from app.gui.session.experts_view import install_experts_view
from app.gui.session.theme import LIGHT, current_theme, deferred_style, install_theme
from app.gui.session.translation import install_language
from app.print.fonts import load_fonts
from tests.support.halls.known_history import SECOND, make_known_venue
from tests.support.windows.inline_job_runner import InlineJobRunner


class FixedClock:
    def __init__(self, now_utc_s: float) -> None:
        self.now_s = now_utc_s

    def now_utc_s(self) -> float:
        return self.now_s

    def monotonic_s(self) -> float:
        return self.now_s


def make_row(figures: ZoneFigures, colour: int, quantiles_s: tuple[float | None, ...]) -> ZoneDwell:
    """Return a zone of which tables and the chart of zones show the figures only."""
    nothing: Any = None
    return ZoneDwell(figures, colour, np.empty(0), np.empty(0), quantiles_s, *(nothing,) * 5)


def find_pixel(chart: PlotChart, x: float, y: float) -> QPoint:
    """Return the viewport position of a point of a chart."""
    scene = chart.getPlotItem().getViewBox().mapViewToScene(QPointF(x, y))
    return QPointF(chart.mapFromScene(scene)).toPoint()


@pytest.fixture(scope="session")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    return make_known_venue(tmp_path_factory.mktemp("known"))


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[None]:
    load_fonts()
    # a style sheet for all widgets takes its time: only where a test took another
    if current_theme() is not LIGHT or not qapp.styleSheet():
        install_theme(qapp, LIGHT)
    install_language(qapp, "en")
    yield
    install_language(qapp, "en")


@pytest.fixture
def state() -> AppState:
    return AppState()


@pytest.fixture
def viewmodel(state: AppState) -> DwellDashboardViewModel:
    return DwellDashboardViewModel(app_state=state, job_runner=InlineJobRunner(), clock=FixedClock(SECOND[1]))


@pytest.fixture
def page(qtbot: QtBot, viewmodel: DwellDashboardViewModel) -> DwellDashboardView:
    with deferred_style():
        view = DwellDashboardView(viewmodel)
    qtbot.addWidget(view)
    view.resize(1180, 680)
    view.show()
    return view


@pytest.fixture(scope="session")
def analyses() -> dict[object, DwellAnalysis]:
    """Return the cache of computed analyses."""
    return {}


@pytest.fixture
def second(
    page: DwellDashboardView,
    state: AppState,
    venue: Venue,
    analyses: dict[object, DwellAnalysis],
    monkeypatch: pytest.MonkeyPatch,
) -> DwellDashboardView:
    analyse = dwell_view.analyse_dwell

    def analyse_once(
        *, venue: Venue, period: tuple[float, float], job: JobContext, on_current: object
    ) -> DwellAnalysis:
        del on_current
        if period not in analyses:
            analyses[period] = analyse(venue=venue, period=period, job=job)
        return analyses[period]

    monkeypatch.setattr(dwell_view, "analyse_dwell", analyse_once)
    page.hide()
    state.show_venue(venue)
    state.set_period(SECOND)
    page.show()
    return page


@pytest.fixture(scope="session")
def expected(venue: Venue) -> DwellAnalysis:
    """Return the figures of all zones in the second half hour."""
    return analyse_dwell(venue=venue, period=SECOND)


@pytest.fixture
def experts_view(qapp: QApplication) -> Iterator[None]:
    """The statistics that most users do without."""
    install_experts_view(qapp, True)
    yield
    install_experts_view(qapp, False)
