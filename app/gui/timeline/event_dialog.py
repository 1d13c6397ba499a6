"""Provide the dialogs for events, notes, shifts and imported counts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QTableWidget, QTableWidgetItem, QWidget

from analytics.domain.exhibition import Exhibition
from analytics.domain.external_count import CountKind
from analytics.domain.staff_shift import MAX_STAFF, StaffShift
from analytics.domain.timed_event import EventKind, TimedEvent, TimedNote
from app.gui.session.translation import tr
from app.gui.timeline.timeline_tables import name_count, name_kind, name_zone
from app.gui.widgets.date_time_field import DateTimeField
from app.gui.widgets.form_dialog import FormDialog, Submit, make_choice, make_number_field, make_text_field
from app.timeline.counts_file import CountColumns, CountsPreview
from app.timeline.edit_timeline import MAX_FOLLOWING_DAYS, repeat_daily

_EVENT_S, _SHIFT_S = 1800.0, 8 * 3600.0
"""Seconds that a new event and a new shift take by default."""
_LENGTHS_S = (60.0, 900.0, 1800.0, 3600.0, 86_400.0)


class EventDialog(FormDialog):
    """A dialog to enter an event; it is validated when written."""

    def __init__(
        self,
        exhibition: Exhibition,
        zones: Sequence[str],
        *,
        start_s: float,
        event: TimedEvent | None = None,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Event") if event is None else tr("Edit event"), submit=submit, parent=parent)
        shown = event or TimedEvent("", start_s, start_s + _EVENT_S)
        self.name = self.add("name", tr("Name"), make_text_field(shown.name), is_needed=True)
        self.kind = self.add(
            "kind", tr("Kind"), make_choice(((kind, name_kind(kind)) for kind in EventKind), shown.kind)
        )
        self.start = self.add("start_s", tr("Start (venue time)"), _make_time(shown.start_s, exhibition))
        self.end = self.add("end_s", tr("End (venue time)"), _make_time(shown.end_s, exhibition))
        self.zone = self.add("zone", tr("Zone"), _make_zones((None, *zones), shown.zone))

    @property
    def event_entered(self) -> TimedEvent:
        return TimedEvent(**self.values | {"kind": EventKind(self.values["kind"])})


class NoteDialog(FormDialog):
    def __init__(
        self,
        exhibition: Exhibition,
        *,
        at_s: float,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Note"), submit=submit, parent=parent)
        self.moment = self.add("at_s", tr("Time (venue time)"), _make_time(at_s, exhibition))
        self.text = self.add("text", tr("Note"), make_text_field(), is_needed=True)

    @property
    def note_entered(self) -> TimedNote:
        return TimedNote(**self.values)


class ShiftDialog(FormDialog):
    """A dialog to enter a shift; ``shifts_entered`` includes its repetitions, and is validated when
    written.
    """

    def __init__(
        self,
        exhibition: Exhibition,
        zones: Sequence[str],
        *,
        start_s: float,
        shift: StaffShift | None = None,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Shift") if shift is None else tr("Edit shift"), submit=submit, parent=parent)
        self._exhibition = exhibition
        known = list(dict.fromkeys([*zones, *([] if shift is None else [shift.zone])]))
        shown = shift or StaffShift(known[0] if known else "", start_s, start_s + _SHIFT_S, 1.0)
        self.zone = self.add("zone", tr("Zone"), _make_zones(known, shown.zone))
        self.people = self.add(
            "people",
            tr("Number of staff"),
            make_number_field(shown.people, minimum=0.0, maximum=float(MAX_STAFF), decimals=1),
        )
        self.start = self.add("start_s", tr("Start (venue time)"), _make_time(shown.start_s, exhibition))
        self.end = self.add("end_s", tr("End (venue time)"), _make_time(shown.end_s, exhibition))
        self.following = self.add(
            "following",
            tr("Repeat on the following days"),
            make_number_field(0, minimum=0.0, maximum=float(MAX_FOLLOWING_DAYS)),
        )
        self.show_row("following", shift is None)
        self.add_note(tr("Several shifts of a zone at the same time add up."))

    @property
    def shifts_entered(self) -> tuple[StaffShift, ...]:
        values = self.values
        days = values.pop("following", 0)
        return repeat_daily(StaffShift(**values), days, exhibition=self._exhibition)


class CountsDialog(FormDialog):
    """A dialog to choose the columns of a file; columns that may identify people are not offered."""

    def __init__(
        self,
        preview: CountsPreview,
        zones: Sequence[str],
        *,
        name: str,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Import counts"), accept=tr("Import"), width_px=640, submit=submit, parent=parent)
        self.resize(640, 480)
        guess = preview.guess
        lengths = (tr("a minute"), tr("a quarter of an hour"), tr("half an hour"), tr("an hour"), tr("a day"))

        def add_column(field: str, label: str, none: str | None) -> QComboBox:
            columns = [(column, column) for column in preview.columns]
            entries = columns if none is None else [(None, none), *columns]
            return self.add(field, label, make_choice(entries, guess and getattr(guess, field)))

        self.name = self.add("name", tr("Name of the source"), make_text_field(name), is_needed=True)
        self.kind = self.add(
            "kind", tr("Kind of count"), make_choice((kind, name_count(kind)) for kind in CountKind)
        )
        self.time = add_column("time", tr("Time column"), None)
        self.length = self.add(
            "length_s", tr("Each row covers"), make_choice(zip(_LENGTHS_S, lengths, strict=True), 3600.0)
        )
        self.count = add_column("count", tr("Number column"), tr("none (each row counts as one)"))
        self.zone = add_column("zone", tr("Zone column"), tr("none"))
        self.fixed_zone = self.add("fixed_zone", tr("Zone for all rows"), _make_zones((None, *zones), None))
        self.amount = add_column("amount", tr("Amount column"), tr("none"))
        if preview.personal:
            self.add_note(
                tr(
                    "Never read, because they may identify people: {columns}.",
                    columns=", ".join(preview.personal),
                )
            )
        table = QTableWidget(len(preview.rows), len(preview.columns))
        table.setHorizontalHeaderLabels(preview.columns)
        for number, row in enumerate(preview.rows):
            for at, cell in enumerate(row):
                table.setItem(number, at, QTableWidgetItem(cell))
        table.resizeColumnsToContents()
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setAccessibleName(tr("The first rows"))
        table.setTabKeyNavigation(False)
        self.add_part(table, stretch=1)

    @property
    def columns_chosen(self) -> CountColumns:
        return CountColumns(
            **{name: value for name, value in self.values.items() if name not in ("name", "kind")}
        )

    @property
    def kind_chosen(self) -> CountKind:
        return CountKind(self.kind.currentData())


def _make_time(time_s: float, exhibition: Exhibition) -> DateTimeField:
    return DateTimeField(time_utc_s=time_s, exhibition=exhibition)


def _make_zones(zones: Sequence[str | None], chosen: str | None) -> QComboBox:
    return make_choice(((zone, name_zone(zone)) for zone in zones), chosen)
