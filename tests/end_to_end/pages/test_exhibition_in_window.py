"""The exhibition page in the real window: stands, rents and targets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTableView
from pytestqt.qtbot import QtBot

from analytics.exhibition.stand_value import PriceVerdict, StandValue
from app.core.file_format import read_venue, write_venue
from app.core.view_link import LinkPart, LinkTarget, ViewLink
from app.exhibition.exhibition_analysis import MIN_COVERAGE
from app.exhibition.exhibition_figures import (
    STOPPED,
    ValueBasis,
)
from app.exhibition.stand_import import StandField
from app.gui.exhibition.model import ExhibitionViewModel
from app.gui.exhibition.page import ENTRIES, PRICES, STAND, STANDS, ExhibitionView
from app.gui.exhibition.stand_list_panel import StandListPanel
from app.gui.exhibition.stand_page import StandPageViewModel
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_number
from app.gui.session.period_figures import PeriodPhase
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner

PERIOD_S = (NOW_UTC_S - 7200.0, NOW_UTC_S - 3600.0)
PEOPLE = 60


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path) -> ExhibitionView:
    venue = make_hall(tmp_path)
    walk_through(venue, start_s=PERIOD_S[0], duration_s=3600.0, people=PEOPLE)
    write_venue(venue)
    app_state, runner = AppState(), InlineJobRunner()
    viewmodel = ExhibitionViewModel(app_state=app_state, job_runner=runner, clock=SetClock())
    view = ExhibitionView(viewmodel, StandPageViewModel(app_state=app_state, job_runner=runner))
    for owned in (app_state, runner):
        owned.setParent(view)
    qtbot.addWidget(view)
    view.resize(1180, 680)
    app_state.show_venue(venue)
    app_state.set_period(PERIOD_S)
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: viewmodel.state.phase is PeriodPhase.READY, timeout=20_000)
    return view


def test_barely_observed_stands_show_no_figures(shown: ExhibitionView) -> None:
    figures = shown._viewmodel.state.figures
    assert figures is not None
    by_name = {stand.zone: stand for stand in figures.stands}
    assert by_name["VR corner"].coverage < 1.0
    for stand in figures.stands:
        assert (stand.exposed is None) == (stand.coverage < MIN_COVERAGE)
    robotics = by_name["Robotics"]
    assert robotics.exposed is not None
    assert robotics.stopped is not None
    assert robotics.attraction.value == pytest.approx(robotics.stopped / robotics.exposed)


def test_rents_are_typed_into_cells_priced_and_undone(qtbot: QtBot, shown: ExhibitionView) -> None:
    viewmodel, entries = shown._viewmodel, shown.entries
    folder = viewmodel._app_state.venue.folder  # type: ignore[union-attr]
    shown.tabs.choose_tab(PRICES)
    assert "No rents yet" in shown._notes.text()
    shown.tabs.choose_tab(ENTRIES)
    type_into(qtbot, entries.table, (0, 2), "1,000")
    type_into(qtbot, entries.table, (2, 2), "3000")
    entries.currency.setText("CNY")
    entries.currency.editingFinished.emit()
    written = read_venue(folder)
    assert (written.targets_of("Robotics").rent, written.targets_of("").currency) == (1000.0, "CNY")
    assert entries.list.shown_rows()[0][2] == format_number(1000)
    figures = viewmodel.state.figures
    assert figures is not None
    prices = [stand.prices[ValueBasis.EXPOSED] for stand in figures.stands if stand.rent is not None]
    assert sum(price.fair_rent.value or 0.0 for price in prices) == pytest.approx(4000.0)
    assert "CNY" in " ".join(shown.prices.shown_rows()[0])
    type_into(qtbot, entries.table, (0, 2), "cheap")
    assert "'cheap' is not a number." in shown.banner.problem
    assert entries.list.shown_rows()[0][2] == format_number(1000)
    for _ in range(3):
        assert entries.undo.isEnabled()
        entries.undo.click()
    assert read_venue(folder).targets_of("Robotics").rent is None
    assert entries.redo.isEnabled()


def type_into(qtbot: QtBot, table: QTableView, cell: tuple[int, int], text: str) -> None:
    table.setCurrentIndex(table.model().index(*cell))
    table.edit(table.currentIndex())
    (editor,) = table.viewport().findChildren(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not table.viewport().findChildren(QLineEdit), timeout=5000)


@pytest.mark.slow
def test_rents_are_pasted_previewed_and_undone(qtbot: QtBot, shown: ExhibitionView) -> None:
    entries, folder = shown.entries, shown._viewmodel._app_state.venue.folder  # type: ignore[union-attr]
    shown.tabs.choose_tab(ENTRIES)
    paste(qtbot, entries, "1000\n2000\n3000\n4000", cell=(0, 2))
    dialog = entries.dialog
    assert dialog is not None
    assert dialog.summary.text() == "3 stands change. 1 row is wrong and is left out."
    assert dialog.table.item(0, 3).text() == "The table has no stand for this row."
    assert dialog.table.item(1, 2).text() == f"– → {format_number(1000)}"
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    rents = [row[2] for row in entries.list.shown_rows()]
    assert rents == [format_number(rent) for rent in (1000, 2000, 3000)]
    paste(qtbot, entries, "Booth\tRent (EUR)\tPhone\nrobotics\t1500\t1\nRobotcs\tx\t2", cell=(1, 4))
    dialog = entries.dialog
    assert dialog is not None
    assert "Did you mean 'Robotics'?" in dialog.table.item(0, 4).text()
    dialog.accept()
    venue = read_venue(folder)
    assert (venue.targets_of("Robotics").rent, venue.targets_of("").currency) == (1500.0, "EUR")
    qtbot.keySequence(entries.table, "Ctrl+Z")
    qtbot.keySequence(entries.table, "Ctrl+Z")
    assert read_venue(folder).targets == ()
    shown.tabs.choose_tab(PRICES)
    shown.prices.table.selectRow(1)
    shown.prices.table.setFocus()
    zone = shown.prices.shown_records()[1].zone
    QApplication.clipboard().setText("700")
    qtbot.keySequence(shown.prices.table, "Ctrl+V")
    assert entries.dialog is not None
    qtbot.keyClick(entries.dialog, Qt.Key.Key_Return)
    assert read_venue(folder).targets_of(zone).rent == 700.0


def paste(qtbot: QtBot, entries: StandListPanel, text: str, *, cell: tuple[int, int]) -> None:
    QApplication.clipboard().setText(text)
    entries.table.setFocus()
    entries.table.setCurrentIndex(entries.table.model().index(*cell))
    qtbot.keySequence(entries.table, "Ctrl+V")


@pytest.mark.parametrize(
    "text",
    [
        "Stand\tRent\nRobotics\t1,200.50 EUR\nCafé\t3 000\n",
        pytest.param("1200,50\n\u20ac 3\u00a0000\n", marks=pytest.mark.slow),
    ],
    ids=["with names, in any order", "in the order of the table"],
)
def test_rents_are_pasted_and_undone_at_once(shown: ExhibitionView, qtbot: QtBot, text: str) -> None:
    folder = shown._viewmodel._app_state.venue.folder  # type: ignore[union-attr]
    shown.tabs.choose_tab(PRICES)
    names = [row[0] for row in shown.prices.shown_rows()]
    expected = dict(zip(["Robotics", "Café"] if "Café" in text else names, [1200.5, 3000.0], strict=False))
    QApplication.clipboard().setText(text)
    shown.prices.table.setFocus()
    qtbot.keyClick(shown.prices.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert shown.entries.dialog is not None
    qtbot.keyClick(shown.entries.dialog, Qt.Key.Key_Return)
    written = read_venue(folder)
    assert {zone: written.targets_of(zone).rent for zone in names} == {
        zone: expected.get(zone) for zone in names
    }
    shown.entries.undo.click()
    assert not any(read_venue(folder).targets_of(zone).rent for zone in names)


def test_rents_name_their_hours_and_excluded_stands(shown: ExhibitionView) -> None:
    viewmodel = shown._viewmodel
    for zone in ("Robotics", "VR corner", "Café"):
        viewmodel.set_value(zone, StandField.RENT, "1000")
    shown.tabs.choose_tab(PRICES)
    # one of the 16 hours of two days
    expected = "cover the 1.0 h in which all compared stands were observed, 6 % of the show's"
    assert expected in shown._notes.text()
    assert "Not compared" not in shown._notes.text()
    figures = viewmodel.state.figures
    assert figures is not None
    unseen = StandValue(verdict=PriceVerdict.UNSEEN)
    refused = tuple(
        replace(stand, prices={ValueBasis.EXPOSED: unseen}) if stand.zone == "VR corner" else stand
        for stand in figures.stands
    )
    viewmodel._replace_state(figures=replace(figures, stands=refused))
    assert "Not compared" in shown._notes.text()
    assert "VR corner. Choose a period" in shown._notes.text()
    assert [row[3] for row in shown.prices.shown_rows() if row[0] == "VR corner"] == ["not observed enough"]
    viewmodel._replace_state(figures=replace(figures, common_s=0.0))
    assert "Choose another period" in shown._notes.text()
    viewmodel._replace_state(figures=figures)
    shown.tabs.choose_tab(STANDS)
    assert "of the open floor" in shown._notes.text()
    assert {row[2] for row in shown.stands.shown_rows()} == {"1.0"}


def test_a_stand_has_a_page_with_its_figures_moves_and_advice(shown: ExhibitionView, qtbot: QtBot) -> None:
    shown.tabs.choose_tab(STANDS)
    table = shown.stands.table
    first = table.model().index(0, 0)
    with qtbot.waitSignal(shown.stands.zone_opened) as opened:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(first).center())
    assert opened.args == [first.data()]
    shown.show_link(ViewLink(LinkTarget.EXHIBITION, LinkPart.STAND, zone="Robotics"))
    shown._viewmodel.select_zone("Robotics")
    assert shown.tabs.chosen == STAND
    page, figures = shown.stand_page, shown._viewmodel.state.figures
    assert figures is not None
    (robotics,) = [stand for stand in figures.stands if stand.zone == "Robotics"]
    words = [label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page)]
    assert {"Visitors of the stand", "What to do", "Where its visitors came from and went"} <= set(words)
    assert words[words.index("Visits") + 1] == f"{robotics.visits}"
    assert words[words.index(str(STOPPED.title)) + 1] == f"{robotics.stopped}"
    assert page.canvas.visible_labels()
    assert page.people.series[0].zone == "Robotics"
    # the others are reached from the list, the plan and the tables of moves
    page.choice.setCurrentIndex(page.choice.findData("Café"))
    page.choice.activated.emit(page.choice.currentIndex())
    assert shown._viewmodel.state.zone == "Café"
    assert page.people.series[0].zone == "Café"
    page.canvas.zone_clicked.emit("Robotics")
    assert page.people.series[0].zone == "Robotics"


def test_targets_are_scaled_to_the_open_hours(shown: ExhibitionView) -> None:
    viewmodel = shown._viewmodel
    viewmodel.select_zone("Robotics")
    shown.tabs.choose_tab(ENTRIES)
    viewmodel.set_value("Robotics", StandField.VISITS, "80")
    figures = viewmodel.state.figures
    assert figures is not None
    (robotics,) = [stand for stand in figures.stands if stand.zone == "Robotics"]
    # one of eight open hours
    assert robotics.visits_target == pytest.approx(10.0)
    assert robotics.visits is not None
    assert shown.entries.list.shown_rows()[0][7] == f"{round(10 * robotics.visits)} %"
    assert shown.entries.list.shown_rows()[0][8] == "–", "no target was entered"
    reached = shown.entries.model.index(0, 7)
    assert not shown.entries.model.flags(reached) & Qt.ItemFlag.ItemIsEditable
    viewmodel.set_value("Robotics", StandField.VISITS, "")
    assert viewmodel.state.figures is not None
    assert viewmodel.state.figures.stands[0].visits_per_day is None


def test_an_unobserved_period_shows_a_message(shown: ExhibitionView) -> None:
    shown._viewmodel._app_state.set_period((PERIOD_S[0] - 90_000.0, PERIOD_S[0] - 86_400.0))
    assert shown._viewmodel.state.phase is PeriodPhase.NOTHING_OBSERVED
    assert shown._empty.isVisible()
    shown.tabs.choose_tab(STANDS)
    assert "No data for this period" in shown._empty.title
    assert not shown._again.isVisible(), "computing again finds nothing either"
    shown._last_day.click()
    assert shown._viewmodel.state.phase is PeriodPhase.READY
    assert not shown._empty.isVisible()
