"""Occupancy over time; unobserved times are gaps in the line on a hatched background."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QKeyEvent
from PySide6.QtWidgets import QWidget

from analytics.domain.clock import format_utc
from app.dwell.dwell_figures import OccupancySeries
from app.gui.charts.chart_axes import TimeOfDayAxis
from app.gui.charts.plot_chart import CursorChart
from app.gui.session.cell_text import format_number, format_period, format_times, is_one_day
from app.gui.session.theme import Theme
from app.gui.session.translation import display_name, tr
from app.gui.widgets.export_menu import Table

_KEYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class OccupancyChart(CursorChart):
    """Line chart, the whole floor thickest; the pointer or the arrow keys read values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._time_axis = TimeOfDayAxis("bottom")
        super().__init__(parent, bottom=self._time_axis)
        self._series: tuple[OccupancySeries, ...] = ()
        self._time_zone = "UTC"
        self.redraw()

    @property
    def series(self) -> tuple[OccupancySeries, ...]:
        return self._series

    @property
    def curves(self) -> list[pg.PlotDataItem]:
        """The lines, in the order of the series."""
        return [item for item in self._items or () if isinstance(item, pg.PlotDataItem)]

    @property
    def span_utc_s(self) -> tuple[float, float]:
        first, last = self._find_observed_steps()
        edges = self._series[0].edges_utc_s
        return float(edges[first]), float(edges[last + 1])

    def show_series(self, series: Sequence[OccupancySeries], *, time_zone: str) -> None:
        self._series, self._time_zone, self._cursor = tuple(series), time_zone, None
        self._time_axis.set_time_zone(time_zone)
        self.redraw()

    def list_table(self) -> Table:
        edges = self._series[0].edges_utc_s if self._series else np.zeros(1)
        titles = (tr("Start (UTC)"), tr("End (UTC)"), *(_name(series) for series in self._series))
        return titles, [
            [
                format_utc(float(edges[step])),
                format_utc(float(edges[step + 1])),
                *(
                    "" if np.isnan(series.people[step]) else f"{float(series.people[step]):.3f}"
                    for series in self._series
                ),
            ]
            for step in range(len(edges) - 1)
        ]

    def describe_step(self, step: int, number: int) -> str:
        """Describe a step of a series: time, zone and number of people."""
        series = self._series[number]
        start_s, end_s = (float(edge) for edge in series.edges_utc_s[step : step + 2])
        is_short = is_one_day(*self.span_utc_s, time_zone=self._time_zone)
        time = (format_times if is_short else format_period)(start_s, end_s, time_zone=self._time_zone)
        name, people = _name(series), float(series.people[step])
        if np.isnan(people):
            return tr("{time}, {name}: not observed", time=time, name=name)
        return tr(
            "{time}, {name}: {people} people", time=time, name=name, people=format_number(people, decimals=1)
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key = Qt.Key(event.key())
        first, last = self._find_observed_steps()
        if key is Qt.Key.Key_Escape and self._cursor is not None:
            self._set_cursor(None)
        elif self._series and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            number = 0 if self._cursor is None else self._cursor[1]
            self._set_cursor((first if key is Qt.Key.Key_Home else last, number))
        elif self._series and key in _KEYS:
            later, further = _KEYS[key]
            step, number = self._cursor or (last + 1 if later < 0 else first - 1 if later else last, 0)
            self._set_cursor(
                (
                    min(last, max(first, step + later)),
                    min(len(self._series) - 1, max(0, number + (further if self._cursor else 0))),
                )
            )
        else:
            event.ignore()

    def draw(self, theme: Theme) -> None:
        self.setLabel("left", tr("People present"))
        self.setAccessibleName(tr("People over time; arrow keys move through time and zones"))
        self._draw_cursor()
        if not self._series:
            return
        peak = max((float(np.nanmax(s.people)) for s in self._series if not np.isnan(s.people).all()),
                   default=0.0)  # fmt: skip
        top = max(1.0, peak) * 1.1
        self.setRange(xRange=self.span_utc_s, yRange=(0, top), padding=0)
        self._hatch_unobserved(self._series[0].edges_utc_s, top, theme)
        for series in self._series:
            self.add(self._make_curve(series, theme))

    def _find_observed_steps(self) -> tuple[int, int]:
        """Return the first and the last observed step; all steps if none is observed."""
        if not self._series:
            return 0, 0
        is_observed = np.any([~np.isnan(series.people) for series in self._series], axis=0)
        steps = np.flatnonzero(is_observed)
        return (int(steps[0]), int(steps[-1])) if len(steps) else (0, len(is_observed) - 1)

    def _find_cursor(self, place: QPointF) -> tuple[int, int] | None:
        if not self._series:
            return None
        edges = self._series[0].edges_utc_s
        step = int(np.clip(np.searchsorted(edges, place.x(), side="right") - 1, 0, len(edges) - 2))
        distances = np.abs([float(series.people[step]) - place.y() for series in self._series])
        return step, 0 if np.isnan(distances).all() else int(np.nanargmin(distances))

    def _locate_cursor(self) -> float:
        step, number = self._cursor
        return float(self._series[number].edges_utc_s[step : step + 2].mean())

    def _describe_cursor(self) -> str:
        return self.describe_step(*self._cursor)

    def _describe_all(self) -> str:
        return "; ".join(_describe(series) for series in self._series)

    def _mark_cursor(self, theme: Theme) -> list[Any]:
        step, number = self._cursor
        people = float(self._series[number].people[step])
        if np.isnan(people):
            return []
        return [
            pg.ScatterPlotItem(
                x=[self._locate_cursor()], y=[people], size=9, pen=pg.mkPen(theme.surface, width=1.5),
                brush=pg.mkBrush(zone_colour(self._series[number], theme)),
            )
        ]  # fmt: skip

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
        self.add(
            pg.BarGraphItem(
                x0=starts, x1=ends, y0=np.zeros(len(starts)), height=np.full(len(starts), top),
                brush=brush, pen=pg.mkPen(None),
            )
        )  # fmt: skip


def zone_colour(series: OccupancySeries, theme: Theme) -> str:
    return theme.text if series.zone is None else theme.zones[series.colour % len(theme.zones)]


def is_dashed(series: OccupancySeries, theme: Theme) -> bool:
    """Return whether a zone's line is dashed, because another zone has its colour."""
    return series.zone is not None and series.colour >= len(theme.zones)


def _make_steps(series: OccupancySeries) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return one point per step, at its middle; a single step between gaps becomes a short line."""
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


def _name(series: OccupancySeries) -> str:
    return tr("all cameras") if series.zone is None else display_name(series.zone)


def _describe(series: OccupancySeries) -> str:
    name = _name(series)
    if np.isnan(series.people).all():
        return tr("{name}: not observed", name=name)
    peak = format_number(float(np.nanmax(series.people)), decimals=1)
    return tr("{name}: at most {people} people", name=name, people=peak)
