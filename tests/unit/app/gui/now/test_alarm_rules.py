"""Capacities and alarm rules, edited in their window: written at once, refused in words, and undone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import ZoneKind
from analytics.domain.zone_targets import AlarmMeasure, AlarmRule, ZoneTargets
from app.core.file_format import read_venue, write_venue
from app.gui.now.alarm_rules_model import AlarmRulesViewModel
from app.gui.now.page import AlarmRulesDialog
from app.gui.session.app_state import AppState
from app.gui.session.units import install_units
from tests.support.halls.walked_hall import make_hall
from tests.support.windows.inline_job_runner import InlineJobRunner

PEOPLE, DENSITY, QUEUE = AlarmMeasure.PEOPLE, AlarmMeasure.DENSITY, AlarmMeasure.QUEUE


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[AppState, AlarmRulesDialog]]:
    venue = make_hall(tmp_path)
    geometry = venue.geometry_at(None)
    zones = (dataclasses.replace(geometry.zones[0], kind=ZoneKind.QUEUE), *geometry.zones[1:])
    venue = dataclasses.replace(venue, geometry_versions=(dataclasses.replace(geometry, zones=zones),))
    venue.folder.mkdir()
    write_venue(venue)
    owner = QObject()
    state = AppState(owner)
    rules = AlarmRulesViewModel(app_state=state, job_runner=InlineJobRunner(owner), parent=owner)
    state.open_venue(venue.folder)
    dialog = AlarmRulesDialog(rules)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    yield state, dialog
    owner.deleteLater()


def choose(dialog: AlarmRulesDialog, place: str) -> None:
    dialog.places.setCurrentRow([value for value, _ in dialog.places._choices].index(place))


def type_into(dialog: AlarmRulesDialog, measure: AlarmMeasure, **values: float) -> None:
    for name, value in values.items():
        field = dialog.rows[measure].fields[name]
        field.setValue(value)
        field.editingFinished.emit()


def set_capacity(dialog: AlarmRulesDialog, people: int) -> None:
    dialog.capacity.setValue(float(people))
    dialog.capacity.editingFinished.emit()


def read_targets(state: AppState, place: str) -> ZoneTargets:
    """As they are on disk, where they are the same as in the window."""
    assert state.venue is not None
    written = read_venue(state.venue.folder)
    assert written.targets == state.venue.targets
    return written.targets_of(place)


def test_each_place_offers_the_figures_that_it_has(opened: tuple[AppState, AlarmRulesDialog]) -> None:
    _, dialog = opened
    offered = {}
    for place in ("", "Robotics", "Café"):
        choose(dialog, place)
        offered[place] = {m.value for m, row in dialog.rows.items() if row.switch.isVisible()}
    assert offered == {
        "": {"people", "camera_down"},
        "Robotics": {"people", "density", "queue", "wait"},
        "Café": {"people", "density"},
    }


def test_a_capacity_and_a_rule_are_written_and_undone(opened: tuple[AppState, AlarmRulesDialog]) -> None:
    state, dialog = opened
    choose(dialog, "Café")
    set_capacity(dialog, 40)
    dialog.rows[PEOPLE].switch.click()
    rule = AlarmRule(PEOPLE, above=40, below=36)
    assert read_targets(state, "Café") == ZoneTargets(ZoneId("Café"), 40, (rule,))
    type_into(dialog, PEOPLE, above=30, raise_after_s=15)
    # the lower level keeps its distance
    changed = AlarmRule(PEOPLE, above=30, below=27, raise_after_s=15)
    assert read_targets(state, "Café").rules == (changed,)
    assert dialog.undo.text() == "Undo: Change the alarms of zone 'Café'"
    for _ in range(3):
        dialog.undo.click()
    assert read_targets(state, "Café") == ZoneTargets(ZoneId("Café"), 40)
    dialog.redo.click()
    assert read_targets(state, "Café").rules == (rule,)
    for _ in range(2):
        dialog.undo.click()
    assert not dialog.undo.isEnabled()
    assert state.venue is not None
    assert read_venue(state.venue.folder).targets == ()


def test_a_lower_level_above_the_upper_one_is_refused_in_words(
    opened: tuple[AppState, AlarmRulesDialog],
) -> None:
    state, dialog = opened
    choose(dialog, "Robotics")
    dialog.rows[QUEUE].switch.click()
    type_into(dialog, QUEUE, below=99)
    assert "clearing level 99" in dialog.fault.text()
    assert dialog.rows[QUEUE].fields["below"].value() == 8
    assert read_targets(state, "Robotics").rules == (AlarmRule(QUEUE, above=10, below=8),)
    type_into(dialog, QUEUE, below=5)
    assert not dialog.fault.isVisible()


def test_the_rule_of_cameras_can_be_changed_and_not_switched_off(
    opened: tuple[AppState, AlarmRulesDialog],
) -> None:
    state, dialog = opened
    row = dialog.rows[AlarmMeasure.CAMERA_DOWN]
    assert (row.switch.isChecked(), row.switch.isEnabled()) == (True, False)
    type_into(dialog, AlarmMeasure.CAMERA_DOWN, above=90)
    (rule,) = read_targets(state, "").rules
    assert (rule.above, rule.below) == (90, 5)


def test_densities_are_typed_in_the_units_of_the_window(
    opened: tuple[AppState, AlarmRulesDialog], qapp: QApplication
) -> None:
    state, dialog = opened
    install_units(qapp, "imperial")
    try:
        choose(dialog, "Café")
        dialog.rows[DENSITY].switch.click()
        assert dialog.rows[DENSITY].fields["above"].value() == pytest.approx(0.100, abs=5e-4)
        type_into(dialog, DENSITY, above=0.2)
        assert read_targets(state, "Café").rules[0].above == pytest.approx(0.2 / 0.3048**2)
    finally:
        install_units(qapp, "metric")


def test_looking_at_a_field_is_no_edit(opened: tuple[AppState, AlarmRulesDialog]) -> None:
    _, dialog = opened
    choose(dialog, "Café")
    for field in (*dialog.rows[PEOPLE].fields.values(), dialog.capacity):
        field.editingFinished.emit()
    assert not dialog.undo.isEnabled()
