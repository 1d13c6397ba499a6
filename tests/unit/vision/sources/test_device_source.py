from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import av
import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.errors import SourceError
from tests.support.reports.clips import make_clip
from tests.support.servers.opened_sources import HALL, numbers_of, opened, read_frames
from vision.sources.device_source import DeviceSource, name_device
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.live_source import Opener
from vision.sources.source_faults import SourceFault, fault_of


def make_source(opener: Opener, *, location: str = "usb:0", platform: str = "linux") -> DeviceSource:
    return DeviceSource(
        address=SourceAddress(SourceKind.DEVICE, location),
        camera=HALL,
        sampler=FrameSampler(analysed_fps=None),
        clock=SystemClock(),
        opener=opener,
        platform=platform,
    )


@pytest.mark.parametrize(
    ("location", "platform", "expected"),
    [
        ("usb:0", "linux", ("/dev/video0", "v4l2")),
        ("/dev/video3", "linux", ("/dev/video3", "v4l2")),
        ("usb:1", "darwin", ("1:none", "avfoundation")),
        ("usb:FaceTime HD", "darwin", ("FaceTime HD:none", "avfoundation")),
        ("usb:Logitech BRIO", "win32", ("video=Logitech BRIO", "dshow")),
    ],
)
def test_a_device_has_the_name_that_its_system_uses(
    location: str, platform: str, expected: tuple[str, str]
) -> None:
    assert name_device(location, platform=platform) == expected


def test_windows_wants_a_name() -> None:
    with pytest.raises(SourceError, match="by its name"):
        name_device("usb:0", platform="win32")


def test_frames_of_a_device_are_read_until_it_is_unplugged(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=20)
    asked: list[tuple[str, Any]] = []

    def open_clip_instead(file: str, **options: Any) -> Any:
        asked.append((file, options["format"]))
        return av.open(str(clip))

    source = make_source(open_clip_instead)
    with opened(source):
        source._connection.has_caught_up = True  # the clip arrives at once, unlike a camera
        frames = read_frames(source, 20)
        with pytest.raises(SourceError) as lost:
            source.read()
    assert asked == [("/dev/video0", "v4l2")]
    assert numbers_of(frames) == list(range(20))
    assert fault_of(lost.value) is SourceFault.LOST


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (PermissionError(13, "Permission denied"), SourceFault.DEVICE_BUSY),
        (OSError(16, "Device or resource busy"), SourceFault.DEVICE_BUSY),
        (FileNotFoundError(2, "No such file or directory"), SourceFault.NO_DEVICE),
    ],
)
def test_a_device_that_cannot_be_opened_says_why(error: OSError, fault: SourceFault) -> None:
    def refuse(file: str, **options: Any) -> Any:
        raise error

    with pytest.raises(SourceError) as caught:
        make_source(refuse).open()
    assert fault_of(caught.value) is fault
    assert "usb:0" in caught.value.problem
    assert "USB" in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="the interface v4l2 exists on Linux only")
def test_a_device_that_is_absent_is_told_by_the_real_library() -> None:
    with pytest.raises(SourceError) as caught:
        make_source(av.open, location="/dev/video97").open()
    assert fault_of(caught.value) is SourceFault.NO_DEVICE
