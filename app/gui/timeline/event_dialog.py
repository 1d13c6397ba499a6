"""Enters an event, or a note of a moment, by the venue's own clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QDate, QDateTime, QTime, QTimeZone
from PySide6.QtWidgets import (
    QComboBox,
    QDateTimeEdit,
    QDialog,
    QFormLayout,
    QLineEdit,
    QWidget,
)

from analytics.domain.exhibition import Exhibition
from analytics.domain.timed_event import EventKind, TimedEvent, TimedNote
from app.core.periods import from_local, to_local
from app.gui.session.translation import tr
from app.gui.timeline.timeline_tables import name_kind, name_zone
from app.gui.widgets.save_buttons import make_save_buttons

_FORMAT = "yyyy-MM-dd HH:mm"
DEFAULT_LENGTH_S = 1800.0


class EventDialog(QDialog):
    """Its ``event`` is what was entered; whether it can be is found out when it is written."""

    def __init__(
        self,
        exhibition: Exhibition,
        zones: Sequence[str],
        *,
        start_s: float,
        event: TimedEvent | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._exhibition, self._former = exhibition, event
        self.setWindowTitle(tr("Event") if event is None else tr("Change the event"))
        self.name, self.kind, self.zone = QLineEdit(), QComboBox(), QComboBox()
        self.start, self.end = make_moment_field(), make_moment_field()
        for kind in EventKind:
            self.kind.addItem(name_kind(kind), kind)
        for zone in (None, *zones):
            self.zone.addItem(name_zone(zone), zone)
        shown = event or TimedEvent("", start_s, start_s + DEFAULT_LENGTH_S)
        self.name.setText(shown.name)
        self.kind.setCurrentIndex(self.kind.findData(shown.kind))
        self.zone.setCurrentIndex(max(0, self.zone.findData(shown.zone)))
        show_moment(self.start, shown.start_s, exhibition)
        show_moment(self.end, shown.end_s, exhibition)
        form = QFormLayout(self)
        for label, field in (
            (tr("Name"), self.name),
            (tr("Kind"), self.kind),
            (tr("Start, venue's time"), self.start),
            (tr("End, venue's time"), self.end),
            (tr("Zone"), self.zone),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        form.addRow(make_save_buttons(self))

    @property
    def event_entered(self) -> TimedEvent:
        """What stands in the fields."""
        return TimedEvent(
            name=self.name.text().strip(),
            start_s=read_moment(self.start, self._exhibition),
            end_s=read_moment(self.end, self._exhibition),
            zone=self.zone.currentData(),
            kind=EventKind(self.kind.currentData()),
            uid="" if self._former is None else self._former.uid,
        )


class NoteDialog(QDialog):
    """A time and a text."""

    def __init__(self, exhibition: Exhibition, *, at_s: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exhibition = exhibition
        self.setWindowTitle(tr("Note"))
        self.text, self.moment = QLineEdit(), make_moment_field()
        show_moment(self.moment, at_s, exhibition)
        form = QFormLayout(self)
        for label, field in (
            (tr("When, venue's time"), self.moment),
            (tr("What is to be remembered"), self.text),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        form.addRow(make_save_buttons(self))

    @property
    def note_entered(self) -> TimedNote:
        """What stands in the fields."""
        return TimedNote(read_moment(self.moment, self._exhibition), self.text.text().strip())


def make_moment_field() -> QDateTimeEdit:
    """Wall time of the venue, kept away from the rules of this machine's own zone."""
    field = QDateTimeEdit()
    field.setTimeZone(QTimeZone.utc())
    field.setDisplayFormat(_FORMAT)
    field.setCalendarPopup(True)
    return field


def show_moment(field: QDateTimeEdit, time_s: float, exhibition: Exhibition) -> None:
    """Show a moment by the venue's clock."""
    wall = to_local(time_s, exhibition=exhibition)
    field.setDateTime(
        QDateTime(
            QDate(wall.year, wall.month, wall.day),
            QTime(wall.hour, wall.minute, wall.second),
            QTimeZone.utc(),
        )
    )


def read_moment(field: QDateTimeEdit, exhibition: Exhibition) -> float:
    """Seconds since the epoch of what a field shows."""
    shown = field.dateTime()
    day, clock = shown.date(), shown.time()
    wall = datetime(day.year(), day.month(), day.day(), clock.hour(), clock.minute(), clock.second())  # noqa: DTZ001
    return from_local(wall, exhibition=exhibition)
