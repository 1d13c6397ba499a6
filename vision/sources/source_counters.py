"""What a source has done so far, in numbers: nothing is lost without being counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from vision.sources.frame_source import FrameSource


@dataclass(slots=True)
class SourceCounters:
    """Counts since the source was made; they go on over a reconnect of the same source.

    Attributes:
        packets: pieces of video received.
        decoded: frames decoded, due or not; the last one's number is this less one.
        delivered: frames that were due, converted and handed out.
        corrupt: decoded frames that the decoder flagged as damaged, and dropped.
        undecodable: packets that the decoder refused; in a recording also those that are cut off.
        resized: changes of the picture's size.
        retimed: frames whose time stamp was missing or went back, and was worked out from the frame rate.
        unreadable: pictures of an image sequence that could not be read.
        missing: frames that a recording announces but does not hold.
        clock_resets: times at which a camera's time stamps jumped and were anchored anew.
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
    """A source that can be asked for its counts while it runs."""

    @property
    def counters(self) -> SourceCounters:
        """A copy of the counts."""
