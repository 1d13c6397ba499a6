"""Sources as tests want them: every frame, the real clock, and what the source reported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from analytics.domain.clock import SystemClock
from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from tests.support.reports.clips import read_picture_number
from vision.pixel_types import Frame
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import FrameSource, ReportListener, SourceAddress
from vision.sources.stream_profile import StreamProfile, choose_profile
from vision.sources.stream_source import StreamSource

HALL = CameraId("hall")
_Source = TypeVar("_Source", bound=FrameSource)


def make_stream_source(
    address: SourceAddress,
    *,
    analysed_fps: float | None = None,
    open_limit_s: float = 5.0,
    silence_limit_s: float | None = None,
    listener: ReportListener | None = None,
) -> StreamSource:
    """A network source with other limits than the usual."""
    usual = choose_profile(address)
    profile = StreamProfile(
        usual.container_options,
        usual.decoder_options,
        open_limit_s,
        silence_limit_s or usual.silence_limit_s,
    )
    return StreamSource(
        address=address,
        camera=HALL,
        sampler=FrameSampler(analysed_fps=analysed_fps),
        clock=SystemClock(),
        listener=listener,
        profile=profile,
    )


@contextmanager
def opened(source: _Source) -> Iterator[_Source]:
    """The source, open until the end of the block."""
    source.open()
    try:
        yield source
    finally:
        source.close()


def read_frames(source: FrameSource, count: int) -> list[Frame]:
    """So many frames; fails if the source ends before."""
    frames = []
    for _ in range(count):
        frame = source.read()
        assert frame is not None, f"the source ended after {len(frames)} of {count} frames"
        frames.append(frame)
    return frames


def read_all(source: FrameSource) -> list[Frame]:
    """All frames to the end."""
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    return frames


def numbers_of(frames: list[Frame]) -> list[int]:
    """The numbers drawn in the pictures."""
    return [read_picture_number(frame.picture) for frame in frames]


def text_of_chain(error: BaseException) -> str:
    """Everything that a log could show of an error: its text, details, causes and contexts."""
    parts: list[str] = []
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None:
            continue
        details = current.details if isinstance(current, SourceError) else {}
        parts += [str(current), repr(current), repr(details), repr(current.args)]
        pending += [current.__cause__, current.__context__]
    return "\n".join(parts)
