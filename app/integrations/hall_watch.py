"""Looks at a venue once a second from outside of the program that records it, and says what is now.

Every figure is made by the function that the page *Now*, or the page of the day, makes it with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.floor_plan import FloorGeometry
from app.integrations.hall_snapshot import CameraSnapshot, HallSnapshot, LineSnapshot, ZoneSnapshot
from app.integrations.history_figures import HistoryFigures
from app.integrations.recorder_status import RecorderStatus
from app.operations.camera_outages import CameraOutages, list_live
from app.operations.day_figures import DayFigures
from app.operations.floor_scene import describe_floor
from app.operations.judge_alarms import AlarmJudge
from app.operations.live_figures import HallNow, HallSight, list_values
from app.operations.live_identities import LiveIdentities
from app.operations.live_positions import LivePositions
from app.operations.recent_figures import RecentFigures
from app.venue.document import Venue
from app.venue.file_format import FILE_NAME, read_venue
from vision.pipeline.pipeline_status import PipelineStatus

LIVE, DOWN, IDLE = "live", "down", "idle"


class StatusSource(Protocol):
    """Where it is known how the recorder does."""

    def look(self, now_utc_s: float) -> PipelineStatus | None:
        """As a look at the pipeline itself gives it; None while nothing is recorded."""

    def close(self) -> None:
        """Let go of everything; the last call."""


class HallWatch:
    """Follows one venue's folder, its changes too. ``look`` is for one thread at a time."""

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock | None = None,
        open_status: Callable[[Venue], StatusSource] = RecorderStatus,
        judge: AlarmJudge | None = None,
        is_history_apart: bool = True,
    ) -> None:
        """Read the venue; the first look loads what takes a second.

        Args:
            open_status: tells how the recorder of a venue does.
            judge: raises alarms; None: nobody does here.
            is_history_apart: what takes long is computed in a thread of its own, and a look never waits.

        Raises:
            VenueError: there is no such venue.
        """
        self._folder, self._clock = folder, clock or SystemClock()
        self._open_status = open_status
        self._judge = judge
        self._is_history_apart = is_history_apart
        self._stamp: tuple[int, int] | None = None
        self._parts: _VenueParts | None = None
        self._look_at_venue()

    def look(self) -> HallSnapshot:
        """The hall at this moment.

        Raises:
            VenueError, StoreError: the venue or its history cannot be read.
        """
        parts, now_utc_s = self._look_at_venue(), self._clock.now_utc_s()
        status = parts.recorder.look(now_utc_s)
        live = frozenset() if status is None else list_live(status)
        if status is None:
            parts.forget_people()
        down_s = {} if status is None else parts.outages.update(status, now_s=self._clock.monotonic_s())
        recent, day, figures = parts.history.find(now_utc_s, apart=self._is_history_apart)
        if recent is not None:
            parts.positions.leave_out(recent.places)
        sight = parts.find_sight(now_utc_s)
        seen = () if status is None else parts.positions.update(status, parts.find_visitors(status))
        waits_s = {} if recent is None else recent.find_waits_s(now_utc_s)
        hall = sight.measure(seen if live else (), live, waits_s=waits_s)
        if self._judge is not None:
            values = list_values(hall if live else HallNow(), down_s)
            self._judge.look(parts.venue, values, now_utc_s=now_utc_s)
        return HallSnapshot(
            venue=parts.venue.name,
            at_utc_s=now_utc_s,
            is_observed=bool(live),
            observed_share=sight.measure_observed(live),
            people=hall.people,
            capacity=hall.capacity,
            arrivals_15_min=None if recent is None or recent.observed_s <= 0 else recent.arrivals,
            observed_15_min_s=None if recent is None else recent.observed_s,
            arrivals_today=None if day is None else day.arrivals,
            observed_today_min=None if day is None else day.observed_minutes,
            today_until_utc_s=None if figures is None else figures.until_utc_s,
            zones=_describe_zones(hall, recent, figures),
            lines=_describe_lines(sight.geometry, figures),
            cameras=_describe_cameras(parts.venue, status, live, down_s),
            alarms=() if self._judge is None else self._judge.open_alarms,
        )

    def close(self) -> None:
        """Let go of the history and of every thread."""
        if self._parts is not None:
            self._parts.close()
            self._parts = None

    def _look_at_venue(self) -> _VenueParts:
        """The venue as it is now; after a change everything about it is made anew."""
        try:
            found = (self._folder / FILE_NAME).stat()
            stamp = found.st_mtime_ns, found.st_size
        except OSError:
            stamp = None  # reading it says why
        if self._parts is None or stamp != self._stamp:
            venue = read_venue(self._folder)
            self.close()
            self._parts = _VenueParts(venue, self._open_status(venue))
            self._stamp = stamp
        return self._parts


class _VenueParts:
    """What is known of a venue as it is described at the moment."""

    def __init__(self, venue: Venue, recorder: StatusSource) -> None:
        self.venue, self.recorder = venue, recorder
        self.outages, self.positions = CameraOutages(), LivePositions()
        self.history = HistoryFigures(venue)
        self._identities: LiveIdentities | None = None
        self._sight: HallSight | None = None

    def find_visitors(self, status: PipelineStatus) -> dict[int, int]:
        if self._identities is None:
            self._identities = LiveIdentities(self.venue)
        self._identities.offer(status)
        return dict(self._identities.visitors)

    def find_sight(self, now_utc_s: float) -> HallSight:
        geometry = self.venue.geometry_at(now_utc_s)
        if self._sight is None or self._sight.geometry != geometry:
            self._sight = HallSight(self.venue, geometry, describe_floor(self.venue, geometry))
        return self._sight

    def forget_people(self) -> None:
        self.outages.clear()
        self.positions.clear()
        if self._identities is not None:
            self._identities.stop()
            self._identities = None

    def close(self) -> None:
        self.forget_people()
        self.history.close()
        self.recorder.close()


def _describe_zones(
    hall: HallNow, recent: RecentFigures | None, figures: DayFigures | None
) -> tuple[ZoneSnapshot, ...]:
    begun = {} if recent is None else recent.visits_begun
    visits = {} if figures is None else figures.visits
    return tuple(
        ZoneSnapshot(
            name=zone.name,
            kind=zone.kind.value,
            people=zone.people,
            capacity=zone.capacity,
            density_per_m2=zone.density_per_m2,
            level_of_service=zone.level,
            arrivals_15_min=begun.get(zone.name),
            visits_today=visits.get(zone.name),
            queue=zone.queue,
            wait_s=zone.wait_s,
        )
        for zone in hall.zones
    )


def _describe_lines(geometry: FloorGeometry, figures: DayFigures | None) -> tuple[LineSnapshot, ...]:
    counted = {} if figures is None else figures.crossings
    return tuple(
        LineSnapshot(str(line.name), line.kind.value, *counted.get(str(line.name), (None, None)))
        for line in geometry.lines
    )


def _describe_cameras(
    venue: Venue,
    status: PipelineStatus | None,
    live: frozenset[str],
    down_s: Mapping[str, float | None],
) -> tuple[CameraSnapshot, ...]:
    known = {} if status is None else {str(camera.camera): camera for camera in status.cameras}
    described = []
    for name in map(str, venue.camera_names):
        if name in live:
            described.append(CameraSnapshot(name, LIVE, known[name].fps_analysed))
        elif down_s.get(name) is not None:
            described.append(CameraSnapshot(name, DOWN, down_s=down_s[name]))
        else:
            described.append(CameraSnapshot(name, IDLE))
    return tuple(described)
