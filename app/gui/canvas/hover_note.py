"""Words beside the pointer on a plan."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.gui.canvas.zoomed_view import ZoomedView
from app.gui.session.theme import current_theme

_AWAY_PX = 18


class HoverNote(QLabel):
    """Lies over a view and stays within it."""

    def __init__(self, view: ZoomedView) -> None:
        super().__init__(view.viewport())
        self._view = view
        self.setProperty("role", "banner")
        self.setMargin(current_theme().space_xs)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, place: tuple[float, float], words: str) -> None:
        """Show words at a place of the view's scene."""
        self.setText(words)
        self.adjustSize()
        at = self._view.mapFromScene(*place)
        free = self._view.viewport().rect().size() - self.size()
        self.move(max(0, min(at.x() + _AWAY_PX, free.width())), max(0, min(at.y() + _AWAY_PX, free.height())))
        self.show()
