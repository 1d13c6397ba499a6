"""The dwell page: dwell times, hours, engagement, and the visits behind every figure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.clock import format_utc
from analytics.domain.errors import Phrase
from analytics.dwell.engagement_tier import VISIT_TIERS, Tier
from analytics.dwell.zone_figures import ZoneFigures
from analytics.results.content import CellKind
from analytics.results.figure_columns import FigureColumn, Row
from app.core.view_link import LinkPart, LinkTarget, ViewLink
from app.dwell.dwell_figures import VisitFilter, VisitList
from app.error_reporting import ErrorReport
from app.gui.dwell.dwell_durations import DwellDurationsView
from app.gui.dwell.dwell_engagement import DwellEngagementView
from app.gui.dwell.dwell_hours import DwellHoursView, name_hour, name_weekday
from app.gui.dwell.dwell_tiles import describe_empty_state, describe_period
from app.gui.dwell.engagement_text import name_tier
from app.gui.dwell.model import DwellDashboardViewModel, DwellState
from app.gui.session.cell_text import (
    format_date_time,
    format_number,
    is_one_day,
)
from app.gui.session.period_figures import PeriodPhase
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, tr, trn
from app.gui.tables.figure_table import FigureTable
from app.gui.tables.figures_page import FiguresPage
from app.gui.tables.record_list import RecordList
from app.gui.widgets.export_menu import PERIOD
from app.gui.widgets.layouts import fill, make_column, make_label, name_button
from app.gui.widgets.page_tabs import PageTabs

ZONE_COLUMN = 1


VISIT_COLUMNS: tuple[FigureColumn[Row], ...] = (
    FigureColumn(
        "visitor",
        Phrase("Visitor"),
        CellKind.TEXT,
        Phrase("A random name that is used in this list only and is not stored."),
    ),
    FigureColumn("zone", Phrase("Zone"), CellKind.TEXT),
    FigureColumn(
        "entered_s",
        Phrase("Entered"),
        CellKind.TIME,
        Phrase("Time at which the visitor entered the zone, or was first seen in it."),
        exported_title=Phrase("Entered (UTC)"),
    ),
    FigureColumn(
        "left_s",
        Phrase("Left"),
        CellKind.TIME,
        Phrase("Time at which the visitor left the zone, or was last seen in it."),
        exported_title=Phrase("Left (UTC)"),
    ),
    FigureColumn(
        "seconds",
        Phrase("Stayed"),
        CellKind.SECONDS,
        Phrase("Time between entering and leaving."),
        exported_title=Phrase("Dwell (s)"),
    ),
    FigureColumn(
        "stop_s",
        Phrase("Stopped"),
        CellKind.SECONDS,
        Phrase("Time of this visit spent in stops: slower than 0.3 m/s for at least 3 s."),
        exported_title=Phrase("Stop (s)"),
    ),
    FigureColumn(
        "tier",
        Phrase("Tier"),
        CellKind.TEXT,
        Phrase("How far the visit went: passed by, visited, stopped or engaged."),
    ),
    FigureColumn(
        "completeness",
        Phrase("Completeness"),
        CellKind.TEXT,
        Phrase("Whether the visit was seen from its start to its end."),
        lambda visit: 2 * visit["censored_start"] + visit["censored_end"],
    ),
)


class VisitTable(FigureTable[Row]):
    """Table of visits with times in venue time."""

    def __init__(self, parent: QObject | None = None) -> None:
        self._time_zone = "UTC"
        self._has_dates = True
        super().__init__(VISIT_COLUMNS, parent)

    def set_time_zone(self, name: str) -> None:
        """Set the venue's time zone, an IANA name, before the visits are shown."""
        self._time_zone = name

    def show(self, records: Sequence[Row]) -> None:
        """Replace all rows; dates are left out where all are the same."""
        if records:
            start_s = min(visit["entered_s"] for visit in records)
            end_s = max(visit["left_s"] for visit in records)
            self._has_dates = not is_one_day(start_s, end_s, time_zone=self._time_zone)
        super().show(records)

    def show_cell(self, column: FigureColumn[Row], visit: Row) -> str:
        value = column.read(visit)
        if column.kind is CellKind.TIME:
            return format_date_time(value, time_zone=self._time_zone, has_date=self._has_dates)
        match column.key:
            case "visitor":
                return str(value)
            case "tier":
                return describe_tier(visit)
            case "completeness":
                return describe_completeness(visit)
            case "stop_s" if value <= 0:
                return tr("not at all")
        return super().show_cell(column, visit)

    def export_cell(self, column: FigureColumn[Row], visit: Row) -> str:
        value = column.read(visit)
        if column.kind is CellKind.TIME:
            return format_utc(value)
        if column.kind is CellKind.SECONDS:
            return f"{value:.3f}"
        return describe_completeness(visit) if column.key == "completeness" else str(value)

    def sort_cell(self, column: FigureColumn[Row], visit: Row) -> float | str | None:
        value = column.read(visit)
        if column.key == "zone":
            return super().sort_cell(column, visit)
        return float(VISIT_TIERS.index(value)) if column.key == "tier" else value


def describe_tier(visit: Row) -> str:
    """Return the tier of a visit."""
    name = {
        Tier.VISIT: tr("Visited"),
        Tier.STOP: tr("Stopped"),
        Tier.ENGAGED: tr("Engaged"),
        Tier.LONG: tr("Stayed long"),
    }[Tier(visit["tier"])]
    return tr("{tier} or further", tier=name) if visit["is_lower_limit"] else name


def describe_completeness(visit: Row) -> str:
    """Return whether start and end of a visit were seen."""
    if visit["censored_start"] and visit["censored_end"]:
        return tr("start and end not seen")
    if visit["censored_start"]:
        return tr("start not seen")
    return tr("end not seen") if visit["censored_end"] else tr("complete")


class VisitPanel(Translated, QFrame):
    """Panel of listed visits, empty until `show_visits`."""

    back_requested = Signal()
    """Emitted to go back to the figure that the visits belong to."""
    all_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._describe: Callable[[], str] = str
        self._is_searching = False
        self._found = VisitList((), 0)
        self.model = VisitTable(self)
        self.list = RecordList(self.model, table_name="", parent=self)
        self._title = make_label("title", wraps=True, parent=self)
        self._explanation = make_label("small", wraps=True, parent=self)
        self.back, self.all = QPushButton(self), QPushButton(self)
        self.back.clicked.connect(self.back_requested)
        self.all.clicked.connect(self.all_requested)
        # only with the focus in the panel, as the window's banner uses the same key
        from_keyboard = QShortcut(QKeySequence("Esc"), self)
        from_keyboard.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        from_keyboard.activated.connect(self._on_escape)
        from_keyboard.activatedAmbiguously.connect(self._on_escape)
        head = fill(QHBoxLayout(), self.back, (self._title, 1), self.all)
        theme = current_theme()
        fill(make_column(self, margins=theme.space_m), head, self._explanation, (self.list, 1))
        self.retranslate()

    @property
    def title(self) -> str:
        return self._title.text()

    def request_visits(self, describe: Callable[[], str], *, is_part: bool) -> None:
        """Show which visits are being read.

        Args:
            describe: returns what they have in common, in the current language.
            is_part: whether they are a part of all visits, which shows the buttons to go back and to all.
        """
        self._describe, self._is_searching = describe, True
        self.back.setVisible(is_part)
        self.all.setVisible(is_part)
        self._show_title()

    def show_visits(self, found: VisitList, *, time_zone: str) -> None:
        self._found, self._is_searching = found, False
        self.model.set_time_zone(time_zone)
        # a hidden widget is not measured
        self.list.table.setColumnHidden(ZONE_COLUMN, False)
        self.model.show(found.visits)
        self.list.table.setColumnHidden(ZONE_COLUMN, len({visit["zone"] for visit in found.visits}) == 1)
        self.list.distribute_width()
        self._show_title()

    def retranslate(self) -> None:
        self._explanation.setText(
            tr(
                "A visit whose start or end was not seen lasted at least as long as listed. Whether a short "
                "stay reached the zone's minimum is not certain; the number of visits is the sum of the "
                "probabilities."
            )
        )
        self.back.setText(tr("Back"))
        self.back.setAccessibleName(tr("Back to the figure for these visits"))
        self.all.setText(tr("All visits"))
        self.all.setAccessibleName(tr("List all visits"))
        self.list.set_table_name(tr("Visits"))
        self._show_title()

    def _on_escape(self) -> None:
        if not self.back.isHidden():
            self.back_requested.emit()

    def _show_title(self) -> None:
        what, total = self._describe(), self._found.total
        if self._is_searching:
            self._title.setText(tr("Listing visits: {what}", what=what))
            return
        words = trn(
            "{count} visit: {what}", "{count} visits: {what}", total, count=format_number(total), what=what
        )
        listed = len(self._found.visits)
        if total > listed:
            words = tr("{visits}; the first {most} are listed", visits=words, most=format_number(listed))
        self._title.setText(words)


DURATIONS, HOURS, ENGAGEMENT, VISITS = range(4)
"""Tabs of the page."""
Describe = Callable[[], str]


class DwellDashboardView(FiguresPage):
    """The dwell page; renders a `DwellState`."""

    def __init__(self, viewmodel: DwellDashboardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(viewmodel, name_file=lambda: tr("dwell.csv"), parent=parent)
        self._viewmodel = viewmodel
        self._shown_fault: ErrorReport | None = None
        self._listed_state: DwellState | None = None
        self._asked_from = DURATIONS
        self._chosen: tuple[VisitFilter, Describe] | None = None
        self._zone_of_list: str | None = None
        self._period = QLabel(self)
        self._period.setProperty("role", "title")
        self._period.setObjectName(PERIOD)
        self.tabs = PageTabs(4, self)
        self.zone_choice = QComboBox(self)
        self.zone_choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.zone_choice.setMinimumContentsLength(14)
        self.zone_choice.activated.connect(self._on_zone_activated)
        self._progress = QProgressBar(self)
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(100)
        self._again = QPushButton(self)
        self._again.clicked.connect(viewmodel.compute)
        self.durations = DwellDurationsView(self)
        self.hours = DwellHoursView(self)
        self.engagement = DwellEngagementView(self)
        self.visit_panel = VisitPanel(self)
        self.empty_text = make_label("muted", wraps=True, parent=self)
        self.empty_text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.last_day = QPushButton(self)
        self.last_day.setProperty("role", "primary")
        self.last_day.clicked.connect(viewmodel.show_last_observed_day)
        self._arrange()
        self._connect()
        self.retranslate()

    def show_link(self, link: ViewLink) -> None:
        if link.shown is LinkTarget.DWELL and link.part is LinkPart.BY_HOUR:
            self.tabs.choose_tab(HOURS)

    def retranslate(self) -> None:
        self.tabs.name_tabs((tr("Dwell times"), tr("By hour"), tr("Engagement"), tr("Visit list")))
        self.zone_choice.setAccessibleName(tr("Zone"))
        self._progress.setAccessibleName(tr("Computing dwell times"))
        name_button(self._again, tr("Compute again"))
        name_button(self.last_day, tr("Show the last observed day"))
        self._show_state()

    def _list_visits(self, criteria: VisitFilter, describe: Describe) -> None:
        self._zone_of_list = self._viewmodel.state.zone
        if self.tabs.chosen != VISITS:
            self._asked_from = self.tabs.chosen
        self._chosen, self._listed_state = (criteria, describe), None
        self.tabs.choose_tab(VISITS)
        self._request_visits()
        self.visit_panel.list.table.setFocus()

    def _connect(self) -> None:
        model = self._viewmodel
        self.tabs.tab_chosen.connect(self._on_tab_chosen)
        self.durations.histogram.bar_chosen.connect(self._on_bar_chosen)
        self.durations.zone_list.record_chosen.connect(self._on_zone_row_chosen)
        self.hours.measure_chosen.connect(model.set_measure)
        self.hours.hour_chosen.connect(self._on_hour_chosen)
        self.hours.weekday_chosen.connect(self._on_weekday_chosen)
        self.hours.cell_chosen.connect(self._on_cell_chosen)
        self.engagement.tier_chosen.connect(self._on_tier_chosen)
        self.engagement.zone_list.record_chosen.connect(lambda row: model.select_zone(row.name))
        self.visit_panel.back_requested.connect(self._go_back)
        self.visit_panel.all_requested.connect(self._list_all)
        for shown in (self.durations.zone_list, self.engagement.zone_list, self.visit_panel.list):
            shown.export_requested.connect(self._write_table)
        model.visit_list.state_changed.connect(self._show_visits)
        model.visit_list.failed.connect(self._show_fault)
        model.state_changed.connect(self._show_state)

    def _arrange(self) -> None:
        theme = current_theme()
        head = QHBoxLayout()
        head.addWidget(self._period)
        head.addSpacing(theme.space_m)
        head.addWidget(self.tabs)
        head.addStretch(1)
        for widget in (self._progress, self._again, self.zone_choice):
            head.addWidget(widget)
        self._parts = QStackedWidget(self)
        for part in (self.durations, self.hours, self.engagement, self.visit_panel):
            self._parts.addWidget(part)
        empty = QWidget()
        fill(QVBoxLayout(empty), 1, self.empty_text, (self.last_day, 0, Qt.AlignmentFlag.AlignHCenter), 2)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._parts)
        self._pages.addWidget(empty)
        layout = self._make_column()
        layout.setSpacing(theme.space_m)
        layout.addLayout(head)
        layout.addWidget(self._pages, 1)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._period.setText(describe_period(state))
        self._progress.setVisible(state.phase is PeriodPhase.COMPUTING)
        self._again.setVisible(state.phase is PeriodPhase.FAILED)
        self._show_zone_choice()
        self._show_chosen_part()
        emptiness = describe_empty_state(state)
        self.empty_text.setText(emptiness)
        has_history = state.analysis is not None and state.analysis.history is not None
        self.last_day.setVisible(state.phase is PeriodPhase.NOTHING_OBSERVED and has_history)
        self._pages.setCurrentIndex(1 if emptiness else 0)
        self.tabs.setEnabled(not emptiness)
        if self.tabs.chosen == VISITS:
            self._request_visits()
        if state.fault is not self._shown_fault:
            self._show_computing_fault(state.fault)

    def _show_chosen_part(self) -> None:
        """Render only the visible tab, as drawing all of them would block the window."""
        part = self._parts.currentWidget()
        if isinstance(part, (DwellDurationsView, DwellHoursView, DwellEngagementView)):
            part.show_state(self._viewmodel.state)

    def _show_computing_fault(self, fault: ErrorReport | None) -> None:
        if fault is not None:
            self._show_fault(fault)
        elif self._shown_fault is not None and self.banner.problem == self._shown_fault.render(tr).problem:
            self.banner.hide()
        self._shown_fault = fault

    def _show_zone_choice(self) -> None:
        state = self._viewmodel.state
        names: list[str | None] = [None, *(zone.name for zone in state.zones)]
        if state.zone not in names:
            names.append(state.zone)
        self.zone_choice.clear()
        for name in names:
            self.zone_choice.addItem(tr("All zones") if name is None else display_name(name), name)
        self.zone_choice.setCurrentIndex(names.index(state.zone))

    def _request_visits(self) -> None:
        """Request the visits of the chosen figure, or all; again when there are newer figures."""
        state, before = self._viewmodel.state, self._listed_state
        if state.shown is None or state.period is None:
            self._listed_state = None
            return
        if before is not None and (before.shown is state.shown or _has_grown(before, state)):
            return
        if self._chosen is not None and self._zone_of_list != state.zone:
            self._chosen = None
        self._listed_state = state
        criteria, describe = self._chosen or (self._choose_visits(), self._describe_zone)
        self.visit_panel.request_visits(describe, is_part=self._chosen is not None)
        self._viewmodel.visit_list.request_visits(criteria, state.period)

    def _show_visits(self) -> None:
        found = self._viewmodel.visit_list.found
        if found is not None:
            self.visit_panel.show_visits(found, time_zone=self._viewmodel.state.time_zone)

    def _choose_visits(self) -> VisitFilter:
        analysis, zone = self._viewmodel.state.analysis, self._viewmodel.state.zone
        counted = () if analysis is None else analysis.list_counted(zone)
        return VisitFilter(frozenset(one.name for one in counted))

    def _on_tab_chosen(self, number: int) -> None:
        self._parts.setCurrentIndex(number)
        self._show_chosen_part()
        if number == VISITS:
            self._request_visits()
        elif self._chosen is not None:
            self._chosen, self._listed_state = None, None
            self.durations.histogram.mark_bar(None)

    def _go_back(self) -> None:
        self.tabs.choose_tab(self._asked_from)

    def _list_all(self) -> None:
        self._chosen, self._listed_state = None, None
        self._request_visits()

    def _on_zone_activated(self, index: int) -> None:
        self._viewmodel.select_zone(self.zone_choice.itemData(index))

    def _on_bar_chosen(self, number: int) -> None:
        histogram, all_visits = self.durations.histogram, self._choose_visits()
        bar = histogram.bars[number]
        criteria = dataclasses.replace(all_visits, from_s=bar.from_s, to_s=bar.to_s)
        self._list_visits(criteria, lambda: histogram.describe_range(bar))

    def _on_zone_row_chosen(self, zone: ZoneFigures) -> None:
        self._list_visits(VisitFilter(frozenset([zone.name])), lambda: display_name(zone.name))

    def _on_hour_chosen(self, hour: int) -> None:
        all_visits = self._choose_visits()
        self._list_visits(dataclasses.replace(all_visits, hour=hour), lambda: name_hour(hour))

    def _on_weekday_chosen(self, weekday: int) -> None:
        all_visits = self._choose_visits()
        self._list_visits(
            dataclasses.replace(all_visits, weekday=weekday),
            lambda: name_weekday(weekday, is_short=False),
        )

    def _on_cell_chosen(self, weekday: int, hour: int) -> None:
        all_visits = self._choose_visits()
        self._list_visits(
            dataclasses.replace(all_visits, weekday=weekday, hour=hour),
            lambda: tr(
                "{weekday}, {hour}", weekday=name_weekday(weekday, is_short=False), hour=name_hour(hour)
            ),
        )

    def _on_tier_chosen(self, name: str) -> None:
        tier, all_visits = Tier(name), self._choose_visits()
        self._list_visits(dataclasses.replace(all_visits, tier=tier), lambda: name_tier(tier))

    def _describe_zone(self) -> str:
        zone = self._viewmodel.state.zone
        return tr("all zones") if zone is None else display_name(zone)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(1100, 700)


def _has_grown(before: DwellState, now: DwellState) -> bool:
    """Return whether only time has passed, so that a list being read is not replaced."""
    if before.zone != now.zone or before.period is None or now.period is None:
        return False
    is_same_begin = before.period[0] == now.period[0] or (before.is_now and now.is_now)
    return is_same_begin and before.period != now.period
