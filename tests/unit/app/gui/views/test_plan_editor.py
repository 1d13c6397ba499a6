from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QInputDialog, QScrollArea
from pytestqt.qtbot import QtBot

from analytics.domain.zone import CountingLine, Zone
from app.gui.app_state import AppState
from app.gui.theme import LIGHT, install_theme
from app.gui.translation import install_language, tr
from app.gui.viewmodels.plan_editor import PlanEditorViewModel
from app.gui.viewmodels.plan_editor_parts import PlanEditorParts, make_plan_editor_parts
from app.gui.viewmodels.plan_editor_picture import PlanPictureViewModel
from app.gui.views.plan_editor import PlanEditorView
from app.gui.views.plan_editor_grid import StandGridDialog
from app.gui.views.plan_editor_names import PasteNamesDialog
from app.gui.widgets.plan_editor_drafts import EditorTool
from app.operations.edit_venue import create_hall
from app.operations.geometry_change import Part
from app.operations.plan_shapes import Shape
from app.venue.document import Venue
from app.venue.file_format import read_venue, write_venue
from tests.support.inline_job_runner import InlineJobRunner
from tests.support.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through

LEFT = Qt.MouseButton.LeftButton
ROBOTICS, DOOR = Shape(Part.ZONES, "Robotics"), Shape(Part.LINES, "door")
LONG_ENOUGH_MS = 5000


@dataclass
class Shown:
    view: PlanEditorView
    parts: PlanEditorParts
    app_state: AppState
    folder: Path

    @property
    def model(self) -> PlanEditorViewModel:
        return self.parts.editor

    @property
    def picture(self) -> PlanPictureViewModel:
        return self.parts.picture

    @property
    def saved(self) -> Venue:
        return read_venue(self.folder)

    @property
    def content(self) -> bytes:
        return (self.folder / "venue.toml").read_bytes()

    def zone(self, name: str) -> Zone:
        return next(zone for zone in self.saved.geometry_at(None).zones if zone.name == name)

    def line(self, name: str) -> CountingLine:
        return next(line for line in self.saved.geometry_at(None).lines if line.name == name)

    def at(self, x_m: float, y_m: float) -> QPoint:
        return self.view.canvas.mapFromScene(x_m, y_m)


@pytest.fixture
def shown(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Shown]:
    install_theme(qapp, LIGHT)
    venue = make_hall(tmp_path)
    walk_through(venue, start_s=NOW_UTC_S - 120, duration_s=120, people=6)
    write_venue(venue)
    app_state, runner = AppState(), InlineJobRunner()
    parts = make_plan_editor_parts(
        app_state=app_state,
        job_runner=runner,
        templates_folder=tmp_path / "templates",
        clock=SetClock(),
    )
    view = PlanEditorView(parts)
    qtbot.addWidget(view)
    view.resize(1190, 658)
    app_state.show_venue(read_venue(venue.folder))
    with qtbot.waitActive(view):
        view.show()
        view.activateWindow()
    yield Shown(view, parts, app_state, venue.folder)
    install_language(qapp, "en")
    install_theme(qapp, LIGHT)


def click(qtbot: QtBot, shown: Shown, *places: tuple[float, float]) -> None:
    for place in places:
        qtbot.mouseMove(shown.view.canvas.viewport(), shown.at(*place))
        qtbot.mouseClick(shown.view.canvas.viewport(), LEFT, pos=shown.at(*place))


def drag(qtbot: QtBot, shown: Shown, start: tuple[float, float], end: tuple[float, float]) -> None:
    viewport = shown.view.canvas.viewport()
    qtbot.mousePress(viewport, LEFT, pos=shown.at(*start))
    for share in (0.3, 0.7, 1.0):
        place = tuple(a + share * (b - a) for a, b in zip(start, end, strict=True))
        qtbot.mouseMove(viewport, shown.at(*place))
    qtbot.mouseRelease(viewport, LEFT, pos=shown.at(*end))


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
    assert not shown.model.state.can_undo


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
    shown.model.move_vertex(0, (1.0, 1.0))
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
    shown.model.move_figure((0.5, 0.0))
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


def lay_picture(shown: Shown, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "plan.png"
    QImage(400, 240, QImage.Format.Format_RGB32).save(str(file))
    shown.picture.import_file(file, page=1, unit=None, takes_hall=True)
    qtbot.waitUntil(lambda: shown.picture.state.is_sized, timeout=LONG_ENOUGH_MS)


def test_a_picture_is_imported_scaled_by_two_points_cropped_and_turned(
    shown: Shown, qtbot: QtBot, tmp_path: Path
) -> None:
    before, panel = shown.content, shown.view.picture
    lay_picture(shown, qtbot, tmp_path)
    assert shown.saved.plan.picture is not None
    assert shown.saved.plan.picture.metres_per_pixel == pytest.approx(20 / 400)
    shown.view.side.show_panel(panel)
    qtbot.mouseClick(panel.points, LEFT)
    click(qtbot, shown, (5.0, 3.0), (15.0, 3.0))
    assert panel.length.isEnabled()
    panel.length.setValue(30.0)
    qtbot.mouseClick(panel.apply, LEFT)
    assert shown.saved.plan.picture.metres_per_pixel == pytest.approx(3 * 20 / 400, rel=0.01)
    assert shown.view.canvas.tool is EditorTool.SELECT
    assert not panel.length.isEnabled()
    qtbot.mouseClick(panel.crop, LEFT)
    qtbot.waitUntil(lambda: shown.picture.state.is_sized, timeout=LONG_ENOUGH_MS)
    drag(qtbot, shown, (3.0, 3.0), (15.0, 9.0))
    cropped = shown.saved.plan.picture
    assert cropped.crop_px == pytest.approx((20, 180, 100, 220), abs=1.5)
    assert cropped.corner_m == pytest.approx((3.0, 3.0), abs=0.2)
    panel.angle.setValue(90)
    qtbot.mouseClick(panel.turn, LEFT)
    assert shown.saved.plan.picture.rotation_deg == pytest.approx(90)
    for _step in range(4):
        shown.model.undo()
    assert shown.content == before


def test_a_file_that_is_no_plan_is_refused_in_words(shown: Shown, tmp_path: Path) -> None:
    before, file = shown.content, tmp_path / "plan.pdf"
    file.write_bytes(b"This is a letter.")
    shown.picture.import_file(file, page=1, unit=None, takes_hall=True)
    assert "no plan that can be read" in shown.view.message.text()
    assert shown.content == before


def test_a_zone_is_copied_within_the_hall_and_all_into_another(
    shown: Shown, qtbot: QtBot, tmp_path: Path
) -> None:
    canvas, control = shown.view.canvas, Qt.KeyboardModifier.ControlModifier
    assert not shown.view.paste.isEnabled()
    shown.model.select(ROBOTICS)
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_C, control)
    qtbot.keyClick(canvas, Qt.Key.Key_V, control)
    assert shown.zone("Robotics (2)").outline.points[0] == (2.0, 1.0)
    shown.model.select(None)
    qtbot.mouseClick(shown.view.copy, LEFT)
    other = create_hall(tmp_path / "other.expoflow", name="Fair", time_zone="UTC", size_m=(30, 20))
    shown.app_state.show_venue(other)
    qtbot.mouseClick(shown.view.paste, LEFT)
    pasted, copied = read_venue(other.folder).geometry_at(None), shown.saved.geometry_at(None)
    assert pasted.zones == copied.zones
    assert pasted.lines == copied.lines


def test_templates_are_kept_placed_in_another_venue_and_forgotten(
    shown: Shown, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_words: ("Corner & café", True))
    assert not shown.view.more.place.isEnabled()
    shown.model.select(Shape(Part.ZONES, "Café"))
    shown.view.more.keep.trigger()
    shown.app_state.show_venue(
        create_hall(tmp_path / "other.expoflow", name="Fair", time_zone="UTC", size_m=(30, 20))
    )
    (action,) = shown.view.more.place.actions()
    assert action.text() == "Corner && café"
    action.trigger()
    (placed,) = read_venue(tmp_path / "other.expoflow").geometry_at(None).zones
    assert placed.outline.points[0] == pytest.approx((15.0, 10.0), abs=0.2)
    assert shown.model.state.selected == Shape(Part.ZONES, "Café")
    (action,) = shown.view.more.forget.actions()
    action.trigger()
    assert not shown.view.more.place.isEnabled()
    assert list((tmp_path / "templates").iterdir()) == []


def test_a_name_that_no_file_can_have_is_refused_for_a_template(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_words: ("a/b", True))
    shown.view.more.keep.trigger()
    assert "a/b" in shown.view.message.text()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_fields_fit_beside_the_plan(
    shown: Shown, qapp: QApplication, qtbot: QtBot, language: str
) -> None:
    install_language(qapp, language)
    qtbot.waitUntil(lambda: shown.view.undo.text() == tr("Undo"), timeout=LONG_ENOUGH_MS)
    for shape in (ROBOTICS, DOOR):
        shown.model.select(shape)
        for panel in (shown.view.details, shown.view.picture):
            (scroll,) = [area for area in panel.findChildren(QScrollArea) if type(area) is QScrollArea]
            assert scroll.widget().minimumSizeHint().width() <= scroll.viewport().width()
