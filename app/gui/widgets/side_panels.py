"""Panels that share one place, with a button for each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from app.gui.session.theme import current_theme
from app.gui.widgets.layouts import fill, make_column
from app.gui.widgets.wrapping_row import WrappingRow


class SidePanels(QWidget):
    """Shows one panel at a time; the buttons appear with the second panel."""

    panel_shown = Signal(object)
    """The panel that was chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._titles: list[Callable[[], tuple[str, str]]] = []
        self._buttons: list[QToolButton] = []
        self._stack = QStackedWidget(self)
        self._row, end = WrappingRow(), QWidget(self)
        self._row.setSpacing(current_theme().space_xs)
        # a row puts its last part at the right: here that is nothing
        self._row.addWidget(end)
        end.hide()
        fill(make_column(self, margins=0, spacing=current_theme().space_s), self._row, (self._stack, 1))
        self._group.idClicked.connect(self._show_index)

    @property
    def shown(self) -> QWidget | None:
        return self._stack.currentWidget()

    def add_panel(self, panel: QWidget, title: Callable[[], tuple[str, str]]) -> None:
        """Add a panel; ``title`` returns its button's text and accessible name."""
        button = QToolButton(self)
        button.setCheckable(True)
        button.setProperty("role", "layer")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setChecked(not self._buttons)
        self._group.addButton(button, len(self._buttons))
        self._buttons.append(button)
        self._titles.append(title)
        self._row.insert_before_last(button)
        self._stack.addWidget(panel)
        for known in self._buttons:
            known.setVisible(len(self._buttons) > 1)
        self.name_buttons()

    def show_panel(self, panel: QWidget) -> None:
        index = self._stack.indexOf(panel)
        self._buttons[index].setChecked(True)
        self._show_index(index)

    def show_button(self, panel: QWidget, is_shown: bool) -> None:
        """Offer a panel, or hide its button, for which the first panel is shown instead."""
        index = self._stack.indexOf(panel)
        self._buttons[index].setVisible(is_shown)
        if not is_shown and self.shown is panel:
            self._buttons[0].setChecked(True)
            self._show_index(0)

    def name_buttons(self) -> None:
        for button, title in zip(self._buttons, self._titles, strict=True):
            text, name = title()
            button.setText(text)
            button.setAccessibleName(name)
            button.setToolTip(name if name != text else "")

    def _show_index(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        self.panel_shown.emit(self._stack.currentWidget())
