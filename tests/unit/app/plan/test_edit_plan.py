from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analytics.domain.errors import ExpoFlowError, GeometryError, VenueError
from analytics.domain.floor_plan import PlanPicture
from app.core.file_format import FILE_NAME, read_venue, write_venue
from app.plan.edit_geometry import (
    MoveFigure,
    RedrawPast,
    StartVersion,
)
from app.plan.edit_plan import CropPlan, RotatePlan, SetPicture, SetScale
from app.plan.plan_shapes import GeometryEdit, Part, Shape
from app.plan.saved_edits import save_edit, save_redo, save_undo
from tests.support.halls.known_history import make_known_venue
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
        (CropPlan((1490.0, 0.0, 2000.0, 900.0), SIZE_WH), "Nothing worth seeing"),
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
    moved = edited(MoveFigure(newest, (1.0, 0.0)))
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
    saved = save_edit(folder, MoveFigure(A1, (1.0, 0.0)))
    assert saved.changes.zones
    after = (folder / FILE_NAME).read_bytes()
    assert read_venue(folder) == saved.venue
    save_undo(folder, saved.step)
    assert (folder / FILE_NAME).read_bytes() == before
    save_redo(folder, saved.step)
    assert (folder / FILE_NAME).read_bytes() == after
    with pytest.raises(ExpoFlowError, match="farther off"):
        save_edit(folder, MoveFigure(A1, (1e6, 0.0)))
    assert (folder / FILE_NAME).read_bytes() == after


def test_the_floor_of_a_history_does_not_grow(tmp_path: Path) -> None:
    venue = make_known_venue(tmp_path)
    save_edit(venue.folder, SetPicture(PlanPicture("plan.png", 0.1)))
    with pytest.raises(VenueError, match="present metres"):
        save_edit(venue.folder, SetScale((0, 0), (100, 0), 3.0, with_drawing=True))
    assert save_edit(venue.folder, SetScale((0, 0), (100, 0), 3.0)).venue.plan.outline == venue.plan.outline
