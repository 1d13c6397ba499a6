"""Drafts of layouts: written, undone, edited as plans are, and kept as a layout version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.errors import ExpoFlowError, Phrase, VenueError
from analytics.domain.floor_plan import FloorGeometry, Obstacle
from analytics.domain.zone import ZoneKind
from analytics.forecast.layout import LayoutDoor, layout_from_plan
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.forecast.drafts import (
    FILE_NAME,
    DraftStep,
    KeepDraft,
    LayoutDraft,
    MoveStand,
    RemoveDrawn,
    SwapStands,
    change_drafts,
    draft_venue,
    make_draft,
    read_drafts,
    with_layout_of,
)
from app.plan.edit_geometry import RemoveShape
from app.plan.plan_shapes import GeometryEdit, Part, Shape, apply_changes
from app.plan.saved_edits import save_edit, save_undo
from tests.support.halls.builder import box, line, zone
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall

ROBOTICS, CAFE = Shape(Part.ZONES, "Robotics"), Shape(Part.ZONES, "Café")


@pytest.fixture
def hall(tmp_path: Path) -> Venue:
    venue = make_hall(tmp_path)
    inside = Obstacle("counter", box(3.0, 2.0, 5.0, 3.0))
    venue = replace(venue, plan=replace(venue.plan, obstacles=(*venue.plan.obstacles, inside)))
    venue.folder.mkdir()
    write_venue(venue)
    return venue


def start(venue: Venue, name: str = "Draft") -> LayoutDraft:
    return make_draft(venue, venue.geometry_at(None), name=name, used=())


def edit(venue: Venue, draft: LayoutDraft, change: GeometryEdit) -> LayoutDraft:
    drawn = draft_venue(venue, draft)
    return with_layout_of(draft, apply_changes(drawn, change.find_changes(drawn)))


def step(*changes: tuple[LayoutDraft | None, LayoutDraft | None], gesture: object = None) -> DraftStep:
    return DraftStep(Phrase("Edit"), changes, gesture)


def test_drafts_are_read_as_they_were_written(hall: Venue) -> None:
    assert read_drafts(hall.folder) == ()
    wide = replace(start(hall, "Wide aisle"), arrivals_scale=1.2, kept_from_utc_s=NOW_UTC_S)
    early = edit(hall, start(hall, "early"), MoveStand(ROBOTICS, (0.5, -0.25)))
    change_drafts(hall.folder, step((None, wide), (None, early)))
    assert read_drafts(hall.folder) == (early, wide)
    assert read_venue(hall.folder) == hall


def test_a_step_is_undone_and_refused_where_somebody_else_was_faster(hall: Venue) -> None:
    first = start(hall)
    change_drafts(hall.folder, step((None, first)))
    gone = step((first, None))
    assert change_drafts(hall.folder, gone) == ()
    assert change_drafts(hall.folder, gone.invert()) == (first,)
    other = replace(first, arrivals_scale=2.0)
    change_drafts(hall.folder, step((first, other)))
    content = (hall.folder / FILE_NAME).read_bytes()
    with pytest.raises(VenueError, match="Someone else has changed the draft 'Draft'"):
        change_drafts(hall.folder, gone)
    with pytest.raises(ExpoFlowError, match="already"):
        change_drafts(hall.folder, step((None, first)))
    assert (hall.folder / FILE_NAME).read_bytes() == content


def test_the_steps_of_one_gesture_become_one(hall: Venue) -> None:
    first = start(hall)
    second, third = (replace(first, arrivals_scale=scale) for scale in (1.1, 1.2))
    merged = step((first, second), gesture="key").merge(step((second, third), gesture="key"))
    assert merged is not None
    assert merged.changes == ((first, third),)
    assert step((first, second), gesture="key").merge(step((second, third))) is None


def test_an_unreadable_file_is_reported_with_a_remedy(hall: Venue) -> None:
    (hall.folder / FILE_NAME).write_text('format = 1\n[[drafts]]\nname = "A"\nsomething = 1\n')
    with pytest.raises(VenueError) as caught:
        read_drafts(hall.folder)
    assert FILE_NAME in caught.value.problem
    assert caught.value.remedy


def test_what_stands_inside_a_stand_moves_with_it(hall: Venue) -> None:
    moved = edit(hall, start(hall), MoveStand(ROBOTICS, (2.0, 0.0)))
    corners = {one.name: one.outline.points[0] for one in moved.obstacles}
    before = {one.name: one.outline.points[0] for one in hall.plan.obstacles}
    for inside in ("counter", "stand 1"):
        assert corners[inside] == (before[inside][0] + 2.0, before[inside][1])
    for elsewhere in ("stand 2", "bar"):
        assert corners[elsewhere] == before[elsewhere]


def test_an_entrances_line_and_zone_are_one_door(tmp_path: Path) -> None:
    way_in, north = line("Way in", (3.0, 0.0), (3.0, 4.0)), line("North", (9.0, 9.0), (9.0, 12.0))
    floor = FloorGeometry((zone("Doors", box(0.0, 0.0, 2.0, 4.0), ZoneKind.ENTRANCE),), (way_in, north))
    venue = replace(make_hall(tmp_path), geometry_versions=(floor,))
    doors = layout_from_plan(venue.plan, floor).entrances
    assert doors == (LayoutDoor("Way in", (1.0, 2.0), "Doors"), LayoutDoor("North", (9.0, 10.5)))
    draft = start(venue).with_entrance_share("Way in", 0.7, ["Way in", "North"])
    for shape in (Shape(Part.ZONES, "Doors"), Shape(Part.LINES, "Way in")):
        moved = edit(venue, draft, MoveStand(shape, (0.0, 5.0)))
        assert moved.zones[0].outline.points[0] == (0.0, 5.0)
        assert moved.lines[0].path.points[0] == (3.0, 5.0)
        assert moved.lines[1] == floor.lines[1]
        assert moved.entrance_shares == draft.entrance_shares
        closed = edit(venue, draft, RemoveDrawn(shape))
        assert (closed.zones, closed.lines, closed.entrance_shares) == ((), floor.lines[1:], ())


def test_one_entrance_always_has_the_rest_of_the_arrivals(hall: Venue) -> None:
    doors = ["West", "East", "North"]
    draft = start(hall).with_entrance_share("West", 0.5, doors).with_entrance_share("East", 0.2, doors)
    assert draft.share_by_entrance == {"West": 0.5, "East": 0.2}
    assert draft.with_entrance_share("West", 0.4, doors).share_by_entrance == {"East": 0.2, "West": 0.4}
    # the one given first is what the others leave
    assert draft.with_entrance_share("North", 0.6, doors).share_by_entrance == {"East": 0.2, "North": 0.6}
    change_drafts(hall.folder, step((None, draft)))
    assert read_drafts(hall.folder) == (draft,)


def test_swapped_stands_take_each_others_floor(hall: Venue) -> None:
    zones = {str(zone.name): zone for zone in hall.geometry_at(None).zones}
    swapped = edit(hall, start(hall), SwapStands(ROBOTICS, CAFE))
    after = {str(zone.name): zone for zone in swapped.zones}
    assert after["Robotics"].outline == zones["Café"].outline
    assert after["Café"].outline == zones["Robotics"].outline
    assert after["VR corner"] == zones["VR corner"]


def test_a_kept_draft_becomes_a_layout_version_that_can_be_undone(hall: Venue) -> None:
    draft = edit(hall, start(hall), MoveStand(ROBOTICS, (2.0, 0.0)))
    draft = edit(hall, draft, RemoveShape(Shape(Part.OBSTACLES, "bar")))
    saved = save_edit(hall.folder, KeepDraft(draft, NOW_UTC_S + 86_400.0))
    kept = read_venue(hall.folder)
    assert kept.geometry_at(NOW_UTC_S).zones == hall.geometry_at(None).zones
    later = kept.geometry_at(NOW_UTC_S + 90_000.0)
    assert (later.zones, later.lines, later.label) == (draft.zones, draft.lines, "Draft")
    assert set(kept.plan.obstacles) == set(draft.obstacles)
    save_undo(hall.folder, saved.step)
    undone = read_venue(hall.folder)
    assert undone.geometry_versions == hall.geometry_versions
    assert set(undone.plan.obstacles) == set(hall.plan.obstacles)
