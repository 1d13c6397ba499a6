from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.camera import Camera
from analytics.domain.errors import CalibrationError, VenueError
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.identifiers import CameraId
from app.core.document import Venue, VenueCamera
from tests.unit.app.core.venues import FIRST, PAIRS, SECOND, make_full_venue
from vision.sources.frame_source import SourceAddress, SourceKind

VENUE = make_full_venue(Path("/data/hall.expoflow"))
CHANGED_AT = 1764061200.123


def test_the_geometry_that_held_at_a_moment() -> None:
    assert VENUE.geometry_at(0.0) == FIRST
    assert VENUE.geometry_at(CHANGED_AT - 0.001) == FIRST
    assert VENUE.geometry_at(CHANGED_AT) == SECOND
    assert VENUE.geometry_at(None) == SECOND


def test_before_the_first_dated_geometry_there_are_no_zones() -> None:
    venue = dataclasses.replace(VENUE, geometry_versions=(SECOND,))
    assert venue.geometry_at(CHANGED_AT - 1) == FloorGeometry()
    assert list(venue.geometries_between(CHANGED_AT - 10, CHANGED_AT)) == []


def test_a_period_is_cut_where_the_geometry_changed() -> None:
    start, end = CHANGED_AT - 60, CHANGED_AT + 30
    assert list(VENUE.geometries_between(start, end)) == [
        (FIRST, start, CHANGED_AT),
        (SECOND, CHANGED_AT, end),
    ]
    assert list(VENUE.geometries_between(start, CHANGED_AT)) == [(FIRST, start, CHANGED_AT)]


def test_a_camera_by_name_and_the_names_there_are() -> None:
    assert VENUE.camera("north").name == "north"
    with pytest.raises(
        VenueError, match=r"no camera 'nord'\. Its cameras are: 'north', 'clip', 'not yet mounted'"
    ):
        VENUE.camera("nord")
    with pytest.raises(VenueError, match="none yet"):
        dataclasses.replace(VENUE, cameras=()).camera("north")


def test_the_calibration_gives_a_geometry() -> None:
    geometry = VENUE.camera_geometry("north")
    assert geometry is not None
    np.testing.assert_allclose(geometry.project_to_floor(np.array([[100.0, 900.0]])), [[1.0, 1.0]], atol=1e-9)
    assert VENUE.camera_geometry("clip") is None
    flat = Camera(CameraId("flat"), pairs=tuple(dataclasses.replace(p, v_px=5.0) for p in PAIRS))
    with pytest.raises(CalibrationError, match="camera 'flat'"):
        VENUE.with_camera(VenueCamera(flat)).camera_geometry("flat")


def test_a_relative_recording_lies_in_the_folder() -> None:
    clip, live = VENUE.address_of("clip"), VENUE.address_of("north")
    assert clip is not None
    assert Path(clip.location) == Path("/data/hall.expoflow/clips/one")
    assert live is not None
    assert live.location == "rtsp://10.0.0.7:554/live"
    assert VENUE.address_of("not yet mounted") is None


def test_a_password_cannot_get_into_a_venue() -> None:
    address = SourceAddress(SourceKind.RTSP, "rtsp://h/", user="guard", password="geheim")
    with pytest.raises(ValueError, match="never holds a password") as caught:
        VenueCamera(Camera(CameraId("x")), address)
    assert "geheim" not in repr(caught.value)


def test_names_and_moments_are_unique() -> None:
    with pytest.raises(VenueError, match="Two cameras have the name 'clip'"):
        dataclasses.replace(VENUE, cameras=(*VENUE.cameras, VENUE.cameras[1]))
    twice = FloorGeometry(zones=(FIRST.zones[0], FIRST.zones[0]))
    with pytest.raises(VenueError, match="Two zones have the name 'A1 展台'"):
        dataclasses.replace(VENUE, geometry_versions=(twice,))
    for versions in ((SECOND, FIRST), (FIRST, FIRST)):
        with pytest.raises(VenueError, match="chronological order"):
            dataclasses.replace(VENUE, geometry_versions=versions)


def test_cameras_and_geometries_are_added_and_replaced() -> None:
    changed = VENUE.with_camera(VenueCamera(Camera(CameraId("clip"), analysed_fps=1.0)))
    assert changed.camera_names == VENUE.camera_names
    assert changed.camera("clip").camera.analysed_fps == 1.0
    assert VENUE.with_camera(VenueCamera(Camera(CameraId("new")))).camera_names[-1] == "new"

    earlier = FloorGeometry(valid_from_utc_s=5.0, label="earlier")
    assert VENUE.with_geometry(earlier).geometry_versions == (FIRST, earlier, SECOND)
    assert VENUE.with_geometry(dataclasses.replace(SECOND, label="x")).geometry_versions[1].label == "x"


def test_where_its_files_lie() -> None:
    assert VENUE.name == "hall"
    assert VENUE.events_file.name == "events.sqlite"
    assert VENUE.tracks_folder.name == "tracks"
    assert VENUE.plan_picture_file == VENUE.folder / "plan.png"


def test_travels_between_processes() -> None:
    copied: Venue = pickle.loads(pickle.dumps(VENUE))
    assert copied == VENUE
