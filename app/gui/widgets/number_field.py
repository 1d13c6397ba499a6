"""An input field for a number with its unit."""

from __future__ import annotations

import re

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QToolTip, QWidget

from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.widgets.forms import set_style_property

_UNEVEN_GROUPS = re.compile(r",(?!\d{3}(?!\d))")
"""A comma that is not followed by three digits does not separate thousands."""


class NumberField(QDoubleSpinBox):
    """Spin box without arrows, which the style sheet removes (Qt's own way hides a styled field's text).

    Where words stand for the minimum number ("not set"), typing replaces them and emptying brings them back.
    What is no number of its range is neither taken nor changed: it stays, marked, with the reason, and the
    value remains what it was until it is corrected; Escape brings that back.
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
        self._refused = ""
        self.setRange(minimum, maximum)
        self.setDecimals(decimals)
        self.setSuffix(f" {unit}")
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)

    @property
    def complaint(self) -> str:
        """Why what is typed is no value; empty if it is one."""
        if self._shows_words():
            return ""
        text = self.lineEdit().text()
        for read in (text, self.fixup(text)):
            if self.validate(read, 0)[0] is QValidator.State.Acceptable:
                return ""
        least, most = (self.textFromValue(limit) for limit in (self.minimum(), self.maximum()))
        if self.decimals():
            return tr(
                "Enter a number from {least} to {most}, with at most {decimals} decimals.",
                least=least,
                most=most,
                decimals=self.decimals(),
            )
        return tr("Enter a whole number from {least} to {most}.", least=least, most=most)

    def setValue(self, value: float) -> None:  # noqa: N802
        # what was refused stays to be corrected
        if not self._refused or value != self.value():
            super().setValue(value)
            self._mark("")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        is_typed = bool(event.text()) and event.text().isprintable()
        # Qt rejects a digit typed beside the special text
        if self._shows_words() and (is_typed or event.matches(QKeySequence.StandardKey.Paste)):
            self.selectAll()
        complaint = self.complaint
        if complaint and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._mark(complaint)
            event.ignore()
        elif complaint and event.key() == Qt.Key.Key_Escape:
            super().setValue(self.value())
            self._mark("")
        else:
            super().keyPressEvent(event)
            if self._refused and not self.complaint:
                self._mark("")

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        complaint = self.complaint
        self._mark(complaint)
        if not complaint:
            super().focusOutEvent(event)
            return
        # Qt would put the former number in its place
        self.lineEdit().event(event)
        QWidget.focusOutEvent(self, event)

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        if self._is_uneven(text):
            return QValidator.State.Intermediate, text, pos
        state, text, pos = super().validate(text, pos)
        # Qt would swallow the keys that lead beyond the range, and read what is left
        return QValidator.State.Intermediate if state is QValidator.State.Invalid else state, text, pos

    def fixup(self, text: str) -> str:
        if self.specialValueText() and not text.removesuffix(self.suffix()).strip():
            return self.textFromValue(self.minimum()) + self.suffix()
        # Qt would drop all commas and read "4,50" as 450
        return text if self._is_uneven(text) else super().fixup(text)

    def _mark(self, complaint: str) -> None:
        if complaint != self._refused:
            self._refused = complaint
            set_style_property(self, "tone", "bad" if complaint else "")
            self.setAccessibleDescription(complaint)
            if complaint and self.isVisible():
                QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), complaint, self)

    def _is_uneven(self, text: str) -> bool:
        return self.locale().groupSeparator() == "," and bool(
            _UNEVEN_GROUPS.search(text.removesuffix(self.suffix()))
        )

    def _shows_words(self) -> bool:
        return bool(self.specialValueText()) and self.lineEdit().text() == self.specialValueText()
