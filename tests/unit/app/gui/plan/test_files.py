from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea
from pytestqt.qtbot import QtBot

from analytics.domain.floor_plan import PlanPicture
from app.core.change_set import Part
from app.core.document import DEFAULT_HALL_M
from app.core.file_format import read_venue
from app.gui.canvas.plan_editor_items import EditorTool
from app.gui.plan import panel_models as plan_editor_picture
from app.gui.plan.model import PlanEditorViewModel
from app.gui.plan.panel_models import PlanPictureViewModel
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import install_language, tr
from app.gui.widgets.form_dialog import FormDialog
from app.plan.edit_venue import create_hall
from app.plan.plan_shapes import Shape
from app.plan_import.imported_plan import ImportedPlan
from app.plan_import.plan_file import ReadingOptions
from tests.support.windows.shown_plan_editor import DOOR, LEFT, LONG_ENOUGH_MS, ROBOTICS, Shown, click, drag


def lay_picture(shown: Shown, qtbot: QtBot, tmp_path: Path, size_px: tuple[int, int] = (400, 240)) -> None:
    file = tmp_path / "plan.png"
    QImage(*size_px, QImage.Format.Format_RGB32).save(str(file))
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
    assert panel.length.isVisible()
    panel.length.setValue(30.0)
    qtbot.mouseClick(panel.apply, LEFT)
    assert shown.saved.plan.picture.metres_per_pixel == pytest.approx(3 * 20 / 400, rel=0.01)
    assert shown.view.canvas.tool is EditorTool.SELECT
    assert not panel.length.isVisible()
    assert not panel.apply.isVisible(), "its scale is set"
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


@pytest.mark.parametrize(
    ("size_m", "is_asked"), [((30, 18), False), ((30, 20), True), (DEFAULT_HALL_M, True)], ids=str
)
def test_the_scale_is_asked_for_unless_the_hall_has_a_known_size_and_the_pictures_proportions(
    shown: Shown, qtbot: QtBot, tmp_path: Path, size_m: tuple[float, float], is_asked: bool
) -> None:
    hall = create_hall(tmp_path / "other.expoflow", name="Fair", time_zone="UTC", size_m=size_m)
    shown.app_state.show_venue(hall)
    lay_picture(shown, qtbot, tmp_path, (400, 250) if size_m == DEFAULT_HALL_M else (400, 240))
    assert (shown.view.canvas.tool is EditorTool.SCALE) == is_asked
    assert "if that is wrong, set its scale" in shown.view.picture.text.text()


def test_a_file_that_is_no_plan_is_refused_in_words(shown: Shown, tmp_path: Path) -> None:
    before, file = shown.content, tmp_path / "plan.pdf"
    file.write_bytes(b"This is a letter.")
    shown.picture.import_file(file, page=1, unit=None, takes_hall=True)
    assert "not a readable plan" in shown.view.message.text()
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
    shown: Shown, qtbot: QtBot, tmp_path: Path
) -> None:
    assert not shown.view.more.place.isEnabled()
    shown.model.select(Shape(Part.ZONES, "Café"))
    shown.view.more.keep.trigger()
    (dialog,) = shown.view.window().findChildren(FormDialog)
    dialog.accept()
    assert dialog.faults == ["Fill this in."]
    (name,) = dialog.findChildren(QLineEdit)
    name.setText("Corner & café")
    dialog.accept()
    assert not dialog.isVisible()
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


def test_an_import_that_is_cancelled_writes_nothing(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()

    def read(_file: Path, *, options: ReadingOptions) -> ImportedPlan:
        assert options.page == 2
        may_go_on.wait(10)
        return ImportedPlan()

    monkeypatch.setattr(plan_editor_picture, "read_plan_file", read)
    venue = create_hall(tmp_path / "hall.expoflow", name="Fair", time_zone="Asia/Shanghai", size_m=(30, 20))
    before = (venue.folder / "venue.toml").read_bytes()
    app_state, runner = AppState(), JobRunner()
    editor = PlanEditorViewModel(app_state=app_state, job_runner=runner)
    model = PlanPictureViewModel(editor)
    app_state.show_venue(venue)
    model.import_file(tmp_path / "plan.pdf", page=2, unit=None, takes_hall=True)
    assert model.state.is_importing
    with qtbot.waitSignal(runner.job_finished):
        model.cancel()
        assert not model.state.is_importing
        may_go_on.set()
    assert not editor.state.steps.can_undo
    assert (venue.folder / "venue.toml").read_bytes() == before
    assert runner.shutdown()


def test_a_picture_whose_scale_nobody_has_set_is_said_to_be_as_wide_as_the_hall(tmp_path: Path) -> None:
    venue = create_hall(tmp_path / "hall.expoflow", name="Fair", time_zone="UTC", size_m=(30, 20))
    app_state, runner = AppState(), JobRunner()
    editor = PlanEditorViewModel(app_state=app_state, job_runner=runner)
    model = PlanPictureViewModel(editor)
    for metres_per_pixel, is_said in ((0.02, True), (0.0201, False)):
        picture = PlanPicture("plan.png", metres_per_pixel)
        app_state.show_venue(replace(venue, plan=replace(venue.plan, picture=picture)))
        assert "as wide as the hall" not in model.state.text
        model.set_size((1500, 1000))
        assert ("as wide as the hall" in model.state.text) is is_said
    assert runner.shutdown()
