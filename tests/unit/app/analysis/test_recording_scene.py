"""What is known of a recording's cameras before it is analysed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import CalibrationError
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId
from app.analysis.recording_scene import find_venue_scene, read_scene
from app.core.document import Venue, VenueCamera
from app.facts.camera_views import find_camera_views

CORNERS = ((0.0, 0.0), (640.0, 0.0), (640.0, 360.0), (0.0, 360.0))
LEFT = ((0.0, 0.0), (320.0, 0.0), (320.0, 360.0), (0.0, 360.0))
DOOR = Camera(
    CameraId("door"),
    (640, 360),
    tuple(PointPair(u, v, u / 100, v / 100) for u, v in CORNERS),
    privacy_mask=(LEFT,),
)
VENUE = Venue(
    Path("Fair.expoflow"),
    Exhibition("Fair", "UTC"),
    FloorPlan(Polygon(((0.0, 0.0), (6.4, 0.0), (6.4, 3.6), (0.0, 3.6)))),
    cameras=(VenueCamera(DOOR),),
)
PLACES_M = np.array([[1.0, 1.0], [5.0, 1.0]])


def test_floor_behind_a_privacy_mask_is_as_good_as_outside_of_the_picture() -> None:
    (of_recording,) = find_venue_scene(VENUE, start_utc_s=None).views({DOOR.name: (640, 360)})
    (of_venue,) = find_camera_views(VENUE)
    for view in (of_recording, of_venue):
        assert view.sees(PLACES_M).tolist() == [False, True]
    bare = VENUE.with_camera(VenueCamera(replace(DOOR, privacy_mask=())))
    assert find_camera_views(bare)[0].sees(PLACES_M).tolist() == [True, True]


def test_a_size_that_is_said_moves_no_privacy_mask_in_the_picture() -> None:
    scene = find_venue_scene(VENUE, start_utc_s=None)
    (camera,) = scene.in_sizes({None: (1280, 720)}).cameras
    assert camera.frame_size_wh == (1280, 720)
    assert camera.pairs == DOOR.pairs
    np.testing.assert_allclose(camera.privacy_mask[0], np.array(LEFT) * 2)
    with pytest.raises(CalibrationError, match="different aspect ratio"):
        scene.in_sizes({"door": (640, 480)})


def test_obstacles_of_a_zones_file_are_the_plans_and_hide_floor_from_the_cameras(tmp_path: Path) -> None:
    ring = [[1.0, 1.0], [2.0, 1.0], [2.0, 9.0], [1.0, 9.0], [1.0, 1.0]]
    counter = {
        "type": "Feature",
        "properties": {"name": "Counter", "kind": "obstacle", "height_m": 1.1},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    zones, calibration = tmp_path / "zones.geojson", tmp_path / "calibration.csv"
    zones.write_text(json.dumps({"type": "FeatureCollection", "features": [counter]}), encoding="utf-8")
    rows = [f"north,{u},{v},{u / 100},{v / 100}" for u, v in CORNERS]
    calibration.write_text("\n".join(["camera,u_px,v_px,x_m,y_m", *rows]), encoding="utf-8")
    scene = read_scene(zones, calibration)
    (obstacle,) = scene.plan.obstacles
    assert (obstacle.name, obstacle.height_m) == ("Counter", 1.1)
    assert scene.plan.outline.to_shape().covers(obstacle.outline.to_shape())
    assert scene.cameras[0].obstacles == ((obstacle.outline, 1.1),)
