"""Keeps the mouse wheel from changing a field that somebody merely scrolls over."""

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
"""What Qt changes by the wheel; scroll bars and lists are to scroll."""


class WheelGuard(QObject):
    """Lets the wheel change a field only while it has the focus; else the page around it scrolls."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Hand the wheel on to what lies around a field without the focus."""
        if event.type() is not QEvent.Type.Wheel or not isinstance(watched, QWidget) or _has_focus(watched):
            return False
        # Qt offers what was ignored to the parent, and so on up to the page
        event.ignore()
        return True


class GuardedStyle(QProxyStyle):
    """Another style, which puts one `WheelGuard` before every field that it makes ready to be shown.

    A filter of the whole application would do the same, but Python would be asked about each of the 100,000
    events that opening the window takes.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._guard = WheelGuard(self)

    def polish(self, target: QWidget | QPalette | QApplication) -> None:  # type: ignore[override]
        """Make a widget ready; a field among them is guarded, and the wheel does not give it the focus."""
        super().polish(target)
        if isinstance(target, _GUARDED):
            target.installEventFilter(self._guard)
            if target.focusPolicy() is Qt.FocusPolicy.WheelFocus:
                target.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


def _has_focus(field: QWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and (focused is field or field.isAncestorOf(focused))
