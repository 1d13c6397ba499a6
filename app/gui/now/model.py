"""Provide the view-model of live figures, zones on the plan and alarm values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar, Unpack

from PySide6.QtCore import QTimer, Signal

from analytics.domain.zone import ZoneKind
from analytics.domain.zone_targets import AlarmMeasure
from analytics.store.history_folder import read_server_mark
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.facts.camera_outages import CameraOutages, list_live_cameras
from app.gui.now.alarm_desk import AlarmDeskViewModel, format_clock
from app.gui.session.camera_words import describe_delay, describe_low_count
from app.gui.session.cell_text import ABSENT, format_duration, format_number, format_seconds, format_share
from app.gui.session.period_figures import RefreshPace
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import display_name, join_sentences, tr, trn
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.integrations.hall_snapshot import HallSnapshot
from app.live.busyness import Busyness, judge_busyness
from app.live.live_figures import HallCoverage, HallNow, ZoneNow, list_rules, list_values
from app.now.day_arrivals import DayArrivals, DaySoFar
from app.now.recent_figures import RECENT_S, QueueWait, RecentFigures, compute_recent_figures
from app.plan.doors import find_open_doors
from app.plan.floor_scene import FloorScene, LiveDot, describe_floor
from vision.pipeline.pipeline_status import PipelineStatus

if TYPE_CHECKING:
    from analytics.domain.uncounted_people import UncountedPeople
    from analytics.visitors.doors import LearnedDoor


@dataclass(frozen=True, slots=True)
class NowTile:
    """A tile with one figure.

    Attributes:
        tone: tone of the change: ``good``, ``warning``, ``bad`` or ``muted``.
        explanation: definition of the figure.
    """

    title: str
    value: str
    detail: str = ""
    change: str = ""
    tone: str = "muted"
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class LevelMark:
    """A zone's label on the plan: level of service, A to F, and number of people."""

    level: str
    people: int


@dataclass(frozen=True, slots=True, eq=False)
class NowState:
    """The state of the page; parts that did not change stay the same objects.

    Attributes:
        scene: None while no venue is open.
        hall: None while no camera is analysed.
        recent, day: None until first computed.
        marks: label by name of each observed zone.
        message: reason why there are no live figures; empty otherwise.
        doors: places to ask about.
    """

    scene: FloorScene | None = None
    dots: tuple[LiveDot, ...] = ()
    hall: HallNow | None = None
    recent: RecentFigures | None = None
    day: DaySoFar | None = None
    tiles: tuple[NowTile, ...] = ()
    zones: tuple[ZoneNow, ...] = ()
    marks: Mapping[str, LevelMark] = field(default_factory=dict)
    message: str = ""
    doors: tuple[LearnedDoor, ...] = ()


_LIVE_TILES = (0, 1, 3)
USE_ROLES = {Busyness.FREE: "good", Busyness.BUSY: "warning", Busyness.FULL: "bad"}


def make_tiles(
    hall: HallNow | None, recent: RecentFigures | None, day: DaySoFar | None
) -> tuple[NowTile, ...]:
    return (
        _make_people_tile(hall, () if recent is None else recent.low_counts),
        _make_fullest_tile(hall),
        _make_arrivals_tile(recent),
        _make_queue_tile(hall, recent),
        _make_day_tile(day),
    )


def _describe_elsewhere(snapshot: HallSnapshot | None) -> HallNow | None:
    if snapshot is None:
        return None
    zones = [
        ZoneNow(
            zone.name,
            ZoneKind(zone.kind),
            zone.people,
            zone.capacity,
            1.0 / zone.density_per_m2 if zone.density_per_m2 else None,
            zone.density_per_m2,
            zone.level_of_service,
            zone.queue,
            zone.wait_s,
        )
        for zone in snapshot.zones
    ]
    return HallNow(snapshot.people, snapshot.capacity, tuple(zones))


def name_weekday(weekday: int) -> str:
    """Return the name of a weekday; 0 is Monday."""
    names = (
        tr("Monday"),
        tr("Tuesday"),
        tr("Wednesday"),
        tr("Thursday"),
        tr("Friday"),
        tr("Saturday"),
        tr("Sunday"),
    )
    return names[weekday]


def describe_use(people: int | None, capacity: int | None) -> tuple[str, str]:
    if capacity is None:
        return tr("no capacity set"), "muted"
    if people is None:
        return tr("capacity {capacity}", capacity=format_number(capacity)), "muted"
    share = people / capacity
    words = tr("{share} of {capacity}", share=format_share(share), capacity=format_number(capacity))
    return words, USE_ROLES[judge_busyness(people, capacity) or Busyness.FREE]


def describe_pending_writes(wait: QueueWait | None) -> str:
    if wait is None or wait.wait_s is None:
        return tr("wait unknown: too few people")
    if not wait.is_steady:
        return tr("wait about {wait}; the queue is changing", wait=format_duration(wait.wait_s))
    return tr("wait {wait}", wait=format_duration(wait.wait_s))


def _make_people_tile(hall: HallNow | None, low_counts: Sequence[UncountedPeople]) -> NowTile:
    people = None if hall is None else hall.people
    change, tone = describe_use(people, None if hall is None else hall.capacity)
    explanation = tr(
        "People currently seen by the cameras, counted once where views overlap. People outside of all "
        "views are not counted."
    )
    missing = sum(one.uncounted for one in low_counts)
    return NowTile(
        tr("People in the hall"),
        format_number(people),
        detail=tr("probably {missing} more, seated or hidden", missing=format_number(round(missing)))
        if people is not None and missing >= 0.5
        else "",
        change=change,
        tone=tone,
        explanation="\n".join([explanation, *map(describe_low_count, low_counts)]),
    )


def _make_fullest_tile(hall: HallNow | None) -> NowTile:
    zone = None if hall is None else _find_fullest(hall.zones)
    explanation = tr(
        "The zone with the highest use of its capacity; without capacities, the one with the highest "
        "density. Level of service by Fruin (walkways): A above 3.25 m² per person, B 2.32, C 1.39, D "
        "0.93, E 0.46, F below."
    )
    title = tr("Busiest zone")
    if zone is None:
        is_observed = hall is not None and any(zone.people is not None for zone in hall.zones)
        detail = tr("nobody in the zones") if is_observed else tr("not observed")
        return NowTile(title, ABSENT, detail=detail, explanation=explanation)
    change, tone = describe_use(zone.people, zone.capacity)
    return NowTile(
        title,
        display_name(zone.name),
        detail=trn(
            "{n} person, level {level}", "{n} people, level {level}", zone.people or 0, level=zone.level
        ),
        change=change,
        tone=tone,
        explanation=explanation,
    )


def _find_fullest(zones: tuple[ZoneNow, ...]) -> ZoneNow | None:
    seen = [zone for zone in zones if zone.people]
    with_capacity = [zone for zone in seen if zone.use is not None]
    if with_capacity:
        return max(with_capacity, key=lambda zone: zone.use or 0.0)
    return max(seen, key=lambda zone: zone.density_per_m2 or 0.0, default=None)


def _make_arrivals_tile(recent: RecentFigures | None) -> NowTile:
    detail = ""
    if recent is not None and not recent.has_entrance:
        detail = tr("no entrance line")
    elif recent is not None and recent.observed_s <= 0:
        detail = tr("not observed")
    elif recent is not None and recent.observed_s < 0.95 * RECENT_S:
        detail = tr("{time} of 15 min observed", time=format_seconds(recent.observed_s))
    return NowTile(
        tr("Footfall, 15 min"),
        format_number(None if recent is None else recent.arrivals),
        detail=detail,
        explanation=tr(
            "Inward crossings of all entrance lines in the last 15 minutes, without compensation for "
            "unobserved time."
        ),
    )


def _make_queue_tile(hall: HallNow | None, recent: RecentFigures | None) -> NowTile:
    queues = [zone for zone in (hall.zones if hall is not None else ()) if zone.queue is not None]
    longest = max(queues, key=lambda zone: zone.queue or 0, default=None)
    explanation = tr(
        "People in the longest queue now, and the waiting time: people in the queue divided by arrivals "
        "per second over the last 15 minutes. Valid while the queue's length stays about "
        "the same."
    )
    title = tr("Longest queue")
    if longest is None:
        return NowTile(title, ABSENT, detail=tr("no observed queue zone"), explanation=explanation)
    wait = None if recent is None else recent.waits.get(longest.name)
    return NowTile(
        title,
        format_number(longest.queue),
        detail=display_name(longest.name),
        change=describe_pending_writes(wait),
        explanation=explanation,
    )


def _make_day_tile(day: DaySoFar | None) -> NowTile:
    title = tr("Footfall today")
    explanation = tr(
        "Inward crossings of all entrance lines since midnight in venue time. Compared with the same "
        "weekday of up to four earlier weeks, in minutes observed on both days."
    )
    if day is None:
        return NowTile(title, ABSENT, explanation=explanation)
    weekday = name_weekday(day.day.weekday())
    minutes = day.observed_minutes
    detail = (
        tr("{minutes} min observed", minutes=format_number(minutes))
        if minutes < 60
        else tr("{hours} h observed", hours=format_number(minutes / 60, decimals=1))
    )
    if not day.is_complete and day.earlier_arrivals is None:
        change = tr("counting earlier weeks")
    elif day.earlier_arrivals is None:
        change = tr("no earlier {weekday}", weekday=weekday)
    elif day.change is None:
        change = tr("no arrivals by then on the earlier {weekday}", weekday=weekday)
    else:
        sign = "+" if day.change >= 0 else "−"
        change = tr(
            "{sign}{share} against {weekday}: {now} and {then}",
            sign=sign,
            share=format_share(abs(day.change)),
            weekday=weekday,
            now=format_number(day.matched_arrivals),
            then=format_number(day.earlier_arrivals),
        )
    return NowTile(title, format_number(day.arrivals), detail, change, explanation=explanation)


T = TypeVar("T")
UPDATE_INTERVAL_S = 1.0
"""Update interval of figures, limited for readability; dots follow every status."""
TAIL_POINTS = 10
"""Number of trail points, for the last second; ten seconds of 200 people take too long to draw."""
REFRESH_EVERY_MS, REFRESH_HIDDEN_EVERY_MS = 10_000, 300_000
"""The page's figures, and for doors alone, which are learned from 15 minutes, while the page is hidden."""
JOB_KEY = "now"
COVERAGE_KEY = "now: floor"
CURRENT_WITHIN_S = 30.0
"""Age up to which what a site says of a hall counts as that of this moment."""
_ROUNDING_S = 0.05
"""Tolerance of the update interval, because statuses arrive by a timer of 100 ms."""


class NowViewModel(VenueViewModel[NowState]):
    """The view-model of the page Now; it stays active while hidden, because alarms need its figures."""

    dots_changed = Signal()
    doors_learned = Signal(object)
    """Places at which people came and went in the last 15 minutes, asked about or not."""

    def __init__(
        self,
        *,
        monitor: PipelineMonitor,
        desk: AlarmDeskViewModel,
        find_dots: Callable[[], tuple[LiveDot, ...]],
        pace: RefreshPace | None = None,
        **parts: Unpack[VenueParts],
    ) -> None:
        """Initialise; ``find_dots`` returns the visitors on the floor at the last status, each once."""
        super().__init__(NowState(), **parts)
        self._monitor, self._desk, self._find_dots = monitor, desk, find_dots
        self._pace = pace or RefreshPace()
        self._outages = CameraOutages()
        self._coverage: HallCoverage | None = None
        self._days: DayArrivals | None = None
        self._down_s: dict[str, float | None] = {}
        self._updated_s = float("-inf")
        self._elsewhere: tuple[HallSnapshot | None, float] = (None, 0.0)
        self._is_active = False
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_EVERY_MS)
        self._timer.timeout.connect(self.refresh)
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._on_changed)
        monitor.updated.connect(self._on_pipeline_updated)
        monitor.started.connect(self._on_pipeline_started)
        monitor.stopped.connect(self._on_pipeline_stopped)
        self._on_venue_opened()

    def set_active(self, is_active: bool) -> None:
        """Set whether the page is visible; otherwise the history is read only for alarms about waiting
        times.
        """
        self._is_active = is_active
        self._run_timer()
        if is_active:
            self.refresh()

    def show_elsewhere(self, snapshot: HallSnapshot | None, *, at_utc_s: float) -> None:
        """Show the open hall as the machine that writes the site's history saw it; None if it has not."""
        if self._is_elsewhere:
            self._elsewhere = snapshot, at_utc_s
            self._desk.follow(() if snapshot is None else snapshot.alarms)
            self._update_figures()

    def refresh(self) -> None:
        """Recompute the last 15 minutes and the day so far."""
        if self._is_elsewhere:
            # they grow old where the server does not answer
            self._update_figures()
        venue, now_utc_s = self._app_state.venue, self._clock.now_utc_s()
        if venue is None or self._job_runner.is_busy(JOB_KEY) or not self._pace.is_due():
            return
        if self._days is None:
            self._days = DayArrivals(venue)
        days = self._days

        def work(context: JobContext) -> tuple[RecentFigures, DaySoFar]:
            recent = compute_recent_figures(venue=venue, now_utc_s=now_utc_s, context=context)
            return recent, days.update(now_utc_s, context=context)

        self._pace.begin()
        self._job_runner.run_latest(
            JOB_KEY,
            lambda: tr("Computing arrivals and waiting times"),
            work,
            on_done=lambda result: self._on_computed(venue, result),
            on_failed=self._on_failed,
        )

    def read_picture(self, read: Callable[[str], T], on_read: Callable[[T], None]) -> None:
        """Read the plan's picture in a worker; ``read`` must not touch any widget."""
        path = None if self._state.scene is None else self._state.scene.picture
        if path is not None:
            title = tr("Reading the plan's picture")
            self._job_runner.run_latest("now: picture", title, lambda _job: read(path), on_done=on_read)

    def retranslate(self) -> None:
        self._show(self._state.hall)

    def _on_venue_opened(self) -> None:
        self._forget()
        self._state = NowState()
        self._compute_coverage()
        self._run_timer()
        self._show(None)
        if self._is_active:
            self.refresh()

    def _forget(self) -> None:
        self._job_runner.cancel(JOB_KEY)
        self._outages.clear()
        self._down_s = {}
        self._days, self._coverage, self._elsewhere = None, None, (None, 0.0)

    @property
    def _is_elsewhere(self) -> bool:
        """Return whether the open venue is a hall's folder at a site's hub."""
        venue = self._app_state.venue
        return venue is not None and bool(read_server_mark(venue.folder))

    def _find_age_s(self) -> float:
        return self._clock.now_utc_s() - self._elsewhere[1]

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if changes.zones or changes.plan or changes.cameras or changes.corrections:
            self._days = None
        if changes.zones or changes.plan or changes.cameras or changes.targets:
            self._compute_coverage()
            self._run_timer()
        if changes.zones or changes.corrections:
            self._show_doors()
            self.state_changed.emit()

    def _compute_coverage(self) -> None:
        """Compute the camera coverage of each zone in a worker, because it is slow."""
        venue, now_utc_s = self._app_state.venue, self._clock.now_utc_s()
        if venue is None:
            return

        def make(_context: JobContext) -> HallCoverage:
            geometry = venue.geometry_at(now_utc_s)
            return HallCoverage(venue, geometry, describe_floor(venue, geometry))

        self._job_runner.run_latest(
            COVERAGE_KEY, lambda: tr("Measuring zones"), make, on_done=self._on_coverage_computed
        )

    def _on_coverage_computed(self, coverage: HallCoverage) -> None:
        if coverage.venue is not self._app_state.venue:
            return
        self._coverage = coverage
        if self._state.scene != coverage.scene:
            self._set_fields(scene=coverage.scene)
        self._update_figures()

    def _on_pipeline_started(self) -> None:
        self._outages.clear()
        self._run_timer()

    def _on_pipeline_updated(self, status: PipelineStatus) -> None:
        now_s = self._clock.monotonic_s()
        self._down_s = self._outages.update(status, now_s=now_s)
        seen = self._find_dots() if list_live_cameras(status) else ()
        self._set_fields(dots=tuple(LiveDot(dot.tail[-TAIL_POINTS:]) for dot in seen))
        self.dots_changed.emit()
        if now_s - self._updated_s >= UPDATE_INTERVAL_S - _ROUNDING_S:
            self._updated_s = now_s
            self._update_figures()

    def _on_pipeline_stopped(self) -> None:
        self._outages.clear()
        self._down_s = {}
        self._set_fields(dots=())
        self.dots_changed.emit()
        self._run_timer()
        self._update_figures()

    def _update_figures(self) -> None:
        if self._is_elsewhere:
            self._show(_describe_elsewhere(self._elsewhere[0]))
            return
        status = self._monitor.status if self._monitor.is_active else None
        live = frozenset() if status is None else list_live_cameras(status)
        if self._coverage is None:
            self._show(None)
            return
        hall = self._coverage.measure(self._state.dots, live, waits_s=self._find_waits_s())
        self._show(hall)
        self._desk.evaluate(list_values(hall if live else HallNow(), self._down_s))

    def _find_waits_s(self) -> dict[str, float]:
        recent = self._state.recent
        return {} if recent is None else recent.find_waits_s(self._clock.now_utc_s())

    def _on_computed(self, venue: Venue, result: tuple[RecentFigures, DaySoFar]) -> None:
        self._pace.end()
        shown = self._app_state.venue
        if shown is not None and shown.folder == venue.folder:
            recent, day = result
            self._set_fields(recent=recent, day=day)
            self._show_doors()
            self._show(self._state.hall)
            self.doors_learned.emit(recent.doors)

    def _show_doors(self) -> None:
        venue, recent = self._app_state.venue, self._state.recent
        doors = () if venue is None or recent is None else find_open_doors(venue, recent.doors)
        self._set_fields(doors=doors)

    def _on_failed(self, report: ErrorReport) -> None:
        self._pace.end()
        self._set_fields(recent=None, day=None)
        self._show(self._state.hall, problem=join_sentences((report.problem, report.remedy)))

    def _show(self, hall: HallNow | None, *, problem: str = "") -> None:
        zones = () if hall is None else hall.zones
        marks = {
            zone.name: LevelMark(zone.level, zone.people)
            for zone in zones
            if zone.level is not None and zone.people is not None
        }
        tiles = make_tiles(hall, self._state.recent, self._state.day)
        if hall is not None and self._is_elsewhere and self._find_age_s() > CURRENT_WITHIN_S:
            note = tr("as of {time}", time=self._format(self._elsewhere[1]))
            tiles = tuple(
                replace(tile, detail=note) if number in _LIVE_TILES else tile
                for number, tile in enumerate(tiles)
            )
        self._set_fields(
            hall=hall,
            tiles=tiles,
            zones=zones if zones != self._state.zones else self._state.zones,
            marks=marks if marks != self._state.marks else self._state.marks,
            message=problem or self._describe_standstill(),
        )
        self.state_changed.emit()

    def _describe_standstill(self) -> str:
        venue = self._app_state.venue
        if venue is None:
            return ""
        if self._monitor.is_active:
            return describe_delay(self._monitor.status)
        if not venue.cameras:
            return tr("This venue has no cameras yet. Add one on the Live page.")
        if self._is_elsewhere:
            return self._describe_age()
        return tr("Not recording: live figures and alarms are available during recording.")

    def _describe_age(self) -> str:
        snapshot, at_utc_s = self._elsewhere
        if snapshot is None:
            return tr("No machine of the site has written the figures of this hall so far.")
        if self._find_age_s() > CURRENT_WITHIN_S:
            return tr("As of {time}: the site has nothing newer of this hall.", time=self._format(at_utc_s))
        return "" if snapshot.is_observed else tr("No camera of this hall is being read at this moment.")

    def _format(self, time_utc_s: float) -> str:
        venue = self._app_state.venue
        assert venue is not None
        return format_clock(time_utc_s, time_zone=venue.exhibition.time_zone)

    def _run_timer(self) -> None:
        venue = self._app_state.venue
        wants_waits = venue is not None and any(key.measure is AlarmMeasure.WAIT for key in list_rules(venue))
        if venue is None or not (self._is_active or self._monitor.is_active):
            self._timer.stop()
            return
        every_ms = REFRESH_EVERY_MS if self._is_active or wants_waits else REFRESH_HIDDEN_EVERY_MS
        if not self._timer.isActive() or self._timer.interval() != every_ms:
            self._timer.start(every_ms)
