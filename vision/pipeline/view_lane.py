"""Monitoring of one camera's view in the inference process, with events for the log."""

from __future__ import annotations

import logging
import math

from analytics.domain.errors import CalibrationError
from analytics.domain.event_sink import CameraEvent, CameraEventKind, EventSink
from vision.alignment.background import GreyPicture, shrink_picture, shrink_size
from vision.alignment.reference_file import read_reference, save_reference
from vision.alignment.view_features import ViewFeatures
from vision.alignment.view_report import ViewPictures, ViewReport, ViewVerdict
from vision.alignment.view_watch import ViewMonitor
from vision.pipeline.frame_slots import SlotFrame
from vision.pipeline.plan import CameraFeed
from vision.pixel_types import Detections

_LOG = logging.getLogger(__name__)

REFERENCE_CAPTURED = "the view is taken as that of the calibration"


class ViewLane:
    """Watch over a view: samples due frames, and judges them once their people are detected.

    The reference is in the feed's file, or is taken and stored there if the file has none.
    """

    def __init__(self, feed: CameraFeed, sink: EventSink) -> None:
        self._feed = feed
        self._sink = sink
        self._watch: ViewMonitor | None = None
        self._may_be_dark = feed.camera.may_be_dark
        self._size_wh = (1, 1)
        self._sampled: dict[int, GreyPicture] = {}
        self._logged = ViewVerdict.UNKNOWN
        self._time_s = 0.0
        self._has_new_report = False

    @property
    def report(self) -> ViewReport:
        """Return the present report."""
        return ViewReport() if self._watch is None else self._watch.report

    @property
    def is_blinded(self) -> bool:
        """Return whether the camera sees nothing."""
        return self.report.verdict is ViewVerdict.BLINDED

    def follow_size(self, size_wh: tuple[int, int]) -> None:
        """Set the size of the next frames; the watch restarts."""
        self._size_wh = size_wh
        self._sampled.clear()
        camera, file = self._feed.camera, self._feed.reference_file
        small_wh = shrink_size(size_wh)
        try:
            hidden = camera.scaled_to(small_wh).privacy_mask
        except CalibrationError:
            # another aspect ratio: nothing is counted, and no movement can be detected
            self._watch = None
            return
        self._watch = ViewMonitor(
            None if file is None else read_reference(file),
            lens=camera.lens,
            hidden=hidden,
            may_be_dark=self._may_be_dark,
            on_reference=self._keep_reference,
        )

    def follow_darkness(self, *, may_be_dark: bool) -> None:
        """Set whether darkness counts as a fault of the camera from now on."""
        self._may_be_dark = may_be_dark
        if self._watch is not None:
            self._watch.may_be_dark = may_be_dark

    def sample(self, frame: SlotFrame) -> None:
        """Copy the needed part of a due frame before its slot is released."""
        if self._watch is not None and not self._sampled and self._watch.is_due(frame.time_s):
            self._sampled[frame.sequence] = shrink_picture(frame.picture)

    def drop(self, frame: SlotFrame) -> None:
        """Discard the sample of a frame that was overwritten while it was read."""
        self._sampled.pop(frame.sequence, None)

    def accept(self, frame: SlotFrame, detections: Detections) -> None:
        """Judge a frame whose people are detected; write changes to the log."""
        picture = self._sampled.pop(frame.sequence, None)
        if picture is None or self._watch is None:
            return
        self._time_s = frame.time_s
        shrinking = picture.shape[1] / self._size_wh[0]
        before = self._watch.report
        if self._watch.observe(frame.time_s, picture, detections.xyxy * shrinking):
            self._has_new_report = True
            self._log_change(before, self._watch.report)

    def take_pictures(self) -> ViewPictures | None:
        """Return the pictures from before and after, once after each change of the report."""
        if not self._has_new_report or self._watch is None:
            return None
        self._has_new_report = False
        return self._watch.pictures

    def _keep_reference(self, features: ViewFeatures) -> None:
        self._log(self._time_s, CameraEventKind.STEADY_AGAIN, REFERENCE_CAPTURED)
        self._logged = ViewVerdict.STEADY
        if self._feed.reference_file is None:
            return
        try:
            save_reference(self._feed.reference_file, features)
        except OSError as error:
            _LOG.info("the view of %s is not kept: %s", self._feed.camera.name, error)

    def _log_change(self, before: ViewReport, now: ViewReport) -> None:
        noticed_s = self._time_s if now.noticed_s is None else now.noticed_s
        since_s = noticed_s if now.steady_until_s is None else now.steady_until_s
        if now.verdict is ViewVerdict.MOVED:
            # a view that moves again is in doubt since its first movement
            if before.verdict is not ViewVerdict.MOVED:
                self._log(since_s, CameraEventKind.MOVED, _describe_move(now, noticed_s - since_s))
        elif now.verdict is ViewVerdict.BLINDED:
            if before.verdict is not ViewVerdict.BLINDED:
                self._log(since_s, CameraEventKind.BLINDED, str(now.cause))
        elif now.verdict is ViewVerdict.STEADY and self._logged is not ViewVerdict.STEADY:
            self._log(noticed_s, CameraEventKind.STEADY_AGAIN, "the view is that of the calibration")
        if now.verdict is not ViewVerdict.UNKNOWN:
            self._logged = now.verdict

    def _log(self, time_s: float, kind: CameraEventKind, detail: str) -> None:
        self._sink.write_event(CameraEvent(time_s, self._feed.camera.name, kind, detail))


def _describe_move(report: ViewReport, delay_s: float) -> str:
    noticed = f"noticed {delay_s:.0f} s later"
    if report.reference_from_now is None:
        return f"the view is another one; {noticed}"
    turn_deg = abs(math.degrees(report.rotation_rad))
    return f"by {100 * report.shift_part:.1f} % of the picture's width, {turn_deg:.1f} degrees; {noticed}"
