"""A zone is redrawn in the past, too: told before, counted, done, and taken back."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.change_set import Part
from app.gui.canvas.plan_editor_items import EditorTool
from app.gui.plan.page import RedrawPastDialog
from app.gui.plan.panel_models import make_plan_editor_view_models
from app.gui.plan.plan_editor_grid import StandGridDialog
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import install_language
from app.plan.edit_geometry import MoveShape, MoveVertex
from app.plan.plan_shapes import Shape
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, use_door
from tests.support.windows.shown_plan_editor import DOOR, LEFT, LONG_ENOUGH_MS, ROBOTICS, Shown, click, drag


def test_a_zone_is_drawn_corner_by_corner_and_undone_to_the_same_bytes(shown: Shown, qtbot: QtBot) -> None:
    before = shown.content
    qtbot.mouseClick(shown.view.tools[EditorTool.POLYGON], LEFT)
    click(qtbot, shown, (15.5, 6.0), (18.5, 6.0), (18.5, 8.0), (15.5, 9.0))
    qtbot.keyClick(shown.view.canvas, Qt.Key.Key_Return)
    zone = shown.zone("Zone 1")
    assert [(round(x, 1), round(y, 1)) for x, y in zone.outline.points] == [
        (15.5, 6.0),
        (18.5, 6.0),
        (18.5, 8.0),
        (15.5, 9.0),
    ]
    assert shown.model.state.selected == Shape(Part.ZONES, "Zone 1")
    assert shown.view.details.chooser.currentText() == "Zone 1"
    assert shown.view.canvas.tool is EditorTool.SELECT
    after = shown.content
    qtbot.keyClick(shown.view.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert shown.content == before
    assert shown.model.state.selected is None
    qtbot.keyClick(
        shown.view.canvas,
        Qt.Key.Key_Z,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert shown.content == after


def test_a_click_on_the_first_corner_and_a_double_click_finish_a_zone(shown: Shown, qtbot: QtBot) -> None:
    shown.view.canvas.set_tool(EditorTool.POLYGON)
    click(qtbot, shown, (15.5, 6.0), (18.5, 6.0), (18.5, 8.0), (15.5, 6.0))
    assert len(shown.zone("Zone 1").outline.points) == 3
    shown.view.canvas.set_tool(EditorTool.POLYGON)
    click(qtbot, shown, (15.5, 9.0), (18.5, 9.0), (18.5, 11.0))
    qtbot.mouseDClick(shown.view.canvas.viewport(), LEFT, pos=shown.at(18.5, 11.0))
    assert len(shown.zone("Zone 2").outline.points) == 3


def test_a_rectangle_is_dragged(shown: Shown, qtbot: QtBot) -> None:
    shown.view.canvas.set_tool(EditorTool.RECTANGLE)
    drag(qtbot, shown, (15.5, 6.0), (18.5, 8.0))
    points = shown.zone("Zone 1").outline.points
    assert {round(x, 1) for x, _y in points} == {15.5, 18.5}
    assert {round(y, 1) for _x, y in points} == {6.0, 8.0}


def test_a_line_counts_in_to_the_right_of_its_way_and_is_turned(shown: Shown, qtbot: QtBot) -> None:
    shown.view.canvas.set_tool(EditorTool.LINE)
    click(qtbot, shown, (17.0, 2.0), (17.0, 5.0))
    qtbot.keyClick(shown.view.canvas, Qt.Key.Key_Return)
    assert [round(y) for _x, y in shown.line("Line 1").path.points] == [2, 5]
    qtbot.mouseClick(shown.view.details.turn, LEFT)
    assert [round(y) for _x, y in shown.line("Line 1").path.points] == [5, 2]


def test_a_corner_is_dragged_and_snaps_to_another_zone(shown: Shown, qtbot: QtBot) -> None:
    click(qtbot, shown, (3.0, 3.0))
    assert shown.model.state.selected == ROBOTICS
    corner = shown.zone("Café").outline.points[0]
    before = shown.content
    drag(qtbot, shown, (6.5, 5.5), (corner[0] + 0.1, corner[1] - 0.1))
    assert shown.zone("Robotics").outline.points[2] == corner
    qtbot.mouseClick(shown.view.undo, LEFT)
    assert shown.content == before


def test_a_figure_and_the_middle_of_a_side_are_dragged(shown: Shown, qtbot: QtBot) -> None:
    shown.model.select(ROBOTICS)
    drag(qtbot, shown, (2.5, 2.5), (2.5, 2.0))
    assert shown.zone("Robotics").outline.points[0] == pytest.approx((1.5, 1.0), abs=0.03)
    drag(qtbot, shown, (4.0, 1.0), (4.0, 0.4))
    points = shown.zone("Robotics").outline.points
    assert len(points) == 5
    assert points[1] == pytest.approx((4.0, 0.4), abs=0.06)


def test_a_polygon_that_crosses_itself_is_refused_in_words_and_kept_to_be_mended(
    shown: Shown, qtbot: QtBot
) -> None:
    before = shown.content
    shown.view.canvas.set_tool(EditorTool.POLYGON)
    click(qtbot, shown, (15.5, 6.0), (18.5, 9.0), (18.5, 6.0), (15.5, 9.0))
    qtbot.keyClick(shown.view.canvas, Qt.Key.Key_Return)
    assert shown.content == before
    assert "cross" in shown.view.message.text()
    assert shown.view.message.isVisible()
    assert len(shown.view.canvas.draft_points) == 4
    qtbot.keyClick(shown.view.canvas, Qt.Key.Key_Backspace)
    qtbot.keyClick(shown.view.canvas, Qt.Key.Key_Return)
    assert len(shown.zone("Zone 1").outline.points) == 3
    assert not shown.view.message.isVisible()


def test_arrow_keys_move_a_corner_and_are_undone_together(shown: Shown, qtbot: QtBot) -> None:
    shown.model.select(ROBOTICS)
    before, canvas = shown.content, shown.view.canvas
    qtbot.keyClick(canvas, Qt.Key.Key_N)
    for _press in range(3):
        qtbot.keyClick(canvas, Qt.Key.Key_Left)
    qtbot.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert shown.zone("Robotics").outline.points[0] == pytest.approx((1.2, 0.5))
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    assert shown.zone("Robotics").outline.points[0] == pytest.approx((1.2, 0.6))
    shown.model.undo()
    shown.model.undo()
    assert shown.content == before
    assert not shown.model.state.steps.can_undo


def test_a_zone_is_drawn_by_keys_alone(shown: Shown, qtbot: QtBot) -> None:
    canvas = shown.view.canvas
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Z)
    assert canvas.tool is EditorTool.POLYGON
    shift = Qt.KeyboardModifier.ShiftModifier
    for keys in ([(Qt.Key.Key_Right, 5)], [(Qt.Key.Key_Right, 2)], [(Qt.Key.Key_Up, 2)]):
        for key, count in keys:
            for _press in range(count):
                qtbot.keyClick(canvas, key, shift)
        qtbot.keyClick(canvas, Qt.Key.Key_Space)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    (first, second, third) = shown.zone("Zone 1").outline.points
    assert second == pytest.approx((first[0] + 2, first[1]))
    assert third == pytest.approx((first[0] + 2, first[1] + 2))


def test_escape_drops_what_is_drawn_and_delete_removes(shown: Shown, qtbot: QtBot) -> None:
    canvas = shown.view.canvas
    canvas.set_tool(EditorTool.POLYGON)
    click(qtbot, shown, (15.5, 6.0), (18.5, 6.0))
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.draft_points == ()
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.tool is EditorTool.SELECT
    shown.model.select(ROBOTICS)
    canvas.choose_vertex(1)
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert len(shown.zone("Robotics").outline.points) == 3
    canvas.choose_vertex(None)
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert "Robotics" not in [zone.name for zone in shown.saved.geometry_at(None).zones]


def test_fields_write_name_kind_colour_stay_and_corners(shown: Shown, qtbot: QtBot) -> None:
    details = shown.view.details
    details.chooser.setCurrentIndex(details.chooser.findText("Zone Robotics"))
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
    sides = shown.view.details.rectangle
    shown.model.select(ROBOTICS)
    assert (sides.width.value(), sides.depth.value(), sides.angle.value()) == (5, 4, 0)
    sides.width.setValue(3.0)
    assert shown.zone("Robotics").outline.points == ((1.5, 1.5), (4.5, 1.5), (4.5, 5.5), (1.5, 5.5))
    sides.angle.setValue(30.0)
    assert shown.zone("Robotics").outline.points[1] == pytest.approx((1.5 + 3 * 3**0.5 / 2, 3.0))
    assert sides.depth.value() == 4
    sides.depth.setValue(0.0)
    assert shown.view.message.isVisible()
    assert sides.depth.value() == 4
    shown.model.edit_selected(partial(MoveVertex, vertex=0, to_m=(1.0, 1.0)))
    assert not sides.extent.isVisible()
    shown.model.select(DOOR)
    assert not sides.angle.isVisible()


def test_findings_are_listed_and_select_what_they_are_about(shown: Shown, qtbot: QtBot) -> None:
    shown.model.add_polygon(((30.0, 2.0), (34.0, 2.0), (34.0, 6.0)))
    shown.model.select(None)
    shown.view.side.show_panel(shown.view.checks)
    qtbot.waitUntil(lambda: shown.view.checks.findings.count() > 0, timeout=LONG_ENOUGH_MS)
    assert shown.view.checks.findings.item(0).text().startswith("Zone 'Zone 1': It is outside the hall")
    shown.view.checks.findings.setCurrentRow(0)
    assert shown.model.state.selected == Shape(Part.ZONES, "Zone 1")
    assert shown.view.checks.remedy.isVisible()


@pytest.mark.parametrize("is_door", [True, False])
def test_a_place_where_people_appear_and_disappear_is_asked_about_once(
    shown: Shown, qtbot: QtBot, is_door: bool
) -> None:
    use_door(shown.saved, start_s=NOW_UTC_S + 60)
    shown.app_state.show_venue(shown.saved)
    question, checks = shown.view.door, shown.parts.checks
    qtbot.waitUntil(question.yes.isVisible, timeout=LONG_ENOUGH_MS)
    assert "x 9.1 m, y 6.5 m" in question.text.text()
    assert len(shown.view.canvas.marks.marks) == 1
    assert sum("Is this a door" in row.text for row in checks.state.findings) == 1
    (question.yes if is_door else question.no).click()
    qtbot.waitUntil(
        lambda: not any("Is this a door" in row.text for row in checks.state.findings), timeout=LONG_ENOUGH_MS
    )
    entrances = [zone.name for zone in shown.saved.geometry_at(None).zones if zone.is_door]
    assert entrances == (["Door"] if is_door else [])
    assert len(shown.saved.corrections.not_doors) == (not is_door)
    assert not question.yes.isVisible()
    assert shown.view.canvas.marks.marks == ()
    question.undo.click()
    qtbot.waitUntil(question.yes.isVisible, timeout=LONG_ENOUGH_MS)
    assert shown.saved.corrections.not_doors == ()


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


def test_a_new_version_leaves_the_past_as_it_was(shown: Shown, qtbot: QtBot) -> None:
    past = shown.saved.geometry_at(NOW_UTC_S - 60)
    qtbot.mouseClick(shown.view.from_now, LEFT)
    shown.model.select(Shape(Part.ZONES, "Café", NOW_UTC_S))
    shown.model.remove_selected()
    assert shown.saved.geometry_at(NOW_UTC_S - 60) == past
    assert len(shown.saved.geometry_at(None).zones) == 2
    assert "from" in shown.view.version.text()


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


NEW = Shape(Part.ZONES, "Robotics", NOW_UTC_S)


@pytest.fixture
def moved(shown: Shown) -> Shown:
    """Robotics was moved off everybody in a version that begins now."""
    shown.model.start_version()
    shown.model.edit(MoveShape(NEW, (0.0, 5.0)))
    shown.model.select(NEW)
    return shown


def open_dialog(qtbot: QtBot, shown: Shown) -> RedrawPastDialog:
    qtbot.mouseClick(shown.view.past, LEFT)
    (dialog,) = shown.view.window().findChildren(RedrawPastDialog)
    return dialog


def test_what_was_never_drawn_otherwise_has_no_past(shown: Shown) -> None:
    assert not shown.view.past.isVisible()
    shown.model.select(ROBOTICS)
    assert not shown.view.past.isVisible()


def test_what_it_changes_is_said_before_it_is_done(qtbot: QtBot, moved: Shown) -> None:
    assert moved.view.past.isVisible()
    before = moved.content
    dialog = open_dialog(qtbot, moved)
    assert "1 earlier layout version" in dialog.text.text()
    held, counted, as_it_is, redrawn = (dialog.rows.item(0, column).text() for column in range(4))
    assert held == "Until 2026-03-14 12:00:00"
    assert counted == "2026-03-14 11:58–12:00"
    assert int(as_it_is.split()[0]) > 0
    assert int(redrawn.split()[-2]) < int(as_it_is.split()[-2]), "seconds in the zone"
    assert moved.content == before
    qtbot.mouseClick(dialog.cancel, LEFT)
    assert moved.content == before


def test_it_is_done_and_taken_back(qtbot: QtBot, moved: Shown) -> None:
    before = moved.content
    dialog = open_dialog(qtbot, moved)
    qtbot.mouseClick(dialog.redraw, LEFT)
    first, second = moved.saved.geometry_versions
    assert first.zones[0] == second.zones[0]
    assert not moved.view.past.isVisible()
    qtbot.mouseClick(moved.view.undo, LEFT)
    assert moved.content == before
    assert moved.view.past.isVisible()


def test_who_leaves_while_it_counts_is_asked_nothing_more(qtbot: QtBot, moved: Shown) -> None:
    runner = JobRunner()
    parts = make_plan_editor_view_models(
        app_state=moved.app_state,
        job_runner=runner,
        templates_folder=moved.folder / "templates",
        clock=SetClock(),
    )
    try:
        parts.editor.select(NEW)
        parts.past.open()
        assert parts.past.state.is_counting
        dialog = RedrawPastDialog(parts.past)
        qtbot.addWidget(dialog)
        dialog.show()
        dialog.reject()
        assert parts.past.state.shape is None
        qtbot.waitUntil(lambda: not runner.handles)
        assert parts.past.state.rows == ()
    finally:
        assert runner.shutdown()
    assert QApplication.activeModalWidget() is None
