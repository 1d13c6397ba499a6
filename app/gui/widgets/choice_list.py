"""A few lines of which one is chosen, by mouse or arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from app.gui.session.theme import current_theme

Choices = Sequence[tuple[str, str]]
"""Values, each with the words that are shown for it."""


class ChoiceList(QListWidget):
    """Each value is a text that is not shown."""

    chosen = Signal(str)
    """The value that a person has chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: Choices = ()
        self.setWordWrap(True)
        self.setTabKeyNavigation(False)
        self.setSpacing(current_theme().space_xs)
        self.currentItemChanged.connect(self._on_current_changed)

    def show_choices(self, choices: Choices, chosen: str) -> None:
        """Show these lines, one of them chosen; `chosen` is not emitted."""
        was_blocked = self.blockSignals(True)
        if choices != self._choices:
            self._choices = choices
            self.clear()
            for value, words in choices:
                item = QListWidgetItem(words, self)
                item.setData(Qt.ItemDataRole.UserRole, value)
        for row, (value, _words) in enumerate(choices):
            if value == chosen and row != self.currentRow():
                self.setCurrentRow(row)
        self.blockSignals(was_blocked)

    def _on_current_changed(self, item: QListWidgetItem | None, _former: object) -> None:
        if item is not None:
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
