"""A privacy mask also holds while another address of its camera is tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.camera import Camera
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId
from app.cameras.new_camera import find_masked_camera
from app.core.document import Venue, VenueCamera
from vision.sources.frame_source import SourceAddress, SourceKind

TRIANGLE = ((0.0, 0.0), (90.0, 0.0), (0.0, 90.0))
HALL = FloorPlan(Polygon(((0.0, 0.0), (9.0, 0.0), (9.0, 9.0))))


def camera(name: str, kind: SourceKind, location: str, *, is_masked: bool = True) -> VenueCamera:
    mask = (TRIANGLE,) if is_masked else ()
    return VenueCamera(Camera(CameraId(name), (640, 360), privacy_mask=mask), SourceAddress(kind, location))


VENUE = Venue(
    Path("/venues/Fair.expoflow"),
    Exhibition("Fair", "UTC"),
    HALL,
    cameras=(
        VenueCamera(Camera(CameraId("planned"), (640, 360), privacy_mask=(TRIANGLE,))),
        camera("open", SourceKind.RTSP, "rtsp://192.0.2.9/main", is_masked=False),
        camera("door", SourceKind.RTSP, "rtsp://192.0.2.7:554/main"),
        camera("desk", SourceKind.RTSP, "rtsp://192.0.2.7:554/desk"),
        camera("clip", SourceKind.VIDEO, "clips/one.mp4"),
    ),
)


@pytest.mark.parametrize(
    ("kind", "location", "wanted"),
    [
        (SourceKind.RTSP, "rtsp://192.0.2.7:554/main", "door"),
        (SourceKind.RTSP, "rtsp://192.0.2.7:554/desk", "desk"),
        (SourceKind.RTSP, "rtsp://192.0.2.7/sub", "door"),
        (SourceKind.HTTP, "http://192.0.2.7/mjpeg", "door"),
        (SourceKind.RTSP, "rtsp://192.0.2.9/main", None),
        (SourceKind.RTSP, "rtsp://[::bad", None),
        (SourceKind.VIDEO, "/venues/Fair.expoflow/clips/one.mp4", "clip"),
        (SourceKind.VIDEO, "/other/one.mp4", None),
    ],
)
def test_the_mask_of_the_same_device_is_found(kind: SourceKind, location: str, wanted: str | None) -> None:
    found = find_masked_camera(VENUE, SourceAddress(kind, location))
    assert (None if found is None else found.name) == wanted
