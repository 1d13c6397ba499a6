"""Whatever is done to a plan can be undone to the very same file, and done again to the very same file."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.camera import Camera
from analytics.domain.errors import ExpoFlowError
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import Obstacle, PlanPicture
from analytics.domain.identifiers import CameraId, LineId, ZoneId
from analytics.domain.planned_camera import PlannedCamera
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.domain.zone_targets import ZoneTargets
from app.cameras.edit_masks import AddMask, MaskPart, RemoveMask, SetMaskCorners, list_polygons
from app.cameras.mask_kind import MaskKind
from app.core.change_set import Part, compare_venues
from app.core.document import Venue, VenueCamera
from app.core.file_format import FILE_NAME, HEADER, read_venue, write_venue
from app.core.file_schema import make_document
from app.core.toml_file import format_toml
from app.coverage.edit_planned_camera import AddPlannedCamera, ChangePlannedCamera, RemovePlannedCamera
from app.plan.copied_shapes import CopyZones, PasteNames
from app.plan.edit_geometry import (
    AddShape,
    InsertVertex,
    MoveShape,
    MoveVertex,
    RedrawPast,
    RemoveShape,
    RemoveVertex,
    RenameShape,
    SetBand,
    SetColour,
    SetKind,
    SetLeaving,
    SetLineDirection,
    SetMinimumStay,
    SetObstacleHeight,
    StartVersion,
)
from app.plan.edit_plan import CropPlan, RotatePlan, SetPicture, SetScale, SetTargets
from app.plan.plan_shapes import HALL, GeometryEdit, Shape, find_plan_item, list_points
from app.plan.rectangles import Rectangle, SetRectangle
from app.plan.stand_grid import MakeStandGrid, Numbering, RowOrder, StandGrid
from tests.support.windows.edit_history import EditHistory
from tests.unit.app.core.venues import make_full_venue

EDITS = 200
SIZE_WH = (1500, 1000)


class Hand:
    """Does at random what a person could do."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._number = 0

    def choose_edit(self, venue: Venue) -> GeometryEdit:
        """An edit, which may be one that is refused."""
        shapes = self._list_shapes(venue)
        shape = self._random.choice(shapes)
        version_utc_s = self._random.choice(venue.geometry_versions).valid_from_utc_s
        point = self._point()
        vertex = self._random.randrange(5)
        number = self._random.uniform(-3, 6)
        makers: list[Callable[[], GeometryEdit]] = [
            lambda: SetObstacleHeight(shape, self._random.choice([None, number])),
            lambda: AddShape(Zone(ZoneId(self._name()), self._kind(), self._square()), version_utc_s),
            lambda: AddShape(
                CountingLine(LineId(self._name()), self._kind(), Polyline((point, self._point()))),
                version_utc_s,
            ),
            lambda: AddShape(Obstacle(self._name(), self._square())),
            lambda: RemoveShape(shape),
            lambda: MoveShape(shape, point),
            lambda: SetRectangle(shape, Rectangle(point, 1 + number, 2.0, 10 * number)),
            lambda: MoveVertex(shape, vertex, point),
            lambda: InsertVertex(shape, vertex, point),
            lambda: RemoveVertex(shape, vertex),
            lambda: RenameShape(shape, self._name()),
            lambda: SetKind(shape, self._kind()),
            lambda: SetColour(shape, self._random.choice([None, "#2563eb", "#ff0000"])),
            lambda: SetMinimumStay(shape, number),
            lambda: SetLeaving(shape, leave_distance_m=number),
            lambda: SetLeaving(shape, leave_time_s=number),
            lambda: SetBand(shape, number),
            lambda: SetLineDirection(shape),
            lambda: SetPicture(self._random.choice([None, PlanPicture("plan.png", 0.02)])),
            lambda: SetScale((10.0, 10.0), (10.0 + 50 * number, 20.0), 8.0, self._random.random() < 0.3),
            lambda: RotatePlan(number, point),
            lambda: CropPlan(self._random.choice([None, (10.0, 20.0, 400.0 + 100 * number, 500.0)]), SIZE_WH),
            lambda: StartVersion(1.7e9 + 1000 * self._random.randrange(20), "after the move"),
            lambda: RedrawPast(shape),
            lambda: MakeStandGrid(
                StandGrid(
                    point,
                    1,
                    2,
                    rotation_deg=number,
                    numbering=self._random.choice(list(Numbering)),
                    order=self._random.choice(list(RowOrder)),
                    prefix=self._name(),
                ),
                version_utc_s,
                with_obstacles=self._random.random() < 0.5,
            ),
            lambda: PasteNames(tuple(dict.fromkeys([shape, *self._random.choices(shapes, k=2)])), "A\tB\nC"),
            lambda: self._swap_names(shape, self._random.choice(shapes)),
            lambda: CopyZones(
                tuple(venue.geometry_at(None).zones[:2] + venue.geometry_at(None).lines[:1]),
                point,
                version_utc_s,
            ),
        ]
        return self._random.choice(self._list_other_makers(venue) if self.chance(0.4) else makers)()

    def _list_other_makers(self, venue: Venue) -> list[Callable[[], GeometryEdit]]:
        """Of masks in pictures, of cameras that are planned, and of how full zones and the hall may be."""
        choose = self._random.choice
        camera = choose(venue.cameras).camera
        kind = choose(list(MaskKind))
        part = MaskPart(camera.name, kind, self._random.randrange(1 + len(list_polygons(camera, kind))))
        zone = choose([*venue.geometry_at(None).zones, Zone(ZoneId(""), ZoneKind.OTHER, self._square())])
        planned = choose([*venue.planned_cameras, PlannedCamera(CameraId("gone"), 0.0, 0.0)])
        x_m, y_m = self._point()
        changed = replace(planned, x_m=x_m, height_m=self._random.uniform(-1, 9))
        return [
            lambda: SetTargets(ZoneTargets(zone.name, choose([None, 5, 40]))),
            lambda: AddMask(camera.name, kind, self._corners(), (960, 540)),
            lambda: SetMaskCorners(part, self._corners()),
            lambda: RemoveMask(part),
            lambda: AddPlannedCamera(PlannedCamera(CameraId(self._name()), x_m, y_m, heading_deg=33.5)),
            lambda: ChangePlannedCamera(str(planned.name), changed),
            lambda: ChangePlannedCamera(str(planned.name), replace(changed, name=CameraId(self._name()))),
            lambda: RemovePlannedCamera(str(planned.name)),
        ]

    def drags(self, venue: Venue) -> list[GeometryEdit]:
        """A gesture: several moves of one figure."""
        shape = self._random.choice(self._list_shapes(venue))
        return [MoveShape(shape, (self._random.uniform(-1, 1), 0.5)) for _ in range(4)]

    def chance(self, share: float) -> bool:
        """True so often."""
        return self._random.random() < share

    @staticmethod
    def _list_shapes(venue: Venue) -> list[Shape]:
        shapes = [HALL] + [Shape(Part.OBSTACLES, o.name) for o in venue.plan.obstacles]
        for version in venue.geometry_versions:
            start = version.valid_from_utc_s
            shapes += [Shape(Part.ZONES, zone.name, start) for zone in version.zones]
            shapes += [Shape(Part.LINES, line.name, start) for line in version.lines]
        return shapes

    @staticmethod
    def _swap_names(one: Shape, other: Shape) -> GeometryEdit:
        return PasteNames(
            tuple(dict.fromkeys([one, other])), f"{one.name}\t{other.name}\n{other.name}\t{one.name}"
        )

    def _point(self) -> tuple[float, float]:
        return self._random.uniform(-5, 35), round(self._random.uniform(-5, 25), 1)

    def _square(self) -> Polygon:
        (x, y), side = self._point(), self._random.uniform(0.5, 4)
        return Polygon(((x, y), (x + side, y), (x + side, y + side), (x, y + side)))

    def _corners(self) -> tuple[tuple[float, float], ...]:
        """In a picture, or a little beyond it; one in four crosses itself."""
        (u, v), side = (self._random.uniform(-50, 900), self._random.uniform(-50, 500)), 77.7
        corners = ((u, v), (u + side, v), (u + side, v + side), (u, v + side))
        return corners if self.chance(0.75) else (corners[0], corners[2], corners[1], corners[3])

    def _kind(self) -> ZoneKind:
        return self._random.choice(list(ZoneKind))

    def _name(self) -> str:
        self._number += 1
        return self._random.choice(["A1 展台", "aisle", f"new {self._number}"])


def describe(venue: Venue) -> str:
    """What would be written, without the reading back that a real file is checked by."""
    return HEADER + format_toml(make_document(venue))


@pytest.mark.parametrize("seed", [0, pytest.param(3, marks=pytest.mark.slow)])
def test_two_hundred_edits_are_undone_and_done_again_to_the_very_same_file(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "hall.expoflow"
    folder.mkdir()
    write_venue(make_full_venue(folder))
    history = EditHistory(read_venue(folder))
    hand, files = Hand(seed), [describe(history.venue)]
    done: dict[str, int] = {}
    refused = 0
    while sum(done.values()) < EDITS:
        before = history.venue
        gesture = hand.drags(before) if hand.chance(0.1) else [hand.choose_edit(before)]
        try:
            for edit in gesture:
                history.do(edit, gesture=("drag", len(files)) if len(gesture) > 1 else None)
        except ExpoFlowError:
            refused += 1
            assert history.venue is before or len(gesture) > 1
        if history.venue != before:
            files.append(describe(history.venue))
            name = type(gesture[0]).__name__
            done[name] = done.get(name, 0) + 1
            if sum(done.values()) < EDITS and hand.chance(0.1):
                history.undo()
                files.pop()
                assert describe(history.venue) == files[-1]
    assert refused > 10
    assert len(done) > 16
    assert {"AddMask", "SetMaskCorners", "RemoveMask"} <= set(done)
    assert {"AddPlannedCamera", "ChangePlannedCamera", "RemovePlannedCamera", "SetTargets"} <= set(done)
    for expected in reversed(files[:-1]):
        history.undo()
        assert describe(history.venue) == expected
    assert history.undo_title is None
    for expected in files[1:]:
        history.redo()
        assert describe(history.venue) == expected
    assert history.redo_title is None
    write_venue(history.venue)
    assert (folder / FILE_NAME).read_text(encoding="utf-8") == files[-1]
    assert read_venue(folder) == history.venue


def test_a_drag_is_one_step_and_a_drag_back_is_none(tmp_path: Path) -> None:
    venue = make_full_venue(tmp_path / "hall.expoflow")
    shape = Shape(Part.ZONES, "aisle")
    history = EditHistory(venue)
    for _ in range(3):
        history.do(MoveShape(shape, (0.5, 0.0)), gesture="drag 1")
    assert list_points(find_plan_item(history.venue, shape))[0] == (6.5, 1.0)
    history.undo()
    assert history.venue == venue
    assert history.undo_title is None
    history.do(MoveShape(shape, (0.5, 0.0)), gesture="drag 2")
    history.do(MoveShape(shape, (-0.5, 0.0)), gesture="drag 2")
    assert history.undo_title is None


def test_cameras_that_come_are_calibrated_and_go_meanwhile_stay_so_when_everything_is_undone(
    tmp_path: Path,
) -> None:
    first = make_full_venue(tmp_path / "hall.expoflow")
    history, hand = EditHistory(first), Hand(7)
    pairs = first.cameras[0].camera.pairs
    done = 0
    while done < EDITS:
        venue = history.venue
        try:
            edit = hand.choose_edit(venue)
            # who edits the cameras themselves is refused by what others did to them, which has its own test
            if any(change.part is Part.CAMERAS for change in compare_venues(venue, edit.apply(venue))):
                continue
            history.do(edit)
        except ExpoFlowError:
            continue
        done += history.venue != venue
        if done == EDITS // 4:
            added = VenueCamera(Camera(CameraId("added meanwhile"), (1920, 1080)), None)
            history.venue = history.venue.with_camera(added)
        elif done == EDITS // 2:
            calibrated = history.venue.camera("added meanwhile")
            calibrated = replace(calibrated, camera=replace(calibrated.camera, pairs=pairs))
            history.venue = history.venue.with_camera(calibrated)
        elif done == 3 * EDITS // 4:
            history.venue = replace(history.venue, cameras=history.venue.cameras[1:])
    last = describe(history.venue)
    while history.undo_title is not None:
        history.undo()
    assert calibrated in history.venue.cameras
    assert describe(history.venue) == describe(replace(first, cameras=(*first.cameras[1:], calibrated)))
    while history.redo_title is not None:
        history.redo()
    assert describe(history.venue) == last
