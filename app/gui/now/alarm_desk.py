"""Provide the view-model of the open venue's alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Unpack
from zoneinfo import ZoneInfo

from PySide6.QtCore import QSettings, Signal

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.alarms.alarm_watch import AlarmWatch
from analytics.domain.zone_targets import AlarmMeasure
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.error_reporting import ErrorReport
from app.gui.session.cell_text import format_duration, format_number
from app.gui.session.notification import Notification
from app.gui.session.translation import display_name, tr
from app.gui.session.units import current_units
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.live.live_figures import list_rules
from app.now.alarm_journal import read_alarms, save_alarms


def describe_alarm(alarm: Alarm) -> str:
    """Describe an alarm: its subject, worst value and limit."""
    place = display_name(alarm.key.zone) if alarm.key.zone else tr("Whole hall")
    worst, level = format_measure(alarm.key, alarm.worst), format_measure(alarm.key, alarm.level)
    match alarm.key.measure:
        case AlarmMeasure.CAMERA_DOWN:
            return tr("Camera {camera} is down", camera=display_name(alarm.key.camera))
        case AlarmMeasure.PEOPLE:
            return tr("{place}: {worst} people, above {level}", place=place, worst=worst, level=level)
        case AlarmMeasure.DENSITY:
            return tr("{place}: density {worst}, above {level}", place=place, worst=worst, level=level)
        case AlarmMeasure.QUEUE:
            return tr("{place}: queue of {worst}, above {level}", place=place, worst=worst, level=level)
        case AlarmMeasure.WAIT:
            return tr("{place}: wait {worst}, above {level}", place=place, worst=worst, level=level)


def make_alarm_notification(alarm: Alarm) -> Notification:
    return Notification(
        describe_alarm(alarm),
        tr("Acknowledge it on the Now page."),
        rebuild=lambda: make_alarm_notification(alarm),
    )


def describe_alarm_state(alarm: Alarm, *, time_zone: str) -> str:
    if alarm.cleared_utc_s is not None:
        return tr("cleared at {time}", time=format_clock(alarm.cleared_utc_s, time_zone=time_zone))
    if alarm.acknowledged_utc_s is not None:
        return tr("acknowledged")
    return tr("new")


def format_measure(key: AlarmKey, value: float) -> str:
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
    """Format the time of day in the venue's time, to the second."""
    return f"{datetime.fromtimestamp(time_utc_s, ZoneInfo(time_zone)):%H:%M:%S}"


MAX_PAST = 50
"""Maximum number of past alarms in the list."""
_SOUND_KEY = "alarms/sound"


@dataclass(frozen=True, slots=True)
class AlarmDeskState:
    """The alarms to show.

    Attributes:
        alarms: open alarms, then past ones; each group newest first.
        unknown: number of open alarms that are not acknowledged.
    """

    alarms: tuple[Alarm, ...] = ()
    unacknowledged: int = 0
    is_sound_on: bool = True

    @property
    def is_sounding(self) -> bool:
        return self.is_sound_on and self.unacknowledged > 0


class AlarmDeskViewModel(VenueViewModel[AlarmDeskState]):
    """The view-model of alarms; the log is read first, so that an open alarm is not raised twice."""

    raised = Signal(object)
    """The raised `Alarm`."""
    notified = Signal(object)
    """The `Notification` of a raised alarm, for other pages."""
    failed = Signal(object)
    """An `ErrorReport` of a log that cannot be read or written; alarms are raised nevertheless."""

    def __init__(self, *, memory: QSettings | None = None, **parts: Unpack[VenueParts]) -> None:
        is_on = True if memory is None else memory.value(_SOUND_KEY, True, type=bool)
        super().__init__(AlarmDeskState(is_sound_on=bool(is_on)), **parts)
        self._memory = memory
        self._watch: AlarmWatch | None = None
        self._past: tuple[Alarm, ...] = ()
        self._unsaved: dict[tuple[AlarmKey, float], Alarm] = {}
        self._is_saving = False
        self._has_reported = False
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._on_changed)
        self._on_venue_opened()

    def evaluate(self, values: Mapping[AlarmKey, float | None]) -> None:
        if self._watch is None:
            return
        before = self._watch.open_alarms
        changed = self._watch.update(self._clock.now_utc_s(), values)
        if not changed:
            if before != self._watch.open_alarms:
                self._show()
            return
        self._apply_changes(changed)
        self._announce(changed)

    def follow(self, open_alarms: Sequence[Alarm]) -> None:
        """Show the open alarms of a hall whose rules another machine evaluates."""
        if self._watch is None:
            return
        known = {(alarm.key, alarm.raised_utc_s): alarm for alarm in self._watch.open_alarms}
        found = {(alarm.key, alarm.raised_utc_s): alarm for alarm in open_alarms}
        for name in known.keys() & found.keys():
            # acknowledged here a moment ago
            at_s = found[name].acknowledged_utc_s or known[name].acknowledged_utc_s
            found[name] = replace(found[name], acknowledged_utc_s=at_s)
        now_utc_s = self._clock.now_utc_s()
        over = [replace(known[name], cleared_utc_s=now_utc_s) for name in known.keys() - found.keys()]
        self._past = (*over, *self._past)[:MAX_PAST]
        self._watch = AlarmWatch({}, open_alarms=found.values())
        self._show()
        self._announce([alarm for name, alarm in found.items() if name not in known])

    def acknowledge(self, keys: Sequence[AlarmKey]) -> None:
        if self._watch is None:
            return
        now_utc_s = self._clock.now_utc_s()
        known = [self._watch.acknowledge(key, now_utc_s=now_utc_s) for key in keys]
        self._apply_changes([alarm for alarm in known if alarm is not None])

    def set_sound(self, is_on: bool) -> None:
        """Switch the alarm sound on or off; remembered on this machine."""
        if self._memory is not None:
            self._memory.setValue(_SOUND_KEY, is_on)
        self._replace_state(is_sound_on=is_on)

    def _announce(self, changed: Sequence[Alarm]) -> None:
        for alarm in changed:
            if alarm.is_open:
                self.raised.emit(alarm)
                self.notified.emit(make_alarm_notification(alarm))

    def _on_venue_opened(self) -> None:
        self._watch, self._past = None, ()
        self._unsaved.clear()
        self._is_saving = self._has_reported = False
        self._show()
        venue = self._app_state.venue
        if venue is not None:
            self._job_runner.run(
                lambda: tr("Reading the alarm log"),
                lambda _context: read_alarms(venue),
                on_done=lambda alarms: self._begin(venue, alarms),
                on_failed=lambda report: self._begin_without(venue, report),
            )

    def _begin_without(self, venue: Venue, report: ErrorReport) -> None:
        if self._is_shown(venue):
            self._report_failure(report)
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
            self._apply_changes(over)

    def _apply_changes(self, changed: Sequence[Alarm]) -> None:
        self._past = (*(alarm for alarm in changed if not alarm.is_open), *self._past)[:MAX_PAST]
        self._unsaved.update({(alarm.key, alarm.raised_utc_s): alarm for alarm in changed})
        self._show()
        self._save_next()

    def _save_next(self) -> None:
        """Write changed alarms, one batch after the other, so that the log ends with the latest state."""
        venue = self._app_state.venue
        if venue is None or self._is_saving or not self._unsaved:
            return
        batch = tuple(self._unsaved.values())
        self._unsaved.clear()
        self._is_saving = True
        self._job_runner.run(
            lambda: tr("Writing the alarm log"),
            lambda _context: save_alarms(venue, batch),
            on_done=lambda saved: self._on_saved(venue, saved),
            on_failed=lambda report: self._on_saving_failed(venue, batch, report),
        )

    def _on_saved(self, venue: Venue, saved: tuple[Alarm, ...]) -> None:
        if self._is_shown(venue):
            self._is_saving = False
            if self._watch is not None:
                for alarm in saved:
                    self._watch.adopt(alarm)
                self._show()
            self._save_next()

    def _on_saving_failed(self, venue: Venue, batch: tuple[Alarm, ...], report: ErrorReport) -> None:
        if self._is_shown(venue):
            self._is_saving = False
            # retried with the next alarm; newer states take precedence
            self._unsaved = {(a.key, a.raised_utc_s): a for a in batch} | self._unsaved
            self._report_failure(report)

    def _report_failure(self, report: ErrorReport) -> None:
        if not self._has_reported:
            self._has_reported = True
            self.failed.emit(report)

    def _is_shown(self, venue: Venue) -> bool:
        shown = self._app_state.venue
        return shown is not None and shown.folder == venue.folder

    def _show(self) -> None:
        open_alarms = () if self._watch is None else self._watch.open_alarms
        unacknowledged = sum(alarm.acknowledged_utc_s is None for alarm in open_alarms)
        self._replace_state(alarms=(*open_alarms, *self._past), unacknowledged=unacknowledged)
