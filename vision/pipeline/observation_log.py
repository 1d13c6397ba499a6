"""Record of when a camera was analysed and when not, from the times of the analysed frames. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum

from analytics.domain.event_sink import CameraEvent, CameraEventKind, EventSink, Gap, ObservedSpan
from analytics.domain.identifiers import CameraId

_MAX_STRETCHES = 1000


class RecordedTime:
    """Recorded stretches in the order of recording; when there are very many, the oldest are dropped.

    A frame stands for the time around it: a frame within microseconds of a recorded one shows the same moment
    again.
    """

    def __init__(self, stretches: Iterable[tuple[float, float]] = (), *, margin_s: float = 0.0) -> None:
        """Begin with start and end of each recorded stretch, seconds since the epoch.

        Args:
            margin_s: margin around a stretch that belongs to it; half of the time between two frames.
        """
        self._stretches = list(stretches)
        self._margin_s = margin_s

    def add(self, start_s: float, end_s: float) -> None:
        """Add a recorded stretch."""
        self._stretches.append((start_s, end_s))
        del self._stretches[:-_MAX_STRETCHES]

    def find_end(self, time_s: float) -> float | None:
        """Return the end of the recorded stretch that contains a time; None if none does."""
        margin_s = self._margin_s
        ends_s = [end for start, end in self._stretches if start - margin_s <= time_s <= end + margin_s]
        return max(ends_s, default=None)


MIN_GAP_S = 2.0
INTERVALS_IN_A_GAP = 3.0
INTERVALS_BETWEEN_PROCESSES = 1.5
OUTAGE_S = 5.0
"""Gap in seconds after which a person at the same place may be another one. Stitching bridges none either."""
TOLERATED_STEP_BACK_S = 1e-6
MIN_MARGIN_S = 0.02
NOT_RUNNING, RESTARTED, CAMERA_LOST, STALL = "not running", "restarted", "camera lost", "stall"
TERMINATED, HANDED_OVER = "terminated", "handed over"
LASTING_CAUSES = frozenset({TERMINATED, HANDED_OVER})
"""Causes of a recording's unrequested end; they hold until the next recording begins."""
CLOCK = "clock"
"""Cause of a gap from a clock set forward: nothing was missed, and no time in between is recorded."""
_MAX_GAPS = 100


class TimeOrder(Enum):
    """Relation of a frame's time to that of the previous frame."""

    LATER = "later"
    AFTER_OUTAGE = "after outage"
    """Later, after an unobserved time so long that nobody can be assumed still to be there."""
    BACK = "back"
    """Earlier, at a time not recorded yet: everything that depends on order begins anew."""
    REPEATED = "repeated"
    """Earlier, at a time already recorded (clock set back): the frame must not count again."""


class ObservationLog:
    """Writer of one camera's spans and gaps into a sink as its analysed frames arrive.

    A gap is a time without an analysed frame that is longer than two seconds and than three intervals between
    due frames; shorter pauses are part of the span. When a capture or inference process starts, nothing can
    have been observed since its predecessor ended, so any pause longer than the time between two due frames
    is a gap.

    A clock that was set back repeats time that is already recorded. Frames of that time are skipped, so that
    nobody is counted twice, and the log states for how long. A recorded gap in that time ends there.
    """

    def __init__(
        self,
        camera: CameraId,
        sink: EventSink,
        *,
        interval_s: float,
        observed_until_s: float | None,
        first_cause: str,
        recorded: Iterable[tuple[float, float]] = (),
    ) -> None:
        """Begin after a time without observation.

        Args:
            interval_s: time between two due frames.
            observed_until_s: end of the last span recorded before this process, if any.
            first_cause: reason for the unobserved time since then.
            recorded: start and end of stretches recorded after this time, by a clock that was ahead.
        """
        self._camera = camera
        self._sink = sink
        self._max_pause_s = max(MIN_GAP_S, INTERVALS_IN_A_GAP * interval_s)
        self._max_first_pause_s = INTERVALS_BETWEEN_PROCESSES * interval_s
        self._last_s = observed_until_s
        self._first_cause = first_cause
        self._recorded = RecordedTime(recorded, margin_s=max(MIN_MARGIN_S, interval_s / 2))
        self._repeats_until_s: float | None = None
        self._start_s: float | None = None
        self._frames = 0
        self._is_changed = False
        self._gaps: list[Gap] = []
        self._uptime_s: float | None = None
        self._link: int | None = None
        self._blind: tuple[float, float, str] | None = None

    @property
    def repeats_until_s(self) -> float | None:
        """Return the end of the already recorded time; None while frames count."""
        return self._repeats_until_s

    def observe(self, time_s: float, *, link: int, uptime_s: float | None = None) -> TimeOrder:
        """Record one analysed frame.

        Args:
            link: a number that changes with each capture process (upper 32 bits) and connection (lower 32).
            uptime_s: present time by a clock that is never set; None if the frames' time is a recording's.
        """
        order = TimeOrder.LATER
        before_s, self._uptime_s = self._uptime_s, uptime_s
        waited_s = None if uptime_s is None or before_s is None else uptime_s - before_s
        if self._blind is not None:
            self._end_blindness(time_s)
        if self._link is None and self._last_s is not None and 0.0 < self._last_s - time_s < MIN_GAP_S:
            # captured while the previous recording was still running
            return TimeOrder.REPEATED
        if self._skips_recorded_time(time_s):
            return TimeOrder.REPEATED
        if self._last_s is not None and time_s < self._last_s - TOLERATED_STEP_BACK_S:
            order = TimeOrder.LATER if self._start_s is None else TimeOrder.BACK
            back_s = self._last_s - time_s
            self._close_span()
            self._last_s = None
            if self._skips_recorded_time(time_s):
                return TimeOrder.REPEATED
            self._log_set_back(time_s, f"the time of a frame is {back_s:.1f} s before the one of the last")
        elif self._last_s is not None and time_s - self._last_s > self._limit_s(link):
            self._close_span()
            self._write_gap(self._last_s, time_s, self._find_cause(link, time_s - self._last_s, waited_s))
            if time_s - self._last_s > OUTAGE_S:
                order = TimeOrder.AFTER_OUTAGE
        if self._start_s is None:
            self._start_s, self._frames = time_s, 0
            self._end_gaps(time_s)
        self._last_s, self._link = time_s, link
        self._frames += 1
        self._is_changed = True
        return order

    def blind(self, time_s: float, *, since_s: float | None, cause: str, link: int = 0) -> None:
        """Record a frame in which nothing can be seen: a gap with its cause, until the next frame.

        Args:
            since_s: start of the unobserved time; a longer span is cut there. None: since the last frame.
            link: see ``observe``.
        """
        if (
            self._start_s is not None
            and self._last_s is not None
            and time_s < self._last_s - TOLERATED_STEP_BACK_S
        ):
            self._close_span()
            self._last_s = None
        if self._skips_recorded_time(time_s):
            return
        if self._blind is None:
            start_s = self._last_s if since_s is None else since_s
            if self._start_s is None and self._last_s is not None and start_s is not None:
                if start_s - self._last_s > self._limit_s(link):
                    cause_before = self._find_cause(link, start_s - self._last_s, None)
                    self._write_gap(self._last_s, start_s, cause_before)
                elif self._last_s <= time_s:
                    start_s = self._last_s
            elif self._start_s is not None and self._last_s is not None and start_s is not None:
                length_s = self._last_s - self._start_s
                start_s = min(max(start_s, self._start_s), self._last_s)
                kept = (start_s - self._start_s) / length_s if length_s > 0 else 1.0
                self._last_s, self._frames = start_s, max(1, round(self._frames * kept))
                self._is_changed = True
            self._close_span()
            self._blind = time_s if start_s is None else start_s, time_s, cause
        else:
            self._blind = self._blind[0], max(time_s, self._blind[1]), cause

    def _end_blindness(self, time_s: float) -> None:
        assert self._blind is not None
        start_s, seen_s, cause = self._blind
        self._blind = None
        end_s = time_s if time_s >= start_s else seen_s
        self._write_gap(start_s, end_s, cause)
        self._last_s = end_s

    def write(self) -> None:
        """Write the span so far if it has grown, or the gap of a blinded camera."""
        if self._blind is not None:
            self._sink.write_gap(Gap(self._camera, *self._blind))
        if self._is_changed and self._start_s is not None and self._last_s is not None:
            self._sink.write_span(ObservedSpan(self._camera, self._start_s, self._last_s, self._frames))
            self._is_changed = False

    def finish(
        self, now_s: float | None, *, is_lost: bool, cause: str = "", uptime_s: float | None = None
    ) -> None:
        """End the span, and record the gap that is still open.

        Args:
            now_s: the present time; None where time has no present.
            cause: reason for an end without a request, recorded however short the gap is so far.
            uptime_s: see ``observe``.
        """
        if self._blind is not None:
            self._end_blindness(self._blind[1])
        self._close_span()
        if self._repeats_until_s is not None:
            return
        if now_s is None or self._last_s is None:
            return
        if now_s - self._last_s > self._max_pause_s:
            lasting = CAMERA_LOST if is_lost else STALL if self._link is not None else self._first_cause
            before_s = self._uptime_s
            waited_s = None if uptime_s is None or before_s is None else uptime_s - before_s
            if _is_of_clock(now_s - self._last_s, waited_s):
                lasting = CLOCK
            self._write_gap(self._last_s, now_s, lasting)
            self._last_s = now_s
        elif cause and now_s > self._last_s:
            self._write_gap(self._last_s, now_s, cause)
            self._last_s = now_s

    def _limit_s(self, link: int) -> float:
        is_continued = self._link is not None and link >> 32 == self._link >> 32
        return self._max_pause_s if is_continued else self._max_first_pause_s

    def _write_gap(self, start_s: float, end_s: float, cause: str) -> None:
        self._gaps = [*self._gaps[1 - _MAX_GAPS :], Gap(self._camera, start_s, end_s, cause)]
        self._sink.write_gap(self._gaps[-1])

    def _end_gaps(self, time_s: float) -> None:
        """End the gaps that contain this time, which was observed."""
        for index, gap in enumerate(self._gaps):
            if gap.start_s <= time_s < gap.end_s:
                self._gaps[index] = replace(gap, end_s=time_s)
                self._sink.write_gap(self._gaps[index])

    def _close_span(self) -> None:
        self.write()
        if self._start_s is not None and self._last_s is not None:
            self._recorded.add(self._start_s, self._last_s)
        self._start_s = None

    def _skips_recorded_time(self, time_s: float) -> bool:
        """Return whether a frame's time is already recorded; log the first such frame."""
        until_s = self._recorded.find_end(time_s)
        if until_s is None:
            if self._repeats_until_s is not None:
                # the pause from here on is not recorded yet
                self._last_s, self._repeats_until_s = min(self._repeats_until_s, time_s), None
            return False
        if self._repeats_until_s is None:
            self._close_span()
            self._log_set_back(
                time_s, f"its next {until_s - time_s:.1f} s are on record and do not count again"
            )
        self._last_s, self._repeats_until_s = time_s, until_s
        return True

    def _log_set_back(self, time_s: float, detail: str) -> None:
        self._sink.write_event(CameraEvent(time_s, self._camera, CameraEventKind.CLOCK_SET_BACK, detail))

    def _find_cause(self, link: int, pause_s: float, waited_s: float | None) -> str:
        if self._link is None:
            return self._first_cause
        if _is_of_clock(pause_s, waited_s):
            return CLOCK
        if link == self._link:
            return STALL
        return RESTARTED if link >> 32 != self._link >> 32 else CAMERA_LOST


def _is_of_clock(pause_s: float, waited_s: float | None) -> bool:
    """Return whether a clock change accounts for more of a pause than the time that really passed."""
    return waited_s is not None and pause_s - waited_s > max(MIN_GAP_S, waited_s)
