"""Bars by hour of the day or by weekday, with their intervals; what nobody saw is hatched, not zero."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.gui.charts.chart_marks import ClockBar
from app.gui.charts.plot_chart import PlotChart
from app.gui.session.cell_text import format_duration, format_number
from app.gui.session.theme import Theme

_BAR_WIDTH = 0.78
_LABEL_PX = 44
_TICKS = 4
_DURATION_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)
_HEAD_ROOM = 1.1
_TALLEST = 2.5
"""An interval that reaches over so many times the highest bar is cut off: it must not flatten all bars."""


class ClockChart(PlotChart):
    """Bars can be chosen by mouse, or by arrow keys and Enter."""

    bar_chosen = Signal(int)
    """The hour or the weekday of the bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._bars: tuple[ClockBar, ...] = ()
        self._title, self._name, self._is_duration = "", "", False
        self._marked: int | None = None
        self.redraw()

    @property
    def bars(self) -> tuple[ClockBar, ...]:
        """What is drawn."""
        return self._bars

    def show_bars(self, bars: Sequence[ClockBar], *, title: str, name: str, is_duration: bool) -> None:
        """Draw these.

        Args:
            title: of the axis, with the unit.
            name: of the chart, for screen readers.
            is_duration: values are seconds.
        """
        if tuple(bars) != self._bars:
            self._marked = None
        self._bars, self._title, self._name, self._is_duration = tuple(bars), title, name, is_duration
        self.redraw()

    def choose_bar(self, number: int) -> None:
        """Mark a bar and tell of it, if anything was observed there."""
        self._mark(number)
        if self._bars[number].is_observed:
            self.bar_chosen.emit(self._bars[number].cell)

    def bar_centre(self, number: int) -> QPointF:
        """Where a bar is, in the viewport's pixels."""
        height = (self._bars[number].value or 0.0) / 2
        scene = self.getPlotItem().getViewBox().mapViewToScene(QPointF(number + 0.5, height))
        return QPointF(self.mapFromScene(scene))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows move the mark, Enter chooses."""
        key, last = event.key(), len(self._bars) - 1
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._bars:
            step = 1 if key == Qt.Key.Key_Right else -1
            start = self._marked if self._marked is not None else (-1 if step == 1 else last + 1)
            self._mark(min(last, max(0, start + step)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._marked is not None:
            self.choose_bar(self._marked)
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click anywhere in a bar's column chooses it."""
        super().mouseReleaseEvent(event)
        number = self._bar_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number is not None:
            self.choose_bar(number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The bar under the pointer in words."""
        super().mouseMoveEvent(event)
        number = self._bar_at(event.position())
        self.setToolTip("" if number is None else self._bars[number].words)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """As many labels as there is room for."""
        super().resizeEvent(event)
        if getattr(self, "_bars", ()):
            self.getAxis("bottom").setTicks([self._make_labels()])

    def draw(self, theme: Theme) -> None:
        """Hatched gaps, bars, intervals."""
        self.setAccessibleName(self._name)
        self.setAccessibleDescription("" if self._marked is None else self._bars[self._marked].words)
        self.setLabel("left", self._title)
        highest = max((bar.value for bar in self._bars if bar.value is not None), default=0.0)
        ends = [min(bar.high, _TALLEST * highest) for bar in self._bars if bar.high is not None]
        top = max([highest, *ends, 1e-9]) * _HEAD_ROOM
        self.setRange(xRange=(0, max(1, len(self._bars))), yRange=(0, top), padding=0)
        self.getAxis("left").setTicks([self._make_ticks(top)])
        self.getAxis("bottom").setTicks([self._make_labels()])
        if self._marked is not None:
            shade = QColor(theme.text_muted)
            shade.setAlphaF(0.2)
            self._add_bars([self._marked], [top], 1.0, shade)
        gaps = [number for number, bar in enumerate(self._bars) if not bar.is_observed]
        self._add_bars(gaps, [top] * len(gaps), 1.0, QBrush(QColor(theme.border), Qt.BrushStyle.BDiagPattern))
        known = [(number, bar.value) for number, bar in enumerate(self._bars) if bar.value is not None]
        self._add_bars(
            [number for number, _ in known], [value for _, value in known], _BAR_WIDTH, QColor(theme.accent)
        )
        self._add_intervals(top, theme)

    def _add_bars(
        self, numbers: list[int], heights: list[float], width: float, brush: QBrush | QColor
    ) -> None:
        if numbers:
            self.add(
                pg.BarGraphItem(
                    x=[number + 0.5 for number in numbers], height=heights, width=width, brush=brush,
                    pen=pg.mkPen(None),
                )
            )  # fmt: skip

    def _add_intervals(self, top: float, theme: Theme) -> None:
        for number, bar in enumerate(self._bars):
            if bar.value is None or bar.low is None or bar.high is None:
                continue
            x, y = [number + 0.5] * 2, [bar.low, min(bar.high, top)]
            # on the bar's own colour and beside it
            for pen in (pg.mkPen(theme.surface, width=4), pg.mkPen(theme.text, width=1.6)):
                self.add(pg.PlotCurveItem(x=x, y=y, pen=pen))

    def _make_ticks(self, top: float) -> list[tuple[float, str]]:
        wanted = top / _TICKS
        if self._is_duration:
            step = float(next((s for s in _DURATION_STEPS if s >= wanted), _DURATION_STEPS[-1]))
        else:
            scale = 10.0 ** math.floor(math.log10(wanted))
            step = next(scale * part for part in (1, 2, 5, 10) if scale * part >= wanted * 0.999)
        count = int(top / step) + 1
        if self._is_duration:
            return [(step * i, format_duration(step * i)) for i in range(count)]
        decimals = max(0, -math.floor(math.log10(step)))
        return [(step * i, format_number(step * i, decimals=decimals)) for i in range(count)]

    def _make_labels(self) -> list[tuple[float, str]]:
        most = max(2, int(self.width() / _LABEL_PX))
        every = max(1, -(-len(self._bars) // most))
        return [(n + 0.5, bar.label) for n, bar in enumerate(self._bars) if n % every == 0]

    def _bar_at(self, position: QPointF) -> int | None:
        place = self.find_place(position)
        if place is None:
            return None
        number = math.floor(place.x())
        return number if 0 <= number < len(self._bars) else None

    def _mark(self, number: int) -> None:
        self._marked = number
        self.redraw()
