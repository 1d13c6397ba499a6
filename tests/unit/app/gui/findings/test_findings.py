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
from app.core.view_link import LinkTarget, ViewLink
from app.findings.finding_decisions import read_decisions
from app.gui.findings.model import FindingsPhase, FindingsViewModel
from app.gui.findings.page import FindingDecisionDialog, FindingsView
from app.gui.session.app_state import AppState
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
    assert any("fewer than 8 stands were observed" in text for text in list_words(page))
    with qtbot.waitSignal(page.link_opened) as opened:
        card.show_button.click()
    assert opened.args == [ViewLink(LinkTarget.DWELL, zone="Robotics")]

    card.decide_button.click()
    dialog = page.findChild(FindingDecisionDialog)
    assert dialog is not None
    assert not dialog.reason.isEnabled()
    dialog.dismiss.setChecked(True)
    dialog.reason.setCurrentIndex(dialog.reason.findData("accepted"))
    dialog.note.setText(" a narrow stand ")
    dialog.has_changed.setChecked(True)
    dialog.changed_on.setDate(QDate(2026, 3, 13))
    dialog.accept()
    (stored,) = read_decisions(walked.folder)
    assert (stored.is_dismissed, stored.reason, stored.note) == (True, "accepted", "a narrow stand")
    assert (stored.changed_on, stored.decided_utc_s) == (date(2026, 3, 13), NOW_UTC_S)
    assert page.headline.text() == "No findings for this period"
    assert "Dismissed" in list_words(page)

    (card,) = page.cards
    assert not card.decide_button.isVisible()
    card.restore_button.click()
    assert page.headline.text() == "1 finding"
    (stored,) = read_decisions(walked.folder)
    assert (stored.is_dismissed, stored.note) == (False, "a narrow stand")


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
    assert viewmodel.state.phase is FindingsPhase.NO_VENUE
