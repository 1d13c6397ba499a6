"""A progress bar, and a running job with one and a stop button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QSizePolicy, QWidget

from app.gui.session.translation import Translated, tr
from app.gui.widgets.forms import name_control
from app.gui.widgets.layouts import fill, make_label, make_row

_PARTS = 1000
"""Resolution of the progress bar, which counts in integers."""


class ProgressBar(QProgressBar):
    """Progress bar that is painted with the rest of the window; Qt's paints all that waits at each value."""

    def setRange(self, minimum: int, maximum: int) -> None:  # noqa: N802
        if (minimum, maximum) != (self.minimum(), self.maximum()):
            self.setUpdatesEnabled(False)
            super().setRange(minimum, maximum)
            self.setUpdatesEnabled(True)

    def setValue(self, value: int) -> None:  # noqa: N802
        if value != self.value():
            self.setUpdatesEnabled(False)
            super().setValue(value)
            self.setUpdatesEnabled(True)


class JobRow(Translated, QWidget):
    """Row with a job's title, progress and stop button; empty while no job runs."""

    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None, *, keeps_place: bool = True) -> None:
        """Set up the row; with ``keeps_place`` it takes its space also while no job runs."""
        super().__init__(parent)
        self._words = make_label(role="muted", parent=self)
        self._bar = ProgressBar(self)
        self._bar.setTextVisible(False)
        self._stop = QPushButton(self)
        self._stop.clicked.connect(self.stop_requested)
        fill(make_row(self, margins=0), self._words, (self._bar, 1), self._stop)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(keeps_place)
        self.setSizePolicy(policy)
        self.retranslate()

    def retranslate(self) -> None:
        self._bar.setAccessibleName(tr("Progress"))
        name_control(self._stop, tr("Stop"))

    def show_job(self, words: str, *, done: float, total: float, can_stop: bool) -> None:
        """Show a job, or none for an empty text; ``total`` is 0 while it is unknown."""
        self.setVisible(bool(words))
        self._words.setText(words)
        self._bar.setRange(0, _PARTS if total > 0 else 0)
        self._bar.setValue(round(_PARTS * done / total) if total > 0 else 0)
        self._stop.setEnabled(can_stop)

    def focus_stop(self) -> None:
        self._stop.setFocus(Qt.FocusReason.OtherFocusReason)
