"""A key figure that is read from across a hall: its number grows with the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QFont, QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.gui.theme import current_theme

LEAST_PX, MOST_PX = 30, 96
"""Of the figure: 60 px are 14 mm on a screen of 27 inches and 1440 rows, which is read from 4 m."""
_SHARE_OF_WIDTH = 0.26
_SHARE_OF_WINDOW = 1 / 15
_WORDS = 0.34


class WallTile(QFrame):
    """Shows texts; where they come from is not its business."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._title, self._value, self._detail, self._change = (QLabel(self) for _ in range(4))
        self._title.setProperty("role", "muted")
        self._detail.setProperty("role", "muted")
        theme = current_theme()
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(theme.space_m, theme.space_s, theme.space_m, theme.space_s)
        column.setSpacing(2)
        for label in (self._title, self._value, self._detail, self._change):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            column.addWidget(label)
        self._detail.setWordWrap(True)
        self._change.setWordWrap(True)
        column.addStretch(1)

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """Title, value, detail and change as they are shown."""
        return self._title.text(), self._value.text(), self._detail.text(), self._change.text()

    def show_figure(
        self, *, title: str, value: str, detail: str, change: str, tone: str, explanation: str
    ) -> None:
        """Show a figure; ``tone`` is that of the change, ``explanation`` says how it is defined."""
        was = self.texts
        for label, text in (
            (self._title, title), (self._value, value), (self._detail, detail), (self._change, change),
        ):  # fmt: skip
            if label.text() != text:
                label.setText(text)
        self._detail.setVisible(bool(detail))
        self._change.setVisible(bool(change))
        if self._change.property("role") != tone:
            self._change.setProperty("role", tone)
            self._change.style().unpolish(self._change)
            self._change.style().polish(self._change)
        self.setToolTip(explanation)
        self.setAccessibleName(f"{title}: {value}")
        self.setAccessibleDescription(". ".join(part for part in (detail, change, explanation) if part))
        if was != self.texts:
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            # a new style sheet takes every label its font
            QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        margins = self._column.contentsMargins()
        room = max(1, self.width() - margins.left() - margins.right())
        wanted = min(_SHARE_OF_WIDTH * room, _SHARE_OF_WINDOW * self.window().height())
        figure = QFont(self.font())
        figure.setBold(True)
        figure.setPixelSize(round(max(LEAST_PX, min(MOST_PX, wanted))))
        length = QFontMetricsF(figure).horizontalAdvance(self._value.text())
        if length > room:
            figure.setPixelSize(max(12, int(figure.pixelSize() * room / length)))
        self._value.setFont(figure)
        words = QFont(self.font())
        words.setPixelSize(round(max(13, min(MOST_PX * _WORDS, wanted * _WORDS))))
        for label in (self._title, self._detail, self._change):
            label.setFont(words)
        self._reserve_height(room)

    def _reserve_height(self, room: int) -> None:
        """Wrapped words say how high they are only for a width; without this the row would clip them."""
        shown = [label for label in (self._title, self._value, self._detail, self._change) if label.text()]
        margins, spacing = self._column.contentsMargins(), self._column.spacing()
        heights = [
            label.heightForWidth(room) if label.wordWrap() else label.sizeHint().height() for label in shown
        ]
        self.setMinimumHeight(sum(heights) + spacing * len(shown) + margins.top() + margins.bottom())
