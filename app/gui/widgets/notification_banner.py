"""A message that does not interrupt: problem and remedy, until closed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.widgets.forms import name_control, set_style_property
from app.gui.widgets.icons import make_icon, show_icon
from app.gui.widgets.layouts import fill, make_column, make_label

Text = str | Callable[[], str]
"""A sentence, or a function that returns it in the current language."""
_WIDTH_PX = 520
_STAYS_MS = 8000
"""Time after which good news that floats goes by itself."""


class NotificationBanner(Translated, QFrame):
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
        texts = fill(make_column(spacing=2), self._problem, self._remedy)
        row = QHBoxLayout(self)
        row.addWidget(self._icon)
        row.addLayout(texts, 1)
        row.addWidget(self._action, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._over: QWidget | None = None
        self._expiry = QTimer(self)
        self._expiry.setSingleShot(True)
        self._expiry.setInterval(_STAYS_MS)
        self._expiry.timeout.connect(self.hide)
        self.retranslate()
        self.hide()

    def float_over(self, over: QWidget) -> None:
        """Float over the lower right of a widget, so that nothing is moved; good news goes by itself."""
        self._over = over
        self.setParent(over)
        over.installEventFilter(self)

    @property
    def action(self) -> str:
        """The text of the button beside the message; empty without one."""
        return self._action.text()

    @property
    def problem(self) -> str:
        return self._problem.text()

    @property
    def remedy(self) -> str:
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
        self._recolour()
        self.show()
        self._place()
        self._expire_later()

    def dismiss_news(self) -> None:
        """Hide a message that reports no problem and asks for nothing."""
        if self._is_news:
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self._over and event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        return super().eventFilter(watched, event)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        self._expiry.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._expire_later()
        super().leaveEvent(event)

    @property
    def _is_news(self) -> bool:
        return self._tone != "bad" and self._on_closed is None and not self.action

    def _expire_later(self) -> None:
        self._expiry.stop()
        if self._over is not None and self._is_news:
            self._expiry.start()

    def _place(self) -> None:
        over, layout = self._over, self.layout()
        if over is None or layout is None or self.isHidden():
            return
        margin = current_theme().space_m
        width = min(_WIDTH_PX, over.width() - 2 * margin)
        height = max(layout.heightForWidth(width), self.minimumSizeHint().height())
        place = QRect(over.width() - width - margin, over.height() - height - margin, width, height)
        for other in self.window().findChildren(NotificationBanner):
            # that of the window and that of its page do not hide each other
            if other is not self and other._over is not None and other.isVisible():
                taken = QRect(over.mapFromGlobal(other.mapToGlobal(QPoint())), other.size())
                if taken.intersects(place):
                    place.moveBottom(taken.top() - margin)
        self.setGeometry(place)
        self.raise_()

    def retranslate(self) -> None:
        self._update_texts()
        self._close.setToolTip(tr("Close this message"))
        self._close.setAccessibleName(tr("Close this message"))

    def _update_texts(self) -> None:
        problem, remedy, action = (text if isinstance(text, str) else text() for text in self._texts)
        self._problem.setText(problem)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        name_control(self._action, action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(problem)
        self.setAccessibleDescription(remedy)
        self._place()

    def _recolour(self) -> None:
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
