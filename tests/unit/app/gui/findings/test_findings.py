"""The findings page: cards, decisions and links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QDate
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone_targets import ZoneTargets
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.file_format import write_venue
from app.core.view_link import LinkPart, LinkTarget, ViewLink
from app.findings.finding_decisions import FindingDecision, FindingState, decide_finding, read_decisions
from app.gui.findings.model import FindingsViewModel
from app.gui.findings.page import FindingDecisionDialog, FindingsView
from app.gui.session.app_state import AppState
from app.gui.session.period_figures import PeriodPhase
from app.gui.session.translation import install_language
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner

START_S = NOW_UTC_S - 900.0


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    """Return a hall with one of three zones above its capacity."""
    venue = replace(make_hall(tmp_path_factory.mktemp("hall")), targets=(ZoneTargets(ZoneId("Robotics"), 1),))
    venue.folder.mkdir()
    write_venue(venue)
    walk_through(venue, start_s=START_S, duration_s=600.0, people=60, hz=1.0)
    return venue


@pytest.fixture
def app_state() -> AppState:
    return AppState()


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, app_state: AppState) -> Iterator[FindingsView]:
    viewmodel = FindingsViewModel(
        app_state=app_state, job_runner=InlineJobRunner(), clock=SetClock(NOW_UTC_S)
    )
    view = FindingsView(viewmodel)
    qtbot.addWidget(view)
    view.resize(1100, 700)
    view.show()
    yield view
    install_language(qapp, "en")


def list_words(view: FindingsView) -> list[str]:
    return [label.text() for label in view.findChildren(QLabel) if label.isVisible() and label.text()]


def test_a_finding_is_shown_dismissed_and_restored(
    qtbot: QtBot, page: FindingsView, app_state: AppState, walked: Venue
) -> None:
    app_state.show_venue(walked)
    app_state.set_period((START_S, NOW_UTC_S))
    assert page.headline.text() == "1 finding"
    (card,) = page.cards
    assert card.accessibleName() == "Capacity of Robotics: nearly reached"
    assert any("of the capacity (1 people)" in text for text in list_words(page))
    assert any("That takes at least 12 stands" in text for text in list_words(page))
    with qtbot.waitSignal(page.link_opened) as opened:
        card.show_button.click()
    # the chart by hour shows when the capacity was reached
    assert opened.args == [ViewLink(LinkTarget.DWELL, LinkPart.BY_HOUR, zone="Robotics")]

    card.decide_button.click()
    dialog = page.findChild(FindingDecisionDialog)
    assert dialog is not None
    assert not dialog.reason.isVisible()
    dialog.state.setCurrentIndex(dialog.state.findData("rejected"))
    dialog.reason.setCurrentIndex(dialog.reason.findData("accepted"))
    dialog.note.setText(" a narrow stand ")
    dialog.accept()
    (stored,) = read_decisions(walked.folder)
    assert (stored.state, stored.reason, stored.note) == (FindingState.REJECTED, "accepted", "a narrow stand")
    assert stored.decided_utc_s == NOW_UTC_S
    assert page.headline.text() == "No findings for this period"
    assert "Rejected" in list_words(page)

    (card,) = page.cards
    assert not card.decide_button.isVisible()
    card.restore_button.click()
    assert page.headline.text() == "1 finding"
    (stored,) = read_decisions(walked.folder)
    assert (stored.state, stored.note) == (FindingState.OPEN, "a narrow stand")
    decide_finding(walked.folder, replace(stored, note=""))


def test_a_finding_has_an_owner_a_day_and_what_became_of_it(
    page: FindingsView, app_state: AppState, walked: Venue
) -> None:
    app_state.show_venue(walked)
    app_state.set_period((START_S, NOW_UTC_S))
    (card,) = page.cards
    card.decide_button.click()
    dialog = page.findChild(FindingDecisionDialog)
    assert dialog is not None
    dialog.state.setCurrentIndex(dialog.state.findData("planned"))
    dialog.owner.setText("Li Wei")
    dialog.is_due.setChecked(True)
    dialog.due_on.setDate(QDate(2026, 3, 13))
    dialog.accept()
    (stored,) = read_decisions(walked.folder)
    assert (stored.state, stored.owner, stored.due_on) == (FindingState.PLANNED, "Li Wei", date(2026, 3, 13))
    # today is the 14th
    assert "Planned · Owner: Li Wei · Due on 2026-03-13 · overdue" in list_words(page)

    done = replace(stored, state=FindingState.DONE, changed_on=date(2026, 3, 14))
    decide_finding(walked.folder, done)
    viewmodel = page.findChild(FindingsViewModel)
    assert viewmodel is not None
    viewmodel.compute()
    words = list_words(page)
    assert any(text.startswith("Done · Owner: Li Wei") and "overdue" not in text for text in words)
    assert any("No effect is measured: it needs observations before" in text for text in words)
    # a period in which it is not found still tells what became of it
    app_state.set_period((START_S, START_S + 1.0))
    if viewmodel.state.phase is PeriodPhase.READY:
        assert "Capacity risks: Robotics" in list_words(page)
    decide_finding(walked.folder, FindingDecision(stored.kind, stored.place))


def test_findings_follow_language_and_period(
    qapp: QApplication, page: FindingsView, app_state: AppState, walked: Venue
) -> None:
    app_state.show_venue(walked)
    app_state.set_period((START_S, NOW_UTC_S))
    install_language(qapp, "zh_CN")
    page.retranslate()
    assert "1 项布局建议" in list_words(page)
    install_language(qapp, "en")
    page.retranslate()
    app_state.set_period((START_S - 90_000.0, START_S - 80_000.0))
    assert page.empty.isVisible()
    assert page.empty.title == "No data for this period"


def test_without_zones_the_plan_is_offered(
    qtbot: QtBot, page: FindingsView, app_state: AppState, walked: Venue
) -> None:
    app_state.show_venue(replace(walked, geometry_versions=(FloorGeometry(),), targets=()))
    app_state.set_period((START_S, NOW_UTC_S))
    assert page.empty.title == "No zones yet"
    (button,) = [button for button in page.empty.findChildren(QPushButton) if button.isVisible()]
    with qtbot.waitSignal(page.link_opened) as opened:
        button.click()
    assert opened.args == [ViewLink(LinkTarget.EDIT_PLAN)]


def test_a_hidden_page_does_not_search(
    page: FindingsView, app_state: AppState, walked: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    app_state.show_venue(walked)
    app_state.set_period((START_S, NOW_UTC_S))
    asked: list[object] = []
    monkeypatch.setattr(InlineJobRunner, "run_latest", lambda *args, **_rest: asked.append(args))
    page.hide()
    app_state.announce(ChangeSet(zones=True), initiator=None)
    assert asked == []
    app_state.close_venue()
    viewmodel = page.findChild(FindingsViewModel)
    assert viewmodel is not None
    assert viewmodel.state.phase is PeriodPhase.NO_VENUE
