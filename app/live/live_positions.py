"""Track live positions and recent trails from the pipeline's status."""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from analytics.domain.errors import ExpoFlowError
from analytics.domain.track import TrackPoint, TrackState
from app.core.document import Venue
from app.floor_plan.corrected_period import DECISION_RADIUS_M, ListedPlace, PlaceState
from app.plan.floor_scene import LiveDot, Point
from vision.pipeline.pipeline_status import PipelineStatus

if TYPE_CHECKING:
    from analytics.visitors.doors import LearnedDoor

TAIL_S = 10.0
SAME_PERSON_M = 0.8
"""Distance below which dots of different cameras count as one person while identities are unknown: two people
stand further apart, and the floor error of two calibrated cameras adds up to less.
"""
STALE_S = 2.0
"""Age after which a position is no longer shown."""

STILL_S = 8.0
"""Time without movement at an excluded place after which a track is hidden. A visitor who stops there is
missing from the live picture for that time, but not from the figures of a period, which use the whole
track.
"""

Key = tuple[str, int]
_NO_VISITORS: Mapping[int, int] = MappingProxyType({})


class LivePositions:
    """Live positions with trails; displayed only, never stored."""

    def __init__(self) -> None:
        self._tails: dict[Key, deque[tuple[float, float, float]]] = {}
        self._excluded_places: tuple[ListedPlace, ...] = ()

    def clear(self) -> None:
        """Remove all positions."""
        self._tails.clear()

    def leave_out(self, places: Sequence[ListedPlace]) -> None:
        """Hide tracks at places that were excluded, by decision or automatically."""
        self._excluded_places = tuple(place for place in places if place.state is PlaceState.LEFT_OUT)

    def update(
        self, status: PipelineStatus, visitors: Mapping[int, int] = _NO_VISITORS
    ) -> tuple[LiveDot, ...]:
        """Update with a pipeline status and return the dots on the floor, one per visitor.

        Tracks without a floor position are left out.

        Args:
            visitors: known visitor by tracklet.
        """
        present: dict[Key, Point] = {}
        for camera in status.cameras if status.is_running else ():
            time_s = camera.tracks_time_s
            if time_s is None or (camera.age_s is not None and camera.age_s > STALE_S):
                continue
            for track in camera.tracks:
                if track.x_m is None or track.y_m is None:
                    continue
                key = (str(camera.camera), int(track.tracklet))
                present[key] = (track.x_m, track.y_m)
                tail = self._tails.setdefault(key, deque())
                if not tail or time_s > tail[-1][0]:
                    tail.append((time_s, track.x_m, track.y_m))
                while tail[0][0] < time_s - TAIL_S:
                    tail.popleft()
        for key in self._tails.keys() - present.keys():
            del self._tails[key]
        people = {key: place for key, place in present.items() if not self._is_excluded(key)}
        return tuple(
            LiveDot(tuple((x, y) for _, x, y in self._tails[key]))
            for key in _drop_duplicates(people, visitors)
        )

    def _is_excluded(self, key: Key) -> bool:
        tail = self._tails[key]
        return tail[-1][0] - tail[0][0] >= STILL_S and any(
            place.camera == key[0]
            and all(math.hypot(x - place.x_m, y - place.y_m) <= DECISION_RADIUS_M for _, x, y in tail)
            for place in self._excluded_places
        )


def count_inside(dots: Sequence[LiveDot], ring: Sequence[Point]) -> int:
    """Return the number of dots within a polygon, by the even-odd rule."""
    return sum(_is_inside(dot.place, ring) for dot in dots)


def _drop_duplicates(present: dict[Key, Point], visitors: Mapping[int, int]) -> list[Key]:
    unique: list[Key] = []
    for key in present:
        if not any(_is_duplicate(key, other, present, visitors) for other in unique):
            unique.append(key)
    return unique


def _is_duplicate(key: Key, other: Key, present: Mapping[Key, Point], visitors: Mapping[int, int]) -> bool:
    if key[0] == other[0]:
        return False
    visitor, other_visitor = visitors.get(key[1]), visitors.get(other[1])
    if visitor is not None and other_visitor is not None:
        return visitor == other_visitor
    (x, y), (other_x, other_y) = present[key], present[other]
    return math.hypot(x - other_x, y - other_y) < SAME_PERSON_M


def _is_inside(place: Point, ring: Sequence[Point]) -> bool:
    x, y = place
    inside = False
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        if (y1 > y) != (y0 > y) and x < (x0 - x1) * (y - y1) / (y0 - y1) + x1:
            inside = not inside
        x0, y0 = x1, y1
    return inside


_LOG = logging.getLogger(__name__)

_DEFAULT_SIGMA_M = 0.2
"""Assumed position error of tracks without one."""


class LiveVisitorMatcher:
    """A matcher of live tracklets to visitors in its own thread; skips statuses that arrive too fast."""

    def __init__(self, venue: Venue) -> None:
        """Store the venue; nothing is loaded or started before the first status."""
        self._venue = venue
        self._visitors = _NO_VISITORS
        self._doors: tuple[LearnedDoor, ...] = ()
        self._newest: PipelineStatus | None = None
        self._has_status = threading.Condition()
        self._is_stopped = False
        self._thread: threading.Thread | None = None

    @property
    def visitors(self) -> Mapping[int, int]:
        """Return the visitor of each tracklet with a decision, as of the last processed status."""
        return self._visitors

    def offer(self, status: PipelineStatus) -> None:
        """Queue a status, replacing one that waits; skipped while at most one camera sees anybody."""
        if sum(bool(camera.tracks) for camera in status.cameras) < 2 and self._thread is None:
            return
        with self._has_status:
            self._newest = status
            self._has_status.notify()
        if self._thread is None and not self._is_stopped:
            # a daemon, so that it does not keep the program alive
            self._thread = threading.Thread(target=self._run, name="live identities", daemon=True)
            self._thread.start()

    def learn_doors(self, doors: Sequence[LearnedDoor]) -> None:
        """Join nobody across places at which people were found to come and go."""
        self._doors = tuple(doors)

    def stop(self, timeout_s: float = 0.0) -> None:
        """Stop the thread and wait for it up to a timeout; must be the last call."""
        with self._has_status:
            self._is_stopped = True
            self._has_status.notify()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            # importing takes a second, which the window must not wait for
            from analytics.visitors.live.live_stitching import LiveStitcher
            from app.facts.camera_views import find_camera_views

            geometry = self._venue.geometry_at(None)
            stitcher = LiveStitcher(
                views=find_camera_views(self._venue), zones=geometry.zones, lines=geometry.lines
            )
            shown_s: dict[str, float] = {}
            known_doors: tuple[LearnedDoor, ...] = ()
            while (status := self._wait()) is not None:
                if self._doors != known_doors:
                    known_doors = self._doors
                    stitcher.learn_doors(known_doors)
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
            self._visitors = _NO_VISITORS

    def _wait(self) -> PipelineStatus | None:
        with self._has_status:
            while self._newest is None and not self._is_stopped:
                self._has_status.wait()
            status, self._newest = self._newest, None
            return None if self._is_stopped else status


def _list_new_points(status: PipelineStatus, shown_s: dict[str, float]) -> list[TrackPoint]:
    """Return the positions of pictures newer than those in ``shown_s``, and update it."""
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
                _DEFAULT_SIGMA_M if track.sigma_m is None else track.sigma_m,
                None,
                TrackState.CONFIRMED,
            )
            for track in camera.tracks
            if track.x_m is not None and track.y_m is not None
        ]
    return points
