"""The public description of a recording: declared fields, at most 4 KB a camera, nothing of the pictures."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from app.console.console import print_json, print_json_line
from app.recording.public_status import (
    MAX_CAMERA_BYTES,
    PublicCamera,
    PublicStatus,
    describe_health,
    describe_status,
)
from app.recording.recorder_health import RecorderHealth
from tests.support.windows.scripted_monitor import make_status, make_track
from vision.alignment.view_report import ViewPictures, ViewReport, ViewVerdict
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_status import PipelineStatus

PICTURE = bytes(range(256)) * 500
BOX = (1.0, 2.0, 3.0, 4.0)
MOVED = make_status(
    "door",
    CameraState.LOST,
    error=SourceError("\x01" * 3000, "门" * 3000),
    tracks=tuple(make_track(number, BOX) for number in range(500)),
    found_xyxy=(BOX,) * 500,
    view=ViewReport(ViewVerdict.MOVED, 1.0, 2.0),
    view_pictures=ViewPictures((480, 270), PICTURE, PICTURE),
)
STATUS = PipelineStatus(cameras=(replace(MOVED, camera=CameraId("\x02" * 5000)), MOVED))


def test_a_camera_takes_at_most_4_kb_and_shows_declared_fields_alone() -> None:
    described = json.loads(json.dumps(describe_status(STATUS)))
    assert set(described) == {one.name for one in fields(PublicStatus)}
    for camera in described["cameras"]:
        assert set(camera) == {one.name for one in fields(PublicCamera)}
        assert len(json.dumps(camera, ensure_ascii=False).encode()) <= MAX_CAMERA_BYTES == 4096
        assert len(json.dumps(camera, ensure_ascii=False).encode()) > 3000, "the longest texts there are"
        assert camera["view"] == "moved"


def test_health_describes_cameras_as_a_recording_does() -> None:
    health = describe_health(RecorderHealth(0.0, None, STATUS, (), None))
    assert health["cameras"] == describe_status(STATUS)["cameras"]


def test_a_status_in_a_log_shows_no_picture() -> None:
    assert "\\x" not in repr(MOVED.view_pictures)
    assert len(repr(MOVED.view_pictures)) < 100


@pytest.mark.parametrize("write", [print_json, print_json_line])
@pytest.mark.parametrize("value", [b"picture", bytearray(3), MOVED])
def test_what_is_no_value_of_json_is_not_printed(
    write: type[object], value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(TypeError, match="is not printed as JSON"):
        write({"value": value})  # type: ignore[call-arg]
    assert capsys.readouterr().out == ""
