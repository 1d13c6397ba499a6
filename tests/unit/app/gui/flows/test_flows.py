"""Background computation of flows: progress, stopping and recomputation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.change_set import ChangeSet
from app.core.job import JobContext
from app.flows import flow_analysis as flow_view
from app.flows.flow_figures import FlowAnalysis
from app.gui.flows.model import FlowsViewModel
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.period_figures import PeriodPhase
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall
from tests.support.windows.inline_job_runner import InlineJobRunner

HOUR_S = 3600.0


@pytest.fixture
def state(tmp_path: Path) -> AppState:
    app_state = AppState()
    app_state.show_venue(make_hall(tmp_path))
    return app_state


@pytest.fixture
def runner() -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.shutdown()


def test_a_computation_reports_progress_and_can_be_stopped(
    qtbot: QtBot, state: AppState, runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def analyse(*, job: JobContext, **_rest: object) -> FlowAnalysis:
        job.checkpoint(1.0, 4.0)
        while not go_on.wait(0.01):
            job.checkpoint(1.0, 4.0)
        return FlowAnalysis(None, (0.0, 1.0))

    monkeypatch.setattr(flow_view, "analyse_flows", analyse)
    model = FlowsViewModel(app_state=state, job_runner=runner, clock=SetClock())
    model.set_page_visible(True)
    qtbot.waitUntil(lambda: model.state.progress == (1.0, 4.0))
    assert model.state.phase is PeriodPhase.COMPUTING
    model.stop()
    assert model.state.phase is PeriodPhase.CANCELLED
    qtbot.waitUntil(lambda: not runner.handles)
    assert model.state.phase is PeriodPhase.CANCELLED
    go_on.set()
    model.compute()
    qtbot.waitUntil(lambda: model.state.phase is PeriodPhase.NOTHING_OBSERVED)
    assert state.history == (0.0, 1.0)
    model.stop()
    assert model.state.phase is PeriodPhase.NOTHING_OBSERVED


def test_flows_are_recomputed_when_inputs_change(
    qtbot: QtBot, state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    del qtbot
    requests: list[tuple[float, float]] = []

    def analyse(*, period: tuple[float, float], **_rest: object) -> FlowAnalysis:
        requests.append(period)
        return FlowAnalysis(None, None)

    monkeypatch.setattr(flow_view, "analyse_flows", analyse)
    model = FlowsViewModel(app_state=state, job_runner=InlineJobRunner(), clock=SetClock())
    assert not requests
    model.set_page_visible(True)
    assert requests == [(NOW_UTC_S - HOUR_S, NOW_UTC_S)]
    state.set_period((NOW_UTC_S - HOUR_S, NOW_UTC_S + HOUR_S))
    assert requests[-1] == (NOW_UTC_S - HOUR_S, NOW_UTC_S)
    before = (NOW_UTC_S - 3 * HOUR_S, NOW_UTC_S - 2 * HOUR_S)
    state.set_period(before)
    assert requests[-1] == before
    state.announce(ChangeSet(events=True, events_from_utc_s=NOW_UTC_S), initiator=None)
    state.announce(ChangeSet(targets=True), initiator=None)
    assert len(requests) == 3
    for changes in (ChangeSet(corrections=True), ChangeSet(zones=True), ChangeSet(cameras=True)):
        state.announce(changes, initiator=None)
        assert requests[-1] == before
    assert len(requests) == 6
    model.set_page_visible(False)
    state.announce(ChangeSet(plan=True), initiator=None)
    state.close_venue()
    assert len(requests) == 6
    assert model.state.phase is PeriodPhase.NO_VENUE
