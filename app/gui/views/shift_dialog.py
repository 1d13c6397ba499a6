"""Enters how many staff work in a zone, and when, by the venue's own clock."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QLabel, QWidget

from analytics.domain.exhibition import Exhibition
from analytics.domain.staff_shift import MOST_STAFF, StaffShift
from app.gui.translation import display_name, tr
from app.gui.views.event_dialog import make_moment_field, read_moment, show_moment
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.save_buttons import make_save_buttons
from app.operations.staff_shifts import MOST_FOLLOWING_DAYS, repeat_daily

DEFAULT_LENGTH_S = 8 * 3600.0


class ShiftDialog(QDialog):
    """``shifts_entered`` are those of every day; whether they can be is found out when they are written."""

    def __init__(
        self,
        exhibition: Exhibition,
        zones: Sequence[str],
        *,
        start_s: float,
        shift: StaffShift | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._exhibition = exhibition
        self.setWindowTitle(tr("Shift") if shift is None else tr("Change the shift"))
        self.zone, self.start, self.end = QComboBox(), make_moment_field(), make_moment_field()
        self.people = NumberField(least=0.0, most=float(MOST_STAFF), decimals=1, unit="")
        self.following = NumberField(least=0.0, most=float(MOST_FOLLOWING_DAYS), decimals=0, unit="")
        known = list(dict.fromkeys([*zones, *([] if shift is None else [shift.zone])]))
        for zone in known:
            self.zone.addItem(display_name(zone), zone)
        shown = shift or StaffShift(known[0] if known else "", start_s, start_s + DEFAULT_LENGTH_S, 1.0)
        self.zone.setCurrentIndex(max(0, self.zone.findData(shown.zone)))
        self.people.setValue(shown.people)
        show_moment(self.start, shown.start_s, exhibition)
        show_moment(self.end, shown.end_s, exhibition)
        form = QFormLayout(self)
        rows: list[tuple[str, QWidget]] = [
            (tr("Zone"), self.zone),
            (tr("Number of staff"), self.people),
            (tr("Start, venue's time"), self.start),
            (tr("End, venue's time"), self.end),
        ]
        if shift is None:
            rows.append((tr("The same on so many days after it"), self.following))
        for label, field in rows:
            form.addRow(label, field)
            field.setAccessibleName(label)
        note = QLabel(tr("Several shifts of a zone at the same time add up."))
        note.setProperty("role", "small")
        note.setWordWrap(True)
        form.addRow(note)
        form.addRow(make_save_buttons(self))

    @property
    def shifts_entered(self) -> tuple[StaffShift, ...]:
        """What stands in the fields, the first day first."""
        shift = StaffShift(
            zone=str(self.zone.currentData() or ""),
            start_s=read_moment(self.start, self._exhibition),
            end_s=read_moment(self.end, self._exhibition),
            people=self.people.value(),
        )
        return repeat_daily(shift, round(self.following.value()), exhibition=self._exhibition)
