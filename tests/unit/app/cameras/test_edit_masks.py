"""Masks are edited like zones: checked, and taken back to the byte."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.camera import Camera
from analytics.domain.errors import CalibrationError, GeometryError, VenueError
from analytics.domain.identifiers import CameraId
from app.cameras.detection import SetDetection
from app.cameras.edit_masks import AddMask, MaskPart, RemoveCamera, RemoveMask, SetMaskCorners, list_polygons
from app.cameras.mask_kind import MaskKind
from app.core.document import Venue, VenueCamera
from app.core.file_format import read_venue, write_venue
from app.plan.saved_edits import save_edit, save_undo
from tests.support.windows.edit_history import EditHistory
from tests.unit.app.core.venues import make_full_venue

NORTH = CameraId("north")
CORNERS = ((100.0, 100.0), (300.0, 100.0), (300.0, 260.04))


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    folder = tmp_path / "hall.expoflow"
    folder.mkdir()
    made = make_full_venue(folder)
    write_venue(made)
    return made


@pytest.mark.parametrize("kind", list(MaskKind))
def test_a_mask_is_added_changed_removed_and_each_step_is_undone(venue: Venue, kind: MaskKind) -> None:
    before = (venue.folder / "venue.toml").read_bytes()
    added = save_edit(venue.folder, AddMask(NORTH, kind, CORNERS, (1920, 1080)))
    assert added.changes.cameras
    polygons = list_polygons(read_venue(venue.folder).camera(NORTH).camera, kind)
    assert len(polygons) == 2
    assert polygons[1] == ((100.0, 100.0), (300.0, 100.0), (300.0, 260.0))
    other = MaskKind.IGNORE if kind is MaskKind.PRIVACY else MaskKind.PRIVACY
    assert len(list_polygons(added.venue.camera(NORTH).camera, other)) == 1
    part = MaskPart(NORTH, kind, 1)
    corner = ((0.0, 0.0), (9.0, 0.0), (0.0, 9.0))
    moved = save_edit(venue.folder, SetMaskCorners(part, corner))
    removed = save_edit(venue.folder, RemoveMask(MaskPart(NORTH, kind, 0)))
    assert list_polygons(removed.venue.camera(NORTH).camera, kind) == (
        (((0.0, 0.0), (9.0, 0.0), (0.0, 9.0))),
    )
    for saved in (removed, moved, added):
        save_undo(venue.folder, saved.step)
    assert (venue.folder / "venue.toml").read_bytes() == before


def test_a_mask_drawn_in_a_picture_of_another_size_lies_where_it_was_drawn(venue: Venue) -> None:
    edit = AddMask(NORTH, MaskKind.PRIVACY, ((10.0, 10.0), (60.0, 10.0), (10.0, 60.0)), (640, 360))
    camera = EditHistory(venue).do(edit).camera(NORTH).camera
    assert camera.privacy_mask[-1] == ((30.0, 30.0), (180.0, 30.0), (30.0, 180.0))
    with pytest.raises(CalibrationError, match="different aspect ratio"):
        EditHistory(venue).do(replace(edit, frame_wh=(640, 480)))


def test_a_camera_of_unknown_size_takes_that_of_the_picture_that_its_mask_is_drawn_in(venue: Venue) -> None:
    bare = venue.with_camera(VenueCamera(Camera(CameraId("new"))))
    edit = AddMask(CameraId("new"), MaskKind.PRIVACY, CORNERS, (1280, 720))
    camera = EditHistory(bare).do(edit).camera("new").camera
    assert camera.frame_size_wh == (1280, 720)
    assert camera.privacy_mask[0][:2] == CORNERS[:2]


def test_what_cannot_be_drawn_is_refused_in_words(venue: Venue) -> None:
    history = EditHistory(venue)
    bow = ((0.0, 0.0), (90.0, 90.0), (90.0, 0.0), (0.0, 90.0))
    with pytest.raises(GeometryError, match="The privacy mask crosses itself"):
        history.do(AddMask(NORTH, MaskKind.PRIVACY, bow, (1920, 1080)))
    with pytest.raises(GeometryError, match="That ignore mask no longer exists"):
        history.do(RemoveMask(MaskPart(NORTH, MaskKind.IGNORE, 7)))
    assert history.venue == venue
    assert str(AddMask(NORTH, MaskKind.PRIVACY, CORNERS, (1, 1)).words) == "Add a privacy mask"


def test_a_camera_does_not_come_back_beside_another_of_its_name(venue: Venue) -> None:
    name = venue.camera_names[0]
    removed = save_edit(venue.folder, RemoveCamera(name))
    other = save_edit(venue.folder, RemoveCamera(venue.camera_names[-1])).venue
    write_venue(other.with_camera(venue.camera(name)))
    present = (venue.folder / "venue.toml").read_bytes()
    with pytest.raises(VenueError, match="have the name"):
        save_undo(venue.folder, removed.step)
    assert (venue.folder / "venue.toml").read_bytes() == present


def test_a_camera_that_is_not_there_is_not_removed(venue: Venue) -> None:
    with pytest.raises(VenueError, match="no camera"):
        save_edit(venue.folder, RemoveCamera(CameraId("cellar")))


def test_the_detection_of_a_camera_is_set_and_undone(venue: Venue) -> None:
    before = (venue.folder / "venue.toml").read_bytes()
    save_edit(venue.folder, SetDetection(NORTH, "", 0.3, 2.5))
    camera = read_venue(venue.folder).camera(NORTH).camera
    assert (camera.new_track_score, camera.analysed_fps, camera.model_name) == (0.3, 2.5, "")
    saved = save_edit(venue.folder, SetDetection(NORTH, "yolo26s", 0.3))
    assert read_venue(venue.folder).camera(NORTH).camera.model_name == "yolo26s"
    assert read_venue(venue.folder).camera(NORTH).camera.analysed_fps == 2.5
    save_undo(venue.folder, saved.step)
    save_edit(venue.folder, SetDetection(NORTH, "", 0.45, venue.camera(NORTH).camera.analysed_fps))
    assert (venue.folder / "venue.toml").read_bytes() == before
    with pytest.raises(VenueError, match="score of a new track is 2"):
        save_edit(venue.folder, SetDetection(NORTH, "", 2.0))
