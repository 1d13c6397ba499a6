"""Recordings in any container and codec that FFmpeg reads, with no frame left out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import av.error

from analytics.domain.clock import Clock
from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from vision.pixel_types import Frame
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import Pacing, ReportListener, SourceAddress, SourceReport
from vision.sources.picture_conversion import convert_to_bgr
from vision.sources.source_counters import SourceCounters
from vision.sources.source_faults import SourceFault, make_source_error

_FALLBACK_FPS = 25.0


class VideoFileSource:
    """Source that plays a video file once, as fast as it decodes or in real time.

    ``time_s`` is the frame's time stamp less that of the first frame, plus ``start_utc_s`` if it is known. A
    frame whose time stamp is missing or goes back is placed one frame interval after the one before it. With
    ``video_fps`` the time stamps are ignored, and the frames are counted instead.
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
        """Prepare without opening; ``listener`` receives reports of damage."""
        self._address = address
        self._camera = camera
        self._sampler = sampler
        self._clock = clock
        self._listener = listener
        self._counters = SourceCounters()
        self._in_use = threading.Lock()
        self._closing = threading.Event()
        self._container: Any = None
        self._frames: Iterator[Any] = iter(())
        self._interval_s = 1.0 / _FALLBACK_FPS
        self._first_pts_s: float | None = None
        self._first_number = 0
        self._last_s: float | None = None
        self._play_offset_s: float | None = None
        self._size_wh: tuple[int, int] | None = None
        self._announced = self._received = self._decoded_before = 0
        self._duration_s: float | None = None

    @property
    def counters(self) -> SourceCounters:
        """Return a copy of the counts."""
        return replace(self._counters)

    @property
    def duration_s(self) -> float | None:
        """Length in seconds according to the opened file; None if unspecified."""
        return self._duration_s

    def open(self) -> None:
        """Open the file at its first frame.

        Raises:
            SourceError: there is no such file, it is damaged or empty, or holds no video.
        """
        with self._in_use:
            self._let_go()
            self._closing.clear()
            self._first_pts_s = self._last_s = self._play_offset_s = self._size_wh = None
            self._first_number = self._counters.decoded
            self._received, self._decoded_before = 0, self._counters.decoded - self._counters.corrupt
            fault = self._open_container()
            if fault is not None:
                self._let_go()
        if fault is not None:
            raise self._make_error(fault)

    def read(self) -> Frame | None:
        """Return the next frame that is due, or None at the end.

        Raises:
            SourceError: no frame of the file could be decoded.
        """
        with self._in_use:
            if self._container is None:
                return None
            for decoded in self._frames:
                if self._closing.is_set():
                    break
                frame = self._take(decoded)
                if frame is not None:
                    return frame
            was_closed = self._closing.is_set()
            self._let_go()
        if not was_closed:
            self._check_end()
        return None

    def close(self) -> None:
        """Release the file; a read in another thread ends with its frame."""
        self._closing.set()
        if self._in_use.acquire(blocking=False):
            try:
                self._let_go()
            finally:
                self._in_use.release()

    def _open_container(self) -> SourceFault | None:
        opened = open_video_file(Path(self._address.location))
        if isinstance(opened, SourceFault):
            return opened
        self._container = opened
        stream = self._container.streams.video[0]
        stream.thread_type = "AUTO"
        rate = self._address.video_fps or stream.average_rate or stream.guessed_rate
        self._interval_s = 1.0 / float(rate) if rate else 1.0 / _FALLBACK_FPS
        self._announced = int(stream.frames or 0)
        length = self._container.duration
        self._duration_s = length / av.time_base if length and length > 0 else None
        if self._address.video_fps:
            self._duration_s = self._announced * self._interval_s or None
        self._frames = self._decode(stream)
        return None

    def _decode(self, stream: Any) -> Iterator[Any]:
        """Yield every frame that can be decoded; damaged parts are counted and skipped."""
        packets = self._container.demux(stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.error.FFmpegError, OSError, ValueError):
                self._counters.undecodable += 1
                yield from self._flush(stream)
                return
            is_end = packet.size == 0 and packet.pts is None
            self._received += not is_end
            self._counters.packets += not is_end
            try:
                frames = packet.decode()
            except (av.error.FFmpegError, ValueError):
                self._counters.undecodable += 1
                continue
            self._counters.undecodable += packet.is_corrupt
            yield from frames

    def _flush(self, stream: Any) -> Iterator[Any]:
        """Yield the frames that the decoder still holds when the file breaks off."""
        try:
            yield from stream.codec_context.decode(None)
        except (av.error.FFmpegError, ValueError):
            self._counters.undecodable += 1

    def _take(self, decoded: Any) -> Frame | None:
        number = self._counters.decoded
        self._counters.decoded += 1
        if decoded.is_corrupt:
            self._counters.corrupt += 1
            return None
        size_wh = (decoded.width, decoded.height)
        self._counters.resized += self._size_wh is not None and self._size_wh != size_wh
        self._size_wh = size_wh
        fps = self._address.video_fps
        elapsed_s = (number - self._first_number) / fps if fps else self._time_frame(decoded)
        if not self._sampler.is_due(elapsed_s):
            return None
        if self._address.pacing is Pacing.REAL_TIME and not self._wait_for_turn(elapsed_s):
            return None
        self._counters.delivered += 1
        picture = convert_to_bgr(decoded, rotation_degrees=int(decoded.rotation or 0))
        return Frame(self._camera, picture, (self._address.start_utc_s or 0.0) + elapsed_s, number)

    def _time_frame(self, decoded: Any) -> float:
        """Return seconds since the first frame, strictly increasing."""
        pts_s = None if decoded.time is None else float(decoded.time)
        if self._last_s is None:
            self._first_pts_s, self._last_s = self._correct_first(pts_s, decoded), 0.0
            return 0.0
        if self._first_pts_s is None and pts_s is not None:
            self._first_pts_s = pts_s - self._last_s - self._interval_s
        elapsed_s = None if pts_s is None or self._first_pts_s is None else pts_s - self._first_pts_s
        if elapsed_s is None or elapsed_s <= self._last_s:
            self._counters.retimed += 1
            elapsed_s = self._last_s + self._interval_s
        self._last_s = elapsed_s
        return elapsed_s

    def _correct_first(self, pts_s: float | None, decoded: Any) -> float | None:
        """Return the first frame's time stamp, corrected where presentation would precede decoding.

        MPEG program streams may stamp the first picture with its decoding time, one frame interval too early;
        the decoding time of the packet that releases it is then correct.
        """
        if pts_s is None or decoded.dts is None or decoded.time_base is None:
            return pts_s
        dts_s = float(decoded.dts * decoded.time_base)
        return dts_s if 0 < dts_s - pts_s <= 2.5 * self._interval_s else pts_s

    def _wait_for_turn(self, elapsed_s: float) -> bool:
        """Wait for the frame's real time; return False if the source was closed meanwhile."""
        now_s = self._clock.monotonic_s()
        if self._play_offset_s is None:
            self._play_offset_s = now_s - elapsed_s
        wait_s = self._play_offset_s + elapsed_s - now_s
        return not (wait_s > 0 and self._closing.wait(wait_s))

    def _check_end(self) -> None:
        if self._counters.decoded - self._counters.corrupt <= self._decoded_before:
            raise self._make_error(SourceFault.UNREADABLE_FILE)
        missing = max(0, self._announced - self._received)
        if missing:
            self._counters.missing += missing
            self._report(
                "shorter_than_announced",
                f"The recording ends after {self._received} of {self._announced} frames.",
            )

    def _report(self, state: str, detail: str) -> None:
        if self._listener is not None:
            self._listener(SourceReport(self._camera, state, detail))

    def _make_error(self, fault: SourceFault) -> SourceError:
        return make_file_error(fault, camera=self._camera, location=self._address.location)

    def _let_go(self) -> None:
        container, self._container, self._frames = self._container, None, iter(())
        if container is not None:
            container.close()


def open_video_file(path: Path) -> Any:
    """Return an open PyAV container with at least one video stream, or a ``SourceFault``."""
    try:
        if not path.is_file():
            return SourceFault.NOT_FOUND
        # with the file protocol, so that a name with a colon is not taken for a URL
        container = av.open(f"file:{path}")
    except PermissionError:
        return SourceFault.NO_PERMISSION
    except (av.error.FFmpegError, OSError, ValueError):
        return SourceFault.UNREADABLE_FILE
    if container.streams.video:
        return container
    container.close()
    return SourceFault.NO_VIDEO


def make_file_error(fault: SourceFault, *, camera: CameraId, location: str) -> SourceError:
    """Return the error of a video file that cannot be read."""
    if fault is SourceFault.NOT_FOUND:
        return SourceError(
            "There is no video file {location} for camera '{camera}'.",
            "Check whether it was moved or renamed, or whether its drive is connected.",
            location=location,
            camera=camera,
            fault=fault.value,
        )
    return make_source_error(fault, camera=camera, location=location)
