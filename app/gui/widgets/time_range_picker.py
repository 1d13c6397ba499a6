"""The choice of a period: now, a day, everything, or a custom range on the venue's clock."""

from __future__ import annotations

from datetime import date, datetime

from PySide6.QtCore import (
    QDate,
    QDateTime,
    QLocale,
    QPoint,
    QSignalBlocker,
    QSize,
    Qt,
    QTime,
    QTimeZone,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QStandardItemModel, QTextCharFormat
from PySide6.QtWidgets import (
    QCalendarWidget,
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QWidget,
)

from analytics.domain.arrays import Interval
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.exhibition import Exhibition
from app.core.periods import (
    PeriodChoice,
    find_day,
    find_neighbour,
    find_period,
    from_local,
    identify_choice,
    list_show_days,
    to_local,
)
from app.gui.session.cell_text import format_day
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.widgets.icons import make_icon
from app.gui.widgets.layouts import fill

_FORMAT = "yyyy-MM-dd HH:mm"
_LISTED_DAYS = 10
"""Most recent show days in the list; arrows and calendar lead to the others."""
_ICON_PX, _CALENDAR_WH_PX = 18, (320, 260)
_CUT = (PeriodChoice.TODAY, PeriodChoice.YESTERDAY, PeriodChoice.DAY, PeriodChoice.WEEK)
"""Choices that may be limited to opening hours."""


class TimeRangePicker(Translated, QWidget):
    """Picker of a period by the venue's clock and opening hours."""

    period_chosen = Signal(object)
    """(start, end) in seconds since the epoch, or None for now; emitted only for user input."""

    def __init__(self, parent: QWidget | None = None, *, clock: Clock | None = None) -> None:
        super().__init__(parent)
        self._clock = clock or SystemClock()
        self._exhibition: Exhibition | None = None
        self._history_s: Interval | None = None
        self._asked_s: Interval | None = None
        self._shown_s: Interval | None = None
        self._choices = QComboBox()
        self._choices.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for choice in PeriodChoice:
            if choice is not PeriodChoice.DAY:
                self._choices.addItem("", choice)
        self._earlier, self._later, self._pick_day = (QToolButton() for _ in range(3))
        for button in (self._earlier, self._later, self._pick_day):
            button.setProperty("role", "quiet")
            button.setIconSize(QSize(_ICON_PX, _ICON_PX))
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._earlier.clicked.connect(lambda: self._move(-1))
        self._later.clicked.connect(lambda: self._move(1))
        self._pick_day.clicked.connect(self._open_calendar)
        self._calendar = QCalendarWidget(self)
        self._calendar.setWindowFlag(Qt.WindowType.Popup)
        self._calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        self._calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self._calendar.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.SingleLetterDayNames)
        self._calendar.setMinimumSize(*_CALENDAR_WH_PX)
        self._calendar.clicked.connect(self._on_day_picked)
        self._calendar.activated.connect(self._on_day_picked)
        self._hours = QCheckBox()
        # nights do not belong to a day of a fair; custom times are used as entered
        self._hours.setChecked(True)
        self._from, self._dash, self._until = QDateTimeEdit(), QLabel("–"), QDateTimeEdit()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(current_theme().space_s)
        fill(row, self._earlier, self._choices, self._later)
        for widget in (self._pick_day, self._from, self._dash, self._until, self._hours):
            row.addWidget(widget)
        for edit in (self._from, self._until):
            # the venue's wall time, independent of this machine's time zone
            edit.setTimeZone(QTimeZone.utc())
            edit.setDisplayFormat(_FORMAT)
            edit.setCalendarPopup(True)
            edit.setKeyboardTracking(False)
            edit.dateTimeChanged.connect(self._on_edited)
        self._choices.activated.connect(self._on_chosen)
        self._hours.toggled.connect(self._on_edited)
        self.retranslate()
        self._recolour()
        self._show_fields()

    @property
    def choice(self) -> PeriodChoice:
        day = self._day_of(self._choices.currentIndex())
        return PeriodChoice(self._choices.currentData()) if day is None else PeriodChoice.DAY

    def show_period(
        self,
        period_s: Interval | None,
        *,
        exhibition: Exhibition | None,
        history_s: Interval | None,
    ) -> None:
        """Show a period that was set elsewhere, without emitting it.

        Args:
            history_s: the first and last moment of the history; None: there is none.
        """
        self._exhibition, self._history_s = exhibition, history_s
        now_utc_s = self._clock.now_utc_s()
        self.setEnabled(exhibition is not None)
        if exhibition is None:
            return
        choice, only = identify_choice(
            period_s, exhibition=exhibition, now_utc_s=now_utc_s, history_s=history_s
        )
        shown_day = None if period_s is None else exhibition.local_day(period_s[0])
        self._list_days(shown_day if choice is PeriodChoice.DAY else None)
        with QSignalBlocker(self._hours):
            if choice in _CUT and not self._is_same_by_hours(choice, period_s):
                self._hours.setChecked(only)
        is_kept = choice is PeriodChoice.CUSTOM and self._is_earlier_history(period_s)
        is_kept |= self.choice is PeriodChoice.CUSTOM and period_s is not None and period_s == self._asked_s
        if choice is PeriodChoice.CUSTOM and not is_kept:
            with QSignalBlocker(self._hours):
                self._hours.setChecked(False)
        if not is_kept:
            entry = shown_day.toordinal() if shown_day and choice is PeriodChoice.DAY else choice
            self._choices.setCurrentIndex(self._choices.findData(entry))
        shown = period_s or history_s or exhibition.day_interval_utc(exhibition.local_day(now_utc_s))
        if not (is_kept and self._hours.isChecked()):
            self._fill_fields(shown)
        model = self._choices.model()
        assert isinstance(model, QStandardItemModel)
        model.item(self._choices.findData(PeriodChoice.HISTORY)).setEnabled(history_s is not None)
        self._shown_s = period_s
        for button in (self._earlier, self._later):
            button.setEnabled(period_s is not None and choice is not PeriodChoice.HISTORY)
        self._show_fields()

    def retranslate(self) -> None:
        names = {
            PeriodChoice.NOW: tr("Now (last hour)"),
            PeriodChoice.TODAY: tr("Today"),
            PeriodChoice.YESTERDAY: tr("Yesterday"),
            PeriodChoice.WEEK: tr("This week"),
            PeriodChoice.HISTORY: tr("Whole history"),
            PeriodChoice.CUSTOM: tr("Custom"),
        }
        for choice, name in names.items():
            self._choices.setItemText(self._choices.findData(choice), name)
        for row in range(self._choices.count()):
            day = self._day_of(row)
            if day is not None:
                self._choices.setItemText(row, self._name_day(day))
        for button, name in (
            (self._earlier, tr("Earlier")),
            (self._later, tr("Later")),
            (self._pick_day, tr("Choose a day")),
        ):
            button.setAccessibleName(name)
            button.setToolTip(name)
        self._calendar.setAccessibleName(tr("Choose a day"))
        self._calendar.setLocale(QLocale())
        self._hours.setText(tr("Opening hours"))
        self._hours.setToolTip(tr("Only from the first opening to the last closing of the period"))
        for part in (self._choices, self._choices.view()):
            part.setAccessibleName(tr("Period"))
        self._hours.setAccessibleName(tr("Opening hours only"))
        self._from.setAccessibleName(tr("Start of the period, in the venue's time"))
        self._until.setAccessibleName(tr("End of the period, in the venue's time"))

    def _on_chosen(self) -> None:
        if self.choice is PeriodChoice.CUSTOM:
            with QSignalBlocker(self._hours):
                self._hours.setChecked(False)
        self._show_fields()
        self._emit()

    def _on_edited(self) -> None:
        self._emit()

    def _recolour(self) -> None:
        for button, icon in ((self._earlier, "back"), (self._later, "forward"), (self._pick_day, "timeline")):
            button.setIcon(make_icon(icon))

    def _list_days(self, shown: date | None) -> None:
        """List the latest show days until today, and the shown day if it is another."""
        assert self._exhibition is not None
        today = self._exhibition.local_day(self._clock.now_utc_s())
        days = [day for day in list_show_days(self._exhibition) if day <= today][-_LISTED_DAYS:]
        days = sorted({*days, *(() if shown is None else (shown,))}, reverse=True)
        listed = [row for row in range(self._choices.count()) if self._day_of(row) is not None]
        if [self._day_of(row) for row in listed] == days:
            return
        with QSignalBlocker(self._choices):
            for row in reversed(listed):
                self._choices.removeItem(row)
            first = self._choices.findData(PeriodChoice.HISTORY)
            for number, day in enumerate(days):
                self._choices.insertItem(first + number, self._name_day(day), day.toordinal())

    def _day_of(self, row: int) -> date | None:
        data = self._choices.itemData(row)
        return date.fromordinal(data) if isinstance(data, int) else None

    def _name_day(self, day: date) -> str:
        name = f"{format_day(day)} {QLocale().dayName(day.isoweekday(), QLocale.FormatType.ShortFormat)}"
        show_days = () if self._exhibition is None else list_show_days(self._exhibition)
        return tr("Day {n}: {day}", n=show_days.index(day) + 1, day=name) if day in show_days else name

    def _move(self, by: int) -> None:
        if self._exhibition is not None and self._shown_s is not None:
            self._ask_for(find_neighbour(self._exhibition, self._shown_s, by=by))

    def _open_calendar(self) -> None:
        assert self._exhibition is not None
        now_utc_s = self._clock.now_utc_s()
        marked, usual = QTextCharFormat(), QTextCharFormat()
        marked.setFontWeight(QFont.Weight.Bold)
        marked.setForeground(QColor(current_theme().accent))
        self._calendar.setDateTextFormat(QDate(), usual)
        for day in list_show_days(self._exhibition):
            self._calendar.setDateTextFormat(_to_qt(day), marked)
        begins_s = now_utc_s if self._history_s is None else self._history_s[0]
        self._calendar.setDateRange(
            _to_qt(self._exhibition.local_day(begins_s)), _to_qt(self._exhibition.local_day(now_utc_s))
        )
        shown_s = now_utc_s if self._shown_s is None else self._shown_s[0]
        self._calendar.setSelectedDate(_to_qt(self._exhibition.local_day(shown_s)))
        self._calendar.adjustSize()
        below = self._pick_day.mapToGlobal(QPoint(0, self._pick_day.height()))
        right_px = self.window().mapToGlobal(QPoint(self.window().width(), 0)).x()
        self._calendar.move(min(below.x(), right_px - self._calendar.width()), below.y())
        self._calendar.show()
        self._calendar.setFocus()

    def _on_day_picked(self, picked: QDate) -> None:
        assert self._exhibition is not None
        self._calendar.hide()
        day = date(picked.year(), picked.month(), picked.day())
        only = self._hours.isChecked() and bool(self._exhibition.opening_hours)
        self._ask_for(find_day(self._exhibition, day, opening_hours_only=only))

    def _ask_for(self, period_s: Interval) -> None:
        self._asked_s = None
        self.period_chosen.emit(period_s)

    def _emit(self) -> None:
        if self._exhibition is None:
            return
        custom_s, day = self._read_fields(), self._day_of(self._choices.currentIndex())
        if day is not None:
            custom_s = self._exhibition.day_interval_utc(day)
        period = find_period(
            self.choice,
            exhibition=self._exhibition,
            now_utc_s=self._clock.now_utc_s(),
            history_s=self._history_s,
            custom_s=custom_s,
            opening_hours_only=self._hours.isChecked(),
        )
        is_backwards = self.choice is PeriodChoice.CUSTOM and custom_s[0] >= custom_s[1]
        self._until.setProperty("tone", "bad" if is_backwards else "")
        self._until.setToolTip(tr("The end must be after the start.") if is_backwards else "")
        if is_backwards or (period is None and self.choice is not PeriodChoice.NOW):
            return
        self._asked_s = period
        self.period_chosen.emit(period)

    def _show_fields(self) -> None:
        is_custom = self.choice is PeriodChoice.CUSTOM
        for widget in (self._from, self._dash, self._until):
            widget.setVisible(is_custom)
        has_hours = self._exhibition is not None and bool(self._exhibition.opening_hours)
        self._hours.setVisible(has_hours and self.choice not in (PeriodChoice.NOW, PeriodChoice.HISTORY))

    def _is_earlier_history(self, period_s: Interval | None) -> bool:
        """Return whether a period was the whole history when chosen; a running recording extends it."""
        if self.choice is not PeriodChoice.HISTORY or self._history_s is None or period_s is None:
            return False
        return period_s[0] == self._history_s[0]

    def _is_same_by_hours(self, choice: PeriodChoice, period_s: Interval | None) -> bool:
        assert self._exhibition is not None
        whole, cut = (
            find_period(
                choice,
                exhibition=self._exhibition,
                now_utc_s=self._clock.now_utc_s(),
                custom_s=period_s,
                opening_hours_only=only,
            )
            for only in (False, True)
        )
        return whole == cut

    def _fill_fields(self, period_s: Interval) -> None:
        assert self._exhibition is not None
        for edit, time_s in zip((self._from, self._until), period_s, strict=True):
            wall = to_local(time_s, exhibition=self._exhibition)
            with QSignalBlocker(edit):
                edit.setDateTime(
                    QDateTime(
                        QDate(wall.year, wall.month, wall.day),
                        QTime(wall.hour, wall.minute, wall.second),
                        QTimeZone.utc(),
                    )
                )

    def _read_fields(self) -> Interval:
        assert self._exhibition is not None
        start, end = (
            from_local(_to_python(edit.dateTime()), exhibition=self._exhibition)
            for edit in (self._from, self._until)
        )
        return start, end


def _to_python(shown: QDateTime) -> datetime:
    day, clock = shown.date(), shown.time()
    return datetime(day.year(), day.month(), day.day(), clock.hour(), clock.minute(), clock.second())  # noqa: DTZ001


def _to_qt(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
