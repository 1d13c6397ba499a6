"""The line below the window's header that says what the period's figures lack."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel, QWidget

from app.gui.window.period_gaps import PeriodGapsViewModel, describe_gaps


class PeriodGapsLine(QLabel):
    """Takes no room where nothing is missing, or no period is looked at."""

    def __init__(self, viewmodel: PeriodGapsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._is_wanted = False
        self.setProperty("role", "small")
        self.setWordWrap(True)
        self.hide()
        viewmodel.state_changed.connect(self._render)

    def set_wanted(self, is_wanted: bool) -> None:
        """Whether a page shows figures of a period."""
        self._is_wanted = is_wanted
        self._viewmodel.set_watched(is_wanted)
        self._render()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._render()

    def _render(self) -> None:
        text = describe_gaps(self._viewmodel.state)
        self.setText(text.line)
        self.setToolTip(text.more)
        self.setVisible(self._is_wanted and bool(text.line))
