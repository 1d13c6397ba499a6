"""What is being done, how far it is, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QWidget

from app.gui.session.translation import tr
from app.gui.widgets.forms import make_label

_PARTS = 1000
"""Qt's bar counts in whole numbers."""


class WorkRow(QWidget):
    """Says nothing while nothing is being done."""

    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None, *, keeps_place: bool = True) -> None:
        """``keeps_place``: also while nothing is being done, so that nothing around it moves."""
        super().__init__(parent)
        self._words = make_label(role="muted", is_plain=True, parent=self)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress"))
        self._stop = QPushButton(tr("Stop"), self)
        self._stop.setAccessibleName(tr("Stop"))
        self._stop.clicked.connect(self.stop_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words)
        row.addWidget(self._bar, 1)
        row.addWidget(self._stop)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(keeps_place)
        self.setSizePolicy(policy)

    def show_work(self, words: str, *, done: float, total: float, can_stop: bool) -> None:
        """Show some work, or nothing for no words; ``total`` is 0 while it is unknown."""
        self.setVisible(bool(words))
        self._words.setText(words)
        self._bar.setRange(0, _PARTS if total > 0 else 0)
        self._bar.setValue(round(_PARTS * done / total) if total > 0 else 0)
        self._stop.setEnabled(can_stop)

    def focus_stop(self) -> None:
        """Let the keyboard stop it."""
        self._stop.setFocus(Qt.FocusReason.OtherFocusReason)
