from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.gui.canvas.plan_editor_items import EditorTool
from app.plan.plan_shapes import Part, Shape
from tests.support.windows.shown_plan_editor import LEFT, ROBOTICS, Shown, click, drag


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


def test_a_corner_that_would_cross_a_side_goes_back(shown: Shown, qtbot: QtBot) -> None:
    shown.model.select(ROBOTICS)
    before = shown.content
    drag(qtbot, shown, (6.5, 5.5), (4.0, 0.5))
    assert shown.content == before
    assert shown.view.message.isVisible()


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
    for keys in (
        [(Qt.Key.Key_Right, 5)],
        [(Qt.Key.Key_Right, 2)],
        [(Qt.Key.Key_Up, 2)],
    ):
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
