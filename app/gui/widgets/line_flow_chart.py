"""People a minute through a line over a period or over the hours of the day; gaps where nobody looked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QBrush, QColor, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from app.gui.table_models.cell_text import format_number, format_times
from app.gui.theme import Theme, current_theme
from app.gui.translation import tr
from app.gui.widgets.chart_axes import TimeOfDayAxis
from app.gui.widgets.plot_chart import PlotChart
from app.operations.flow_figures import FlowBar

_FILL = 0.9
"""Of a step that its bar takes."""


class LineFlowChart(PlotChart):
    """Inwards below, outwards on top of it; the pointer or the arrow keys read a bar off."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._time_axis = TimeOfDayAxis("bottom")
        super().__init__(parent, bottom=self._time_axis)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._bars: tuple[FlowBar, ...] = ()
        self._time_zone = "UTC"
        self._cursor: int | None = None
        self._cursor_items: list[Any] = []
        self.redraw()

    @property
    def reading(self) -> str:
        """What is read off at the cursor, in words; empty without one."""
        return "" if self._cursor is None else self.describe_bar(self._bars[self._cursor])

    def show_bars(self, bars: Sequence[FlowBar], *, time_zone: str, is_by_hour_of_day: bool) -> None:
        """Draw other bars, in the venue's own time."""
        self._bars, self._cursor = tuple(bars), None
        # hours of the day are hours already
        self._time_zone = "UTC" if is_by_hour_of_day else time_zone
        self._time_axis.set_time_zone(self._time_zone)
        self.redraw()

    def describe_bar(self, bar: FlowBar) -> str:
        """When, and how many a minute each way."""
        time = format_times(bar.start_s, bar.end_s, time_zone=self._time_zone)
        if bar.inward is None or bar.outward is None:
            return tr("{time}: not observed", time=time)
        return tr(
            "{time}: {inward} a minute inwards, {outward} outwards",
            time=time,
            inward=format_number(bar.inward, decimals=1),
            outward=format_number(bar.outward, decimals=1),
        )

    def draw(self, theme: Theme) -> None:
        """Hatch what was not observed, then the bars."""
        self.setLabel("left", tr("People a minute"))
        self.setAccessibleName(tr("Flow through the line over time; arrow keys go from bar to bar"))
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

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Read off the bar below the pointer."""
        super().mouseMoveEvent(event)
        place = self.find_place(event.position())
        found = None
        if place is not None:
            found = next((n for n, b in enumerate(self._bars) if b.start_s <= place.x() < b.end_s), None)
        self._set_cursor(found)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Nothing is read off any more."""
        super().leaveEvent(event)
        self._set_cursor(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Nothing is read off any more."""
        super().focusOutEvent(event)
        self._set_cursor(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Left and right go from bar to bar, Home and End to the first and last, Escape ends it."""
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

    def _set_cursor(self, cursor: int | None) -> None:
        if cursor != self._cursor:
            self._cursor = cursor
            self._draw_cursor()

    def _draw_cursor(self) -> None:
        for item in self._cursor_items:
            self.removeItem(item)
        self._cursor_items = []
        self.setAccessibleDescription(self.reading or "; ".join(map(self.describe_bar, self._bars)))
        if self._cursor is None:
            return
        theme, bar = current_theme(), self._bars[self._cursor]
        middle_s = (bar.start_s + bar.end_s) / 2
        (left, right), (_, top) = self.getPlotItem().getViewBox().viewRange()
        text = pg.TextItem(
            self.reading, color=theme.text, anchor=(1.02 if middle_s > (left + right) / 2 else -0.02, 0),
            border=pg.mkPen(theme.border), fill=pg.mkBrush(theme.raised),
        )  # fmt: skip
        text.setFont(self.getAxis("bottom").style["tickFont"])
        text.setPos(middle_s, top)
        self._cursor_items = [pg.InfiniteLine(pos=middle_s, angle=90, pen=pg.mkPen(theme.text_muted)), text]
        for item in self._cursor_items:
            self.addItem(item, ignoreBounds=True)
