"""Planned cameras on the page: what is written, what can be taken back, what follows a drag."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from analytics.domain.errors import Phrase
from analytics.domain.floor_plan import PlanPicture
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.coverage.coverage_map import MAX_DRAGGED_CELLS, CoverageLayer
from app.coverage.mounting_advice import AdviceKind, MountingAdvice
from app.gui.coverage import model as coverage_planner
from app.gui.coverage.model import CoveragePlannerViewModel
from app.gui.coverage.page import CoveragePlannerView
from app.gui.session.app_state import AppState
from app.gui.session.theme import LIGHT, deferred_style, install_theme
from app.gui.session.translation import install_language
from tests.support.halls.planned_hall import box, install, make_planned_venue, plan_camera, zone
from tests.support.windows.inline_job_runner import InlineJobRunner

ZONES = (
    zone("median", box(9.0, 5.0, 11.0, 7.0)),
    zone("corner", box(0.0, 0.0, 2.0, 2.0)),
    zone("side", box(14.0, 9.5, 16.0, 11.5)),
)


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    made = make_planned_venue(
        zones=ZONES,
        cameras=[install(plan_camera())],
        planned=[plan_camera("east", 19.0, 6.0, heading_deg=180.0, tilt_deg=45.0)],
        folder=tmp_path / "hall.expoflow",
    )
    made.folder.mkdir()
    write_venue(made)
    return made


@pytest.fixture
def app_state(qtbot: QtBot) -> AppState:
    return AppState()


@pytest.fixture
def is_advised() -> bool:
    """Whether advice is sought, which takes half a second after every edit."""
    return False


@pytest.fixture
def model(
    qtbot: QtBot, app_state: AppState, venue: Venue, is_advised: bool, monkeypatch: pytest.MonkeyPatch
) -> CoveragePlannerViewModel:
    if not is_advised:
        monkeypatch.setattr(coverage_planner, "advise_venue", lambda _venue, *, context: ())
    made = CoveragePlannerViewModel(app_state=app_state, job_runner=InlineJobRunner())
    app_state.show_venue(read_venue(venue.folder))
    made.set_active(True)
    qtbot.waitUntil(lambda: bool(made.state.rows))
    return made


def list_planned(venue: Venue) -> dict[str, tuple[float, float, float]]:
    return {str(c.name): (c.x_m, c.y_m, c.heading_deg) for c in read_venue(venue.folder).planned_cameras}


def test_cameras_are_listed_with_what_they_see(model: CoveragePlannerViewModel) -> None:
    west, east = model.state.rows
    assert (west.text, west.is_planned, east.text, east.is_planned) == ("west", False, "east (planned)", True)
    assert "4.0 m high" in west.note
    assert {glyph.name: glyph.is_planned for glyph in model.state.glyphs} == {"west": False, "east": True}
    assert "of 240 m² of floor are in clear view" in model.state.summary
    assert [z.name for z in model.state.zones] == ["median", "corner", "side"]


def test_a_camera_is_added_duplicated_changed_removed_and_all_of_it_undone(
    model: CoveragePlannerViewModel, venue: Venue
) -> None:
    before = (venue.folder / "venue.toml").read_bytes()
    model.add((10.0, 0.0))
    assert model.state.planned is not None
    assert list_planned(venue)["Camera 2"] == (10.0, 0.0, 90.0), "it looks to the middle of the hall"
    model.duplicate()
    assert model.state.selected == "Camera 2 (2)"
    assert list_planned(venue)["Camera 2 (2)"][0] == 11.0
    assert model.change(height_m=6.0, tilt_deg=50.0)
    assert model.state.planned.height_m == 6.0  # type: ignore[unreachable]
    model.remove()
    assert model.state.selected == ""
    assert "Camera 2 (2)" not in list_planned(venue)
    assert model.state.steps.undo_text == "Undo: Delete planned camera 'Camera 2 (2)'"
    for _step in range(4):
        model.undo()
    assert not model.state.steps.can_undo
    assert (venue.folder / "venue.toml").read_bytes() == before
    model.redo()
    assert "Camera 2" in list_planned(venue)


def test_a_drag_is_followed_at_once_and_written_when_it_ends(
    model: CoveragePlannerViewModel, venue: Venue
) -> None:
    before = list_planned(venue)
    model.drag("east", to_m=(15.0, 6.0))
    model.drag("east", to_m=(10.0, 2.0))
    model.drag("east", heading_deg=450.0)
    assert list_planned(venue) == before
    glyph = next(g for g in model.state.glyphs if g.name == "east")
    assert (glyph.x_m, glyph.y_m, glyph.heading_rad) == pytest.approx((10.0, 2.0, np.pi / 2))
    assert model.state.shown is not None
    assert model.state.shown.shares.size <= MAX_DRAGGED_CELLS
    model.drop()
    assert list_planned(venue)["east"] == (10.0, 2.0, 90.0)
    model.undo()
    assert list_planned(venue) == before


def test_a_drag_that_is_given_up_changes_nothing(model: CoveragePlannerViewModel, venue: Venue) -> None:
    before = list_planned(venue)
    model.drag("east", to_m=(15.0, 6.0))
    model.drop(is_kept=False)
    assert list_planned(venue) == before
    assert next(g for g in model.state.glyphs if g.name == "east").x_m == 19.0


def test_keys_are_undone_together(model: CoveragePlannerViewModel, venue: Venue) -> None:
    model.select("east")
    for _press in range(3):
        model.nudge(right_m=-0.1)
    model.nudge(turn_deg=10.0)
    assert list_planned(venue)["east"] == pytest.approx((18.7, 6.0, -170.0))
    model.undo()
    assert list_planned(venue)["east"] == (19.0, 6.0, 180.0)


def test_what_cannot_be_is_refused_with_a_message(model: CoveragePlannerViewModel, venue: Venue) -> None:
    model.select("east")
    assert not model.change(name="west")
    assert model.state.message == "There is already a camera 'west'. Choose another name."
    assert not model.change(height_m=99.0)
    assert "height of camera 'east'" in model.state.message
    model.select("")
    assert model.state.message == ""
    assert not model.change(height_m=5.0), "nothing is chosen"


@pytest.mark.parametrize("is_advised", [True])
def test_advice_is_done_on_the_plan(model: CoveragePlannerViewModel, venue: Venue, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(model.state.advice))
    texts = [row.text for row in model.state.advice]
    assert "No camera sees corner: 4.0 m²." in texts
    for row, advice in enumerate(model.state.advice):
        if not advice.camera:
            model.apply_advice(row)
    assert not model.state.steps.can_undo, "what names no planned camera does nothing"
    number = next((n for n, row in enumerate(model.state.advice) if row.camera), None)
    assert number is not None
    model.apply_advice(number)
    assert model.state.steps.undo_text == "Undo: Change planned camera 'east'"


@pytest.mark.parametrize("layer", CoverageLayer)
def test_every_layer_has_a_legend_and_says_what_is_under_the_pointer(
    model: CoveragePlannerViewModel, layer: CoverageLayer
) -> None:
    model.choose_layer(layer)
    legend = model.state.legend
    assert all((legend.title, legend.bad, legend.middle, legend.good))
    told = model.describe_place((10.0, 6.0))
    assert any(letter.isdigit() for letter in told)
    assert model.describe_place((0.1, 0.1)) == "not seen by any camera"
    assert model.describe_place((-1.0, 0.0)) == ""
    shown = model.state.shown
    assert shown is not None
    model.select("east")
    assert model.state.shown is shown, "nothing is painted again for a choice"


def test_nobody_who_does_not_look_has_anything_computed(app_state: AppState, venue: Venue) -> None:
    made = CoveragePlannerViewModel(app_state=app_state, job_runner=InlineJobRunner())
    app_state.show_venue(read_venue(venue.folder))
    assert made.state.shown is None
    assert made.state.has_venue
    app_state.close_venue()
    assert not made.state.has_venue
    made.add((1.0, 1.0))
    made.drag("east", to_m=(1.0, 1.0))


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
        zones=[zone("median", box(9.0, 5.0, 11.0, 7.0)), zone("corner", box(0.0, 0.0, 2.0, 2.0))],
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


def test_the_layer_is_painted_where_cameras_see_and_hatched_where_not(qtbot: QtBot, shown: Shown) -> None:
    view = shown.view
    for layer in CoverageLayer:
        qtbot.mouseClick(view.layers[layer], LEFT)
        image = view.canvas.layer_item.image
        assert (image.width(), image.height()) == (80, 48)
        assert image.pixelColor(40, 24).alpha() > 0
        assert image.pixelColor(0, 0).alpha() == 0
        assert view.legend.texts[-1] == "not seen by any camera"
    floor = view.canvas._floor
    assert floor is not None
    assert floor.has_picture, "the plan's picture lies below"
    view.canvas.hovered.emit((10.0, 6.0))
    assert "probability of being hidden" in view.place.text()
    view.canvas.hovered.emit(None)
    assert view.place.text() == ""
