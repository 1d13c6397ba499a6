"""Passages through zones, and the flow through each counting line."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from analytics.domain.clock import format_utc
from app.flows.flow_figures import LINE_COLUMNS, PASSAGE_COLUMNS, FlowBar, FlowFigures, LineFigures
from app.gui.charts.chart_axes import TimeOfDayAxis
from app.gui.charts.chart_legend import ChartLegend, LegendEntry, SwatchKind
from app.gui.charts.plot_chart import CursorChart
from app.gui.flows.flow_tables import LineTable, PassageTable
from app.gui.flows.model import FlowsState
from app.gui.flows.text import describe_line, describe_turns
from app.gui.session.cell_text import format_number, format_times, is_one_day
from app.gui.session.theme import Theme, current_theme
from app.gui.session.translation import Translated, tr
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import export_number
from app.gui.widgets.export_menu import Table
from app.gui.widgets.layouts import fill
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.titled_card import TitledCard

_FILL = 0.9
"""Share of a time step covered by its bar."""


class LineFlowChart(CursorChart):
    """Flow through a line, outward stacked on inward; pointer or arrow keys read values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._time_axis = TimeOfDayAxis("bottom")
        super().__init__(parent, bottom=self._time_axis)
        self._bars: tuple[FlowBar, ...] = ()
        self._time_zone = "UTC"
        self.redraw()

    def show_bars(self, bars: Sequence[FlowBar], *, time_zone: str, is_by_hour_of_day: bool) -> None:
        self._bars, self._cursor = tuple(bars), None
        # hours of the day need no conversion
        self._time_zone = "UTC" if is_by_hour_of_day else time_zone
        self._time_axis.set_time_zone(self._time_zone)
        self.redraw()

    def list_table(self) -> Table:
        titles = (tr("Start"), tr("End"), tr("Inwards per minute"), tr("Outwards per minute"))
        return titles, [
            [
                format_utc(bar.start_s),
                format_utc(bar.end_s),
                export_number(bar.inward, 5),
                export_number(bar.outward, 5),
            ]
            for bar in self._bars
        ]

    def describe_bar(self, bar: FlowBar) -> str:
        time = format_times(bar.start_s, bar.end_s, time_zone=self._time_zone)
        if bar.inward is None or bar.outward is None:
            return tr("{time}: not observed", time=time)
        return tr(
            "{time}: {inward} per minute inwards, {outward} outwards",
            time=time,
            inward=format_number(bar.inward, decimals=1),
            outward=format_number(bar.outward, decimals=1),
        )

    def draw(self, theme: Theme) -> None:
        self.setLabel("left", tr("People per minute"))
        self.setAccessibleName(tr("Flow through the line over time; choose a bar with the arrow keys"))
        self._draw_cursor()
        if not self._bars:
            return
        top = 1.1 * max((bar.inward or 0.0) + (bar.outward or 0.0) for bar in self._bars) or 1.0
        self.setRange(xRange=(self._bars[0].start_s, self._bars[-1].end_s), yRange=(0, top), padding=0)
        known = [bar for bar in self._bars if bar.inward is not None and bar.outward is not None]
        unknown = [bar for bar in self._bars if bar.inward is None]
        if unknown:
            hatched = QBrush(QColor(theme.border), Qt.BrushStyle.BDiagPattern)
            self._add_bars(unknown, [0.0] * len(unknown), [top] * len(unknown), hatched, 1.0)
        inward, outward = [bar.inward or 0.0 for bar in known], [bar.outward or 0.0 for bar in known]
        self._add_bars(known, [0.0] * len(known), inward, QBrush(QColor(theme.accent)), _FILL)
        self._add_bars(known, inward, outward, QBrush(QColor(theme.warning)), _FILL)

    def _find_cursor(self, place: QPointF) -> int | None:
        return next((n for n, b in enumerate(self._bars) if b.start_s <= place.x() < b.end_s), None)

    def _locate_cursor(self) -> float:
        bar: FlowBar = self._bars[self._cursor]
        return (bar.start_s + bar.end_s) / 2

    def _describe_cursor(self) -> str:
        return self.describe_bar(self._bars[self._cursor])

    def _describe_all(self) -> str:
        return "; ".join(map(self.describe_bar, self._bars))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, last = Qt.Key(event.key()), len(self._bars) - 1
        targets = {
            Qt.Key.Key_Left: last if self._cursor is None else max(0, self._cursor - 1),
            Qt.Key.Key_Right: 0 if self._cursor is None else min(last, self._cursor + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if key is Qt.Key.Key_Escape and self._cursor is not None:
            self._set_cursor(None)
        elif self._bars and key in targets:
            self._set_cursor(targets[key])
        else:
            event.ignore()

    def _add_bars(
        self,
        bars: Sequence[FlowBar],
        bottoms: Sequence[float],
        heights: Sequence[float],
        brush: QBrush,
        fill: float,
    ) -> None:
        if bars:
            self.add(
                pg.BarGraphItem(
                    x0=[bar.start_s for bar in bars],
                    width=[fill * (bar.end_s - bar.start_s) for bar in bars],
                    y0=list(bottoms),
                    height=list(heights),
                    brush=brush,
                    pen=pg.mkPen(None),
                )
            )


_MAX_LINES = 6
"""Maximum lines shown at once above the chart."""
_WIDE_PX = 1500
"""Width from which all columns fit."""
_WIDE_ONLY = ("passages", "per_minute_m", "turn_right")


class FlowPassagesPanel(Translated, QWidget):
    """Panel of zones at the left and lines at the right; the current line is charted."""

    export_requested = Signal(object, object)
    """Export request with titles and rows as plain values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: FlowFigures | None = None
        self._line: LineFigures | None = None
        self._time_zone = "UTC"
        self._zone_model, self._line_model = PassageTable(self), LineTable(self)
        self.zones = RecordList(self._zone_model, table_name="", parent=self)
        self.lines = RecordList(self._line_model, table_name="", parent=self)
        self.lines.current_record_changed.connect(self._show_line)
        for table in (self.zones, self.lines):
            table.export_requested.connect(self.export_requested)
        self.chart = LineFlowChart(self)
        self._legend, self._line_note = ChartLegend(self), QLabel(self)
        self._line_note.setProperty("role", "small")
        self._line_note.setWordWrap(True)
        self._line_note.setTextFormat(Qt.TextFormat.PlainText)
        flow = QWidget(self)
        fill(QVBoxLayout(flow), self.lines, self._line_note, self._legend, (self.chart, 1), margins=0)
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
        fill(QVBoxLayout(self), splitter, margins=0)
        self.retranslate()

    def show_state(self, state: FlowsState) -> None:
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
        self.lines.fit_height_to_rows(_MAX_LINES)
        # the chart takes the free space
        bar_px = self.lines.table.horizontalScrollBar().sizeHint().height()
        self.lines.table.setMaximumHeight(self.lines.table.minimumHeight() + bar_px)
        found = next((row for row, line in enumerate(lines) if line.name == name), 0)
        self.lines.set_current_row(found if lines else None)
        self._show_line(lines[found] if lines else None)

    def retranslate(self) -> None:
        self.zones.set_table_name(tr("Passing through zones"))
        self.lines.set_table_name(tr("Counting lines"))
        self._zone_card.show_texts(
            tr("Passing through zones"),
            tr(
                "Of complete stays without a stop: pass through means leaving away from the entry, turn "
                "back means leaving within 2 m of it. A zone from which nearly all visitors return to "
                "their previous zone is a dead end."
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
        self._describe_line_flow()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        for table, keys in (
            (self.zones, [column.key for column in PASSAGE_COLUMNS]),
            (self.lines, [column.key for column in LINE_COLUMNS]),
        ):
            for number, key in enumerate(keys):
                is_hidden = key in _WIDE_ONLY and self.width() < _WIDE_PX
                table.table.setColumnHidden(number, is_hidden)
            table.distribute_width()

    def _recolour(self) -> None:
        if hasattr(self, "_line_card"):
            self.retranslate()

    def _show_line(self, line: LineFigures | None) -> None:
        self._line = line
        self.chart.show_bars(
            () if line is None else line.bars,
            time_zone=self._time_zone,
            is_by_hour_of_day=self._figures is not None and self._figures.is_by_hour_of_day,
        )
        self._describe_line_flow()

    def _describe_line_flow(self) -> None:
        line, figures = self._line, self._figures
        if line is None or figures is None:
            self._line_note.setText(tr("No counting lines yet. Draw one on the Edit plan page."))
            return
        if line.inward is None:
            self._line_note.setText(tr("{name}: not observed", name=line.name))
            return
        parts = [describe_line(line), describe_turns(line)]
        if figures.is_by_hour_of_day:
            parts.append(tr("The bars are means over the days by hour of the day."))
        self._line_note.setText("\n".join(part for part in parts if part))
