"""Widgets that the user's role may not use: disabled, with the reason as their tool tip.

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


class _Permissions(QObject):
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.permissions = frozenset(Permission)
        self.explain: Callable[[Permission], str] = str


@cache
def _permissions() -> _Permissions:
    return _Permissions()


def apply_permissions(permissions: frozenset[Permission], explain: Callable[[Permission], str]) -> None:
    """Set the permissions of the signed-in user.

    Args:
        explain: the reason, in the language in force, why something else is disabled.
    """
    held = _permissions()
    held.explain = explain
    if held.permissions != permissions:
        held.permissions = permissions
        held.changed.emit()


def has_permission(permission: Permission) -> bool:
    return permission in _permissions().permissions


def require_permission(target: QWidget | QAction, permission: Permission) -> None:
    """Disable a widget or menu entry while the signed-in user lacks a permission."""
    _WidgetPermission(target, permission)


class _WidgetPermission(QObject):
    """Restricts one target and remembers whether its view enabled it."""

    def __init__(self, target: QWidget | QAction, permission: Permission) -> None:
        super().__init__(target)
        self._target, self._permission = target, permission
        self._is_refused, self._enabled_by_view = False, False
        if isinstance(target, QWidget):
            target.installEventFilter(self)
        _permissions().changed.connect(self._apply)
        self._apply()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if not self._is_refused or not isinstance(watched, QWidget):
            return False
        if event.type() is QEvent.Type.EnabledChange and watched.isEnabled():
            self._enabled_by_view = True
            watched.setEnabled(False)
        elif event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), _permissions().explain(self._permission), watched)
            return True
        return False

    def _is_enabled_by_view(self) -> bool:
        """Return whether the view enabled the widget itself; its parent may be disabled."""
        if isinstance(self._target, QWidget):
            return not self._target.testAttribute(Qt.WidgetAttribute.WA_ForceDisabled)
        return self._target.isEnabled()

    def _apply(self) -> None:
        is_refused = self._permission not in _permissions().permissions
        if is_refused == self._is_refused:
            return
        if is_refused:
            self._enabled_by_view = self._is_enabled_by_view()
            self._is_refused = True
            self._target.setEnabled(False)
        else:
            self._is_refused = False
            self._target.setEnabled(self._enabled_by_view)
        if isinstance(self._target, QWidget):
            self._target.setAccessibleDescription(
                _permissions().explain(self._permission) if is_refused else ""
            )
        else:
            self._target.setToolTip(_permissions().explain(self._permission) if is_refused else "")
