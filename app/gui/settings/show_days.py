"""Show days and opening hours: fields for a run of days, and the settings card that lists them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date, time
from functools import partial

from PySide6.QtCore import QDate, QLocale, QSignalBlocker, Qt, QTime
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDateEdit,
    QGridLayout,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTimeEdit,
    QToolButton,
    QWidget,
)

from analytics.domain.errors import ExpoFlowError
from analytics.domain.exhibition import OpeningHours
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.error_reporting import describe_error
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_day
from app.gui.session.job_runner import JobRunner
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.widgets.forms import make_body, name_control
from app.gui.widgets.layouts import fill, make_row, style_tools
from app.gui.widgets.settings_card import SettingsCard
from app.plan.opening_hours import Times, change_hours, format_hours, list_days, parse_hours

_LIST_PX = 220
_WEEK_DAYS = 7
_USUAL_HOURS = QTime(9, 0), QTime(18, 0)


class ShowDaysFields(Translated, QWidget):
    """Fields for a run of show days with the same opening hours; weekdays if it is longer than a week."""

    def __init__(self, parent: QWidget | None = None, *, today: date | None = None) -> None:
        super().__init__(parent)
        begins = QDate.currentDate() if today is None else QDate(today.year, today.month, today.day)
        self._first, self._last = QDateEdit(begins, self), QDateEdit(begins, self)
        self._opens, self._closes = (QTimeEdit(clock, self) for clock in _USUAL_HOURS)
        for edit in (self._first, self._last):
            edit.setDisplayFormat("yyyy-MM-dd")
            edit.setCalendarPopup(True)
            edit.dateChanged.connect(self._on_days_changed)
        for clock in (self._opens, self._closes):
            clock.setDisplayFormat("HH:mm")
            clock.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        self._labels = {name: QLabel(self) for name in ("days", "hours")}
        self._weekdays = [QToolButton(self) for _ in range(_WEEK_DAYS)]
        style_tools("layer", *self._weekdays)
        for button in self._weekdays:
            button.setChecked(True)
        self._every = QWidget(self)
        every = fill(make_row(), *self._weekdays, 1)
        every.setSpacing(current_theme().space_xs)
        make_body(self._every).addLayout(every)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(current_theme().space_s)
        for row, (label, first, last) in enumerate(
            (
                (self._labels["days"], self._first, self._last),
                (self._labels["hours"], self._opens, self._closes),
            )
        ):
            for column, widget in enumerate((label, first, QLabel("–", self), last)):
                grid.addWidget(widget, row, column)
        grid.addWidget(self._every, 2, 0, 1, 5)
        grid.setColumnStretch(4, 1)
        self.retranslate()
        self._on_days_changed()

    @property
    def times(self) -> Times:
        opens, closes = (time(at.hour(), at.minute()) for at in (self._opens.time(), self._closes.time()))
        return opens, closes

    def list_days(self) -> tuple[date, ...]:
        """Return the chosen days.

        Raises:
            VenueError: the last day is not a possible one.
        """
        chosen = {number for number, button in enumerate(self._weekdays) if button.isChecked()}
        first, last = (_to_date(edit.date()) for edit in (self._first, self._last))
        return list_days(first, last, chosen if self._has_weekdays else range(_WEEK_DAYS))

    def retranslate(self) -> None:
        self._labels["days"].setText(tr("Show days"))
        self._labels["hours"].setText(tr("Opening hours"))
        for field, name in (
            (self._first, tr("First show day")),
            (self._last, tr("Last show day")),
            (self._opens, tr("Opens at")),
            (self._closes, tr("Closes at")),
        ):
            field.setAccessibleName(name)
            field.setToolTip(name)
        for number, button in enumerate(self._weekdays):
            button.setText(QLocale().dayName(number + 1, QLocale.FormatType.ShortFormat))
            button.setAccessibleName(QLocale().dayName(number + 1))

    @property
    def _has_weekdays(self) -> bool:
        return self._first.date().daysTo(self._last.date()) >= _WEEK_DAYS

    def _on_days_changed(self) -> None:
        if self.sender() is self._first and self._last.date() < self._first.date():
            self._last.setDate(self._first.date())
        self._every.setVisible(self._has_weekdays)


class ShowDaysCard(SettingsCard):
    """Card with all show days of the open venue; each change is written at once."""

    def __init__(self, app_state: AppState, job_runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self._days: list[date] = []
        self._fields = ShowDaysFields(self)
        self._set, self._remove = QPushButton(self), QPushButton(self)
        self._set.clicked.connect(self._on_set_clicked)
        self._remove.clicked.connect(self._on_remove_clicked)
        self._table = QTableWidget(0, 2, self)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setTabKeyNavigation(False)
        self._table.setShowGrid(False)
        self._table.setMaximumHeight(_LIST_PX)
        self._table.verticalHeader().hide()
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self._table.itemChanged.connect(self._on_cell_edited)
        self._table.itemSelectionChanged.connect(self._show_buttons)
        self._body = QWidget(self)
        body = make_body(self._body)
        for part in (self._fields, self._table):
            body.addWidget(part)
        body.insertLayout(1, fill(make_row(), self._set, 1))
        body.addLayout(fill(make_row(), self._remove, 1))
        self.column.addWidget(self._body)
        for control in (self._fields, self._set, self._remove, self._table):
            require_permission(control, Permission.EDIT_PLAN)
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(self._show_state)
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr("Show days and opening hours"))
        name_control(self._set, tr("Set the hours of these days"))
        name_control(self._remove, tr("Remove the selected days"))
        self._table.setAccessibleName(tr("Show days and their opening hours"))
        self._table.setHorizontalHeaderLabels([tr("Show day"), tr("Opening hours")])
        self._show_state()

    def _on_venue_opened(self) -> None:
        self.notice.hide()
        self._show_state()

    def _show_state(self) -> None:
        venue = self._app_state.venue
        self._body.setVisible(venue is not None)
        hours: dict[date, list[OpeningHours]] = defaultdict(list)
        for entry in () if venue is None else venue.exhibition.opening_hours:
            hours[entry.day].append(entry)
        self._days = sorted(hours)
        self._text.setText(_describe(venue, self._days))
        with QSignalBlocker(self._table):
            self._table.setRowCount(len(self._days))
            for row, day in enumerate(self._days):
                weekday = QLocale().dayName(day.isoweekday(), QLocale.FormatType.ShortFormat)
                shown = QTableWidgetItem(f"{format_day(day)} {weekday}")
                shown.setFlags(shown.flags() & ~Qt.ItemFlag.ItemIsEditable)
                self._table.setItem(row, 0, shown)
                self._table.setItem(row, 1, QTableWidgetItem(format_hours(hours[day])))
        self._table.resizeColumnToContents(0)
        self._table.setVisible(bool(self._days))
        self._remove.setVisible(bool(self._days))
        self._show_buttons()

    def _show_buttons(self) -> None:
        self._remove.setEnabled(bool(self._table.selectedItems()))

    def _on_set_clicked(self) -> None:
        self._change(self._fields.list_days, lambda: (self._fields.times,))

    def _on_remove_clicked(self) -> None:
        rows = {item.row() for item in self._table.selectedItems()}
        self._change(lambda: [self._days[row] for row in rows], tuple)

    def _on_cell_edited(self, item: QTableWidgetItem) -> None:
        self._change(lambda: [self._days[item.row()]], partial(parse_hours, item.text()))

    def _change(
        self, find_days: Callable[[], Collection[date]], find_times: Callable[[], tuple[Times, ...]]
    ) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        try:
            days, times = find_days(), find_times()
        except ExpoFlowError as error:
            self._show_state()
            self.show_failure(describe_error(error, translate=tr))
            return
        self.notice.hide()
        self._job_runner.run(
            tr("Saving the opening hours"),
            lambda _context: change_hours(venue.folder, days, times),
            on_done=self._on_changed,
            on_failed=self.show_failure,
        )

    def _on_changed(self, venue: Venue) -> None:
        shown = self._app_state.venue
        if shown is not None and shown.folder == venue.folder:
            self._app_state.replace_venue(venue, ChangeSet(plan=True), initiator=self)


def _describe(venue: Venue | None, days: list[date]) -> str:
    if venue is None:
        return tr("Open a venue to set its show days and opening hours.")
    if not days:
        return tr("Not set yet: figures count around the clock, and periods have no show days.")
    return tr(
        "Figures can be limited to these hours. Double-click hours to change one day, for instance to "
        "10:00–13:00, 14:00–18:00."
    )


def _to_date(shown: QDate) -> date:
    return date(shown.year(), shown.month(), shown.day())
