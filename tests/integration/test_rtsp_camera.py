"""Real RTSP over loopback, with passwords, against a camera that misbehaves on request."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.errors import SourceError
from tests.support.reports.clips import make_clip
from tests.support.servers.faultcam import FaultCam
from tests.support.servers.opened_sources import (
    make_stream_source,
    numbers_of,
    opened,
    read_frames,
    text_of_chain,
)
from vision.sources.frame_source import FrameSource, SourceAddress, SourceReport
from vision.sources.reconnect_policy import FeedState, ReconnectPolicy
from vision.sources.source_address import parse_source
from vision.sources.source_faults import SourceFault, fault_of

USER = "opera tor"
PASSWORD = "p@ss/w:rd#1%"
SPACING_S = 1 / 25


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return {
        "/h264": make_clip(folder / "h264.mp4", frames=100),
        "/h265": make_clip(folder / "h265.mp4", frames=50, codec="libx265"),
        "large": make_clip(folder / "large.mp4", frames=50, width=640, height=360),
    }


@pytest.fixture
def camera(clips: dict[str, Path]) -> Iterator[FaultCam]:
    mounts = {path: clip for path, clip in clips.items() if path.startswith("/")}
    with FaultCam(mounts, user=USER, password=PASSWORD) as started:
        yield started


def address_of(camera: FaultCam, path: str = "/h264", *, transport: str = "tcp") -> SourceAddress:
    return replace(parse_source(camera.url(path)), transport=transport)


def read_until_error(source: FrameSource, *, limit_s: float = 10.0) -> tuple[SourceError, float]:
    """The error that ends the reading, and how long it took."""
    began_s = time.monotonic()
    while time.monotonic() - began_s < limit_s:
        try:
            source.read()
        except SourceError as error:
            return error, time.monotonic() - began_s
    pytest.fail(f"no error within {limit_s} s")


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("path", ["/h264", "/h265"])
def test_every_frame_arrives_in_order_at_its_own_spacing(camera: FaultCam, path: str, transport: str) -> None:
    with opened(make_stream_source(address_of(camera, path, transport=transport))) as source:
        frames = read_frames(source, 20)
        now_s = time.time()
    numbers = numbers_of(frames)
    assert numbers == list(range(numbers[0], numbers[0] + 20))
    assert [frame.number for frame in frames] == list(range(frames[0].number, frames[0].number + 20))
    assert frames[0].picture.shape == (180, 320, 3)
    spacing_s = np.diff([frame.time_s for frame in frames])
    assert np.median(spacing_s) == pytest.approx(SPACING_S, abs=0.002)
    assert (spacing_s > 0).all()
    assert now_s - 2.0 < frames[-1].time_s <= now_s
    assert source.counters.corrupt == 0


def test_basic_authentication_is_answered(clips: dict[str, Path]) -> None:
    with (
        FaultCam({"/h264": clips["/h264"]}, user=USER, password=PASSWORD, auth="basic") as camera,
        opened(make_stream_source(address_of(camera))) as source,
    ):
        assert len(read_frames(source, 2)) == 2


def test_only_due_frames_become_pictures_and_all_are_counted(camera: FaultCam) -> None:
    with opened(make_stream_source(address_of(camera), analysed_fps=5.0)) as source:
        frames = read_frames(source, 5)
        counters = source.counters
    assert np.diff(numbers_of(frames)).tolist() == [5, 5, 5, 5]
    assert counters.delivered == 5
    assert counters.decoded == frames[-1].number + 1


@pytest.mark.parametrize(
    ("fault", "path", "password", "expected"),
    [
        (None, "/h264", "wrong" + PASSWORD, SourceFault.WRONG_PASSWORD),
        (None, "/absent", PASSWORD, SourceFault.NOT_FOUND),
        ("busy", "/h264", PASSWORD, SourceFault.TOO_MANY_VIEWERS),
        ("error", "/h264", PASSWORD, SourceFault.TOO_MANY_VIEWERS),
    ],
)
def test_a_refusal_names_its_cause_and_never_the_password(
    camera: FaultCam, fault: str | None, path: str, password: str, expected: SourceFault
) -> None:
    if fault is not None:
        camera.fault(fault)
    source = make_stream_source(replace(address_of(camera, path), password=password))
    with pytest.raises(SourceError) as caught:
        source.open()
    assert fault_of(caught.value) is expected
    shown = text_of_chain(caught.value) + repr(source)
    assert "hall" in caught.value.problem
    assert "w:rd" not in shown
    assert "w%3Ard" not in shown
    assert USER not in shown


def test_a_wrong_password_is_tried_once_only(camera: FaultCam) -> None:
    source = make_stream_source(replace(address_of(camera), password="wrong"))
    with pytest.raises(SourceError):
        source.open()
    assert camera.requests.count("DESCRIBE") <= 2, "an account is locked after a few attempts"


def test_a_transport_that_the_camera_lacks_is_named(clips: dict[str, Path]) -> None:
    with FaultCam({"/h264": clips["/h264"]}, transports=("tcp",)) as camera:
        source = make_stream_source(address_of(camera, transport="udp"))
        with pytest.raises(SourceError, match="RTSP over UDP") as caught:
            source.open()
    assert fault_of(caught.value) is SourceFault.TRANSPORT_REFUSED


def test_a_closed_port_is_refused_and_an_unknown_host_unreachable(camera: FaultCam) -> None:
    address = address_of(camera)
    camera.kill()
    with pytest.raises(SourceError) as refused:
        make_stream_source(address).open()
    with pytest.raises(SourceError) as unreachable:
        make_stream_source(replace(address, location="rtsp://no-such-host.invalid/x")).open()
    assert fault_of(refused.value) is SourceFault.REFUSED
    assert fault_of(unreachable.value) is SourceFault.UNREACHABLE


def test_a_camera_that_never_answers_is_given_up_in_time(camera: FaultCam) -> None:
    camera.fault("deaf")
    source = make_stream_source(address_of(camera), open_limit_s=1.0)
    began_s = time.monotonic()
    with pytest.raises(SourceError, match="did not answer within 1 s") as caught:
        source.open()
    assert fault_of(caught.value) is SourceFault.NO_ANSWER
    assert time.monotonic() - began_s < 3.0


@pytest.mark.parametrize(("fault", "transport"), [("freeze", "tcp"), ("stall", "tcp"), ("freeze", "udp")])
def test_silence_is_noticed_after_one_limit_not_two(camera: FaultCam, fault: str, transport: str) -> None:
    source = make_stream_source(address_of(camera, transport=transport), silence_limit_s=1.5)
    with opened(source):
        read_frames(source, 3)
        camera.fault(fault)
        error, elapsed_s = read_until_error(source)
    assert fault_of(error) is SourceFault.SILENT
    assert elapsed_s < 2.8


def test_a_camera_that_plays_but_sends_nothing_is_silent(camera: FaultCam) -> None:
    camera.fault("freeze")
    source = make_stream_source(address_of(camera), open_limit_s=1.0, silence_limit_s=1.0)
    with opened(source), pytest.raises(SourceError) as caught:
        source.read()
    assert fault_of(caught.value) is SourceFault.SILENT


@pytest.mark.parametrize("by_reset", [False, True])
def test_a_camera_that_dies_is_noticed_at_once_and_read_again_when_it_is_back(
    camera: FaultCam, by_reset: bool
) -> None:
    source = make_stream_source(address_of(camera))
    with opened(source):
        read_frames(source, 3)
        camera.kill(reset=by_reset)
        error, elapsed_s = read_until_error(source)
        decoded = source.counters.decoded
        with pytest.raises(SourceError) as refused:
            source.open()
        camera.start()
        source.open()
        frames = read_frames(source, 3)
    assert fault_of(error) is SourceFault.LOST
    assert elapsed_s < 1.0
    assert fault_of(refused.value) is SourceFault.REFUSED
    assert frames[0].number >= decoded, "the numbers go on over a reconnect"


def test_a_new_picture_size_is_reported_and_delivered(camera: FaultCam, clips: dict[str, Path]) -> None:
    reports: list[SourceReport] = []
    with opened(make_stream_source(address_of(camera), listener=reports.append)) as source:
        read_frames(source, 3)
        camera.switch(clips["large"])
        sizes = {frame.size_wh for frame in read_frames(source, 30)}
    assert sizes == {(320, 180), (640, 360)}
    assert source.counters.resized == 1
    assert [(report.state, report.detail) for report in reports] == [
        ("resized", "The picture changed from 320 x 180 to 640 x 360.")
    ]


@pytest.mark.parametrize("fault", ["corrupt", "loss"])
def test_damaged_frames_are_dropped_and_counted(camera: FaultCam, fault: str) -> None:
    with opened(make_stream_source(address_of(camera))) as source:
        read_frames(source, 3)
        before = source.counters
        camera.fault(fault, rate=0.2)
        while source.counters.decoded < before.decoded + 15:
            source.read()
        camera.clear()
        whole = read_frames(source, 3)
        counters = source.counters
    assert counters.corrupt + counters.undecodable > 0
    assert whole[-1].number > before.decoded


def test_time_stamps_that_jump_are_anchored_anew(camera: FaultCam) -> None:
    reports: list[SourceReport] = []
    with opened(make_stream_source(address_of(camera), listener=reports.append)) as source:
        read_frames(source, 5)
        camera.fault("jump")
        frames = read_frames(source, 20)
        now_s = time.time()
    assert now_s - 1.0 < frames[-1].time_s <= now_s
    assert source.counters.clock_resets == 1
    assert [report.state for report in reports] == ["clock_reset"]


def test_a_camera_clock_that_is_wrong_is_told_and_not_used(clips: dict[str, Path]) -> None:
    with (
        FaultCam({"/h264": clips["/h264"]}, clock_skew_s=7200.0) as camera,
        opened(make_stream_source(address_of(camera))) as source,
    ):
        frames = read_frames(source, 5)
        now_s = time.time()
    assert source.camera_clock_skew_s == pytest.approx(7200.0, abs=2.0)
    assert now_s - 2.0 < frames[-1].time_s <= now_s


def test_closing_from_another_thread_ends_a_waiting_read(camera: FaultCam) -> None:
    source = make_stream_source(address_of(camera), silence_limit_s=5.0)
    with opened(source):
        read_frames(source, 3)
        threading.Timer(0.2, source.close).start()
        began_s = time.monotonic()
        while source.read() is not None:
            assert time.monotonic() - began_s < 5.0
    assert source.read() is None


def test_source_and_policy_together_bring_a_camera_back(camera: FaultCam) -> None:
    policy, status = ReconnectPolicy(), ReconnectPolicy().begin(now_s=time.monotonic())
    source, states, frames = make_stream_source(address_of(camera)), [status.state], 0
    revival = threading.Timer(1.0, camera.start)
    gone_s = back_s = 0.0
    deadline_s = time.monotonic() + 20.0
    while not back_s and time.monotonic() < deadline_s:
        try:
            if status.state is FeedState.CONNECTING:
                source.open()
            while not back_s and source.read() is not None:
                status = policy.record_picture(status, now_s=time.monotonic())
                states += [status.state] if status.state is not states[-1] else []
                frames += 1
                if frames == 5:
                    gone_s = time.monotonic()
                    camera.kill()
                    revival.start()
                back_s = time.monotonic() if frames > 10 and states.count(FeedState.STREAMING) == 2 else 0.0
        except SourceError as error:
            status = policy.fail(status, now_s=time.monotonic(), fault=fault_of(error))
            states += [status.state]
        while status.state is FeedState.WAITING:
            time.sleep(0.02)
            status = policy.advance(status, now_s=time.monotonic())
    source.close()
    assert status.state is FeedState.STREAMING
    assert states[:3] == [FeedState.CONNECTING, FeedState.STREAMING, FeedState.WAITING]
    assert 1.0 < back_s - gone_s < 5.0
