"""One camera in the inference process: from its slots to boxes, and from boxes to the sink."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from analytics.domain.errors import CalibrationError, Phrase
from analytics.domain.event_sink import CameraEvent, CameraEventKind
from analytics.domain.identifiers import TrackletId
from analytics.domain.track import TrackPoint
from vision.alignment.view_report import ViewPictures
from vision.pipeline.detection_lane import DetectionLane
from vision.pipeline.frame_slots import FrameReader, LinkState, SlotFrame
from vision.pipeline.messages import CameraAnalysis, CameraTracks, LiveTrack
from vision.pipeline.observation_log import ObservationLog
from vision.pipeline.pipeline_parts import PipelineParts, PipelineSink
from vision.pipeline.plan import CameraFeed
from vision.pipeline.stage_timer import StageTimer
from vision.pipeline.wake_signal import WakeSignal
from vision.pixel_types import Detections, TrackedBox

if TYPE_CHECKING:
    from vision.pipeline.view_lane import ViewLane

NOT_CALIBRATED = "not calibrated"
CLOCK_SET_BACK = (
    "This machine's clock was set back to a time already recorded; counting resumes in {seconds} s."
)
_DROP_LOG_INTERVAL_S = 60.0


class CameraLane:
    """Processing of one camera: takes frames, and accepts their detections in the same order."""

    def __init__(
        self,
        feed: CameraFeed,
        reader: FrameReader,
        released: WakeSignal | None,
        *,
        parts: PipelineParts,
        next_tracklet: Callable[[], TrackletId],
        sink: PipelineSink,
        observations: ObservationLog,
        timer: StageTimer,
        earlier: CameraAnalysis | None = None,
    ) -> None:
        """Begin with the camera's newest frame.

        Args:
            earlier: report of the lane that this one replaces; its counts go on.
        """
        self.feed = feed
        self._earlier = CameraAnalysis(feed.camera.name) if earlier is None else earlier
        self._reader = reader
        self._released = released
        self._sink = sink
        self._lane = DetectionLane(
            feed.camera,
            feed.geometry,
            next_tracklet=next_tracklet,
            sink=sink,
            observations=observations,
            timer=timer,
            make_tracker=parts.make_tracker,
            make_projection=parts.make_projection,
        )
        # a recording was calibrated on its own pictures
        self._view = None if feed.is_lossless else _watch_view(feed, sink)
        self._size_wh: tuple[int, int] | None = None
        self._taken = 0
        self._drops_unlogged = 0
        self._drops_since_s = 0.0
        detail = NOT_CALIBRATED if feed.geometry is None else ""
        self._report = CameraAnalysis(feed.camera.name, slots=reader.name, detail=detail)
        self._tracks: CameraTracks | None = None
        self._unseen: tuple[float, Sequence[TrackedBox], Sequence[TrackPoint], Detections] | None = None

    @property
    def report(self) -> CameraAnalysis:
        """Return the results and counts so far."""
        report, earlier = self._report, self._earlier
        return replace(
            report,
            analysed=report.analysed + earlier.analysed,
            dropped=report.dropped + earlier.dropped,
            points=report.points + earlier.points,
        )

    @property
    def slots(self) -> str:
        """Return the name of the camera's control segment."""
        return self._reader.name

    @property
    def is_ended(self) -> bool:
        """Return whether every frame of a recording was taken."""
        return self._reader.is_ended

    def take(self) -> SlotFrame | None:
        """Return a frame to run detection on; release it immediately after submission.

        Frames of a camera without a valid projection are skipped: the camera is watched but counts nothing.
        """
        frame = self._reader.take()
        if frame is None:
            return None
        if self._taken and frame.sequence > self._taken + 1:
            self._count_dropped(frame.sequence - self._taken - 1)
        self._taken = frame.sequence
        size_wh = frame.picture.shape[1], frame.picture.shape[0]
        if size_wh != self._size_wh:
            self._follow_size(size_wh, frame.time_s)
        if not self._lane.is_projecting:
            self.release(frame)
            return None
        if self._view is not None:
            self._view.sample(frame)
        return frame

    def release(self, frame: SlotFrame) -> bool:
        """Release the slot; return False if the picture was overwritten while it was read."""
        is_intact = self._reader.release(frame)
        if self._released is not None and self._reader.is_half_empty:
            self._released.set()
        if not is_intact:
            self._count_dropped(1)
            if self._view is not None:
                self._view.drop(frame)
        return is_intact

    def follow_darkness(self, *, may_be_dark: bool) -> None:
        """Set whether darkness counts as a fault of the camera from now on."""
        if self._view is not None:
            self._view.follow_darkness(may_be_dark=may_be_dark)

    def accept(self, frame: SlotFrame, detections: Detections, *, uptime_s: float | None = None) -> None:
        """Accept the detections of a frame.

        Args:
            uptime_s: see ``ObservationLog.observe``.
        """
        time_s = frame.time_s
        boxes, points = self._look(frame, detections, None if self.feed.is_lossless else uptime_s)
        self._unseen = time_s, boxes, points, detections
        report = self._report
        self._report = replace(
            report,
            analysed=report.analysed + 1,
            points=self._lane.points,
            first_time_s=time_s if report.first_time_s is None else report.first_time_s,
            last_time_s=time_s,
            people=sum(box.time_s == time_s for box in boxes),
            detail=_describe_repetition(self._lane.repeats_until_s, time_s),
        )

    def _look(
        self, frame: SlotFrame, detections: Detections, uptime_s: float | None
    ) -> tuple[Sequence[TrackedBox], Sequence[TrackPoint]]:
        view, doubt = self._view, frame.doubt
        if view is not None:
            view.accept(frame, detections)
            self._report = replace(self._report, view=view.report)
            if view.is_blinded:
                report = view.report
                self._lane.pass_over(
                    frame.time_s, since_s=report.steady_until_s, cause=str(report.cause), link=frame.link
                )
                return (), ()
        if doubt is not None and doubt.is_certain:
            self._lane.pass_over(frame.time_s, since_s=doubt.since_s, cause=doubt.cause, link=frame.link)
            return (), ()
        doubted_from_s = None if doubt is None else doubt.since_s
        return self._lane.accept(
            frame.time_s, detections, link=frame.link, uptime_s=uptime_s, doubted_from_s=doubted_from_s
        )

    def take_view_pictures(self) -> ViewPictures | None:
        """Return the empty floor before and after a change of the view, once for each change."""
        return None if self._view is None else self._view.take_pictures()

    @property
    def has_new_tracks(self) -> bool:
        """Return whether a picture was analysed since the last call of `find_tracks`."""
        return self._unseen is not None

    def find_tracks(self) -> CameraTracks | None:
        """Return the people in the newest analysed picture; None before the first."""
        if self._unseen is not None:
            (time_s, boxes, points, found), self._unseen = self._unseen, None
            left, top, right, bottom = found.xyxy.T.tolist()
            self._tracks = CameraTracks(
                self.feed.camera.name,
                time_s,
                _join_tracks(time_s, boxes, points),
                tuple(zip(left, top, right, bottom, strict=True)),
            )
        return self._tracks

    def write_observed(self, now_monotonic_s: float) -> None:
        """Bring the record of observed and dropped frames up to date before a flush."""
        self._lane.write_observed()
        if self._drops_unlogged and now_monotonic_s - self._drops_since_s >= _DROP_LOG_INTERVAL_S:
            self._log_drops()
            self._drops_since_s = now_monotonic_s

    def finish(self, now_utc_s: float, *, cause: str = "", uptime_s: float | None = None) -> None:
        """End the tracks and the record; the last call. See ``ObservationLog.finish``."""
        is_timeless = self.feed.is_lossless or not self._lane.is_projecting
        self._lane.finish(
            None if is_timeless or self._reader.is_ended else now_utc_s,
            is_lost=self._reader.state is not LinkState.STREAMING,
            cause=cause,
            uptime_s=uptime_s,
        )
        self._report = replace(self._report, points=self._lane.points)
        self._log_drops()

    def _follow_size(self, size_wh: tuple[int, int], time_s: float) -> None:
        self._size_wh = size_wh
        try:
            self._lane.follow_size(size_wh)
            if self._view is not None:
                self._view.follow_size(size_wh)
            self._report = replace(self._report, detail="" if self._lane.is_projecting else NOT_CALIBRATED)
        except CalibrationError as error:
            if self.feed.is_lossless:
                raise
            self._report = replace(
                self._report, detail=Phrase(error.problem_template, error.details), people=0
            )
            self._sink.write_event(
                CameraEvent(time_s, self.feed.camera.name, CameraEventKind.REFUSED, error.problem)
            )

    def _count_dropped(self, count: int) -> None:
        self._report = replace(self._report, dropped=self._report.dropped + count)
        self._drops_unlogged += count

    def _log_drops(self) -> None:
        if self._drops_unlogged and self._report.last_time_s is not None:
            self._sink.write_event(
                CameraEvent(
                    self._report.last_time_s,
                    self.feed.camera.name,
                    CameraEventKind.DROPPED,
                    "due frames that the detector had no time for",
                    self._drops_unlogged,
                )
            )
            self._drops_unlogged = 0


def _describe_repetition(until_s: float | None, time_s: float) -> str | Phrase:
    if until_s is None:
        return ""
    return Phrase(CLOCK_SET_BACK, {"seconds": round(until_s - time_s)})


def _watch_view(feed: CameraFeed, sink: PipelineSink) -> ViewLane:
    # imported here, as it loads OpenCV, and the window's process imports this module for its texts
    from vision.pipeline.view_lane import ViewLane

    return ViewLane(feed, sink)


def _join_tracks(
    time_s: float, boxes: Sequence[TrackedBox], points: Sequence[TrackPoint]
) -> tuple[LiveTrack, ...]:
    places = {p.tracklet: (p.x_m, p.y_m, p.sigma_m) for p in points if p.time_s == time_s}
    tracks = []
    for box in boxes:
        if box.time_s == time_s:
            x_m, y_m, sigma_m = places.get(box.tracklet, (None, None, None))
            tracks.append(LiveTrack(box.tracklet, box.xyxy, x_m, y_m, box.score, sigma_m))
    return tuple(tracks)
