"""An input field for a date and time on the venue's clock."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDate, QDateTime, QSignalBlocker, QTime, QTimeZone, Signal
from PySide6.QtWidgets import QDateTimeEdit, QWidget

from analytics.domain.exhibition import Exhibition
from app.core.periods import from_local, to_local


class DateTimeField(QDateTimeEdit):
    """Input field for a time to the minute, independent of this machine's time zone."""

    time_chosen = Signal(float)
    """Seconds since the epoch; emitted only for user input."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exhibition: Exhibition | None = None
        self.setTimeZone(QTimeZone.utc())
        self.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.setCalendarPopup(True)
        self.setKeyboardTracking(False)
        self.dateTimeChanged.connect(self._on_changed)

    def show_time(self, time_utc_s: float, exhibition: Exhibition) -> None:
        """Show a time, seconds since the epoch."""
        self._exhibition = exhibition
        wall = to_local(time_utc_s, exhibition=exhibition)
        with QSignalBlocker(self):
            self.setDateTime(
                QDateTime(
                    QDate(wall.year, wall.month, wall.day),
                    QTime(wall.hour, wall.minute, wall.second),
                    QTimeZone.utc(),
                )
            )

    def _on_changed(self, shown: QDateTime) -> None:
        if self._exhibition is None:
            return
        day, clock = shown.date(), shown.time()
        wall = datetime(  # noqa: DTZ001
            day.year(), day.month(), day.day(), clock.hour(), clock.minute(), clock.second()
        )
        self.time_chosen.emit(from_local(wall, exhibition=self._exhibition))
