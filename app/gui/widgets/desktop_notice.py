"""A notice on the desktop, for whoever works in another program; nothing where the system has none."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QSystemTrayIcon

from app.gui.session.theme import current_theme
from app.gui.widgets.icons import make_icon

_SHOWN_MS = 10_000


class DesktopNotice:
    """Makes its icon in the system's tray with the first notice."""

    def __init__(self, parent: QObject) -> None:
        self._parent = parent
        self._icon: QSystemTrayIcon | None = None

    def show(self, title: str, text: str) -> bool:
        """Show a notice; whether the system can."""
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return False
        if self._icon is None:
            self._icon = QSystemTrayIcon(make_icon("brand", current_theme().accent), self._parent)
        self._icon.show()
        self._icon.showMessage(title, text, QSystemTrayIcon.MessageIcon.Warning, _SHOWN_MS)
        return True

    def hide(self) -> None:
        """Take the icon out of the tray: no alarm holds."""
        if self._icon is not None:
            self._icon.hide()
