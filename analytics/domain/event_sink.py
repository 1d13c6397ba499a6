"""What the pipeline may write to, without knowing what is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from analytics.domain.identifiers import CameraId
from analytics.domain.track import TrackPoint


@dataclass(frozen=True, slots=True)
class ObservedSpan:
    """A stretch of time in which a camera's frames were analysed without a pause.

    ``frames`` is the number of frames analysed in it. A span that goes on is reported again with a later
    ``end_s`` and more frames; (camera, start_s) identifies it.
    """

    camera: CameraId
    start_s: float
    end_s: float
    frames: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which a camera was due to be analysed and was not, with the cause in a word."""

    camera: CameraId
    start_s: float
    end_s: float
    cause: str


class CameraEventKind(StrEnum):
    """What can happen to a camera or to the pipeline, as it is logged."""

    CONNECTED = "connected"
    LOST = "lost"
    RESIZED = "resized"
    DROPPED = "dropped"
    RESTARTED = "restarted"
    REFUSED = "refused"
    CLOCK_SET_BACK = "clock_set_back"
    MOVED = "moved"
    """Since this moment the view may not be the one that the camera was calibrated in."""
    BLINDED = "blinded"
    """Since this moment nothing was seen; ``detail`` says why."""
    STEADY_AGAIN = "steady_again"
    """The view is the calibration's: put back, uncovered, or taken as that of a new calibration."""
    REPAIRED = "repaired"
    """The history was damaged and has been made again; ``detail`` says from what, and what is lost."""
    SAVING_ROOM = "saving_room"
    """The disk is nearly full, or has room again; ``detail`` says what is done about it."""


@dataclass(frozen=True, slots=True)
class CameraEvent:
    """One line of the log of a venue's cameras; ``detail`` never contains an address with a password."""

    time_s: float
    camera: CameraId
    kind: CameraEventKind
    detail: str
    count: int = 1


class EventSink(Protocol):
    """Takes what the pipeline observed; everything handed over before a flush returns is durable after it."""

    def write_points(self, points: Sequence[TrackPoint]) -> None:
        """Add track points; those of one tracklet come in the order of time."""

    def write_span(self, span: ObservedSpan) -> None:
        """Begin or extend a stretch of observation."""

    def write_gap(self, gap: Gap) -> None:
        """Record a stretch without observation."""

    def write_event(self, event: CameraEvent) -> None:
        """Add a line to the log."""

    def flush(self) -> None:
        """Make durable all that was written so far, in one transaction."""

    def close(self) -> None:
        """Flush and let go of every resource."""
