"""The flows page and its empty states."""

from __future__ import annotations

import dataclasses
import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from analytics.domain.floor_plan import FloorGeometry
from app.core.change_set import ChangeSet
from app.core.view_link import LinkTarget as Link
from app.core.view_link import ViewLink
from app.flows.flow_figures import FlowAnalysis
from app.gui.session.experts_view import install_experts_view
from app.gui.session.period_figures import PeriodPhase
from app.gui.session.theme import DARK, install_theme
from app.gui.session.translation import install_language
from tests.end_to_end.window.test_window_keyboard import (
    describe,
    find_unreached,
    list_focusable,
    read_accessible_name,
    shows_focus,
)
from tests.unit.app.gui.flows.conftest import PERIOD, Shown


def list_words(shown: Shown) -> str:
    return "\n".join(label.text() for label in shown.view.findChildren(QLabel) if label.isVisible())


def test_a_visible_page_is_computed_once(shown: Shown) -> None:
    assert shown.requests == [PERIOD]
    assert shown.model.state.phase is PeriodPhase.READY
    shown.view.hide()
    shown.app_state.announce(ChangeSet(zones=True), initiator=None)
    assert len(shown.requests) == 1
    shown.view.show()
    assert len(shown.requests) == 2
    description = list_words(shown)
    assert "22 visitors to zones" in description
    assert "77 % of them seen from entry to exit" in description
    assert not shown.view.work.isVisible()


def test_an_empty_period_links_to_the_last_observed_day(shown: Shown, qtbot: QtBot) -> None:
    shown.found.append(FlowAnalysis(None, PERIOD))
    shown.app_state.set_period((PERIOD[0] - 86_400, PERIOD[1] - 86_400))
    assert shown.view.empty.title == "No data for this period"
    shown.found.pop()
    click(shown, qtbot, "Show the last observed day")
    assert shown.requests[-1][0] <= PERIOD[0] < shown.requests[-1][1]
    assert not shown.view.empty.isVisible()


def test_without_zones_the_page_links_to_the_plan_editor(shown: Shown, qtbot: QtBot) -> None:
    venue = shown.app_state.venue
    assert venue is not None
    bare = dataclasses.replace(venue, geometry_versions=(FloorGeometry(),))
    shown.app_state.replace_venue(bare, ChangeSet(zones=True), initiator=None)
    assert shown.view.empty.title == "No zones yet"
    with qtbot.waitSignal(shown.view.link_opened) as opened:
        click(shown, qtbot, "Edit plan")
    assert opened.args == [ViewLink(Link.EDIT_PLAN)]


def test_missing_and_unreadable_history_are_reported(shown: Shown, qtbot: QtBot) -> None:
    shown.found.append(FlowAnalysis(None, None))
    shown.model.compute()
    assert shown.view.empty.title == "No data yet"
    shown.found.clear()
    with qtbot.waitSignal(shown.model.failed):
        shown.model.compute()
    assert shown.view.empty.title == "No results"
    shown.app_state.close_venue()
    assert shown.view.empty.title == "No venue is open"


def test_deleted_data_and_changed_zones_are_noted(shown: Shown) -> None:
    analysis = shown.found[-1]
    assert analysis.figures is not None
    figures = dataclasses.replace(analysis.figures, missing_s=5400.0, is_cut=True)
    shown.found.append(dataclasses.replace(analysis, figures=figures))
    shown.model.compute()
    assert "1.5 h of the period are not counted" in list_words(shown)
    assert "The zones changed within the period" in list_words(shown)


def test_every_control_is_named_reachable_and_shows_focus(shown: Shown, qtbot: QtBot) -> None:
    view = shown.view
    with qtbot.waitActive(view):
        view.activateWindow()
    for panel in (view.map, view.matrix, view.routes, view.funnel, view.passages):
        view.tabs.show_panel(panel)
        QApplication.processEvents()
        controls = [control for control in list_focusable(view) if control.isEnabled()]
        assert [describe(control) for control in controls if not read_accessible_name(control)] == []
        assert [describe(control) for control in find_unreached(view, controls)] == []
        assert [describe(c) for c in controls if not shows_focus(qtbot, view, c)] == []


def test_the_page_follows_language_and_theme(shown: Shown, qapp: QApplication) -> None:
    panels = (
        shown.view.map,
        shown.view.matrix,
        shown.view.routes,
        shown.view.funnel,
        shown.view.passages,
    )
    before = {panel: picture(shown, panel) for panel in panels}
    install_theme(qapp, DARK)
    install_language(qapp, "zh_CN")
    qapp.processEvents()
    for panel in panels:
        assert picture(shown, panel) != before[panel]
        assert not re.findall(r"[a-z]{3,}", list_words(shown).replace("door", "")), panel


def test_the_matrix_is_in_the_experts_view(shown: Shown, qapp: QApplication) -> None:
    def list_tabs() -> list[str]:
        return [button.text() for button in shown.view.tabs.findChildren(QToolButton) if button.isVisible()]

    assert "Matrix" not in list_tabs()
    install_experts_view(qapp, True)
    qapp.processEvents()
    assert "Matrix" in list_tabs()
    shown.view.tabs.show_panel(shown.view.matrix)
    install_experts_view(qapp, False)
    qapp.processEvents()
    assert "Matrix" not in list_tabs()
    assert shown.view.tabs.shown is shown.view.map


def picture(shown: Shown, panel: QWidget) -> QImage:
    shown.view.tabs.show_panel(panel)
    return panel.grab().toImage()


def click(shown: Shown, qtbot: QtBot, name: str) -> None:
    (button,) = [
        b for b in shown.view.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible()
    ]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
