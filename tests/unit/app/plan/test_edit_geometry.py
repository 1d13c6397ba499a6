from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.errors import GeometryError
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import Obstacle
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from app.core.change_set import (
    ChangeSet,
    Part,
    apply_changes,
    compare_venues,
    invert_changes,
    summarise_changes,
)
from app.core.document import Venue
from app.plan.edit_geometry import (
    AddShape,
    InsertVertex,
    MoveShape,
    MoveVertex,
    RemoveShape,
    RemoveVertex,
    RenameShape,
    SetBand,
    SetColour,
    SetKind,
    SetLeaving,
    SetLineDirection,
    SetMinimumStay,
)
from app.plan.plan_shapes import HALL, GeometryEdit, Shape, find_plan_item, list_points
from app.plan.rectangles import Rectangle, SetRectangle
from tests.support.windows.edit_history import EditHistory
from tests.unit.app.core.venues import SECOND, make_full_venue

A1 = Shape(Part.ZONES, "A1 展台")
AISLE = Shape(Part.ZONES, "aisle")
DOOR = Shape(Part.LINES, "door")
PILLAR = Shape(Part.OBSTACLES, "pillar")
SQUARE = Polygon(((20.0, 10.0), (23.0, 10.0), (23.0, 13.0), (20.0, 13.0)))
VENUE = make_full_venue(Path("hall.expoflow"))


def edited(edit: GeometryEdit, venue: Venue = VENUE) -> Venue:
    """The venue after an edit, which is then undone to be sure that it can be."""
    after = edit.apply(venue)
    changes = compare_venues(venue, after)
    assert apply_changes(venue, changes) == after
    assert apply_changes(after, invert_changes(changes)) == venue
    return after


def test_a_zone_a_line_and_an_obstacle_are_added_last() -> None:
    zone = Zone(ZoneId(" B7 "), ZoneKind.BOOTH, SQUARE)
    line = CountingLine(LineId("exit"), ZoneKind.EXIT, Polyline(((1.0, 0.0), (3.0, 0.0))))
    assert edited(AddShape(zone)).geometry_versions[0].zones[-1].name == "B7"
    assert edited(AddShape(zone, SECOND.valid_from_utc_s)).geometry_versions[1].zones[-1].outline == SQUARE
    assert edited(AddShape(line)).geometry_versions[0].lines[-1] == line
    assert edited(AddShape(Obstacle("wall", SQUARE))).plan.obstacles[-1].name == "wall"


def test_what_is_removed_comes_back_in_its_place() -> None:
    assert [zone.name for zone in edited(RemoveShape(A1)).geometry_versions[0].zones] == ["aisle"]
    assert edited(RemoveShape(PILLAR)).plan.obstacles == ()


def test_figures_move() -> None:
    assert list_points(find_plan_item(edited(MoveShape(AISLE, (1.0, -0.5))), AISLE))[0] == (6.0, 0.5)
    assert edited(MoveShape(HALL, (1.0, 0.0))).plan.outline.points[0] == (1.0, 0.0)


def test_vertices_move_come_and_go() -> None:
    assert list_points(find_plan_item(edited(MoveVertex(AISLE, 2, (7.0, 9.0))), AISLE))[2] == (7.0, 9.0)
    inserted = edited(InsertVertex(AISLE, 3, (4.5, 5.0)))
    assert list_points(find_plan_item(inserted, AISLE))[4] == (4.5, 5.0)
    assert len(list_points(find_plan_item(edited(RemoveVertex(AISLE, 0)), AISLE))) == 3


def test_a_renamed_zone_has_its_name_in_every_version() -> None:
    renamed = edited(RenameShape(A1, "Acme"))
    assert [version.zones[0].name for version in renamed.geometry_versions] == ["Acme", "Acme"]
    assert edited(RenameShape(A1, " A1 展台 ")) == VENUE


def test_how_things_count_is_changed() -> None:
    assert edited(SetKind(AISLE, ZoneKind.QUEUE)).geometry_versions[0].zones[1].kind is ZoneKind.QUEUE
    assert edited(SetColour(DOOR, "#112233")).geometry_versions[0].lines[0].colour == "#112233"
    assert edited(SetMinimumStay(A1, 30.0)).geometry_versions[0].zones[0].minimum_stay_s == 30.0
    zone = edited(SetLeaving(A1, leave_distance_m=1.0)).geometry_versions[0].zones[0]
    assert (zone.leave_distance_m, zone.leave_time_s) == (1.0, 2.0)
    zone = edited(SetLeaving(A1, leave_time_s=5.0)).geometry_versions[0].zones[0]
    assert (zone.leave_distance_m, zone.leave_time_s) == (0.5, 5.0)
    assert edited(SetBand(DOOR, 1.5)).geometry_versions[0].lines[0].band_m == 1.5
    turned = edited(SetLineDirection(DOOR)).geometry_versions[0].lines[0]
    assert turned.path.points == ((0.0, 2.5), (0.0, 0.5))


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (AddShape(Zone(ZoneId("aisle"), ZoneKind.BOOTH, SQUARE)), "There is already a zone 'aisle'"),
        (AddShape(Zone(ZoneId(" "), ZoneKind.BOOTH, SQUARE)), "has no name"),
        (AddShape(Zone(ZoneId("a\nb"), ZoneKind.BOOTH, SQUARE)), "line break"),
        (AddShape(Zone(ZoneId("x" * 101), ZoneKind.BOOTH, SQUARE)), "101 characters"),
        (AddShape(Zone(ZoneId("B"), ZoneKind.BOOTH, SQUARE, 1e9)), "minimum stay of zone 'B' is 1e"),
        (AddShape(Zone(ZoneId("B"), ZoneKind.BOOTH, SQUARE, colour="red")), "colour of zone 'B' is 'red'"),
        (AddShape(Zone(ZoneId("B"), ZoneKind.BOOTH, SQUARE), 5.0), "No layout version"),
        (RemoveShape(Shape(Part.ZONES, "none")), "There is no zone 'none'"),
        (RemoveShape(HALL), "cannot be removed"),
        (MoveShape(A1, (20_000.0, 0.0)), "beyond the size"),
        (MoveShape(A1, (float("nan"), 0.0)), "not a number"),
        (MoveVertex(AISLE, 0, (9.0, 5.0)), "crosses itself"),
        (MoveVertex(AISLE, 4, (9.0, 5.0)), "no corner 5"),
        (RemoveVertex(A1, 0), "2 different points"),
        (RemoveVertex(DOOR, 0), "fewer than two"),
        (SetRectangle(A1, Rectangle((0, 0), 0.05, 0.05)), "encloses only"),
        (RenameShape(A1, "aisle"), "There is already a zone 'aisle'"),
        (RenameShape(HALL, "hall"), "cannot be renamed"),
        (SetKind(PILLAR, ZoneKind.BOOTH), "Nothing is counted"),
        (SetMinimumStay(DOOR, 3.0), "no visits"),
        (SetLeaving(DOOR, leave_time_s=3.0), "no visits"),
        (SetLeaving(A1, leave_distance_m=9.0), "leave distance of zone"),
        (SetBand(DOOR, -1.0), "The band of line 'door' is -1"),
        (SetLineDirection(A1), "is not a line"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(edit: GeometryEdit, said: str) -> None:
    history = EditHistory(VENUE)
    with pytest.raises(GeometryError, match=said) as refused:
        history.do(edit)
    assert refused.value.remedy.endswith(".")
    assert history.venue is VENUE
    assert history.undo_title is None


def test_undoing_leaves_what_others_changed() -> None:
    history = EditHistory(VENUE)
    history.do(MoveShape(A1, (1.0, 0.0)))
    history.venue = edited(SetKind(AISLE, ZoneKind.QUEUE), history.venue)
    history.undo()
    first = history.venue.geometry_versions[0]
    assert (first.zones[0], first.zones[1].kind) == (VENUE.geometry_versions[0].zones[0], ZoneKind.QUEUE)


def test_undoing_what_others_changed_too_is_refused() -> None:
    history = EditHistory(VENUE)
    history.do(MoveShape(A1, (1.0, 0.0)))
    changed = edited(SetKind(A1, ZoneKind.QUEUE), history.venue)
    history.venue = changed
    with pytest.raises(GeometryError, match="Someone else"):
        history.undo()
    assert history.venue is changed
    assert history.undo_title is not None


def test_the_menu_says_what_would_be_undone_and_done_again() -> None:
    history = EditHistory(VENUE)
    history.do(MoveShape(A1, (1.0, 0.0)))
    history.do(SetBand(DOOR, 1.0))
    assert str(history.undo_title) == "Change the band of line 'door'"
    history.undo()
    assert (str(history.undo_title), str(history.redo_title)) == (
        "Move zone 'A1 展台'",
        "Change the band of line 'door'",
    )
    history.redo()
    history.undo()
    history.do(SetBand(DOOR, 2.0))
    assert history.redo_title is None


def test_pages_are_told_what_to_read_again() -> None:
    assert summarise_changes(compare_venues(VENUE, SetBand(DOOR, 1.0).apply(VENUE))) == ChangeSet(zones=True)
    assert summarise_changes(compare_venues(VENUE, RemoveShape(PILLAR).apply(VENUE))) == ChangeSet(plan=True)
