"""Frees cycles of objects on the window's thread alone.

Python frees them on whichever thread happens to allocate. An object of Qt that a worker frees leaves its
timers with the window's thread, which then calls an object that is no more, and the program crashes.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 200


def collect_due() -> int | None:
    """Collect the oldest generation that is due by Python's own thresholds; gives which, None: none."""
    due = [
        generation
        for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
        if count > threshold > 0
    ]
    if not due:
        return None
    gc.collect(due[-1])
    return due[-1]


class GarbageCollection(QObject):
    """Takes Python's automatic collection over, and gives it back when it is stopped."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(collect_due)
        self._timer.start()

    def stop(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()
