"""The protocol behind which every tracker stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vision.pixel_types import Detections, TrackedBox


class Tracker(Protocol):
    """Joins one camera's detections into tracks; one instance per camera."""

    def update(self, time_s: float, detections: Detections) -> Sequence[TrackedBox]:
        """Take one analysed frame, in the order of time.

        Returns:
            The new points of confirmed tracks: those of this frame and, for a track that was confirmed, found
            again or sure just now, those of its past that were held back. Points of one tracklet come in the
            order of time and each is reported once.
        """

    def finish(self) -> Sequence[TrackedBox]:
        """End of the recording or of the camera's connection: what was held back and is sure, if anything."""
