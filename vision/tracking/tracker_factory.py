"""Makes the tracker that a plan names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from analytics.domain.errors import PipelineError
from analytics.domain.identifiers import TrackletId
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_tracker_settings import FloorTrackerSettings
from vision.tracking.floor_view import FloorView
from vision.tracking.tracker import Tracker
from vision.tracking.two_stage_tracker import TwoStageTracker, TwoStageTrackerSettings

TRACKER_NAMES = ("floor", "two_stage", "bytetrack", "botsort")


def make_tracker(
    name: str,
    next_tracklet: Callable[[], TrackletId],
    floor: FloorView | None = None,
) -> Tracker:
    """A tracker for one camera.

    Args:
        next_tracklet: gives a number that no other tracklet of the venue has; cameras may share it.
        floor: what the camera sees of the floor; without it ``floor`` tracks in the picture, as ``two_stage``
            does. The others never need it.

    Raises:
        PipelineError: no tracker has this name.
        ModelError: the tracker is one of Ultralytics' and that is not installed.
    """
    if name == "floor" and floor is not None:
        return FloorTracker(next_tracklet, floor)
    if name in ("floor", "two_stage"):
        return TwoStageTracker(next_tracklet)
    if name in ("bytetrack", "botsort"):
        from vision.tracking.ultralytics_tracker import UltralyticsTracker

        return UltralyticsTracker(name, next_tracklet)
    raise PipelineError(
        "There is no tracker '{name}'.",
        "Choose one of: {names}.",
        name=name,
        names=", ".join(TRACKER_NAMES),
    )


def list_tracker_parameters(name: str) -> dict[str, object]:
    """The parameters of a tracker of ours by their names, to be stored with a result; none for the others."""
    if name == "floor":
        return asdict(FloorTrackerSettings())
    return asdict(TwoStageTrackerSettings()) if name == "two_stage" else {}
