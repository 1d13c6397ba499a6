"""Asks where a new camera's pictures come from."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import tr

_WIDTH_PX = 520


@dataclass(frozen=True, slots=True)
class NewCamera:
    """What was asked for; the password is never shown."""

    name: str
    address: str
    user: str
    password: str = field(repr=False)


class CameraDialog(QDialog):
    """Open it with ``open``; ``new_camera`` is valid once it was accepted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Add a camera"))
        self.setMinimumWidth(_WIDTH_PX)
        form = QFormLayout()
        self._name = self._add_field(form, tr("Name"))
        self._address = self._add_field(form, tr("Address"))
        self._address.setPlaceholderText("rtsp://192.168.1.20/stream1")
        hint = QLabel(tr("An rtsp:// or http:// address, usb:0 for a USB camera, or a video file."), self)
        hint.setProperty("role", "small")
        hint.setWordWrap(True)
        form.addRow("", hint)
        self._user = self._add_field(form, tr("User name"))
        self._password = self._add_field(form, tr("Password"))
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        buttons = QDialogButtonBox(self)
        self._add = buttons.addButton(tr("Add"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._add.setProperty("role", "primary")
        self._add.setAccessibleName(tr("Add"))
        cancel = buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        cancel.setAccessibleName(tr("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(current_theme().space_m)
        column.addLayout(form)
        column.addWidget(buttons)
        for line in (self._name, self._address):
            line.textChanged.connect(self._on_edited)
        self._on_edited()

    @property
    def new_camera(self) -> NewCamera:
        """What was asked for."""
        return NewCamera(
            self._name.text().strip(),
            self._address.text().strip(),
            self._user.text().strip(),
            self._password.text(),
        )

    def _add_field(self, form: QFormLayout, label: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setAccessibleName(label)
        form.addRow(label, line)
        return line

    def _on_edited(self) -> None:
        self._add.setEnabled(bool(self._name.text().strip() and self._address.text().strip()))
