"""The card of the guided tour, and the outline round what it speaks of; both float over the pages."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.widgets.forms import name_control
from app.gui.widgets.layouts import fill, make_button, make_label

_WIDTH_PX = 400
_LINE_PX = 3


class TourOutline(QWidget):
    """A line round a widget; clicks go through it."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def surround(self, target: QWidget | None) -> None:
        """Surround a widget as far as it can be seen; hidden while it cannot."""
        over = self._over
        if target is None or not target.isVisible():
            self.hide()
            return
        place, around = QRect(target.mapTo(over, QPoint()), target.size()), target.parentWidget()
        while around is not None and around is not over:
            # what is scrolled away is not surrounded
            place &= QRect(around.mapTo(over, QPoint()), around.size())
            around = around.parentWidget()
        self.setGeometry(place.adjusted(-_LINE_PX, -_LINE_PX, _LINE_PX, _LINE_PX) & over.rect())
        self.setVisible(not place.isEmpty())
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the line."""
        theme, painter = current_theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), _LINE_PX))
        inset = _LINE_PX / 2
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), theme.radius_s, theme.radius_s
        )


class TourCard(Translated, QFrame):
    """Title and text of a step, which of how many it is, and the buttons; Escape in it skips the rest."""

    back_chosen = Signal()
    next_chosen = Signal()
    trial_chosen = Signal()
    skipped = Signal()

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        theme, self._over = current_theme(), over
        self.setProperty("role", "banner")
        self._texts, self._step = ("", "", ""), (0, 0)
        self.count = make_label("small", parent=self)
        self.title = make_label("title", wraps=True, parent=self)
        self.text = make_label("", wraps=True, parent=self)
        self.skip, self.back = make_button("", self), make_button("", self)
        self.trial, self.next = make_button("", self), make_button("", self, role="primary")
        for button, asked in (
            (self.skip, self.skipped),
            (self.back, self.back_chosen),
            (self.trial, self.trial_chosen),
            (self.next, self.next_chosen),
        ):
            button.clicked.connect(asked)
        buttons = fill(QHBoxLayout(), self.skip, 1, self.back, self.next, spacing=theme.space_s)
        trial = fill(QHBoxLayout(), self.trial, 1)
        column = QVBoxLayout(self)
        fill(column, self.count, self.title, self.text, trial, buttons, margins=14, spacing=theme.space_s)
        QWidget.setTabOrder(self.next, self.trial)
        QWidget.setTabOrder(self.trial, self.back)
        QWidget.setTabOrder(self.back, self.skip)
        self.hide()

    def show_step(self, title: str, text: str, *, number: int, of: int, offer: str, has_back: bool) -> None:
        """Show a step, and give it the focus.

        Args:
            title: in English, as ``text`` and ``offer``.
            offer: what the button for trying something says; empty for none.
        """
        self._texts, self._step = (title, text, offer), (number, of)
        self.trial.setVisible(bool(offer))
        self.back.setVisible(has_back)
        self.skip.setVisible(number < of)
        self.retranslate()
        self.show()
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def place_beside(self, outline: QWidget) -> None:
        """Move to the corner where it hides the least of what is outlined."""
        over, layout = self._over, self.layout()
        assert layout is not None
        margin = current_theme().space_m
        width = min(_WIDTH_PX, over.width() - 2 * margin)
        height = min(layout.heightForWidth(width), over.height() - 2 * margin)
        right, below = over.width() - width - margin, over.height() - height - margin
        # the lower right comes last: messages appear there
        corners = [
            QPoint(x, y) for x, y in ((margin, below), (right, margin), (margin, margin), (right, below))
        ]
        hidden = QRect() if outline.isHidden() else outline.geometry()

        def count_hidden_px(corner: QPoint) -> int:
            common = QRect(corner.x(), corner.y(), width, height) & hidden
            return common.width() * common.height()

        best = min(corners, key=count_hidden_px)
        self.setGeometry(best.x(), best.y(), width, height)
        self.raise_()

    def retranslate(self) -> None:
        """Update all texts to the current language."""
        title, text, offer = (tr(part) if part else "" for part in self._texts)
        number, of = self._step
        self.count.setText(tr("Tour, step {n} of {of}", n=number, of=of))
        self.title.setText(title)
        self.text.setText(text)
        self.setAccessibleName(f"{self.count.text()}: {title}")
        self.setAccessibleDescription(text)
        named: tuple[tuple[QPushButton, str], ...] = (
            (self.skip, tr("Skip the tour")),
            (self.back, tr("Back")),
            (self.trial, offer),
            (self.next, tr("End the tour") if number == of else tr("Next")),
        )
        for button, name in named:
            name_control(button, name)
        # a screen reader says it when the focus arrives
        self.next.setAccessibleDescription(f"{self.accessibleName()}. {text}")

    def event(self, event: QEvent) -> bool:
        """Keep Escape from the shortcuts of the window while the focus is here."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Skip the rest by Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.skipped.emit()
        else:
            super().keyPressEvent(event)
