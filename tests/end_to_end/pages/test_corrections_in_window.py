"""False positives and staff in the real window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel
from pytestqt.qtbot import QtBot

from analytics.visitors.false_positives.corrections import PlaceVerdict
from app.core.document import Venue
from app.core.file_format import read_venue
from app.floor_plan.corrected_period import PlaceState
from app.gui.floor_plan.corrections_panel import CorrectionsPanel
from app.gui.floor_plan.page import FloorPlanView
from app.gui.plan.page import PlanEditorView
from app.gui.session.translation import install_language
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from app.gui.window.startup import make_application
from tests.support.halls.known_history import FIRST, UNOBSERVED, make_known_venue
from tests.support.halls.still_things import add_attendant, add_poster, add_shelf
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, click, find_button, list_words, show_window

Opened = tuple[MainWindow, WindowParts, FloorPlanView, CorrectionsPanel]


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    made = make_known_venue(tmp_path)
    add_poster(made, start_s=FIRST[0])
    add_shelf(made, start_s=FIRST[0])
    add_attendant(made, start_s=FIRST[0], duration_s=1790.0)
    return made


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication, venue: Venue) -> Iterator[Opened]:
    with show_window(qtbot, Page.FLOOR_PLAN, Page.EDIT_PLAN) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(venue.folder)
        window.show_page(Page.FLOOR_PLAN)
        parts.app_state.set_period(FIRST)
        (page,) = window.findChildren(FloorPlanView)
        (panel,) = window.findChildren(CorrectionsPanel)
        wait_until_computed(qtbot, parts, panel)
        yield window, parts, page, panel


def wait_until_computed(qtbot: QtBot, parts: WindowParts, panel: CorrectionsPanel) -> None:
    qtbot.waitUntil(
        lambda: not parts.job_runner.handles and panel.places.rowCount() > 0, timeout=ANSWERS_WITHIN_MS
    )


def show_panel(window: MainWindow, panel: CorrectionsPanel) -> None:
    window.show_page(Page.EDIT_PLAN)
    (editor,) = window.findChildren(PlanEditorView)
    editor.side.show_panel(panel)


def read_states(panel: CorrectionsPanel) -> list[PlaceState]:
    return [panel.places.record(row).state for row in range(panel.places.rowCount())]


def test_pending_and_excluded_places_are_shown(opened: Opened) -> None:
    window, _, page, panel = opened
    # folded away where nothing is left to set up
    assert "Edit plan: 1 decision pending" in [
        b.accessibleName() for b in window.findChildren(QAbstractButton)
    ]
    assert not panel.isVisible()
    assert page.canvas.marks.marks == ()
    notes = [label.text() for label in page.findChildren(QLabel)]
    assert any("1 place without a person left out (11:40)" in note for note in notes)


def test_a_place_can_be_excluded_counted_and_undone(qtbot: QtBot, opened: Opened, venue: Venue) -> None:
    window, parts, page, panel = opened
    window.show_page(Page.EDIT_PLAN)
    click(qtbot, window, "Objects mistaken for people, and staff: 1 place to be decided")
    (editor,) = window.findChildren(PlanEditorView)
    assert read_states(panel) == [PlaceState.PROPOSED, PlaceState.LEFT_OUT]
    assert not find_button(window, "Leave the chosen place out of all numbers").isEnabled()
    assert len(editor.canvas.marks.marks) == 2
    panel.place_list.setFocus()
    qtbot.keyClick(panel.place_list, Qt.Key.Key_Home)
    assert [mark.is_selected for mark in editor.canvas.marks.marks] == [True, False]
    before = page.canvas.heat_layer.image.cacheKey()
    find_button(window, "Leave the chosen place out of all numbers").setFocus()
    qtbot.keyClick(find_button(window, "Leave the chosen place out of all numbers"), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: read_states(panel) == [PlaceState.LEFT_OUT] * 2, timeout=ANSWERS_WITHIN_MS)
    wait_until_computed(qtbot, parts, panel)
    (decided,) = read_venue(venue.folder).corrections.places
    assert decided.verdict is PlaceVerdict.NOT_A_PERSON
    assert find_button(window, "Objects mistaken for people, and staff").text() == "Not people"
    assert find_button(window, "Edit plan").text() == "Edit plan"
    window.show_page(Page.FLOOR_PLAN)
    assert page.canvas.heat_layer.image.cacheKey() != before
    window.show_page(Page.EDIT_PLAN)
    click(qtbot, window, "Undo the last decision")
    qtbot.waitUntil(lambda: PlaceState.PROPOSED in read_states(panel), timeout=ANSWERS_WITHIN_MS)
    wait_until_computed(qtbot, parts, panel)
    assert read_venue(venue.folder).corrections.places == ()
    assert not find_button(window, "Undo the last decision").isEnabled()


def test_an_automatic_exclusion_can_be_overruled(qtbot: QtBot, opened: Opened, venue: Venue) -> None:
    window, parts, _page, panel = opened
    show_panel(window, panel)
    panel.place_list.selectRow(1)
    click(qtbot, window, "Count the chosen place as a person")
    qtbot.waitUntil(lambda: PlaceState.KEPT in read_states(panel), timeout=ANSWERS_WITHIN_MS)
    wait_until_computed(qtbot, parts, panel)
    assert read_venue(venue.folder).corrections.places[0].verdict is PlaceVerdict.PERSON
    assert not find_button(window, "Count the chosen place as a person").isEnabled()
    assert find_button(window, "Leave the chosen place out of all numbers").isEnabled()


def test_staff_are_excluded_and_both_numbers_shown(qtbot: QtBot, opened: Opened, venue: Venue) -> None:
    window, parts, page, panel = opened
    show_panel(window, panel)
    qtbot.waitUntil(lambda: panel.staff.rowCount() == 3, timeout=ANSWERS_WITHIN_MS)
    assert "1 person is likely staff" in panel.staff_text.text()
    visits = page.zones.table.data(page.zones.table.index(0, 2))
    with_staff, without = panel.staff.data(panel.staff.index(0, 1)).split(" / ")
    assert visits == with_staff != without
    click(qtbot, window, "Leave staff out of all numbers")
    qtbot.waitUntil(
        lambda: "Staff are left out of all numbers." in panel.staff_text.text(), timeout=ANSWERS_WITHIN_MS
    )
    wait_until_computed(qtbot, parts, panel)
    assert read_venue(venue.folder).corrections.excludes_staff
    window.show_page(Page.FLOOR_PLAN)
    assert page.zones.table.data(page.zones.table.index(0, 2)) == without
    assert panel.staff.data(panel.staff.index(0, 1)) == f"{with_staff} / {without}"


def test_an_empty_period_is_reported_fully_in_chinese(qtbot: QtBot, opened: Opened) -> None:
    window, parts, _page, panel = opened
    show_panel(window, panel)
    install_language(make_application(), "zh_CN")
    qtbot.waitUntil(lambda: "误认为人的物体" in list_words(window), timeout=ANSWERS_WITHIN_MS)
    own = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert own
    assert not [text for text in own if text and text.isascii()]
    install_language(make_application(), "en")
    qtbot.waitUntil(lambda: "Objects mistaken for people" in list_words(window), timeout=ANSWERS_WITHIN_MS)
    parts.app_state.set_period(UNOBSERVED)
    qtbot.waitUntil(
        lambda: panel.summary.text() == "No data for this period.",
        timeout=ANSWERS_WITHIN_MS,
    )
    assert not panel.place_list.isVisible()
