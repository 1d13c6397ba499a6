"""Bars by hour of day or by weekday, with intervals; unobserved ones are hatched, not zero."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QWidget

from app.gui.charts.chart_marks import ClockBar
from app.gui.charts.plot_chart import BarChart
from app.gui.session.cell_text import format_duration, format_number
from app.gui.session.theme import Theme
from app.gui.session.translation import tr
from app.gui.widgets.export_menu import Table

_BAR_WIDTH = 0.78
_LABEL_PX = 44
_TICKS = 4
_DURATION_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)
_HEAD_ROOM = 1.1
_MAX_INTERVAL_RATIO = 2.5
"""Limit of an interval as a multiple of the highest bar, so that it does not flatten all bars."""


class ClockChart(BarChart):
    """Bar chart that emits the hour or weekday of a chosen bar."""

    _bars: tuple[ClockBar, ...]

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._name, self._is_duration = "", "", False
        self.redraw()

    @property
    def bars(self) -> tuple[ClockBar, ...]:
        """The bars shown."""
        return self._bars

    def show_bars(self, bars: Sequence[ClockBar], *, title: str, name: str, is_duration: bool) -> None:
        """Replace all bars.

        Args:
            title: of the axis, with the unit.
            name: of the chart, for screen readers.
            is_duration: values are seconds.
        """
        if tuple(bars) != self._bars:
            self._marked = None
        self._bars, self._title, self._name, self._is_duration = tuple(bars), title, name, is_duration
        self.redraw()

    def describe_bar(self, number: int) -> str:
        """Describe a bar."""
        return self._bars[number].words

    def list_table(self) -> Table:
        """Return the bars for a file; empty where nothing was observed."""

        def show(value: float | None) -> str:
            return "" if value is None else f"{value:.5g}"

        titles = ("", self._title, tr("Lower limit"), tr("Upper limit"))
        return titles, [[bar.label, show(bar.value), show(bar.low), show(bar.high)] for bar in self._bars]

    def find_target(self, number: int) -> int | None:
        """Return the hour or weekday; None if unobserved."""
        return self._bars[number].cell if self._bars[number].is_observed else None

    def draw(self, theme: Theme) -> None:
        """Draw hatched gaps, bars and intervals."""
        self.setAccessibleName(self._name)
        self.setLabel("left", self._title)
        highest = max((bar.value for bar in self._bars if bar.value is not None), default=0.0)
        ends = [min(bar.high, _MAX_INTERVAL_RATIO * highest) for bar in self._bars if bar.high is not None]
        top = max([highest, *ends, 1e-9]) * _HEAD_ROOM
        self.setRange(xRange=(0, max(1, len(self._bars))), yRange=(0, top), padding=0)
        self.getAxis("left").setTicks([self._make_ticks(top)])
        self.getAxis("bottom").setTicks([self.make_labels()])
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
        target = top / _TICKS
        if self._is_duration:
            step = float(next((s for s in _DURATION_STEPS if s >= target), _DURATION_STEPS[-1]))
        else:
            scale = 10.0 ** math.floor(math.log10(target))
            step = next(scale * part for part in (1, 2, 5, 10) if scale * part >= target * 0.999)
        count = int(top / step) + 1
        if self._is_duration:
            return [(step * i, format_duration(step * i)) for i in range(count)]
        decimals = max(0, -math.floor(math.log10(step)))
        return [(step * i, format_number(step * i, decimals=decimals)) for i in range(count)]

    def make_labels(self) -> list[tuple[float, str]]:
        """Return as many labels of the lower axis as fit."""
        most = max(2, int(self.width() / _LABEL_PX))
        every = max(1, -(-len(self._bars) // most))
        return [(n + 0.5, bar.label) for n, bar in enumerate(self._bars) if n % every == 0]
