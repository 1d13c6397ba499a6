"""A clip shown over and over: every moment has its frame, also after the end and after a break."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from tools.simulation.rendering.clip_writer import write_video
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.looped_clip_source import LoopedClipSource

FPS, FRAMES = 10.0, 25
STEP = 10
"""Grey levels between one frame and the next: more than compression blurs."""


class SteppedClock:
    """Goes on by a frame at each look."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s

    def now_utc_s(self) -> float:
        self.now_s += 1.0 / FPS
        return self.now_s

    def monotonic_s(self) -> float:
        return self.now_s


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clip") / "clip.mp4"
    pictures = (np.full((64, 96, 3), STEP * number, np.uint8) for number in range(FRAMES))
    write_video(file, pictures=pictures, fps=FPS, size_wh=(96, 64), crf=10)
    return file


def open_clip(file: Path, clock: SteppedClock) -> LoopedClipSource:
    source = LoopedClipSource(
        address=SourceAddress(SourceKind.CLIP, str(file)),
        camera=CameraId("hall"),
        sampler=FrameSampler(analysed_fps=None),
        clock=clock,
    )
    source.open()
    return source


def read_frames(source: LoopedClipSource, count: int) -> list[tuple[int, int]]:
    """Return the frame that is due and the one that is shown, by number."""
    found = []
    for _ in range(count):
        frame = source.read()
        assert frame is not None
        found.append((round(frame.time_s * FPS) % FRAMES, round(float(frame.picture.mean()) / STEP)))
    return found


def test_every_moment_has_its_frame_beyond_the_end(clip: Path) -> None:
    source = open_clip(clip, SteppedClock(1_000_003.02))
    found = read_frames(source, 60)
    source.close()
    assert [shown for _, shown in found] == [due for due, _ in found]
    due = np.array([due for due, _ in found])
    assert set(np.diff(due).tolist()) == {1, 1 - FRAMES}


def test_after_a_break_it_goes_on_where_time_is(clip: Path) -> None:
    clock = SteppedClock(1_000_000.02)
    source = open_clip(clip, clock)
    read_frames(source, 3)
    clock.now_s += 1.7
    assert [shown == due for due, shown in read_frames(source, 5)] == [True] * 5
    source.close()
    assert source.read() is None
    source.open()
    assert [shown == due for due, shown in read_frames(source, 5)] == [True] * 5
    source.close()


def test_a_clip_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        open_clip(tmp_path / "none.mp4", SteppedClock(0.0))
    assert "none.mp4" in caught.value.problem
    assert caught.value.remedy
