"""Show the page Timeline: events, notes and shifts, and their effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.arrays import Interval
from analytics.domain.errors import fill_template
from analytics.domain.exhibition import Exhibition
from analytics.domain.external_count import CountKind
from analytics.domain.staff_shift import MAX_STAFF, StaffShift
from analytics.domain.timed_event import EventKind, TimedEvent, TimedNote
from app.access.roles import Permission
from app.core.view_link import LinkPart, LinkTarget, ViewLink
from app.dwell.dwell_figures import OccupancySeries
from app.gui.charts.chart_legend import ChartLegend, LegendEntry, SwatchKind
from app.gui.charts.occupancy_chart import OccupancyChart, zone_colour
from app.gui.session.permissions import require_permission
from app.gui.session.theme import Theme, current_theme
from app.gui.session.translation import display_name, join_sentences, tr
from app.gui.tables.figures_page import FiguresPage
from app.gui.tables.record_list import RecordList
from app.gui.timeline.model import TimelineState, TimelineViewModel
from app.gui.timeline.timeline_tables import (
    ConversionTable,
    EffectTable,
    EventTable,
    ShiftTable,
    name_count,
    name_kind,
    name_zone,
)
from app.gui.widgets.date_time_field import DateTimeField
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.form_dialog import FormDialog, Submit, make_choice, make_number_field, make_text_field
from app.gui.widgets.layouts import bind_key, fill, make_card, make_splitter, name_button, open_dialog
from app.gui.widgets.page_tabs import PageTabs
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.text_table import TextTable
from app.gui.widgets.work_row import JobRow
from app.timeline.counts_file import CountColumns, CountsPreview
from app.timeline.edit_timeline import MAX_FOLLOWING_DAYS, repeat_daily

_EVENT_S, _SHIFT_S = 1800.0, 8 * 3600.0
"""Seconds that a new event and a new shift take by default."""
_LENGTHS_S = (60.0, 900.0, 1800.0, 3600.0, 86_400.0)


class EventDialog(FormDialog):
    """A dialog to enter an event; it is validated when written."""

    def __init__(
        self,
        exhibition: Exhibition,
        zones: Sequence[str],
        *,
        start_s: float,
        event: TimedEvent | None = None,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Event") if event is None else tr("Edit event"), submit=submit, parent=parent)
        shown = event or TimedEvent("", start_s, start_s + _EVENT_S)
        self.name = self.add("name", tr("Name"), make_text_field(shown.name), is_needed=True)
        self.kind = self.add(
            "kind", tr("Kind"), make_choice(((kind, name_kind(kind)) for kind in EventKind), shown.kind)
        )
        self.start = self.add("start_s", tr("Start (venue time)"), _make_time(shown.start_s, exhibition))
        self.end = self.add("end_s", tr("End (venue time)"), _make_time(shown.end_s, exhibition))
        self.zone = self.add("zone", tr("Zone"), _make_zones((None, *zones), shown.zone))

    @property
    def event_entered(self) -> TimedEvent:
        return TimedEvent(**self.values | {"kind": EventKind(self.values["kind"])})


class NoteDialog(FormDialog):
    def __init__(
        self,
        exhibition: Exhibition,
        *,
        at_s: float,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Note"), submit=submit, parent=parent)
        self.moment = self.add("at_s", tr("Time (venue time)"), _make_time(at_s, exhibition))
        self.text = self.add("text", tr("Note"), make_text_field(), is_needed=True)

    @property
    def note_entered(self) -> TimedNote:
        return TimedNote(**self.values)


class ShiftDialog(FormDialog):
    """A dialog to enter a shift; ``shifts_entered`` includes its repetitions, and is validated when
    written.
    """

    def __init__(
        self,
        exhibition: Exhibition,
        zones: Sequence[str],
        *,
        start_s: float,
        shift: StaffShift | None = None,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Shift") if shift is None else tr("Edit shift"), submit=submit, parent=parent)
        self._exhibition = exhibition
        known = list(dict.fromkeys([*zones, *([] if shift is None else [shift.zone])]))
        shown = shift or StaffShift(known[0] if known else "", start_s, start_s + _SHIFT_S, 1.0)
        self.zone = self.add("zone", tr("Zone"), _make_zones(known, shown.zone))
        self.people = self.add(
            "people",
            tr("Number of staff"),
            make_number_field(shown.people, minimum=0.0, maximum=float(MAX_STAFF), decimals=1),
        )
        self.start = self.add("start_s", tr("Start (venue time)"), _make_time(shown.start_s, exhibition))
        self.end = self.add("end_s", tr("End (venue time)"), _make_time(shown.end_s, exhibition))
        self.following = self.add(
            "following",
            tr("Repeat on the following days"),
            make_number_field(0, minimum=0.0, maximum=float(MAX_FOLLOWING_DAYS)),
        )
        self.show_row("following", shift is None)
        self.add_note(tr("Several shifts of a zone at the same time add up."))

    @property
    def shifts_entered(self) -> tuple[StaffShift, ...]:
        values = self.values
        days = values.pop("following", 0)
        return repeat_daily(StaffShift(**values), days, exhibition=self._exhibition)


class CountsDialog(FormDialog):
    """A dialog to choose the columns of a file; columns that may identify people are not offered."""

    def __init__(
        self,
        preview: CountsPreview,
        zones: Sequence[str],
        *,
        name: str,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Import counts"), accept=tr("Import"), width_px=640, submit=submit, parent=parent)
        self.resize(640, 480)
        guess = preview.guess
        lengths = (tr("a minute"), tr("a quarter of an hour"), tr("half an hour"), tr("an hour"), tr("a day"))

        def add_column(field: str, label: str, none: str | None) -> QComboBox:
            columns = [(column, column) for column in preview.columns]
            entries = columns if none is None else [(None, none), *columns]
            return self.add(field, label, make_choice(entries, guess and getattr(guess, field)))

        self.name = self.add("name", tr("Name of the source"), make_text_field(name), is_needed=True)
        self.kind = self.add(
            "kind", tr("Kind of count"), make_choice((kind, name_count(kind)) for kind in CountKind)
        )
        self.time = add_column("time", tr("Time column"), None)
        self.length = self.add(
            "length_s", tr("Each row covers"), make_choice(zip(_LENGTHS_S, lengths, strict=True), 3600.0)
        )
        self.count = add_column("count", tr("Number column"), tr("none (each row counts as one)"))
        self.zone = add_column("zone", tr("Zone column"), tr("none"))
        self.fixed_zone = self.add("fixed_zone", tr("Zone for all rows"), _make_zones((None, *zones), None))
        self.amount = add_column("amount", tr("Amount column"), tr("none"))
        if preview.personal:
            self.add_note(
                tr(
                    "Never read, because they may identify people: {columns}.",
                    columns=", ".join(preview.personal),
                )
            )
        table = TextTable(len(preview.columns), is_selectable=False)
        table.setHorizontalHeaderLabels(preview.columns)
        table.show_rows(preview.rows)
        table.setAccessibleName(tr("The first rows"))
        self.add_part(table, stretch=1)

    @property
    def columns_chosen(self) -> CountColumns:
        return CountColumns(
            **{name: value for name, value in self.values.items() if name not in ("name", "kind")}
        )

    @property
    def kind_chosen(self) -> CountKind:
        return CountKind(self.kind.currentData())


def _make_time(time_s: float, exhibition: Exhibition) -> DateTimeField:
    return DateTimeField(time_utc_s=time_s, exhibition=exhibition)


def _make_zones(zones: Sequence[str | None], chosen: str | None) -> QComboBox:
    return make_choice(((zone, name_zone(zone)) for zone in zones), chosen)


_LANE_SHARE = 0.11
_BAR_SHARE = 0.8
_LONG_BAR_SHARE = 0.15
"""Part of the shown time from which a bar is wide enough for its name."""
_MAX_LANES = 5
KIND_COLOURS = {EventKind.TALK: 0, EventKind.CAMPAIGN: 1, EventKind.BREAK: 5, EventKind.OTHER: 7}
"""Index into the theme's zone colours."""


class TimelineChart(OccupancyChart):
    """A chart whose bars select events on click; the keyboard uses the list beside it."""

    event_chosen = Signal(object)
    """The clicked `TimedEvent`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._events: tuple[TimedEvent, ...] = ()
        self._notes: tuple[TimedNote, ...] = ()
        self._open_s: tuple[Interval, ...] = ()
        self._chosen: TimedEvent | None = None
        super().__init__(parent)

    def show_entries(
        self,
        events: Sequence[TimedEvent],
        notes: Sequence[TimedNote],
        open_s: Sequence[Interval],
        *,
        chosen: TimedEvent | None,
    ) -> None:
        self._events, self._notes = tuple(events), tuple(notes)
        self._open_s, self._chosen = tuple(open_s), chosen

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseReleaseEvent(event)
        place = self.find_place(event.position())
        if place is None:
            return
        for timed_event, (low, high) in self._place_bars().items():
            if timed_event.start_s <= place.x() <= timed_event.end_s and low <= place.y() <= high:
                self.event_chosen.emit(timed_event)
                return

    def draw(self, theme: Theme) -> None:
        super().draw(theme)
        if not self.series:
            return
        (left, right), (_, top) = self.getPlotItem().getViewBox().viewRange()
        lanes = min(_MAX_LANES, max(_find_lanes(self._events).values(), default=-1) + 1)
        self._top = top
        self.setRange(xRange=(left, right), yRange=(0, top * (1 + _LANE_SHARE * (lanes + 0.5))), padding=0)
        for opens, closes in self._open_s:
            for moment in (opens, closes):
                self.add(
                    pg.InfiniteLine(
                        pos=moment, angle=90, pen=pg.mkPen(theme.border, style=Qt.PenStyle.DashLine)
                    )
                )
        for timed_event, (low, high) in self._place_bars().items():
            self._draw_event(timed_event, low, high, theme)
        for note in self._notes:
            words = display_name(note.text)
            self.add(
                pg.ScatterPlotItem(
                    x=[note.at_s], y=[top * 0.98], symbol="t", size=11, brush=pg.mkBrush(theme.warning),
                    pen=pg.mkPen(theme.surface), tip=lambda *_a, text=words, **_k: text, hoverable=True,
                )
            )  # fmt: skip

    def _draw_event(self, timed_event: TimedEvent, low: float, high: float, theme: Theme) -> None:
        colour = QColor(theme.zones[KIND_COLOURS[timed_event.kind] % len(theme.zones)])
        fill = QColor(colour)
        fill.setAlpha(200 if timed_event == self._chosen else 110)
        self.add(
            pg.BarGraphItem(
                x0=[timed_event.start_s], x1=[timed_event.end_s], y0=[low], height=[high - low], brush=fill,
                pen=pg.mkPen(colour, width=2.4 if timed_event == self._chosen else 1),
            )
        )  # fmt: skip
        shade = QColor(colour)
        shade.setAlpha(40 if timed_event == self._chosen else 16)
        self.add(
            pg.BarGraphItem(
                x0=[timed_event.start_s], x1=[timed_event.end_s], y0=[0.0], height=[low], brush=shade,
                pen=pg.mkPen(None),
            )
        )  # fmt: skip
        left, right = self.getPlotItem().getViewBox().viewRange()[0]
        at_s, anchor = timed_event.start_s, 0.0
        # beside a bar that is shorter than most names
        if timed_event.end_s - timed_event.start_s < _LONG_BAR_SHARE * (right - left):
            is_late = timed_event.end_s > right - _LONG_BAR_SHARE * (right - left)
            at_s, anchor = (at_s, 1.0) if is_late else (timed_event.end_s, 0.0)
        text = pg.TextItem(display_name(timed_event.name), color=theme.text, anchor=(anchor, 0.5))
        text.setFont(self.getAxis("bottom").style["tickFont"])
        text.setPos(at_s, (low + high) / 2)
        self.add(text)

    def _place_bars(self) -> dict[TimedEvent, tuple[float, float]]:
        top = getattr(self, "_top", 1.0)
        step = top * _LANE_SHARE
        return {
            timed_event: (top + step * (lane + 0.3), top + step * (lane + 0.3 + _BAR_SHARE))
            for timed_event, lane in _find_lanes(self._events).items()
            if lane < _MAX_LANES
        }


def _find_lanes(events: Sequence[TimedEvent]) -> dict[TimedEvent, int]:
    ends: list[float] = []
    lanes: dict[TimedEvent, int] = {}
    for event in sorted(events, key=lambda one: (one.start_s, one.end_s)):
        lane = next((index for index, end_s in enumerate(ends) if end_s <= event.start_s), len(ends))
        if lane == len(ends):
            ends.append(event.end_s)
        else:
            ends[lane] = event.end_s
        lanes[event] = lane
    return lanes


class StaffShiftsPart(QWidget):
    """A table of the period's shifts, which *Findings* compares with the number of visitors."""

    def __init__(
        self,
        viewmodel: TimelineViewModel,
        *,
        find_start: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        """Initialise; ``find_start`` returns the default start of a new shift, seconds since the epoch."""
        super().__init__(parent)
        self._viewmodel, self._find_start = viewmodel, find_start
        self._shown: tuple[StaffShift, ...] | None = None
        self._chosen: StaffShift | None = None
        self.table = ShiftTable(self)
        self.shifts = RecordList(self.table, table_name="", parent=self)
        self.add, self.change, self.remove = QPushButton(), QPushButton(), QPushButton()
        below = QHBoxLayout()
        for button in (self.add, self.change, self.remove):
            require_permission(button, Permission.NOTE)
            below.addWidget(button)
        below.addStretch(1)
        fill(QVBoxLayout(self), (self.shifts, 1), below, margins=0)
        self.shifts.current_record_changed.connect(self._choose)
        self.shifts.record_chosen.connect(self._choose)
        self.add.clicked.connect(lambda: self._open_dialog(None))
        self.change.clicked.connect(lambda: self._open_dialog(self._chosen))
        self.remove.clicked.connect(self.remove_chosen)
        viewmodel.state_changed.connect(self.render_state)

    def retranslate(self) -> None:
        for button, text in (
            (self.add, tr("Shift…")),
            (self.change, tr("Change…")),
            (self.remove, tr("Remove")),
        ):
            name_button(button, text)
        self.add.setToolTip(
            tr("Enter the staff of a zone. Findings will show hours with too few staff for the visitors.")
        )
        self.shifts.set_table_name(tr("Shifts"))
        self.shifts.set_hint(
            tr(
                "No shifts in this period. Enter shifts, and Findings will show hours with too few staff "
                "for the visitors."
            )
        )
        self.render_state()

    def render_state(self) -> None:
        state = self._viewmodel.state
        shifts = () if state.figures is None else state.figures.shifts
        if shifts != self._shown:
            self._shown = shifts
            self.table.time_zone = "UTC" if state.exhibition is None else state.exhibition.time_zone
            self.table.show(shifts)
            self._chosen = self._chosen if self._chosen in shifts else None
        self.add.setEnabled(state.figures is not None and bool(state.figures.zones))
        for button in (self.change, self.remove):
            button.setEnabled(self._chosen is not None)

    def remove_chosen(self) -> None:
        if self._chosen is not None:
            self._viewmodel.remove_shift(self._chosen)

    def _choose(self, shift: StaffShift) -> None:
        self._chosen = shift
        self.render_state()

    def _open_dialog(self, former: StaffShift | None) -> None:
        state = self._viewmodel.state
        if state.exhibition is None or state.figures is None:
            return
        open_dialog(
            ShiftDialog(
                state.exhibition,
                state.figures.zones,
                start_s=self._find_start(),
                shift=former,
                submit=lambda form: self._viewmodel.save_shifts(form.shifts_entered, former=former),
                parent=self.window(),
            )
        )


EFFECTS, CONVERSIONS, STAFF = range(3)
_TABS = {LinkPart.EFFECTS: EFFECTS, LinkPart.STAFF: STAFF}
_MIN_CHART_PX = 210
_MIN_TABLES_PX = 260
"""Minimum heights, below which labels and rows do not fit and the page scrolls instead."""


class TimelineView(FiguresPage):
    """The view of a `TimelineState`."""

    def __init__(self, viewmodel: TimelineViewModel, parent: QWidget | None = None) -> None:
        super().__init__(viewmodel, name_file=lambda: tr("timeline.csv"), parent=parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._shown = TimelineState()
        self.work = JobRow(self, keeps_place=False)
        self.chart, self._import_report = TimelineChart(self), QLabel()
        self._legend = ChartLegend(self)
        self._import_report.setProperty("role", "small")
        self._import_report.setWordWrap(True)
        self.event_table, self.effect_table, self.conversion_table = (
            EventTable(self),
            EffectTable(self),
            ConversionTable(self),
        )
        self.events, self.effects, self.conversions = (
            RecordList(table, table_name="", parent=self)
            for table in (self.event_table, self.effect_table, self.conversion_table)
        )
        self.add, self.change, self.remove, self.note = (QPushButton() for _ in range(4))
        self.counts, self.forget = QPushButton(), QPushButton()
        self.undo, self.redo = QPushButton(), QPushButton()
        for button in (
            self.add,
            self.change,
            self.remove,
            self.note,
            self.counts,
            self.forget,
        ):
            require_permission(button, Permission.NOTE)
        self.tabs, self._title = PageTabs(3, self), QLabel()
        self.staff = StaffShiftsPart(viewmodel, find_start=lambda: self._find_start(viewmodel.state))
        self._title.setProperty("role", "title")
        self._title.setWordWrap(True)
        self._parts, self._pages = QStackedWidget(), QStackedWidget(self)
        self._empty = EmptyPage("timeline", self)
        self._build()
        self._bind()
        self.retranslate()

    def show_link(self, link: ViewLink) -> None:
        if link.shown is LinkTarget.TIMELINE and link.part in _TABS:
            self.tabs.choose_tab(_TABS[link.part])

    def retranslate(self) -> None:
        for button, text in (
            (self.add, tr("Event…")),
            (self.change, tr("Change…")),
            (self.remove, tr("Remove")),
            (self.note, tr("Note…")),
            (self.counts, tr("Import counts…")),
            (self.forget, tr("Remove source")),
            (self.undo, tr("Undo")),
            (self.redo, tr("Redo")),
        ):
            name_button(button, text)
        self.counts.setToolTip(tr("Sales, badge scans or tickets of another system, as CSV"))
        self.tabs.name_tabs((tr("Effects"), tr("Conversions"), tr("Staff")))
        self.staff.retranslate()
        for shown, name in (
            (self.events, tr("Events")),
            (self.effects, tr("Effect of the event")),
            (self.conversions, tr("Conversions")),
        ):
            shown.set_table_name(name)
        self.events.set_hint(tr("No events in this period. Add one."))
        self.conversions.set_hint(
            tr("No external counts in this period. Import sales, badge scans or tickets to see conversions.")
        )
        self._render()
        self._show_chart()

    def _recolour(self) -> None:
        if hasattr(self, "_legend"):
            self._show_legend()

    def _build(self) -> None:
        theme = current_theme()
        tools = fill(QHBoxLayout(), self.add, self.note, self.counts, 1, self.undo, self.redo)
        below = fill(QHBoxLayout(), self.change, self.remove, 1)
        left = make_card((self.events, 1), below, parent=self)
        conversions = QWidget()
        fill(
            QVBoxLayout(conversions),
            (self.conversions, 1),
            (self.forget, 0, Qt.AlignmentFlag.AlignLeft),
            margins=0,
        )
        effects = QWidget()
        fill(QVBoxLayout(effects), self._title, (self.effects, 1), margins=0)
        self._parts.addWidget(effects)
        self._parts.addWidget(conversions)
        self._parts.addWidget(self.staff)
        right = make_card((self.tabs, 0, Qt.AlignmentFlag.AlignLeft), (self._parts, 1), parent=self)
        splitter = make_splitter(Qt.Orientation.Horizontal, left, right, sizes_px=[530, 590])
        chart_card = make_card((self.chart, 1), self._legend, parent=self)
        self.chart.setMinimumHeight(_MIN_CHART_PX)
        splitter.setMinimumHeight(_MIN_TABLES_PX)
        content = QWidget()
        fill(
            QVBoxLayout(content),
            tools,
            self._import_report,
            (chart_card, 4),
            (splitter, 5),
            self.work,
            spacing=theme.space_s,
            margins=0,
        )
        scrolled = QWidget()
        scroll_content(scrolled, content)
        self._pages.addWidget(scrolled)
        self._pages.addWidget(self._empty)
        outer = self._make_column()
        outer.addWidget(self._pages, 1)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._render)
        viewmodel.failed.connect(self._show_fault)
        self.chart.event_chosen.connect(viewmodel.choose_event)
        self.events.record_chosen.connect(viewmodel.choose_event)
        self.tabs.tab_chosen.connect(self._parts.setCurrentIndex)
        self.work.stop_requested.connect(viewmodel.cancel)
        self.add.clicked.connect(lambda: self._open_event_dialog(is_new=True))
        self.change.clicked.connect(lambda: self._open_event_dialog(is_new=False))
        self.remove.clicked.connect(self._remove_chosen)
        self.note.clicked.connect(self._open_note_dialog)
        self.counts.clicked.connect(self._choose_counts)
        self.forget.clicked.connect(self._forget_source)
        self.undo.clicked.connect(viewmodel.undo)
        self.redo.clicked.connect(viewmodel.redo)
        for keys, slot in (
            (QKeySequence.StandardKey.Undo, viewmodel.undo),
            (QKeySequence.StandardKey.Redo, viewmodel.redo),
            (QKeySequence.StandardKey.Delete, self._remove_chosen),
        ):
            bind_key(keys, self, slot)
        for shown in (self.events, self.effects, self.conversions, self.staff.shifts):
            shown.export_requested.connect(self._write_table)

    def _render(self) -> None:
        before, state = self._shown, self._viewmodel.state
        self._shown = state
        self._empty.show_texts(tr("No venue is open"), tr("Open a venue to see its timeline."))
        self._pages.setCurrentIndex(0 if state.has_venue else 1)
        self.work.show_job(
            tr("Computing the timeline") if state.is_computing else "",
            done=state.progress,
            total=1.0 if state.progress else 0.0,
            can_stop=True,
        )
        for button, is_on in (
            (self.change, state.chosen is not None),
            (self.remove, state.chosen is not None),
            (self.undo, state.can_undo),
            (self.redo, state.can_redo),
            (self.forget, state.figures is not None and bool(state.figures.sources)),
        ):
            button.setEnabled(is_on)
        self._import_report.setText(
            join_sentences(fill_template(words.template, words.fields, tr) for words in state.import_report)
        )
        self._import_report.setVisible(bool(state.import_report))
        if state.fault is not None and state.fault is not before.fault:
            self._show_fault(state.fault)
        if state.figures is not before.figures or state.chosen != before.chosen:
            self._show_chart()
        self._show_tables(before)

    def _show_tables(self, before: TimelineState) -> None:
        state = self._shown
        figures = state.figures
        if figures is not before.figures:
            self.event_table.time_zone = "UTC" if state.exhibition is None else state.exhibition.time_zone
            self.event_table.show(() if figures is None else figures.events)
            self.conversion_table.show(() if figures is None else figures.conversions)
        if figures is not before.figures or state.chosen != before.chosen:
            self.effect_table.show(() if state.effects is None else state.effects.zones)
        if state.chosen is None:
            self._title.setText(tr("Select an event to see its effect."))
        elif state.effects is None:
            self._title.setText(
                tr(
                    "{name}: longer than six hours or not observed. Compare days instead.",
                    name=display_name(state.chosen.name),
                )
            )
        else:
            self._title.setText(display_name(state.chosen.name))

    def _show_chart(self) -> None:
        state = self._viewmodel.state
        figures = state.figures
        if figures is None or state.exhibition is None:
            return
        series = [OccupancySeries(None, 0, figures.edges_s, figures.people)]
        if figures.zone is not None and figures.zone_people is not None:
            series.append(OccupancySeries(figures.zone, 0, figures.edges_s, figures.zone_people))
        self.chart.show_entries(figures.events, figures.notes, figures.open_s, chosen=state.chosen)
        self.chart.show_series(series, time_zone=state.exhibition.time_zone)
        self._show_legend()

    def _show_legend(self) -> None:
        theme = current_theme()
        self._legend.show_entries(
            [
                LegendEntry(
                    tr("all cameras") if series.zone is None else display_name(series.zone),
                    zone_colour(series, theme),
                    SwatchKind.LINE,
                )
                for series in self.chart.series
            ]
        )

    def _open_event_dialog(self, *, is_new: bool) -> None:
        state = self._viewmodel.state
        if state.exhibition is None:
            return
        former = None if is_new else state.chosen
        zones = () if state.figures is None else state.figures.zones
        open_dialog(
            EventDialog(
                state.exhibition,
                zones,
                start_s=self._find_start(state),
                event=former,
                submit=lambda form: self._viewmodel.save_event(form.event_entered, former=former),
                parent=self.window(),
            )
        )

    def _open_note_dialog(self) -> None:
        state = self._viewmodel.state
        if state.exhibition is None:
            return
        open_dialog(
            NoteDialog(
                state.exhibition,
                at_s=self._find_start(state),
                submit=lambda form: self._viewmodel.add_note(form.note_entered),
                parent=self.window(),
            )
        )

    def _choose_counts(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("Import counts"), "", tr("CSV table (*.csv *.txt)"))
        if path:
            self.banner.hide()
            self._viewmodel.preview_counts(
                Path(path), lambda preview: self._open_columns_dialog(Path(path), preview)
            )

    def _open_columns_dialog(self, path: Path, preview: CountsPreview) -> None:
        figures = self._viewmodel.state.figures
        zones = () if figures is None else figures.zones
        dialog = CountsDialog(
            preview,
            zones,
            name=path.stem,
            submit=lambda form: self._viewmodel.import_counts(
                path, form.columns_chosen, name=form.name.text(), kind=form.kind_chosen
            ),
            parent=self.window(),
        )
        dialog.accepted.connect(lambda: self.tabs.choose_tab(CONVERSIONS))
        open_dialog(dialog)

    def _forget_source(self) -> None:
        figures, rows = self._viewmodel.state.figures, self.conversions.table.selectionModel().selectedRows()
        if figures is None:
            return
        named = [str(index.data()) for index in rows]
        name = named[0] if named else figures.sources[0] if len(figures.sources) == 1 else None
        if name is not None:
            self._viewmodel.remove_source(name)

    def _remove_chosen(self) -> None:
        focus = QApplication.focusWidget()
        if focus is not None and self.staff.isAncestorOf(focus):
            self.staff.remove_chosen()
        elif self._viewmodel.state.chosen is not None:
            self._viewmodel.remove_event(self._viewmodel.state.chosen)

    def _find_start(self, state: TimelineState) -> float:
        start_s = (
            self._viewmodel.find_period()[0] if state.figures is None else float(state.figures.edges_s[0])
        )
        return start_s - start_s % 3600
