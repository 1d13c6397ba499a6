"""The two buttons below a form, in the window's language."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox

from app.gui.session.translation import tr


def make_save_buttons(dialog: QDialog) -> QDialogButtonBox:
    """Save and Cancel, which accept and reject a dialog."""
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
    for kind, text in (
        (QDialogButtonBox.StandardButton.Ok, tr("Save")),
        (QDialogButtonBox.StandardButton.Cancel, tr("Cancel")),
    ):
        button = buttons.button(kind)
        button.setText(text)
        button.setAccessibleName(text)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons
