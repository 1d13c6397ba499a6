from __future__ import annotations

import sys

import pytest

from analytics.domain.camera import Camera
from analytics.domain.clock import SystemClock
from analytics.domain.identifiers import CameraId
from vision.sources.device_source import DeviceSource
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.image_sequence_source import ImageSequenceSource
from vision.sources.source_counters import SourceCounters
from vision.sources.source_factory import open_source
from vision.sources.stream_profile import StreamTiming, choose_profile, choose_timing
from vision.sources.stream_source import StreamSource
from vision.sources.video_file_source import VideoFileSource


@pytest.mark.parametrize(
    ("kind", "location", "expected"),
    [
        (SourceKind.RTSP, "rtsp://cam/x", StreamSource),
        (SourceKind.HTTP, "http://cam/x", StreamSource),
        (SourceKind.DEVICE, "usb:Camera", DeviceSource),
        (SourceKind.VIDEO, "a.mp4", VideoFileSource),
        (SourceKind.IMAGES, "folder", ImageSequenceSource),
    ],
)
def test_each_kind_of_address_has_its_source_and_none_is_connected(
    kind: SourceKind, location: str, expected: type
) -> None:
    source = open_source(
        SourceAddress(kind, location),
        Camera(CameraId("hall")),
        FrameSampler(analysed_fps=5.0),
        SystemClock(),
    )
    assert type(source) is expected
    assert source.counters == SourceCounters()
    source.close()
    source.close()
    assert source.read() is None


def test_a_source_that_was_never_opened_is_a_mistake_of_the_program() -> None:
    source = open_source(
        SourceAddress(SourceKind.RTSP, "rtsp://cam/x"),
        Camera(CameraId("hall")),
        FrameSampler(analysed_fps=5.0),
        SystemClock(),
    )
    with pytest.raises(RuntimeError, match="open"):
        source.read()


def test_options_keep_the_first_group_of_pictures_and_the_transport() -> None:
    options = choose_profile(
        SourceAddress(SourceKind.RTSP, "rtsp://cam/x", transport="udp")
    ).container_options
    assert options["rtsp_transport"] == "udp"
    assert "nobuffer" not in options.get("fflags", "")


def test_a_playlist_is_given_more_patience_than_a_camera() -> None:
    playlist = choose_profile(SourceAddress(SourceKind.HTTP, "http://cam/live.M3U8?x=1"))
    camera = choose_profile(SourceAddress(SourceKind.HTTP, "http://cam/video.mjpg"))
    assert playlist.silence_limit_s > 2 * camera.silence_limit_s
    with pytest.raises(ValueError, match="not a network stream"):
        choose_profile(SourceAddress(SourceKind.VIDEO, "a.mp4"))


@pytest.mark.parametrize(
    ("name", "timing"),
    [
        ("rtsp", StreamTiming.PRESENTATION),
        ("mov,mp4,m4a,3gp,3g2,mj2", StreamTiming.PACED_PRESENTATION),
        ("mpjpeg", StreamTiming.ARRIVAL),
        ("hls,applehttp", StreamTiming.PACED_PRESENTATION),
        ("hls", StreamTiming.PACED_PRESENTATION),
        ("video4linux2,v4l2", StreamTiming.PRESENTATION),
    ],
)
def test_the_format_decides_on_the_clock(name: str, timing: StreamTiming) -> None:
    assert choose_timing(name) is timing


def test_importing_the_factory_does_not_load_the_decoder() -> None:
    import subprocess

    probe = "import sys, vision.sources.source_factory as f; assert not {'av', 'cv2'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
