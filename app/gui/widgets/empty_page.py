"""The placeholder of a page without content: the reason and a next step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated
from app.gui.widgets.forms import name_control
from app.gui.widgets.icons import show_icon
from app.gui.widgets.layouts import fill, make_column, make_label, make_row

_ICON_PX = 56


class EmptyPage(Translated, QWidget):
    """An icon, a title, a sentence and buttons, centred."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self._icon = QLabel(self)
        self._title = make_label(role="title", wraps=True, parent=self)
        self._text = make_label(role="muted", wraps=True, parent=self)
        self._buttons: list[QPushButton] = []
        self._row = make_row(spacing=current_theme().space_m)
        column = fill(make_column(self, spacing=current_theme().space_m), 2)
        for label in (self._icon, self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            # without an alignment in the layout, so that a wrapped text gets its height
            column.addWidget(label)
        column.addLayout(self._row)
        column.addStretch(3)
        self._row.addStretch(1)
        self._row.addStretch(1)
        self._recolour()

    @property
    def title(self) -> str:
        return self._title.text()

    def add_button(self, on_clicked: Callable[[], None], *, is_primary: bool = False) -> QPushButton:
        """Add a button at the right of the others; `show_texts` sets its text."""
        button = QPushButton(self)
        if is_primary:
            button.setProperty("role", "primary")
        # drop the signal's argument, which a bound method would receive
        button.clicked.connect(lambda _is_checked: on_clicked())
        self._row.insertWidget(self._row.count() - 1, button)
        self._buttons.append(button)
        return button

    def show_texts(self, title: str, text: str, *buttons: str) -> None:
        """Show translated texts; a button without a text is hidden."""
        self._title.setText(title)
        self._text.setText(text)
        for button, label in zip(self._buttons, buttons, strict=True):
            name_control(button, label)
            button.setVisible(bool(label))

    def _recolour(self) -> None:
        show_icon(self._icon, self._icon_name, current_theme().text_muted, _ICON_PX)
