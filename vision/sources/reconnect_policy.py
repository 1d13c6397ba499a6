"""When to connect to a camera again: a state machine without any clock or network of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from vision.sources.source_faults import SourceFault


class FeedState(StrEnum):
    """What a live wall shows of a camera."""

    CONNECTING = "connecting"
    STREAMING = "streaming"
    STALLED = "stalled"
    WAITING = "waiting"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class BackOff:
    """Waiting times between two attempts: doubled from the first to the longest."""

    first_s: float
    longest_s: float

    def delay_s(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row (one or more)."""
        return min(self.longest_s, self.first_s * 2.0 ** min(max(failures, 1) - 1, 16))


USUAL_BACK_OFF = BackOff(0.5, 5.0)
BACK_OFF_BY_FAULT = {
    SourceFault.WRONG_PASSWORD: BackOff(30.0, 300.0),
    SourceFault.NOT_FOUND: BackOff(10.0, 120.0),
    SourceFault.BAD_ADDRESS: BackOff(30.0, 300.0),
    SourceFault.TRANSPORT_REFUSED: BackOff(10.0, 120.0),
    SourceFault.UNREADABLE_FILE: BackOff(10.0, 120.0),
}
MAX_SPREAD = 0.25
"""By which part a wait may be shorter than the usual one."""
GOOD_AFTER_S = 30.0
"""Video for so long means that the camera is well again: the next failure waits the shortest time."""


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """The state of one camera's connection. All times are seconds of one monotonic clock.

    Attributes:
        since_s: when this state began.
        failures: attempts that failed in a row, since video was last good for half a minute.
        next_attempt_s: when to connect again, in state WAITING.
        video_since_s: when the present connection gave its first picture.
        fault: the cause of the last failure; kept while connecting again, so that a tile can show it.
    """

    state: FeedState
    since_s: float
    failures: int = 0
    next_attempt_s: float | None = None
    video_since_s: float | None = None
    fault: SourceFault | None = None


class ReconnectPolicy:
    """The transitions: each takes a status and gives the next; an event that does not fit changes nothing.

    The caller connects in CONNECTING, reads in STREAMING and STALLED, and waits in WAITING.
    """

    def __init__(self, draw: Callable[[], float] = lambda: 0.0) -> None:
        """Args: draw: gives numbers from 0 to 1, by which each wait is a little shorter: cameras that lost
        their network together do not all come back in the same moment."""
        self._draw = draw

    def begin(self, *, now_s: float) -> FeedStatus:
        """The status of a camera that is to be connected for the first time."""
        return FeedStatus(FeedState.CONNECTING, now_s)

    def see_picture(self, status: FeedStatus, *, now_s: float) -> FeedStatus:
        """A picture was decoded: an opened connection alone proves nothing."""
        if status.state in (FeedState.WAITING, FeedState.DISABLED):
            return status
        began_s = now_s if status.video_since_s is None else status.video_since_s
        if status.state is FeedState.STREAMING:
            is_well = now_s - began_s >= GOOD_AFTER_S and (status.failures or status.fault)
            return replace(status, failures=0, fault=None) if is_well else status
        if status.state is FeedState.STALLED:
            began_s = now_s
        return replace(status, state=FeedState.STREAMING, since_s=now_s, video_since_s=began_s)

    def miss_picture(self, status: FeedStatus, *, now_s: float) -> FeedStatus:
        """No picture came for longer than expected, but the connection is not given up yet."""
        if status.state is not FeedState.STREAMING:
            return status
        return replace(status, state=FeedState.STALLED, since_s=now_s)

    def fail(self, status: FeedStatus, *, now_s: float, fault: SourceFault) -> FeedStatus:
        """The connection could not be made, or was lost: wait before the next attempt."""
        if status.state in (FeedState.WAITING, FeedState.DISABLED):
            return status
        was_well = status.state is FeedState.STREAMING and _has_good_video(status, now_s)
        back_off = _find_back_off(fault)
        # a camera that was away for long and then refuses the password has refused it once
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
        """Somebody switched the camera off: no attempts."""
        if status.state is FeedState.DISABLED:
            return status
        return FeedStatus(FeedState.DISABLED, now_s)

    def enable(self, status: FeedStatus, *, now_s: float) -> FeedStatus:
        """Connect at once: the camera was switched on, or its address or password changed."""
        if status.state in (FeedState.DISABLED, FeedState.WAITING):
            return self.begin(now_s=now_s)
        return status


def _find_back_off(fault: SourceFault) -> BackOff:
    return BACK_OFF_BY_FAULT.get(fault, USUAL_BACK_OFF)


def _has_good_video(status: FeedStatus, now_s: float) -> bool:
    return status.video_since_s is not None and now_s - status.video_since_s >= GOOD_AFTER_S
