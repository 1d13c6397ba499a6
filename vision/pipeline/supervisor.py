"""Parent side of a pipeline: starts, watches, restarts and stops its processes.

Imports neither OpenCV, PyAV nor an inference library, so that a window can use it.
"""

from __future__ import annotations

import contextlib
import logging
import mmap
import os
import queue
import signal
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait

from analytics.domain.camera import Camera
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError, PipelineError
from analytics.domain.event_sink import CameraEvent, CameraEventKind
from analytics.domain.identifiers import CameraId
from vision.alignment.view_report import ViewPictures
from vision.pipeline.capture_process import CAMERAS_PER_PROCESS, CaptureAssignment, run_capture
from vision.pipeline.frame_slots import create_frame_slots, remove_frame_slots
from vision.pipeline.heartbeat import LifeLimits, choose_limits
from vision.pipeline.inference_process import run_inference
from vision.pipeline.messages import (
    CameraAdded,
    CameraAnalysis,
    CameraCalibrated,
    CameraCapture,
    CameraChanged,
    CameraRemoved,
    CameraState,
    CameraTracks,
    CaptureBeat,
    ConnectAgain,
    Failed,
    Finished,
    InferenceBeat,
    Logged,
    TracksSeen,
    ViewSeen,
)
from vision.pipeline.pipeline_parts import InferenceAssignment, PipelineParts
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus, ProcessStatus, Tally
from vision.pipeline.plan import CameraFeed, PipelinePlan
from vision.pipeline.shared_segment import make_segment_name, remove_stale_segments
from vision.pipeline.supervised_process import SupervisedProcess
from vision.pipeline.wake_signal import WakeSignal


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """Delays and limits for restarting processes.

    Attributes:
        first_delay_s: pause before the second restart in a row; the first is immediate.
        maximum_delay_s: limit of the doubling pause.
        healthy_after_s: a crash after this uptime is regarded as unrelated to the previous one.
        window_s: crashes within this time count together.
        isolate_after: crashes of a process with several cameras after which each gets its own process.
        quarantine_after: crashes of a process with one camera after which that camera is quarantined.
        quarantine_s: duration of a quarantine, after which the camera is tried again.
    """

    first_delay_s: float = 0.5
    maximum_delay_s: float = 15.0
    healthy_after_s: float = 30.0
    window_s: float = 300.0
    isolate_after: int = 2
    quarantine_after: int = 5
    quarantine_s: float = 600.0


@dataclass(frozen=True, slots=True)
class CrashHistory:
    """Crash times of one process in monotonic seconds; grows only by ``after_crash``."""

    crashes_s: tuple[float, ...] = ()
    in_a_row: int = 0

    def after_crash(self, now_s: float, *, uptime_s: float, policy: RestartPolicy) -> CrashHistory:
        """Return the history with one more crash, without those too old to count."""
        recent = tuple(c for c in self.crashes_s if now_s - c < policy.window_s)
        in_a_row = 1 if uptime_s >= policy.healthy_after_s else self.in_a_row + 1
        return CrashHistory((*recent, now_s), in_a_row)

    def delay_s(self, policy: RestartPolicy) -> float:
        """Return seconds until the next start: zero after the first crash, then doubling."""
        if self.in_a_row <= 1:
            return 0.0
        return float(min(policy.first_delay_s * 2.0 ** (self.in_a_row - 2), policy.maximum_delay_s))

    def is_to_isolate(self, cameras: int, policy: RestartPolicy) -> bool:
        """Return whether to test which of several cameras kills the process they share."""
        return cameras > 1 and len(self.crashes_s) >= policy.isolate_after

    def is_to_quarantine(self, cameras: int, policy: RestartPolicy) -> bool:
        """Return whether the process's only camera is to be quarantined for a while."""
        return cameras == 1 and len(self.crashes_s) >= policy.quarantine_after


@dataclass(slots=True)
class ProcessUnit:
    """A process to be kept running.

    Attributes:
        cameras: names of the cameras that it reads.
        is_shared: whether it may read more cameras, if it has room.
        start_at_s: time of the next start, on the monotonic clock; None once it is finished.
        last_words: its report of a failure before it ended.
    """

    name: str
    cameras: tuple[CameraId, ...]
    start_at_s: float | None
    is_shared: bool = True
    process: SupervisedProcess | None = None
    history: CrashHistory = field(default_factory=CrashHistory)
    restarts: int = 0
    detail: str = ""
    last_words: str = ""
    has_finished: bool = False


_CAPTURE_COUNTS = ("decoded", "corrupt", "reconnects")
_ANALYSIS_COUNTS = ("analysed", "dropped", "points")


class CameraAccount:
    """One camera's counts and state, across restarts of the processes that report them."""

    def __init__(self, feed: CameraFeed) -> None:
        self._feed = feed
        self._tallies = {name: Tally() for name in (*_CAPTURE_COUNTS, *_ANALYSIS_COUNTS)}
        self._capture = CameraCapture(feed.camera.name, CameraState.CONNECTING)
        self._analysis = CameraAnalysis(feed.camera.name)
        self._tracks: CameraTracks | None = None
        self._view_pictures: ViewPictures | None = None
        self._first_time_s: float | None = None

    def restart_capture(self, state: CameraState, detail: str) -> None:
        """Record the end of the process that reads the camera."""
        self._capture = CameraCapture(
            self._feed.camera.name, state, detail, duration_s=self._capture.duration_s
        )
        for name in _CAPTURE_COUNTS:
            self._tallies[name].restart()

    def restart_analysis(self) -> None:
        """Record the end of the inference process."""
        self._analysis = CameraAnalysis(
            self._feed.camera.name, last_time_s=self._analysis.last_time_s, view=self._analysis.view
        )
        self._tracks = None
        for name in _ANALYSIS_COUNTS:
            self._tallies[name].restart()

    def take_capture(self, report: CameraCapture, now_s: float) -> None:
        """Apply a report of the capture process."""
        self._capture = report
        for name in _CAPTURE_COUNTS:
            self._tallies[name].update(getattr(report, name), now_s)

    def take_analysis(self, report: CameraAnalysis, now_s: float) -> None:
        """Apply a report of the inference process."""
        if self._first_time_s is None:
            self._first_time_s = report.first_time_s
        if report.last_time_s is None:
            report = replace(report, last_time_s=self._analysis.last_time_s)
        self._analysis = report
        for name in _ANALYSIS_COUNTS:
            self._tallies[name].update(getattr(report, name), now_s)

    def take_tracks(self, tracks: CameraTracks) -> None:
        """Set the people in the newest analysed picture."""
        self._tracks = tracks

    def take_view(self, pictures: ViewPictures) -> None:
        """Set the pictures of the empty floor before and after the view changed."""
        self._view_pictures = pictures

    def forget_tracks(self) -> None:
        """Clear the tracks when the pipeline has stopped."""
        self._tracks = None

    def status(self, *, now_s: float, now_utc_s: float) -> CameraStatus:
        """Return the present status of the camera."""
        times_s = (self._analysis.last_time_s, None if self._tracks is None else self._tracks.time_s)
        last_s = max((time_s for time_s in times_s if time_s is not None), default=None)
        total = {name: tally.total for name, tally in self._tallies.items()}
        is_streaming = self._capture.state is CameraState.STREAMING
        tracks = self._tracks if is_streaming else None
        people = self._analysis.people if tracks is None else len(tracks.tracks)
        return CameraStatus(
            camera=self._feed.camera.name,
            state=self._capture.state,
            detail=self._capture.detail or self._analysis.detail,
            fps_in=self._tallies["decoded"].rate(now_s),
            fps_analysed=self._tallies["analysed"].rate(now_s),
            fps_dropped=self._tallies["dropped"].rate(now_s),
            decoded=total["decoded"],
            analysed=total["analysed"],
            dropped=total["dropped"],
            corrupt=total["corrupt"],
            points=total["points"],
            reconnects=total["reconnects"],
            age_s=None if last_s is None or self._feed.is_lossless else max(0.0, now_utc_s - last_s),
            people=people if is_streaming else 0,
            media_s=0.0 if last_s is None or self._first_time_s is None else last_s - self._first_time_s,
            duration_s=self._capture.duration_s,
            size_wh=self._capture.size_wh,
            error=self._capture.error,
            tracks=() if tracks is None else tracks.tracks,
            tracks_time_s=None if tracks is None else tracks.time_s,
            found_xyxy=() if tracks is None else tracks.found_xyxy,
            view=self._analysis.view,
            view_pictures=self._view_pictures,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _ReadCamera:
    """A camera that is read.

    Attributes:
        slots: name of its control segment.
        released: signal that wakes its capture process; None for a live camera.
    """

    feed: CameraFeed
    slots: str
    control: mmap.mmap
    released: WakeSignal | None


class ChangedMasks:
    """Feeds with their newest privacy masks; read in one thread, updated from any.

    Only the blackened area and the darkness setting change here, which is all that reading a camera needs.
    """

    def __init__(self, feeds: Sequence[CameraFeed]) -> None:
        self._updates: queue.SimpleQueue[tuple[Camera, ...]] = queue.SimpleQueue()
        self._feeds = {feed.camera.name: feed for feed in feeds}

    def update(self, cameras: Sequence[Camera]) -> None:
        """Set the present settings of cameras; returns at once."""
        self._updates.put(tuple(cameras))

    def add(self, feed: CameraFeed) -> None:
        """Add a feed."""
        self._feeds[feed.camera.name] = feed

    def remove(self, camera: CameraId) -> None:
        """Remove the feed of a camera."""
        del self._feeds[camera]

    def current_feed(self, camera: CameraId) -> CameraFeed:
        """Return what a capture process started now has to read."""
        return self._feeds[camera]

    def take_changes(self) -> list[Camera]:
        """Return the changed cameras of feeds since the last call."""
        changed: dict[CameraId, Camera] = {}
        with contextlib.suppress(queue.Empty):
            while True:
                for camera in self._updates.get_nowait():
                    changed |= self._change(camera)
        return list(changed.values())

    def _change(self, camera: Camera) -> dict[CameraId, Camera]:
        feed = self._feeds.get(camera.name)
        if feed is None:
            return {}
        was = feed.camera
        if (was.privacy_mask, was.may_be_dark) == (camera.privacy_mask, camera.may_be_dark):
            return {}
        now = replace(was, may_be_dark=camera.may_be_dark)
        if was.privacy_mask != camera.privacy_mask:
            # in the size of the picture it was drawn on, which may differ from the calibration's
            now = replace(now, frame_size_wh=camera.frame_size_wh, privacy_mask=camera.privacy_mask)
        self._feeds[camera.name] = replace(feed, camera=now)
        return {camera.name: now}


class ConnectRequests:
    """Reconnect requests, made from any thread and forwarded in the supervisor's."""

    def __init__(self) -> None:
        self._requested: queue.SimpleQueue[str] = queue.SimpleQueue()

    def add(self, camera: str) -> None:
        """Request a reconnect of a camera by name; returns at once. A camera that is not read is ignored."""
        self._requested.put(camera)

    def forward(self, units: Iterable[ProcessUnit], *, now_s: float) -> None:
        """Forward requests to capture processes; one waiting for its restart is started now."""
        requested: set[str] = set()
        with contextlib.suppress(queue.Empty):
            while True:
                requested.add(self._requested.get_nowait())
        if not requested:
            return
        for unit in units:
            for camera in requested:
                if camera not in unit.cameras:
                    continue
                if unit.process is not None:
                    unit.process.send(ConnectAgain(camera))
                elif unit.start_at_s is not None:
                    unit.start_at_s = min(unit.start_at_s, now_s)


MAX_STEP_S = 1.0


class PauseTolerantClock:
    """Monotonic time that leaves out pauses of its caller; wall time comes from the wrapped clock.

    A machine that sleeps, a paused virtual machine or a stopped process tree resumes all at once: without
    this, a supervisor that resumes first would consider every child dead. For one thread, which calls it
    often.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked_s = clock.monotonic_s()
        self._awake_s = self._asked_s

    def now_utc_s(self) -> float:
        """Return seconds since 1970-01-01T00:00:00Z."""
        return self._clock.now_utc_s()

    def monotonic_s(self) -> float:
        """Return seconds that never go back, and advance by at most one second between two calls."""
        now_s = self._clock.monotonic_s()
        self._awake_s += min(now_s - self._asked_s, MAX_STEP_S)
        self._asked_s = now_s
        return self._awake_s


_LOG = logging.getLogger(__name__)
_POLL_INTERVAL_S = 0.05
_MAX_LOGS = 1000
_STOP_INFERENCE_S, _STOP_LOADING_S, _STOP_CAPTURE_S = 10.0, 0.5, 1.5


class Supervisor:
    """Supervisor of the capture processes and the inference process of one plan.

    Everything happens in one thread of its own, which also starts the children: they die with the thread that
    started them. A plan with recordings only is not restarted: a process that dies is a failure.
    """

    def __init__(
        self,
        plan: PipelinePlan,
        parts: PipelineParts,
        *,
        policy: RestartPolicy | None = None,
        limits: LifeLimits | None = None,
        clock: Clock | None = None,
    ) -> None:
        if not plan.feeds:
            raise PipelineError("There is no camera to read.", "Add a camera or a video.")
        self._plan = plan
        self._parts = parts
        self._policy = policy or RestartPolicy()
        self._clock = PauseTolerantClock(clock or SystemClock())
        self._is_live = any(not feed.is_lossless for feed in plan.feeds)
        self._limits = limits or choose_limits(is_live=self._is_live)
        self._cameras: dict[CameraId, _ReadCamera] = {}
        self._accounts: dict[CameraId, CameraAccount] = {}
        self._slots: tuple[tuple[str, str], ...] = ()
        self._published = WakeSignal()
        self._units: list[ProcessUnit] = []
        self._inference = ProcessUnit("inference", (), start_at_s=0.0)
        self._has_run = False
        self._beat = InferenceBeat(is_loading=True)
        self._masks, self._requests = ChangedMasks(plan.feeds), ConnectRequests()
        self._changes: queue.SimpleQueue[tuple[CameraFeed, ...]] = queue.SimpleQueue()
        self._unsent: deque[Logged] = deque(maxlen=_MAX_LOGS)
        self._failure: ExpoFlowError | None = None
        self._stop_event = threading.Event()
        self._stop_cause = ""
        self._status = PipelineStatus()
        self._thread: threading.Thread | None = None

    @property
    def slots(self) -> tuple[tuple[str, str], ...]:
        """Name of each camera that is read, with that of its slots, for previews of its newest frame."""
        return self._slots

    def start(self) -> None:
        """Start every process; returns at once.

        Raises:
            PipelineError: shared memory is not available.
        """
        remove_stale_segments()
        try:
            for feed in self._plan.feeds:
                self._add_camera(feed)
        except PipelineError:
            self._remove_slots()
            raise
        names = tuple(self._cameras)
        for first in range(0, len(names), CAMERAS_PER_PROCESS):
            self._add_unit(names[first : first + CAMERAS_PER_PROCESS])
        self._thread = threading.Thread(target=self._run, name="pipeline supervisor", daemon=True)
        self._thread.start()

    def poll(self) -> PipelineStatus:
        """Return the present status; cheap and never blocks."""
        return self._status

    def change_masks(self, cameras: Sequence[Camera]) -> None:
        """Apply cameras' new privacy masks and darkness settings; returns at once.

        A camera that is not in the plan, or whose settings are unchanged, is ignored.
        """
        self._masks.update(cameras)

    def change_feeds(self, feeds: Sequence[CameraFeed]) -> None:
        """Read these live cameras, at least one, from now on; returns at once.

        Cameras that are read already go on; people in one that was calibrated anew are followed afresh. Those
        that are not among the feeds are given up.
        """
        self._changes.put(tuple(feeds))

    def connect_again(self, camera: str) -> None:
        """Request a reconnect of a camera; returns at once."""
        self._requests.add(camera)

    def wait(self, timeout_s: float) -> bool:
        """Wait until the pipeline has stopped by itself; return whether it has."""
        assert self._thread is not None, "start comes first"
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def stop(self, cause: str = "") -> PipelineStatus:
        """Request every process to make its results durable and exit; end those that do not.

        Args:
            cause: cause of the gap that begins, if no user stopped the recording: see `observation_log`.

        Returns:
            The final status.
        """
        if not self._stop_event.is_set():
            self._stop_cause = cause
        self._stop_event.set()
        if self._thread is not None:
            self._thread.join()
        return self._status

    def __enter__(self) -> Supervisor:
        self.start()
        return self

    def __exit__(self, *_details: object) -> None:
        self.stop()

    def _run(self) -> None:
        if hasattr(signal, "pthread_sigmask"):
            # inherited by the children: the keyboard's interrupt is for the parent, which stops them
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            while not self._stop_event.is_set() and self._failure is None:
                self._follow_changes()
                self._pass_on_masks()
                self._requests.forward(self._units, now_s=self._clock.monotonic_s())
                self._start_due_processes()
                self._receive_messages()
                if self._inference.has_finished:
                    break
                self._check_processes()
                self._publish()
                self._wait_for_events()
        except Exception as error:
            _LOG.exception("the supervisor stops")
            self._failure = PipelineError(
                "The pipeline stopped on an unexpected {kind}: {text}",
                "Start it again; report this if it happens again.",
                kind=type(error).__name__,
                text=str(error),
            )
        finally:
            self._end_all()

    def _add_camera(self, feed: CameraFeed) -> None:
        """Add a camera, which no process knows yet.

        Raises:
            PipelineError: there is not enough shared memory.
        """
        name, slots = feed.camera.name, make_segment_name(os.getpid())
        control = create_frame_slots(slots, is_lossless=feed.is_lossless)
        released = WakeSignal() if feed.is_lossless else None
        self._cameras[name] = _ReadCamera(feed, slots, control, released)
        self._accounts[name] = CameraAccount(feed)
        self._note_cameras()

    def _note_cameras(self) -> None:
        self._slots = tuple((str(name), camera.slots) for name, camera in self._cameras.items())
        self._inference.cameras = tuple(self._cameras)

    def _follow_changes(self) -> None:
        feeds: tuple[CameraFeed, ...] = ()
        with contextlib.suppress(queue.Empty):
            while True:
                feeds = self._changes.get_nowait()
        if not feeds:
            return
        for feed in feeds:
            known = self._cameras.get(feed.camera.name)
            if known is not None and known.feed.camera.calibration != feed.camera.calibration:
                self._calibrate(known, feed)
            elif known is None:
                try:
                    self._begin_to_read(feed)
                except (PipelineError, OSError) as error:
                    _LOG.warning("%s is not read: %s", feed.camera.name, error)
        if not any(feed.camera.name in self._cameras for feed in feeds):
            return  # a recording without cameras would end
        for name in self._cameras.keys() - {feed.camera.name for feed in feeds}:
            self._give_up(name)

    def _calibrate(self, known: _ReadCamera, feed: CameraFeed) -> None:
        """Analyse a camera by its new calibration; it is read on as it is."""
        feed = replace(feed, address=known.feed.address, detector=known.feed.detector)
        self._cameras[feed.camera.name] = replace(known, feed=feed)
        if self._inference.process is not None:
            self._inference.process.send(CameraCalibrated(_without_login(feed)))

    def _begin_to_read(self, feed: CameraFeed) -> None:
        self._add_camera(feed)
        self._masks.add(feed)
        name = feed.camera.name
        slots = self._cameras[name].slots
        if self._inference.process is not None:
            self._inference.process.send(CameraAdded(_without_login(feed), slots))
        for unit in self._units:
            has_room = unit.is_shared and 0 < len(unit.cameras) < CAMERAS_PER_PROCESS
            is_well = unit.process is not None or not unit.restarts
            # one that reads a video ends with it
            if has_room and is_well and all(self._cameras[one].feed.address.is_live for one in unit.cameras):
                self._set_cameras(unit, (*unit.cameras, name))
                if unit.process is not None:
                    unit.process.send(CameraAdded(feed, slots))
                return
        self._add_unit((name,))

    def _give_up(self, name: CameraId) -> None:
        units = [unit for unit in (*self._units, self._inference) if name in unit.cameras]
        camera = self._cameras.pop(name)
        self._note_cameras()
        self._masks.remove(name)
        del self._accounts[name]
        _remove_slots(camera)
        for unit in units:
            if unit is not self._inference:
                self._set_cameras(unit, tuple(one for one in unit.cameras if one != name))
            if unit.process is not None:
                unit.process.send(CameraRemoved(name))

    def _add_unit(self, cameras: tuple[CameraId, ...], *, is_shared: bool = True) -> None:
        unit = ProcessUnit("", (), start_at_s=0.0, is_shared=is_shared)
        self._set_cameras(unit, cameras)
        self._units.append(unit)

    @staticmethod
    def _set_cameras(unit: ProcessUnit, cameras: tuple[CameraId, ...]) -> None:
        unit.cameras, unit.name = cameras, f"capture of {', '.join(cameras)}"

    def _start_due_processes(self) -> None:
        now_s = self._clock.monotonic_s()
        self._units = [unit for unit in self._units if unit.cameras or unit.process is not None]
        for unit in (*self._units, self._inference):
            if unit.process is None and unit.start_at_s is not None and unit.start_at_s <= now_s:
                self._start(unit, now_s)

    def _start(self, unit: ProcessUnit, now_s: float) -> None:
        unit.last_words = ""
        is_inference = unit is self._inference
        if is_inference:
            body, assignment = run_inference, self._make_inference_assignment()
        else:
            body, assignment = run_capture, self._make_capture_assignment(unit)  # type: ignore[assignment]
        unit.process = SupervisedProcess(
            unit.name, body, assignment, now_s=now_s, limits=self._limits, is_loading=True
        )
        if is_inference:
            while self._unsent:
                unit.process.send(self._unsent.popleft())

    def _make_inference_assignment(self) -> InferenceAssignment:
        cameras = self._cameras
        feeds = tuple(
            replace(
                _without_login(one.feed),
                camera=replace(
                    one.feed.camera, may_be_dark=self._masks.current_feed(name).camera.may_be_dark
                ),
            )
            for name, one in cameras.items()
        )
        return InferenceAssignment(
            replace(self._plan, feeds=feeds),
            tuple(one.slots for one in cameras.values()),
            self._parts,
            self._published,
            tuple(one.released for one in cameras.values()),
            self._has_run,
            self._limits,
        )

    def _make_capture_assignment(self, unit: ProcessUnit) -> CaptureAssignment:
        return CaptureAssignment(
            tuple(self._masks.current_feed(name) for name in unit.cameras),
            tuple(self._cameras[name].slots for name in unit.cameras),
            self._parts.open_source,
            self._published,
            tuple(self._cameras[name].released for name in unit.cameras),
            self._limits,
        )

    def _pass_on_masks(self) -> None:
        for camera in self._masks.take_changes():
            for unit in (*self._units, self._inference):
                if camera.name in unit.cameras and unit.process is not None:
                    unit.process.send(CameraChanged(camera))

    def _receive_messages(self) -> None:
        now_s = self._clock.monotonic_s()
        for unit in (*self._units, self._inference):
            if unit.process is not None:
                for message in unit.process.receive(now_s):
                    self._take(unit, message, now_s)

    def _take(self, unit: ProcessUnit, message: object, now_s: float) -> None:  # noqa: PLR0912 - one for each message
        if isinstance(message, CaptureBeat):
            for capture in message.cameras:
                if (account := self._find_account(capture)) is not None:
                    account.take_capture(capture, now_s)
        elif isinstance(message, InferenceBeat):
            self._has_run = self._has_run or not message.is_loading
            for analysis in message.cameras:
                if (account := self._find_account(analysis)) is not None:
                    account.take_analysis(analysis, now_s)
            self._beat = replace(message, stage_seconds=message.stage_seconds or self._beat.stage_seconds)
        elif isinstance(message, TracksSeen):
            for tracks in message.cameras:
                if tracks.camera in self._accounts:
                    self._accounts[tracks.camera].take_tracks(tracks)
        elif isinstance(message, ViewSeen):
            if message.camera in self._accounts:
                self._accounts[message.camera].take_view(message.pictures)
        elif isinstance(message, Logged):
            self._log_event(message)
        elif isinstance(message, Failed):
            unit.last_words = message.error.problem
            if message.is_permanent or not self._is_live:
                self._failure = self._failure or message.error
        elif isinstance(message, Finished):
            unit.has_finished = message.is_complete

    def _find_account(self, report: CameraCapture | CameraAnalysis) -> CameraAccount | None:
        """Return the account that a report belongs to; None if its camera was given up meanwhile."""
        read = self._cameras.get(report.camera)
        return None if read is None or read.slots != report.slots else self._accounts[report.camera]

    def _log_event(self, message: Logged) -> None:
        if message.event.camera not in self._cameras:
            # it was given up meanwhile
            return
        if self._inference.process is not None and not self._inference.process.has_ended:
            self._inference.process.send(message)
        else:
            self._unsent.append(message)

    def _check_processes(self) -> None:
        now_s = self._clock.monotonic_s()
        for unit in (*self._units, self._inference):
            if unit.process is None:
                continue
            reason = None
            if not unit.process.has_ended:
                reason = unit.process.find_reason_to_kill(now_s)
                if reason is None:
                    continue
                unit.process.kill()
            for message in unit.process.receive(now_s):
                self._take(unit, message, now_s)
            if unit.has_finished or not unit.cameras:
                self._let_go(unit)
            else:
                self._handle_exit(unit, reason or unit.last_words or unit.process.describe_end(), now_s)

    def _let_go(self, unit: ProcessUnit) -> None:
        if unit.process is not None:
            unit.process.close()
        unit.process, unit.start_at_s = None, None

    def _handle_exit(self, unit: ProcessUnit, reason: str, now_s: float) -> None:
        """Decide whether and when a process that died is restarted."""
        assert unit.process is not None
        uptime_s = now_s - unit.process.started_s
        self._let_go(unit)
        if not self._is_live:
            self._failure = self._failure or PipelineError(
                "The process '{name}' ended unexpectedly ({reason}).",
                "Try again; if it crashes at the same place, the file or the model is the cause.",
                name=unit.name,
                reason=reason,
            )
            return
        unit.detail = reason
        unit.restarts += 1
        unit.history = unit.history.after_crash(now_s, uptime_s=uptime_s, policy=self._policy)
        unit.start_at_s = now_s + unit.history.delay_s(self._policy)
        _LOG.info("%s is started again: %s", unit.name, reason)
        if unit is self._inference:
            for account in self._accounts.values():
                account.restart_analysis()
        else:
            self._quarantine_camera(unit, reason, now_s)
        self._note_restart(unit, reason)

    def _quarantine_camera(self, unit: ProcessUnit, reason: str, now_s: float) -> None:
        """Find the camera that kills its process, and quarantine it."""
        state = CameraState.RESTARTING
        if unit.history.is_to_quarantine(len(unit.cameras), self._policy):
            state = CameraState.QUARANTINED
            unit.history = CrashHistory()
            unit.start_at_s = now_s + self._policy.quarantine_s
        elif unit.history.is_to_isolate(len(unit.cameras), self._policy):
            self._units.remove(unit)
            for name in unit.cameras:
                self._add_unit((name,), is_shared=False)
        for name in unit.cameras:
            self._accounts[name].restart_capture(state, reason)

    def _note_restart(self, unit: ProcessUnit, reason: str) -> None:
        what = "analysis" if unit is self._inference else "reading"
        for name in unit.cameras:
            self._log_event(
                Logged(
                    CameraEvent(
                        self._clock.now_utc_s(),
                        name,
                        CameraEventKind.RESTARTED,
                        f"{what} is started again: {reason}",
                    )
                )
            )

    def _publish(self, *, is_running: bool = True) -> None:
        now_s, now_utc_s = self._clock.monotonic_s(), self._clock.now_utc_s()
        self._status = PipelineStatus(
            cameras=tuple(
                self._accounts[name].status(now_s=now_s, now_utc_s=now_utc_s) for name in self._cameras
            ),
            processes=tuple(_describe(unit, now_s) for unit in (self._inference, *self._units)),
            is_finished=self._inference.has_finished and not self._stop_event.is_set(),
            is_running=is_running,
            failure=self._failure,
            stage_seconds=self._beat.stage_seconds,
            pictures_under_way=self._beat.pictures_under_way,
            history=self._beat.history,
            is_waiting=self._beat.is_waiting,
        )

    def _wait_for_events(self) -> None:
        sentinels = [unit.process.sentinel for unit in (*self._units, self._inference) if unit.process]
        if sentinels:
            wait(sentinels, timeout=_POLL_INTERVAL_S)
        else:
            self._stop_event.wait(_POLL_INTERVAL_S)

    def _end_all(self) -> None:
        running = [unit.process for unit in (*self._units, self._inference) if unit.process is not None]
        for process in running:
            process.request_stop(self._stop_cause)
        inference = self._inference.process
        if inference is not None:
            inference.end(within_s=_STOP_LOADING_S if inference.is_loading else _STOP_INFERENCE_S)
        for unit in self._units:
            if unit.process is not None:
                unit.process.end(within_s=_STOP_CAPTURE_S)
        with contextlib.suppress(Exception):
            self._receive_messages()
        for unit in (*self._units, self._inference):
            self._let_go(unit)
        self._remove_slots()
        for account in self._accounts.values():
            account.forget_tracks()
        self._publish(is_running=False)

    def _remove_slots(self) -> None:
        for camera in self._cameras.values():
            _remove_slots(camera)


def _remove_slots(camera: _ReadCamera) -> None:
    remove_frame_slots(camera.slots)
    camera.control.close()


def _without_login(feed: CameraFeed) -> CameraFeed:
    return replace(feed, address=replace(feed.address, user=None, password=None))


def _describe(unit: ProcessUnit, now_s: float) -> ProcessStatus:
    process: SupervisedProcess | None = unit.process
    return ProcessStatus(
        name=unit.name,
        pid=None if process is None else process.pid,
        uptime_s=0.0 if process is None else now_s - process.started_s,
        restarts=unit.restarts,
        is_loading=process is not None and process.is_loading,
        detail=unit.detail,
    )
