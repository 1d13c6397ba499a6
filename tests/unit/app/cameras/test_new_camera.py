"""What is made of an installer's words, and what is saved of a new camera."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import CredentialError, SourceError, VenueError
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId
from app.cameras import new_camera
from app.cameras.new_camera import (
    CameraLogin,
    complete_login,
    find_masked_camera,
    list_shared_logins,
    list_template_streams,
    save_camera,
    suggest_name,
)
from app.core.credentials import MemoryCredentialStore, find_credential, make_shared_key
from app.core.document import Venue, VenueCamera
from app.core.file_format import read_venue, write_venue
from tests.support.windows.wizard_venue import make_venue_on_disk
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.onvif.media_profiles import StreamRole
from vision.sources.vendor_paths import TEMPLATES

ADDRESS = SourceAddress(SourceKind.RTSP, "rtsp://192.0.2.10:554/sub", transport="udp")


def save(folder: Path, name: str, login: CameraLogin, store: MemoryCredentialStore) -> Venue:
    return save_camera(
        folder, name=name, address=ADDRESS, login=login, frame_size_wh=(640, 360), store=store
    )[0]


def test_a_new_shared_login_serves_the_next_camera_too(tmp_path: Path) -> None:
    folder, store = make_venue_on_disk(tmp_path).folder, MemoryCredentialStore()
    save(folder, "north", CameraLogin("viewer", "geheim", "hall 3", is_new=True), store)
    assert list_shared_logins(read_venue(folder), store=store) == ("hall 3",)
    full = complete_login(CameraLogin(shared_name="hall 3"), store=store)
    assert (full.user, full.password) == ("viewer", "geheim")
    venue = save(folder, "south", CameraLogin(shared_name="hall 3"), store)
    for name in ("north", "south"):
        found = find_credential(f"192.0.2.10/{name}", store=store)
        assert found is not None
        assert (found.user, found.password) == ("viewer", "geheim")
    address = venue.cameras[1].address
    assert address is not None
    assert (address.transport, venue.cameras[1].camera.frame_size_wh) == ("udp", (640, 360))


def test_a_camera_of_that_name_is_left_as_it_is(tmp_path: Path) -> None:
    venue, store = make_venue_on_disk(tmp_path, 1), MemoryCredentialStore()
    with pytest.raises(VenueError, match="already a camera named 'camera 1'"):
        save(venue.folder, "camera 1", CameraLogin("viewer", "geheim"), store)
    assert read_venue(venue.folder) == venue
    assert store.find("192.0.2.10/camera 1") is None


def test_a_changed_camera_keeps_its_calibration_and_loses_its_password(tmp_path: Path) -> None:
    folder, store = make_venue_on_disk(tmp_path).folder, MemoryCredentialStore()
    venue = save(folder, "north", CameraLogin("viewer", "geheim"), store)
    corners = ((0, 0), (1920, 0), (1920, 1080), (0, 1080))
    pairs = tuple(PointPair(u, v, u / 100, v / 100) for u, v in corners)
    calibrated = replace(venue.cameras[0].camera, pairs=pairs, frame_size_wh=(1920, 1080))
    write_venue(venue.with_camera(replace(venue.cameras[0], camera=calibrated)))
    changed, _changes = save_camera(
        folder,
        name="north",
        address=replace(ADDRESS, location="rtsp://192.0.2.10:554/other"),
        login=CameraLogin(),
        frame_size_wh=(640, 360),
        store=store,
        is_change=True,
    )
    (entry,) = changed.cameras
    assert entry.camera == calibrated
    assert entry.address is not None
    assert (entry.address.location, entry.address.user) == ("rtsp://192.0.2.10:554/other", None)
    assert store.find("192.0.2.10/north") is None
    with pytest.raises(VenueError):
        save_camera(
            folder,
            name="south",
            address=ADDRESS,
            login=CameraLogin(),
            frame_size_wh=None,
            store=store,
            is_change=True,
        )


def test_a_shared_login_of_that_name_is_left_as_it_is(tmp_path: Path) -> None:
    folder, store = make_venue_on_disk(tmp_path).folder, MemoryCredentialStore()
    save(folder, "north", CameraLogin("viewer", "geheim", "hall 3", is_new=True), store)
    with pytest.raises(CredentialError, match="already a shared password named 'hall 3'"):
        save(folder, "south", CameraLogin("other", "another", "hall 3", is_new=True), store)
    assert complete_login(CameraLogin(shared_name="hall 3"), store=store).user == "viewer"
    assert read_venue(folder).camera_names == ("north",)


def test_a_camera_that_cannot_be_saved_leaves_no_shared_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError("the disk is full")

    folder, store = make_venue_on_disk(tmp_path).folder, MemoryCredentialStore()
    monkeypatch.setattr(new_camera, "add_camera", refuse)
    with pytest.raises(OSError, match="disk is full"):
        save(folder, "north", CameraLogin("viewer", "geheim", "hall 3", is_new=True), store)
    assert store.find(make_shared_key("hall 3")) is None


def test_a_shared_login_that_is_gone_is_said() -> None:
    with pytest.raises(CredentialError, match="shared password 'hall 3' no longer exists"):
        complete_login(CameraLogin(shared_name="hall 3"), store=MemoryCredentialStore())


def test_a_login_never_shows_its_password() -> None:
    assert "geheim" not in repr(CameraLogin("viewer", "geheim"))


def test_a_make_has_its_streams_and_one_is_recommended() -> None:
    (template,) = [one for one in TEMPLATES if "Hikvision" in one.vendor]
    main, sub = list_template_streams(template, "192.0.2.10", port=8554, channel=3)
    assert main.location == "rtsp://192.0.2.10:8554/Streaming/Channels/301"
    assert sub.location == "rtsp://192.0.2.10:8554/Streaming/Channels/302"
    assert [(s.role, s.is_recommended) for s in (main, sub)] == [
        (StreamRole.MAIN, False),
        (StreamRole.SUB, True),
    ]
    (without_sub,) = [one for one in TEMPLATES if "Hanwha" in one.vendor]
    (only,) = list_template_streams(without_sub, "192.0.2.10", port=554, channel=1)
    assert only.is_recommended


@pytest.mark.parametrize("host", ["rtsp://192.0.2.10", "192.0.2.10/x", "viewer@192.0.2.10", ""])
def test_more_than_a_host_is_refused(host: str) -> None:
    (template,) = [one for one in TEMPLATES if "Hikvision" in one.vendor]
    with pytest.raises(SourceError, match="cannot be the address of a camera"):
        list_template_streams(template, host, port=554, channel=1)


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert suggest_name("door", ()) == "door"
    assert suggest_name("door", ("door", "door 2")) == "door 3"


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
