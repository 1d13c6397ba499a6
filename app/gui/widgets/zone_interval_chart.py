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
        self._draw_stays(theme)
        self._draw_medians(theme)
        self._draw_means(theme)

    def _draw_bands(self, theme: Theme) -> None:
        rows = [-float(row) for row in range(0, len(self._zones), 2)]
        self.add(
            pg.BarGraphItem(
                x0=[0.0] * len(rows), width=self._reach_s, y=rows, height=1.0,
                brush=QColor(theme.raised), pen=pg.mkPen(None),
            )
        )  # fmt: skip

    # each kind of mark is one item for all zones: hundreds of items take a page's patience to make and remove

    def _draw_stays(self, theme: Theme) -> None:
        """10 to 90 % as lines, of one colour together, and the middle halves over them."""
        ends: dict[str, tuple[list[float], list[float]]] = {}
        boxes: list[tuple[float, float, float, QColor]] = []
        for row, zone in enumerate(self._zones):
            colour = theme.zones[zone.colour % len(theme.zones)]
            p10, p25, p50, p75, p90 = zone.quantiles_s
            if p10 is not None and p50 is not None:
                x, y = ends.setdefault(colour, ([], []))
                x += [p10, p90 if p90 is not None else p75 if p75 is not None else p50]
                y += [-float(row)] * 2
            if p25 is not None and p75 is not None:
                boxes.append((p25, p75 - p25, -float(row), QColor(colour)))
        for colour, (x, y) in ends.items():
            self._add_lines(x, y, pg.mkPen(colour, width=1.8))
        if boxes:
            x0, widths, rows, colours = (list(values) for values in zip(*boxes, strict=True))
            self.add(
                pg.BarGraphItem(x0=x0, width=widths, y=rows, height=_BOX, brushes=colours, pen=pg.mkPen(None))
            )

    def _draw_medians(self, theme: Theme) -> None:
        x: list[float] = []
        y: list[float] = []
        for row, zone in enumerate(self._zones):
            p50 = zone.quantiles_s[2]
            if p50 is not None:
                x += [p50, p50]
                y += [-float(row) - _BOX / 2, -float(row) + _BOX / 2]
        for pen in (pg.mkPen(theme.surface, width=5), pg.mkPen(theme.text, width=2)):
            self._add_lines(x, y, pen)

    def _draw_means(self, theme: Theme) -> None:
        x: list[float] = []
        y: list[float] = []
        beyond: list[float] = []
        means: list[tuple[float, float]] = []
        for row, zone in enumerate(self._zones):
            mean_s, interval = zone.figures.mean_dwell_s, zone.figures.mean_dwell_interval_s
            if interval is not None:
                x += [min(limit_s, self._reach_s) for limit_s in interval]
                y += [-float(row)] * 2
                if interval[1] > self._reach_s:
                    beyond.append(-float(row))
            if mean_s is not None:
                means.append((mean_s, -float(row)))
        self._add_lines(x, y, pg.mkPen(theme.text, width=1.5))
        self._add_marks([(self._reach_s * 0.99, row) for row in beyond], "t2", theme)
        self._add_marks(means, "d", theme)

    def _add_marks(self, places: Sequence[tuple[float, float]], symbol: str, theme: Theme) -> None:
        if places:
            self.add(
                pg.ScatterPlotItem(
                    pos=list(places), symbol=symbol, size=10,
                    brush=pg.mkBrush(theme.text), pen=pg.mkPen(theme.surface, width=1),
                )
            )  # fmt: skip

    def _add_lines(self, x: list[float], y: list[float], pen: object) -> None:
        """Lines from every other point to the next."""
        if x:
            self.add(pg.PlotCurveItem(x=x, y=y, pen=pen, antialias=True, connect="pairs"))


def find_reach_s(zones: Sequence[ZoneFigures]) -> float:
    """Up to the longest of the quantiles and means: one wide interval must not squeeze all others."""
    reached = [_LEAST_REACH_S]
    for zone in zones:
        reached += [value for value in (*zone.quantiles_s, zone.figures.mean_dwell_s) if value is not None]
    return max(reached) * _MARGIN
