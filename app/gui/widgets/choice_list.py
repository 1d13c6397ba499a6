"""Lists and menus to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QComboBox, QListWidget, QListWidgetItem, QMenu, QWidget

from app.gui.session.theme import current_theme


class CheckableMenu(QMenu):
    """A menu that stays open while entries are checked; Escape or a click outside closes it."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not self._toggle(self.actionAt(event.position().toPoint())):
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() not in keys or not self._toggle(self.activeAction()):
            super().keyPressEvent(event)

    def _toggle(self, action: object) -> bool:
        for known in self.actions():
            if known is action and known.isCheckable() and known.isEnabled():
                known.trigger()
                return True
        return False


_MIN_PX = 84


class ShrinkableComboBox(QComboBox):
    """A combo box as wide as its longest entry if there is room; its popup always is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(min(_MIN_PX, super().minimumSizeHint().width()), super().minimumSizeHint().height())

    def showPopup(self) -> None:  # noqa: N802
        self.view().setMinimumWidth(self.sizeHint().width())
        super().showPopup()


Choices = Sequence[tuple[str, str]]
"""Values with the texts shown for them."""


class ChoiceList(QListWidget):
    """A combo box whose values differ from its texts."""

    chosen = Signal(str)
    """The value chosen by the user."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: Choices = ()
        self.setWordWrap(True)
        self.setTabKeyNavigation(False)
        self.setSpacing(current_theme().space_xs)
        self.currentItemChanged.connect(self._on_current_changed)

    def show_choices(self, choices: Choices, chosen: str) -> None:
        """Show these entries, one of them chosen, without emitting `chosen`."""
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
