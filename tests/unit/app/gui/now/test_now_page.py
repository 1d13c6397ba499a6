"""The page of this moment as a person sees it: figures, colours with letters, and alarms to acknowledge."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from analytics.domain.identifiers import ZoneId
from analytics.domain.zone_targets import AlarmMeasure, AlarmRule, ZoneTargets
from app.gui.canvas.floor_plan_items import ZoneItem
from app.gui.now.panels import LEVEL_COLOURS, NowView, find_text_colour
from app.gui.session.theme import current_theme
from app.gui.widgets.figure_list import InfoButton
from tests.support.halls.walked_hall import make_hall
from tests.support.windows.now_page import NowPage, make_now_page
from tests.unit.app.gui.session.test_theme import contrast

RULE = AlarmRule(AlarmMeasure.PEOPLE, above=2, below=1, raise_after_s=3, clear_after_s=3)
CROWD = tuple((3.0 + 0.2 * number, 3.0) for number in range(9))


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[NowPage, NowView, list[int]]]:
    venue = dataclasses.replace(make_hall(tmp_path), targets=(ZoneTargets(ZoneId("Robotics"), 20, (RULE,)),))
    venue.folder.mkdir()
    owner = QObject()
    page = make_now_page(owner, venue)
    beeps: list[int] = []
    view = NowView(page.now, page.desk, page.state, beep=lambda: beeps.append(1))
    qtbot.addWidget(view)
    view.resize(1150, 640)
    with qtbot.waitExposed(view):
        view.show()
    yield page, view, beeps
    owner.deleteLater()


def test_zones_carry_the_colour_and_the_letter_of_their_level(
    shown: tuple[NowPage, NowView, list[int]],
) -> None:
    page, view, _ = shown
    page.show(CROWD)
    fills = {item.name: item.fill for item in view.canvas.scene().items() if isinstance(item, ZoneItem)}
    assert fills == {
        "Robotics": LEVEL_COLOURS["C"], "VR corner": LEVEL_COLOURS["A"], "Café": LEVEL_COLOURS["A"],
    }  # fmt: skip
    notes = {label.text: label.shown_text for label in view.canvas._labels}
    assert notes["Robotics"] == "Robotics  9 · C"
    assert len(view.canvas.dots) == 9
    page.stop()
    grey = current_theme().border
    assert {item.fill for item in view.canvas.scene().items() if isinstance(item, ZoneItem)} == {grey}
    assert grey not in LEVEL_COLOURS.values()


def test_a_zone_without_room_for_its_name_shows_its_letter(
    shown: tuple[NowPage, NowView, list[int]],
) -> None:
    page, view, _ = shown
    page.show(CROWD)
    (label,) = [label for label in view.canvas._labels if label.text == "Robotics"]
    label.fit_into(QSizeF(30.0, 30.0))
    assert label.shown_text == "9 · C"
    label.fit_into(QSizeF(300.0, 30.0))
    assert label.shown_text == "Robotics  9 · C"


def test_a_zone_shows_its_name_and_people_smaller_rather_than_one_of_them(
    shown: tuple[NowPage, NowView, list[int]],
) -> None:
    page, view, _ = shown
    page.show(CROWD)
    (label,) = [label for label in view.canvas._labels if label.text == "Robotics"]
    small = label.size_px
    label.set_note(label.note, scale_by=2.0)
    label.fit_into(small)
    assert (label.shown_text, label.size_px) == ("Robotics  9 · C", small)
    label.fit_into(QSizeF(300.0, 60.0))
    assert label.size_px.height() > small.height()


def test_the_titles_of_columns_have_room_on_a_large_screen(
    shown: tuple[NowPage, NowView, list[int]], qtbot: QtBot
) -> None:
    page, view, _ = shown
    page.show(CROWD)
    view.resize(2560, 1440)
    header, model = view.zones.horizontalHeader(), view.zones.model()
    painted = QFont(view.font())

    def list_cut() -> list[str]:
        # the text's size in the style sheet is that in which titles are painted
        painted.setPixelSize(int(header.styleSheet().split("font-size: ")[1].split("px")[0]))
        titles = [
            model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())
        ]
        return [
            title
            for column, title in enumerate(titles)
            if not header.isSectionHidden(column)
            and QFontMetricsF(painted).horizontalAdvance(title) > header.sectionSize(column)
        ]

    qtbot.waitUntil(lambda: list_cut() == [], timeout=2000)
    assert painted.pixelSize() > 15


def test_every_figure_is_shown_named_and_defined(shown: tuple[NowPage, NowView, list[int]]) -> None:
    page, view, _ = shown
    page.show(CROWD)
    assert view.tiles[0].texts[:2] == ("People in the hall", "9")
    assert view.tiles[0].accessibleName() == "People in the hall: 9"
    assert all(tile.findChild(InfoButton).toolTip() for tile in view.tiles)
    header = view.zones.model()
    tips = [
        header.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        for column in range(header.columnCount())
    ]
    assert all(tips)


def test_an_alarm_is_heard_shown_and_acknowledged_by_keyboard(
    shown: tuple[NowPage, NowView, list[int]],
) -> None:
    page, view, beeps = shown
    page.show(CROWD, seconds=5)
    assert beeps == [1]
    assert view._beeps.isActive()
    assert view.alarms.title.text() == "Alarms: 1 active"
    assert view.alarms.model.record(0).text == "Robotics: 9 people, above 2"
    view.alarms.table.setFocus()
    QTest.keyClick(view.alarms.table, Qt.Key.Key_Return)
    assert view.alarms.model.record(0).state == "acknowledged"
    assert not view._beeps.isActive()
    assert not view.alarms.acknowledge.isEnabled()


def test_without_sound_nothing_beeps(shown: tuple[NowPage, NowView, list[int]]) -> None:
    page, view, beeps = shown
    QTest.mouseClick(view.alarms.sound, Qt.MouseButton.LeftButton)
    assert view.alarms.sound.text() == "Sound off"
    page.show(CROWD, seconds=5)
    assert (beeps, view._beeps.isActive()) == ([], False)


def test_the_zones_are_sorted_copied_and_opened(
    shown: tuple[NowPage, NowView, list[int]], qtbot: QtBot
) -> None:
    page, view, _ = shown
    page.show((*CROWD, (9.0, 9.0)))
    view.zones.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    names = [view.zones.model().index(row, 0).data() for row in range(3)]
    assert names == ["Robotics", "Café", "VR corner"]
    view.zones.setFocus()
    QTest.keyClick(view.zones, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[0].startswith("Zone\tPeople\tIn use\t")
    assert copied[1].startswith("Robotics\t9\t45 % of 20\t")
    with qtbot.waitSignal(view.zone_opened) as opened:
        view.zones.activated.emit(view.zones.model().index(1, 0))
    assert opened.args == ["Café"]


@pytest.mark.parametrize("level", LEVEL_COLOURS)
def test_a_letter_can_be_read_on_its_colour(level: str) -> None:
    assert contrast(find_text_colour(level), LEVEL_COLOURS[level]) >= 4.5
