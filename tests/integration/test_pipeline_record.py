"""A venue is recorded: its cameras, passwords, model and history come together."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import ModelError, VenueError
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId
from analytics.store.sql_event_store import open_reader
from app.access.audit_log import read_entries
from app.core.credentials import Credential, MemoryCredentialStore, make_credential_key
from app.core.document import Venue, VenueCamera, VenueSettings
from app.core.file_format import create_venue
from app.recording import record_venue
from app.recording.pipeline_process import make_parts
from app.recording.record_venue import make_recording_plan, record
from tests.support.scripted_pipeline import (
    PEOPLE,
    LoadScripted,
    OpenScripted,
    expected_position,
    make_order_tracker,
    make_pixel_floor,
)
from vision.pipeline.pipeline_parts import PipelineParts
from vision.pipeline.pipeline_status import PipelineStatus
from vision.sources.frame_source import Pacing, SourceAddress, SourceKind

CORNERS = ((0.0, 0.0), (64.0, 0.0), (64.0, 36.0), (0.0, 36.0))
PAIRS = tuple(PointPair(x, y, x / 10, y / 10) for x, y in CORNERS)
RTSP = SourceAddress(SourceKind.RTSP, "rtsp://192.0.2.7/stream")


def make_venue(folder: Path, *cameras: VenueCamera, model: Path | None = None) -> Venue:
    return create_venue(
        folder / "Fair.expoflow",
        Exhibition("Fair", "Europe/Berlin"),
        FloorPlan(Polygon.from_points(CORNERS, what="the floor")),
        cameras=cameras,
        settings=VenueSettings(model_name=str(model or folder)),
    )


def live_camera(name: str = "door") -> VenueCamera:
    return VenueCamera(Camera(CameraId(name), (64, 36), PAIRS, analysed_fps=10.0), RTSP)


def store_with_password(name: str = "door") -> MemoryCredentialStore:
    store = MemoryCredentialStore()
    store.store(make_credential_key(RTSP, camera=name), Credential("viewer", "s3cret-pass"))
    return store


def scripted_parts(folder: Path) -> PipelineParts:
    return PipelineParts(
        make_parts(folder).open_sink,
        OpenScripted(fps=10.0),
        LoadScripted(),
        make_order_tracker,
        make_pixel_floor,
    )


def test_a_venue_is_recorded_for_as_long_as_it_is_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_venue, "open_credential_store", store_with_password)
    venue = make_venue(tmp_path, live_camera())
    seen: list[PipelineStatus] = []
    status = record(venue.folder, duration_s=1.5, on_status=seen.append, parts=scripted_parts(venue.folder))
    assert not status.is_running
    assert status.failure is None
    assert seen
    assert "s3cret" not in repr(seen)
    shown = [camera for status in seen for camera in status.cameras if camera.tracks]
    assert shown
    for camera in shown:
        assert len(camera.tracks) == camera.people == PEOPLE
        assert camera.tracks_time_s is not None
        number = round(camera.tracks_time_s * 10.0)
        places = [(track.x_m, track.y_m) for track in camera.tracks]
        assert places == [expected_position(number, person) for person in range(PEOPLE)]
    assert status.cameras[0].tracks == ()
    reader = open_reader(venue.folder)
    spans, events = reader.read_spans(), reader.read_events()
    reader.close()
    assert spans["frames"].sum() == status.cameras[0].analysed
    assert 8 <= status.cameras[0].analysed <= 40
    assert "connected" in events["kind"].tolist()
    entries = read_entries(venue.folder)
    assert [entry.action for entry in entries] == ["recording started", "recording stopped"]
    for file in venue.folder.rglob("*"):
        assert not file.is_file() or b"s3cret" not in file.read_bytes()


def test_a_recording_stops_when_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_venue, "open_credential_store", MemoryCredentialStore)
    venue = make_venue(tmp_path, live_camera())
    stop = threading.Event()

    def stop_when_analysing(status: PipelineStatus) -> None:
        if status.cameras[0].analysed > 2:
            stop.set()

    status = record(
        venue.folder, on_status=stop_when_analysing, stop_event=stop, parts=scripted_parts(venue.folder)
    )
    assert status.cameras[0].analysed > 2
    assert not status.is_finished


def test_a_model_that_cannot_be_loaded_ends_the_recording_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_venue, "open_credential_store", MemoryCredentialStore)
    broken = tmp_path / "broken.xml"
    broken.write_text("this is no network")
    venue = make_venue(tmp_path, live_camera(), model=broken)
    with pytest.raises(ModelError, match="broken"):
        record(
            venue.folder,
            parts=PipelineParts(make_parts(venue.folder).open_sink, OpenScripted(fps=10.0)),
        )


def test_the_plan_has_passwords_calibrations_and_the_pace_of_recordings(tmp_path: Path) -> None:
    clip = SourceAddress(SourceKind.VIDEO, "clip.mp4")
    venue = make_venue(
        tmp_path,
        live_camera(),
        VenueCamera(Camera(CameraId("clip")), clip),
        VenueCamera(Camera(CameraId("planned"))),
    )
    plan = make_recording_plan(venue, credentials=store_with_password(), user_models=tmp_path)
    door, played = plan.feeds
    assert (door.address.user, door.address.password) == ("viewer", "s3cret-pass")
    assert door.geometry is not None
    assert "s3cret" not in repr(plan)
    assert played.geometry is None
    assert played.address.pacing is Pacing.REAL_TIME
    assert played.address.location == str(venue.folder / "clip.mp4")
    assert not any(feed.is_lossless for feed in plan.feeds)


def test_a_venue_without_an_address_cannot_be_recorded(tmp_path: Path) -> None:
    venue = make_venue(tmp_path, VenueCamera(Camera(CameraId("planned"))))
    with pytest.raises(VenueError, match="address"):
        make_recording_plan(venue, credentials=MemoryCredentialStore(), user_models=tmp_path)
