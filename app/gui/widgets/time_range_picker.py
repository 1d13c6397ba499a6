"""The choice of a period: now, a day, everything, or a custom range on the venue's clock."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDate, QDateTime, QSignalBlocker, QTime, QTimeZone, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateTimeEdit, QHBoxLayout, QLabel, QWidget

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.exhibition import Exhibition, Interval
from app.core.periods import PeriodChoice, find_period, from_local, identify_choice, to_local
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr

_FORMAT = "yyyy-MM-dd HH:mm"


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
        self._choices = QComboBox()
        self._choices.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for choice in PeriodChoice:
            self._choices.addItem("", choice)
        self._hours = QCheckBox()
        # nights do not belong to a day of a fair; custom times are used as entered
        self._hours.setChecked(True)
        self._from, self._dash, self._until = QDateTimeEdit(), QLabel("–"), QDateTimeEdit()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(current_theme().space_s)
        for widget in (self._choices, self._from, self._dash, self._until, self._hours):
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
        self._show_fields()

    @property
    def choice(self) -> PeriodChoice:
        """The current choice of the list."""
        return PeriodChoice(self._choices.currentData())

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
        with QSignalBlocker(self._hours):
            if choice in (PeriodChoice.TODAY, PeriodChoice.YESTERDAY) and not self._is_same_by_hours(choice):
                self._hours.setChecked(only)
        is_kept = choice is PeriodChoice.CUSTOM and self._is_earlier_history(period_s)
        is_kept |= self.choice is PeriodChoice.CUSTOM and period_s is not None and period_s == self._asked_s
        if choice is PeriodChoice.CUSTOM and not is_kept:
            with QSignalBlocker(self._hours):
                self._hours.setChecked(False)
        if not is_kept:
            self._choices.setCurrentIndex(self._choices.findData(choice))
        shown = period_s or history_s or exhibition.day_interval_utc(exhibition.local_day(now_utc_s))
        if not (is_kept and self._hours.isChecked()):
            self._fill_fields(shown)
        model = self._choices.model()
        assert isinstance(model, QStandardItemModel)
        model.item(self._choices.findData(PeriodChoice.HISTORY)).setEnabled(history_s is not None)
        self._show_fields()

    def retranslate(self) -> None:
        """Update all texts to the current language."""
        names = {
            PeriodChoice.NOW: tr("Now (last hour)"),
            PeriodChoice.TODAY: tr("Today"),
            PeriodChoice.YESTERDAY: tr("Yesterday"),
            PeriodChoice.HISTORY: tr("Whole history"),
            PeriodChoice.CUSTOM: tr("Custom"),
        }
        for choice, name in names.items():
            self._choices.setItemText(self._choices.findData(choice), name)
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

    def _emit(self) -> None:
        if self._exhibition is None:
            return
        custom_s = self._read_fields()
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

    def _is_same_by_hours(self, choice: PeriodChoice) -> bool:
        assert self._exhibition is not None
        whole, cut = (
            find_period(
                choice,
                exhibition=self._exhibition,
                now_utc_s=self._clock.now_utc_s(),
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
