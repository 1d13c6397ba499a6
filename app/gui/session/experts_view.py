"""Experts' view: whether the window shows the statistics that most users do without."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication


class _Shown:
    is_for_experts = False


def is_experts_view() -> bool:
    return _Shown.is_for_experts


def install_experts_view(app: QApplication, is_on: bool) -> None:
    """Show or hide the statistics for experts; every widget updates its texts soon."""
    if is_on is _Shown.is_for_experts:
        return
    _Shown.is_for_experts = is_on
    for widget in app.topLevelWidgets():
        QCoreApplication.postEvent(widget, QEvent(QEvent.Type.LanguageChange))
