from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Polygon
from analytics.domain.lens import Lens
from app.plan.floor_scene import compute_visible_floor, describe_floor
from tests.support.halls.walked_hall import SEEN_UNTIL_X_M, make_hall
from tools.simulation.pinhole_camera import PinholeCamera

HALL = Polygon.from_points([(0, 0), (20, 0), (20, 12), (0, 12)], what="hall")


def test_everything_of_a_venue_is_on_its_floor(tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    scene = describe_floor(venue, venue.geometry_versions[0])
    assert [zone.name for zone in scene.zones] == ["Robotics", "VR corner", "Café"]
    assert [line.name for line in scene.lines] == ["door"]
    assert len(scene.obstacles) == 3
    (camera,) = scene.cameras
    assert camera.name == "north"
    assert camera.place == pytest.approx((8.0, 0.0), abs=0.6)


def test_a_view_is_cut_at_the_walls_and_holds_what_the_camera_sees(tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    (camera,) = describe_floor(venue, venue.geometry_versions[0]).cameras
    view = shapely.Polygon(camera.view[0])
    assert view.within(HALL.to_shape().buffer(1e-6))
    assert view.contains(shapely.Point(8, 6))
    assert not view.contains(shapely.Point(SEEN_UNTIL_X_M + 4.5, 6))


def test_a_camera_that_sees_the_horizon_is_cut_at_the_walls_too() -> None:
    focal, height, tilt = 500.0, 4.0, np.radians(12)
    rotation = np.array([[1, 0, 0], [0, -np.sin(tilt), -np.cos(tilt)], [0, np.cos(tilt), -np.sin(tilt)]])
    camera = np.array([[focal, 0, 320], [0, focal, 240], [0, 0, 1]])
    centre = np.array([10.0, -3.0, height])
    projection = camera @ np.column_stack([rotation, -rotation @ centre])
    to_floor = np.linalg.inv(projection[:, [0, 1, 3]])
    to_floor *= np.sign((to_floor @ np.array([320.0, 479.0, 1.0]))[2])
    geometry = CameraGeometry(to_floor)
    assert np.isnan(geometry.project_to_floor(np.array([[320.0, 0.0]]))).all()
    shape = compute_visible_floor("wide", geometry, (640, 480), outline=HALL)
    assert shape is not None
    view = shapely.Polygon(shape.view[0])
    assert view.within(HALL.to_shape().buffer(1e-6))
    assert view.contains(shapely.Point(10, 11))


def test_a_camera_that_sees_nothing_of_the_floor_is_not_drawn() -> None:
    away = CameraGeometry(np.array([[0.01, 0, 500.0], [0, 0.01, 500.0], [0, 0, 1.0]]))
    assert compute_visible_floor("elsewhere", away, (640, 480), outline=HALL) is None


def test_the_view_through_a_lens_is_as_wide_at_the_corners_as_it_is_seen() -> None:
    view = PinholeCamera((10.0, -2.0, 5.0), np.pi / 2, np.radians(50), np.radians(70), (1280, 720))
    lens = Lens(-0.3).in_picture(view.size_wh)
    geometry = CameraGeometry(view.to_geometry().floor_from_pixel, lens=lens)
    shape = compute_visible_floor("bent", geometry, view.size_wh, outline=HALL)
    assert shape is not None
    drawn = shapely.union_all([shapely.Polygon(ring) for ring in shape.view])
    floor = np.random.default_rng(0).uniform([0.0, 0.0], HALL.to_shape().bounds[2:], (2000, 2))
    uv_px = geometry.project_to_pixel(floor)
    with np.errstate(invalid="ignore"):
        is_seen = ((uv_px >= 0) & (uv_px <= view.size_wh)).all(axis=1)
    is_drawn = shapely.contains_xy(drawn, floor[:, 0], floor[:, 1])
    assert 0.05 < is_seen.mean() < 0.95
    assert np.mean(is_drawn == is_seen) > 0.98
