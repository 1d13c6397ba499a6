"""A card with a title, an explanation, buttons and content."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.gui.session.theme import current_theme
from app.gui.widgets.layouts import fill


class TitledCard(QFrame):
    """Card whose texts are set translated, and set again when the language changes."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = current_theme()
        self.setProperty("role", "card")
        self._title, self._note = QLabel(self), QLabel(self)
        self._title.setProperty("role", "title")
        self._note.setProperty("role", "small")
        self._note.setWordWrap(True)
        for label in (self._title, self._note):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._head = QHBoxLayout()
        self._head.addWidget(self._title, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        layout.setSpacing(theme.space_s)
        fill(layout, self._head, self._note, (content, 1))

    @property
    def note(self) -> str:
        return self._note.text()

    def add_tool(self, tool: QWidget) -> None:
        self._head.addWidget(tool)

    def show_texts(self, title: str, note: str = "") -> None:
        """Show a title and an explanation; an empty explanation is hidden."""
        self._title.setText(title)
        self._note.setText(note)
        self._note.setVisible(bool(note))
