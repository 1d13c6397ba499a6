"""Dwell times: key figures, distribution and zones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.arrays import Interval
from analytics.dwell.zone_figures import ZoneFigures
from analytics.results.content import CellKind
from analytics.results.zone_figures import DWELL_COLUMNS, MEAN_DWELL, MEAN_DWELL_RANGE, ZoneColumn
from app.dwell.dwell_figures import HistogramBar, ZoneDwell, count_by_length
from app.gui.charts.chart_axes import DurationAxis
from app.gui.charts.chart_legend import ChartLegend, LegendEntry, SwatchKind
from app.gui.charts.plot_chart import MIN_HEIGHT_PX, BarChart, PlotChart
from app.gui.dwell.dwell_tiles import (
    TileText,
    describe_notes,
    describe_pooled_zones,
    describe_tiles,
)
from app.gui.dwell.engagement_text import describe_certainty
from app.gui.dwell.model import DwellState
from app.gui.session.cell_text import ABSENT, format_duration, format_number
from app.gui.session.experts_view import is_experts_view
from app.gui.session.theme import Theme, current_theme
from app.gui.session.translation import Translated, display_name, join_sentences, tr
from app.gui.tables.figure_table import FigureTable
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import export_number
from app.gui.widgets.export_menu import Table
from app.gui.widgets.figure_list import FigureList, InfoButton
from app.gui.widgets.forms import set_style_property
from app.gui.widgets.layouts import Part, fill, make_card, make_label, make_row
from app.gui.widgets.scrolled_content import scroll_content

MEAN_COLUMN = DWELL_COLUMNS.index(MEAN_DWELL)


class ZoneTable(FigureTable[ZoneFigures]):
    """Dwell times by zone in the order of the plan; the name carries the zone's colour."""

    def __init__(self, parent: QObject | None = None) -> None:
        self._colours: dict[str, int] = {}
        super().__init__(DWELL_COLUMNS, parent, zone="name")

    def show_zones(self, zones: Sequence[ZoneDwell]) -> None:
        """Replace all rows."""
        self._colours = {zone.name: zone.colour for zone in zones}
        self.show([zone.figures for zone in zones])

    def find_colour(self, zone: ZoneFigures) -> int:
        return self._colours.get(zone.name, 0)

    def show_cell(self, column: ZoneColumn, zone: ZoneFigures) -> str:
        if column is MEAN_DWELL_RANGE:
            return format_interval(zone.mean_dwell_s.interval)
        return super().show_cell(column, zone)

    def export_cell(self, column: ZoneColumn, zone: ZoneFigures) -> str:
        """Return a number with three decimals, or an interval."""
        value, interval = column.read(zone), zone.mean_dwell_s.interval
        if column is MEAN_DWELL_RANGE:
            return "" if interval is None else f"{interval[0]:.1f}-{interval[1]:.1f}"
        if value is None or column.kind is CellKind.TEXT:
            return value or ""
        if column.kind is CellKind.SHARE:
            return f"{value:.4f}"
        return f"{round(value, 3):g}" if abs(value) < 1e5 else f"{value:.1f}"

    def sort_cell(self, column: ZoneColumn, zone: ZoneFigures) -> float | str | None:
        if column is MEAN_DWELL_RANGE:
            interval = zone.mean_dwell_s.interval
            return None if interval is None else interval[1] - interval[0]
        return super().sort_cell(column, zone)


def format_interval(interval: Interval | None) -> str:
    if interval is None:
        return ABSENT
    return f"{format_duration(interval[0])}–{format_duration(interval[1])}"


_LABEL_PX = 70
_BAR_WIDTH = 0.86


class DwellChart(BarChart):
    """Histogram of dwell times; emits the index of the chosen bar."""

    _bars: tuple[HistogramBar, ...]

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._median_s: float | None = None
        self.redraw()

    @property
    def bars(self) -> tuple[HistogramBar, ...]:
        return self._bars

    def show_bars(self, bars: Sequence[HistogramBar], *, median_s: float | None) -> None:
        """Draw a histogram; times in seconds."""
        self._bars, self._median_s, self._marked = tuple(bars), median_s, None
        self.redraw()

    def list_table(self) -> Table:
        titles = (tr("From (s)"), tr("To (s)"), tr("Complete visits"), tr("Incomplete visits"))
        return titles, [
            [
                export_number(bar.from_s, 6),
                "" if math.isinf(bar.to_s) else export_number(bar.to_s, 6),
                str(bar.complete),
                str(bar.censored),
            ]
            for bar in self._bars
        ]

    def find_target(self, number: int) -> int:
        return number

    def describe_bar(self, number: int) -> str:
        bar = self._bars[number]
        return tr(
            "{range}: {complete} complete visits, {censored} incomplete",
            range=self.describe_range(bar),
            complete=format_number(bar.complete),
            censored=format_number(bar.censored),
        )

    def describe_range(self, bar: HistogramBar) -> str:
        start = format_duration(bar.from_s)
        return f"≥ {start}" if math.isinf(bar.to_s) else f"{start}–{format_duration(bar.to_s)}"

    def draw(self, theme: Theme) -> None:
        self.setLabel("bottom", tr("Dwell time (m:ss)"))
        self.setLabel("left", tr("Visits"))
        self.setAccessibleName(
            tr("Distribution of dwell times; choose a bar with the arrow keys, list its visits with Enter")
        )
        count = len(self._bars)
        top = max((bar.complete + bar.censored for bar in self._bars), default=1)
        self.setRange(xRange=(0, max(count, 1)), yRange=(0, max(1, top) * 1.12), padding=0)
        self.getAxis("bottom").setTicks([self.make_labels()])
        self.getAxis("left").setStyle(maxTickLevel=0)
        if not count:
            return
        accent = QColor(theme.accent)
        pale = QColor(accent)
        pale.setAlphaF(0.22)
        x = [number + 0.5 for number in range(count)]
        complete = [bar.complete for bar in self._bars]
        censored = [bar.censored for bar in self._bars]
        if self._marked is not None:
            highlight = QColor(theme.text_muted)
            highlight.setAlphaF(0.25)
            self.add(
                pg.BarGraphItem(
                    x=[self._marked + 0.5],
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
        """Mark the last bar, which holds all longer visits, so that it does not look like a second peak."""
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

    def make_labels(self) -> list[tuple[float, str]]:
        count = len(self._bars)
        most = max(2, int(self.width() / _LABEL_PX))
        every = max(1, -(-count // most))
        return [
            (float(number), format_duration(self._bars[number].from_s)) for number in range(0, count, every)
        ]


_ROW_PX = 20
_FRAME_PX = 60
_NAME_PX = 130
_BOX = 0.62
_MIN_REACH_S = 10.0
_MARGIN = 1.05


class ZoneIntervalChart(PlotChart):
    """Dwell times by zone, one row each, the first at the top; unknown values are left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, bottom=DurationAxis("bottom"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._zones: tuple[ZoneDwell, ...] = ()
        self._reach_s = _MIN_REACH_S
        self.redraw()

    @property
    def zones(self) -> tuple[ZoneDwell, ...]:
        return self._zones

    @property
    def reach_s(self) -> float:
        """End of the axis, seconds; values beyond it end in an arrow."""
        return self._reach_s

    def show_zones(self, zones: Sequence[ZoneDwell]) -> None:
        if self._zones and self._zones == tuple(zones):
            return
        self._zones = tuple(zones)
        self._reach_s = find_reach_s(self._zones)
        self.setMinimumHeight(max(MIN_HEIGHT_PX, _FRAME_PX + _ROW_PX * len(self._zones)))
        self.redraw()

    def describe_zone(self, zone: ZoneDwell) -> str:
        return tr(
            "{zone}: mean {mean} ({interval}), median {median}",
            zone=display_name(zone.name),
            mean=format_duration(zone.figures.mean_dwell_s.value),
            interval=format_interval(zone.figures.mean_dwell_s.interval),
            median=format_duration(zone.figures.median_dwell_s.value),
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseMoveEvent(event)
        place = self.find_place(event.position())
        row = None if place is None else round(-place.y())
        is_row = row is not None and 0 <= row < len(self._zones)
        self.setToolTip(self.describe_zone(self._zones[row]) if is_row and row is not None else "")

    def draw(self, theme: Theme) -> None:
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
        labels = [
            f"{name}  {format_duration(zone.figures.mean_dwell_s.value)}"
            for name, zone in zip(names, self._zones, strict=True)
        ]
        axis.setTicks([[(-float(row), label) for row, label in enumerate(labels)]])
        axis.setWidth(max((metrics.horizontalAdvance(label) for label in labels), default=20.0) + 16)
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

    # one plot item per kind of mark, as hundreds of items are slow to create and remove

    def _draw_stays(self, theme: Theme) -> None:
        """Draw 10 to 90 % as lines, one item per colour, and the middle halves over them."""
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
            mean_s, interval = zone.figures.mean_dwell_s.value, zone.figures.mean_dwell_s.interval
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
        if x:
            self.add(pg.PlotCurveItem(x=x, y=y, pen=pen, antialias=True, connect="pairs"))


def rank_zones(zones: Sequence[ZoneDwell]) -> tuple[ZoneDwell, ...]:
    """Return zones by mean dwell time, the longest first; those without one last."""
    return tuple(sorted(zones, key=lambda zone: -(zone.figures.mean_dwell_s.value or 0.0)))


def find_reach_s(zones: Sequence[ZoneDwell]) -> float:
    """Return the end of the axis: the largest quantile or mean, as intervals would squeeze the rest."""
    reached = [_MIN_REACH_S]
    for zone in zones:
        known = (*zone.quantiles_s, zone.figures.mean_dwell_s.value)
        reached += [value for value in known if value is not None]
    return max(reached) * _MARGIN


class KeyFigureTile(QFrame):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._title = make_label("muted", wraps=True, parent=self)
        self._value = make_label("figure", parent=self)
        self._detail = make_label("small", wraps=True, parent=self)
        self._change = make_label("muted", wraps=True, parent=self)
        self._info = InfoButton(self)
        theme = current_theme()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space_m, theme.space_s, theme.space_m, theme.space_s)
        layout.setSpacing(2)
        layout.addLayout(fill(QHBoxLayout(), (self._title, 1), self._info, spacing=0))
        for label in (self._value, self._detail, self._change):
            layout.addWidget(label)
        layout.addStretch(1)

    @property
    def value(self) -> str:
        return self._value.text()

    @property
    def detail(self) -> str:
        return self._detail.text()

    @property
    def change(self) -> str:
        return self._change.text()

    def show_figure(self, text: TileText) -> None:
        self._title.setText(text.title)
        self._info.explain(tr("Definition: {name}", name=text.title), text.definition)
        self._value.setText(text.value)
        self._detail.setText(text.detail)
        self._change.setText(text.change)
        self._change.setVisible(bool(text.change))
        if self._change.property("role") != text.tone:
            set_style_property(self._change, "role", text.tone)
        self.setToolTip(text.explanation)
        self.setAccessibleName(tr("{name}: {value}", name=text.title, value=text.value))
        parts = (text.detail, text.change, text.explanation)
        self.setAccessibleDescription(". ".join(part for part in parts if part))


_TILES = 5
_MAX_ZONES_UNSCROLLED = 20
_CHART_PX = 230


class DwellDurationsView(Translated, QWidget):
    """Tab of dwell times; renders a `DwellState`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = DwellState()
        self._shown: ZoneDwell | None = None
        self._shown_zones: tuple[ZoneDwell, ...] = ()
        self.tiles = tuple(KeyFigureTile(self) for _ in range(_TILES))
        self._notes = make_label("small", wraps=True, parent=self)
        self.histogram = DwellChart(self)
        self.histogram.setMinimumHeight(_CHART_PX)
        self.boxes = ZoneIntervalChart(self)
        self.certainty = FigureList(self)
        self._legends = {name: ChartLegend(self) for name in ("histogram", "boxes")}
        self.zone_model = ZoneTable(self)
        self.zone_list = RecordList(self.zone_model, table_name="", parent=self)
        self.zone_list.table.sortByColumn(MEAN_COLUMN, Qt.SortOrder.DescendingOrder)
        self._titles = {name: QLabel(self) for name in ("histogram", "boxes", "certainty", "zones")}
        for label in self._titles.values():
            label.setProperty("role", "title")
        self._arrange()
        self.retranslate()

    def show_state(self, state: DwellState) -> None:
        """Show the figures of a state; charts with unchanged figures are not redrawn."""
        self._state = state
        for tile, text in zip(self.tiles, describe_tiles(state), strict=True):
            tile.show_figure(text)
            tile.setVisible(is_experts_view() or not text.is_expert)
        self._reliability.setVisible(is_experts_view())
        self._notes.setText(join_sentences(describe_notes(state)))
        self._notes.setToolTip(describe_pooled_zones(state))
        self._show_certainty()
        if state.shown is not self._shown:
            self._show_view(state)

    def retranslate(self) -> None:
        self._titles["histogram"].setText(tr("Distribution of dwell times"))
        self._titles["boxes"].setText(tr("Dwell times by zone"))
        self._titles["certainty"].setText(tr("Reliability"))
        self._titles["zones"].setText(tr("Zones"))
        self.zone_list.set_table_name(tr("Zones"))
        self.show_state(self._state)
        self._show_legends()

    def _recolour(self) -> None:
        if hasattr(self, "zone_list"):
            self._show_legends()

    def _arrange(self) -> None:
        theme = current_theme()
        tiles = make_row(spacing=theme.space_m)
        for tile in self.tiles:
            tiles.addWidget(tile, 1)
        grid = QGridLayout()
        grid.setSpacing(theme.space_m)
        grid.addWidget(self._make_card("boxes", self.boxes), 0, 0)
        grid.addWidget(self._make_card("histogram", self.histogram), 0, 1)
        grid.addWidget(self._make_card("zones", self.zone_list), 1, 0, 1, 2)
        self._reliability = self._make_card("certainty", self.certainty)
        grid.addWidget(self._reliability, 2, 0, 1, 2)
        for side in range(2):
            grid.setColumnStretch(side, 1)
        for row, weight in enumerate((4, 0, 3)):
            grid.setRowStretch(row, weight)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.space_s, 0)
        column.setSpacing(theme.space_m)
        fill(column, tiles, self._notes, (grid, 1))
        scroll_content(self, content)

    def _make_card(self, name: str, content: QWidget) -> QFrame:
        theme = current_theme()
        # figures stay at the top; a chart or table fills the rest
        body: list[Part] = [content, 1] if content is self.certainty else [(content, 1)]
        return make_card(
            self._titles[name],
            *((self._legends[name],) if name in self._legends else ()),
            *body,
            parent=self,
            spacing=theme.space_s,
            margins=theme.space_m,
        )

    def _show_view(self, state: DwellState) -> None:
        self._shown = shown = state.shown
        self.histogram.show_bars(
            () if shown is None else count_by_length(shown.complete, shown.cut),
            median_s=None if shown is None else shown.figures.median_dwell_s.value,
        )
        zones = () if shown is None else state.listed
        # they remain when another of them is selected
        if zones != self._shown_zones:
            self._shown_zones = zones
            self.boxes.show_zones(rank_zones(zones))
            self.zone_model.show_zones(zones)
            self.zone_list.fit_height_to_rows(_MAX_ZONES_UNSCROLLED)

    def _show_certainty(self) -> None:
        rows = describe_certainty(self._state)
        self.certainty.show_figures(
            tuple((row.name, row.value) for row in rows), tuple(row.definition for row in rows)
        )

    def _show_legends(self) -> None:
        theme = current_theme()
        self._legends["histogram"].show_entries(
            (
                LegendEntry(tr("complete visits"), theme.accent),
                LegendEntry(tr("incomplete: start or end not seen"), theme.accent, SwatchKind.HATCHED),
                LegendEntry(tr("median"), theme.warning, SwatchKind.DASHED),
            )
        )
        self._legends["boxes"].show_entries(
            (
                LegendEntry(tr("middle half, with the median"), theme.text_muted),
                LegendEntry(tr("10 to 90 %"), theme.text_muted, SwatchKind.LINE),
                LegendEntry(tr("mean with its likely range (95 %)"), theme.text, SwatchKind.DIAMOND),
            )
        )
