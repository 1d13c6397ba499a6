"""Keeps the mouse wheel from changing a field while the user scrolls the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDial,
    QProxyStyle,
    QSlider,
    QTabBar,
    QWidget,
)

_GUARDED = (QAbstractSpinBox, QComboBox, QDial, QSlider, QTabBar)
"""Widgets that Qt changes by the wheel; scroll bars and lists keep scrolling."""


class WheelGuard(QObject):
    """Lets the wheel change a field only while it has the focus, and scroll the page otherwise."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Pass the wheel event of a field without focus on to its parent."""
        if event.type() is not QEvent.Type.Wheel or not isinstance(watched, QWidget) or _has_focus(watched):
            return False
        # Qt passes ignored events on to the parents, up to the page
        event.ignore()
        return True


class GuardedStyle(QProxyStyle):
    """A style that installs a `WheelGuard` on every field that it polishes.

    A filter of the whole application would do the same, but Python would be asked about each of the 100,000
    events that opening the window takes.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._guard = WheelGuard(self)

    def polish(self, target: QWidget | QPalette | QApplication) -> None:  # type: ignore[override]
        """Polish a widget; fields get the guard and no focus by the wheel."""
        super().polish(target)
        if isinstance(target, _GUARDED):
            target.installEventFilter(self._guard)
            if target.focusPolicy() is Qt.FocusPolicy.WheelFocus:
                target.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


def _has_focus(field: QWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and (focused is field or field.isAncestorOf(focused))
