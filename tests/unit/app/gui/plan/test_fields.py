from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.file_format import read_venue, write_venue
from app.gui.canvas.plan_editor_items import EditorTool
from app.gui.plan.plan_editor_grid import PasteNamesDialog, StandGridDialog
from app.gui.session.translation import install_language
from app.plan.edit_geometry import MoveFigure, MoveVertex
from app.plan.plan_shapes import Part, Shape
from tests.support.halls.walked_hall import NOW_UTC_S
from tests.support.windows.shown_plan_editor import DOOR, LEFT, LONG_ENOUGH_MS, ROBOTICS, Shown


def test_fields_write_name_kind_colour_stay_and_corners(shown: Shown, qtbot: QtBot) -> None:
    details = shown.view.details
    details.chooser.setCurrentText("Zone Robotics")
    details.chooser.activated.emit(details.chooser.currentIndex())
    assert shown.model.state.selected == ROBOTICS
    details.kind.setCurrentIndex(details.kind.findData("queue"))
    details.kind.activated.emit(details.kind.currentIndex())
    details.colour.setCurrentIndex(details.colour.findData("#8e6cef"))
    details.colour.activated.emit(details.colour.currentIndex())
    details.stay.setValue(12.5)
    details.corners.item(2, 0).setText(QLocale().toString(7.25, "f", 2))
    zone = shown.zone("Robotics")
    assert (zone.kind, zone.colour, zone.minimum_stay_s) == ("queue", "#8e6cef", 12.5)
    assert zone.outline.points[2] == (7.25, 5.5)
    details.corners.item(2, 0).setText("wide")
    assert shown.view.message.isVisible()
    assert details.corners.item(2, 0).text() == QLocale().toString(7.25, "f", 3)
    details.name.setText("Robots")
    details.name.editingFinished.emit()
    assert shown.zone("Robots").outline == zone.outline
    assert shown.model.state.selected == Shape(Part.ZONES, "Robots")
    shown.model.undo()
    assert shown.model.state.selected == ROBOTICS
    details.name.setText("Café")
    details.name.editingFinished.emit()
    assert "already" in shown.view.message.text()
    assert details.name.text() == "Robotics"


def test_a_rectangle_is_typed_as_width_depth_and_angle(shown: Shown) -> None:
    details = shown.view.details
    shown.model.select(ROBOTICS)
    assert (details.width_field.value(), details.depth_field.value(), details.angle.value()) == (5, 4, 0)
    details.width_field.setValue(3.0)
    assert shown.zone("Robotics").outline.points == ((1.5, 1.5), (4.5, 1.5), (4.5, 5.5), (1.5, 5.5))
    details.angle.setValue(30.0)
    assert shown.zone("Robotics").outline.points[1] == pytest.approx((1.5 + 3 * 3**0.5 / 2, 3.0))
    assert details.depth_field.value() == 4
    details.depth_field.setValue(0.0)
    assert shown.view.message.isVisible()
    assert details.depth_field.value() == 4
    shown.model.edit_selected(partial(MoveVertex, vertex=0, to_m=(1.0, 1.0)))
    assert not details.extent.isVisible()
    shown.model.select(DOOR)
    assert not details.angle.isVisible()


def test_a_line_has_a_band_and_no_shortest_visit(shown: Shown) -> None:
    shown.model.select(DOOR)
    assert shown.view.details.band.isVisible()
    assert not shown.view.details.stay.isVisible()
    shown.view.details.band.setValue(0.8)
    assert shown.line("door").band_m == 0.8


def test_findings_are_listed_and_select_what_they_are_about(shown: Shown, qtbot: QtBot) -> None:
    shown.model.add_polygon(((30.0, 2.0), (34.0, 2.0), (34.0, 6.0)))
    shown.model.select(None)
    shown.view.side.show_panel(shown.view.checks)
    qtbot.waitUntil(lambda: shown.view.checks.findings.count() > 0, timeout=LONG_ENOUGH_MS)
    assert shown.view.checks.findings.item(0).text().startswith("Zone 'Zone 1': It lies outside of the hall")
    shown.view.checks.findings.setCurrentRow(0)
    assert shown.model.state.selected == Shape(Part.ZONES, "Zone 1")
    assert shown.view.checks.remedy.isVisible()


def test_the_last_minutes_are_counted_before_and_after(shown: Shown, qtbot: QtBot) -> None:
    shown.model.select(Shape(Part.ZONES, "Café"))
    shown.model.remove_selected()
    shown.view.side.show_panel(shown.view.checks)
    shown.view.checks.minutes.setCurrentIndex(1)
    qtbot.mouseClick(shown.view.checks.count, LEFT)
    rows = {row.name: row for row in shown.parts.checks.state.replay}
    assert rows["Café"].before != "–"
    assert rows["Café"].after == "–"
    assert rows["Robotics"].before == rows["Robotics"].after
    assert shown.parts.checks.state.replay[0].name == "Café"
    assert shown.view.checks.counted_list.isVisible()
    shown.model.undo()
    assert shown.parts.checks.state.replay == ()


def test_a_grid_is_shown_made_and_undone_in_one_step(shown: Shown, qtbot: QtBot) -> None:
    before = shown.content
    dialog = StandGridDialog(shown.parts.stands, shown.view)
    qtbot.addWidget(dialog)
    dialog.rows.setValue(2)
    dialog.columns.setValue(3)
    dialog.left.setValue(10.0)
    assert dialog.summary.text() == "6 stands: A1 to B3"
    dialog.accept()
    names = [zone.name for zone in shown.saved.geometry_at(None).zones]
    assert names[-6:] == ["A1", "A2", "A3", "B1", "B2", "B3"]
    assert shown.zone("B1").outline.points[0] == (10.0, 5.0)
    again = StandGridDialog(shown.parts.stands, shown.view)
    qtbot.addWidget(again)
    assert "already" in again.summary.text()
    assert not again.make.isEnabled()
    shown.model.undo()
    assert shown.content == before


def test_names_are_pasted_in_the_order_of_the_list(shown: Shown, qtbot: QtBot) -> None:
    before = shown.content
    dialog = PasteNamesDialog(shown.parts.stands, shown.view)
    qtbot.addWidget(dialog)
    dialog.text.setPlainText("Acme\tBolt")
    assert "2 names" in dialog.summary.text()
    assert not dialog.rename.isEnabled()
    dialog.text.setPlainText("Acme\tBolt\nCorp\n")
    assert dialog.rename.isEnabled()
    dialog.accept()
    assert [zone.name for zone in shown.saved.geometry_at(None).zones] == ["Acme", "Bolt", "Corp"]
    shown.model.undo()
    assert shown.content == before


def test_a_new_version_leaves_the_past_as_it_was(shown: Shown, qtbot: QtBot) -> None:
    past = shown.saved.geometry_at(NOW_UTC_S - 60)
    qtbot.mouseClick(shown.view.from_now, LEFT)
    shown.model.select(Shape(Part.ZONES, "Café", NOW_UTC_S))
    shown.model.remove_selected()
    assert shown.saved.geometry_at(NOW_UTC_S - 60) == past
    assert len(shown.saved.geometry_at(None).zones) == 2
    assert "from" in shown.view.version.text()


def test_what_others_write_meanwhile_is_kept(shown: Shown) -> None:
    shown.model.select(ROBOTICS)
    shown.model.edit_selected(partial(MoveFigure, by_m=(0.5, 0.0)))
    other = read_venue(shown.folder)
    write_venue(other.with_camera(other.cameras[0]))
    shown.model.undo()
    assert shown.zone("Robotics").outline.points[0] == (1.5, 1.5)


def test_it_speaks_chinese_and_names_every_control(shown: Shown, qapp: QApplication, qtbot: QtBot) -> None:
    shown.model.select(DOOR)
    install_language(qapp, "zh_CN")
    qtbot.waitUntil(lambda: shown.view.tools[EditorTool.LINE].text() == "计数线", timeout=LONG_ENOUGH_MS)
    assert shown.view.details.turn.text() == "交换进出方向"
    for button in (*shown.view.tools.values(), shown.view.undo, shown.view.more, shown.view.details.add):
        assert button.accessibleName()
    assert shown.view.canvas.accessibleDescription()


def test_the_height_of_an_obstacle_is_typed_and_may_be_unknown(shown: Shown) -> None:
    details = shown.view.details
    stand = Shape(Part.OBSTACLES, "stand 1")
    shown.model.select(stand)
    assert not details.obstacle_height.isHidden()
    assert details.obstacle_height.text() == "not known"
    details.obstacle_height.setValue(2.5)
    assert shown.saved.plan.obstacles[0].height_m == 2.5
    details.obstacle_height.setValue(0.0)
    assert shown.saved.plan.obstacles[0].height_m is None
    shown.model.select(ROBOTICS)
    assert details.obstacle_height.isHidden()
