"""How zones are walked through, and the flow through each counting line."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from app.gui.table_models.cell_text import is_one_day
from app.gui.table_models.flow_tables import (
    PASSAGES_COLUMN,
    SPECIFIC_COLUMN,
    TURN_COLUMN,
    LineTable,
    PassageTable,
)
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.flow_words import describe_line, describe_turns
from app.gui.viewmodels.flows import FlowsState
from app.gui.widgets.chart_legend import ChartLegend, LegendEntry, SwatchKind
from app.gui.widgets.line_flow_chart import LineFlowChart
from app.gui.widgets.record_list import RecordList
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.titled_card import TitledCard
from app.operations.flow_figures import FlowFigures, LineFigures

_MOST_LINES = 6
"""Shown at once, above the chart."""
_WIDE_PX = 1500
"""From here on all columns have room."""


class FlowPassagesPanel(QWidget):
    """Zones at the left, lines at the right; the line that is reached in its table is the chart's."""

    export_requested = Signal(object, object)
    """(titles, rows) as plain values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: FlowFigures | None = None
        self._line: LineFigures | None = None
        self._time_zone = "UTC"
        self._zone_model, self._line_model = PassageTable(self), LineTable(self)
        self.zones = RecordList(self._zone_model, table_name="", parent=self)
        self.lines = RecordList(self._line_model, table_name="", parent=self)
        self.lines.record_reached.connect(self._show_line)
        for table in (self.zones, self.lines):
            table.export_requested.connect(self.export_requested)
        self.chart = LineFlowChart(self)
        self._legend, self._words = ChartLegend(self), QLabel(self)
        self._words.setProperty("role", "small")
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        flow = QWidget(self)
        column = QVBoxLayout(flow)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.lines)
        column.addWidget(self._words)
        column.addWidget(self._legend)
        column.addWidget(self.chart, 1)
        self._zone_card, self._line_card = TitledCard(self.zones), TitledCard(flow)
        scrolled = QWidget(self)
        scroll_content(scrolled, self._line_card)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        for card in (self._zone_card, scrolled):
            splitter.addWidget(card)
        splitter.setSizes([600, 550])
        for part in range(2):
            splitter.setStretchFactor(part, 1)
        splitter.setHandleWidth(current_theme().space_m)
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        self.retranslate()

    def show_state(self, state: FlowsState) -> None:
        """Show the zones and lines of a period."""
        if state.figures is self._figures and state.time_zone == self._time_zone:
            return
        name = None if self._line is None else self._line.name
        self._figures, self._time_zone = state.figures, state.time_zone
        self._line_model.time_zone = state.time_zone
        self._line_model.has_date = self._figures is None or not is_one_day(
            *self._figures.period, time_zone=state.time_zone
        )
        lines = () if self._figures is None else self._figures.lines
        self._zone_model.show(() if self._figures is None else self._figures.passages)
        self._line_model.show(lines)
        self.lines.show_all_rows(_MOST_LINES)
        # what is free is the chart's
        bar_px = self.lines.table.horizontalScrollBar().sizeHint().height()
        self.lines.table.setMaximumHeight(self.lines.table.minimumHeight() + bar_px)
        found = next((row for row, line in enumerate(lines) if line.name == name), 0)
        self.lines.reach_row(found if lines else None)
        self._show_line(lines[found] if lines else None)

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self.zones.set_table_name(tr("Zones walked through"))
        self.lines.set_table_name(tr("Counting lines"))
        self._zone_card.show_texts(
            tr("Zones walked through"),
            tr(
                "Of the stays that were seen whole: who only passes leaves elsewhere without a stop, who "
                "turns back leaves within 2 m of where they came in. A zone from which nearly all go back to "
                "the zone that they came from is a dead end."
            ),
        )
        self._line_card.show_texts(tr("Counting lines"))
        theme = current_theme()
        self._legend.show_entries(
            (
                LegendEntry(tr("inwards"), theme.accent),
                LegendEntry(tr("outwards"), theme.warning),
                LegendEntry(tr("not observed"), theme.text_muted, SwatchKind.HATCHED),
            )
        )
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave to the words and the file what there is no room for."""
        super().resizeEvent(event)
        for table, columns in (
            (self.zones, (PASSAGES_COLUMN,)),
            (self.lines, (SPECIFIC_COLUMN, TURN_COLUMN)),
        ):
            for column in columns:
                table.table.setColumnHidden(column, self.width() < _WIDE_PX)
            table.spread_columns()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        is_palette = event.type() is QEvent.Type.PaletteChange
        if event.type() is QEvent.Type.LanguageChange or (is_palette and hasattr(self, "_line_card")):
            self.retranslate()
        super().changeEvent(event)

    def _show_line(self, line: LineFigures | None) -> None:
        self._line = line
        self.chart.show_bars(
            () if line is None else line.bars,
            time_zone=self._time_zone,
            is_by_hour_of_day=self._figures is not None and self._figures.is_by_hour_of_day,
        )
        self._say()

    def _say(self) -> None:
        line, figures = self._line, self._figures
        if line is None or figures is None:
            self._words.setText(tr("No counting line is drawn. Draw one on the Edit plan page."))
            return
        if line.inward is None:
            self._words.setText(tr("{name}: not observed", name=line.name))
            return
        words = [describe_line(line), describe_turns(line)]
        if figures.is_by_hour_of_day:
            words.append(tr("The bars are means over the days, by hour of the day."))
        self._words.setText("\n".join(part for part in words if part))
