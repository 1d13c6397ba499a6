"""One finding about the layout: where, what, why, what could be done, and buttons that lead on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.widgets.place_sketch import PlaceSketch

_BUTTON_PX = 150


class LayoutFindingCard(QFrame):
    """Its sentences are translated by whoever makes it; it is made anew when they change."""

    show_asked = Signal()
    comparison_asked = Signal()
    decision_asked = Signal()
    take_back_asked = Signal()

    def __init__(
        self,
        *,
        sketch: PlaceSketch,
        tone: str,
        kind: str,
        what: str,
        impact: str,
        why: str,
        hours: str,
        advice: str,
        method: str,
        decided: str,
        is_dismissed: bool,
        can_compare: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        theme = current_theme()
        self.setProperty("role", "card")
        texts = QVBoxLayout()
        texts.setSpacing(theme.space_xs)
        for sentence, role in (
            (kind, "small"),
            (what, "title"),
            (impact, tone),
            (why, ""),
            (hours, "muted"),
            (advice, "muted"),
            (decided, "small"),
        ):
            if sentence:
                texts.addWidget(self._make_label(sentence, role))
        texts.addStretch(1)
        self.setToolTip(method)
        self.show_button = self._make_button(tr("Show it"), what)
        self.compare_button = self._make_button(tr("Before and after"), what)
        self.compare_button.setVisible(can_compare)
        self.decide_button = self._make_button(tr("Decide…"), what)
        self.take_back_button = self._make_button(tr("Tell it again"), what)
        self.decide_button.setToolTip(tr("Dismiss it, write a note, or say since when the layout is changed"))
        self.decide_button.setVisible(not is_dismissed)
        self.take_back_button.setVisible(is_dismissed)
        self.show_button.clicked.connect(self.show_asked)
        self.compare_button.clicked.connect(self.comparison_asked)
        self.decide_button.clicked.connect(self.decision_asked)
        self.take_back_button.clicked.connect(self.take_back_asked)
        buttons = QVBoxLayout()
        buttons.setSpacing(theme.space_s)
        for button in (self.show_button, self.compare_button, self.decide_button, self.take_back_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        row.setSpacing(theme.space_l)
        row.addWidget(sketch, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        row.addLayout(buttons)
        sketch.setAccessibleName(tr("Where: {what}", what=what))
        self.setAccessibleName(what)
        self.setAccessibleDescription(" ".join(part for part in (impact, why, hours, advice) if part))

    def _make_label(self, text: str, role: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", role)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _make_button(self, text: str, what: str) -> QPushButton:
        button = QPushButton(text, self)
        # several cards have the same button
        button.setAccessibleName(f"{text}: {what}")
        button.setMinimumWidth(_BUTTON_PX)
        return button
