"""The loop of the inference process: keeps the device busy, collects results in order, flushes on time."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import replace

from analytics.domain.clock import Clock, read_uptime_s
from analytics.domain.errors import ExpoFlowError, Phrase
from analytics.domain.identifiers import CameraId
from vision.detection.detector import Detector, PendingDetections
from vision.detection.detector_choice import DetectorChoice
from vision.pipeline.camera_lane import CameraLane
from vision.pipeline.child_link import ChildLink
from vision.pipeline.frame_slots import FrameReader, SlotFrame
from vision.pipeline.messages import (
    CameraAdded,
    CameraAnalysis,
    CameraCalibrated,
    CameraChanged,
    CameraRemoved,
    InferenceBeat,
    Logged,
    TracksSeen,
    ViewSeen,
)
from vision.pipeline.observation_log import LASTING_CAUSES, NOT_RUNNING, RESTARTED, ObservationLog
from vision.pipeline.pipeline_parts import InferenceAssignment, PipelineSink
from vision.pipeline.plan import CameraFeed
from vision.pipeline.stage_timer import StageTimer
from vision.pipeline.tracklet_numbers import TrackletNumbers
from vision.pipeline.wake_signal import WakeSignal

_LOG = logging.getLogger(__name__)

LIVE_FLUSH_INTERVAL_S, LOSSLESS_FLUSH_INTERVAL_S = 0.5, 1.0
"""Seconds between flushes; a killed process loses at most this much of a live camera."""

TRACK_REPORT_INTERVAL_S = 0.1
"""Seconds between track reports: faster box updates are not visible, and each report has a cost."""

MAX_IN_FLIGHT_CPU = 4
MAX_IN_FLIGHT_ACCELERATOR = 16
"""Pictures in flight that keep the device busy; more would only delay live results."""

MAX_BATCH = 8
"""Batch size for accelerators; on a processor single pictures are as fast, and ready sooner."""

_Submitted = tuple[CameraLane, SlotFrame, bool]
"""A frame, and whether its picture was intact until the detector had read it."""

LOAD_AGAIN_S = 60.0
"""Pause before a detector that could not be loaded is tried again."""

_WAKE_TIMEOUT_S = 0.05
"""Polling interval in seconds while there is nothing to do and no signal arrives."""


class InferenceLoop:
    """Main loop of the inference process, run in its main thread."""

    def __init__(
        self,
        assignment: InferenceAssignment,
        *,
        link: ChildLink,
        sink: PipelineSink,
        detectors: dict[DetectorChoice, Detector],
        clock: Clock,
    ) -> None:
        """Prepare the cameras of the assignment.

        Args:
            detectors: loaded ones; those that cameras added later need are put there, too.
        """
        self._link = link
        self._sink = sink
        self._parts = assignment.parts
        self._detectors, self._default = detectors, assignment.plan.detector
        self._loading = threading.Lock()
        self._waiting: dict[CameraId, CameraAdded] = {}
        """Cameras whose detector is not loaded yet, or could not be loaded so far."""
        self._refusals: dict[CameraId, Phrase] = {}
        """Reasons why detectors of waiting cameras could not be loaded."""
        self._gone: set[CameraId] = set()
        """Removed before they were begun; the command that says so is still on its way."""
        self._clock = clock
        self._limits = assignment.limits
        self._published = assignment.published
        self._timer = StageTimer()
        device = assignment.plan.detector.device.upper()
        is_accelerated = device not in ("CPU", "AUTO")
        self._room = MAX_IN_FLIGHT_ACCELERATOR if is_accelerated else MAX_IN_FLIGHT_CPU
        self._max_batch = MAX_BATCH if is_accelerated else 1
        self._numbers = TrackletNumbers(sink.reserve_tracklets)
        self._lanes: list[CameraLane] = []
        for feed, slots, released in zip(
            assignment.plan.feeds, assignment.slot_names, assignment.released, strict=True
        ):
            if self._choose(feed) in detectors:
                self._begin(feed, slots, released, is_restart=assignment.is_restart)
            else:
                self._wait_for_detector(CameraAdded(feed, slots))
        self._turn = 0
        self._pending: deque[tuple[list[_Submitted], PendingDetections]] = deque()
        self._under_way = 0
        has_lossless = any(feed.is_lossless for feed in assignment.plan.feeds)
        self._flush_every_s = LOSSLESS_FLUSH_INTERVAL_S if has_lossless else LIVE_FLUSH_INTERVAL_S
        self._flushed_s = self._beaten_s = self._shown_s = clock.monotonic_s()

    def run(self, loaded: threading.Event) -> None:
        """Analyse until every recording is over or a stop is requested; then make all results durable."""
        self._beat()
        loaded.set()
        while not self._link.stop.is_set():
            if not (self._under_way < self._room and self._submit()):
                if self._pending:
                    self._accept_oldest()
                elif not self._waiting and not self._gone and all(lane.is_ended for lane in self._lanes):
                    break
                else:
                    with self._timer.stage("idle"):
                        self._published.wait(_WAKE_TIMEOUT_S)
            self._keep_up()
        is_stopped = self._link.stop.is_set()
        while self._pending:
            self._accept_oldest()
        self._take_commands()
        for lane in self._lanes:
            lane.finish(
                self._clock.now_utc_s(),
                cause=self._link.stop_cause if is_stopped else "",
                uptime_s=read_uptime_s(),
            )
        self._sink.flush()
        self._beat()

    def _begin(
        self,
        feed: CameraFeed,
        slots: str,
        released: WakeSignal | None = None,
        *,
        is_restart: bool = False,
        earlier: CameraAnalysis | None = None,
    ) -> None:
        try:
            lane = self._make_lane(feed, slots, released, is_restart=is_restart, earlier=earlier)
        except FileNotFoundError:
            self._gone.add(feed.camera.name)
        else:
            self._lanes.append(lane)

    def _make_lane(
        self,
        feed: CameraFeed,
        slots: str,
        released: WakeSignal | None,
        *,
        is_restart: bool,
        earlier: CameraAnalysis | None,
    ) -> CameraLane:
        return CameraLane(
            feed,
            FrameReader(slots, is_lossless=feed.is_lossless),
            released,
            parts=self._parts,
            next_tracklet=self._numbers,
            sink=self._sink,
            observations=self._make_observation_log(feed, is_restart=is_restart),
            timer=self._timer,
            earlier=earlier,
        )

    def _make_observation_log(self, feed: CameraFeed, *, is_restart: bool) -> ObservationLog:
        name = feed.camera.name
        now_s = self._clock.now_utc_s()
        until_s = None if feed.is_lossless else self._sink.last_observed_end(name)
        is_ahead = until_s is not None and until_s > now_s
        ended_by = NOT_RUNNING if until_s is None else self._sink.last_gap_cause(name)
        return ObservationLog(
            name,
            self._sink,
            interval_s=0.0 if feed.camera.analysed_fps is None else 1.0 / feed.camera.analysed_fps,
            observed_until_s=None if is_ahead else until_s,
            first_cause=RESTARTED if is_restart else ended_by if ended_by in LASTING_CAUSES else NOT_RUNNING,
            recorded=self._sink.observed_from(name, now_s) if is_ahead else (),
        )

    def _submit(self) -> bool:
        """Submit due frames, one per camera in turn, as a batch for each detector; False if none is due."""
        batches: dict[Detector, list[tuple[CameraLane, SlotFrame]]] = {}
        size = offset = 0
        with self._timer.stage("read"):
            limit = min(self._max_batch, self._room - self._under_way)
            for offset in range(len(self._lanes)):
                number = (self._turn + offset) % len(self._lanes)
                lane = self._lanes[number]
                detector = self._detectors[self._choose(lane.feed)]
                # only one slot of a live camera can be held at a time
                max_of_lane = limit - size if lane.feed.is_lossless else 1
                while max_of_lane and (frame := lane.take()) is not None:
                    batches.setdefault(detector, []).append((lane, frame))
                    size, max_of_lane = size + 1, max_of_lane - 1
                if size == limit:
                    break
            self._turn += offset + 1
        for detector, batch in batches.items():
            with self._timer.stage("submit"):
                pending = detector.submit([frame.picture for _, frame in batch])
            submitted = [(lane, frame, lane.release(frame)) for lane, frame in batch]
            self._under_way += len(batch)
            self._pending.append((submitted, pending))
        return bool(batches)

    def _accept_oldest(self) -> None:
        submitted, pending = self._pending.popleft()
        with self._timer.stage("wait"):
            found = pending.wait()
        self._under_way -= len(submitted)
        for (lane, frame, is_intact), detections in zip(submitted, found, strict=True):
            # a camera that was removed meanwhile writes nothing any more
            if is_intact and lane in self._lanes:
                lane.accept(frame, detections, uptime_s=read_uptime_s())
                pictures = lane.take_view_pictures()
                if pictures is not None:
                    self._link.outbox.post(ViewSeen(lane.feed.camera.name, pictures))

    def _keep_up(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s - self._flushed_s >= self._flush_every_s:
            self._take_commands()
            with self._timer.stage("flush"):
                for lane in self._lanes:
                    lane.write_observed(now_s)
                self._sink.flush()
            self._flushed_s = now_s
        if now_s - self._beaten_s >= self._limits.beat_every_s:
            self._beat()
            self._beaten_s = now_s
        if now_s - self._shown_s >= TRACK_REPORT_INTERVAL_S:
            self._show(now_s)

    def _take_commands(self) -> None:
        while not self._link.commands.empty():
            command = self._link.commands.get()
            if isinstance(command, Logged):
                self._sink.write_event(command.event)
            elif isinstance(command, CameraChanged):
                for lane in self._lanes:
                    if lane.feed.camera.name == command.camera.name:
                        lane.follow_darkness(may_be_dark=command.camera.may_be_dark)
            elif isinstance(command, CameraAdded):
                self._wait_for_detector(command)
            elif isinstance(command, CameraCalibrated):
                self._calibrate(command.feed)
            elif isinstance(command, CameraRemoved):
                self._gone.discard(command.camera)
                self._waiting.pop(command.camera, None)
                self._refusals.pop(command.camera, None)
                self._remove_lane(command.camera)
        for name, added in tuple(self._waiting.items()):
            if self._choose(added.feed) in self._detectors:
                del self._waiting[name]
                self._refusals.pop(name, None)
                self._begin(added.feed, added.slots)

    def _choose(self, feed: CameraFeed) -> DetectorChoice:
        return feed.detector or self._default

    def _wait_for_detector(self, added: CameraAdded) -> None:
        self._waiting[added.feed.camera.name] = added
        if self._choose(added.feed) not in self._detectors:
            # beside the analysis of the other cameras
            threading.Thread(target=self._load_detector, args=(added,), daemon=True).start()

    def _load_detector(self, added: CameraAdded) -> None:
        """Load the detector of a camera; try again for as long as that fails and the camera waits."""
        name, choice = added.feed.camera.name, self._choose(added.feed)
        while (waiting := self._waiting.get(name)) is not None and waiting.slots == added.slots:
            try:
                with self._loading:
                    if choice not in self._detectors:
                        self._detectors[choice] = self._parts.load_detector(choice)
            except ExpoFlowError as error:
                if name not in self._refusals:
                    _LOG.warning("%s cannot be analysed: %s", name, error)
                self._refusals[name] = Phrase(error.problem_template, error.details)
            if choice in self._detectors or self._link.stop.wait(LOAD_AGAIN_S):
                return

    def _calibrate(self, feed: CameraFeed) -> None:
        name = feed.camera.name
        if name in self._waiting:
            self._waiting[name] = replace(self._waiting[name], feed=feed)
        for lane in tuple(self._lanes):
            if lane.feed.camera.name == name:
                self._remove_lane(name)
                self._begin(feed, lane.slots, earlier=lane.report)

    def _remove_lane(self, name: CameraId) -> None:
        for lane in tuple(self._lanes):
            if lane.feed.camera.name == name:
                self._lanes.remove(lane)
                lane.finish(self._clock.now_utc_s(), uptime_s=read_uptime_s())
                # what it observed is read again if it is added again
                self._sink.flush()

    def _show(self, now_s: float) -> None:
        if any(lane.has_new_tracks for lane in self._lanes):
            found = (lane.find_tracks() for lane in self._lanes)
            self._link.outbox.post_newest(TracksSeen(tuple(tracks for tracks in found if tracks is not None)))
            self._shown_s = now_s

    def _beat(self) -> None:
        self._link.outbox.post(
            InferenceBeat(
                is_loading=False,
                cameras=(
                    *(lane.report for lane in self._lanes),
                    *(
                        CameraAnalysis(name, detail=self._refusals.get(name, ""), slots=added.slots)
                        for name, added in self._waiting.items()
                    ),
                ),
                stage_seconds=self._timer.snapshot(),
                pictures_under_way=self._under_way,
                history=self._sink.condition(),
            )
        )
