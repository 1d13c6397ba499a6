from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.flows import flow_analysis as flow_view
from app.flows.flow_analysis import describe_flows
from app.flows.flow_figures import FlowAnalysis
from app.gui.flows.model import FlowsViewModel
from app.gui.flows.page import FlowsView
from app.gui.session.app_state import AppState
from app.gui.session.theme import LIGHT, current_theme, deferred_style, install_theme
from app.gui.session.translation import current_language, install_language
from tests.support.halls.walked_hall import SetClock, make_hall
from tests.support.reports.flow_facts import START_S, make_facts
from tests.support.windows.inline_job_runner import InlineJobRunner

WAYS = [*["abc"] * 8, *["ab"] * 6, *["ac!"] * 5, *["b"] * 3]
PERIOD = (START_S, START_S + 7200.0)


@pytest.fixture(scope="session")
def analysis() -> FlowAnalysis:
    figures, ways = describe_flows(
        make_facts(WAYS, came_in_s=[10, 70, 75, 80, 3400]), time_zone="Asia/Shanghai"
    )
    return FlowAnalysis(figures, PERIOD, ways)


@dataclass
class Shown:
    """The page with its models; the last item of ``found`` is the next result."""

    view: FlowsView
    model: FlowsViewModel
    app_state: AppState
    found: list[FlowAnalysis]
    requests: list[tuple[float, float]] = field(default_factory=list)


@pytest.fixture
def shown(
    qapp: QApplication,
    qtbot: QtBot,
    analysis: FlowAnalysis,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shown]:
    install_theme(qapp, LIGHT)
    app_state, runner = AppState(), InlineJobRunner()
    model = FlowsViewModel(app_state=app_state, job_runner=runner, clock=SetClock(PERIOD[1] + 3600))
    with deferred_style():
        view = FlowsView(model)
    for owned in (app_state, runner, model):
        owned.setParent(view)
    page = Shown(view, model, app_state, [analysis])

    def analyse(*, period: tuple[float, float], job: object, **_rest: object) -> FlowAnalysis:
        page.requests.append(period)
        return page.found[-1]

    monkeypatch.setattr(flow_view, "analyse_flows", analyse)
    qtbot.addWidget(view)
    view.resize(1180, 640)
    app_state.show_venue(make_hall(tmp_path_factory.mktemp("flows"), zone_names=("a", "b", "c")))
    app_state.set_period(PERIOD)
    with qtbot.waitExposed(view):
        view.show()
    yield page
    if (current_language(), current_theme()) != ("en", LIGHT):
        install_language(qapp, "en")
        install_theme(qapp, LIGHT)
