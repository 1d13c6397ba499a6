"""Timing of reconnects to a camera: a state machine without any clock or network of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from vision.sources.source_faults import SourceFault


class FeedState(StrEnum):
    """State of a camera's connection on a live wall."""

    CONNECTING = "connecting"
    STREAMING = "streaming"
    WAITING = "waiting"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class BackOff:
    """Waiting times between two attempts: doubled from the first up to the maximum."""

    first_s: float
    longest_s: float

    def delay_s(self, failures: int) -> float:
        """Return seconds to wait after a number of consecutive failures (one or more)."""
        return min(self.longest_s, self.first_s * 2.0 ** min(max(failures, 1) - 1, 16))


DEFAULT_BACK_OFF = BackOff(0.5, 5.0)
BACK_OFF_BY_FAULT = {
    SourceFault.WRONG_PASSWORD: BackOff(30.0, 300.0),
    SourceFault.NOT_FOUND: BackOff(10.0, 120.0),
    SourceFault.BAD_ADDRESS: BackOff(30.0, 300.0),
    SourceFault.TRANSPORT_REFUSED: BackOff(10.0, 120.0),
    SourceFault.UNREADABLE_FILE: BackOff(10.0, 120.0),
}
MAX_SPREAD = 0.25
"""Largest share by which a wait is randomly shortened."""
GOOD_AFTER_S = 30.0
"""Seconds of video after which the next failure starts again with the shortest wait."""


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """The state of one camera's connection. All times are seconds of one monotonic clock.

    Attributes:
        since_s: start of this state.
        failures: consecutive failed attempts since video was last good for half a minute.
        next_attempt_s: time of the next attempt, in state WAITING.
        video_since_s: time of the present connection's first picture.
        fault: the cause of the last failure; stays during the next attempt, so that a tile can show it.
    """

    state: FeedState
    since_s: float
    failures: int = 0
    next_attempt_s: float | None = None
    video_since_s: float | None = None
    fault: SourceFault | None = None


class ReconnectPolicy:
    """State transitions: each takes a status and returns the next; events that do not apply change nothing.

    The caller connects in CONNECTING, reads in STREAMING, and waits in WAITING.
    """

    def __init__(self, draw: Callable[[], float] = lambda: 0.0) -> None:
        """Args: draw: returns numbers from 0 to 1 that shorten each wait a little, so that cameras which lost
        their network together do not all reconnect at once."""
        self._draw = draw

    def begin(self, *, now_s: float) -> FeedStatus:
        """Return the status of a camera before its first connection."""
        return FeedStatus(FeedState.CONNECTING, now_s)

    def record_picture(self, status: FeedStatus, *, now_s: float) -> FeedStatus:
        """Record a decoded picture: an open connection alone proves nothing."""
        if status.state in (FeedState.WAITING, FeedState.DISABLED):
            return status
        began_s = now_s if status.video_since_s is None else status.video_since_s
        if status.state is FeedState.STREAMING:
            is_well = now_s - began_s >= GOOD_AFTER_S and (status.failures or status.fault)
            return replace(status, failures=0, fault=None) if is_well else status
        return replace(status, state=FeedState.STREAMING, since_s=now_s, video_since_s=began_s)

    def fail(self, status: FeedStatus, *, now_s: float, fault: SourceFault) -> FeedStatus:
        """Record a failed or lost connection: wait before the next attempt."""
        if status.state in (FeedState.WAITING, FeedState.DISABLED):
            return status
        was_well = status.state is FeedState.STREAMING and _has_good_video(status, now_s)
        back_off = _find_back_off(fault)
        # a camera that was long unreachable and then refuses the password has refused it once
        is_another = status.fault is not None and _find_back_off(status.fault) != back_off
        failures = 1 if was_well or is_another else status.failures + 1
        delay_s = back_off.delay_s(failures) * (1.0 - MAX_SPREAD * self._draw())
        return FeedStatus(FeedState.WAITING, now_s, failures, now_s + delay_s, None, fault)

    def advance(self, status: FeedStatus, *, now_s: float) -> FeedStatus:
        """Connect again if the waiting time is over."""
        if status.state is not FeedState.WAITING or status.next_attempt_s is None:
            return status
        if now_s < status.next_attempt_s:
            return status
        return replace(status, state=FeedState.CONNECTING, since_s=now_s, next_attempt_s=None)

    def disable(self, status: FeedStatus, *, now_s: float) -> FeedStatus:
        """Stop all attempts, as the camera was disabled."""
        if status.state is FeedState.DISABLED:
            return status
        return FeedStatus(FeedState.DISABLED, now_s)

    def enable(self, status: FeedStatus, *, now_s: float) -> FeedStatus:
        """Connect at once: the camera was switched on, or its address or password changed."""
        if status.state in (FeedState.DISABLED, FeedState.WAITING):
            return self.begin(now_s=now_s)
        return status


def _find_back_off(fault: SourceFault) -> BackOff:
    return BACK_OFF_BY_FAULT.get(fault, DEFAULT_BACK_OFF)


def _has_good_video(status: FeedStatus, now_s: float) -> bool:
    return status.video_since_s is not None and now_s - status.video_since_s >= GOOD_AFTER_S
