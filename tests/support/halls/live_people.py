"""What a running pipeline would say of people whose places are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.domain.identifiers import CameraId, TrackletId
from vision.pipeline.messages import CameraState, LiveTrack
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus, ProcessStatus

Places = Sequence[tuple[float, float] | None]


def make_status(
    cameras: Mapping[str, Places], *, time_s: float, age_s: float = 0.1, is_running: bool = True
) -> PipelineStatus:
    """One tracklet for every place, numbered in their order; None is a person without a place."""
    return PipelineStatus(
        cameras=tuple(
            CameraStatus(
                camera=CameraId(name),
                state=CameraState.STREAMING,
                detail="",
                fps_in=15.0,
                fps_analysed=5.0,
                fps_dropped=0.0,
                decoded=1,
                analysed=1,
                dropped=0,
                corrupt=0,
                points=1,
                reconnects=0,
                age_s=age_s,
                people=len(places),
                media_s=0.0,
                duration_s=None,
                size_wh=(640, 480),
                tracks=tuple(
                    LiveTrack(
                        TrackletId(number),
                        (0.0, 0.0, 10.0, 20.0),
                        None if place is None else place[0],
                        None if place is None else place[1],
                        0.9,
                    )
                    for number, place in enumerate(places)
                ),
                tracks_time_s=time_s,
            )
            for name, places in cameras.items()
        ),
        processes=(ProcessStatus("inference", 1, 10.0, 0, False, ""),),
        is_running=is_running,
    )
