"""An input field for a number with its unit."""

from __future__ import annotations

import re

from PySide6.QtGui import QKeyEvent, QKeySequence, QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from app.gui.session.theme import current_theme

_UNEVEN_GROUPS = re.compile(r",(?!\d{3}(?!\d))")
"""A comma that is not followed by three digits does not separate thousands."""


class NumberField(QDoubleSpinBox):
    """Spin box without arrows, which the style sheet removes (Qt's own way hides a styled field's text).

    Where words stand for the minimum number ("not set"), typing replaces them and emptying brings them back.
    A comma that is no separator of thousands is not read over: the number before it comes back.
    """

    def __init__(
        self,
        *,
        minimum: float,
        maximum: float,
        decimals: int,
        unit: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setRange(minimum, maximum)
        self.setDecimals(decimals)
        self.setSuffix(f" {unit}")
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        is_typed = bool(event.text()) and event.text().isprintable()
        # Qt rejects a digit typed beside the special text
        if self._shows_words() and (is_typed or event.matches(QKeySequence.StandardKey.Paste)):
            self.selectAll()
        super().keyPressEvent(event)

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        if self._is_uneven(text):
            return QValidator.State.Intermediate, text, pos
        return super().validate(text, pos)

    def fixup(self, text: str) -> str:
        if self.specialValueText() and not text.removesuffix(self.suffix()).strip():
            return self.textFromValue(self.minimum()) + self.suffix()
        # Qt would drop all commas and read "4,50" as 450
        return text if self._is_uneven(text) else super().fixup(text)

    def _is_uneven(self, text: str) -> bool:
        return self.locale().groupSeparator() == "," and bool(
            _UNEVEN_GROUPS.search(text.removesuffix(self.suffix()))
        )

    def _shows_words(self) -> bool:
        return bool(self.specialValueText()) and self.lineEdit().text() == self.specialValueText()
