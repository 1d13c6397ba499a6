"""Log how many people one camera probably does not count, every ten minutes and at the end."""

from __future__ import annotations

from analytics.domain.event_sink import EventSink
from analytics.domain.identifiers import CameraId
from analytics.domain.uncounted_people import LOW_COUNT_SHARE, UncountedPeople
from vision.tracking.tracker import PeopleEstimator, Tracker

LOGGED_EVERY_S = 600.0
SAMPLED_EVERY_S = 1.0
MIN_UNCOUNTED = 0.5
"""Fewer people on average are no warning: somebody is hidden now and then."""
MIN_SAMPLES = 20


class UncountedLog:
    """Takes samples of one camera's people and writes a line where the count is low."""

    def __init__(self, camera: CameraId, sink: EventSink) -> None:
        self._camera = camera
        self._sink = sink
        self._begin(None)

    def _begin(self, start_s: float | None) -> None:
        self._start_s, self._last_s = start_s, start_s
        self._samples, self._counted, self._uncounted = 0, 0.0, 0.0

    def observe(self, time_s: float, tracker: Tracker) -> None:
        """Look at the tracker after a frame, once a second."""
        if self._last_s is not None and 0 <= time_s - self._last_s < SAMPLED_EVERY_S:
            return
        if not isinstance(tracker, PeopleEstimator):
            return
        if self._start_s is None or time_s < self._start_s or time_s - self._start_s >= LOGGED_EVERY_S:
            self.write()
            self._start_s = time_s
        self._last_s = time_s
        counted, uncounted = tracker.estimate_people()
        self._samples += 1
        self._counted += counted
        self._uncounted += uncounted

    def write(self) -> None:
        """Write what was found since the last time, if the count was low, and begin anew."""
        if self._start_s is not None and self._last_s is not None and self._samples >= MIN_SAMPLES:
            found = UncountedPeople(
                self._camera,
                self._start_s,
                self._last_s,
                self._counted / self._samples,
                self._uncounted / self._samples,
            )
            if found.share >= LOW_COUNT_SHARE and found.uncounted >= MIN_UNCOUNTED:
                self._sink.write_event(found.to_event())
        self._begin(None)
