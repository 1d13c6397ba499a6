"""The planner's page, by mouse and keyboard."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from analytics.domain.errors import Phrase
from analytics.domain.floor_plan import PlanPicture
from app.core.file_format import read_venue, write_venue
from app.coverage.coverage_map import CoverageLayer
from app.coverage.mounting_advice import AdviceKind, MountingAdvice
from app.gui.coverage import model as coverage_planner
from app.gui.coverage.model import CoveragePlannerViewModel
from app.gui.coverage.page import CoveragePlannerView
from app.gui.session.app_state import AppState
from app.gui.session.theme import DARK, LIGHT, deferred_style, install_theme
from app.gui.session.translation import install_language
from tests.support.halls.planned_hall import box, install, make_planned_venue, plan_camera, zone
from tests.support.windows.inline_job_runner import InlineJobRunner

LEFT = Qt.MouseButton.LeftButton
ADVICE = (MountingAdvice(AdviceKind.UNSEEN, "corner", Phrase("No camera sees {zone}.", {"zone": "corner"})),)


@dataclass
class Shown:
    view: CoveragePlannerView
    folder: Path

    def at(self, x_m: float, y_m: float) -> QPoint:
        return self.view.canvas.mapFromScene(x_m, y_m)

    def planned(self, name: str = "east") -> tuple[float, float, float]:
        camera = next(c for c in read_venue(self.folder).planned_cameras if c.name == name)
        return camera.x_m, camera.y_m, camera.heading_deg


@pytest.fixture
def shown(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shown]:
    install_theme(qapp, LIGHT)
    # what is advised is tested where it is found; it takes half a second after every edit
    monkeypatch.setattr(coverage_planner, "advise_venue", lambda _venue, *, context: ADVICE)
    venue = make_planned_venue(
        zones=[zone("middle", box(9.0, 5.0, 11.0, 7.0)), zone("corner", box(0.0, 0.0, 2.0, 2.0))],
        cameras=[install(plan_camera("west", 1.0, 6.0))],
        planned=[plan_camera("east", 16.0, 6.0, heading_deg=180.0, tilt_deg=45.0)],
        folder=tmp_path / "hall.expoflow",
    )
    plan = dataclasses.replace(venue.plan, picture=PlanPicture("plan.png", 0.1))
    venue = dataclasses.replace(venue, plan=plan)
    venue.folder.mkdir()
    assert QImage(200, 120, QImage.Format.Format_RGB32).save(str(venue.folder / "plan.png"))
    write_venue(venue)
    app_state = AppState()
    with deferred_style():
        view = CoveragePlannerView(
            CoveragePlannerViewModel(app_state=app_state, job_runner=InlineJobRunner())
        )
    qtbot.addWidget(view)
    view.resize(1190, 658)
    app_state.show_venue(read_venue(venue.folder))
    with qtbot.waitActive(view):
        view.show()
        view.activateWindow()
    qtbot.waitUntil(lambda: view.cameras.cameras.count() == 2)
    yield Shown(view, venue.folder)
    install_language(qapp, "en")
    install_theme(qapp, LIGHT)


def drag(qtbot: QtBot, shown: Shown, start: QPoint, end: QPoint) -> None:
    viewport = shown.view.canvas.viewport()
    qtbot.mousePress(viewport, LEFT, pos=start)
    for share in (0.4, 1.0):
        qtbot.mouseMove(viewport, start + (end - start) * share)
    qtbot.mouseRelease(viewport, LEFT, pos=end)


def test_a_planned_camera_is_dragged_and_turned_and_an_installed_one_stays(
    qtbot: QtBot, shown: Shown
) -> None:
    drag(qtbot, shown, shown.at(16.0, 6.0), shown.at(14.0, 9.0))
    assert shown.planned() == pytest.approx((14.0, 9.0, 180.0), abs=0.06)
    glyph = next(g for g in shown.view.canvas.glyphs_item.glyphs if g.name == "east")
    handle = shown.view.canvas.place_handle(glyph).toPoint()
    drag(qtbot, shown, handle, shown.at(glyph.x_m, 2.0))
    assert shown.planned() == pytest.approx((14.0, 9.0, -90.0), abs=0.5)
    before = shown.view.canvas.transform()
    drag(qtbot, shown, shown.at(1.0, 6.0), shown.at(5.0, 6.0))
    assert shown.view.canvas.transform() == before, "nor does the plan move with it"
    assert shown.view.cameras.cameras.currentRow() == 0, "it is chosen, and hangs where it hung"


def test_a_camera_is_planned_by_a_click_and_by_keys(qtbot: QtBot, shown: Shown) -> None:
    canvas = shown.view.canvas
    qtbot.mouseClick(shown.view.add, LEFT)
    assert canvas.is_placing
    qtbot.mouseClick(canvas.viewport(), LEFT, pos=shown.at(10.0, 1.0))
    assert not shown.view.add.isChecked()
    assert shown.planned("Camera 2") == pytest.approx((10.0, 1.0, 90.0), abs=0.6)
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_A)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert shown.planned("Camera 3")[:2] == canvas.middle_m
    qtbot.keyClick(canvas, Qt.Key.Key_A)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas.is_placing
    qtbot.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(read_venue(shown.folder).planned_cameras) == 2


def test_keys_choose_move_turn_and_remove(qtbot: QtBot, shown: Shown) -> None:
    canvas, shift, control = (
        shown.view.canvas,
        Qt.KeyboardModifier.ShiftModifier,
        Qt.KeyboardModifier.ControlModifier,
    )
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_P)
    assert shown.view.cameras.name.text() == "east"
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    qtbot.keyClick(canvas, Qt.Key.Key_Up, shift)
    qtbot.keyClick(canvas, Qt.Key.Key_Left, control | shift)
    assert shown.planned() == pytest.approx((15.9, 7.0, -170.0))
    qtbot.keyClick(canvas, Qt.Key.Key_N)
    assert shown.view.cameras.name.isHidden(), "that of an installed camera is not changed here"
    qtbot.keyClick(canvas, Qt.Key.Key_N)
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert read_venue(shown.folder).planned_cameras == ()


def test_figures_are_typed_and_refused_ones_shown_as_they_are(qtbot: QtBot, shown: Shown) -> None:
    fields = shown.view.cameras
    shown.view.cameras.cameras.setCurrentRow(1)
    for field, value in ((fields.x_field, 12.5), (fields.height_field, 5.5), (fields.tilt, 42.0)):
        field.setValue(value)
    (camera,) = read_venue(shown.folder).planned_cameras
    assert (camera.x_m, camera.height_m, camera.tilt_deg) == (12.5, 5.5, 42.0)
    fields.name.setText("west")
    fields.name.editingFinished.emit()
    assert fields.name.text() == "east"
    assert "already" in shown.view.message.text()
    fields.frame_size.setCurrentIndex(0)
    fields.frame_size.activated.emit(0)
    assert read_venue(shown.folder).planned_cameras[0].frame_size_wh == (640, 360)


def test_the_layer_is_painted_where_cameras_see_and_hatched_where_not(qtbot: QtBot, shown: Shown) -> None:
    view = shown.view
    for layer in CoverageLayer:
        qtbot.mouseClick(view.layers[layer], LEFT)
        image = view.canvas.layer_item.image
        assert (image.width(), image.height()) == (80, 48)
        assert image.pixelColor(40, 24).alpha() > 0
        assert image.pixelColor(0, 0).alpha() == 0
        assert view.legend.texts[-1] == "no camera sees it"
    floor = view.canvas._floor
    assert floor is not None
    assert floor.has_picture, "the plan's picture lies below"
    view.canvas.hovered.emit((10.0, 6.0))
    assert "likely to be hidden" in view.place.text()
    view.canvas.hovered.emit(None)
    assert view.place.text() == ""


def test_advice_is_listed_and_installing_asks_for_the_camera(qtbot: QtBot, shown: Shown) -> None:
    advice = shown.view.advice
    qtbot.waitUntil(lambda: advice.advice.count() > 0)
    shown.view.side.show_panel(advice)
    assert advice.table.rowCount() == 2
    assert not advice.apply.isEnabled()
    shown.view.cameras.cameras.setCurrentRow(1)
    with qtbot.waitSignal(shown.view.install_asked) as asked:
        shown.view.cameras.install.click()
    assert asked.args == ["east"]


def test_both_languages_and_themes_paint(qtbot: QtBot, qapp: QApplication, shown: Shown) -> None:
    install_language(qapp, "zh_CN")
    install_theme(qapp, DARK)
    qtbot.waitUntil(lambda: shown.view.add.text() == "规划摄像头")
    assert not shown.view.grab().isNull()
    assert shown.view.canvas.find_grip(QPointF(shown.at(16.0, 6.0)))[1] == "east"
