from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.gui.session.theme import LIGHT, install_theme
from app.gui.session.units import current_units, install_units
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import RecordTable, TableColumn


class _Letters(RecordTable[str]):
    def make_columns(self) -> Sequence[TableColumn[str]]:
        return (
            TableColumn("HH", lambda _r: "HH", lambda r: r, is_number=False),
            TableColumn("HH", lambda _r: "HH", lambda _r: 1.0),
            TableColumn("HH", lambda _r: "HH", lambda _r: 1.0),
        )


@pytest.mark.usefixtures("qapp")
def test_titles_stand_over_what_they_name(qtbot: QtBot, qapp: QApplication) -> None:
    install_theme(qapp, LIGHT)
    model = _Letters()
    model.show(["a", "b"])
    shown = RecordList(model, table_name="letters")
    qtbot.addWidget(shown)
    shown.resize(600, 300)
    shown.show()
    header = shown.table.horizontalHeader()
    titles = header.viewport().grab().toImage()
    viewport = shown.table.viewport().grab().toImage()
    cells = viewport.copy(0, 0, viewport.width(), shown.table.rowHeight(0))
    for column in range(3):
        left = header.sectionViewportPosition(column)
        right = left + header.sectionSize(column)
        assert _find_ink(titles, left, right) == _find_ink(cells, left, right), column


def _find_ink(image: QImage, left: int, right: int) -> tuple[int, int]:
    """First and last column of pixels in which a letter stands."""
    rows = range(3, image.height() - 4)
    light = np.array([[image.pixelColor(x, y).lightness() for x in range(left, right)] for y in rows])
    (inked,) = np.nonzero((np.abs(light - np.median(light)) > 40).any(axis=0))
    return left + int(inked[0]), left + int(inked[-1])


class _WideTitles(RecordTable[str]):
    def make_columns(self) -> Sequence[TableColumn[str]]:
        return tuple(TableColumn("Engaged minutes", lambda _r: "1", lambda _r: 1.0) for _ in range(6))


def test_without_room_for_all_columns_that_of_arrows_is_used_first(qtbot: QtBot, qapp: QApplication) -> None:
    install_theme(qapp, LIGHT)
    model = _WideTitles()
    model.show(["a", "b"])
    shown = RecordList(model, table_name="titles")
    qtbot.addWidget(shown)
    shown.show()
    header = shown.table.horizontalHeader()
    title_px = header.fontMetrics().horizontalAdvance("Engaged minutes")
    shown.resize(6 * (title_px + 30), 300)
    assert header.length() <= shown.table.viewport().width()
    shown.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    assert header.sectionSize(2) > header.sectionSize(1), "an arrow stands beside the title"
    shown.resize(1800, 300)
    assert header.sectionSize(1) >= header.sectionSizeHint(1)


class _Routes(RecordTable[str]):
    def make_columns(self) -> Sequence[TableColumn[str]]:
        return (
            TableColumn("Route", lambda r: r, lambda r: r, is_number=False),
            TableColumn("Visitors", lambda _r: "27", lambda _r: 27.0),
            TableColumn("Share", lambda _r: "52 %", lambda _r: 0.52),
        )


def test_long_words_end_early_rather_than_push_numbers_out_of_sight(qtbot: QtBot, qapp: QApplication) -> None:
    install_theme(qapp, LIGHT)
    model = _Routes()
    route = " → ".join(["Aisle 1 west"] * 8)
    model.show([route, "A1 → B1"])
    shown = RecordList(model, table_name="routes")
    qtbot.addWidget(shown)
    shown.resize(500, 300)
    shown.show()
    header = shown.table.horizontalHeader()
    assert header.length() <= shown.table.viewport().width()
    assert model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole) == route
    assert model.data(model.index(1, 0), Qt.ItemDataRole.ToolTipRole) is None


def test_where_there_are_no_rows_it_says_why(qtbot: QtBot, qapp: QApplication) -> None:
    install_theme(qapp, LIGHT)
    model = _Letters()
    shown = RecordList(model, table_name="letters")
    qtbot.addWidget(shown)
    shown.set_hint("No letter came.")
    shown.resize(500, 300)
    shown.show()
    assert shown.hint.isVisible()
    assert shown.hint.text() == shown.table.accessibleDescription() == "No letter came."
    assert shown.hint.width() == shown.table.viewport().width()
    model.show(["a"])
    assert not shown.hint.isVisible()
    shown.findChild(QLineEdit).setText("z")
    assert shown.hint.isVisible()
    assert "contains" in shown.hint.text()


class _Lengths(RecordTable[str]):
    def make_columns(self) -> Sequence[TableColumn[str]]:
        title = f"Length ({current_units().name})"
        return (TableColumn(title, lambda r: r, lambda r: r),)


def test_titles_follow_the_units(qtbot: QtBot, qapp: QApplication) -> None:
    model = _Lengths()
    shown = RecordList(model, table_name="lengths")
    qtbot.addWidget(shown)
    shown.show()
    assert "metric" in model.headerData(0, Qt.Orientation.Horizontal)
    install_units(qapp, "imperial")
    try:
        qtbot.waitUntil(lambda: "imperial" in model.headerData(0, Qt.Orientation.Horizontal))
    finally:
        install_units(qapp, "metric")


def list_subclasses(kind: type) -> set[type]:
    return {kind, *(found for below in kind.__subclasses__() for found in list_subclasses(below))}


def test_every_number_on_a_managers_page_is_defined_at_its_title(qtbot: QtBot) -> None:
    """One mechanism: the column says what its number means; title, button and screen reader show it."""
    for room in ("comparison", "dwell", "exhibition", "flows", "floor_plan", "now", "timeline"):
        for module in pkgutil.iter_modules([f"app/gui/{room}"]):
            importlib.import_module(f"app.gui.{room}.{module.name}")
    undefined = {}
    for kind in list_subclasses(RecordTable):
        room = kind.__module__.split(".")
        if room[:2] != ["app", "gui"] or room[2] == "tables" or kind.__name__.startswith("_"):
            continue
        if room[2] not in ("comparison", "dwell", "exhibition", "flows", "floor_plan", "now", "timeline"):
            continue
        titles = [c.title for c in kind().make_columns() if c.is_number and not c.meaning]
        if titles:
            undefined[kind.__name__] = titles
    assert undefined == {}
