"""The floor plan page: plan, zones, keys and appearance."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QComboBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from analytics.domain.floor_plan import FloorGeometry
from analytics.dwell.zone_figures import ZoneFigures
from analytics.metrics.estimate import Estimate
from app.core.change_set import ChangeSet
from app.gui.canvas.floor_plan_canvas import LabelKind, PlanLayer
from app.gui.floor_plan.floor_zone_panel import MEAN_COLUMN, NOW_COLUMN
from app.gui.session.theme import DARK, install_theme
from app.gui.session.translation import install_language
from app.plan.floor_scene import ZoneRow
from tests.support.halls.live_people import make_status
from tests.unit.app.gui.floor_plan.conftest import YESTERDAY, Shown, color_at, place_of


def test_the_venue_is_drawn_and_listed(shown: Shown) -> None:
    assert shown.view.zones.table.rowCount() == 3
    assert set(shown.view.canvas.visible_labels()) == {"Robotics", "VR corner", "Café"}
    assert not shown.view.message.isVisible()
    assert not shown.view.canvas.heat_layer.image.isNull()
    assert shown.view.legend.texts[0] == "person-seconds per m²"
    QAbstractItemModelTester(shown.view.zones.table, QAbstractItemModelTester.FailureReportingMode.Fatal)


def test_hovering_shows_the_reading(shown: Shown, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shown.view.canvas.hovered):
        qtbot.mouseMove(shown.view.canvas.viewport(), place_of(shown, 4.0, 3.0))
    lines = shown.view.hover_label.text().splitlines()
    at = shown.view.canvas.mapToScene(place_of(shown, 4.0, 3.0))
    reading = shown.model.read_at(at.x(), at.y())
    assert reading.value is not None
    assert lines[0] == "Robotics"
    assert lines[1] == f"{reading.value:,.1f} person-seconds per m²"
    assert shown.view.hover_label.isVisible()
    shown.view.canvas.hovered.emit(None)
    assert not shown.view.hover_label.isVisible()


def test_a_click_selects_or_clears_a_zone(shown: Shown, qtbot: QtBot) -> None:
    viewport = shown.view.canvas.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place_of(shown, 13.0, 3.0))
    assert shown.app_state.zone_selected == "VR corner"
    assert shown.view.zones.zone_list.currentIndex().data() == "VR corner"
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place_of(shown, 9.0, 6.5))
    assert shown.app_state.zone_selected is None
    assert not shown.view.zones.zone_list.selectionModel().hasSelection()


def test_a_double_click_and_the_enter_key_open_a_zone(shown: Shown, qtbot: QtBot) -> None:
    viewport = shown.view.canvas.viewport()
    with qtbot.waitSignal(shown.view.zone_opened) as opened:
        qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=place_of(shown, 9.0, 9.0))
    assert opened.args == ["Café"]
    shown.app_state.select_zone("Robotics")
    with qtbot.waitSignal(shown.view.zone_opened) as opened:
        qtbot.keyClick(shown.view.canvas, Qt.Key.Key_Return)
    assert opened.args == ["Robotics"]
    zones = shown.view.zones.zone_list
    shown.app_state.select_zone(zones.model().index(0, 0).data())
    qtbot.keyClick(zones, Qt.Key.Key_Down)
    assert shown.app_state.zone_selected == zones.model().index(1, 0).data()
    with qtbot.waitSignal(shown.view.zone_opened) as opened:
        qtbot.keyClick(zones, Qt.Key.Key_Return)
    assert opened.args == [shown.app_state.zone_selected]


def test_zones_are_listed_by_dwell_time_and_without_people_unless_live(shown: Shown) -> None:
    shown.app_state.set_period(YESTERDAY)
    zones, rows = shown.view.zones.zone_list, shown.model.state.rows
    means = {row.name: row.figures.mean_dwell_s.value for row in rows}
    listed = [means[zones.model().index(row, 0).data()] for row in range(3)]
    known = [mean_s for mean_s in listed if mean_s is not None]
    assert len(known) > 1
    assert known == sorted(known, reverse=True) == listed[: len(known)]
    assert zones.isColumnHidden(NOW_COLUMN)
    shown.monitor.updated.emit(make_status({"north": [(4.0, 3.0)]}, time_s=1.0))
    assert not zones.isColumnHidden(NOW_COLUMN)


def test_live_figures_leave_room_for_the_names_of_zones(shown: Shown) -> None:
    panel = shown.view.zones
    panel.show_rows(
        [ZoneRow(ZoneFigures("Robotics", visits=Estimate(1234), mean_dwell_s=Estimate(1234.0)), 12)],
        selected=None,
        people_now=12,
    )
    names_px = panel.zone_list.columnWidth(0)
    assert names_px >= panel.zone_list.sizeHintForColumn(0)


def test_a_page_shown_again_unchanged_is_not_measured_anew(shown: Shown) -> None:
    shown.app_state.set_period(YESTERDAY)
    view, zones, moved = shown.view, shown.view.zones.zone_list, list[None]()
    view.canvas.view_moved.connect(lambda: moved.append(None))
    width_px = zones.columnWidth(MEAN_COLUMN) + 9
    zones.setColumnWidth(MEAN_COLUMN, width_px)
    view.hide()
    view.show()
    assert (moved, zones.columnWidth(MEAN_COLUMN)) == ([], width_px)
    view.hide()
    view.resize(view.width() + 60, view.height() + 40)
    view.show()
    assert moved, "the plan has more room"


@pytest.mark.parametrize(
    ("layer", "place"),
    [
        (PlanLayer.HEAT, (4.0, 2.6)),
        (PlanLayer.ZONES, (2.0, 2.0)),
        (PlanLayer.CAMERAS, (7.0, 6.0)),
        (PlanLayer.PEOPLE, (9.0, 7.0)),
    ],
)
def test_a_layer_can_be_hidden_by_its_entry(
    shown: Shown, layer: PlanLayer, place: tuple[float, float]
) -> None:
    shown.monitor.updated.emit(make_status({"north": [(9.0, 7.0)]}, time_s=1.0))
    before = color_at(shown, *place)
    action = shown.view.tools.actions_of[layer]
    action.trigger()
    assert not action.isChecked()
    assert not shown.view.canvas.is_layer_shown(layer)
    assert color_at(shown, *place) != before
    action.trigger()
    assert color_at(shown, *place) == before


def test_the_hatching_can_be_hidden(shown: Shown) -> None:
    def colours() -> set[str]:
        picture = shown.view.canvas.viewport().grab().toImage()
        middle = place_of(shown, 19.0, 6.0)
        return {
            QColor(picture.pixel(middle.x() + dx, middle.y() + dy)).name()
            for dx in range(12)
            for dy in range(12)
        }

    assert len(colours()) > 1
    shown.view.tools.actions_of[PlanLayer.UNOBSERVED].trigger()
    assert len(colours()) == 1


def test_keys_zoom_move_and_fit(shown: Shown, qtbot: QtBot) -> None:
    canvas = shown.view.canvas
    middle = canvas.mapToScene(canvas.viewport().rect().center())
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.zoom == pytest.approx(1.25)
    after = canvas.mapToScene(canvas.viewport().rect().center())
    assert (after - middle).manhattanLength() < 0.1
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.mapToScene(canvas.viewport().rect().center()).x() > after.x() + 0.5
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    assert canvas.mapToScene(canvas.viewport().rect().center()).y() > after.y() + 0.5
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.zoom == pytest.approx(1.0)
    shown.view.resize(900, 500)
    assert canvas.zoom == pytest.approx(1.0)
    assert canvas.viewport().rect().contains(place_of(shown, 20.0, 12.0))


def test_labels_never_overlap(shown: Shown) -> None:
    canvas = shown.view.canvas
    for factor in (1.0, 0.6, 0.7, 4.0):
        canvas.zoom_by(factor)
        places = canvas.label_places()
        assert places
        assert not [
            (one[1], other[1])
            for index, one in enumerate(places)
            for other in places[:index]
            if one[2].intersects(other[2])
        ]
    canvas.fit()
    kinds = [kind for kind, _, _ in canvas.label_places()]
    assert kinds.count(LabelKind.ZONE) == 3
    assert LabelKind.CAMERA in kinds
    canvas.show_layer(PlanLayer.CAMERAS, False)
    assert LabelKind.CAMERA not in [kind for kind, _, _ in canvas.label_places()]


def test_live_people_keep_the_selection(shown: Shown) -> None:
    shown.app_state.select_zone("Robotics")
    shown.monitor.updated.emit(make_status({"north": [(4.0, 3.0)]}, time_s=1.0))
    assert shown.view.zones.zone_list.currentIndex().data() == "Robotics"
    assert shown.view.zones.table.data(shown.view.zones.table.index(0, 1)) == "1"
    assert shown.view.zones.people_now.text() == "1 person in view now"
    assert [dot.place for dot in shown.view.canvas.dots] == [(4.0, 3.0)]


def test_the_language_changes_every_text(shown: Shown, qapp: QApplication, qtbot: QtBot) -> None:
    install_language(qapp, "zh_CN")
    qtbot.waitUntil(lambda: shown.view.lock.text() == "锁定色标")
    assert shown.view.tools.actions_of[PlanLayer.HEAT].text() == "热力图"
    assert shown.view.legend.texts[0] == "人·秒/m²"
    assert shown.view.zones.table.headerData(0, Qt.Orientation.Horizontal) == "展区"


def test_the_theme_changes_the_floor(shown: Shown, qapp: QApplication, qtbot: QtBot) -> None:
    before = color_at(shown, 16.5, 1.0)
    install_theme(qapp, DARK)
    qtbot.waitUntil(lambda: color_at(shown, 16.5, 1.0).lightness() < 90)
    assert before.lightness() > 180


def test_every_control_has_a_name_and_takes_the_keyboard(shown: Shown) -> None:
    controls = [
        widget
        for widget in shown.view.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not widget.objectName().startswith("qt_")
        and widget not in (shown.view.canvas.viewport(), shown.view.other.viewport())
    ]
    assert shown.view.canvas in controls
    assert shown.view.zones.zone_list in controls
    unnamed = [widget for widget in controls if not widget.accessibleName()]
    assert unnamed == []


def test_zones_edited_elsewhere_are_drawn_when_shown(shown: Shown, qtbot: QtBot) -> None:
    venue = shown.app_state.venue
    assert venue is not None
    shown.view.hide()
    without = dataclasses.replace(venue, geometry_versions=(FloorGeometry(),))
    shown.app_state.replace_venue(without, ChangeSet(zones=True), initiator=shown)
    assert shown.view.canvas.visible_labels()
    with qtbot.waitExposed(shown.view):
        shown.view.show()
    assert shown.view.canvas.visible_labels() == ()


def test_a_zone_has_its_chosen_colour(shown: Shown) -> None:
    venue = shown.app_state.venue
    assert venue is not None
    geometry = venue.geometry_at(None)
    first = dataclasses.replace(geometry.zones[0], colour="#0000ff")
    changed = dataclasses.replace(geometry, zones=(first, *geometry.zones[1:]))
    shown.view.canvas.show_layer(PlanLayer.HEAT, False)
    before = color_at(shown, 2.0, 2.0)
    shown.app_state.replace_venue(
        dataclasses.replace(venue, geometry_versions=(changed,)), ChangeSet(zones=True), initiator=shown
    )
    after = color_at(shown, 2.0, 2.0)
    assert (after.red(), after.green()) < (before.red(), before.green())
    assert after.blue() > before.blue()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_tool_texts_fit_a_narrow_window(shown: Shown, qapp: QApplication, language: str) -> None:
    install_language(qapp, language)
    shown.view.resize(828, 484)  # what the smallest window leaves
    qapp.processEvents()
    qapp.processEvents()
    tools = shown.view.tools
    for control in (*tools.findChildren(QToolButton), *tools.findChildren(QComboBox)):
        if control.isVisible():
            assert control.width() >= control.sizeHint().width(), control.accessibleName()
    assert shown.view.played.isVisible()
