"""Computing flows in the background: progress, giving up, and what is asked again when something changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.change_set import ChangeSet
from app.core.job import JobContext
from app.flows import flow_view
from app.flows.flow_figures import FlowAnalysis
from app.gui.flows.model import FlowsPhase, FlowsViewModel
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
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


def test_a_computation_tells_how_far_it_is_and_can_be_given_up(
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
    model.set_watched(True)
    qtbot.waitUntil(lambda: model.state.progress == (1.0, 4.0))
    assert model.state.phase is FlowsPhase.COMPUTING
    model.stop()
    assert model.state.phase is FlowsPhase.STOPPED
    qtbot.waitUntil(lambda: not runner.handles)
    assert model.state.phase is FlowsPhase.STOPPED
    go_on.set()
    model.compute()
    qtbot.waitUntil(lambda: model.state.phase is FlowsPhase.NOTHING_OBSERVED)
    assert state.history == (0.0, 1.0)
    model.stop()
    assert model.state.phase is FlowsPhase.NOTHING_OBSERVED


def test_what_is_asked_for_ends_now_and_is_asked_again_when_it_may_differ(
    qtbot: QtBot, state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    del qtbot
    asked: list[tuple[float, float]] = []

    def analyse(*, period: tuple[float, float], **_rest: object) -> FlowAnalysis:
        asked.append(period)
        return FlowAnalysis(None, None)

    monkeypatch.setattr(flow_view, "analyse_flows", analyse)
    model = FlowsViewModel(app_state=state, job_runner=InlineJobRunner(), clock=SetClock())
    assert not asked
    model.set_watched(True)
    assert asked == [(NOW_UTC_S - HOUR_S, NOW_UTC_S)]
    state.set_period((NOW_UTC_S - HOUR_S, NOW_UTC_S + HOUR_S))
    assert asked[-1] == (NOW_UTC_S - HOUR_S, NOW_UTC_S)
    before = (NOW_UTC_S - 3 * HOUR_S, NOW_UTC_S - 2 * HOUR_S)
    state.set_period(before)
    assert asked[-1] == before
    state.announce(ChangeSet(events=True, events_from_utc_s=NOW_UTC_S), initiator=None)
    state.announce(ChangeSet(targets=True), initiator=None)
    assert len(asked) == 3
    for changes in (ChangeSet(corrections=True), ChangeSet(zones=True), ChangeSet(cameras=True)):
        state.announce(changes, initiator=None)
        assert asked[-1] == before
    assert len(asked) == 6
    model.set_watched(False)
    state.announce(ChangeSet(plan=True), initiator=None)
    state.close_venue()
    assert len(asked) == 6
    assert model.state.phase is FlowsPhase.NO_VENUE
