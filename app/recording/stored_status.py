"""How a recorder does, told from what it wrote into the history in the last seconds: for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.domain.identifiers import CameraId, TrackletId
from app.core.document import Venue
from app.facts.camera_outages import STALE_S
from vision.pipeline.messages import CameraState, LiveTrack
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus, ProcessStatus, Tally

if TYPE_CHECKING:
    import pandas as pd

    from analytics.store.sql_event_reader import SqlEventReader

WRITTEN_WITHIN_S = 2.0
"""A recorder writes once a second, and what it writes is as old as its analysis is late."""
RECORDED_WITHIN_S = 60.0
"""Where no camera was observed for longer, nothing is taken to be recorded."""
_SAME_FRAME_S = 1e-3
_NO_BOX = (0.0, 0.0, 0.0, 0.0)


class StoredStatus:
    """Follows one venue's history; for one thread at a time.

    What only the recorder knows stays unknown: why a camera is down, boxes in its picture.
    """

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._reader: SqlEventReader | None = None
        self._frames: dict[tuple[str, float], int] = {}
        self._tallies: dict[str, Tally] = {}

    def look(self, now_utc_s: float) -> PipelineStatus | None:
        """As a look at the pipeline itself gives it; None while nothing is recorded.

        As long as one camera is observed, others of the last minute that are not should be, and are down.

        Raises:
            StoreError: the history cannot be read.
        """
        if not self._venue.has_history:
            return None
        if self._reader is None:
            # a second of imports
            from analytics.store.sql_event_store import open_reader

            self._reader = open_reader(self._venue.folder)
        try:
            spans = self._reader.read_spans(now_utc_s - RECORDED_WITHIN_S, None)
            ends = {str(camera): float(own["end_s"].max()) for camera, own in spans.groupby("camera")}
            names = [name for name in map(str, self._venue.camera_names) if name in ends]
            if not any(_find_age_s(ends[name], now_utc_s) <= STALE_S for name in names):
                return None
            first_s = min(ends[name] for name in names) - _SAME_FRAME_S
            tracks = self._reader.read_tracks(first_s, None)
        except BaseException:
            self.close()
            raise
        return PipelineStatus(
            cameras=tuple(self._describe(name, ends[name], spans, tracks, now_utc_s) for name in names),
            processes=(ProcessStatus("inference", 0, 0.0, 0, False, ""),),
        )

    def close(self) -> None:
        """Let go of the history; the next look opens it again."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _describe(
        self, name: str, end_s: float, spans: pd.DataFrame, tracks: pd.DataFrame, now_utc_s: float
    ) -> CameraStatus:
        tally = self._tallies.setdefault(name, Tally())
        own = spans[spans["camera"] == name]
        for start_s, frames in zip(own["start_s"].tolist(), own["frames"].tolist(), strict=True):
            self._frames[name, start_s] = frames
        tally.update(sum(count for (camera, _), count in self._frames.items() if camera == name), now_utc_s)
        is_newest = (tracks["camera"] == name) & ((tracks["time_s"] - end_s).abs() <= _SAME_FRAME_S)
        newest = tracks[is_newest]
        seen = tuple(
            LiveTrack(TrackletId(tracklet), _NO_BOX, x_m, y_m, 1.0)
            for tracklet, x_m, y_m in zip(
                *(newest[column].tolist() for column in ("tracklet", "x_m", "y_m")), strict=True
            )
        )
        return CameraStatus(
            camera=CameraId(name),
            state=CameraState.STREAMING,
            detail="",
            fps_in=tally.rate(now_utc_s),
            fps_analysed=tally.rate(now_utc_s),
            fps_dropped=0.0,
            decoded=tally.total,
            analysed=tally.total,
            dropped=0,
            corrupt=0,
            points=0,
            reconnects=0,
            age_s=_find_age_s(end_s, now_utc_s),
            people=len(seen),
            media_s=0.0,
            duration_s=None,
            size_wh=self._venue.camera(name).camera.frame_size_wh,
            tracks=seen,
            tracks_time_s=end_s,
        )


def _find_age_s(end_s: float, now_utc_s: float) -> float:
    """How old the newest analysed picture is, the time that writing takes left out."""
    return max(0.0, now_utc_s - end_s - WRITTEN_WITHIN_S)
