"""The dwell page by hour of the day and by weekday."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.gui.theme import current_theme
from app.gui.translation import display_name, tr
from app.gui.viewmodels.dwell_dashboard import DwellState, Measure
from app.gui.viewmodels.dwell_hour_words import (
    WEEKDAYS,
    define_measure,
    describe_cells,
    describe_hours,
    describe_weekdays,
    list_hours,
    name_axis,
    name_measure,
    name_weekday,
)
from app.gui.widgets.chart_legend import ChartLegend, LegendEntry, SwatchKind
from app.gui.widgets.clock_chart import ClockChart
from app.gui.widgets.clock_table import ClockTable
from app.gui.widgets.occupancy_chart import OccupancyChart, is_dashed, zone_colour
from app.gui.widgets.page_tabs import PageTabs
from app.gui.widgets.scrolled_content import scroll_content

_MEASURES = tuple(Measure)


class DwellHoursView(QWidget):
    """Shows a `DwellState`."""

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
        self._definition = QLabel(self)
        self._definition.setProperty("role", "small")
        self._definition.setWordWrap(True)
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
        """Show the figures of a state; what is the same is left as it is."""
        self._state = state
        view = state.view
        self.measures.buttons[_MEASURES.index(state.measure)].setChecked(True)
        shown = (view, state.measure, state.time_zone)
        if shown == self._shown:
            return
        is_other_view = not self._shown or self._shown[0] is not view
        self._shown = shown
        self._show_clock()
        if is_other_view:
            self.occupancy.show_series(() if view is None else view.occupancy, time_zone=state.time_zone)
            self._show_legends()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._titles["hours"].setText(tr("By hour of the day"))
        self._titles["weekdays"].setText(tr("By weekday"))
        self._titles["table"].setText(tr("Weekday and hour"))
        self._titles["occupancy"].setText(tr("People over time"))
        self.measures.name_tabs([name_measure(measure) for measure in _MEASURES])
        self.table.setAccessibleName(tr("Weekday and hour; arrow keys move, Enter lists the visits"))
        self._show_clock()
        self._show_legends()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() is QEvent.Type.PaletteChange and hasattr(self, "_table_card"):
            self._show_legends()
        super().changeEvent(event)

    def _arrange(self) -> None:
        theme = current_theme()
        head = QHBoxLayout()
        head.addWidget(self.measures)
        head.addSpacing(theme.space_m)
        head.addWidget(self._definition, 1)
        days = QHBoxLayout()
        days.setSpacing(theme.space_m)
        days.addWidget(self._weekdays_card, 2)
        days.addWidget(self._table_card, 3)
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
        card = QFrame(self)
        card.setProperty("role", "card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        layout.setSpacing(theme.space_s)
        layout.addWidget(self._titles[title])
        if legend is not None:
            layout.addWidget(legend)
        layout.addWidget(content, 1)
        if content.sizePolicy().verticalPolicy() is QSizePolicy.Policy.Fixed:
            layout.addStretch(1)
        return card

    def _show_clock(self) -> None:
        state = self._state
        self._definition.setText(define_measure(state.measure))
        is_duration = state.measure is Measure.MEAN_DWELL
        title = name_axis(state.measure)
        self.hours.show_bars(
            describe_hours(state),
            title=title,
            name=tr("By hour of the day; arrow keys choose a bar, Enter lists its visits"),
            is_duration=is_duration,
        )
        weekdays = describe_weekdays(state)
        self.weekdays.show_bars(
            weekdays,
            title=title,
            name=tr("By weekday; arrow keys choose a bar, Enter lists its visits"),
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
                LegendEntry(tr("95 % interval"), theme.text, SwatchKind.LINE),
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
