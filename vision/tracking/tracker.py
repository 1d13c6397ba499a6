"""The protocol that every tracker implements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from vision.pixel_types import Detections, TrackedBox


class Tracker(Protocol):
    """Tracker of one camera's detections; one instance per camera."""

    def update(self, time_s: float, detections: Detections) -> Sequence[TrackedBox]:
        """Process one analysed frame, in the order of time.

        Returns:
            The new points of confirmed tracks: those of this frame and, for a track just confirmed, found
            again or certain, the past ones held back. Points of one tracklet are in the order of time and
            each is reported once.
        """

    def finish(self) -> Sequence[TrackedBox]:
        """End the recording or connection; return points held back that are certain."""


@runtime_checkable
class PeopleEstimator(Protocol):
    """A tracker that estimates how many people it does not count."""

    def estimate_people(self) -> tuple[int, float]:
        """Return how many people are counted at this moment, and how many more there probably are."""
