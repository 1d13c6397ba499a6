"""People over time; where nobody looked the line has a gap and the ground is hatched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QWidget

from app.gui.table_models.cell_text import format_number
from app.gui.theme import Theme
from app.gui.translation import tr
from app.gui.widgets.chart_axes import TimeOfDayAxis, apply_theme, make_plot_widget_plain
from app.operations.dwell_figures import OccupancySeries


class OccupancyChart(pg.PlotWidget):  # type: ignore[misc]
    """One line a series; the floor's is the thick one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._time_axis = TimeOfDayAxis("bottom")
        super().__init__(parent, axisItems={"bottom": self._time_axis})
        make_plot_widget_plain(self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(230)
        self._series: tuple[OccupancySeries, ...] = ()
        self._items: list[Any] = []
        self._redraw()

    @property
    def series(self) -> tuple[OccupancySeries, ...]:
        """What is drawn."""
        return self._series

    @property
    def curves(self) -> list[pg.PlotDataItem]:
        """The lines, in the order of the series."""
        return [item for item in self._items if isinstance(item, pg.PlotDataItem)]

    def show_series(self, series: Sequence[OccupancySeries], *, time_zone: str) -> None:
        """Draw the series over the venue's own time."""
        self._series = tuple(series)
        self._time_axis.set_time_zone(time_zone)
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
        self.setLabel("left", tr("People present"))
        theme = apply_theme(self)
        self.setAccessibleName(tr("People over time"))
        self.setAccessibleDescription("; ".join(_describe(series) for series in self._series))
        if not self._series:
            return
        edges = self._series[0].edges_utc_s
        peak = max((float(np.nanmax(s.people)) for s in self._series if not np.isnan(s.people).all()),
                   default=0.0)  # fmt: skip
        top = max(1.0, peak) * 1.1
        self.setRange(xRange=(float(edges[0]), float(edges[-1])), yRange=(0, top), padding=0)
        self._hatch_unobserved(edges, top, theme)
        for series in self._series:
            self._add(self._make_curve(series, theme))

    def _make_curve(self, series: OccupancySeries, theme: Theme) -> pg.PlotDataItem:
        if series.zone is None:
            pen = pg.mkPen(theme.text, width=2.4)
        else:
            pen = pg.mkPen(
                zone_colour(series, theme),
                width=1.8,
                style=Qt.PenStyle.DashLine if is_dashed(series, theme) else Qt.PenStyle.SolidLine,
            )
        x, y = _make_steps(series)
        return pg.PlotDataItem(x=x, y=y, pen=pen, connect="finite", antialias=True, skipFiniteCheck=False)

    def _hatch_unobserved(self, edges: npt.NDArray[np.float64], top: float, theme: Theme) -> None:
        is_unobserved = np.all([np.isnan(series.people) for series in self._series], axis=0)
        if not is_unobserved.any():
            return
        brush = QBrush(QColor(theme.border), Qt.BrushStyle.BDiagPattern)
        starts, ends = edges[:-1][is_unobserved], edges[1:][is_unobserved]
        self._add(
            pg.BarGraphItem(
                x0=starts, x1=ends, y0=np.zeros(len(starts)), height=np.full(len(starts), top),
                brush=brush, pen=pg.mkPen(None),
            )
        )  # fmt: skip

    def _add(self, item: Any) -> None:
        self._items.append(item)
        self.addItem(item)


def zone_colour(series: OccupancySeries, theme: Theme) -> str:
    """The colour of a zone's line."""
    return theme.text if series.zone is None else theme.zones[series.colour % len(theme.zones)]


def is_dashed(series: OccupancySeries, theme: Theme) -> bool:
    """Whether another zone has the same colour, as a solid line."""
    return series.zone is not None and series.colour >= len(theme.zones)


def _make_steps(series: OccupancySeries) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """A point in the middle of every step; a step that stands alone between gaps as a short line."""
    middles = (series.edges_utc_s[:-1] + series.edges_utc_s[1:]) / 2
    known = ~np.isnan(series.people)
    alone = known & ~np.append(False, known[:-1]) & ~np.append(known[1:], False)
    if not alone.any():
        return middles, series.people
    times, people = [], []
    for index, (middle, value) in enumerate(zip(middles, series.people, strict=True)):
        if alone[index]:
            times += [series.edges_utc_s[index], series.edges_utc_s[index + 1]]
            people += [value, value]
        else:
            times.append(middle)
            people.append(value)
    return np.array(times), np.array(people)


def _describe(series: OccupancySeries) -> str:
    name = series.zone or tr("all cameras")
    if np.isnan(series.people).all():
        return tr("{name}: not observed", name=name)
    peak = format_number(float(np.nanmax(series.people)), decimals=1)
    return tr("{name}: at most {people} people", name=name, people=peak)
