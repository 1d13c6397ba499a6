"""Widgets that a role may not use are disabled with the reason, whatever their view wants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QAction, QHelpEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from app.access.roles import PERMISSIONS, Permission, Role
from app.gui.access.model import explain_refusal
from app.gui.session.permissions import apply_permissions, require_permission

EVERYTHING = frozenset(Permission)


@pytest.fixture(autouse=True)
def everything_again() -> Iterator[None]:
    yield
    apply_permissions(EVERYTHING, explain_refusal)


def test_what_a_role_may_not_do_is_disabled_and_says_why(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, _widget: told.append(text))
    button = QPushButton("Add a camera")
    qtbot.addWidget(button)
    require_permission(button, Permission.EDIT_CAMERAS)
    button.show()
    apply_permissions(PERMISSIONS[Role.STAFF], explain_refusal)
    assert not button.isEnabled()
    assert "edit cameras. Permitted roles: installer, administrator." in button.accessibleDescription()
    QApplication.sendEvent(button, QHelpEvent(QEvent.Type.ToolTip, QPoint(1, 1), QPoint(1, 1)))
    assert "Permitted roles: installer, administrator." in told[0]
    apply_permissions(PERMISSIONS[Role.INSTALLER], explain_refusal)
    assert button.isEnabled()
    assert button.accessibleDescription() == ""


def test_a_view_that_enables_a_refused_button_gets_it_when_it_may(qtbot: QtBot) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    button.setEnabled(False)
    require_permission(button, Permission.EDIT_CAMERAS)
    apply_permissions(PERMISSIONS[Role.STAFF], explain_refusal)
    button.setEnabled(True)
    assert not button.isEnabled()
    apply_permissions(EVERYTHING, explain_refusal)
    assert button.isEnabled()


def test_a_view_that_disables_a_button_keeps_it_so(qtbot: QtBot) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    button.setEnabled(False)
    require_permission(button, Permission.EDIT_CAMERAS)
    apply_permissions(PERMISSIONS[Role.STAFF], explain_refusal)
    apply_permissions(EVERYTHING, explain_refusal)
    assert not button.isEnabled()


def test_an_entry_of_a_menu_is_disabled_too(qapp: QApplication) -> None:
    apply_permissions(PERMISSIONS[Role.STAFF], explain_refusal)
    action = QAction("Remove camera…")
    require_permission(action, Permission.EDIT_CAMERAS)
    assert not action.isEnabled()
    assert "installer" in action.toolTip()
