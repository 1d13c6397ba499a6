"""Dwell times by zone: the middle half as a box with the median, 10 to 90 % as a line, the mean a diamond."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent
from PySide6.QtWidgets import QWidget

from app.gui.table_models.cell_text import format_duration
from app.gui.table_models.zone_table import format_interval
from app.gui.theme import Theme
from app.gui.translation import display_name, tr
from app.gui.widgets.chart_axes import DurationAxis
from app.gui.widgets.plot_chart import LEAST_HEIGHT_PX, PlotChart
from app.operations.dwell_figures import ZoneFigures

_ROW_PX = 20
_FRAME_PX = 60
_NAME_PX = 130
_BOX = 0.62
_LEAST_REACH_S = 10.0
_MARGIN = 1.05


class ZoneIntervalChart(PlotChart):
    """One row a zone, the first at the top; what is not known is not drawn."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, bottom=DurationAxis("bottom"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._zones: tuple[ZoneFigures, ...] = ()
        self._reach_s = _LEAST_REACH_S
        self.redraw()

    @property
    def zones(self) -> tuple[ZoneFigures, ...]:
        """What is drawn."""
        return self._zones

    @property
    def reach_s(self) -> float:
        """Where the axis ends, seconds; what goes beyond ends in an arrow."""
        return self._reach_s

    def show_zones(self, zones: Sequence[ZoneFigures]) -> None:
        """Draw the zones."""
        if self._zones and self._zones == tuple(zones):
            return
        self._zones = tuple(zones)
        self._reach_s = find_reach_s(self._zones)
        self.setMinimumHeight(max(LEAST_HEIGHT_PX, _FRAME_PX + _ROW_PX * len(self._zones)))
        self.redraw()

    def describe_zone(self, zone: ZoneFigures) -> str:
        """A row in words."""
        return tr(
            "{zone}: mean {mean} ({interval}), median {median}",
            zone=display_name(zone.name),
            mean=format_duration(zone.figures.mean_dwell_s),
            interval=format_interval(zone.figures.mean_dwell_interval_s),
            median=format_duration(zone.figures.median_dwell_s),
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The row under the pointer in words."""
        super().mouseMoveEvent(event)
        place = self.find_place(event.position())
        row = None if place is None else round(-place.y())
        is_row = row is not None and 0 <= row < len(self._zones)
        self.setToolTip(self.describe_zone(self._zones[row]) if is_row and row is not None else "")

    def draw(self, theme: Theme) -> None:
        """Bands for the rows, then the zones."""
        self.setLabel("bottom", tr("Dwell time (m:ss)"))
        self.setAccessibleName(tr("Dwell times by zone"))
        self.setAccessibleDescription("; ".join(self.describe_zone(zone) for zone in self._zones))
        count = len(self._zones)
        self.setRange(xRange=(0, self._reach_s), yRange=(-count + 0.45, 0.55), padding=0)
        axis = self.getAxis("left")
        metrics = QFontMetricsF(axis.style["tickFont"])
        names = [
            metrics.elidedText(display_name(z.name), Qt.TextElideMode.ElideRight, _NAME_PX)
            for z in self._zones
        ]
        axis.setTicks([[(-float(row), name) for row, name in enumerate(names)]])
        axis.setWidth(max((metrics.horizontalAdvance(name) for name in names), default=20.0) + 16)
        self._draw_bands(theme)
        for row, zone in enumerate(self._zones):
            self._draw_zone(-float(row), zone, theme)

    def _draw_bands(self, theme: Theme) -> None:
        rows = [-float(row) for row in range(0, len(self._zones), 2)]
        self.add(
            pg.BarGraphItem(
                x0=[0.0] * len(rows), width=self._reach_s, y=rows, height=1.0,
                brush=QColor(theme.raised), pen=pg.mkPen(None),
            )
        )  # fmt: skip

    def _draw_zone(self, y: float, zone: ZoneFigures, theme: Theme) -> None:
        colour = QColor(theme.zones[zone.colour % len(theme.zones)])
        p10, p25, p50, p75, p90 = zone.quantiles_s
        if p10 is not None and p50 is not None:
            end = p90 if p90 is not None else p75 if p75 is not None else p50
            self._add_line([p10, end], [y, y], pg.mkPen(colour, width=1.8))
        if p25 is not None and p75 is not None:
            self.add(
                pg.BarGraphItem(
                    x0=[p25], width=[p75 - p25], y=[y], height=_BOX, brush=colour, pen=pg.mkPen(None)
                )
            )
        if p50 is not None:
            for pen in (pg.mkPen(theme.surface, width=5), pg.mkPen(theme.text, width=2)):
                self._add_line([p50, p50], [y - _BOX / 2, y + _BOX / 2], pen)
        self._draw_mean(y, zone, theme)

    def _draw_mean(self, y: float, zone: ZoneFigures, theme: Theme) -> None:
        mean_s, interval = zone.figures.mean_dwell_s, zone.figures.mean_dwell_interval_s
        if interval is not None:
            low_s, high_s = (min(limit_s, self._reach_s) for limit_s in interval)
            self._add_line([low_s, high_s], [y, y], pg.mkPen(theme.text, width=1.5))
            if interval[1] > self._reach_s:
                self._add_mark(self._reach_s * 0.99, y, "t2", theme)
        if mean_s is not None:
            self._add_mark(mean_s, y, "d", theme)

    def _add_mark(self, x_s: float, y: float, symbol: str, theme: Theme) -> None:
        self.add(
            pg.ScatterPlotItem(
                x=[x_s], y=[y], symbol=symbol, size=10,
                brush=pg.mkBrush(theme.text), pen=pg.mkPen(theme.surface, width=1),
            )
        )  # fmt: skip

    def _add_line(self, x: list[float], y: list[float], pen: object) -> None:
        self.add(pg.PlotCurveItem(x=x, y=y, pen=pen, antialias=True))


def find_reach_s(zones: Sequence[ZoneFigures]) -> float:
    """Up to the longest of the quantiles and means: one wide interval must not squeeze all others."""
    reached = [_LEAST_REACH_S]
    for zone in zones:
        reached += [value for value in (*zone.quantiles_s, zone.figures.mean_dwell_s) if value is not None]
    return max(reached) * _MARGIN
