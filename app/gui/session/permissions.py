"""Buttons that a role may not use: disabled, with the reason as their tool tip.

This only shows what the operations refuse anyway. A widget says once what it needs; who is at work may change
while the window runs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QHelpEvent
from PySide6.QtWidgets import QToolTip, QWidget

from app.access.roles import Permission


class _Held(QObject):
    """What whoever is at work may do in the window."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.permissions = frozenset(Permission)
        self.explain: Callable[[Permission], str] = str


@cache
def _held() -> _Held:
    return _Held()


def hold_permissions(permissions: frozenset[Permission], explain: Callable[[Permission], str]) -> None:
    """Say what whoever is at work may do from now on.

    Args:
        explain: the reason, in the language in force, why something else is disabled.
    """
    held = _held()
    held.explain = explain
    if held.permissions != permissions:
        held.permissions = permissions
        held.changed.emit()


def is_held(permission: Permission) -> bool:
    """Return whether whoever is at work may do something."""
    return permission in _held().permissions


def needs(target: QWidget | QAction, permission: Permission) -> None:
    """Let a widget or an entry of a menu be disabled while whoever is at work may not use it."""
    _Bond(target, permission)


class _Bond(QObject):
    """Lives with its target, and remembers whether its view wants it enabled."""

    def __init__(self, target: QWidget | QAction, permission: Permission) -> None:
        super().__init__(target)
        self._target, self._permission = target, permission
        self._is_refused, self._is_wanted = False, False
        if isinstance(target, QWidget):
            target.installEventFilter(self)
        _held().changed.connect(self._apply)
        self._apply()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep a refused widget disabled, and say why under the pointer."""
        if not self._is_refused or not isinstance(watched, QWidget):
            return False
        if event.type() is QEvent.Type.EnabledChange and watched.isEnabled():
            self._is_wanted = True
            watched.setEnabled(False)
        elif event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), _held().explain(self._permission), watched)
            return True
        return False

    def _find_wish(self) -> bool:
        """Whether the view enabled it itself; what lies around it may be disabled at the moment."""
        if isinstance(self._target, QWidget):
            return not self._target.testAttribute(Qt.WidgetAttribute.WA_ForceDisabled)
        return self._target.isEnabled()

    def _apply(self) -> None:
        is_refused = self._permission not in _held().permissions
        if is_refused == self._is_refused:
            return
        if is_refused:
            self._is_wanted = self._find_wish()
            self._is_refused = True
            self._target.setEnabled(False)
        else:
            self._is_refused = False
            self._target.setEnabled(self._is_wanted)
        if isinstance(self._target, QWidget):
            self._target.setAccessibleDescription(_held().explain(self._permission) if is_refused else "")
        else:
            self._target.setToolTip(_held().explain(self._permission) if is_refused else "")
