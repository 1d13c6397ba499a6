"""Survival curves of dwell times for up to three zones, with the numbers at risk below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsPathItem, QWidget

from app.dwell.dwell_figures import ZoneDwell
from app.gui.charts.chart_axes import DurationAxis
from app.gui.charts.plot_chart import CursorChart
from app.gui.session.cell_text import format_duration, format_number, format_share
from app.gui.session.theme import Theme
from app.gui.session.translation import display_name, tr
from app.gui.tables.record_table import export_number
from app.gui.widgets.export_menu import Table

_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_RISKS = 6
"""Columns of numbers at risk."""
_READINGS = 40
"""Steps of the arrow keys over the whole axis."""
_SHOWN_SHARE = 0.05
"""Survival share at which the axis ends, so that the longest visit does not squeeze the rest."""
_MIN_REACH_S = 10.0
_HEAD_ROOM = 1.06
_CHART_EDGES_PX = 62.0


class SurvivalChart(CursorChart):
    """Survival chart with marked medians and 90 % quantiles; pointer or arrow keys read values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, bottom=DurationAxis("bottom"))
        self._curves: tuple[ZoneDwell, ...] = ()
        self.redraw()

    @property
    def curves(self) -> tuple[ZoneDwell, ...]:
        return self._curves

    @property
    def reach_s(self) -> float:
        """End of the time axis, seconds."""
        ends = [_MIN_REACH_S]
        for entry in self._curves:
            few = np.flatnonzero(entry.curve.share <= _SHOWN_SHARE)
            ends.append(float(entry.curve.at_s[few[0] if len(few) else -1]))
        return max(ends)

    def show_curves(self, curves: Sequence[ZoneDwell]) -> None:
        self._curves, self._cursor = tuple(curves), None
        self.redraw()

    def list_table(self) -> Table:
        titles = (tr("Zone"), tr("Dwell (s)"), tr("Share"), tr("Lower limit"), tr("Upper limit"))
        return titles, [
            [entry.name, *(export_number(float(value), 5) for value in values)]
            for entry in self._curves
            for values in zip(
                entry.curve.at_s,
                entry.curve.share,
                entry.curve.low,
                entry.curve.high,
                strict=True,
            )
        ]

    def describe(self, at_s: float) -> str:
        """Return the shares of visits longer than a time, by zone."""
        lines = [tr("longer than {time}:", time=format_duration(at_s))]
        for entry in self._curves:
            curve = entry.curve
            if at_s > curve.at_s[-1]:
                lines.append(tr("{zone}: not known", zone=display_name(entry.name)))
                continue
            share, low, high = (
                float(np.interp(at_s, curve.at_s, values)) for values in (curve.share, curve.low, curve.high)
            )
            lines.append(
                tr(
                    "{zone}: {share} ({low} to {high}), {count} at risk",
                    zone=display_name(entry.name),
                    share=format_share(share),
                    low=format_share(low),
                    high=format_share(high),
                    count=format_number(curve.count_at_risk(at_s)),
                )
            )
        return "\n".join(lines)

    def _find_cursor(self, place: QPointF) -> float | None:
        return max(0.0, place.x()) if self._curves else None

    def _locate_cursor(self) -> float:
        return float(self._cursor)

    def _describe_cursor(self) -> str:
        return self.describe(self._cursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, step_s = event.key(), self.reach_s / _READINGS
        if key == Qt.Key.Key_Escape and self._cursor is not None:
            self._set_cursor(None)
        elif self._curves and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            before_s = self._cursor if self._cursor is not None else 0.0
            moved_s = before_s + (step_s if key == Qt.Key.Key_Right else -step_s)
            self._set_cursor(min(self.reach_s, max(0.0, moved_s)))
        else:
            event.ignore()

    def draw(self, theme: Theme) -> None:
        self.setLabel("bottom", tr("Dwell time (m:ss)"))
        self.setAccessibleName(tr("Share of visits that last longer; arrow keys move along the time"))
        self._draw_cursor()
        row = self._measure_row()
        self.setRange(
            xRange=(0.0, self.reach_s), yRange=(-row * (len(self._curves) + 0.3), _HEAD_ROOM), padding=0
        )
        ticks = [(share, format_share(share)) for share in _SHARES]
        if self._curves:
            ticks.append((-row * (len(self._curves) + 1) / 2, tr("at risk")))
        self.getAxis("left").setTicks([ticks])
        if not self._curves:
            return
        self._draw_guides(theme)
        colours = choose_colours(self._curves, theme)
        for number, (entry, colour) in enumerate(zip(self._curves, colours, strict=True)):
            self._draw_curve(entry, QColor(colour), theme)
            self._draw_risks(entry, -row * (number + 0.8), colour if len(colours) > 1 else theme.text)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if getattr(self, "_curves", ()) and event.size().height() != event.oldSize().height():
            self.redraw()

    def _measure_row(self) -> float:
        """Return the height of a row of numbers in units of the share axis."""
        line_px = QFontMetricsF(self.getAxis("bottom").style["tickFont"] or self.font()).height()
        rows_px = line_px * (len(self._curves) + 0.3)
        return float(line_px * _HEAD_ROOM / max(60.0, self.height() - _CHART_EDGES_PX - rows_px))

    def _draw_guides(self, theme: Theme) -> None:
        self.add(pg.InfiniteLine(pos=0.0, angle=0, pen=pg.mkPen(theme.border)))
        for share in (0.5, 0.1):
            self.add(
                pg.InfiniteLine(
                    pos=share, angle=0, pen=pg.mkPen(theme.border, width=1, style=Qt.PenStyle.DotLine)
                )
            )

    def _draw_curve(self, entry: ZoneDwell, colour: QColor, theme: Theme) -> None:
        curve = entry.curve
        x, share = np.append(0.0, curve.at_s), np.append(1.0, curve.share)
        pale = QColor(colour)
        pale.setAlphaF(0.16)
        # a path, as pyqtgraph's fill between two curves takes 10 ms for each of them
        band = np.isfinite(curve.low) & np.isfinite(curve.high)
        edge_s = np.append(curve.at_s[band], curve.at_s[band][::-1])
        edge = np.append(curve.low[band], curve.high[band][::-1])
        area = QGraphicsPathItem(pg.arrayToQPath(edge_s, edge))
        area.setPen(pg.mkPen(None))
        area.setBrush(pale)
        self.add(area)
        self.add(pg.PlotCurveItem(x=x, y=share, pen=pg.mkPen(colour, width=2.2), antialias=True))
        for at_s, level, symbol in (
            (entry.figures.median_dwell_s.value, 0.5, "o"),
            (entry.figures.p90_dwell_s, 0.1, "s"),
        ):
            if at_s is not None and at_s <= self.reach_s:
                self.add(
                    pg.ScatterPlotItem(
                        x=[at_s], y=[level], symbol=symbol, size=10,
                        brush=pg.mkBrush(colour), pen=pg.mkPen(theme.surface, width=1.5),
                    )
                )  # fmt: skip

    def _draw_risks(self, entry: ZoneDwell, y: float, colour: str) -> None:
        for column in range(_RISKS):
            at_s = self.reach_s * column / _RISKS
            text = pg.TextItem(
                format_number(entry.curve.count_at_risk(at_s)),
                color=colour,
                anchor=(0.0, 0.5),
            )
            text.setFont(self.getAxis("bottom").style["tickFont"])
            text.setPos(at_s, y)
            self.add(text)

    def _describe_all(self) -> str:
        marks = [
            tr(
                "{zone}: half stay longer than {median}, a tenth longer than {p90}",
                zone=display_name(entry.name),
                median=format_duration(entry.figures.median_dwell_s.value),
                p90=format_duration(entry.figures.p90_dwell_s),
            )
            for entry in self._curves
        ]
        return "; ".join(marks)


def choose_colours(curves: Sequence[ZoneDwell], theme: Theme) -> tuple[str, ...]:
    used: list[str] = []
    for entry in curves:
        own = theme.zones[entry.colour % len(theme.zones)]
        used.append(own if own not in used else next(free for free in theme.zones if free not in used))
    return tuple(used)
