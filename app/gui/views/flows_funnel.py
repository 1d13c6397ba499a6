"""How many visitors take a way that a person puts together zone by zone."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.gui.table_models.flow_tables import FunnelTable
from app.gui.theme import current_theme
from app.gui.translation import display_name, tr
from app.gui.viewmodels.flow_words import describe_funnel_step, warn_of_undecided
from app.gui.viewmodels.flows import FlowsState, FlowsViewModel
from app.gui.widgets.funnel_chart import FunnelBar, FunnelChart
from app.gui.widgets.record_list import RecordList
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.titled_card import TitledCard

_LEAST_TABLE_PX = 150
"""Its tools and a few rows; a lower window scrolls."""


class FlowFunnelPanel(QWidget):
    """The way at the left, what became of it at the right."""

    export_requested = Signal(object, object)
    """(titles, rows) as plain values."""

    def __init__(self, viewmodel: FlowsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._state = FlowsState()
        self.steps = QListWidget(self)
        self.steps.setTabKeyNavigation(False)
        self.steps.currentRowChanged.connect(self._enable)
        self.zone_choice = QComboBox(self)
        self.add, self.remove = QPushButton(self), QPushButton(self)
        self.earlier, self.later = QPushButton(self), QPushButton(self)
        self.add.clicked.connect(lambda _is_checked: viewmodel.add_step(self.zone_choice.currentData()))
        self.remove.clicked.connect(lambda _is_checked: viewmodel.remove_step(self.steps.currentRow()))
        self.earlier.clicked.connect(lambda _is_checked: self._move(-1))
        self.later.clicked.connect(lambda _is_checked: self._move(1))
        self.chart = FunnelChart(self)
        self._warning = QLabel(self)
        self._warning.setProperty("role", "warning")
        self._warning.setWordWrap(True)
        self._model = FunnelTable(self)
        self.table = RecordList(self._model, table_name="", parent=self)
        self.table.export_requested.connect(self.export_requested)
        self._arrange()
        self.retranslate()

    def show_state(self, state: FlowsState) -> None:
        """Show the way and its figures."""
        before, self._state = self._state, state
        zones = () if state.figures is None else state.figures.zones
        if zones != (() if before.figures is None else before.figures.zones):
            self._list_zones()
        if state.way != before.way:
            self._list_steps()
        if (state.funnel, state.way) != (before.funnel, before.way):
            self._show_funnel()
        self._enable()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._way_card.show_texts(
            tr("Way"),
            tr("Visitors count at a step if they came there after all steps before, by whatever zones."),
        )
        self._result_card.show_texts(
            tr("Funnel"),
            tr(
                "Of those who began: the bar is who was seen to come to a step, hatched is who was lost from "
                "sight before it could be told. Shares of the decided leave these out, and are too high if "
                "they are many."
            ),
        )
        self.steps.setAccessibleName(tr("Steps of the way"))
        self.zone_choice.setAccessibleName(tr("Zone to add"))
        self.chart.setAccessibleName(tr("Funnel"))
        self.table.set_table_name(tr("Funnel"))
        for button, text, name in (
            (self.add, tr("Add"), tr("Add the zone to the way")),
            (self.remove, tr("Remove"), tr("Remove the step")),
            (self.earlier, "▲", tr("Move the step up")),
            (self.later, "▼", tr("Move the step down")),
        ):
            button.setText(text)
            button.setAccessibleName(name)
            button.setToolTip(name)
        self._list_zones()
        self._list_steps()
        self._show_funnel()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _arrange(self) -> None:
        way = QWidget(self)
        tools = QHBoxLayout()
        for button in (self.remove, self.earlier, self.later):
            tools.addWidget(button)
        adding = QHBoxLayout()
        adding.addWidget(self.zone_choice, 1)
        adding.addWidget(self.add)
        column = QVBoxLayout(way)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(adding)
        column.addWidget(self.steps, 1)
        column.addLayout(tools)
        result, scrolled = QWidget(self), QWidget()
        scroll_content(result, scrolled)
        right = QVBoxLayout(scrolled)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(current_theme().space_m)
        right.addWidget(self._warning)
        right.addWidget(self.chart)
        right.addWidget(self.table, 1)
        self.table.setMinimumHeight(_LEAST_TABLE_PX)
        self._way_card, self._result_card = TitledCard(way), TitledCard(result)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(self._way_card)
        splitter.addWidget(self._result_card)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 3)
        splitter.setHandleWidth(current_theme().space_m)
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)

    def _list_zones(self) -> None:
        figures, chosen = self._state.figures, self.zone_choice.currentData()
        self.zone_choice.clear()
        for name in () if figures is None else figures.zones:
            self.zone_choice.addItem(display_name(name), name)
        self.zone_choice.setCurrentIndex(max(0, self.zone_choice.findData(chosen)))

    def _list_steps(self) -> None:
        row = self.steps.currentRow()
        self.steps.clear()
        self.steps.addItems([f"{n}  {display_name(name)}" for n, name in enumerate(self._state.way, 1)])
        self.steps.setCurrentRow(min(max(row, 0), len(self._state.way) - 1))

    def _show_funnel(self) -> None:
        funnel, figures = self._state.funnel, self._state.figures
        colours = {} if figures is None else figures.colours
        self.chart.show_bars(
            [
                FunnelBar(
                    display_name(step.zone),
                    describe_funnel_step(step, is_first=number == 0),
                    colours.get(step.zone, 0),
                    step.reached_of_start or 0.0,
                    step.maybe_of_start or 0.0,
                )
                for number, step in enumerate(funnel)
            ]
        )
        self._model.show(funnel)
        warning = warn_of_undecided(funnel)
        self._warning.setText(warning)
        self._warning.setVisible(bool(warning))

    def _move(self, by: int) -> None:
        row = self.steps.currentRow()
        self._viewmodel.move_step(row, by)
        self.steps.setCurrentRow(min(max(row + by, 0), self.steps.count() - 1))

    def _enable(self) -> None:
        row, count = self.steps.currentRow(), self.steps.count()
        self.remove.setEnabled(row >= 0)
        self.earlier.setEnabled(row > 0)
        self.later.setEnabled(0 <= row < count - 1)
        self.add.setEnabled(self.zone_choice.count() > 0)
