from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QPushButton,
)
from pytestqt.qtbot import QtBot

from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.gui.dwell.model import DwellDashboardViewModel
from app.gui.dwell.page import DwellDashboardView
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import ABSENT
from app.gui.session.job_runner import JobRunner
from app.gui.session.period_figures import PeriodPhase
from tests.support.halls.known_history import FIRST, SECOND, UNOBSERVED, make_known_venue


def test_missing_venue_and_history_are_reported(
    page: DwellDashboardView, state: AppState, tmp_path: Path
) -> None:
    assert page.empty_text.text() == "Open a venue to see its dwell times."
    state.show_venue(make_known_venue(tmp_path, is_recorded=False))
    assert "No data yet" in page.empty_text.text()
    assert not page.last_day.isVisible()
    assert [tile.value for tile in page.durations.tiles] == [ABSENT] * 5


def test_an_unobserved_period_leads_to_the_last_observed_day(
    second: DwellDashboardView, state: AppState, qtbot: QtBot
) -> None:
    state.set_period(UNOBSERVED)
    assert "No data for this period" in second.empty_text.text()
    assert second.last_day.isVisible()
    qtbot.mouseClick(second.last_day, Qt.MouseButton.LeftButton)
    assert state.period is not None
    assert state.period[1] - state.period[0] == 86400.0
    assert state.period[0] < FIRST[0] < state.period[1]
    assert second.durations.tiles[0].value != ABSENT


def test_now_is_the_last_hour(
    page: DwellDashboardView, state: AppState, venue: Venue, viewmodel: DwellDashboardViewModel
) -> None:
    state.show_venue(venue)
    assert viewmodel.state.period == (SECOND[1] - 3600.0, SECOND[1])
    assert viewmodel.state.phase is PeriodPhase.READY
    assert state.history is not None
    assert state.history[0] == pytest.approx(FIRST[0], abs=1.0)


def test_a_running_day_ends_now(
    page: DwellDashboardView, state: AppState, venue: Venue, viewmodel: DwellDashboardViewModel
) -> None:
    state.show_venue(venue)
    state.set_period((FIRST[0], FIRST[0] + 86_400.0))
    assert viewmodel.state.period == (FIRST[0], SECOND[1])


def test_an_unreadable_history_is_reported_with_a_remedy(
    page: DwellDashboardView, state: AppState, tmp_path: Path
) -> None:
    venue = make_known_venue(tmp_path, is_recorded=False)
    venue.events_file.write_bytes(b"no database at all" * 100)
    state.show_venue(venue)
    assert page.banner.problem
    assert page.banner.remedy
    assert not page.banner.isHidden()
    assert [tile.value for tile in page.durations.tiles] == [ABSENT] * 5
    venue.events_file.unlink()
    next(b for b in page.findChildren(QPushButton) if b.text() == "Compute again").click()
    assert "No data yet" in page.empty_text.text()
    assert page.banner.isHidden()


def test_a_job_that_was_cancelled_elsewhere_is_reported_and_started_again(
    qtbot: QtBot, state: AppState, venue: Venue
) -> None:
    runner = JobRunner()
    viewmodel = DwellDashboardViewModel(app_state=state, job_runner=runner)
    viewmodel.set_page_visible(True)
    state.show_venue(venue)
    state.set_period(SECOND)
    runner.handles[-1].cancel_and_tell()
    qtbot.waitUntil(lambda: viewmodel.state.phase is PeriodPhase.FAILED)
    assert viewmodel.state.fault is not None
    assert viewmodel.state.fault.problem == "The computation was cancelled."
    viewmodel.set_page_visible(True)
    qtbot.waitUntil(lambda: viewmodel.state.phase is PeriodPhase.READY, timeout=20_000)
    runner.shutdown()


def test_a_hidden_page_computes_nothing(
    qtbot: QtBot, viewmodel: DwellDashboardViewModel, state: AppState, venue: Venue
) -> None:
    view = DwellDashboardView(viewmodel)
    qtbot.addWidget(view)
    started: list[object] = []
    viewmodel._job_runner.job_started.connect(started.append)
    state.show_venue(venue)
    state.set_period(SECOND)
    assert not started
    view.show()
    assert len(started) == 1
    view.hide()
    state.announce(ChangeSet(events=True), initiator=None)
    assert len(started) == 1
    view.show()
    assert len(started) == 2
    state.announce(ChangeSet(settings=True), initiator=None)
    assert len(started) == 2


def test_figures_appear_after_background_computation(qtbot: QtBot, state: AppState, venue: Venue) -> None:
    runner = JobRunner()
    try:
        viewmodel = DwellDashboardViewModel(app_state=state, job_runner=runner)
        view = DwellDashboardView(viewmodel)
        qtbot.addWidget(view)
        view.show()
        state.show_venue(venue)
        state.set_period(SECOND)
        assert viewmodel.state.phase is PeriodPhase.COMPUTING
        qtbot.waitUntil(lambda: viewmodel.state.phase is PeriodPhase.READY, timeout=30_000)
        assert view.durations.tiles[0].value != ABSENT
    finally:
        runner.shutdown()
