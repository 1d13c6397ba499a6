"""The alarms of the open venue: watched, acknowledged, kept in the log, and told to whoever listens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, QSettings, Signal

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.alarms.alarm_watch import AlarmWatch
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.zone_targets import AlarmMeasure
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.error_reporting import ErrorReport
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_duration, format_number
from app.gui.session.job_runner import JobRunner
from app.gui.session.notification import Notification
from app.gui.session.translation import display_name, tr
from app.gui.session.units import current_units
from app.gui.session.view_model import ViewModel
from app.live.live_figures import list_rules
from app.now.alarm_journal import keep_alarms, read_alarms


def describe_alarm(alarm: Alarm) -> str:
    """What it is about, how bad it was, and what was allowed."""
    place = display_name(alarm.key.zone) if alarm.key.zone else tr("Whole hall")
    worst, level = format_measure(alarm.key, alarm.worst), format_measure(alarm.key, alarm.level)
    match alarm.key.measure:
        case AlarmMeasure.CAMERA_DOWN:
            return tr("Camera {camera} gives no pictures", camera=display_name(alarm.key.camera))
        case AlarmMeasure.PEOPLE:
            return tr("{place}: {worst} people, more than {level}", place=place, worst=worst, level=level)
        case AlarmMeasure.DENSITY:
            return tr("{place}: density {worst}, above {level}", place=place, worst=worst, level=level)
        case AlarmMeasure.QUEUE:
            return tr("{place}: queue of {worst}, longer than {level}", place=place, worst=worst, level=level)
        case AlarmMeasure.WAIT:
            return tr("{place}: wait {worst}, longer than {level}", place=place, worst=worst, level=level)


def word_alarm(alarm: Alarm) -> Notification:
    """An alarm that was raised, as a message above any page."""
    return Notification(
        describe_alarm(alarm),
        tr("Acknowledge it on the page of what happens now."),
        rebuild=lambda: word_alarm(alarm),
    )


def describe_standing(alarm: Alarm, *, time_zone: str) -> str:
    """Whether it holds, and whether somebody knows."""
    if alarm.cleared_utc_s is not None:
        return tr("over since {time}", time=format_clock(alarm.cleared_utc_s, time_zone=time_zone))
    if alarm.acknowledged_utc_s is not None:
        return tr("acknowledged")
    return tr("new")


def format_measure(key: AlarmKey, value: float) -> str:
    """A value in the unit of its measure."""
    match key.measure:
        case AlarmMeasure.DENSITY:
            units = current_units()
            density = format_number(value * units.per_m2, decimals=2)
            return tr("{density} per {area}", density=density, area=units.area_symbol)
        case AlarmMeasure.WAIT | AlarmMeasure.CAMERA_DOWN:
            return format_duration(value)
        case _:
            return format_number(value)


def format_clock(time_utc_s: float, *, time_zone: str) -> str:
    """Time of day in the venue's own time, to the second."""
    return f"{datetime.fromtimestamp(time_utc_s, ZoneInfo(time_zone)):%H:%M:%S}"


MAX_PAST = 50
"""So many alarms that are over are shown."""
_SOUND_KEY = "alarms/sound"


@dataclass(frozen=True, slots=True)
class AlarmDeskState:
    """What to show of alarms.

    Attributes:
        alarms: those that hold first, then those that are over; of each the newest first.
        unknown: of those that hold, how many nobody has acknowledged.
    """

    alarms: tuple[Alarm, ...] = ()
    unknown: int = 0
    is_sound_on: bool = True

    @property
    def is_sounding(self) -> bool:
        """Whether somebody has to be called."""
        return self.is_sound_on and self.unknown > 0


class AlarmDeskViewModel(ViewModel[AlarmDeskState]):
    """Nothing is judged before the log has been read, lest an alarm that holds be raised twice."""

    raised = Signal(object)
    """An `Alarm` that holds since now."""
    told = Signal(object)
    """The same as a `Notification`, for whoever looks at another page."""
    failed = Signal(object)
    """An `ErrorReport`: the log could not be read or written; alarms are raised nevertheless."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        clock: Clock | None = None,
        memory: QSettings | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self._clock = clock or SystemClock()
        self._memory = memory
        self._watch: AlarmWatch | None = None
        self._past: tuple[Alarm, ...] = ()
        self._to_keep: dict[tuple[AlarmKey, float], Alarm] = {}
        self._is_keeping = False
        self._has_complained = False
        is_on = True if memory is None else memory.value(_SOUND_KEY, True, type=bool)
        self._state = AlarmDeskState(is_sound_on=bool(is_on))
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(self._on_changed)
        self._on_venue_opened()

    def look(self, values: Mapping[AlarmKey, float | None]) -> None:
        """Take the figures of this moment."""
        if self._watch is None:
            return
        before = self._watch.open_alarms
        changed = self._watch.update(self._clock.now_utc_s(), values)
        if not changed:
            if before != self._watch.open_alarms:
                self._show()
            return
        self._take(changed)
        for alarm in changed:
            if alarm.is_open:
                self.raised.emit(alarm)
                self.told.emit(word_alarm(alarm))

    def acknowledge(self, keys: Sequence[AlarmKey]) -> None:
        """Say that somebody knows of alarms."""
        if self._watch is None:
            return
        now_utc_s = self._clock.now_utc_s()
        known = [self._watch.acknowledge(key, now_utc_s=now_utc_s) for key in keys]
        self._take([alarm for alarm in known if alarm is not None])

    def set_sound(self, is_on: bool) -> None:
        """Call by sound, or be silent; remembered on this machine."""
        if self._memory is not None:
            self._memory.setValue(_SOUND_KEY, is_on)
        self._replace_state(is_sound_on=is_on)

    def _on_venue_opened(self) -> None:
        self._watch, self._past = None, ()
        self._to_keep.clear()
        self._is_keeping = self._has_complained = False
        self._show()
        venue = self._app_state.venue
        if venue is not None:
            self._job_runner.run(
                lambda: tr("Reading the log of alarms"),
                lambda _context: read_alarms(venue),
                on_done=lambda alarms: self._begin(venue, alarms),
                on_failed=lambda report: self._begin_without(venue, report),
            )

    def _begin_without(self, venue: Venue, report: ErrorReport) -> None:
        if self._is_shown(venue):
            self._complain(report)
            self._begin(venue, ())

    def _begin(self, venue: Venue, alarms: tuple[Alarm, ...]) -> None:
        shown = self._app_state.venue
        if shown is None or not self._is_shown(venue) or self._watch is not None:
            return
        self._past = tuple(alarm for alarm in alarms if not alarm.is_open)[:MAX_PAST]
        self._watch = AlarmWatch({}, open_alarms=alarms)
        self._follow_rules(shown)

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        venue = self._app_state.venue
        if venue is not None and (changes.targets or changes.zones or changes.cameras):
            self._follow_rules(venue)

    def _follow_rules(self, venue: Venue) -> None:
        if self._watch is not None:
            over = self._watch.change_rules(list_rules(venue), now_utc_s=self._clock.now_utc_s())
            self._take(over)

    def _take(self, changed: Sequence[Alarm]) -> None:
        self._past = (*(alarm for alarm in changed if not alarm.is_open), *self._past)[:MAX_PAST]
        self._to_keep.update({(alarm.key, alarm.raised_utc_s): alarm for alarm in changed})
        self._show()
        self._keep_next()

    def _keep_next(self) -> None:
        """One writing after the other, so that the log has what happened last."""
        venue = self._app_state.venue
        if venue is None or self._is_keeping or not self._to_keep:
            return
        batch = tuple(self._to_keep.values())
        self._to_keep.clear()
        self._is_keeping = True
        self._job_runner.run(
            lambda: tr("Writing the log of alarms"),
            lambda _context: keep_alarms(venue, batch),
            on_done=lambda kept: self._on_kept(venue, kept),
            on_failed=lambda report: self._on_not_kept(venue, batch, report),
        )

    def _on_kept(self, venue: Venue, kept: tuple[Alarm, ...]) -> None:
        if self._is_shown(venue):
            self._is_keeping = False
            if self._watch is not None:
                for alarm in kept:
                    self._watch.adopt(alarm)
                self._show()
            self._keep_next()

    def _on_not_kept(self, venue: Venue, batch: tuple[Alarm, ...], report: ErrorReport) -> None:
        if self._is_shown(venue):
            self._is_keeping = False
            # tried again with the next alarm; what is newer stays
            self._to_keep = {(a.key, a.raised_utc_s): a for a in batch} | self._to_keep
            self._complain(report)

    def _complain(self, report: ErrorReport) -> None:
        if not self._has_complained:
            self._has_complained = True
            self.failed.emit(report)

    def _is_shown(self, venue: Venue) -> bool:
        shown = self._app_state.venue
        return shown is not None and shown.folder == venue.folder

    def _show(self) -> None:
        held = () if self._watch is None else self._watch.open_alarms
        unknown = sum(alarm.acknowledged_utc_s is None for alarm in held)
        self._replace_state(alarms=(*held, *self._past), unknown=unknown)
