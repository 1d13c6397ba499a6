"""Filters on every field: the wheel scrolls the page past it, and a click prepares a time for typing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDateTimeEdit,
    QDial,
    QLineEdit,
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
        if event.type() is not QEvent.Type.Wheel or not isinstance(watched, QWidget) or _has_focus(watched):
            return False
        # Qt passes ignored events on to the parents, up to the page
        event.ignore()
        return True


class SectionSelector(QObject):
    """Selects the part of a date or time that is clicked, or the first one when all is typed over.

    Qt ignores what is typed in either case, so that a time would keep its old value.
    """

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if isinstance(watched, QLineEdit):
            field = watched.parent()
            is_clicked = event.type() is QEvent.Type.MouseButtonRelease and not watched.hasSelectedText()
            if is_clicked and isinstance(field, QDateTimeEdit):
                field.setSelectedSection(field.currentSection())
        elif isinstance(watched, QDateTimeEdit) and isinstance(event, QKeyEvent):
            line = watched.lineEdit()
            is_typed = event.type() is QEvent.Type.KeyPress and event.text().isdigit()
            if is_typed and line.selectedText() == line.text():
                watched.setSelectedSection(watched.sectionAt(0))
        return False


class GuardedStyle(QProxyStyle):
    """A style that installs a `WheelGuard` on every field that it polishes, and a `SectionSelector` on times.

    A filter of the whole application would do the same, but Python would be asked about each of the 100,000
    events that opening the window takes.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._guard, self._selector = WheelGuard(self), SectionSelector(self)

    def polish(self, target: QWidget | QPalette | QApplication) -> None:  # type: ignore[override]
        """Polish a widget; fields get the guard and no focus by the wheel."""
        super().polish(target)
        if isinstance(target, _GUARDED):
            target.installEventFilter(self._guard)
            if target.focusPolicy() is Qt.FocusPolicy.WheelFocus:
                target.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if isinstance(target, QDateTimeEdit):
            for watched in (target, target.lineEdit()):
                watched.installEventFilter(self._selector)


def _has_focus(field: QWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and (focused is field or field.isAncestorOf(focused))
