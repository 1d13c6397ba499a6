"""Buttons that switch between the parts of a page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from app.gui.session.theme import current_theme
from app.gui.widgets.forms import name_control
from app.gui.widgets.layouts import make_row


class PageTabs(QWidget):
    """One button per part, the first one checked; arrow keys move between them."""

    tab_chosen = Signal(int)
    """Emitted by the user and by `choose_tab`."""

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        row = make_row(self, margins=0, spacing=current_theme().space_xs)
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
        return self._group.checkedId()

    def choose_tab(self, number: int) -> None:
        self.buttons[number].setChecked(True)

    def name_tabs(self, names: Sequence[str]) -> None:
        for button, name in zip(self.buttons, names, strict=True):
            name_control(button, name)

    def _on_toggled(self, number: int, is_checked: bool) -> None:
        if is_checked:
            self.tab_chosen.emit(number)
