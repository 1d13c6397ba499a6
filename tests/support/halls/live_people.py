"""What a running pipeline would say of people whose places are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.domain.identifiers import TrackletId
from tests.support.windows.scripted_monitor import make_status as make_camera_status
from vision.pipeline.messages import LiveTrack
from vision.pipeline.pipeline_status import PipelineStatus, ProcessStatus

Places = Sequence[tuple[float, float] | None]


def make_status(
    cameras: Mapping[str, Places], *, time_s: float, age_s: float = 0.1, is_running: bool = True
) -> PipelineStatus:
    """One tracklet for every place, numbered in their order; None is a person without a place."""
    return PipelineStatus(
        cameras=tuple(
            make_camera_status(
                name,
                age_s=age_s,
                people=len(places),
                size_wh=(640, 480),
                tracks=tuple(
                    LiveTrack(TrackletId(number), (0.0, 0.0, 10.0, 20.0), *(place or (None, None)), 0.9)
                    for number, place in enumerate(places)
                ),
                tracks_time_s=time_s,
            )
            for name, places in cameras.items()
        ),
        processes=(ProcessStatus("inference", 1, 10.0, 0, False, ""),),
        is_running=is_running,
    )
