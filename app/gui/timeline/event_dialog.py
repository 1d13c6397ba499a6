"""Provide the dialogs for events, notes and imported counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QDate, QDateTime, QTime, QTimeZone
from PySide6.QtWidgets import (
    QComboBox,
    QDateTimeEdit,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.exhibition import Exhibition
from analytics.domain.external_count import CountKind
from analytics.domain.timed_event import EventKind, TimedEvent, TimedNote
from app.core.periods import from_local, to_local
from app.gui.session.translation import tr
from app.gui.timeline.timeline_tables import name_count, name_kind, name_zone
from app.gui.widgets.forms import make_save_buttons
from app.timeline.counts_file import CountColumns, CountsPreview

_FORMAT = "yyyy-MM-dd HH:mm"
DEFAULT_LENGTH_S = 1800.0


class EventDialog(QDialog):
    """A dialog to enter an event; it is validated when written."""

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
        self.setWindowTitle(tr("Event") if event is None else tr("Edit event"))
        self.name, self.kind, self.zone = QLineEdit(), QComboBox(), QComboBox()
        self.start, self.end = make_time_field(), make_time_field()
        for kind in EventKind:
            self.kind.addItem(name_kind(kind), kind)
        for zone in (None, *zones):
            self.zone.addItem(name_zone(zone), zone)
        shown = event or TimedEvent("", start_s, start_s + DEFAULT_LENGTH_S)
        self.name.setText(shown.name)
        self.kind.setCurrentIndex(self.kind.findData(shown.kind))
        self.zone.setCurrentIndex(max(0, self.zone.findData(shown.zone)))
        show_time(self.start, shown.start_s, exhibition)
        show_time(self.end, shown.end_s, exhibition)
        form = QFormLayout(self)
        for label, field in (
            (tr("Name"), self.name),
            (tr("Kind"), self.kind),
            (tr("Start (venue time)"), self.start),
            (tr("End (venue time)"), self.end),
            (tr("Zone"), self.zone),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        form.addRow(make_save_buttons(self))

    @property
    def event_entered(self) -> TimedEvent:
        return TimedEvent(
            name=self.name.text().strip(),
            start_s=read_time(self.start, self._exhibition),
            end_s=read_time(self.end, self._exhibition),
            zone=self.zone.currentData(),
            kind=EventKind(self.kind.currentData()),
        )


class NoteDialog(QDialog):
    def __init__(self, exhibition: Exhibition, *, at_s: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exhibition = exhibition
        self.setWindowTitle(tr("Note"))
        self.text, self.moment = QLineEdit(), make_time_field()
        show_time(self.moment, at_s, exhibition)
        form = QFormLayout(self)
        for label, field in (
            (tr("Time (venue time)"), self.moment),
            (tr("Note"), self.text),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        form.addRow(make_save_buttons(self))

    @property
    def note_entered(self) -> TimedNote:
        return TimedNote(read_time(self.moment, self._exhibition), self.text.text().strip())


def make_time_field() -> QDateTimeEdit:
    """Return a field for local times of the venue, independent of this machine's time zone."""
    field = QDateTimeEdit()
    field.setTimeZone(QTimeZone.utc())
    field.setDisplayFormat(_FORMAT)
    field.setCalendarPopup(True)
    return field


def show_time(field: QDateTimeEdit, time_s: float, exhibition: Exhibition) -> None:
    wall = to_local(time_s, exhibition=exhibition)
    field.setDateTime(
        QDateTime(
            QDate(wall.year, wall.month, wall.day),
            QTime(wall.hour, wall.minute, wall.second),
            QTimeZone.utc(),
        )
    )


def read_time(field: QDateTimeEdit, exhibition: Exhibition) -> float:
    """Return the seconds since the epoch of the displayed time."""
    shown = field.dateTime()
    day, clock = shown.date(), shown.time()
    wall = datetime(day.year(), day.month(), day.day(), clock.hour(), clock.minute(), clock.second())  # noqa: DTZ001
    return from_local(wall, exhibition=exhibition)


_LENGTHS_S = (60.0, 900.0, 1800.0, 3600.0, 86_400.0)


class CountsDialog(QDialog):
    """A dialog to choose the columns of a file; columns that may identify people are not offered."""

    def __init__(
        self, preview: CountsPreview, zones: Sequence[str], *, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Import counts"))
        self.resize(640, 480)
        guess = preview.guess
        self.name, self.kind, self.fixed_zone, self.length = (
            QLineEdit(name),
            QComboBox(),
            QComboBox(),
            QComboBox(),
        )
        self.time, self.count, self.zone, self.amount = (QComboBox() for _ in range(4))
        for kind in CountKind:
            self.kind.addItem(name_count(kind), kind)
        for box, none, chosen in (
            (self.time, None, guess and guess.time),
            (self.count, tr("none (each row counts as one)"), guess and guess.count),
            (self.zone, tr("none"), guess and guess.zone),
            (self.amount, tr("none"), guess and guess.amount),
        ):
            if none is not None:
                box.addItem(none, None)
            for column in preview.columns:
                box.addItem(column, column)
            box.setCurrentIndex(max(0, box.findData(chosen)))
        for zone in (None, *zones):
            self.fixed_zone.addItem(name_zone(zone), zone)
        for length_s, words in zip(
            _LENGTHS_S,
            (tr("a minute"), tr("a quarter of an hour"), tr("half an hour"), tr("an hour"), tr("a day")),
            strict=True,
        ):
            self.length.addItem(words, length_s)
        self.length.setCurrentIndex(self.length.findData(3600.0))
        form = QFormLayout()
        for label, field in (
            (tr("Name of the source"), self.name),
            (tr("Kind of count"), self.kind),
            (tr("Time column"), self.time),
            (tr("Each row covers"), self.length),
            (tr("Number column"), self.count),
            (tr("Zone column"), self.zone),
            (tr("Zone for all rows"), self.fixed_zone),
            (tr("Amount column"), self.amount),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        table = QTableWidget(len(preview.rows), len(preview.columns))
        table.setHorizontalHeaderLabels(preview.columns)
        for number, row in enumerate(preview.rows):
            for at, cell in enumerate(row):
                table.setItem(number, at, QTableWidgetItem(cell))
        table.resizeColumnsToContents()
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setAccessibleName(tr("The first rows"))
        table.setTabKeyNavigation(False)
        column_layout = QVBoxLayout(self)
        column_layout.addLayout(form)
        if preview.personal:
            note = QLabel(
                tr(
                    "Never read, because they may identify people: {columns}.",
                    columns=", ".join(preview.personal),
                )
            )
            note.setWordWrap(True)
            column_layout.addWidget(note)
        column_layout.addWidget(table, 1)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        for role, text in (
            (QDialogButtonBox.StandardButton.Ok, tr("Import")),
            (QDialogButtonBox.StandardButton.Cancel, tr("Cancel")),
        ):
            buttons.button(role).setText(text)
            buttons.button(role).setAccessibleName(text)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column_layout.addWidget(buttons)

    @property
    def columns_chosen(self) -> CountColumns:
        return CountColumns(
            time=str(self.time.currentData()),
            count=self.count.currentData(),
            zone=self.zone.currentData(),
            amount=self.amount.currentData(),
            fixed_zone=self.fixed_zone.currentData(),
            length_s=float(self.length.currentData()),
        )

    @property
    def kind_chosen(self) -> CountKind:
        return CountKind(self.kind.currentData())
