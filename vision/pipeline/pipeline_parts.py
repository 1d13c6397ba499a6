"""The parts of a pipeline, as functions that a child process can import and call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.clock import Clock
from analytics.domain.event_sink import EventSink
from analytics.domain.history_condition import HistoryCondition
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint
from vision.detection.detector import Detector
from vision.detection.detector_choice import DetectorChoice
from vision.pipeline.heartbeat import LIVE_LIMITS, LifeLimits
from vision.pipeline.plan import CameraFeed, PipelinePlan
from vision.pipeline.wake_signal import WakeSignal
from vision.pixel_types import TrackedBox
from vision.sources.frame_source import FrameSource
from vision.tracking.floor_view import FloorView
from vision.tracking.tracker import Tracker


class PipelineSink(EventSink, Protocol):
    """Destination of results, with the facts needed before the first one."""

    def reserve_tracklets(self, count: int) -> int:
        """Return the first of ``count`` consecutive numbers that no tracklet has or will get."""

    def last_observed_end(self, camera: CameraId) -> float | None:
        """Return the end of the camera's observation, seconds since the epoch; None if never observed."""

    def last_gap_cause(self, camera: CameraId) -> str:
        """Return the cause of the gap that ends the camera's record; empty if a span ends it."""

    def observed_from(self, camera: CameraId, time_s: float) -> Sequence[tuple[float, float]]:
        """Return start and end of observed spans that end after a time, seconds since the epoch."""

    def condition(self) -> HistoryCondition:
        """Return how well results can be written now; costs nothing."""


class Projection(Protocol):
    """Conversion of a camera's boxes to points on the floor."""

    def project(self, boxes: Sequence[TrackedBox]) -> Sequence[TrackPoint]:
        """Return the places of people with the foot point on the floor and unmasked, in the boxes' order."""


AUTOMATIC = "auto"
"""Placeholder for an adapter's name; resolved where the model is loaded, as this imports heavy libraries."""

SinkOpener = Callable[[], PipelineSink]
SourceOpener = Callable[[CameraFeed, Clock], FrameSource]
DetectorLoader = Callable[[DetectorChoice], Detector]
TrackerMaker = Callable[[Callable[[], TrackletId], FloorView], Tracker]
ProjectionMaker = Callable[[Camera, CameraGeometry, tuple[int, int]], Projection]


def open_feed(feed: CameraFeed, clock: Clock) -> FrameSource:
    """Return the source of a feed, which gives only the frames that are due.

    A recording played as a camera takes place now, unless its time is known.
    """
    from vision.sources.frame_sampler import FrameSampler
    from vision.sources.source_factory import open_source

    address = feed.address
    if not feed.is_lossless and not address.is_live and address.start_utc_s is None:
        address = replace(address, start_utc_s=clock.now_utc_s())
    return open_source(address, feed.camera, FrameSampler(analysed_fps=feed.camera.analysed_fps), clock)


def load_chosen_detector(choice: DetectorChoice) -> Detector:
    """Return the chosen detector; the adapter ``auto`` is resolved by the model."""
    from vision.detection.detector_loading import choose_adapter, load_detector

    if choice.adapter == AUTOMATIC:
        choice = replace(choice, adapter=choose_adapter(choice.model_path))
    return load_detector(choice)


def make_camera_tracker(next_tracklet: Callable[[], TrackletId], floor: FloorView) -> Tracker:
    """Return the tracker for one view of the floor; cameras may share the numbers of tracklets."""
    from vision.tracking.floor_tracker import FloorTracker

    return FloorTracker(next_tracklet, floor)


def make_floor_projection(
    camera: Camera, geometry: CameraGeometry, frame_size_wh: tuple[int, int]
) -> Projection:
    """Return the projection of a calibrated camera for pictures of one size."""
    from vision.tracking.floor_projection import FloorProjection

    return FloorProjection(camera, geometry, frame_size_wh)


@dataclass(frozen=True, slots=True)
class PipelineParts:
    """Everything that differs between a real pipeline, a test and another store. Picklable.

    Attributes:
        takes_over: another process still writes into the same store: prepare everything, and begin as soon as
            it releases the store.
    """

    open_sink: SinkOpener
    open_source: SourceOpener = open_feed
    load_detector: DetectorLoader = load_chosen_detector
    make_tracker: TrackerMaker = make_camera_tracker
    make_projection: ProjectionMaker = make_floor_projection
    takes_over: bool = False


@dataclass(frozen=True, slots=True)
class InferenceAssignment:
    """Task of the inference process, sent through the pipe when the process starts.

    Attributes:
        plan: without any user name or password, which only the capture processes need.
        slot_names: names of the feeds' control segments.
        published: wakes this process when a frame is in a slot.
        released: signals of the feeds that wake their capture processes when a slot is free; None for live
            cameras.
        is_restart: whether a previous process with this task died.
    """

    plan: PipelinePlan
    slot_names: tuple[str, ...]
    parts: PipelineParts
    published: WakeSignal
    released: tuple[WakeSignal | None, ...]
    is_restart: bool = False
    limits: LifeLimits = LIVE_LIMITS
