"""The part of the timeline page in which staff are entered."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from analytics.domain.staff_shift import StaffShift
from app.access.roles import Permission
from app.gui.permissions import needs
from app.gui.table_models.shift_table import ShiftTable
from app.gui.translation import tr
from app.gui.viewmodels.timeline import TimelineViewModel
from app.gui.views.shift_dialog import ShiftDialog
from app.gui.widgets.record_list import RecordList


class StaffShiftsPart(QWidget):
    """Shifts of the period; who works when is what *Findings* hold visitors against."""

    def __init__(
        self,
        viewmodel: TimelineViewModel,
        *,
        find_start: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        """``find_start`` says when a new shift is to begin, seconds since the epoch."""
        super().__init__(parent)
        self._viewmodel, self._find_start = viewmodel, find_start
        self._shown: tuple[StaffShift, ...] | None = None
        self._chosen: StaffShift | None = None
        self.table = ShiftTable(self)
        self.shifts = RecordList(self.table, table_name="", parent=self)
        self.add, self.change, self.remove = QPushButton(), QPushButton(), QPushButton()
        below = QHBoxLayout()
        for button in (self.add, self.change, self.remove):
            needs(button, Permission.NOTE)
            below.addWidget(button)
        below.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.shifts, 1)
        layout.addLayout(below)
        self.shifts.record_reached.connect(self._choose)
        self.shifts.record_chosen.connect(self._choose)
        self.add.clicked.connect(lambda: self._ask(None))
        self.change.clicked.connect(lambda: self._ask(self._chosen))
        self.remove.clicked.connect(self.remove_chosen)
        viewmodel.state_changed.connect(self.render_state)

    def retranslate(self) -> None:
        """Take the window's language."""
        for button, text in (
            (self.add, tr("Shift…")),
            (self.change, tr("Change…")),
            (self.remove, tr("Remove")),
        ):
            button.setText(text)
            button.setAccessibleName(text)
        self.add.setToolTip(
            tr("Staff of a zone, hour by hour. Findings then tell when there are too few for the visitors.")
        )
        self.shifts.set_table_name(tr("Shifts"))
        self.shifts.set_hint(
            tr(
                "No staff in this period. Enter who works where and when: Findings then tell hours with too "
                "few staff for the visitors."
            )
        )
        self.render_state()

    def render_state(self) -> None:
        """Show the view-model's state."""
        state = self._viewmodel.state
        shifts = () if state.figures is None else state.figures.shifts
        if shifts != self._shown:
            self._shown = shifts
            self.table.time_zone = "UTC" if state.exhibition is None else state.exhibition.time_zone
            self.table.show(shifts)
            self._chosen = self._chosen if self._chosen in shifts else None
        self.add.setEnabled(state.figures is not None and bool(state.figures.zones))
        for button in (self.change, self.remove):
            button.setEnabled(self._chosen is not None)

    def remove_chosen(self) -> None:
        """Take the chosen shift away."""
        if self._chosen is not None:
            self._viewmodel.remove_shift(self._chosen)

    def _choose(self, shift: StaffShift) -> None:
        self._chosen = shift
        self.render_state()

    def _ask(self, former: StaffShift | None) -> None:
        state = self._viewmodel.state
        if state.exhibition is None or state.figures is None:
            return
        dialog = ShiftDialog(
            state.exhibition,
            state.figures.zones,
            start_s=self._find_start(),
            shift=former,
            parent=self.window(),
        )
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._viewmodel.save_shifts(dialog.shifts_entered, former=former)
        dialog.deleteLater()
