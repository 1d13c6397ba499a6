"""Capacities and alarm rules: edited, undone, kept in the file, and following their zone."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analytics.domain.errors import ExpoFlowError, GeometryError, VenueError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, PlanPicture
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.domain.zone_targets import AlarmMeasure, AlarmRule, ZoneTargets
from app.core import file_format
from app.core.change_set import Part, compare_venues, summarise_changes
from app.core.document import Venue
from app.core.file_format import FILE_NAME, read_venue, write_venue
from app.plan.edit_geometry import AddShape, MoveShape, RedrawPast, RenameShape, StartVersion
from app.plan.edit_plan import CropPlan, RotatePlan, SetPicture, SetScale, SetStands, SetTargets
from app.plan.plan_shapes import GeometryEdit, Shape
from app.plan.saved_edits import TriedEdit, save_edit, save_redo, save_undo
from tests.support.halls.known_history import make_known_venue
from tests.support.windows.edit_history import EditHistory
from tests.unit.app.core.venues import SECOND, make_full_venue
from tests.unit.app.plan.test_edit_geometry import A1, VENUE, edited

SIZE_WH = (1500, 1000)
BARE = dataclasses.replace(VENUE, plan=dataclasses.replace(VENUE.plan, picture=None))


def test_two_points_and_a_length_give_the_scale() -> None:
    scaled = edited(SetScale((100, 100), (400, 500), 25.0))
    assert scaled.plan.picture == PlanPicture("plan.png", 0.05)
    assert scaled.plan.outline == VENUE.plan.outline


def test_what_was_measured_on_the_picture_grows_with_it() -> None:
    scaled = edited(SetScale((0, 0), (100, 0), 4.0, with_drawing=True))
    assert scaled.plan.picture == PlanPicture("plan.png", 0.04)
    assert scaled.plan.outline.points[2] == (60.0, 40.0)
    assert scaled.plan.obstacles[0].outline.points[0] == (14.0, 14.0)
    assert [v.zones[0].outline.points[0] for v in scaled.geometry_versions] == [(2.0, 2.0), (2.0, 2.0)]
    assert scaled.geometry_versions[0].lines[0].path.points[1] == (0.0, 5.0)
    assert scaled.cameras[0].camera.pairs[1].x_m == 18.0


def test_the_hall_becomes_as_large_as_the_plan() -> None:
    scaled = edited(SetScale((0, 0), (100, 0), 4.0, hall_px=SIZE_WH))
    assert scaled.plan.outline.to_shape().bounds == pytest.approx((0.0, 0.0, 60.0, 40.0))
    assert scaled.geometry_versions == VENUE.geometry_versions


def test_turning_and_cropping_leave_the_floor_as_it_is() -> None:
    about_m = (6.0, 4.0)
    assert VENUE.plan.picture is not None
    pixel = VENUE.plan.picture.to_pixel(about_m, size_wh=SIZE_WH)
    turned = edited(RotatePlan(30.0, about_m))
    cropped = edited(CropPlan((200.0, 100.0, 900.0, 900.0), SIZE_WH), turned)
    whole = edited(CropPlan(None, SIZE_WH), cropped)
    for venue in (turned, cropped, whole):
        assert venue.plan.picture is not None
        assert venue.plan.picture.to_floor(pixel, size_wh=SIZE_WH) == pytest.approx(about_m)
        assert (venue.plan.outline, venue.geometry_versions) == (VENUE.plan.outline, VENUE.geometry_versions)
    assert whole.plan.picture is not None
    assert whole.plan.picture.crop_px is None


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (SetScale((0, 0), (10, 10), 3.0), "14 pixels apart"),
        (SetScale((0, 0), (float("nan"), 10), 3.0), "nan pixels apart"),
        (SetScale((0, 0), (100, 10), -3.0), "is -3 m"),
        (SetScale((0, 0), (100, 10), 1e9), "m wide"),
        (RotatePlan(float("inf"), (0, 0)), "angle"),
        (CropPlan((1490.0, 0.0, 2000.0, 900.0), SIZE_WH), "Almost nothing"),
        (SetPicture(PlanPicture("plan.png", 0.0)), "0 m wide"),
    ],
)
def test_a_picture_that_would_be_of_no_use_is_refused(edit: GeometryEdit, said: str) -> None:
    with pytest.raises(GeometryError, match=said):
        edited(edit)


def test_without_a_picture_there_is_no_scale() -> None:
    with pytest.raises(GeometryError, match="no picture"):
        edited(SetScale((0, 0), (100, 0), 3.0), BARE)
    assert edited(SetPicture(PlanPicture("new.png", 0.1)), BARE).plan.picture is not None


def test_a_new_version_starts_with_what_held_until_then() -> None:
    assert SECOND.valid_from_utc_s is not None
    later, earlier = SECOND.valid_from_utc_s + 60, SECOND.valid_from_utc_s - 60
    assert edited(StartVersion(later, " third ")).geometry_versions[2].label == "third"
    assert edited(StartVersion(later)).geometry_versions[2].zones == SECOND.zones
    between = edited(StartVersion(earlier))
    assert [len(version.zones) for version in between.geometry_versions] == [2, 2, 1]
    with pytest.raises(GeometryError, match="already"):
        edited(StartVersion(SECOND.valid_from_utc_s))


def test_the_past_is_redrawn_on_request_alone() -> None:
    newest = Shape(Part.ZONES, A1.name, SECOND.valid_from_utc_s)
    moved = edited(MoveShape(newest, (1.0, 0.0)))
    first, second = moved.geometry_versions
    assert first == VENUE.geometry_versions[0]
    redrawn = edited(RedrawPast(newest), moved)
    assert redrawn.geometry_versions[0].zones[0] == second.zones[0]
    assert redrawn.geometry_versions[1] == second


def test_every_edit_is_on_disk_and_is_undone_there(tmp_path: Path) -> None:
    folder = tmp_path / "hall.expoflow"
    folder.mkdir()
    write_venue(make_full_venue(folder))
    before = (folder / FILE_NAME).read_bytes()
    saved = save_edit(folder, MoveShape(A1, (1.0, 0.0)))
    assert saved.changes.zones
    after = (folder / FILE_NAME).read_bytes()
    assert read_venue(folder) == saved.venue
    save_undo(folder, saved.step)
    assert (folder / FILE_NAME).read_bytes() == before
    save_redo(folder, saved.step)
    assert (folder / FILE_NAME).read_bytes() == after
    with pytest.raises(ExpoFlowError, match="beyond the size"):
        save_edit(folder, MoveShape(A1, (1e6, 0.0)))
    assert (folder / FILE_NAME).read_bytes() == after


def test_the_floor_of_a_history_does_not_grow(tmp_path: Path) -> None:
    venue = make_known_venue(tmp_path)
    save_edit(venue.folder, SetPicture(PlanPicture("plan.png", 0.1)))
    with pytest.raises(VenueError, match="current scale"):
        save_edit(venue.folder, SetScale((0, 0), (100, 0), 3.0, with_drawing=True))
    assert save_edit(venue.folder, SetScale((0, 0), (100, 0), 3.0)).venue.plan.outline == venue.plan.outline


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
    changes = summarise_changes(compare_venues(venue, SetTargets(STAGE).apply(venue)))
    assert changes.targets
    assert (changes.zones, changes.plan, changes.settings) == (False, False, False)
    assert bool(changes)
    assert SetTargets(ZoneTargets(ZoneId("stage"))).apply(venue) == venue


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
    renamed = history.do(RenameShape(Shape(Part.ZONES, "stage"), "podium"))
    assert renamed.targets_of("podium").rules == (PEOPLE,)
    assert renamed.targets_of("stage").capacity is None
    assert history.undo().targets == (STAGE, DESK)


def test_a_renamed_zone_takes_the_place_of_one_that_is_gone(venue: Venue) -> None:
    gone = ZoneTargets(ZoneId("podium"), 3)
    history = EditHistory(dataclasses.replace(venue, targets=(gone, STAGE)))
    history.do(RenameShape(Shape(Part.ZONES, "stage"), "podium"))
    assert history.venue.targets == (dataclasses.replace(STAGE, zone=ZoneId("podium")),)
    assert history.undo().targets == (gone, STAGE)


def rule(measure: AlarmMeasure = AlarmMeasure.PEOPLE, **items: float) -> AlarmRule:
    return dataclasses.replace(AlarmRule(measure, above=20, below=10), **items)


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (ZoneTargets(ZoneId("stage"), 0), "capacity 0 is not between"),
        (ZoneTargets(ZoneId("stage"), None, (rule(above=0.0),)), "level 0 for"),
        (ZoneTargets(ZoneId("stage"), None, (rule(above=float("nan")),)), "level nan for"),
        (ZoneTargets(ZoneId("stage"), None, (rule(AlarmMeasure.DENSITY, above=11.0),)), "level 11 for"),
        (ZoneTargets(ZoneId("stage"), None, (rule(below=21.0),)), "clearing level 21"),
        (ZoneTargets(ZoneId("stage"), None, (rule(below=-1.0),)), "clearing level -1"),
        (ZoneTargets(ZoneId("stage"), None, (rule(raise_after_s=-1.0),)), "delays for"),
        (ZoneTargets(ZoneId("stage"), None, (rule(), rule())), "same measure"),
        (ZoneTargets(ZoneId("stage"), None, (rule(AlarmMeasure.CAMERA_DOWN),)), "not available here"),
        (ZoneTargets(ZoneId(""), None, (rule(AlarmMeasure.QUEUE),)), "not available here"),
        (ZoneTargets(ZoneId("stage"), None, (QUEUE,)), "is not a queue"),
        (ZoneTargets(ZoneId("nowhere"), 5), "'nowhere' no longer exists"),
    ],
)
def test_targets_that_cannot_be_are_refused(venue: Venue, targets: ZoneTargets, words: str) -> None:
    with pytest.raises(GeometryError, match=words):
        SetTargets(targets).apply(venue)


@pytest.mark.parametrize("needed_s", [0.0, -1.0, 1e6, float("nan")])
def test_a_needed_time_that_cannot_be_is_refused(venue: Venue, needed_s: float) -> None:
    with pytest.raises(GeometryError, match="time needed"):
        SetStands((dataclasses.replace(STAGE, needed_s=needed_s),)).apply(venue)


def test_a_zone_that_is_drawn_parses_the_file_twice_and_is_applied_once(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_venue(venue)
    # a change by hand, which nothing in this process has read yet
    file = venue.folder / FILE_NAME
    file.write_text(file.read_text(encoding="utf-8") + "\n# by hand\n", encoding="utf-8")
    parsed, applied = [], []
    parse, apply = file_format._parse_toml, AddShape.apply
    monkeypatch.setattr(
        file_format, "_parse_toml", lambda *args, **kwargs: parsed.append(1) or parse(*args, **kwargs)
    )
    monkeypatch.setattr(AddShape, "apply", lambda edit, before: applied.append(1) or apply(edit, before))
    zone = Zone(ZoneId("new"), ZoneKind.BOOTH, Polygon(((1.0, 1.0), (3.0, 1.0), (3.0, 3.0))))
    edit = AddShape(zone, venue.geometry_at(None).valid_from_utc_s)
    tried = TriedEdit(edit, venue, edit.apply(venue))
    saved = save_edit(venue.folder, edit, tried=tried)
    assert saved.venue.geometry_at(None).zones[-1] == zone
    assert read_venue(venue.folder) == saved.venue
    assert (len(parsed), len(applied)) == (2, 1)
