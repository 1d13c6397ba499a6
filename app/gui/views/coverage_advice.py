"""Advice on cameras as a list, and what they see of each zone as a table."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QSortFilterProxyModel, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.gui.table_models.coverage_table import CoverageTable
from app.gui.table_models.record_table import SORT_ROLE
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.coverage_planner import CoveragePlannerViewModel
from app.gui.viewmodels.coverage_planner_state import AdviceRow, CoveragePlannerState

_NUMBER_PX = 82
"""Wide enough for the titles in both languages."""


class CoverageAdvice(QFrame):
    """Renders the advice and the zones of a `CoveragePlannerState`."""

    def __init__(self, viewmodel: CoveragePlannerViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rows: tuple[AdviceRow, ...] = ()
        self._title, self._zones_title, self.summary = QLabel(), QLabel(), QLabel()
        self.advice, self.apply = QListWidget(), QPushButton()
        self.table, self._sorted, self.zones = CoverageTable(self), QSortFilterProxyModel(self), QTableView()
        self._shown_zones: object = None
        self._build()
        self.advice.currentRowChanged.connect(self._on_row_chosen)
        self.apply.clicked.connect(lambda: viewmodel.apply_advice(self.advice.currentRow()))
        self.retranslate()

    def describe_title(self) -> tuple[str, str]:
        """For the button that shows this panel: its text, with how much advice there is, and its name."""
        count = len(self._viewmodel.state.advice)
        name = tr("What would help")
        return (f"{tr('Advice')} ({count})", name) if count else (tr("Advice"), name)

    def retranslate(self) -> None:
        """Take the window's language and units."""
        self._title.setText(tr("What would help"))
        self._zones_title.setText(tr("What is seen of each zone"))
        self.advice.setAccessibleName(tr("What would help"))
        self.zones.setAccessibleName(tr("What is seen of each zone"))
        self.apply.setText(tr("Do it on the plan"))
        self.apply.setAccessibleName(tr("Change the planned camera as the chosen advice says"))
        self.apply.setToolTip(self.apply.accessibleName())
        self.table.retranslate()
        self.show_state(self._viewmodel.state)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def show_state(self, state: CoveragePlannerState) -> None:
        """Show the advice and the zones."""
        self.summary.setText(state.advice_summary)
        self.summary.setVisible(bool(state.advice_summary))
        if state.advice != self._rows:
            self._rows = state.advice
            with QSignalBlocker(self.advice):
                self.advice.clear()
                for row in state.advice:
                    QListWidgetItem(row.text, self.advice)
        self.advice.setVisible(bool(state.advice))
        if state.zones is not self._shown_zones:
            self._shown_zones = state.zones
            self.table.show(state.zones)
        for widget in (self._zones_title, self.zones):
            widget.setVisible(bool(state.zones))
        self._show_apply()

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        column.setSpacing(theme.space_s)
        for title in (self._title, self._zones_title):
            title.setProperty("role", "title")
        self.summary.setProperty("role", "muted")
        self.summary.setWordWrap(True)
        self.advice.setWordWrap(True)
        self.advice.setSpacing(2)
        # a sentence is wrapped again when a scroll bar makes the list narrower, never cut off
        self.advice.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.advice.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.advice.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.advice.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._sorted.setSourceModel(self.table)
        self._sorted.setSortRole(SORT_ROLE)
        self.zones.setModel(self._sorted)
        self.zones.setSortingEnabled(True)
        self.zones.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.zones.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.zones.verticalHeader().hide()
        self.zones.setTabKeyNavigation(False)
        self.zones.setShowGrid(False)
        header = self.zones.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setDefaultSectionSize(_NUMBER_PX)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        column.addWidget(self._title)
        column.addWidget(self.summary)
        column.addWidget(self.advice, 1)
        column.addWidget(self.apply)
        column.addWidget(self._zones_title)
        column.addWidget(self.zones, 1)
        column.addStretch(0)

    def _on_row_chosen(self, row: int) -> None:
        self._show_apply()
        if 0 <= row < len(self._rows) and self._rows[row].camera:
            self._viewmodel.select(self._rows[row].camera)

    def _show_apply(self) -> None:
        row = self.advice.currentRow()
        self.apply.setVisible(bool(self._rows))
        self.apply.setEnabled(0 <= row < len(self._rows) and bool(self._rows[row].camera))
