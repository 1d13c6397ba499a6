"""Capture of one camera in a capture process: connect, write due frames to slots, reconnect."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import replace

from analytics.domain.camera import Camera
from analytics.domain.clock import Clock
from analytics.domain.errors import ExpoFlowError, SourceError
from analytics.domain.event_sink import CameraEvent, CameraEventKind
from analytics.domain.identifiers import CameraId
from vision.pipeline.frame_slots import FrameWriter, LinkState
from vision.pipeline.messages import MASK_DOES_NOT_FIT, CameraCapture, CameraState, Failed, Logged
from vision.pipeline.pipeline_parts import SourceOpener
from vision.pipeline.plan import CameraFeed
from vision.pipeline.wake_signal import WakeSignal
from vision.pixel_types import DARK, Frame, PictureDoubt
from vision.sources.frame_source import FrameSource, SourceKind
from vision.sources.picture_watch import PictureWatch
from vision.sources.privacy_mask import PrivacyMask
from vision.sources.reconnect_policy import FeedState, ReconnectPolicy
from vision.sources.source_faults import SourceFault, fault_of, make_source_error

_LOG = logging.getLogger(__name__)

_WAKE_TIMEOUT_S = 0.05
"""Polling interval in seconds while a ring is full and no signal arrives."""
_BACK_OFF_STEP_S = 0.05
_REFUSALS = frozenset({SourceFault.WRONG_PASSWORD, SourceFault.NOT_FOUND, SourceFault.BAD_ADDRESS})


class CaptureThread(threading.Thread):
    """Thread that reads one camera until stopped or until the recording ends; never ends by an exception.

    ``snapshot``, which other threads read, is replaced as a whole, so it needs no lock.
    """

    def __init__(
        self,
        feed: CameraFeed,
        writer: FrameWriter,
        *,
        open_source: SourceOpener,
        clock: Clock,
        stop: threading.Event,
        post: Callable[[object], None],
        published: WakeSignal,
        released: WakeSignal | None,
    ) -> None:
        """Prepare without connecting.

        Args:
            published: set with every frame put in a slot.
            stop: this thread's own.
            released: set with every slot that becomes free; None for a live camera, which never waits.
        """
        super().__init__(name=f"capture {feed.camera.name}", daemon=True)
        self._feed = feed
        self._writer = writer
        self._open_source = open_source
        self._clock = clock
        self._stop_event = stop
        self._post = post
        self._published, self._released = published, released
        self._policy = ReconnectPolicy(random.Random(str(feed.camera.name)).random)  # noqa: S311 -- no secret
        self._status = self._policy.begin(now_s=clock.monotonic_s())
        self._watch = PictureWatch(
            may_be_dark=feed.camera.may_be_dark, can_freeze=feed.address.kind is not SourceKind.CLIP
        )
        self._privacy_mask = PrivacyMask(feed.camera)
        self._reconnect_requested = threading.Event()
        self._active_s = clock.monotonic_s()
        self._report = CameraCapture(feed.camera.name, CameraState.CONNECTING, slots=writer.name)

    def snapshot(self) -> CameraCapture:
        """Return the camera's state, with the time spent in the current native call."""
        return replace(self._report, silent_s=self._clock.monotonic_s() - self._active_s)

    @property
    def camera(self) -> CameraId:
        """Name of the camera that is read."""
        return self._feed.camera.name

    def change_camera(self, camera: Camera) -> None:
        """Apply the camera's new privacy mask and darkness setting from the next frame on."""
        self._privacy_mask = PrivacyMask(camera)
        self._watch.may_be_dark = camera.may_be_dark

    def connect_again(self) -> None:
        """Drop the connection and reconnect, or retry now; has no effect on a recording."""
        if not self._feed.is_lossless:
            self._reconnect_requested.set()

    def request_stop(self) -> None:
        """Ask the thread to end, which may take as long as its native call; returns at once."""
        self._stop_event.set()

    def run(self) -> None:
        """Connect and read repeatedly; a recording is read once."""
        source: FrameSource | None = None
        while not self._stop_event.is_set():
            self._active_s = self._clock.monotonic_s()
            try:
                if source is None:
                    source = self._open_source(self._feed, self._clock)
                source.open()
                if not self._read_until_end(source):
                    break
                self._let_go(source)
            except Exception as error:
                if not self._handle_failure(self._explain(error), source):
                    break
        if source is not None:
            source.close()

    def _let_go(self, source: FrameSource) -> None:
        source.close()
        self._writer.set_state(LinkState.LOST)
        self._status = self._policy.begin(now_s=self._clock.monotonic_s())
        self._report = replace(
            self._report, state=CameraState.CONNECTING, detail="", reconnects=self._report.reconnects + 1
        )

    def _read_until_end(self, source: FrameSource) -> bool:
        """Read frames; return True if a reconnect is requested, False at the end or on a stop."""
        self._watch.reset()
        is_first = True
        while not self._stop_event.is_set():
            self._active_s = self._clock.monotonic_s()
            frame = source.read()
            if frame is None:
                self._update(source, state=CameraState.ENDED, detail="")
                self._writer.end()
                self._published.set()
                return False
            if self._reconnect_requested.is_set():
                self._reconnect_requested.clear()
                return True
            frame = self._privacy_mask.cover(frame)
            self._status = self._policy.record_picture(self._status, now_s=self._clock.monotonic_s())
            if is_first:
                is_first = False
                self._note_connected(frame)
            frame = replace(frame, doubt=self._watch.observe(frame.picture, time_s=frame.time_s))
            self._note_frame(source, frame)
            self._writer.publish(frame, wait=self._wait_for_reader)
            self._published.set()
        return False

    def _wait_for_reader(self) -> bool:
        self._active_s = self._clock.monotonic_s()
        if self._released is not None:
            self._released.wait(_WAKE_TIMEOUT_S)
        return not self._stop_event.is_set()

    def _note_connected(self, frame: Frame) -> None:
        self._writer.begin_link()
        self._writer.set_state(LinkState.STREAMING)
        width, height = frame.size_wh
        self._log(CameraEventKind.CONNECTED, f"{width}x{height}")

    def _note_frame(self, source: FrameSource, frame: Frame) -> None:
        if self._report.size_wh not in (None, frame.size_wh):
            width, height = frame.size_wh
            self._log(CameraEventKind.RESIZED, f"{width}x{height}")
        if not self._privacy_mask.fits:
            state, detail = CameraState.STREAMING, MASK_DOES_NOT_FIT
        else:
            # the position in a recording is reported whatever the picture shows
            state, detail = _describe_doubt(None if self._feed.is_lossless else frame.doubt, frame.time_s)
        self._update(source, state=state, detail=detail, frame=frame)

    def _explain(self, error: Exception) -> ExpoFlowError:
        if isinstance(error, ExpoFlowError):
            return error
        # the text of a library's exception may hold an address with its password
        return make_source_error(
            SourceFault.UNKNOWN,
            camera=self._feed.camera.name,
            location=self._feed.address.location,
            reason=f"an unexpected {type(error).__name__}",
        )

    def _handle_failure(self, error: ExpoFlowError, source: FrameSource | None) -> bool:
        """Report the failure and wait for the next attempt; return False if there is none."""
        if self._feed.is_lossless:
            self._update(source, state=CameraState.REFUSED, detail=error.problem, error=error)
            self._post(Failed(error, is_permanent=True))
            return False
        if source is not None:
            source.close()
        fault = fault_of(error) if isinstance(error, SourceError) else SourceFault.UNKNOWN
        state = CameraState.REFUSED if fault in _REFUSALS else CameraState.LOST
        self._status = self._policy.fail(self._status, now_s=self._clock.monotonic_s(), fault=fault)
        self._writer.set_state(LinkState.LOST)
        if (self._report.state, self._report.detail) != (state, error.problem):
            kind = CameraEventKind.REFUSED if state is CameraState.REFUSED else CameraEventKind.LOST
            self._log(kind, error.problem)
        self._update(source, state=state, detail=error.problem, error=error)
        while self._status.state is FeedState.WAITING:
            if self._stop_event.wait(_BACK_OFF_STEP_S):
                return False
            self._active_s = self._clock.monotonic_s()
            if self._reconnect_requested.is_set():
                self._reconnect_requested.clear()
                self._status = self._policy.enable(self._status, now_s=self._active_s)
            self._status = self._policy.advance(self._status, now_s=self._active_s)
        self._report = replace(self._report, reconnects=self._report.reconnects + 1)
        return True

    def _update(
        self,
        source: FrameSource | None,
        *,
        state: CameraState,
        detail: str,
        frame: Frame | None = None,
        error: ExpoFlowError | None = None,
    ) -> None:
        report = replace(self._report, state=state, detail=detail, error=error)
        if frame is not None:
            report = replace(report, due=report.due + 1, size_wh=frame.size_wh)
        if report.duration_s is None:
            report = replace(report, duration_s=getattr(source, "duration_s", None))
        counters = getattr(source, "counters", None)
        if counters is not None:
            report = replace(report, decoded=counters.decoded, corrupt=counters.corrupt)
        elif frame is not None:
            report = replace(report, decoded=frame.number + 1)
        self._report = report

    def _log(self, kind: CameraEventKind, detail: str) -> None:
        self._post(Logged(CameraEvent(self._clock.now_utc_s(), self._feed.camera.name, kind, detail)))


def _describe_doubt(doubt: PictureDoubt | None, time_s: float) -> tuple[CameraState, str]:
    if doubt is None or not doubt.is_certain:
        return CameraState.STREAMING, ""
    if doubt.cause == DARK:
        return CameraState.DARK, f"the picture has been black for {time_s - doubt.since_s:.0f} s"
    return CameraState.FROZEN, f"the picture has not changed for {time_s - doubt.since_s:.0f} s"
