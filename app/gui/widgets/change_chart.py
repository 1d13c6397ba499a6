"""Changes by zone: how much, with the interval, round a line that stands for no change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent
from PySide6.QtWidgets import QWidget

from app.gui.table_models.change_words import name_place, tell_change
from app.gui.theme import Theme
from app.gui.translation import tr
from app.gui.widgets.plot_chart import LEAST_HEIGHT_PX, PlotChart
from app.operations.comparison_figures import ChangeRow, Finding

_ROW_PX = 24
_FRAME_PX = 60
_NAME_PX = 150
_LEAST_REACH = 20.0
_MOST_REACH = 200.0
_MARGIN = 1.08


class ChangeChart(PlotChart):
    """One row a zone, the first at the top; zones that were not compared keep an empty row."""

    row_chosen = Signal(object)
    """The `ChangeRow` that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._rows: tuple[ChangeRow, ...] = ()
        self.redraw()

    @property
    def rows(self) -> tuple[ChangeRow, ...]:
        """What is drawn."""
        return self._rows

    def show_rows(self, rows: Sequence[ChangeRow]) -> None:
        """Draw the changes of one figure."""
        self._rows = tuple(rows)
        self.setMinimumHeight(max(LEAST_HEIGHT_PX, _FRAME_PX + _ROW_PX * len(self._rows)))
        self.redraw()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The row under the pointer in words."""
        super().mouseMoveEvent(event)
        row = self._find_row(event)
        self.setToolTip("" if row is None else tell_change(row))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose the row."""
        super().mouseReleaseEvent(event)
        row = self._find_row(event)
        if row is not None:
            self.row_chosen.emit(row)

    def draw(self, theme: Theme) -> None:
        """Bands for the rows, the line of no change, then the changes."""
        self.setLabel("bottom", tr("Change from A to B (%)"))
        self.setAccessibleName(tr("Changes by zone"))
        self.setAccessibleDescription(" ".join(tell_change(row) for row in self._rows))
        reach, count = _find_reach(self._rows), max(1, len(self._rows))
        self.setRange(xRange=(-reach, reach), yRange=(-count + 0.45, 0.55), padding=0)
        axis = self.getAxis("left")
        metrics = QFontMetricsF(axis.style["tickFont"])
        names = [
            metrics.elidedText(name_place(row.zone), Qt.TextElideMode.ElideRight, _NAME_PX)
            for row in self._rows
        ]
        axis.setTicks([[(-float(row), name) for row, name in enumerate(names)]])
        axis.setWidth(max((metrics.horizontalAdvance(name) for name in names), default=20.0) + 16)
        bands = [-float(row) for row in range(0, len(self._rows), 2)]
        self.add(
            pg.BarGraphItem(
                x0=[-reach] * len(bands), width=2 * reach, y=bands, height=1.0,
                brush=QColor(theme.raised), pen=pg.mkPen(None),
            )
        )  # fmt: skip
        self.add(pg.InfiniteLine(pos=0.0, angle=90, pen=pg.mkPen(theme.text_muted, width=1)))
        for number, row in enumerate(self._rows):
            self._draw_row(-float(number), row, reach, theme)

    def _draw_row(self, y: float, row: ChangeRow, reach: float, theme: Theme) -> None:
        if row.ratio is None or row.interval is None:
            return
        colour = QColor(theme.accent if row.is_real else theme.text_muted)
        low, high = (100 * (limit - 1) for limit in row.interval)
        ends = np.clip([low, high], -reach, reach)
        style = Qt.PenStyle.DashLine if row.finding is Finding.UNCERTAIN else Qt.PenStyle.SolidLine
        self.add(
            pg.PlotCurveItem(
                x=ends, y=[y, y], pen=pg.mkPen(colour, width=3 if row.is_real else 1.6, style=style),
                antialias=True,
            )
        )  # fmt: skip
        for end, limit, symbol in ((low, -reach, "t3"), (high, reach, "t2")):
            if abs(end) > reach:
                self._add_mark(0.985 * limit, y, symbol, colour, theme)
        self._add_mark(float(np.clip(100 * (row.ratio - 1), -reach, reach)), y, "d", colour, theme)

    def _add_mark(self, x: float, y: float, symbol: str, colour: QColor, theme: Theme) -> None:
        self.add(
            pg.ScatterPlotItem(
                x=[x], y=[y], symbol=symbol, size=11, brush=pg.mkBrush(colour),
                pen=pg.mkPen(theme.surface, width=1),
            )
        )  # fmt: skip

    def _find_row(self, event: QMouseEvent) -> ChangeRow | None:
        place = self.find_place(event.position())
        row = None if place is None else round(-place.y())
        return self._rows[row] if row is not None and 0 <= row < len(self._rows) else None


def _find_reach(rows: Sequence[ChangeRow]) -> float:
    """How far the axis goes to either side, percent; wider intervals end in an arrow."""
    ends = [100 * abs(limit - 1) for row in rows if row.interval is not None for limit in row.interval]
    return min(_MOST_REACH, max([_LEAST_REACH, *(_MARGIN * end for end in ends)]))
