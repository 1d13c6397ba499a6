"""Layers, movement, playback and comparison on the plan."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from analytics.metrics.estimate import Estimate
from app.floor_plan.floor_comparison import ComparedWith
from app.floor_plan.floor_map import PLACE_LAYERS, FloorLayer
from app.gui.canvas.floor_plan_canvas import PlanLayer
from app.gui.floor_plan.floor_zone_panel import PLACE_COLUMN
from app.gui.session.theme import current_theme
from tests.unit.app.gui.floor_plan.conftest import YESTERDAY, Shown


def test_every_layer_has_its_unit(shown: Shown, qtbot: QtBot) -> None:
    layers = shown.view.tools.layers
    units = {}
    for index in range(layers.count()):
        layers.setCurrentIndex(index)
        layers.activated.emit(index)
        layer = FloorLayer(layers.itemData(index))
        assert shown.model.state.layer is layer
        units[layer] = shown.view.legend.texts[0]
        assert shown.view.per_hour.isVisible() == (layer is FloorLayer.PRESENCE)
        assert shown.view.canvas.heat_layer.image.isNull() == (layer in PLACE_LAYERS)
    assert "Places cannot be told from exhibitors" in shown.view.message.text()
    assert units == {
        FloorLayer.PRESENCE: "person-seconds per m²",
        FloorLayer.VISITORS: "visitors per m²",
        FloorLayer.STOP_TIME: "s, median stop",
        FloorLayer.STOP_SHARE: "% of visitors who stop there",
        FloorLayer.SPEED: "m/s, median walking speed",
        FloorLayer.CROWDING: "min at level D or worse (Fruin, walkway)",
        FloorLayer.PLACE_WORTH: "visitors to be expected there, of those at the average place",
        FloorLayer.OF_PLACE: "visitors who stop, of those expected for the place",
    }


def test_stands_are_coloured_by_how_they_do_for_their_places(shown: Shown) -> None:
    model, view = shown.model, shown.view
    model.set_layer(FloorLayer.OF_PLACE)
    assert model._results is not None
    assert shown.app_state.venue is not None
    of_place = {
        "Robotics": Estimate(0.6, (0.4, 0.9)),
        "VR corner": Estimate(1.2, (0.8, 1.8)),
    }
    model._on_done((shown.app_state.venue, dataclasses.replace(model._results, of_place=of_place)))
    labels = {label.text: label.note for label in view.canvas._labels}
    assert labels["Robotics"] == "60 % ▼"
    assert labels["VR corner"] == "120 %"
    assert labels["Café"] == ""
    zones = {zone.name: zone for zone in view.canvas._zones}
    assert zones["Robotics"].pen().style() is Qt.PenStyle.SolidLine
    assert zones["VR corner"].pen().style() is Qt.PenStyle.DashLine
    fills = [QColor(zones[name].fill or "") for name in ("Robotics", "VR corner")]
    theme = current_theme()
    assert [fill.name() for fill in fills] == [theme.less, theme.more]
    assert fills[0].alpha() > fills[1].alpha(), "40 % less is more than 20 % more"
    assert view.legend.texts[1:] == ("≤ 50 %", "100 %", "≥ 200 %")
    assert [entry.text for entry in view.places_legend.entries][1:] == ["not proven", "not compared"]
    # the worst first
    assert view.zones.zone_list.model().index(0, 0).data() == "Robotics"
    assert model.list_cells() == (
        ["stand", "of_place", "of_place_low", "of_place_high", "place_verdict"],
        [
            ["Robotics", "0.6000", "0.4000", "0.9000", "below"],
            ["VR corner", "1.2000", "0.8000", "1.8000", "not-proven"],
        ],
    )
    model.set_layer(FloorLayer.PRESENCE)
    assert zones["Robotics"].fill is None
    assert not view.places_legend.isVisible()


def test_places_are_coloured_by_what_they_are_worth(shown: Shown) -> None:
    model, view = shown.model, shown.view
    model.set_layer(FloorLayer.PLACE_WORTH)
    assert model._results is not None
    of_place = {"Robotics": Estimate(0.6, (0.4, 0.9)), "VR corner": Estimate(1.5, (1.2, 1.8))}
    model._on_done((shown.app_state.venue, dataclasses.replace(model._results, of_place=of_place)))
    labels = {label.text: label.note for label in view.canvas._labels}
    assert (labels["Robotics"], labels["VR corner"]) == ("60 % ▼", "150 % ▲")
    shown_rows = view.zones.zone_list.model()
    assert shown_rows.index(0, 0).data() == "VR corner"
    header = shown_rows.headerData(PLACE_COLUMN, Qt.Orientation.Horizontal)
    assert header == "Value of its place"
    assert shown_rows.index(0, PLACE_COLUMN).data(Qt.ItemDataRole.ToolTipRole) == (
        "Value of its place: 150 % (120 to 180), above the average place"
    )
    assert model.list_cells() == (
        ["stand", "place_worth", "place_worth_low", "place_worth_high", "place_verdict"],
        [
            ["Robotics", "0.6000", "0.4000", "0.9000", "below"],
            ["VR corner", "1.5000", "1.2000", "1.8000", "above"],
        ],
    )


def test_each_layer_keeps_its_locked_scale(shown: Shown, qtbot: QtBot) -> None:
    qtbot.keyClick(shown.view.lock, Qt.Key.Key_Space)
    stored = {}
    for layer in (FloorLayer.PRESENCE, FloorLayer.VISITORS):
        shown.model.set_layer(layer)
        stored[layer] = shown.view.legend.texts
    shown.app_state.set_period(YESTERDAY)
    for layer in (FloorLayer.VISITORS, FloorLayer.PRESENCE):
        shown.model.set_layer(layer)
        assert shown.view.legend.texts == stored[layer]


def test_movement_is_computed_when_shown(shown: Shown, qtbot: QtBot) -> None:
    canvas, actions = shown.view.canvas, shown.view.tools.actions_of
    assert shown.model.overlays.movement.state.movement is None
    actions[PlanLayer.DIRECTIONS].trigger()
    assert not canvas.directions.is_empty
    assert not canvas.routes.isVisible()
    actions[PlanLayer.ROUTES].trigger()
    (route, *_) = canvas.routes.routes
    x_m, y_m = canvas.routes.find_route_middle(route)
    canvas.hovered.emit((x_m, y_m))
    first = shown.view.hover_label.text().splitlines()[0]
    assert first.startswith(f"{route.from_zone} → {route.to_zone}: {route.visitors} visitors, ")
    actions[PlanLayer.PATHS].trigger()
    assert canvas.paths.count > 5
    before = shown.model.overlays.movement.state.movement
    shown.app_state.set_period(YESTERDAY)
    assert shown.model.overlays.movement.state.movement is not before
    shown.app_state.set_period((YESTERDAY[0] - 9000, YESTERDAY[0] - 8000))
    assert canvas.paths.count == 0


def test_a_period_is_played_by_keyboard(shown: Shown, qtbot: QtBot) -> None:
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
    assert shown.model.overlays.playback.state.is_playing
    assert view.playback.play.text() == "Pause"
    qtbot.keyClick(slider, Qt.Key.Key_Space)
    assert not shown.model.overlays.playback.state.is_playing
    before = heat.image
    view.played.click()
    assert not view.playback.isVisible()
    assert view.canvas.dots == ()
    assert shown.model.state.heat is period
    assert heat.image != before
    assert view.legend.texts[0] == "person-seconds per m²"


def test_two_periods_are_compared(shown: Shown, qtbot: QtBot) -> None:
    view, bar = shown.view, shown.view.comparison
    choices, image = bar.choices, view.canvas.heat_layer.image
    assert not bar.isVisible()

    def choose(compared_with: ComparedWith) -> None:
        choices.setCurrentIndex(choices.findData(compared_with))
        choices.activated.emit(choices.currentIndex())

    choose(ComparedWith.DAY_BEFORE)
    assert bar.isVisible()
    assert bar.description.text() == ("No data for 2026-03-13 11:00–12:00.")
    choose(ComparedWith.OWN)
    assert bar.own_start.text() == "2026-03-13 11:00"
    bar.own_start.setDateTime(bar.own_start.dateTime().addSecs(3600))
    assert bar.description.text().startswith("2026-03-14 11:53–12:00 compared with 2026-03-13 12:00–12:03; ")
    assert "too short for a significance test" in bar.description.text()
    assert view.canvas.heat_layer.image != image
    assert view.legend.texts[0] == "± s per m² per person-hour"
    assert view.legend.texts[2] == "0"
    view.canvas.hovered.emit((4.0, 2.6))
    assert " s per m² per person-hour" in view.hover_label.text()
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
    qtbot.keyClick(bar.difference, Qt.Key.Key_Space)
    assert not view.other.isVisible()
    assert view.legend.texts[0] == "± m/s of mean walking speed"
    shown.model.set_layer(FloorLayer.CROWDING)
    assert not bar.difference.isEnabled()
    assert view.other.isVisible()
    shown.model.set_layer(FloorLayer.PRESENCE)
    choose(ComparedWith.NOTHING)
    assert not bar.isVisible()
    assert not view.other.isVisible()
    assert view.canvas.heat_layer.image == image
