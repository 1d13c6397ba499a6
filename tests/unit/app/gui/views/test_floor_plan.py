from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from analytics.domain.floor_plan import FloorGeometry
from app.gui.app_state import AppState
from app.gui.pipeline_monitor import PipelineMonitor
from app.gui.theme import DARK, LIGHT, install_theme
from app.gui.translation import install_language
from app.gui.viewmodels.floor_plan import FloorPlanViewModel
from app.gui.views.floor_plan import FloorPlanView
from app.gui.widgets.floor_plan_canvas import PlanLayer
from app.gui.widgets.floor_plan_labels import LabelKind
from app.operations.change_set import ChangeSet
from app.operations.floor_comparison import ComparedWith
from app.operations.floor_map import FloorLayer
from app.venue.document import Venue
from tests.support.inline_job_runner import InlineJobRunner
from tests.support.live_people import make_status
from tests.support.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through

YESTERDAY = (NOW_UTC_S - 86_400, NOW_UTC_S - 86_200)


@dataclass
class Shown:
    view: FloorPlanView
    model: FloorPlanViewModel
    app_state: AppState
    monitor: PipelineMonitor


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(tmp_path_factory.mktemp("walked"))
    walk_through(venue, start_s=NOW_UTC_S - 86_400, duration_s=200, people=10, seed=2)
    walk_through(venue, start_s=NOW_UTC_S - 400, duration_s=400)
    return venue


@pytest.fixture
def shown(qapp: QApplication, qtbot: QtBot, walked: Venue) -> Iterator[Shown]:
    install_theme(qapp, LIGHT)
    app_state, monitor, runner = AppState(), PipelineMonitor(), InlineJobRunner()
    model = FloorPlanViewModel(app_state=app_state, job_runner=runner, monitor=monitor, clock=SetClock())
    view = FloorPlanView(model)
    qtbot.addWidget(view)
    view.resize(1180, 640)
    app_state.show_venue(walked)
    with qtbot.waitExposed(view):
        view.show()
    yield Shown(view, model, app_state, monitor)
    install_language(qapp, "en")
    install_theme(qapp, LIGHT)


def place_of(shown: Shown, x_m: float, y_m: float) -> QPoint:
    return shown.view.canvas.mapFromScene(x_m, y_m)


def color_at(shown: Shown, x_m: float, y_m: float) -> QColor:
    at = place_of(shown, x_m, y_m)
    return QColor(shown.view.canvas.viewport().grab().toImage().pixel(at))


def test_the_venue_is_drawn_and_listed(shown: Shown) -> None:
    assert shown.view.zones.table.rowCount() == 3
    assert set(shown.view.canvas.visible_labels()) == {"Robotics", "VR corner", "Café"}
    assert not shown.view.message.isVisible()
    assert not shown.view.canvas.heat_layer.image.isNull()
    assert shown.view.legend.texts[0] == "person-seconds per m²"
    QAbstractItemModelTester(shown.view.zones.table, QAbstractItemModelTester.FailureReportingMode.Fatal)


def test_hovering_shows_what_the_view_model_reads(shown: Shown, qtbot: QtBot) -> None:
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


def test_a_click_selects_a_zone_and_beside_it_none(shown: Shown, qtbot: QtBot) -> None:
    viewport = shown.view.canvas.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place_of(shown, 13.0, 3.0))
    assert shown.app_state.zone_selected == "VR corner"
    assert shown.view.zones.zone_list.currentIndex().row() == 1
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
    qtbot.keyClick(shown.view.zones.zone_list, Qt.Key.Key_Down)
    assert shown.app_state.zone_selected == "VR corner"
    with qtbot.waitSignal(shown.view.zone_opened) as opened:
        qtbot.keyClick(shown.view.zones.zone_list, Qt.Key.Key_Return)
    assert opened.args == ["VR corner"]


def test_another_period_is_computed(shown: Shown, qtbot: QtBot) -> None:
    before = shown.model.state.heat
    with qtbot.waitSignal(shown.model.state_changed):
        shown.app_state.set_period(YESTERDAY)
    assert shown.app_state.period == YESTERDAY
    assert shown.model.state.heat is not None
    assert shown.model.state.heat is not before
    shown.app_state.set_period((YESTERDAY[0] - 9000, YESTERDAY[0] - 8000))
    assert shown.view.message.isVisible()
    assert shown.view.canvas.heat_layer.image.isNull()
    assert not shown.view.legend.isVisible()


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


def test_names_that_would_cover_one_another_wait_for_more_room(shown: Shown) -> None:
    shown.app_state.select_zone("Café")
    shown.view.canvas.zoom_by(0.5)
    shown.view.canvas.scale(0.1, 0.1)
    shown.view.canvas.show_selected("Café")
    assert "Café" in shown.view.canvas.visible_labels()
    assert len(shown.view.canvas.visible_labels()) < 3
    shown.view.canvas.fit()
    assert len(shown.view.canvas.visible_labels()) == 3


def test_names_of_zones_lines_and_cameras_cover_one_another_at_no_zoom(shown: Shown) -> None:
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


def test_the_scale_can_be_kept(shown: Shown, qtbot: QtBot) -> None:
    before = shown.view.legend.texts
    qtbot.keyClick(shown.view.lock, Qt.Key.Key_Space)
    shown.app_state.set_period(YESTERDAY)
    assert shown.view.legend.texts == before
    qtbot.keyClick(shown.view.lock, Qt.Key.Key_Space)
    assert shown.view.legend.texts != before


def test_live_people_leave_the_selection_alone(shown: Shown) -> None:
    shown.app_state.select_zone("Robotics")
    shown.monitor.updated.emit(make_status({"north": [(4.0, 3.0)]}, time_s=1.0))
    assert shown.view.zones.zone_list.currentIndex().row() == 0
    assert shown.view.zones.table.data(shown.view.zones.table.index(0, 1)) == "1"
    assert shown.view.zones.people_now.text() == "1 person in view now"
    assert [dot.place for dot in shown.view.canvas.dots] == [(4.0, 3.0)]


def test_an_analysis_that_is_behind_is_said_with_a_dash(shown: Shown) -> None:
    shown.monitor.updated.emit(make_status({"north": [(4.0, 3.0)]}, time_s=1.0, age_s=5.0))
    assert shown.view.zones.people_now.text().startswith("– The analysis is 5 s behind")
    assert shown.view.zones.table.data(shown.view.zones.table.index(0, 1)) == "–"


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


def test_zones_that_are_edited_on_another_page_are_drawn_when_somebody_looks(
    shown: Shown, qtbot: QtBot
) -> None:
    venue = shown.app_state.venue
    assert venue is not None
    shown.view.hide()
    without = dataclasses.replace(venue, geometry_versions=(FloorGeometry(),))
    shown.app_state.replace_venue(without, ChangeSet(zones=True), initiator=shown)
    assert shown.view.canvas.visible_labels()
    with qtbot.waitExposed(shown.view):
        shown.view.show()
    assert shown.view.canvas.visible_labels() == ()


def test_a_zone_has_the_colour_that_somebody_gave_it(shown: Shown) -> None:
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


def test_every_layer_has_its_unit_and_what_it_says_at_a_place(shown: Shown, qtbot: QtBot) -> None:
    layers = shown.view.tools.layers
    units = {}
    for index in range(layers.count()):
        layers.setCurrentIndex(index)
        layers.activated.emit(index)
        layer = FloorLayer(layers.itemData(index))
        assert shown.model.state.layer is layer
        units[layer] = shown.view.legend.texts[0]
        assert shown.view.per_hour.isVisible() == (layer is FloorLayer.PRESENCE)
        assert not shown.view.canvas.heat_layer.image.isNull()
    assert units == {
        FloorLayer.PRESENCE: "person-seconds per m²",
        FloorLayer.VISITORS: "visitors per m²",
        FloorLayer.STOP_TIME: "s, median stop",
        FloorLayer.STOP_SHARE: "% of the visitors there stop",
        FloorLayer.SPEED: "m/s, median of those who walk",
        FloorLayer.CROWDING: "min at level D or worse (Fruin, walkway)",
    }


def test_the_scale_that_is_kept_is_that_of_each_layer(shown: Shown, qtbot: QtBot) -> None:
    qtbot.keyClick(shown.view.lock, Qt.Key.Key_Space)
    kept = {}
    for layer in (FloorLayer.PRESENCE, FloorLayer.VISITORS):
        shown.model.set_layer(layer)
        kept[layer] = shown.view.legend.texts
    shown.app_state.set_period(YESTERDAY)
    for layer in (FloorLayer.VISITORS, FloorLayer.PRESENCE):
        shown.model.set_layer(layer)
        assert shown.view.legend.texts == kept[layer]


def test_ways_are_found_out_when_somebody_wants_to_see_them(shown: Shown, qtbot: QtBot) -> None:
    canvas, actions = shown.view.canvas, shown.view.tools.actions_of
    assert shown.model.studies.ways.state.ways is None
    actions[PlanLayer.DIRECTIONS].trigger()
    assert not canvas.directions.is_empty
    assert not canvas.routes.isVisible()
    actions[PlanLayer.ROUTES].trigger()
    (route, *_) = canvas.routes.routes
    x_m, y_m = canvas.routes.middle_of(route)
    canvas.hovered.emit((x_m, y_m))
    first = shown.view.hover_label.text().splitlines()[0]
    assert first.startswith(f"{route.from_zone} → {route.to_zone}: {route.visitors} visitors, ")
    actions[PlanLayer.PATHS].trigger()
    assert canvas.paths.count > 5
    before = shown.model.studies.ways.state.ways
    shown.app_state.set_period(YESTERDAY)
    assert shown.model.studies.ways.state.ways is not before
    shown.app_state.set_period((YESTERDAY[0] - 9000, YESTERDAY[0] - 8000))
    assert canvas.paths.count == 0


def test_a_period_is_played_by_keys_and_left_again(shown: Shown, qtbot: QtBot) -> None:
    view = shown.view
    period, heat = shown.model.state.heat, view.canvas.heat_layer
    assert not view.playback.isVisible()
    view.played.click()
    assert view.playback.isVisible()
    slider = view.playback.slider
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    assert slider.value() == 400
    slider.setValue(0)
    for _ in range(2):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert slider.value() == 120
    assert view.playback.moment.text() == "2026-03-14 11:55:20"
    assert view.canvas.dots
    assert view.legend.texts[0] == "people per m², mean of the last minutes"
    qtbot.keyClick(view.canvas, Qt.Key.Key_Space)
    assert shown.model.studies.playback.state.is_playing
    assert view.playback.play.text() == "Pause"
    qtbot.keyClick(slider, Qt.Key.Key_Space)
    assert not shown.model.studies.playback.state.is_playing
    before = heat.image
    view.played.click()
    assert not view.playback.isVisible()
    assert view.canvas.dots == ()
    assert shown.model.state.heat is period
    assert heat.image != before
    assert view.legend.texts[0] == "person-seconds per m²"


def test_two_periods_are_compared_and_left_alone_again(shown: Shown, qtbot: QtBot) -> None:
    view, bar = shown.view, shown.view.comparison
    choices, image = bar.choices, view.canvas.heat_layer.image
    assert not bar.isVisible()

    def choose(compared_with: ComparedWith) -> None:
        choices.setCurrentIndex(choices.findData(compared_with))
        choices.activated.emit(choices.currentIndex())

    choose(ComparedWith.DAY_BEFORE)
    assert bar.isVisible()
    assert bar.words.text() == ("Nothing to compare with: nothing was observed in 2026-03-13 11:00–12:00.")
    choose(ComparedWith.OWN)
    assert bar.own_start.text() == "2026-03-13 11:00"
    bar.own_start.setDateTime(bar.own_start.dateTime().addSecs(3600))
    assert bar.words.text().startswith("2026-03-14 11:53–12:00 against 2026-03-13 12:00–12:03; ")
    assert "too short to tell a change from chance" in bar.words.text()
    assert view.canvas.heat_layer.image != image
    assert view.legend.texts[0] == "± s per m² of each hour that somebody spends here"
    assert view.legend.texts[2] == "0"
    view.canvas.hovered.emit((4.0, 2.6))
    assert " s per m² of each hour" in view.hover_label.text()
    qtbot.keyClick(bar.beside, Qt.Key.Key_Space)
    assert view.other.isVisible()
    assert view.legend.texts[0] == "person-seconds per m²"
    assert [caption.text() for caption in view.plans.captions] == [
        "2026-03-14 11:53–12:00",
        "2026-03-13 12:00–12:03",
    ]
    assert not view.other.heat_layer.image.isNull()
    qtbot.keyClick(view.canvas, Qt.Key.Key_Plus)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    assert view.other.transform().m11() == view.canvas.transform().m11()
    middles = [canvas.mapToScene(canvas.viewport().rect().center()) for canvas in (view.canvas, view.other)]
    assert (middles[0] - middles[1]).manhattanLength() < 0.2
    qtbot.keyClick(view.other, Qt.Key.Key_0)
    assert view.canvas.zoom == pytest.approx(1.0)
    shown.model.set_layer(FloorLayer.SPEED)
    assert not bar.difference.isEnabled()
    assert view.other.isVisible()
    shown.model.set_layer(FloorLayer.PRESENCE)
    choose(ComparedWith.NOTHING)
    assert not bar.isVisible()
    assert not view.other.isVisible()
    assert view.canvas.heat_layer.image == image
