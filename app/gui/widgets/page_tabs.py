"""Buttons that choose which part of a page is shown: one of them at a time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from app.gui.session.theme import current_theme
from app.gui.widgets.forms import name_control


class PageTabs(QWidget):
    """As many buttons as parts; the first is chosen. Arrow keys go from one to the next."""

    tab_chosen = Signal(int)
    """By a person or by `choose_tab`."""

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(current_theme().space_xs)
        self.buttons = tuple(QToolButton(self) for _ in range(count))
        for number, button in enumerate(self.buttons):
            button.setCheckable(True)
            button.setProperty("role", "layer")
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._group.addButton(button, number)
            row.addWidget(button)
        self.buttons[0].setChecked(True)
        self._group.idToggled.connect(self._on_toggled)

    @property
    def chosen(self) -> int:
        """Number of the part that is shown."""
        return self._group.checkedId()

    def choose_tab(self, number: int) -> None:
        """Show a part."""
        self.buttons[number].setChecked(True)

    def name_tabs(self, names: Sequence[str]) -> None:
        """Their names, translated."""
        for button, name in zip(self.buttons, names, strict=True):
            name_control(button, name)

    def _on_toggled(self, number: int, is_checked: bool) -> None:
        if is_checked:
            self.tab_chosen.emit(number)
