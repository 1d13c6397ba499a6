"""Dwell times by zone: the middle half as a box with the median, 10 to 90 % as a line, the mean below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QWidget

from app.gui.table_models.cell_text import format_duration
from app.gui.table_models.zone_table import format_interval
from app.gui.translation import tr
from app.gui.widgets.chart_axes import DurationAxis, apply_theme, make_plot_widget_plain
from app.operations.dwell_figures import ZoneFigures

_ROW_PX = 34
_FRAME_PX = 70
_NAME_PX = 130
_BOX = 0.5


class ZoneIntervalChart(pg.PlotWidget):  # type: ignore[misc]
    """One row a zone, the first at the top; what is not known is not drawn."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={"bottom": DurationAxis("bottom")})
        make_plot_widget_plain(self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._zones: tuple[ZoneFigures, ...] = ()
        self._items: list[Any] = []
        self._redraw()

    @property
    def zones(self) -> tuple[ZoneFigures, ...]:
        """What is drawn."""
        return self._zones

    def show_zones(self, zones: Sequence[ZoneFigures]) -> None:
        """Draw the zones."""
        self._zones = tuple(zones)
        self.setMinimumHeight(max(230, _FRAME_PX + _ROW_PX * len(self._zones)))
        self._redraw()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._redraw()

    def wheelEvent(self, event: Any) -> None:  # noqa: N802
        """The page scrolls."""
        event.ignore()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the theme and the language."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._redraw()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def _redraw(self) -> None:
        if not hasattr(self, "_items"):
            return
        for item in self._items:
            self.removeItem(item)
        self._items = []
        self.setLabel("bottom", tr("Dwell time (m:ss)"))
        theme = apply_theme(self)
        self.setAccessibleName(tr("Dwell times by zone"))
        self.setAccessibleDescription("; ".join(_describe(zone) for zone in self._zones))
        count = len(self._zones)
        self.setRange(xRange=(0, _reach(self._zones) * 1.05), yRange=(-count + 0.4, 0.6), padding=0)
        metrics = QFontMetricsF(self.getAxis("left").style["tickFont"])
        names = [metrics.elidedText(z.name, Qt.TextElideMode.ElideRight, _NAME_PX) for z in self._zones]
        axis = self.getAxis("left")
        axis.setTicks([[(-float(row), name) for row, name in enumerate(names)]])
        axis.setWidth(max((metrics.horizontalAdvance(name) for name in names), default=20.0) + 16)
        for row, zone in enumerate(self._zones):
            self._draw_zone(
                -float(row), zone, QColor(theme.zones[zone.colour % len(theme.zones)]), theme.text
            )

    def _draw_zone(self, y: float, zone: ZoneFigures, colour: QColor, ink: str) -> None:
        p10, p25, p50, p75, p90 = zone.quantiles_s
        if p10 is not None and p50 is not None:
            end = p90 if p90 is not None else p75 if p75 is not None else p50
            self._add_line([p10, end], [y, y], pg.mkPen(colour, width=1.5))
        if p25 is not None and p75 is not None:
            self._add(
                pg.BarGraphItem(
                    x0=[p25], width=[p75 - p25], y=[y], height=_BOX, brush=colour, pen=pg.mkPen(None)
                )
            )
        if p50 is not None:
            self._add_line([p50, p50], [y - _BOX / 2, y + _BOX / 2], pg.mkPen("#ffffff", width=2.5))
        mean_s, interval = zone.figures.mean_dwell_s, zone.figures.mean_dwell_interval_s
        below = y - _BOX / 2 - 0.12
        if interval is not None:
            self._add_line(list(interval), [below, below], pg.mkPen(ink, width=1.5))
        if mean_s is not None:
            self._add(
                pg.ScatterPlotItem(
                    x=[mean_s], y=[below], symbol="d", size=9, brush=pg.mkBrush(ink), pen=pg.mkPen(None)
                )
            )

    def _add_line(self, x: list[float], y: list[float], pen: Any) -> None:
        self._add(pg.PlotCurveItem(x=x, y=y, pen=pen, antialias=True))

    def _add(self, item: Any) -> None:
        self._items.append(item)
        self.addItem(item)


def _reach(zones: Sequence[ZoneFigures]) -> float:
    reached = [10.0]
    for zone in zones:
        reached += [value for value in zone.quantiles_s if value is not None]
        if zone.figures.mean_dwell_s is not None:
            reached.append(zone.figures.mean_dwell_s)
        if zone.figures.mean_dwell_interval_s is not None:
            reached.append(zone.figures.mean_dwell_interval_s[1])
    return max(reached)


def _describe(zone: ZoneFigures) -> str:
    return tr(
        "{zone}: mean {mean} ({interval}), median {median}",
        zone=zone.name,
        mean=format_duration(zone.figures.mean_dwell_s),
        interval=format_interval(zone.figures.mean_dwell_interval_s),
        median=format_duration(zone.figures.median_dwell_s),
    )
