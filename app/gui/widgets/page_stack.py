"""Pages of which one is in front: the others learn a new language when they come to be."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QStackedWidget, QWidget


class PageStack(QStackedWidget):
    """Pages behind are told of a change of language when they are shown: all at once hold the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outdated: set[QObject] = set()

    def addWidget(self, page: QWidget) -> int:  # noqa: N802
        """Put a page behind the others."""
        page.installEventFilter(self)
        return super().addWidget(page)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep the change of language until the page is shown."""
        if event.type() is QEvent.Type.LanguageChange and watched is not self.currentWidget():
            self._outdated.add(watched)
            return True
        if event.type() is QEvent.Type.Show and watched in self._outdated:
            self._outdated.discard(watched)
            QCoreApplication.sendEvent(watched, QEvent(QEvent.Type.LanguageChange))
        return super().eventFilter(watched, event)
