"""State shared by all pages: the open venue, the period, the selected zone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.file_format import read_venue
from app.demo.ready_venue import is_demo_venue
from app.gui.session.exported_files import exported_files
from app.gui.session.translation import translate_names


class AppState(QObject):
    changed = Signal(object, object)
    """(ChangeSet, initiator): the venue or its history changed; ``venue`` is already the new one."""
    venue_opened = Signal()
    """``venue`` is another one, or None."""
    period_changed = Signal()
    history_changed = Signal()
    zone_selection_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._venue: Venue | None = None
        translate_names(False)
        self._period: tuple[float, float] | None = None
        self._history: tuple[float, float] | None = None
        self._zone: str | None = None

    @property
    def venue(self) -> Venue | None:
        return self._venue

    @property
    def period(self) -> tuple[float, float] | None:
        """Start and end in seconds since the epoch; None for the live period."""
        return self._period

    @property
    def history(self) -> tuple[float, float] | None:
        """First and last observed time in seconds since the epoch, as last read; None if unknown."""
        return self._history

    @property
    def zone_selected(self) -> str | None:
        return self._zone

    def open_venue(self, folder: Path) -> None:
        """Read a venue's folder and show it.

        Raises:
            VenueError: it cannot be read; what was open stays open.
        """
        self.show_venue(read_venue(folder))

    def show_venue(self, venue: Venue) -> None:
        """Show a venue that was read already, without a selected zone."""
        self._venue = venue
        exported_files().folder = venue.folder
        translate_names(is_demo_venue(venue))
        self._period = None
        self._history = None
        self._zone = None
        self.venue_opened.emit()

    def close_venue(self) -> None:
        self._venue = None
        exported_files().folder = None
        translate_names(False)
        self._period = None
        self._history = None
        self._zone = None
        self.venue_opened.emit()

    def replace_venue(self, venue: Venue, changes: ChangeSet, *, initiator: object) -> None:
        self._venue = venue
        self.announce(changes, initiator=initiator)

    def announce(self, changes: ChangeSet, *, initiator: object) -> None:
        self.changed.emit(changes, initiator)

    def set_period(self, period: tuple[float, float] | None) -> None:
        """Set the period: start and end in seconds since the epoch, or None for now."""
        if period != self._period:
            self._period = period
            self.period_changed.emit()

    def show_last_observed_day(self) -> None:
        """Set the period to the last observed day in the venue's time zone, if there is one."""
        if self._history is not None and self._venue is not None:
            exhibition = self._venue.exhibition
            self.set_period(exhibition.day_interval_utc(exhibition.local_day(self._history[1] - 1.0)))

    def set_history(self, history: tuple[float, float] | None) -> None:
        if history != self._history:
            self._history = history
            self.history_changed.emit()

    def select_zone(self, name: str | None) -> None:
        if name != self._zone:
            self._zone = name
            self.zone_selection_changed.emit()
