"""A key figure: its name, its value, what belongs to it, and how it changed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.gui.session.theme import current_theme


class KeyFigureTile(QFrame):
    """Shows texts; where they come from is not its business."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._title = self._make_label("muted")
        self._value = self._make_label("figure")
        self._detail = self._make_label("small")
        self._change = self._make_label("muted")
        theme = current_theme()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space_m, theme.space_s, theme.space_m, theme.space_s)
        layout.setSpacing(2)
        for label in (self._title, self._value, self._detail, self._change):
            layout.addWidget(label)
        layout.addStretch(1)

    @property
    def value(self) -> str:
        """The figure as it is shown."""
        return self._value.text()

    @property
    def detail(self) -> str:
        """What stands below the figure."""
        return self._detail.text()

    @property
    def change(self) -> str:
        """The change as it is shown."""
        return self._change.text()

    def show_figure(
        self, *, title: str, value: str, detail: str, change: str, tone: str, explanation: str
    ) -> None:
        """Show a figure.

        Args:
            tone: of the change: ``good``, ``bad`` or ``muted``.
            explanation: of the change, as a tool tip and for screen readers.
        """
        for label, text in (
            (self._title, title), (self._value, value), (self._detail, detail), (self._change, change),
        ):  # fmt: skip
            label.setText(text)
        self._change.setVisible(bool(change))
        if self._change.property("role") != tone:
            self._change.setProperty("role", tone)
            self._change.style().unpolish(self._change)
            self._change.style().polish(self._change)
        self.setToolTip(explanation)
        self.setAccessibleName(f"{title}: {value}")
        self.setAccessibleDescription(". ".join(part for part in (detail, change, explanation) if part))

    def _make_label(self, role: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", role)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(role in ("small", "muted"))
        return label
