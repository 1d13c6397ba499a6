"""A camera with a privacy mask, all the way to whoever reads its pictures: none shows what the mask hides."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.camera import Camera
from analytics.domain.clock import SystemClock
from analytics.domain.identifiers import CameraId
from app.cameras.probe_camera import probe_camera
from app.core.job import JobContext
from tests.support.reports.clips import make_clip
from tests.support.servers.faultcam import FaultCam
from vision.pipeline import shared_segment
from vision.pipeline.camera_capture import CaptureThread
from vision.pipeline.frame_slots import FramePreview, FrameReader, FrameWriter, create_frame_slots
from vision.pipeline.messages import MASK_DOES_NOT_FIT, CameraState
from vision.pipeline.pipeline_parts import open_feed
from vision.pipeline.plan import CameraFeed
from vision.pipeline.wake_signal import WakeSignal
from vision.pixel_types import Picture
from vision.sources.source_address import parse_source

HIDDEN = ((40.0, 30.0), (200.0, 30.0), (200.0, 150.0), (40.0, 150.0))
DOOR = Camera(CameraId("door"), (320, 180), privacy_mask=(HIDDEN,), analysed_fps=25.0)
WITHIN_S = 10.0


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return {
        "/door": make_clip(folder / "door.mp4", frames=100),
        "large": make_clip(folder / "large.mp4", frames=50, width=640, height=360),
        "square": make_clip(folder / "square.mp4", frames=50, width=240, height=240),
    }


@pytest.fixture
def camera(clips: dict[str, Path]) -> Iterator[FaultCam]:
    with FaultCam({"/door": clips["/door"]}) as started:
        yield started


class WatchedSlots:
    """Reads the frames of one capture thread as the detector does, and previews as the window does."""

    def __init__(self, name: str, thread: CaptureThread) -> None:
        self._reader = FrameReader(name, is_lossless=False)
        self._preview = FramePreview(name, is_lossless=False)
        self.thread = thread
        self.sizes_wh: list[tuple[int, int]] = []

    def look_until(self, is_enough: Callable[[], bool]) -> None:
        """Look at every frame that comes; fails on one that shows what is hidden."""
        ends_s = time.monotonic() + WITHIN_S
        while not is_enough():
            assert time.monotonic() < ends_s, self.thread.snapshot()
            frame = self._reader.take()
            if frame is None:
                time.sleep(0.002)
                continue
            self.require_hidden(frame.picture)
            self.sizes_wh.append((frame.picture.shape[1], frame.picture.shape[0]))
            self._reader.release(frame)
            copied = self._preview.copy_newest()
            if copied is not None:
                self.require_hidden(copied[0])

    def look_for(self, frames: int) -> None:
        enough = len(self.sizes_wh) + frames
        self.look_until(lambda: len(self.sizes_wh) >= enough)

    @staticmethod
    def require_hidden(picture: Picture) -> None:
        height, width = picture.shape[:2]
        if width * 180 != height * 320:
            assert not picture.any()
            return
        scale = width / 320
        left, top, right, bottom = (round(edge * scale) for edge in (40, 30, 200, 150))
        assert not picture[top:bottom, left:right].any()
        assert picture[:, : left - 5].any(), "the rest must be seen"


@contextmanager
def watch(camera: FaultCam, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WatchedSlots]:
    monkeypatch.setattr(shared_segment, "_segments_folder", lambda: folder)
    control = create_frame_slots("expoflow-1-masked", is_lossless=False)
    stop = threading.Event()
    thread = CaptureThread(
        CameraFeed(DOOR, parse_source(camera.url("/door")), None, is_lossless=False),
        FrameWriter("expoflow-1-masked", is_lossless=False),
        open_source=open_feed,
        clock=SystemClock(),
        stop=stop,
        post=lambda _message: None,
        published=WakeSignal(),
        released=WakeSignal(),
    )
    thread.start()
    try:
        yield WatchedSlots("expoflow-1-masked", thread)
    finally:
        stop.set()
        thread.join(WITHIN_S)
        del control


def test_no_frame_in_shared_memory_shows_what_is_hidden_however_the_stream_changes(
    camera: FaultCam, clips: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watch(camera, tmp_path, monkeypatch) as slots:
        slots.look_for(5)
        camera.switch(clips["large"])
        slots.look_until(lambda: slots.sizes_wh[-3:] == [(640, 360)] * 3)
        camera.fault("corrupt", rate=0.2)
        slots.look_until(lambda: slots.thread.snapshot().corrupt > 0)
        camera.clear()
        slots.look_for(5)
        camera.switch(clips["square"])
        slots.look_until(lambda: slots.sizes_wh[-3:] == [(240, 240)] * 3)
        report = slots.thread.snapshot()
    assert (320, 180) in slots.sizes_wh
    assert (report.state, report.detail) == (CameraState.STREAMING, MASK_DOES_NOT_FIT)


def test_the_picture_of_a_camera_that_is_tried_hides_it_before_it_leaves_its_process(
    clips: dict[str, Path],
) -> None:
    address = parse_source(str(clips["/door"]))
    report = probe_camera(address, context=JobContext(), camera="door", measure_s=0.1, masked=DOOR)
    picture = np.frombuffer(report.preview_rgb, np.uint8).reshape(180, 320, 3)
    WatchedSlots.require_hidden(picture)
    bare = probe_camera(address, context=JobContext(), measure_s=0.1, masked=replace(DOOR, privacy_mask=()))
    assert np.frombuffer(bare.preview_rgb, np.uint8).reshape(180, 320, 3)[30:150, 40:200].any()
