"""The distribution of dwell times: complete visits solid, cut ones hatched, the median marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from app.gui.table_models.cell_text import format_duration, format_number
from app.gui.theme import Theme
from app.gui.translation import tr
from app.gui.widgets.plot_chart import PlotChart
from app.operations.dwell_figures import HistogramBar

_LABEL_PX = 70
_BAR_WIDTH = 0.86


class DwellChart(PlotChart):
    """A histogram whose bars can be chosen by mouse, or by arrow keys and Enter."""

    bar_chosen = Signal(int)
    """Number of the bar, from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._bars: tuple[HistogramBar, ...] = ()
        self._median_s: float | None = None
        self._chosen: int | None = None
        self.redraw()

    @property
    def bars(self) -> tuple[HistogramBar, ...]:
        """What is drawn."""
        return self._bars

    @property
    def chosen_bar(self) -> int | None:
        """The bar that is marked."""
        return self._chosen

    def show_bars(self, bars: Sequence[HistogramBar], *, median_s: float | None) -> None:
        """Draw a histogram; seconds."""
        self._bars, self._median_s, self._chosen = tuple(bars), median_s, None
        self.redraw()

    def choose_bar(self, number: int) -> None:
        """Mark a bar and tell of it."""
        if 0 <= number < len(self._bars):
            self._mark(number)
            self.bar_chosen.emit(number)

    def clear_choice(self) -> None:
        """Mark no bar."""
        self._mark(None)

    def bar_centre(self, number: int) -> QPointF:
        """Where a bar is, in the viewport's pixels."""
        bar = self._bars[number]
        height = max(0.5, (bar.complete + bar.censored) / 2)
        scene = self.getPlotItem().getViewBox().mapViewToScene(QPointF(number + 0.5, height))
        return QPointF(self.mapFromScene(scene))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows move the mark, Enter chooses."""
        key = event.key()
        last = len(self._bars) - 1
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._bars:
            step = 1 if key == Qt.Key.Key_Right else -1
            start = -1 if self._chosen is None and step == 1 else self._chosen
            self._mark(min(last, max(0, (last + 1 if start is None else start) + step)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._chosen is not None:
            self.bar_chosen.emit(self._chosen)
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click anywhere in a bar's column chooses it: the low ones are hard to hit."""
        super().mouseReleaseEvent(event)
        number = self._bar_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number is not None:
            self.choose_bar(number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The bar under the pointer in words."""
        super().mouseMoveEvent(event)
        number = self._bar_at(event.position())
        self.setToolTip("" if number is None else self.describe_bar(number))

    def describe_bar(self, number: int) -> str:
        """A bar in words."""
        bar = self._bars[number]
        return tr(
            "{range}: {complete} complete visits, {censored} cut",
            range=self.describe_range(bar),
            complete=format_number(bar.complete),
            censored=format_number(bar.censored),
        )

    def describe_range(self, bar: HistogramBar) -> str:
        """From the shortest to the longest dwell time of a bar."""
        start = format_duration(bar.from_s)
        return f"≥ {start}" if math.isinf(bar.to_s) else f"{start}–{format_duration(bar.to_s)}"

    def _bar_at(self, position: QPointF) -> int | None:
        place = self.find_place(position)
        if place is None:
            return None
        number = math.floor(place.x())
        return number if 0 <= number < len(self._bars) else None

    def _mark(self, number: int | None) -> None:
        self._chosen = number
        self.redraw()
        self.setAccessibleDescription("" if number is None else self.describe_bar(number))

    def draw(self, theme: Theme) -> None:
        """Bars, and the median."""
        self.setLabel("bottom", tr("Dwell time (m:ss)"))
        self.setLabel("left", tr("Visits"))
        self.setAccessibleName(tr("Distribution of dwell times; arrow keys choose a bar, Enter lists it"))
        count = len(self._bars)
        top = max((bar.complete + bar.censored for bar in self._bars), default=1)
        self.setRange(xRange=(0, max(count, 1)), yRange=(0, max(1, top) * 1.12), padding=0)
        self.getAxis("bottom").setTicks([self._make_ticks()])
        self.getAxis("left").setStyle(maxTickLevel=0)
        if not count:
            return
        accent = QColor(theme.accent)
        pale = QColor(accent)
        pale.setAlphaF(0.22)
        x = [number + 0.5 for number in range(count)]
        complete = [bar.complete for bar in self._bars]
        censored = [bar.censored for bar in self._bars]
        if self._chosen is not None:
            highlight = QColor(theme.text_muted)
            highlight.setAlphaF(0.25)
            self.add(
                pg.BarGraphItem(
                    x=[self._chosen + 0.5],
                    height=[top * 1.12],
                    width=1.0,
                    brush=highlight,
                    pen=pg.mkPen(None),
                )
            )
        self.add(pg.BarGraphItem(x=x, height=complete, width=_BAR_WIDTH, brush=accent, pen=pg.mkPen(None)))
        for brush in (QBrush(pale), QBrush(accent, Qt.BrushStyle.BDiagPattern)):
            self.add(
                pg.BarGraphItem(
                    x=x, y0=complete, height=censored, width=_BAR_WIDTH, brush=brush, pen=pg.mkPen(None)
                )
            )
        self._add_median(theme.warning)
        self._name_rest(theme.text_muted)

    def _name_rest(self, colour: str) -> None:
        """The last bar holds all that is longer, and would look like a second hump."""
        rest = self._bars[-1]
        if len(self._bars) < 2 or math.isfinite(rest.to_s) or not rest.complete + rest.censored:
            return
        text = pg.TextItem(f"≥ {format_duration(rest.from_s)}", color=colour, anchor=(1, 1))
        text.setFont(self.getAxis("bottom").style["tickFont"])
        text.setPos(float(len(self._bars)), rest.complete + rest.censored)
        self.add(text)

    def _add_median(self, colour: str) -> None:
        if self._median_s is None or not self._bars:
            return
        width_s = self._bars[0].to_s if len(self._bars) > 1 else max(self._median_s * 2, 1.0)
        place = min(self._median_s / width_s, float(len(self._bars)))
        line = pg.InfiniteLine(pos=place, angle=90, pen=pg.mkPen(colour, width=2, style=Qt.PenStyle.DashLine))
        is_right = place > 0.7 * len(self._bars)
        text = pg.TextItem(
            tr("median {duration}", duration=format_duration(self._median_s)),
            color=colour,
            anchor=(1 if is_right else 0, 0),
        )
        text.setFont(self.getAxis("bottom").style["tickFont"])
        top = max(bar.complete + bar.censored for bar in self._bars)
        text.setPos(place, max(1, top) * 1.12)
        self.add(line)
        self.add(text)

    def _make_ticks(self) -> list[tuple[float, str]]:
        count = len(self._bars)
        most = max(2, int(self.width() / _LABEL_PX))
        every = max(1, -(-count // most))
        return [
            (float(number), format_duration(self._bars[number].from_s)) for number in range(0, count, every)
        ]

    def resizeEvent(self, event: Any) -> None:  # noqa: N802
        """As many labels as there is room for."""
        super().resizeEvent(event)
        if getattr(self, "_bars", ()):
            self.getAxis("bottom").setTicks([self._make_ticks()])
