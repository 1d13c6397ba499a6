"""Chart axes for durations and times of day, in the theme's colours and fonts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyqtgraph as pg
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtWidgets import QApplication

from app.gui.session.cell_text import format_duration
from app.gui.session.theme import Theme, current_theme

_DURATION_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_DAYTIME_STEPS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_MIN_PX = 58.0
"""Minimum distance between two labels."""


class DurationAxis(pg.AxisItem):  # type: ignore[misc]
    """Axis of seconds, labelled as ``m:ss``."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[Any]:  # noqa: N802, N803
        step = _choose_step(_DURATION_STEPS_S, maxVal - minVal, size)
        first = int(-(-max(0.0, minVal) // step))
        return [(step, [float(i * step) for i in range(first, int(maxVal // step) + 1)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        del scale, spacing
        return [format_duration(value) for value in values]


class TimeOfDayAxis(pg.AxisItem):  # type: ignore[misc]
    """Axis of seconds since the epoch, labelled in the venue's time zone."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._zone = ZoneInfo("UTC")

    def set_time_zone(self, name: str) -> None:
        self._zone = ZoneInfo(name)
        self.picture = None
        self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[Any]:  # noqa: N802, N803
        step = _choose_step(_DAYTIME_STEPS_S, maxVal - minVal, size)
        offset = datetime.fromtimestamp(minVal, self._zone).utcoffset() or timedelta(0)
        offset_s = offset.total_seconds()
        first = int(-(-(minVal + offset_s) // step))
        last = int((maxVal + offset_s) // step)
        return [(step, [i * step - offset_s for i in range(first, last + 1)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        del scale
        pattern = "%m-%d" if spacing >= 86400 else "%m-%d %H:%M" if spacing >= 21600 else "%H:%M"
        return [datetime.fromtimestamp(value, self._zone).strftime(pattern) for value in values]


def make_plot_widget_plain(plot: pg.PlotWidget) -> None:
    """Remove menu, buttons and panning from a plot, for charts in a scrolling page."""
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(x=False, y=False)
    plot.viewport().setAutoFillBackground(False)
    plot.getPlotItem().getViewBox().setDefaultPadding(0.0)
    # half the width of the last label
    plot.getPlotItem().layout.setContentsMargins(1.0, 8.0, 10.0, 1.0)
    # delete the menu, which has no parent
    menu = plot.getPlotItem().ctrlMenu
    menu.setParent(plot, menu.windowFlags())


def apply_theme(plot: pg.PlotWidget) -> Theme:
    """Apply colours, fonts and the size of the axes; return the theme for the chart's own items."""
    theme = current_theme()
    font = QFont(QApplication.font())
    font.setPointSizeF(theme.font_small_pt)
    plot.setBackground(theme.surface)
    item = plot.getPlotItem()
    item.getViewBox().setBackgroundColor(theme.surface)
    line_px = QFontMetricsF(font).height()
    for name in ("left", "bottom"):
        axis = item.getAxis(name)
        axis.setPen(pg.mkPen(theme.border))
        axis.setTextPen(pg.mkPen(theme.text_muted))
        axis.setStyle(tickFont=font, tickLength=-4, tickTextOffset=6)
        axis.label.setFont(font)
    item.getAxis("bottom").setHeight(line_px * (2.5 if item.getAxis("bottom").labelText else 1.2) + 8)
    return theme


def _choose_step(steps: Sequence[int], span: float, size_px: float) -> int:
    most = max(2.0, size_px / _MIN_PX)
    return next((step for step in steps if span / step <= most), steps[-1])
