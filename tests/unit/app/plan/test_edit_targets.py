"""Capacities and alarm rules: edited, undone, kept in the file, and following their zone."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analytics.domain.errors import GeometryError, VenueError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.domain.zone_targets import AlarmMeasure, AlarmRule, ZoneTargets
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.plan.edit_geometry import RenameFigure
from app.plan.edit_plan import SetDwellTarget, SetTargets
from app.plan.plan_shapes import Part, Shape, summarise_changes
from tests.support.windows.edit_history import EditHistory
from tests.unit.app.core.venues import make_full_venue

SQUARE = Polygon(((10.0, 1.0), (12.0, 1.0), (12.0, 3.0)))
PEOPLE = AlarmRule(AlarmMeasure.PEOPLE, above=20, below=15.5, raise_after_s=10, clear_after_s=5)
QUEUE = AlarmRule(AlarmMeasure.QUEUE, above=8, below=6)
STAGE = ZoneTargets(ZoneId("stage"), 25, (PEOPLE,))
DESK = ZoneTargets(ZoneId("desk"), None, (QUEUE, AlarmRule(AlarmMeasure.WAIT, above=300, below=240)))
HALL = ZoneTargets(ZoneId(""), 500, (AlarmRule(AlarmMeasure.CAMERA_DOWN, above=60, below=10),))


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    venue = make_full_venue(tmp_path / "Fair.expoflow")
    venue.folder.mkdir()
    zones = (Zone(ZoneId("stage"), ZoneKind.STAGE, SQUARE), Zone(ZoneId("desk"), ZoneKind.QUEUE, SQUARE))
    return dataclasses.replace(venue, geometry_versions=(FloorGeometry(zones=zones),))


def test_targets_are_set_changed_removed_and_undone(venue: Venue) -> None:
    history = EditHistory(venue)
    for targets in (HALL, STAGE, DESK):
        history.do(SetTargets(targets))
    assert history.venue.targets == (HALL, STAGE, DESK)
    assert history.venue.targets_of("stage").capacity == 25
    assert history.do(SetTargets(ZoneTargets(ZoneId("stage")))).targets == (HALL, DESK)
    assert history.undo().targets == (HALL, STAGE, DESK)
    more = dataclasses.replace(STAGE, capacity=30)
    assert history.do(SetTargets(more)).targets == (HALL, more, DESK)
    assert history.undo().targets == (HALL, STAGE, DESK)
    assert history.undo().targets == (HALL, STAGE)
    assert history.redo().targets == (HALL, STAGE, DESK)


def test_what_changes_is_told_as_targets_alone(venue: Venue) -> None:
    changes = summarise_changes(SetTargets(STAGE).find_changes(venue))
    assert changes.targets
    assert (changes.zones, changes.plan, changes.settings) == (False, False, False)
    assert bool(changes)
    assert SetTargets(ZoneTargets(ZoneId("stage"))).find_changes(venue) == ()


def test_targets_are_kept_in_the_file(venue: Venue) -> None:
    changed = dataclasses.replace(venue, targets=(HALL, STAGE, DESK))
    write_venue(changed)
    assert read_venue(venue.folder).targets == (HALL, STAGE, DESK)
    text = (venue.folder / "venue.toml").read_text(encoding="utf-8")
    assert '[[targets]]\nzone = "stage"\ncapacity = 25' in text
    write_venue(venue)
    assert "targets" not in (venue.folder / "venue.toml").read_text(encoding="utf-8")


def test_targets_follow_a_renamed_zone_and_come_back(venue: Venue) -> None:
    history = EditHistory(dataclasses.replace(venue, targets=(STAGE, DESK)))
    renamed = history.do(RenameFigure(Shape(Part.ZONES, "stage"), "podium"))
    assert renamed.targets_of("podium").rules == (PEOPLE,)
    assert renamed.targets_of("stage").capacity is None
    assert history.undo().targets == (STAGE, DESK)


def test_a_renamed_zone_takes_the_place_of_one_that_is_gone(venue: Venue) -> None:
    gone = ZoneTargets(ZoneId("podium"), 3)
    history = EditHistory(dataclasses.replace(venue, targets=(gone, STAGE)))
    history.do(RenameFigure(Shape(Part.ZONES, "stage"), "podium"))
    assert history.venue.targets == (dataclasses.replace(STAGE, zone=ZoneId("podium")),)
    assert history.undo().targets == (gone, STAGE)


def rule(measure: AlarmMeasure = AlarmMeasure.PEOPLE, **figures: float) -> AlarmRule:
    return dataclasses.replace(AlarmRule(measure, above=20, below=10), **figures)


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (ZoneTargets(ZoneId("stage"), 0), "capacity 0 is not between"),
        (ZoneTargets(ZoneId("stage"), None, (rule(above=0.0),)), "level 0 of"),
        (ZoneTargets(ZoneId("stage"), None, (rule(above=float("nan")),)), "level nan of"),
        (ZoneTargets(ZoneId("stage"), None, (rule(AlarmMeasure.DENSITY, above=11.0),)), "level 11 of"),
        (ZoneTargets(ZoneId("stage"), None, (rule(below=21.0),)), "would clear at 21"),
        (ZoneTargets(ZoneId("stage"), None, (rule(below=-1.0),)), "would clear at -1"),
        (ZoneTargets(ZoneId("stage"), None, (rule(raise_after_s=-1.0),)), "times of the alarm"),
        (ZoneTargets(ZoneId("stage"), None, (rule(), rule())), "same figure"),
        (ZoneTargets(ZoneId("stage"), None, (rule(AlarmMeasure.CAMERA_DOWN),)), "does not have"),
        (ZoneTargets(ZoneId(""), None, (rule(AlarmMeasure.QUEUE),)), "does not have"),
        (ZoneTargets(ZoneId("stage"), None, (QUEUE,)), "is no queue"),
        (ZoneTargets(ZoneId("nowhere"), 5), "no zone 'nowhere'"),
    ],
)
def test_targets_that_cannot_be_are_refused(venue: Venue, targets: ZoneTargets, words: str) -> None:
    with pytest.raises(GeometryError, match=words):
        SetTargets(targets).find_changes(venue)


def test_a_file_with_a_level_that_cannot_be_names_it(venue: Venue) -> None:
    write_venue(dataclasses.replace(venue, targets=(STAGE,)))
    file = venue.folder / "venue.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("above = 20.0", "above = -20.0"), "utf-8")
    with pytest.raises(VenueError, match="level -20 of"):
        read_venue(venue.folder)


def test_the_needed_time_is_set_beside_what_is_there_and_undone(venue: Venue) -> None:
    history = EditHistory(venue)
    history.do(SetTargets(STAGE))
    history.do(SetDwellTarget("stage", 45.0))
    assert history.venue.targets == (dataclasses.replace(STAGE, needed_s=45.0),)
    history.do(SetDwellTarget("desk", 60.0))
    assert history.venue.targets_of("desk").needed_s == 60.0
    assert history.do(SetDwellTarget("desk", None)).targets == (dataclasses.replace(STAGE, needed_s=45.0),)
    write_venue(history.venue)
    assert read_venue(venue.folder).targets_of("stage").needed_s == 45.0
    for _ in range(3):
        history.undo()
    assert history.venue.targets == (STAGE,)


@pytest.mark.parametrize("needed_s", [0.0, -1.0, 1e6, float("nan")])
def test_a_needed_time_that_cannot_be_is_refused(venue: Venue, needed_s: float) -> None:
    with pytest.raises(GeometryError, match="needs"):
        SetDwellTarget("stage", needed_s).find_changes(venue)


def test_a_zone_that_is_gone_needs_no_time(venue: Venue) -> None:
    with pytest.raises(GeometryError, match="no zone"):
        SetDwellTarget("attic", 10.0).find_changes(venue)
