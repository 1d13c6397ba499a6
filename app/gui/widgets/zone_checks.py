"""A button with a checkable list of zones."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.gui.session.translation import display_name, tr, trn


class ZoneChecks(QPushButton):
    """Button that shows how many zones are checked."""

    checked_changed = Signal(object)
    """The names of the checked zones, as a tuple."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._zones: tuple[str, ...] = ()
        self._checked: tuple[str, ...] = ()
        self._name = ""

    def set_name(self, name: str) -> None:
        """Set the translated purpose of the choice."""
        self._name = name
        self.setAccessibleName(name)
        self._update_text()

    def show_zones(self, zones: Sequence[str], checked: Sequence[str]) -> None:
        """Show the zones, some of them checked, without emitting a signal."""
        if (tuple(zones), tuple(checked)) == (self._zones, self._checked):
            return
        self._checked = tuple(checked)
        if tuple(zones) != self._zones:
            self._zones = tuple(zones)
            self._menu.clear()
            for zone in zones:
                action = self._menu.addAction(display_name(zone))
                action.setCheckable(True)
                action.toggled.connect(lambda is_on, name=zone: self._on_toggled(name, is_on))
        for zone, action in zip(self._zones, self._menu.actions(), strict=True):
            was_blocked = action.blockSignals(True)
            action.setChecked(zone in self._checked)
            action.blockSignals(was_blocked)
        self._update_text()

    def _on_toggled(self, name: str, is_on: bool) -> None:
        chosen = {*self._checked, name} if is_on else {*self._checked} - {name}
        self._checked = tuple(zone for zone in self._zones if zone in chosen)
        self._update_text()
        self.checked_changed.emit(self._checked)

    def _update_text(self) -> None:
        count = len(self._checked)
        self.setText(
            tr("{name}: {count}", name=self._name, count=trn("{n} zone", "{n} zones", count))
            if count
            else tr("{name}: not specified", name=self._name)
        )
        self.setEnabled(bool(self._zones))
