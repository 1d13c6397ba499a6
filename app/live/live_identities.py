"""Who is who while it is recorded, in a thread of its own, so that drawing never waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from types import MappingProxyType

from analytics.domain.errors import ExpoFlowError
from analytics.domain.track import TrackPoint, TrackState
from app.core.document import Venue
from vision.pipeline.pipeline_status import PipelineStatus

_LOG = logging.getLogger(__name__)

_USUAL_SIGMA_M = 0.2
"""Of a track whose position error is not known."""
_NOBODY: Mapping[int, int] = MappingProxyType({})


class LiveIdentities:
    """Joins the tracklets that a pipeline shows into visitors; looks may come faster than it follows."""

    def __init__(self, venue: Venue) -> None:
        """Know a venue's cameras and doors; nothing is loaded or started before the first look."""
        self._venue = venue
        self._visitors = _NOBODY
        self._newest: PipelineStatus | None = None
        self._has_news = threading.Condition()
        self._is_stopped = False
        self._thread: threading.Thread | None = None

    @property
    def visitors(self) -> Mapping[int, int]:
        """The visitor of every tracklet that is shown and decided; of the last look that was followed."""
        return self._visitors

    def offer(self, status: PipelineStatus) -> None:
        """Take a look at the pipeline; only the newest matters, and one camera sees nobody twice."""
        if sum(bool(camera.tracks) for camera in status.cameras) < 2 and self._thread is None:
            return
        with self._has_news:
            self._newest = status
            self._has_news.notify()
        if self._thread is None and not self._is_stopped:
            # a daemon: it must not keep the program alive
            self._thread = threading.Thread(target=self._follow, name="live identities", daemon=True)
            self._thread.start()

    def stop(self, timeout_s: float = 0.0) -> None:
        """Let the thread end, and wait so long for it; the last call."""
        with self._has_news:
            self._is_stopped = True
            self._has_news.notify()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _follow(self) -> None:
        try:
            # a second of imports that the window must not wait for
            from analytics.visitors.live.live_stitching import LiveStitcher
            from app.facts.camera_views import find_views

            stitcher = LiveStitcher(views=find_views(self._venue), zones=self._venue.geometry_at(None).zones)
            shown_s: dict[str, float] = {}
            while (status := self._wait()) is not None:
                points = _list_new_points(status, shown_s)
                if points:
                    stitcher.update(max(point.time_s for point in points), points)
                known = {
                    int(track.tracklet): visitor
                    for camera in status.cameras
                    for track in camera.tracks
                    if (visitor := stitcher.find_visitor(track.tracklet)) is not None
                }
                self._visitors = MappingProxyType(known)
        except ExpoFlowError as error:
            _LOG.warning("Nobody is joined over the cameras' views: %s", error.problem)
            self._visitors = _NOBODY

    def _wait(self) -> PipelineStatus | None:
        with self._has_news:
            while self._newest is None and not self._is_stopped:
                self._has_news.wait()
            status, self._newest = self._newest, None
            return None if self._is_stopped else status


def _list_new_points(status: PipelineStatus, shown_s: dict[str, float]) -> list[TrackPoint]:
    """Where the people of pictures are that were not seen before; ``shown_s`` is brought up to date."""
    points = []
    for camera in status.cameras:
        time_s = camera.tracks_time_s
        if time_s is None or shown_s.get(str(camera.camera)) == time_s:
            continue
        shown_s[str(camera.camera)] = time_s
        points += [
            TrackPoint(
                time_s,
                camera.camera,
                track.tracklet,
                track.x_m,
                track.y_m,
                _USUAL_SIGMA_M if track.sigma_m is None else track.sigma_m,
                None,
                TrackState.CONFIRMED,
            )
            for track in camera.tracks
            if track.x_m is not None and track.y_m is not None
        ]
    return points
