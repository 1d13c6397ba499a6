"""The choice of the period in the window's header."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.gui.session.period import PeriodViewModel
from app.gui.widgets.time_range_picker import TimeRangePicker


class PeriodBar(QWidget):
    """Shows a `PeriodState`; one for all pages."""

    def __init__(self, viewmodel: PeriodViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.picker = TimeRangePicker(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.picker)
        self.picker.period_chosen.connect(viewmodel.choose)
        viewmodel.state_changed.connect(self._render)
        self._render()

    def _render(self) -> None:
        state = self._viewmodel.state
        self.picker.show_period(state.period_s, exhibition=state.exhibition, history_s=state.history_s)
