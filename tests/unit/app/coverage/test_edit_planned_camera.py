"""Planned cameras: edits that are checked, undone and kept in the venue's file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analytics.domain.errors import ExpoFlowError, GeometryError
from analytics.domain.identifiers import CameraId
from analytics.domain.planned_camera import LIMITS, PlannedCamera, check_planned_camera
from app.core.change_set import Part
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.coverage.edit_planned_camera import AddPlannedCamera, ChangePlannedCamera, RemovePlannedCamera
from app.plan.edit_geometry import SetObstacleHeight
from app.plan.plan_shapes import Shape
from tests.support.halls.walked_hall import make_hall
from tests.support.windows.edit_history import EditHistory

WEST = PlannedCamera(CameraId("west"), 2.0, 6.0, 4.5, 30.0, -15.0, 92.5, (1280, 720))


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    made = make_hall(tmp_path)
    made.folder.mkdir()
    write_venue(made)
    return made


def test_planned_cameras_and_heights_of_obstacles_come_back_from_the_file(venue: Venue) -> None:
    high = tuple(dataclasses.replace(o, height_m=2.5) for o in venue.plan.obstacles[:1])
    plan = dataclasses.replace(venue.plan, obstacles=(*high, *venue.plan.obstacles[1:]))
    written = dataclasses.replace(venue, plan=plan, planned_cameras=(WEST,))
    write_venue(written)
    assert read_venue(venue.folder) == written


def test_a_camera_is_renamed_and_removed(venue: Venue) -> None:
    history = EditHistory(venue)
    history.do(AddPlannedCamera(WEST))
    east = dataclasses.replace(WEST, name=CameraId("east"))
    assert history.do(ChangePlannedCamera("west", east)).planned_cameras == (east,)
    assert history.do(RemovePlannedCamera("east")).planned_cameras == ()


@pytest.mark.parametrize("name", ["north", "", " a", "x" * 101, "a\nb"])
def test_a_name_that_is_taken_or_none_is_refused(venue: Venue, name: str) -> None:
    with pytest.raises(GeometryError):
        AddPlannedCamera(dataclasses.replace(WEST, name=CameraId(name))).apply(venue)


@pytest.mark.parametrize("field", LIMITS)
def test_figures_out_of_their_limits_are_refused(field: str) -> None:
    least, most = LIMITS[field]
    for value in (least - 0.1, most + 0.1, float("nan")):
        with pytest.raises(GeometryError, match="Enter a number from"):
            check_planned_camera(dataclasses.replace(WEST, **{field: value}))
    for value in (least, most):
        assert check_planned_camera(dataclasses.replace(WEST, **{field: value}))


def test_a_file_with_a_camera_in_the_ground_names_the_field(venue: Venue) -> None:
    write_venue(dataclasses.replace(venue, planned_cameras=(WEST,)))
    file = venue.folder / "venue.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("height_m = 4.5", "height_m = -4.5"), "utf-8")
    with pytest.raises(ExpoFlowError, match="height of camera 'west'"):
        read_venue(venue.folder)


def test_a_place_that_is_no_number_and_a_picture_without_pixels_are_refused() -> None:
    with pytest.raises(GeometryError, match="is invalid"):
        check_planned_camera(dataclasses.replace(WEST, x_m=float("inf")))
    with pytest.raises(GeometryError, match="1920x0"):
        check_planned_camera(dataclasses.replace(WEST, frame_size_wh=(1920, 0)))


def test_the_height_of_an_obstacle_is_set_forgotten_and_checked(venue: Venue) -> None:
    stand = Shape(Part.OBSTACLES, "stand 1")
    history = EditHistory(venue)
    assert history.do(SetObstacleHeight(stand, 2.5)).plan.obstacles[0].height_m == 2.5
    assert history.do(SetObstacleHeight(stand, None)).plan.obstacles[0].height_m is None
    assert history.undo().plan.obstacles[0].height_m == 2.5
    for height_m in (0.0, -1.0, 31.0, float("nan")):
        with pytest.raises(GeometryError, match="height of obstacle 'stand 1'"):
            history.do(SetObstacleHeight(stand, height_m))
    with pytest.raises(GeometryError, match="has no height"):
        history.do(SetObstacleHeight(Shape(Part.ZONES, "Robotics"), 2.0))
