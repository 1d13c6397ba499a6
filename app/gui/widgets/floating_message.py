"""An error message that moves nothing of the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from app.gui.session.theme import current_theme
from app.gui.widgets.layouts import style_message


class FloatingMessage(QLabel):
    """A message over the lower edge of a part that keeps its size, and can be clicked through."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        style_message(self)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        over.installEventFilter(self)
        self.hide()

    def setText(self, text: str) -> None:  # noqa: N802
        super().setText(text)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        margin = current_theme().space_m
        width = self._over.width() - 2 * margin
        height = self.heightForWidth(width)
        self.setGeometry(margin, self._over.height() - height - margin, width, height)
        self.raise_()
