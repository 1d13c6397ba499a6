"""The interface through which the pipeline writes its observations, independent of the storage behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from analytics.domain.identifiers import CameraId
from analytics.domain.track import TrackPoint


@dataclass(frozen=True, slots=True)
class ObservedSpan:
    """A period in which a camera's frames were analysed without interruption.

    ``frames`` is the number of frames analysed in it. A span that continues is reported again with a later
    ``end_s`` and more frames; (camera, start_s) identifies it.
    """

    camera: CameraId
    start_s: float
    end_s: float
    frames: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A period in which a camera should have been analysed and was not, with the cause as a keyword."""

    camera: CameraId
    start_s: float
    end_s: float
    cause: str


class CameraEventKind(StrEnum):
    """Kinds of logged events of a camera or of the pipeline."""

    CONNECTED = "connected"
    LOST = "lost"
    RESIZED = "resized"
    DROPPED = "dropped"
    RESTARTED = "restarted"
    REFUSED = "refused"
    CLOCK_SET_BACK = "clock_set_back"
    MOVED = "moved"
    """From this moment the view may differ from the one that the camera was calibrated in."""
    BLINDED = "blinded"
    """From this moment nothing was visible; ``detail`` gives the reason."""
    STEADY_AGAIN = "steady_again"
    """The view matches the calibration again: put back, uncovered, or accepted with a new calibration."""
    UNCOUNTED = "uncounted"
    """Up to this moment people were probably not counted; see ``uncounted_people``."""
    REPAIRED = "repaired"
    """The history was damaged and has been rebuilt; ``detail`` gives the source and the losses."""
    SAVING_ROOM = "saving_room"
    """The disk is nearly full or has space again; ``detail`` describes the measures."""


@dataclass(frozen=True, slots=True)
class CameraEvent:
    """One line of the cameras' log; ``detail`` never contains an address with a password."""

    time_s: float
    camera: CameraId
    kind: CameraEventKind
    detail: str
    count: int = 1


class EventSink(Protocol):
    """A destination for observations; everything written before a flush returns is durable after it."""

    def write_points(self, points: Sequence[TrackPoint]) -> None:
        """Add track points; those of one tracklet arrive in time order."""

    def write_span(self, span: ObservedSpan) -> None:
        """Begin or extend an observed span."""

    def write_gap(self, gap: Gap) -> None:
        """Record a period without observation."""

    def write_event(self, event: CameraEvent) -> None:
        """Add a line to the log."""

    def flush(self) -> None:
        """Make everything written so far durable, in one transaction."""

    def close(self) -> None:
        """Flush and release every resource."""
