"""Creation of the tracker for a camera."""

from __future__ import annotations

from collections.abc import Callable

from analytics.domain.identifiers import TrackletId
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_view import FloorView
from vision.tracking.tracker import Tracker
from vision.tracking.two_stage_tracker import TwoStageTracker


def make_tracker(next_tracklet: Callable[[], TrackletId], floor: FloorView | None) -> Tracker:
    """Return a tracker for one camera: on the floor, or in the picture where the camera is not calibrated.

    Args:
        next_tracklet: returns a number unique among the venue's tracklets; cameras may share it.
        floor: the camera's view of the floor; None: it is not calibrated.
    """
    return TwoStageTracker(next_tracklet) if floor is None else FloorTracker(next_tracklet, floor)
