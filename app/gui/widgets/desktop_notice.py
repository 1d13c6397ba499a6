"""Desktop notifications, if the system supports them."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QSystemTrayIcon

from app.gui.session.theme import current_theme
from app.gui.widgets.icons import make_icon

_SHOWN_MS = 10_000


class DesktopNotice:
    """Shows notifications; its tray icon is created with the first one."""

    def __init__(self, parent: QObject) -> None:
        self._parent = parent
        self._icon: QSystemTrayIcon | None = None

    def show(self, title: str, text: str) -> bool:
        """Show a notification; return whether the system can."""
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return False
        if self._icon is None:
            self._icon = QSystemTrayIcon(make_icon("brand", current_theme().accent), self._parent)
        self._icon.show()
        self._icon.showMessage(title, text, QSystemTrayIcon.MessageIcon.Warning, _SHOWN_MS)
        return True

    def hide(self) -> None:
        """Remove the tray icon."""
        if self._icon is not None:
            self._icon.hide()
