"""Watch a hall: its state once a second, from its recorders and its history, and its alarms."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.floor_plan import FloorGeometry
from app.core.document import Venue
from app.core.file_format import FILE_NAME, read_venue
from app.error_reporting import describe_error
from app.facts.camera_outages import CameraOutages, list_live_cameras
from app.integrations.hall_snapshot import CameraSnapshot, HallSnapshot, LineSnapshot, ZoneSnapshot
from app.live.live_figures import HallCoverage, HallNow, list_values
from app.live.live_positions import LivePositions, LiveVisitorMatcher
from app.now.alarm_journal import AlarmEvaluator
from app.now.day_arrivals import DayArrivals, DayFigures, DaySoFar, count_day
from app.now.recent_figures import RecentFigures, compute_recent_figures
from app.plan.floor_scene import describe_floor
from app.recording.announcement import Announcement, find_recorder
from app.recording.status_board import BoardReader
from app.recording.stored_status import StoredStatus
from vision.pipeline.pipeline_status import PipelineStatus

RECENT_INTERVAL_S = 10.0
DAY_INTERVAL_S = 60.0
PAUSE_FACTOR = 9.0
"""Pause after a computation as a multiple of its duration: at most a tenth of a core is used."""
MAX_AGE_S = 600.0
"""Age in seconds from which figures of the day or the last quarter of an hour are left out."""
T = TypeVar("T")
_LOG = logging.getLogger(__name__)


class HistoryFigures:
    """Periodically computed figures of a venue's history."""

    def __init__(self, venue: Venue) -> None:
        arrivals = DayArrivals(venue)
        self._recent = _PeriodicComputation[RecentFigures](
            RECENT_INTERVAL_S,
            lambda now_utc_s: compute_recent_figures(venue=venue, now_utc_s=now_utc_s, with_zones=True),
        )
        self._day = _PeriodicComputation[DaySoFar](RECENT_INTERVAL_S, arrivals.update)
        self._figures = _PeriodicComputation[DayFigures](
            DAY_INTERVAL_S, lambda now_utc_s: count_day(venue, now_utc_s=now_utc_s)
        )
        self._requested_s: float | None = None
        self._is_requested = threading.Condition()
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def find(
        self, now_utc_s: float, *, in_thread: bool
    ) -> tuple[RecentFigures | None, DaySoFar | None, DayFigures | None]:
        """Return the last results; None for those not computed, failed or out of date.

        Args:
            in_thread: compute what is due in a thread, without waiting.
        """
        if not in_thread:
            self._compute(now_utc_s)
        else:
            with self._is_requested:
                self._requested_s = now_utc_s
                self._is_requested.notify()
            if self._thread is None:
                # a daemon: a long computation must not keep the program alive
                self._thread = threading.Thread(target=self._run, name="live history", daemon=True)
                self._thread.start()
        return self._recent.find(now_utc_s), self._day.find(now_utc_s), self._figures.find(now_utc_s)

    def close(self) -> None:
        """Stop computing."""
        with self._is_requested:
            self._is_closed = True
            self._is_requested.notify()

    def _run(self) -> None:
        while True:
            with self._is_requested:
                while self._requested_s is None and not self._is_closed:
                    self._is_requested.wait()
                if self._is_closed or self._requested_s is None:
                    return
                now_utc_s, self._requested_s = self._requested_s, None
            self._compute(now_utc_s)

    def _compute(self, now_utc_s: float) -> None:
        self._recent.compute_if_due(now_utc_s)
        self._day.compute_if_due(now_utc_s)
        self._figures.compute_if_due(now_utc_s)


class _PeriodicComputation(Generic[T]):
    """A computation, its last result and its next due time."""

    def __init__(self, interval_s: float, compute: Callable[[float], T]) -> None:
        self._interval_s, self._compute = interval_s, compute
        self._due_utc_s = float("-inf")
        self._result: tuple[float, T] | None = None
        self._reported_problem = ""

    def find(self, now_utc_s: float) -> T | None:
        if self._result is None or now_utc_s - self._result[0] > MAX_AGE_S:
            return None
        return self._result[1]

    def compute_if_due(self, now_utc_s: float) -> None:
        if now_utc_s < self._due_utc_s:
            return
        begun_s = time.monotonic()
        try:
            self._result = now_utc_s, self._compute(now_utc_s)
            self._reported_problem = ""
        except Exception as error:  # live values do not depend on it, and it is retried
            report = describe_error(error)
            if report.problem != self._reported_problem:
                _LOG.warning("%s %s", report.problem, report.remedy)
            self._reported_problem = report.problem
        took_s = time.monotonic() - begun_s
        self._due_utc_s = now_utc_s + took_s + max(self._interval_s, PAUSE_FACTOR * took_s)


class RecorderStatus:
    """Status of a venue's recorders, windows included, as they come and go; for one thread at a time.

    A recorder on another machine, in a container, or of an account that does not share its board is followed
    through the history, with a delay of up to two seconds.
    """

    def __init__(self, venue: Venue) -> None:
        self._venue, self._stored = venue, StoredStatus(venue)
        self._recorder: Announcement | None = None
        self._board: BoardReader | None = None

    def read_status(self, now_utc_s: float) -> PipelineStatus | None:
        """Return the pipeline's status; None while nothing is recorded.

        Raises:
            StoreError: there is no board, and the history cannot be read.
        """
        recorder = find_recorder(self._venue.folder)
        if recorder != self._recorder or (recorder is not None and self._board is None):
            self._attach(recorder)
        board = None if self._board is None else self._board.read()
        if board is None:
            return self._stored.read(now_utc_s)
        status, written_utc_s = board
        # a hanging recorder leaves an old status behind
        late_s = max(0.0, now_utc_s - written_utc_s)
        cameras = tuple(
            camera if camera.age_s is None else dataclasses.replace(camera, age_s=camera.age_s + late_s)
            for camera in status.cameras
        )
        return dataclasses.replace(status, cameras=cameras)

    def close(self) -> None:
        """Release the board and the history."""
        self._attach(None)
        self._stored.close()

    def _attach(self, recorder: Announcement | None) -> None:
        if self._board is not None:
            self._board.close()
            self._board = None
        self._recorder = recorder
        if recorder is not None:
            try:
                self._board = BoardReader(recorder.board)
            except (FileNotFoundError, PermissionError):
                # it has just ended, or belongs to another account
                self._board = None


LIVE, DOWN, IDLE = "live", "down", "idle"


class StatusSource(Protocol):
    """A source of the recorder's status."""

    def read_status(self, now_utc_s: float) -> PipelineStatus | None:
        """Return the pipeline's status; None while nothing is recorded."""

    def close(self) -> None:
        """Release everything; the last call."""


class HallWatch:
    """A watch of a venue's folder and its changes. ``look`` is for one thread at a time."""

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock | None = None,
        open_status: Callable[[Venue], StatusSource] = RecorderStatus,
        judge: AlarmEvaluator | None = None,
        computes_history_in_thread: bool = True,
    ) -> None:
        """Read the venue; the first look loads what takes a second.

        Args:
            open_status: returns the source of a venue's recorder status.
            judge: raises alarms; None: no alarms are raised here.
            computes_history_in_thread: compute history in a separate thread, so that a look never waits.

        Raises:
            VenueError: there is no such venue.
        """
        self._folder, self._clock = folder, clock or SystemClock()
        self._open_status = open_status
        self._judge = judge
        self._computes_history_in_thread = computes_history_in_thread
        self._stamp: tuple[int, int] | None = None
        self._parts: _VenueParts | None = None
        self._read_parts()

    def take_snapshot(self) -> HallSnapshot:
        """Return the hall at this moment.

        Raises:
            VenueError, StoreError: the venue or its history cannot be read.
        """
        parts, now_utc_s = self._read_parts(), self._clock.now_utc_s()
        status = parts.recorder.read_status(now_utc_s)
        live = frozenset() if status is None else list_live_cameras(status)
        if status is None:
            parts.forget_people()
        down_s = {} if status is None else parts.outages.update(status, now_s=self._clock.monotonic_s())
        recent, day, figures = parts.history.find(now_utc_s, in_thread=self._computes_history_in_thread)
        if recent is not None:
            parts.positions.leave_out(recent.places)
        sight = parts.find_coverage(now_utc_s)
        seen = () if status is None else parts.positions.update(status, parts.find_visitors(status, recent))
        waits_s = {} if recent is None else recent.find_waits_s(now_utc_s)
        hall = sight.measure(seen if live else (), live, waits_s=waits_s)
        if self._judge is not None:
            values = list_values(hall if live else HallNow(), down_s)
            self._judge.update(parts.venue, values, now_utc_s=now_utc_s)
        return HallSnapshot(
            venue=parts.venue.name,
            at_utc_s=now_utc_s,
            is_observed=bool(live),
            observed_share=sight.measure_observed_share(live),
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
        """Release the history and end every thread."""
        if self._parts is not None:
            self._parts.close()
            self._parts = None

    def _read_parts(self) -> _VenueParts:
        """Read the venue; after a change, rebuild everything derived from it."""
        try:
            found = (self._folder / FILE_NAME).stat()
            stamp = found.st_mtime_ns, found.st_size
        except OSError:
            stamp = None  # reading it raises the error
        if self._parts is None or stamp != self._stamp:
            venue = read_venue(self._folder)
            self.close()
            self._parts = _VenueParts(venue, self._open_status(venue))
            self._stamp = stamp
        return self._parts


class _VenueParts:
    """State derived from one version of the venue."""

    def __init__(self, venue: Venue, recorder: StatusSource) -> None:
        self.venue, self.recorder = venue, recorder
        self.outages, self.positions = CameraOutages(), LivePositions()
        self.history = HistoryFigures(venue)
        self._identities: LiveVisitorMatcher | None = None
        self._coverage: HallCoverage | None = None

    def find_visitors(self, status: PipelineStatus, recent: RecentFigures | None) -> dict[int, int]:
        if self._identities is None:
            self._identities = LiveVisitorMatcher(self.venue)
        if recent is not None:
            self._identities.learn_doors(recent.doors)
        self._identities.offer(status)
        return dict(self._identities.visitors)

    def find_coverage(self, now_utc_s: float) -> HallCoverage:
        geometry = self.venue.geometry_at(now_utc_s)
        if self._coverage is None or self._coverage.geometry != geometry:
            self._coverage = HallCoverage(self.venue, geometry, describe_floor(self.venue, geometry))
        return self._coverage

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
    statuses = {} if status is None else {str(camera.camera): camera for camera in status.cameras}
    described = []
    for name in map(str, venue.camera_names):
        if name in live:
            described.append(CameraSnapshot(name, LIVE, statuses[name].fps_analysed))
        elif down_s.get(name) is not None:
            described.append(CameraSnapshot(name, DOWN, down_s=down_s[name]))
        else:
            described.append(CameraSnapshot(name, IDLE))
    return tuple(described)
