"""The choice of the period in the window's header, and the line about its missing data."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from app.gui.session.period import PeriodViewModel
from app.gui.session.translation import Translated
from app.gui.widgets.layouts import fill, make_row
from app.gui.widgets.time_range_picker import TimeRangePicker
from app.gui.window.period_gaps import PeriodGapsViewModel, describe_gaps


class PeriodGapsLine(Translated, QLabel):
    """Line about missing data; hidden if nothing is missing or no period is shown."""

    def __init__(self, viewmodel: PeriodGapsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._is_page_visible = False
        self.setProperty("role", "small")
        self.setWordWrap(True)
        self.hide()
        viewmodel.state_changed.connect(self.retranslate)

    def set_page_visible(self, is_visible: bool) -> None:
        self._is_page_visible = is_visible
        self._viewmodel.set_page_visible(is_visible)
        self.retranslate()

    def retranslate(self) -> None:
        text = describe_gaps(self._viewmodel.state)
        self.setText(text.line)
        self.setToolTip(text.tool_tip)
        self.setVisible(self._is_page_visible and bool(text.line))


class PeriodBar(QWidget):
    """The choice of a period for all pages, from a `PeriodState`."""

    def __init__(self, viewmodel: PeriodViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.picker = TimeRangePicker(self)
        fill(make_row(self, margins=0), self.picker)
        self.picker.period_chosen.connect(viewmodel.choose)
        viewmodel.state_changed.connect(self._render)
        self._render()

    def _render(self) -> None:
        state = self._viewmodel.state
        self.picker.show_period(state.period_s, exhibition=state.exhibition, history_s=state.history_s)
