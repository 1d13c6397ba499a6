"""The list of visits behind a bar or a zone, beside the page that it was asked from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.gui.table_models.visit_table import LEFT_COLUMN, ZONE_COLUMN, VisitTable
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.widgets.icons import make_icon
from app.gui.widgets.record_list import RecordList
from app.operations.dwell_figures import VisitRecord


class VisitPanel(QFrame):
    """Hidden until `show_visits`."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._describe: Callable[[], str] = str
        self.model = VisitTable(self)
        self.list = RecordList(self.model, table_name="", parent=self)
        self._title = QLabel(self)
        self._title.setProperty("role", "title")
        self._title.setWordWrap(True)
        self._explanation = QLabel(self)
        self._explanation.setProperty("role", "small")
        self._explanation.setWordWrap(True)
        self._close = QToolButton(self)
        self._close.setProperty("role", "quiet")
        self._close.clicked.connect(self.close_panel)
        # only while the panel has the focus: the window's banner listens for the same key
        from_keyboard = QShortcut(QKeySequence("Esc"), self)
        from_keyboard.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        from_keyboard.activated.connect(self.close_panel)
        from_keyboard.activatedAmbiguously.connect(self.close_panel)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        theme = current_theme()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        layout.addLayout(head)
        layout.addWidget(self._explanation)
        layout.addWidget(self.list, 1)
        self.retranslate()
        self.hide()

    @property
    def title(self) -> str:
        """Which visits are listed."""
        return self._title.text()

    def show_visits(
        self, visits: Sequence[VisitRecord], *, describe: Callable[[], str], time_zone: str
    ) -> None:
        """List visits; ``describe`` gives the title in the language in force."""
        self._describe = describe
        self.model.set_time_zone(time_zone)
        for column in (ZONE_COLUMN, LEFT_COLUMN):
            # a hidden one would not be measured
            self.list.table.setColumnHidden(column, False)
        self.model.show(visits)
        self.list.table.setColumnHidden(ZONE_COLUMN, len({visit.zone for visit in visits}) == 1)
        self._say_title()
        self.show()
        self.list.table.setFocus()

    def measure_width(self) -> int:
        """In which no column has to be scrolled to, pixels."""
        return self.list.measure_width() + 2 * current_theme().space_m

    def fit_into(self, width_px: int) -> None:
        """Leave out when people left, which follows from the rest, where that saves scrolling."""
        self.list.table.setColumnHidden(LEFT_COLUMN, False)
        self.list.table.setColumnHidden(LEFT_COLUMN, self.measure_width() > width_px)
        self.list.spread_columns()

    def close_panel(self) -> None:
        """Hide the list."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._explanation.setText(
            tr("A visit whose start or end was not seen lasted at least as long as it says.")
        )
        self._close.setIcon(make_icon("close"))
        self._close.setToolTip(tr("Close the list of visits"))
        self._close.setAccessibleName(tr("Close the list of visits"))
        self.list.set_table_name(tr("Visits"))
        self._say_title()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() is QEvent.Type.PaletteChange and hasattr(self, "_close"):
            self._close.setIcon(make_icon("close"))
        super().changeEvent(event)

    def _say_title(self) -> None:
        self._title.setText(self._describe())
