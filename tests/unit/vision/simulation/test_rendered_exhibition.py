from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.camera import Camera
from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from vision.simulation.crowd.crowd_file import Crowd, write_crowd
from vision.simulation.crowd.visitor_paths import VisitorPath, VisitorPaths
from vision.simulation.rendered_exhibition import RenderedExhibitionSource
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.source_address import parse_source
from vision.sources.source_factory import open_source


class JumpingClock:
    """Each look at it is a moment later, so that nothing waits."""

    def __init__(self, now_s: float = 1_800_000_000.0, *, step_s: float = 0.1) -> None:
        self.now_s = now_s
        self.step_s = step_s

    def now_utc_s(self) -> float:
        self.now_s += self.step_s
        return self.now_s

    def monotonic_s(self) -> float:
        return self.now_utc_s()


@pytest.fixture
def crowd_file(tmp_path: Path) -> Path:
    """One visitor who walks along a line before the Entrance camera, from x = 5 m to 15 m in 10 s."""
    along = np.arange(101) / 10
    path = VisitorPath(1, 0.0, np.column_stack([5 + along, along * 0 + 8.0]), along * 0, along)
    file = tmp_path / "crowd.npz"
    write_crowd(file, Crowd("A", 3, VisitorPaths(10.0, (path,))))
    return file


def make_source(
    file: Path, *, camera: str = "Entrance", fps: float | None = 5.0, clock: JumpingClock | None = None
) -> RenderedExhibitionSource:
    return RenderedExhibitionSource(
        address=SourceAddress(SourceKind.RENDERED, str(file)),
        camera=CameraId(camera),
        sampler=FrameSampler(analysed_fps=fps),
        clock=clock or JumpingClock(),
    )


def find_change(before: np.ndarray, after: np.ndarray) -> float:
    """Middle column of what differs between two pictures."""
    strong = np.abs(before - after).max(axis=2) > 60
    return float(np.nonzero(strong)[1].mean())


def test_pictures_come_at_the_set_rate_in_real_time(crowd_file: Path) -> None:
    clock = JumpingClock(step_s=0.05)
    source = make_source(crowd_file, clock=clock)
    source.open()
    frames = [source.read() for _ in range(6)]
    times_s = [frame.time_s for frame in frames if frame is not None]
    assert len(times_s) == 6
    np.testing.assert_allclose(np.diff(times_s), 0.2, atol=1e-6)
    assert abs(times_s[-1] - clock.now_s) < 1.0
    assert frames[0] is not None
    assert frames[0].size_wh == (640, 360)
    assert source.counters.delivered == 6
    assert source.counters.decoded >= 11
    source.close()


def test_the_crowd_follows_the_clock_and_repeats(crowd_file: Path) -> None:
    pictures = []
    # a whole number of periods since the epoch, and some seconds
    for since_s in (2.0, 5.0, 12.0):
        source = make_source(crowd_file, clock=JumpingClock(1_800_000_000.0 + since_s), fps=None)
        source.open()
        frame = source.read()
        source.close()
        assert frame is not None
        pictures.append(frame.picture.astype(int))
    early, late, again = pictures
    assert np.abs(early - again).max() < 40, "a period later: the same but for noise"
    assert find_change(early, late) == pytest.approx(300, abs=60), "the visitor walks through the middle"


def test_an_unknown_camera_is_rejected_with_the_known_names(crowd_file: Path) -> None:
    with pytest.raises(SourceError) as caught:
        make_source(crowd_file, camera="Roof").open()
    assert "'Roof'" in caught.value.problem
    assert "'Entrance', 'Café', 'Stage', 'Exit'" in caught.value.remedy


def test_closing_ends_a_wait_in_another_thread(crowd_file: Path) -> None:
    stopped = JumpingClock(step_s=0.0)
    source = make_source(crowd_file, clock=stopped)
    source.open()
    frames: list[object] = []

    def read_until_end() -> None:
        while (frame := source.read()) is not None:
            frames.append(frame)
            stopped.now_s -= 0.05

    reader = threading.Thread(target=read_until_end)
    reader.start()
    source.close()
    reader.join(10.0)
    assert not reader.is_alive()


def test_the_address_names_the_crowd_and_is_live(crowd_file: Path) -> None:
    address = parse_source(f"rendered:{crowd_file}")
    assert (address.kind, address.location, address.is_live) == (SourceKind.RENDERED, str(crowd_file), True)
    source = open_source(address, Camera(CameraId("Stage")), FrameSampler(analysed_fps=None), JumpingClock())
    assert isinstance(source, RenderedExhibitionSource)
