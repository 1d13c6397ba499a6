"""One thing that was found: how bad it is in a word, an icon and a colour, what it is, and a button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.gui.session.theme import current_theme
from app.gui.widgets.icons import draw_icon

_ICON_PX = 20
_VERDICT_PX = 112


def draw_tone_icon(label: QLabel, icon: str, tone: str) -> None:
    """Show an icon in the colour of a tone: ``bad``, ``warning``, ``good`` or ``muted``."""
    theme = current_theme()
    colour = {"bad": theme.bad, "warning": theme.warning, "good": theme.good}.get(tone, theme.text_muted)
    ratio = label.devicePixelRatioF()
    pixmap = draw_icon(icon, colour, round(_ICON_PX * ratio))
    pixmap.setDevicePixelRatio(ratio)
    label.setPixmap(pixmap)


class FindingCard(QFrame):
    """Its texts are translated by whoever makes it."""

    action_chosen = Signal()

    def __init__(
        self,
        *,
        verdict: str,
        tone: str,
        icon: str,
        subject: str,
        text: str,
        remedy: str,
        action: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        theme = current_theme()
        self._icon_name, self._tone = icon, tone
        self._icon = QLabel(self)
        verdict_label = QLabel(verdict, self)
        verdict_label.setProperty("role", tone)
        verdict_label.setFixedWidth(_VERDICT_PX)
        verdict_label.setWordWrap(True)
        self.button = QPushButton(action, self)
        # several cards have the same button
        self.button.setAccessibleName(f"{action}: {subject}" if action else "")
        self.button.setVisible(bool(action))
        self.button.clicked.connect(self.action_chosen)
        texts = QVBoxLayout()
        texts.setSpacing(theme.space_xs)
        for sentence, role in ((text, ""), (remedy, "muted")):
            if sentence:
                label = QLabel(sentence, self)
                label.setProperty("role", role)
                label.setWordWrap(True)
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                texts.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.space_xs, 0, theme.space_xs)
        row.setSpacing(theme.space_m)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(verdict_label, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(f"{verdict}: {subject}")
        self.setAccessibleDescription(f"{text} {remedy}".strip())
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icon in the theme's colours."""
        if event.type() is QEvent.Type.PaletteChange:
            self._draw()
        super().changeEvent(event)

    def _draw(self) -> None:
        draw_tone_icon(self._icon, self._icon_name, self._tone)
