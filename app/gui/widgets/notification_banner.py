"""A message that does not interrupt: problem and remedy, until closed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.widgets.forms import make_label, name_control, set_style_property
from app.gui.widgets.icons import make_icon, show_icon

Text = str | Callable[[], str]
"""A sentence, or a function that returns it in the current language."""


class NotificationBanner(QFrame):
    """Banner, hidden until `show_message`; a later message replaces an earlier one."""

    closed = Signal()
    action_chosen = Signal()
    """The button beside the message was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self._tone = "bad"
        self._texts: tuple[Text, Text, Text] = ("", "", "")
        self._on_closed: Callable[[], object] | None = None
        self._icon = QLabel(self)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._problem = QLabel(self)
        self._remedy = make_label(role="muted", parent=self)
        for label in (self._problem, self._remedy):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._action = QPushButton(self)
        self._action.clicked.connect(self.action_chosen)
        self._close = QToolButton(self)
        self._close.setProperty("role", "quiet")
        self._close.setShortcut("Esc")
        self._close.clicked.connect(self._on_close_clicked)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._problem)
        texts.addWidget(self._remedy)
        row = QHBoxLayout(self)
        row.addWidget(self._icon)
        row.addLayout(texts, 1)
        row.addWidget(self._action, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self.retranslate()
        self.hide()

    @property
    def problem(self) -> str:
        """The problem shown."""
        return self._problem.text()

    @property
    def remedy(self) -> str:
        """The remedy shown below it."""
        return self._remedy.text()

    def show_message(
        self,
        problem: Text,
        remedy: Text = "",
        *,
        tone: str = "bad",
        action: Text = "",
        on_closed: Callable[[], object] | None = None,
    ) -> None:
        """Show a message.

        Args:
            tone: ``bad``, ``good`` or ``neutral``.
            action: what a button beside it says; empty for none.
            on_closed: called when somebody closes this very message.
        """
        self._on_closed = on_closed
        self._tone = tone
        self._texts = (problem, remedy, action)
        self._update_texts()
        set_style_property(self, "tone", tone)
        self._draw_icons()
        self.show()

    def retranslate(self) -> None:
        """Update all texts to the current language."""
        self._update_texts()
        self._close.setToolTip(tr("Close this message"))
        self._close.setAccessibleName(tr("Close this message"))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Handle language and theme changes."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() is QEvent.Type.PaletteChange:
            self._draw_icons()
        super().changeEvent(event)

    def _update_texts(self) -> None:
        problem, remedy, action = (text if isinstance(text, str) else text() for text in self._texts)
        self._problem.setText(problem)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        name_control(self._action, action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(problem)
        self.setAccessibleDescription(remedy)

    def _draw_icons(self) -> None:
        theme = current_theme()
        is_bad = self._tone == "bad"
        colour = theme.bad if is_bad else theme.good if self._tone == "good" else theme.accent
        show_icon(self._icon, "warning" if is_bad else "info", colour, 22)
        self._close.setIcon(make_icon("close"))

    def _on_close_clicked(self) -> None:
        self.hide()
        if self._on_closed is not None:
            self._on_closed()
        self.closed.emit()
