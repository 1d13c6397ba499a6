"""Reading of live cameras: the part that network streams and USB cameras share."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import av
import av.error

from analytics.domain.clock import Clock
from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from vision.pixel_types import Frame
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import ReportListener, SourceReport
from vision.sources.picture_conversion import convert_to_bgr
from vision.sources.source_counters import SourceCounters
from vision.sources.source_faults import SourceFault, make_source_error
from vision.sources.stream_profile import StreamProfile, StreamTiming, choose_timing

_TOO_LATE_PART = 0.95
_FAULT_BY_TYPE: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], SourceFault], ...] = (
    ((av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError), SourceFault.WRONG_PASSWORD),
    (av.error.HTTPNotFoundError, SourceFault.NOT_FOUND),
    ((av.error.HTTPServerError, av.error.HTTPOtherClientError), SourceFault.TOO_MANY_VIEWERS),
    (ConnectionRefusedError, SourceFault.REFUSED),
    ((ConnectionResetError, ConnectionAbortedError, BrokenPipeError, EOFError), SourceFault.LOST),
    ((av.error.ExitError, TimeoutError), SourceFault.NO_ANSWER),
    (av.error.DecoderNotFoundError, SourceFault.UNDECODABLE),
    ((av.error.ProtocolNotFoundError, av.error.DemuxerNotFoundError), SourceFault.BAD_ADDRESS),
    (PermissionError, SourceFault.DEVICE_BUSY),
    (FileNotFoundError, SourceFault.NOT_FOUND),
)
_EPROTONOSUPPORT = (93, 135, 43)
"""Error number on Linux, Windows and macOS."""
_EBUSY = 16


def classify_opening(error: BaseException, *, elapsed_s: float, limit_s: float) -> SourceFault:
    """Return the cause of a failed connection attempt.

    Args:
        elapsed_s: duration of the attempt. A camera that accepts the connection and never answers causes
            an error about its data, so the duration tells the two apart.
        limit_s: time limit of the attempt.
    """
    if elapsed_s >= _TOO_LATE_PART * limit_s:
        return SourceFault.NO_ANSWER
    if isinstance(error, av.error.FFmpegError) and error.errno in _EPROTONOSUPPORT:
        return SourceFault.TRANSPORT_REFUSED
    return _classify_by_type(error)


def classify_reading(error: BaseException) -> SourceFault:
    """Return the cause of a lost connection."""
    fault = _classify_by_type(error)
    if fault is SourceFault.NO_ANSWER:
        return SourceFault.SILENT
    return SourceFault.LOST if fault is SourceFault.UNREACHABLE else fault


def describe_safely(error: BaseException) -> str:
    """Return the error without its address: the system's text for its number, or its type."""
    if isinstance(error, av.error.FFmpegError) and error.strerror:
        return error.strerror
    return type(error).__name__


def _classify_by_type(error: BaseException) -> SourceFault:
    for kinds, fault in _FAULT_BY_TYPE:
        if isinstance(error, kinds):
            return fault
    if isinstance(error, av.error.InvalidDataError):
        return SourceFault.UNDECODABLE
    if isinstance(error, OSError):
        return SourceFault.DEVICE_BUSY if error.errno == _EBUSY else SourceFault.UNREACHABLE
    return SourceFault.UNKNOWN


WINDOW_S = 30.0
MAX_LAG_S = 10.0
MAX_STEP_BACK_S = 1.0
MAX_STEP_AHEAD_S = 2.0


class CaptureClock:
    """Conversion of a camera's presentation times to our clock, by the smallest delay of the last 30 s.

    Frames arrive late by a varying delay (network, bursts) and never early. So the smallest difference
    between arrival and presentation time is the best estimate of the offset between the two clocks; with it,
    frames that arrive in a burst keep their true spacing, and slow drift of the camera's clock is followed.
    The camera's wall clock is not needed; it is often wrong by hours.

    Arrival is measured on the monotonic clock and turned into UTC at the end, so that setting this
    machine's clock moves the result at once and leaves the window as it is.
    """

    def __init__(self) -> None:
        self._offsets: deque[tuple[float, float]] = deque()
        self._last_pts_s: float | None = None
        self.resets = 0

    def capture_time_s(self, *, pts_s: float, arrival_monotonic_s: float, arrival_utc_s: float) -> float:
        """Return the UTC capture time of a frame, seconds since the epoch, never later than its arrival.

        Args:
            pts_s: presentation time of the frame, seconds from an arbitrary start.
            arrival_monotonic_s, arrival_utc_s: time of its arrival on both clocks.
        """
        if self._has_jumped(pts_s, arrival_monotonic_s):
            self._offsets.clear()
            self.resets += 1
        self._last_pts_s = pts_s
        offset_s = arrival_monotonic_s - pts_s
        while self._offsets and self._offsets[-1][1] >= offset_s:
            self._offsets.pop()
        self._offsets.append((arrival_monotonic_s, offset_s))
        while self._offsets[0][0] < arrival_monotonic_s - WINDOW_S:
            self._offsets.popleft()
        delay_s = offset_s - self._offsets[0][1]
        return arrival_utc_s - delay_s

    def _has_jumped(self, pts_s: float, arrival_monotonic_s: float) -> bool:
        """Return whether the camera's time stamps jumped (a restart, a wrapped counter, a skipped part)."""
        if self._last_pts_s is None or not self._offsets:
            return False
        went_back = pts_s < self._last_pts_s - MAX_STEP_BACK_S
        lag_s = arrival_monotonic_s - pts_s - self._offsets[0][1]
        return went_back or not -MAX_STEP_AHEAD_S <= lag_s <= MAX_LAG_S


Opener = Callable[..., Any]
"""``av.open``, or a replacement for tests."""
PICTURE_LIMIT_S = 30.0
"""Seconds of packets without one good picture after which the stream counts as undecodable."""
_SILENCE_SHARE = 0.95
_WAITED_S = 0.005
_CATCH_UP_LIMIT_S = 1.0
_MAX_LATENESS_S = 2.0
_INTRA_ONLY_CODECS = ("mjpeg", "rawvideo")


@dataclass(slots=True)
class _Connection:
    """State of one connection, discarded with it.

    Attributes:
        opened_s: time of the connection, monotonic.
        has_caught_up: whether reading had to wait for a packet. While a connection is examined, packets
            queue up and then arrive at once; with arrival times, people in them would run.
        good_s: time of the last intact picture, or of the connection; monotonic.
        camera_utc_s: the camera's clock at the last packet with it, until compared with a frame.
        play_offset_s: monotonic time minus presentation time, for streams that are played out.
        is_intra_only: every picture is encoded independently, so pictures not due need not be decoded.
        due_s: capture time of the picture being decoded, for such a stream.
    """

    container: Any
    packets: Iterator[Any]
    timing: StreamTiming
    opened_s: float
    good_s: float
    has_caught_up: bool
    pending: deque[Any] = field(default_factory=deque)
    capture_clock: CaptureClock = field(default_factory=CaptureClock)
    seen_resets: int = 0
    camera_utc_s: float | None = None
    play_offset_s: float | None = None
    is_intra_only: bool = False
    due_s: float = 0.0


class LiveSource:
    """Source that decodes frames and converts the due ones; the caller reconnects.

    Where every picture is encoded independently, pictures that are not due are not decoded either.

    Packets are the sign of life: after a time-out FFmpeg returns buffered frames, so a successful read
    proves nothing. The same object may be opened again after a failure; its
    counters continue. ``read`` and ``open`` belong to one thread; ``close`` may be called from any.
    """

    def __init__(
        self,
        *,
        camera: CameraId,
        location: str,
        transport: str,
        profile: StreamProfile,
        sampler: FrameSampler,
        clock: Clock,
        listener: ReportListener | None,
        opener: Opener,
    ) -> None:
        self._camera = camera
        self._location = location
        self._transport = transport
        self._profile = profile
        self._sampler = sampler
        self._clock = clock
        self._listener = listener
        self._opener = opener
        self._counters = SourceCounters()
        self._in_use = threading.Lock()
        self._closing = threading.Event()
        self._connection: _Connection | None = None
        self._size_wh: tuple[int, int] | None = None
        self._skew_s: float | None = None

    @property
    def counters(self) -> SourceCounters:
        """Return a copy of the counts."""
        return replace(self._counters)

    @property
    def camera_clock_skew_s(self) -> float | None:
        """Seconds by which the camera's clock is ahead of ours, if reported; never used as a frame's time."""
        return self._skew_s

    def open(self) -> None:
        """Connect within the time limit; only the first picture proves that the camera works.

        Raises:
            SourceError: with the cause and a remedy.
        """
        with self._in_use:
            self._let_go()
            self._closing.clear()
            container, error = self._connect()
            if container is not None and error is None:
                error = self._begin(container)
            if error is not None or self._closing.is_set():
                self._let_go()
        if error is not None:
            raise error

    def read(self) -> Frame | None:
        """Return the next frame that is due, or None once the source was closed.

        Raises:
            SourceError: the source was lost, has been silent for too long, or was never opened.
        """
        error: SourceError | None = None
        frame: Frame | None = None
        with self._in_use:
            link = self._connection
            if link is None and not self._closing.is_set():
                raise RuntimeError("open() comes before read()")
            while link is not None and frame is None and error is None and not self._closing.is_set():
                if link.pending:
                    frame = self._take(link, link.pending.popleft())
                else:
                    error = self._receive(link)
            if error is not None or self._closing.is_set():
                self._let_go()
        if error is not None:
            raise error
        return None if self._closing.is_set() else frame

    def close(self) -> None:
        """Release the connection; a read in another thread ends at its next packet or time limit."""
        self._closing.set()
        if self._in_use.acquire(blocking=False):
            try:
                self._let_go()
            finally:
                self._in_use.release()

    def _target(self) -> tuple[str, str | None]:
        """Return the location, credentials included, and the format's name where FFmpeg needs it."""
        raise NotImplementedError

    def _refine(self, fault: SourceFault) -> SourceFault:
        """Return a more specific cause for this kind of source."""
        return fault

    def _connect(self) -> tuple[Any, SourceError | None]:
        """Open the container; return an error instead of raising, so that FFmpeg's text is not chained."""
        began_s = self._clock.monotonic_s()
        file, format_name = self._target()
        open_limit_s = self._profile.open_limit_s
        try:
            container = self._opener(
                file,
                format=format_name,
                options=dict(self._profile.container_options),
                timeout=(open_limit_s, self._profile.silence_limit_s),
            )
        except (av.error.FFmpegError, OSError, ValueError) as caught:
            elapsed_s = self._clock.monotonic_s() - began_s
            fault = self._refine(classify_opening(caught, elapsed_s=elapsed_s, limit_s=open_limit_s))
            return None, self._make_error(fault, limit_s=open_limit_s, reason=describe_safely(caught))
        return container, None

    def _begin(self, container: Any) -> SourceError | None:
        if not container.streams.video:
            container.close()
            return self._make_error(SourceFault.NO_VIDEO)
        stream = container.streams.video[0]
        if stream.codec_context is None:  # a codec that FFmpeg has no decoder for
            container.close()
            return self._make_error(SourceFault.UNDECODABLE)
        stream.codec_context.options = dict(self._profile.decoder_options)
        stream.codec_context.thread_count = 1
        timing, now_s = choose_timing(container.format.name), self._clock.monotonic_s()
        self._connection = _Connection(
            container=container,
            packets=iter(container.demux(stream)),
            timing=timing,
            opened_s=now_s,
            good_s=now_s,
            has_caught_up=timing is StreamTiming.PACED_PRESENTATION,
            is_intra_only=stream.codec_context.codec.canonical_name in _INTRA_ONLY_CODECS,
        )
        return None

    def _receive(self, link: _Connection) -> SourceError | None:
        """Wait for one packet and decode it."""
        requested_s = self._clock.monotonic_s()
        try:
            packet = next(link.packets)
        except StopIteration:
            return self._make_error(SourceFault.LOST)
        except (av.error.FFmpegError, OSError, ValueError) as caught:
            fault = classify_reading(caught)
            return self._make_error(
                fault, limit_s=self._profile.silence_limit_s, reason=describe_safely(caught)
            )
        arrived_s = self._clock.monotonic_s()
        if arrived_s - requested_s > _SILENCE_SHARE * self._profile.silence_limit_s:
            return self._make_error(SourceFault.SILENT, limit_s=self._profile.silence_limit_s)
        if packet.size == 0 and packet.pts is None:
            return self._make_error(SourceFault.LOST)
        if arrived_s - requested_s > _WAITED_S or arrived_s - link.opened_s > _CATCH_UP_LIMIT_S:
            link.has_caught_up = True
        self._counters.packets += 1
        link.camera_utc_s = _read_camera_time(packet) or link.camera_utc_s
        if not link.is_intra_only or self._is_packet_due(link, packet):
            try:
                link.pending.extend(packet.decode())
            except (av.error.FFmpegError, ValueError):
                self._counters.undecodable += 1
        if arrived_s - link.good_s > PICTURE_LIMIT_S:
            return self._make_error(SourceFault.UNDECODABLE)
        return None

    def _take(self, link: _Connection, decoded: Any) -> Frame | None:
        """Count one decoded frame; return a picture if it is intact and due."""
        number = self._counters.decoded
        self._counters.decoded += 1
        self._notice_size((decoded.width, decoded.height))
        if decoded.is_corrupt:
            self._counters.corrupt += 1
            return None
        link.good_s = self._clock.monotonic_s()
        if link.is_intra_only:
            time_s = link.due_s
        else:
            time_s = self._time_frame(link, decoded.time)
            if not link.has_caught_up or not self._sampler.is_due(time_s):
                return None
        self._counters.delivered += 1
        return Frame(self._camera, convert_to_bgr(decoded), time_s, number)

    def _is_packet_due(self, link: _Connection, packet: Any) -> bool:
        """Return whether an independent picture is worth decoding; count it as decoded if not."""
        has_time = packet.pts is not None and packet.time_base is not None
        link.due_s = self._time_frame(link, float(packet.pts * packet.time_base) if has_time else None)
        if link.has_caught_up and self._sampler.is_due(link.due_s):
            return True
        self._counters.decoded += 1
        return False

    def _time_frame(self, link: _Connection, pts_s: float | None) -> float:
        """Return the capture time; for streams that arrive in bursts, wait until the frame's time."""
        if pts_s is not None and link.timing is StreamTiming.PACED_PRESENTATION:
            self._wait_for_turn(link, pts_s)
        monotonic_s, utc_s = self._clock.monotonic_s(), self._clock.now_utc_s()
        if pts_s is None or link.timing is StreamTiming.ARRIVAL:
            return utc_s
        time_s = link.capture_clock.capture_time_s(
            pts_s=pts_s, arrival_monotonic_s=monotonic_s, arrival_utc_s=utc_s
        )
        if link.capture_clock.resets > link.seen_resets:
            link.seen_resets = link.capture_clock.resets
            self._counters.clock_resets += 1
            self._report("clock_reset", "The camera's time stamps jumped; its frames are timed anew.")
        if link.camera_utc_s is not None:
            self._skew_s, link.camera_utc_s = link.camera_utc_s - time_s, None
        return time_s

    def _wait_for_turn(self, link: _Connection, pts_s: float) -> None:
        now_s = self._clock.monotonic_s()
        if link.play_offset_s is None:
            link.play_offset_s = now_s - pts_s
        wait_s = link.play_offset_s + pts_s - now_s
        # a segment lasts a few seconds: a longer wait is a jump of the stream's time, a long delay is lost
        if not -_MAX_LATENESS_S <= wait_s <= self._profile.silence_limit_s:
            link.play_offset_s = now_s - pts_s
            return
        if wait_s > 0:
            self._closing.wait(wait_s)

    def _notice_size(self, size_wh: tuple[int, int]) -> None:
        before_wh, self._size_wh = self._size_wh, size_wh
        if before_wh is not None and before_wh != size_wh:
            self._counters.resized += 1
            self._report(
                "resized",
                f"The picture changed from {before_wh[0]} x {before_wh[1]} to {size_wh[0]} x {size_wh[1]}.",
            )

    def _report(self, state: str, detail: str) -> None:
        if self._listener is not None:
            self._listener(SourceReport(self._camera, state, detail))

    def _make_error(self, fault: SourceFault, *, limit_s: float = 0.0, reason: str = "") -> SourceError:
        return make_source_error(
            fault,
            camera=self._camera,
            location=self._location,
            limit_s=limit_s,
            reason=reason,
            transport=self._transport,
        )

    def _let_go(self) -> None:
        link, self._connection = self._connection, None
        if link is not None:
            link.container.close()


def _read_camera_time(packet: Any) -> float | None:
    """Return the camera's wall clock for a packet, seconds since the epoch, from RTCP sender reports."""
    if not packet.has_sidedata("prft"):
        return None
    # AVProducerReferenceTime begins with the time in microseconds since the Unix epoch, as a native int64.
    return int.from_bytes(bytes(packet.get_sidedata("prft"))[:8], "little", signed=True) / 1e6
