"""The line above the wall: whether anything is recorded, and a button to begin."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.gui.theme import current_theme


class RecordingBar(QFrame):
    """Shows one message at a time."""

    start_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = current_theme()
        self.setProperty("role", "banner")
        self._problem, self._remedy = QLabel(self), QLabel(self)
        self._remedy.setProperty("role", "muted")
        for label in (self._problem, self._remedy):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._start = QPushButton(self)
        self._start.setProperty("role", "primary")
        self._start.clicked.connect(self.start_requested)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._problem)
        texts.addWidget(self._remedy)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space_m, theme.space_s, theme.space_m, theme.space_s)
        row.addLayout(texts, 1)
        row.addWidget(self._start)

    @property
    def problem(self) -> str:
        """The sentence that is shown."""
        return self._problem.text()

    @property
    def remedy(self) -> str:
        """The sentence below it."""
        return self._remedy.text()

    def show_offer(self, problem: str, remedy: str, button: str, *, is_bad: bool = False) -> None:
        """Nothing is recorded, and this can be done about it."""
        self._start.setText(button)
        self._start.setAccessibleName(button)
        self._start.show()
        self._say(problem, remedy, is_bad=is_bad)

    def show_waiting(self, text: str, note: str = "") -> None:
        """Something is under way and needs nothing."""
        self._start.hide()
        self._say(text, note, is_bad=False)

    def _say(self, problem: str, remedy: str, *, is_bad: bool) -> None:
        if (problem, remedy) == (self._problem.text(), self._remedy.text()):
            return
        self._problem.setText(problem)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self.setAccessibleName(problem)
        self.setAccessibleDescription(remedy)
        self.setProperty("tone", "bad" if is_bad else "")
        self.style().unpolish(self)
        self.style().polish(self)
