"""Derive a recorder's status from the last seconds of the history, for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.domain.identifiers import CameraId, TrackletId
from analytics.store.history_folder import read_server_mark
from app.core.document import Venue
from app.facts.camera_outages import STALE_S
from vision.pipeline.messages import CameraState, LiveTrack
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus, ProcessStatus, Tally

if TYPE_CHECKING:
    import pandas as pd

    from analytics.store.sql_event_reader import SqlEventReader

WRITTEN_WITHIN_S = 2.0
"""Delay of the history: a recorder writes once a second, after analysis."""
SENT_WITHIN_S = 8.0
"""Delay of a history on a site's server: machines send once a second, and wait for a slow link."""
RECORDED_WITHIN_S = 60.0
"""Seconds without any observed camera after which the venue counts as not recorded."""
_SAME_FRAME_S = 1e-3
_NO_BOX = (0.0, 0.0, 0.0, 0.0)


class StoredStatus:
    """The status of a venue's recorder from its history; for one thread at a time.

    Details that only the recorder has stay unknown: the cause of a camera's failure and boxes in its picture.
    """

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._delay_s = SENT_WITHIN_S if read_server_mark(venue.folder) else WRITTEN_WITHIN_S
        self._reader: SqlEventReader | None = None
        self._frames: dict[tuple[str, float], int] = {}
        self._tallies: dict[str, Tally] = {}

    def read(self, now_utc_s: float) -> PipelineStatus | None:
        """Return the status as polled from the pipeline itself; None while nothing is recorded.

        As long as one camera is observed, cameras of the last minute that are not observed are reported as
        down.

        Raises:
            StoreError: the history cannot be read.
        """
        if not self._venue.has_history:
            return None
        if self._reader is None:
            # importing takes a second
            from analytics.store.sql_event_store import open_reader

            self._reader = open_reader(self._venue.folder)
        try:
            spans = self._reader.read_spans(now_utc_s - RECORDED_WITHIN_S, None)
            ends = {str(camera): float(own["end_s"].max()) for camera, own in spans.groupby("camera")}
            names = [name for name in map(str, self._venue.camera_names) if name in ends]
            if not any(self._find_age_s(ends[name], now_utc_s) <= STALE_S for name in names):
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
        """Close the history; the next call opens it again."""
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
            age_s=self._find_age_s(end_s, now_utc_s),
            people=len(seen),
            media_s=0.0,
            duration_s=None,
            size_wh=self._venue.camera(name).camera.frame_size_wh,
            tracks=seen,
            tracks_time_s=end_s,
        )

    def _find_age_s(self, end_s: float, now_utc_s: float) -> float:
        """Return the age of the newest analysed picture, less the usual delay."""
        return max(0.0, now_utc_s - end_s - self._delay_s)
