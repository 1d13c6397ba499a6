"""A problem with its remedy and a button for it, and a message that moves nothing of the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from app.gui.session.theme import current_theme
from app.gui.widgets.forms import name_control
from app.gui.widgets.layouts import fill, make_column, make_label, style_message


class FailureNote(QFrame):
    """A note that is hidden while there is no problem."""

    action_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self.setProperty("tone", "bad")
        self._problem = make_label(role="bad", parent=self)
        self._remedy = QLabel(self)
        for label in (self._problem, self._remedy):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._action = QPushButton(self)
        self._action.clicked.connect(self.action_chosen)
        texts = fill(make_column(spacing=current_theme().space_xs), self._problem, self._remedy)
        fill(QHBoxLayout(self), (texts, 1), (self._action, 0, Qt.AlignmentFlag.AlignVCenter))
        self.hide()

    @property
    def problem(self) -> str:
        return self._problem.text()

    @property
    def remedy(self) -> str:
        return self._remedy.text()

    def show_failure(self, problem: str, remedy: str, action: str) -> None:
        """Show a problem; an empty ``problem`` hides the note, an empty ``action`` its button."""
        self._problem.setText(problem)
        self._remedy.setText(remedy)
        name_control(self._action, action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(problem)
        self.setAccessibleDescription(remedy)
        self.setVisible(bool(problem))


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
