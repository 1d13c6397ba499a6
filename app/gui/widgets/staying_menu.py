"""A menu of things to show and hide that stays open while several are chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu


class StayingMenu(QMenu):
    """Closes by Escape or a click beside it; checkable entries do not close it."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        if not self._toggle(self.actionAt(event.position().toPoint())):
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102
        keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() not in keys or not self._toggle(self.activeAction()):
            super().keyPressEvent(event)

    def _toggle(self, action: object) -> bool:
        for known in self.actions():
            if known is action and known.isCheckable() and known.isEnabled():
                known.trigger()
                return True
        return False
