"""A part of the settings that follows the language, and looks at what it shows only while it is seen."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
)

from app.gui.session.translation import Translated


class SettingsCard(Translated, QFrame):
    """Whoever derives from it says its texts, and what it does while somebody sees it."""

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        raise NotImplementedError

    def watch(self, is_seen: bool) -> None:
        """Begin to look at what other programs change, or look no more."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look while somebody sees it."""
        super().showEvent(event)
        self.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Do not look while nobody does."""
        self.watch(False)
        super().hideEvent(event)


def clear_grid(grid: QGridLayout) -> None:
    """Take everything out of a grid."""
    while (item := grid.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
