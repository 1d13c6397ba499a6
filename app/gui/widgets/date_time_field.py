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

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        time_utc_s: float | None = None,
        exhibition: Exhibition | None = None,
    ) -> None:
        super().__init__(parent)
        self._exhibition: Exhibition | None = None
        self.setTimeZone(QTimeZone.utc())
        self.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.setCalendarPopup(True)
        self.setKeyboardTracking(False)
        self.dateTimeChanged.connect(self._on_changed)
        if time_utc_s is not None and exhibition is not None:
            self.show_time(time_utc_s, exhibition)

    @property
    def time_s(self) -> float:
        """The time, seconds since the epoch; one must have been shown."""
        if self._exhibition is None:
            raise ValueError("no time was shown")
        return from_local(_read_wall(self.dateTime()), exhibition=self._exhibition)

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

    def _on_changed(self) -> None:
        if self._exhibition is not None:
            self.time_chosen.emit(self.time_s)


def _read_wall(shown: QDateTime) -> datetime:
    day, clock = shown.date(), shown.time()
    return datetime(day.year(), day.month(), day.day(), clock.hour(), clock.minute(), clock.second())  # noqa: DTZ001
