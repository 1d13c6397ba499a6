"""A button with a list of zones of which any may be checked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.gui.session.translation import display_name, tr, trn


class ZoneChecks(QPushButton):
    """Says how many are checked."""

    checked_changed = Signal(object)
    """The names that are checked, as a tuple."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._zones: tuple[str, ...] = ()
        self._checked: tuple[str, ...] = ()
        self._name = ""

    def set_name(self, name: str) -> None:
        """What the zones are checked for, already translated."""
        self._name = name
        self.setAccessibleName(name)
        self._say()

    def show_zones(self, zones: Sequence[str], checked: Sequence[str]) -> None:
        """Show the zones, some of them checked; nothing is emitted."""
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
        self._say()

    def _on_toggled(self, name: str, is_on: bool) -> None:
        chosen = {*self._checked, name} if is_on else {*self._checked} - {name}
        self._checked = tuple(zone for zone in self._zones if zone in chosen)
        self._say()
        self.checked_changed.emit(self._checked)

    def _say(self) -> None:
        count = len(self._checked)
        self.setText(
            tr("{name}: {count}", name=self._name, count=trn("{n} zone", "{n} zones", count))
            if count
            else tr("{name}: not said", name=self._name)
        )
        self.setEnabled(bool(self._zones))
