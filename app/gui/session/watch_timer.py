"""Looks at what other programs change, while somebody sees it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class WatchTimer(QTimer):
    """Looks at once when somebody begins to see it, and then every ``every_ms``."""

    def __init__(self, look: Callable[[], None], *, every_ms: int, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self.setInterval(every_ms)
        self.timeout.connect(look)

    def set_active(self, is_active: bool) -> None:
        """Say whether anybody sees it."""
        if not is_active:
            self.stop()
            return
        self.start()
        self._look()

    def look_if_active(self) -> None:
        """Look at once, if anybody sees it: there is something else to be seen."""
        if self.isActive():
            self._look()
