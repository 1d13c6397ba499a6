"""One camera's thread: what it says when its source fails, and that it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from analytics.domain.clock import Clock, SystemClock
from tests.support.scripted_pipeline import make_feed
from tests.support.waiting import wait_until
from vision.pipeline import shared_segment
from vision.pipeline.camera_capture import CaptureThread
from vision.pipeline.frame_slots import FrameWriter, create_frame_slots
from vision.pipeline.messages import CameraState, Failed, Logged
from vision.pipeline.pipeline_parts import SourceOpener
from vision.pipeline.plan import CameraFeed
from vision.pipeline.wake_signal import WakeSignal
from vision.pixel_types import Frame
from vision.sources.source_faults import SourceFault, make_source_error


class LeakySource:
    """Fails once as a library does, with the whole address in its words; then gives three frames and ends."""

    def __init__(self, feed: CameraFeed) -> None:
        self._camera = feed.camera.name
        self._opened = 0
        self._number = 0

    def open(self) -> None:
        self._opened += 1
        if self._opened == 1:
            raise OSError("cannot open rtsp://visitor:s3cret-pass@192.0.2.1/")

    def read(self) -> Frame | None:
        self._number += 1
        if self._number > 3:
            return None
        return Frame(self._camera, np.full((6, 8, 3), 127, np.uint8), float(self._number), self._number - 1)

    def close(self) -> None:
        pass


def open_leaky(feed: CameraFeed, clock: Clock) -> LeakySource:
    return LeakySource(feed)


@pytest.fixture
def slots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(shared_segment, "_segments_folder", lambda: tmp_path)
    control = create_frame_slots("expoflow-1-capture", is_lossless=False)
    yield "expoflow-1-capture"
    del control


def run(name: str, feed: CameraFeed, open_source: SourceOpener) -> tuple[CaptureThread, list[object]]:
    posted: list[object] = []
    thread = CaptureThread(
        feed,
        FrameWriter(name, is_lossless=False),
        open_source=open_source,
        clock=SystemClock(),
        stop=threading.Event(),
        post=posted.append,
        published=WakeSignal(),
        released=WakeSignal(),
    )
    thread.start()
    thread.join(10.0)
    assert not thread.is_alive()
    return thread, posted


def test_a_failed_camera_is_tried_again_and_its_password_is_never_said(slots: str) -> None:
    began_s = time.monotonic()
    thread, posted = run(slots, make_feed("door", is_lossless=False), open_leaky)
    assert time.monotonic() - began_s > 0.3, "it must wait before the next attempt"
    events = [message.event for message in posted if isinstance(message, Logged)]
    assert [event.kind.value for event in events] == ["lost", "connected"]
    assert "OSError" in events[0].detail
    assert "s3cret" not in repr(posted)
    report = thread.snapshot()
    assert report.state is CameraState.ENDED
    assert (report.due, report.decoded, report.reconnects, report.size_wh) == (3, 3, 1, (8, 6))


def test_a_recording_is_not_tried_again(slots: str) -> None:
    thread, posted = run(slots, make_feed("clip", is_lossless=True), open_leaky)
    (failed,) = [message for message in posted if isinstance(message, Failed)]
    assert failed.is_permanent
    assert "'clip'" in failed.error.problem
    assert "s3cret" not in str(failed.error)
    assert thread.snapshot().state is CameraState.REFUSED


class StillSource(LeakySource):
    """A second between two frames: one picture for 62 s, then another; looks at the camera before each."""

    look: ClassVar[Callable[[], tuple[CameraState, str]]]
    seen: ClassVar[list[tuple[CameraState, str]]] = []

    def open(self) -> None:
        self.seen.clear()

    def read(self) -> Frame | None:
        self.seen.append(type(self).look())
        self._number += 1
        if self._number > 64:
            return None
        grey = 40 if self._number <= 62 else 200
        picture = np.full((72, 128, 3), grey, np.uint8)
        return Frame(self._camera, picture, float(self._number), self._number - 1)


@pytest.mark.parametrize("is_lossless", [False, True])
def test_a_camera_whose_picture_stands_still_says_so_until_it_moves(slots: str, is_lossless: bool) -> None:
    thread = CaptureThread(
        make_feed("door", is_lossless=is_lossless),
        FrameWriter(slots, is_lossless=False),
        open_source=lambda feed, _clock: StillSource(feed),
        clock=SystemClock(),
        stop=threading.Event(),
        post=lambda _message: None,
        published=WakeSignal(),
        released=WakeSignal(),
    )
    StillSource.look = lambda: (thread.snapshot().state, str(thread.snapshot().detail))
    thread.start()
    thread.join(10.0)
    states = [state for state, _ in StillSource.seen]
    assert states[:61] == [CameraState.CONNECTING, *[CameraState.STREAMING] * 60]
    assert states[61:63] == [CameraState.STREAMING if is_lossless else CameraState.FROZEN] * 2
    assert StillSource.seen[62][1] == ("" if is_lossless else "the picture has not changed for 61 s")
    assert states[63:] == [CameraState.STREAMING] * 2


class WatchedSource(LeakySource):
    """Gives frames for as long as somebody wants it; counts how often it was opened."""

    opened: ClassVar[list[float]] = []
    refuses: ClassVar[threading.Event] = threading.Event()

    def open(self) -> None:
        self.opened.append(time.monotonic())
        if self.refuses.is_set():
            raise make_source_error(SourceFault.WRONG_PASSWORD, camera="door", location="x")

    def read(self) -> Frame | None:
        self._number += 1
        time.sleep(0.002)  # a camera's own time
        return Frame(self._camera, np.full((6, 8, 3), 127, np.uint8), float(self._number), self._number - 1)


@pytest.fixture
def watched(slots: str) -> Iterator[CaptureThread]:
    WatchedSource.opened.clear()
    WatchedSource.refuses.clear()
    stop = threading.Event()
    thread = CaptureThread(
        make_feed("door", is_lossless=False),
        FrameWriter(slots, is_lossless=False),
        open_source=lambda feed, _clock: WatchedSource(feed),
        clock=SystemClock(),
        stop=stop,
        post=lambda _message: None,
        published=WakeSignal(),
        released=WakeSignal(),
    )
    yield thread
    stop.set()
    thread.join(5.0)
    assert not thread.is_alive()


def test_a_camera_that_is_read_is_connected_again_when_asked(watched: CaptureThread) -> None:
    watched.start()
    wait_until(lambda: watched.snapshot().state is CameraState.STREAMING)
    watched.connect_again()
    wait_until(lambda: watched.snapshot().reconnects == 1 and watched.snapshot().due > 3)
    assert watched.snapshot().state is CameraState.STREAMING
    assert len(WatchedSource.opened) == 2


def test_a_refused_camera_is_tried_now_and_waits_again_if_it_still_refuses(watched: CaptureThread) -> None:
    WatchedSource.refuses.set()
    watched.start()
    wait_until(lambda: watched.snapshot().state is CameraState.REFUSED)
    watched.connect_again()
    wait_until(lambda: len(WatchedSource.opened) == 2, within_s=2.0)
    assert len(WatchedSource.opened) == 2, "once for each time that somebody asks"
    WatchedSource.refuses.clear()
    watched.connect_again()
    wait_until(lambda: watched.snapshot().state is CameraState.STREAMING, within_s=2.0)
