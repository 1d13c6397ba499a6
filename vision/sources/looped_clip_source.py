"""A short clip shown over and over as if it were a camera."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av.error

from analytics.domain.clock import Clock
from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from vision.pixel_types import Frame
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import ReportListener, SourceAddress
from vision.sources.picture_conversion import convert_to_bgr
from vision.sources.source_counters import SourceCounters
from vision.sources.source_faults import SourceFault
from vision.sources.video_file_source import make_file_error, open_video_file

_SKIPPED_AT_MOST = 60
"""Frames that are decoded to get on; beyond them, the file is searched."""


class LoopedClipSource:
    """A live camera whose frame n is shown at every moment that is n frames after a multiple of its length.

    Clips of one length therefore show the same moment, and a camera that comes back goes on where the others
    are. A clip whose end continues in its beginning has no visible jump.
    """

    def __init__(
        self,
        *,
        address: SourceAddress,
        camera: CameraId,
        sampler: FrameSampler,
        clock: Clock,
        listener: ReportListener | None = None,
    ) -> None:
        """Prepare without reading; ``listener`` is never called, as nothing can change."""
        del listener
        self._address = address
        self._camera = camera
        self._sampler = sampler
        self._clock = clock
        self._counters = SourceCounters()
        self._in_use = threading.Lock()
        self._closing = threading.Event()
        self._container: Any = None
        self._decoded: Iterator[Any] = iter(())
        self._interval_s = 1.0
        self._frames = 0
        self._next = 0
        self._slot = 0
        self._number = 0

    @property
    def counters(self) -> SourceCounters:
        """Return a copy of the counts; ``decoded`` includes frames that were passed over."""
        return replace(self._counters)

    def open(self) -> None:
        """Open the clip.

        Raises:
            SourceError: there is no such file, it is damaged, or holds no video.
        """
        with self._in_use:
            self._let_go()
            self._closing.clear()
            opened = open_video_file(Path(self._address.location))
            if isinstance(opened, SourceFault):
                raise self._make_error(opened)
            self._container = opened
            stream = opened.streams.video[0]
            self._frames = int(stream.frames or 0)
            if not (stream.average_rate and self._frames):
                self._let_go()
                raise self._make_error(SourceFault.UNREADABLE_FILE)
            self._interval_s = 1.0 / float(stream.average_rate)
            self._search(0)
            self._slot = math.floor(self._clock.now_utc_s() / self._interval_s)

    def read(self) -> Frame | None:
        """Return the next due frame at its time; None only after a close.

        A frame whose time was over before it could be decoded is passed over, as a camera's would be.

        Raises:
            SourceError: the file cannot be decoded.
        """
        with self._in_use:
            while self._container is not None and not self._closing.is_set():
                now_s = self._clock.now_utc_s()
                newest = math.floor(now_s / self._interval_s)
                # also when the clock was set back by more than a moment
                if newest > self._slot + 1 or newest < self._slot - 10:
                    self._slot = newest - 1
                self._slot += 1
                self._counters.decoded += 1
                self._number += 1
                time_s = self._slot * self._interval_s
                if time_s > now_s and self._closing.wait(time_s - now_s):
                    break
                if not self._sampler.is_due(time_s):
                    continue
                decoded = self._decode(self._slot % self._frames)
                self._counters.delivered += 1
                return Frame(self._camera, convert_to_bgr(decoded), time_s, self._number - 1)
            self._let_go()
        return None

    def close(self) -> None:
        """Close the source; a waiting read in another thread returns None."""
        self._closing.set()
        if self._in_use.acquire(blocking=False):
            try:
                self._let_go()
            finally:
                self._in_use.release()

    def _decode(self, index: int) -> Any:
        """Return a frame of the clip by its number."""
        if not self._next <= index <= self._next + _SKIPPED_AT_MOST:
            self._search(index)
        try:
            for decoded in self._decoded:
                number = round((decoded.time or 0.0) / self._interval_s)
                self._next = number + 1
                if number >= index:
                    return decoded
        except (av.error.FFmpegError, OSError, ValueError):
            pass
        raise self._make_error(SourceFault.UNREADABLE_FILE)

    def _search(self, index: int) -> None:
        """Go to the key frame before a frame."""
        stream = self._container.streams.video[0]
        offset = int(index * self._interval_s / float(stream.time_base))
        self._container.seek(offset, stream=stream)
        self._decoded = self._container.decode(stream)
        self._next = index

    def _make_error(self, fault: SourceFault) -> SourceError:
        return make_file_error(fault, camera=self._camera, location=self._address.location)

    def _let_go(self) -> None:
        container, self._container, self._decoded = self._container, None, iter(())
        if container is not None:
            container.close()
