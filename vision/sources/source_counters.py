"""Counts of a source's work: every lost frame is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from vision.sources.frame_source import FrameSource


@dataclass(slots=True)
class SourceCounters:
    """Counts since the source was created; they continue across reconnects of the same source.

    Attributes:
        packets: pieces of video received.
        decoded: frames decoded, due or not; the last one's number is one less.
        delivered: due frames, converted and returned.
        corrupt: decoded frames that the decoder flagged as damaged, and dropped.
        undecodable: packets that the decoder refused; in a recording also truncated ones.
        resized: changes of the picture's size.
        retimed: frames with a missing or backward time stamp, replaced by the frame rate.
        unreadable: pictures of an image sequence that could not be read.
        missing: frames announced in a recording but absent.
        clock_resets: jumps of a camera's time stamps, after which the clock was anchored again.
    """

    packets: int = 0
    decoded: int = 0
    delivered: int = 0
    corrupt: int = 0
    undecodable: int = 0
    resized: int = 0
    retimed: int = 0
    unreadable: int = 0
    missing: int = 0
    clock_resets: int = 0


class CountingSource(FrameSource, Protocol):
    """A source that can report its counts while it runs."""

    @property
    def counters(self) -> SourceCounters:
        """Return a copy of the counts."""
