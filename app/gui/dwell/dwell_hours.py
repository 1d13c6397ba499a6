"""Dwell times by hour of the day and by weekday, as bars and cells with their texts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QLocale, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.gui.canvas.heatmap_layer import interpolate_heat
from app.gui.charts.chart_legend import ChartLegend, LegendEntry, SwatchKind
from app.gui.charts.occupancy_chart import OccupancyChart, is_dashed, zone_colour
from app.gui.charts.plot_chart import BarChart
from app.gui.dwell.model import DwellState, Measure
from app.gui.session.cell_text import (
    ABSENT,
    format_duration,
    format_estimate,
    format_number,
    format_seconds,
)
from app.gui.session.theme import Theme, current_theme
from app.gui.session.translation import Translated, display_name, tr, trn
from app.gui.widgets.export_menu import Table
from app.gui.widgets.layouts import fill, make_card, make_label
from app.gui.widgets.page_tabs import PageTabs
from app.gui.widgets.scrolled_content import scroll_content

if TYPE_CHECKING:
    from analytics.metrics.clock_profile import ClockFigures, ClockProfile


@dataclass(frozen=True, slots=True)
class ClockBar:
    """A bar of an hour or a weekday.

    Attributes:
        cell: the hour or the weekday.
        value, low, high: None where nothing was observed or can be told.
        is_observed: otherwise its place is hatched.
    """

    cell: int
    label: str
    value: float | None
    low: float | None
    high: float | None
    is_observed: bool
    words: str


@dataclass(frozen=True, slots=True)
class ClockCell:
    """A cell of a weekday and an hour.

    Attributes:
        share: of the largest value, 0 to 1; None where nothing is known.
        text: the value, short.
        is_observed: otherwise it is hatched.
    """

    share: float | None
    text: str
    words: str
    is_observed: bool


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
        return self._bars[number].words

    def list_table(self) -> Table:
        def show(value: float | None) -> str:
            return "" if value is None else f"{value:.5g}"

        titles = ("", self._title, tr("Lower limit"), tr("Upper limit"))
        return titles, [[bar.label, show(bar.value), show(bar.low), show(bar.high)] for bar in self._bars]

    def find_target(self, number: int) -> int | None:
        return self._bars[number].cell if self._bars[number].is_observed else None

    def draw(self, theme: Theme) -> None:
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
        most = max(2, int(self.width() / _LABEL_PX))
        every = max(1, -(-len(self._bars) // most))
        return [(n + 0.5, bar.label) for n, bar in enumerate(self._bars) if n % every == 0]


HOURS, WEEKDAYS = 24, 7
_MINUTE_S = 60.0


def describe_measure(measure: Measure) -> str:
    return {
        Measure.MEAN_DWELL: tr("Mean dwell"),
        Measure.VISITS: tr("Visits"),
        Measure.PEOPLE: tr("People"),
    }[measure]


def name_axis(measure: Measure) -> str:
    return {
        Measure.MEAN_DWELL: tr("Mean dwell (m:ss)"),
        Measure.VISITS: tr("Visits per observed hour"),
        Measure.PEOPLE: tr("People present, mean"),
    }[measure]


def define_measure(measure: Measure) -> str:
    return {
        Measure.MEAN_DWELL: tr("Total time of the visits that began, divided by their number."),
        Measure.VISITS: tr("Visits that began, per observed hour."),
        Measure.PEOPLE: tr("People inside the outline, weighted by time."),
    }[measure]


def name_weekday(weekday: int, *, is_short: bool = True) -> str:
    """Return the name of a weekday, 0 for Monday."""
    length = QLocale.FormatType.ShortFormat if is_short else QLocale.FormatType.LongFormat
    return QLocale().standaloneDayName(weekday + 1, length)


def name_hour(hour: int) -> str:
    return f"{hour:02d}:00–{hour + 1:02d}:00"


def list_hours(state: DwellState) -> tuple[int, ...]:
    if state.shown is None:
        return ()
    seen = [hour for hour in range(HOURS) if state.shown.by_hour.observed_s[hour] > 0]
    return tuple(range(seen[0], seen[-1] + 1)) if seen else ()


def describe_hours(state: DwellState) -> tuple[ClockBar, ...]:
    if state.shown is None:
        return ()
    profile = state.shown.by_hour
    return tuple(
        _make_bar(profile, hour, state.measure, label=f"{hour:02d}", name=name_hour(hour))
        for hour in list_hours(state)
    )


def describe_weekdays(state: DwellState) -> tuple[ClockBar, ...]:
    """Return one bar per weekday; none if only one was observed."""
    if state.shown is None or state.analysis is None or state.analysis.weekdays < 2:
        return ()
    profile = state.shown.by_weekday
    return tuple(
        _make_bar(
            profile,
            weekday,
            state.measure,
            label=name_weekday(weekday),
            name=name_weekday(weekday, is_short=False),
        )
        for weekday in range(WEEKDAYS)
    )


def describe_cells(state: DwellState) -> dict[tuple[int, int], ClockCell]:
    """Return weekday-by-hour cells coloured from zero to the maximum; none for a single weekday."""
    if state.shown is None or state.analysis is None or state.analysis.weekdays < 2:
        return {}
    profile = state.shown.by_both
    figures = _choose(profile, state.measure)
    known = [value for value in figures.value.tolist() if math.isfinite(value)]
    top = max(known, default=0.0)
    cells = {}
    for weekday in range(WEEKDAYS):
        for hour in list_hours(state):
            cell = weekday * HOURS + hour
            value = _read(figures.value[cell])
            name = tr(
                "{weekday}, {hour}", weekday=name_weekday(weekday, is_short=False), hour=name_hour(hour)
            )
            cells[weekday, hour] = ClockCell(
                share=None if value is None or top <= 0 else value / top,
                text=_format_short(value, state.measure),
                words=_describe(profile, cell, state.measure, name),
                is_observed=profile.observed_s[cell] > 0,
            )
    return cells


def _make_bar(profile: ClockProfile, cell: int, measure: Measure, *, label: str, name: str) -> ClockBar:
    figures = _choose(profile, measure)
    return ClockBar(
        cell=cell,
        label=label,
        value=_read(figures.value[cell]),
        low=_read(figures.low[cell]),
        high=_read(figures.high[cell]),
        is_observed=profile.observed_s[cell] > 0,
        words=_describe(profile, cell, measure, name),
    )


def _describe(profile: ClockProfile, cell: int, measure: Measure, name: str) -> str:
    if profile.observed_s[cell] <= 0:
        return tr("{name}: not observed", name=name)
    figures = _choose(profile, measure)
    value, low, high = (_read(part[cell]) for part in (figures.value, figures.low, figures.high))
    words = _format(value, measure)
    if low is not None and high is not None:
        words = format_estimate(words, _format(low, measure), _format(high, measure))
    visits = int(profile.visits[cell])
    return tr(
        "{name}: {measure} {value}; {visits}; observed for {minutes} min",
        name=name,
        measure=name_axis(measure) if measure is not Measure.MEAN_DWELL else describe_measure(measure),
        value=words,
        visits=trn("{count} visit began", "{count} visits began", visits, count=format_number(visits)),
        minutes=format_number(profile.observed_s[cell] / _MINUTE_S),
    )


def _choose(profile: ClockProfile, measure: Measure) -> ClockFigures:
    return {
        Measure.MEAN_DWELL: profile.mean_dwell_s,
        Measure.VISITS: profile.visits_per_h,
        Measure.PEOPLE: profile.people,
    }[measure]


def _read(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _format(value: float | None, measure: Measure) -> str:
    if measure is Measure.MEAN_DWELL:
        return format_seconds(value)
    return format_number(value, decimals=0 if value is not None and value >= 100 else 1)


def _format_short(value: float | None, measure: Measure) -> str:
    if value is None:
        return ABSENT
    if measure is Measure.MEAN_DWELL:
        return format_duration(value)
    return format_number(value, decimals=0 if value >= 10 else 1)


_ROW_PX = 26
_HEAD_PX = 22
_GAP_PX = 2.0
_MIN_CELL_PX = 34
_INK_LIGHT, _INK_DARK = "#ffffff", "#182230"
_LIGHT_ABOVE = 140
_FAINTEST = 0.3
"""Minimum position on the heat scale, whose lowest part is transparent for maps."""
Place = tuple[int, int]


class ClockTable(QWidget):
    """Table of weekdays and hours; cells can be chosen by mouse, or by arrow keys and Enter."""

    cell_chosen = Signal(int, int)
    """Weekday (0 for Monday) and hour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._cells: Mapping[Place, ClockCell] = {}
        self._weekdays: tuple[tuple[int, str], ...] = ()
        self._hours: tuple[tuple[int, str], ...] = ()
        self._marked: Place | None = None

    @property
    def cells(self) -> Mapping[Place, ClockCell]:
        return self._cells

    def show_cells(
        self,
        cells: Mapping[Place, ClockCell],
        *,
        weekdays: Sequence[tuple[int, str]],
        hours: Sequence[tuple[int, str]],
    ) -> None:
        self._cells, self._weekdays, self._hours = dict(cells), tuple(weekdays), tuple(hours)
        if self._marked not in self._cells:
            self._marked = None
        self._announce()
        self.updateGeometry()
        self.update()

    def cell_centre(self, weekday: int, hour: int) -> QPointF:
        """Return the centre of a cell in widget pixels."""
        return self._find_rect((weekday, hour)).center()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(480, _HEAD_PX + _ROW_PX * max(1, len(self._weekdays)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        key = Qt.Key(event.key())
        if key in moves and self._cells:
            rows, columns = [day for day, _ in self._weekdays], [hour for hour, _ in self._hours]
            if self._marked is None:
                self._mark((rows[0], columns[0]))
                return
            down, right = moves[key]
            row = min(len(rows) - 1, max(0, rows.index(self._marked[0]) + down))
            column = min(len(columns) - 1, max(0, columns.index(self._marked[1]) + right))
            self._mark((rows[row], columns[column]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._marked is not None:
            self._choose(self._marked)
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = self._find_place(event.position())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self._mark(place)
            self._choose(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = self._find_place(event.position())
        self.setToolTip("" if place is None else self._cells[place].words)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPointSizeF(theme.font_small_pt)
        painter.setFont(font)
        self._draw_names(painter)
        for place, cell in self._cells.items():
            rect = self._find_rect(place)
            if cell.share is None:
                if not cell.is_observed:
                    painter.fillRect(rect, QBrush(QColor(theme.border), Qt.BrushStyle.BDiagPattern))
                continue
            colour = interpolate_heat(_FAINTEST + (1 - _FAINTEST) * cell.share)
            colour.setAlpha(255)
            painter.fillRect(rect, colour)
            if rect.width() >= _MIN_CELL_PX:
                is_light = colour.lightnessF() * 255 > _LIGHT_ABOVE or colour.green() > _LIGHT_ABOVE
                painter.setPen(QColor(_INK_DARK if is_light else _INK_LIGHT))
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, cell.text)
        self._draw_mark(painter)
        painter.end()

    def _draw_names(self, painter: QPainter) -> None:
        painter.setPen(QColor(current_theme().text_muted))
        names_px = self._measure_names()
        for row, (_, name) in enumerate(self._weekdays):
            place = QRectF(0, _HEAD_PX + row * _ROW_PX, names_px - 8, _ROW_PX)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, name)
        width = self._measure_cell()
        every = max(1, -(-44 // max(1, int(width))))
        for column, (_, name) in enumerate(self._hours):
            if column % every == 0:
                place = QRectF(names_px + column * width, 0, max(width, 44.0), _HEAD_PX)
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)

    def _draw_mark(self, painter: QPainter) -> None:
        theme = current_theme()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._marked is not None:
            painter.setPen(QPen(QColor(theme.text), 2))
            painter.drawRect(self._find_rect(self._marked))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _measure_names(self) -> float:
        return 16.0 + max(
            (self.fontMetrics().horizontalAdvance(name) for _, name in self._weekdays), default=0
        )

    def _measure_cell(self) -> float:
        return max(1.0, (self.width() - self._measure_names() - 4.0) / max(1, len(self._hours)))

    def _find_rect(self, place: Place) -> QRectF:
        row = [day for day, _ in self._weekdays].index(place[0])
        column = [hour for hour, _ in self._hours].index(place[1])
        width = self._measure_cell()
        return QRectF(
            self._measure_names() + column * width,
            _HEAD_PX + row * _ROW_PX,
            width - _GAP_PX,
            _ROW_PX - _GAP_PX,
        )

    def _find_place(self, position: QPointF) -> Place | None:
        return next((place for place in self._cells if self._find_rect(place).contains(position)), None)

    def _choose(self, place: Place) -> None:
        if self._cells[place].is_observed:
            self.cell_chosen.emit(*place)

    def _mark(self, place: Place) -> None:
        self._marked = place
        self._announce()
        self.update()

    def _announce(self) -> None:
        self.setAccessibleDescription("" if self._marked is None else self._cells[self._marked].words)


_MEASURES = tuple(Measure)


class DwellHoursView(Translated, QWidget):
    """Tab of hours and weekdays; renders a `DwellState`."""

    measure_chosen = Signal(object)
    hour_chosen = Signal(int)
    weekday_chosen = Signal(int)
    cell_chosen = Signal(int, int)
    """Weekday and hour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = DwellState()
        self._shown: tuple[object, ...] = ()
        self.measures = PageTabs(len(_MEASURES), self)
        self.measures.tab_chosen.connect(lambda number: self.measure_chosen.emit(_MEASURES[number]))
        self._definition = make_label("small", wraps=True, parent=self)
        self.hours, self.weekdays, self.table = ClockChart(self), ClockChart(self), ClockTable(self)
        self.hours.bar_chosen.connect(self.hour_chosen)
        self.weekdays.bar_chosen.connect(self.weekday_chosen)
        self.table.cell_chosen.connect(self.cell_chosen)
        self.occupancy = OccupancyChart(self)
        self._legend, self._occupancy_legend = ChartLegend(self), ChartLegend(self)
        self._titles = {name: QLabel(self) for name in ("hours", "weekdays", "table", "occupancy")}
        for label in self._titles.values():
            label.setProperty("role", "title")
        self._weekdays_card = self._make_card("weekdays", self.weekdays)
        self._table_card = self._make_card("table", self.table)
        self._arrange()
        self.retranslate()

    def show_state(self, state: DwellState) -> None:
        """Show the figures of a state; unchanged parts are not redrawn."""
        self._state = state
        self.measures.buttons[_MEASURES.index(state.measure)].setChecked(True)
        shown = (state.shown, state.measure, state.time_zone)
        if shown == self._shown:
            return
        is_other_period = not self._shown or self._shown[0] is not state.shown
        self._shown = shown
        self._show_clock()
        if is_other_period:
            others = state.zones if state.zone is None else ()
            zones = () if state.shown is None else (state.shown, *others)
            self.occupancy.show_series([zone.people for zone in zones], time_zone=state.time_zone)
            self._show_legends()

    def retranslate(self) -> None:
        self._titles["hours"].setText(tr("By hour of the day"))
        self._titles["weekdays"].setText(tr("By weekday"))
        self._titles["table"].setText(tr("Weekday and hour"))
        self._titles["occupancy"].setText(tr("People over time"))
        self.measures.name_tabs([describe_measure(measure) for measure in _MEASURES])
        self.table.setAccessibleName(
            tr("Weekday and hour; move with the arrow keys, list the visits with Enter")
        )
        self._show_clock()
        self._show_legends()

    def _recolour(self) -> None:
        if hasattr(self, "_table_card"):
            self._show_legends()

    def _arrange(self) -> None:
        theme = current_theme()
        head = QHBoxLayout()
        head.addWidget(self.measures)
        head.addSpacing(theme.space_m)
        head.addWidget(self._definition, 1)
        days = fill(QHBoxLayout(), (self._weekdays_card, 2), (self._table_card, 3), spacing=theme.space_m)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.space_s, 0)
        column.setSpacing(theme.space_m)
        column.addLayout(head)
        column.addWidget(self._make_card("hours", self.hours, self._legend), 3)
        column.addLayout(days, 2)
        column.addWidget(self._make_card("occupancy", self.occupancy, self._occupancy_legend), 3)
        scroll_content(self, content)

    def _make_card(self, title: str, content: QWidget, legend: ChartLegend | None = None) -> QFrame:
        theme = current_theme()
        is_fixed = content.sizePolicy().verticalPolicy() is QSizePolicy.Policy.Fixed
        return make_card(
            self._titles[title],
            *(() if legend is None else (legend,)),
            (content, 1),
            *((1,) if is_fixed else ()),
            parent=self,
            spacing=theme.space_s,
            margins=theme.space_m,
        )

    def _show_clock(self) -> None:
        state = self._state
        self._definition.setText(define_measure(state.measure))
        is_duration = state.measure is Measure.MEAN_DWELL
        title = name_axis(state.measure)
        self.hours.show_bars(
            describe_hours(state),
            title=title,
            name=tr("By hour of the day; choose a bar with the arrow keys, list its visits with Enter"),
            is_duration=is_duration,
        )
        weekdays = describe_weekdays(state)
        self.weekdays.show_bars(
            weekdays,
            title=title,
            name=tr("By weekday; choose a bar with the arrow keys, list its visits with Enter"),
            is_duration=is_duration,
        )
        self.table.show_cells(
            describe_cells(state),
            weekdays=[(weekday, name_weekday(weekday)) for weekday in range(WEEKDAYS)] if weekdays else (),
            hours=[(hour, f"{hour:02d}") for hour in list_hours(state)],
        )
        for card in (self._weekdays_card, self._table_card):
            card.setVisible(bool(weekdays))

    def _show_legends(self) -> None:
        theme = current_theme()
        unseen = LegendEntry(tr("not observed"), theme.text_muted, SwatchKind.HATCHED)
        self._legend.show_entries(
            (
                LegendEntry(tr("value"), theme.accent),
                LegendEntry(tr("likely range (95 %)"), theme.text, SwatchKind.LINE),
                unseen,
            )
        )
        entries = [
            LegendEntry(
                tr("all cameras") if series.zone is None else display_name(series.zone),
                zone_colour(series, theme),
                SwatchKind.DASHED if is_dashed(series, theme) else SwatchKind.LINE,
            )
            for series in self.occupancy.series
        ]
        self._occupancy_legend.show_entries([*entries, unseen])
