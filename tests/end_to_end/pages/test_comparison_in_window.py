"""Comparison of two periods in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from analytics.comparison.block_figures import Verdict
from app.core.document import Venue
from app.core.view_link import LinkTarget, ViewLink
from app.gui.comparison.model import ComparisonViewModel, Proposal
from app.gui.comparison.page import ComparisonView
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from tests.support.halls.walked_hall import SetClock
from tests.support.reports.compared_days import STANDS, find_opening_s, make_compared_venue, record_day
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS

DAYS = 8
DAY_S = 86_400.0


@pytest.fixture(scope="module")
def fair(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_compared_venue(Path(tmp_path_factory.mktemp("fair")), days=DAYS)
    for day in range(DAYS):
        # from the fifth day on people stay twice as long at A
        record_day(venue, day, stays_s={"A": 20.0 if day < 4 else 40.0, "B": 20.0, "C": 20.0})
    return venue


@pytest.fixture
def shown(qtbot: QtBot, fair: Venue) -> ComparisonView:
    app_state, runner = AppState(), InlineJobRunner()
    viewmodel = ComparisonViewModel(app_state=app_state, job_runner=runner)
    view = ComparisonView(viewmodel)
    for owned in (app_state, runner):
        owned.setParent(view)
    qtbot.addWidget(view)
    view.resize(1180, 680)
    app_state.show_venue(fair)
    with qtbot.waitExposed(view):
        view.show()
    return view


def find_side(first: int, last: int) -> tuple[float, float]:
    return find_opening_s(first), find_opening_s(last) + 3600.0


def test_the_proposal_is_compared_when_the_page_opens(shown: ComparisonView) -> None:
    state = shown._viewmodel.state
    assert state.figures is not None
    assert not state.is_outdated
    # the newest day against the same weekday of the week before, both of which were watched
    assert state.proposal is Proposal.WEEK_BEFORE
    assert state.figures.choice.b[0] - state.figures.choice.a[0] == 7 * DAY_S
    assert "Comparable days: 1 and 1." in shown.notes.text()
    shown.hide()
    # who chooses something else is told so, and asked
    shown._viewmodel.choose_a(find_side(0, 0))
    shown.show()
    assert shown._viewmodel.state.is_outdated


def test_a_proposal_that_changes_while_the_former_one_is_compared_is_compared(
    qtbot: QtBot, fair: Venue
) -> None:
    app_state, runner, clock = AppState(), JobRunner(), SetClock(find_opening_s(DAYS - 1) - 3600.0)
    viewmodel = ComparisonViewModel(app_state=app_state, job_runner=runner, clock=clock)
    app_state.show_venue(fair)
    viewmodel.set_page_visible(True)
    qtbot.waitUntil(lambda: viewmodel.state.is_computing, timeout=ANSWERS_WITHIN_MS)
    first = viewmodel.state.choice
    # the day is over when the page is turned back to
    clock.now_s = find_opening_s(DAYS - 1) + 7200.0
    viewmodel.set_page_visible(True)
    qtbot.waitUntil(lambda: viewmodel.state.choice != first and not runner.handles, timeout=ANSWERS_WITHIN_MS)
    assert viewmodel.state.figures is not None
    assert not viewmodel.state.is_outdated
    assert runner.shutdown()


def test_a_link_shows_the_comparison(shown: ComparisonView) -> None:
    viewmodel = shown._viewmodel
    viewmodel.show_link(
        ViewLink(LinkTarget.COMPARE, period_s=find_side(4, 7), other_period_s=find_side(0, 3))
    )
    figures = viewmodel.state.figures
    assert viewmodel.state.fault is None
    assert figures is not None
    real = {(row.change.zone, row.change.verdict) for row in figures.changes if row.change.is_real}
    assert ("A", Verdict.RISE) in real
    assert not {zone for zone, _ in real} & {"B", "C"}
    assert "significant change" in shown.headline.text()
    assert "A: Mean dwell +" in shown.notes.text()
    assert {row.change.zone for row in shown.chart.rows} >= set(STANDS)
    (change,) = [row for row in shown.chart.rows if row.change.zone == "A"]
    assert change.change.ratio.value == pytest.approx(2.0, rel=0.1)
    shown.list.record_chosen.emit(change)
    assert "A rose from" in shown.sentence.text()


def test_a_proposal_fills_in_the_other_side(shown: ComparisonView) -> None:
    viewmodel = shown._viewmodel
    choice = viewmodel.state.choice
    assert choice is not None
    assert choice.b[0] <= find_opening_s(DAYS - 1) < choice.b[1]
    for proposal, days in ((Proposal.DAY_BEFORE, 1), (Proposal.WEEK_BEFORE, 7)):
        shown.proposals.setCurrentIndex(shown.proposals.findData(proposal))
        shown.proposals.activated.emit(shown.proposals.currentIndex())
        choice = viewmodel.state.choice
        assert choice is not None
        assert choice.b[0] - choice.a[0] == days * DAY_S
    viewmodel.choose_a(find_side(0, 0))
    assert shown.proposals.currentData() == Proposal.OWN
    assert viewmodel.state.choice is not None
    assert viewmodel.state.choice.a == find_side(0, 0)


def test_too_few_days_are_reported(shown: ComparisonView) -> None:
    viewmodel = shown._viewmodel
    shown.compare.click()
    assert "Too few days to tell a change" in shown.headline.text()
    assert "More days needed" in shown.notes.text()
    viewmodel.set_unchanged(("B",))
    assert "compare again" in shown.notes.text()
    assert viewmodel.state.is_outdated


def test_without_common_hours_a_hint_replaces_the_table(
    shown: ComparisonView,
) -> None:
    viewmodel = shown._viewmodel
    viewmodel.choose_a((find_opening_s(0), find_opening_s(0) + 900.0))
    viewmodel.choose_b((find_opening_s(7) + 1800.0, find_opening_s(7) + 2700.0))
    shown.compare.click()
    assert "no common hour of the day" in shown.notes.text()
    assert not shown.list.isVisible()
    assert any(
        "at the same hours" in label.text() for label in shown.findChildren(QLabel) if label.isVisible()
    )
    viewmodel.choose_a(find_side(0, 3))
    viewmodel.choose_b(find_side(4, 7))
    shown.compare.click()
    assert shown.list.isVisible()


def test_a_folder_without_a_venue_is_rejected_with_a_message(shown: ComparisonView, tmp_path: Path) -> None:
    viewmodel = shown._viewmodel
    viewmodel.choose_other_halls([tmp_path])
    shown.compare.click()
    assert viewmodel.state.figures is None
    assert viewmodel.state.fault is not None
    assert not shown.banner.isHidden()
    viewmodel.choose_other_halls(())
    shown.compare.click()
    assert viewmodel.state.fault is None


@pytest.mark.parametrize("width_px", [1100, 1180, 1700])
def test_all_choices_fit_the_page_with_another_hall(
    shown: ComparisonView, qtbot: QtBot, tmp_path: Path, width_px: int
) -> None:
    shown.resize(width_px, 680)
    viewmodel = shown._viewmodel
    viewmodel.choose_a(find_side(0, 2))
    viewmodel.choose_b(find_side(3, 5))
    viewmodel.choose_other_halls([tmp_path / ("A hall with a very long name, " * 2 + "2026.expoflow")])

    # the layout has its turn
    qtbot.wait(100)
    assert shown.this_hall.isVisible()
    for button in (shown.this_hall, shown.compare):
        assert button.mapTo(shown, button.rect().bottomRight()).x() < shown.width()
