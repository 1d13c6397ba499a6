"""Makes a token for another system, and shows it the one time that it can be seen."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.translation import tr
from app.gui.viewmodels.other_systems_words import name_scope
from app.gui.widgets.save_buttons import make_save_buttons
from app.venue.access_tokens import LONGEST_NAME, Scope

SMALLEST_WIDTH = 520


class TokenDialog(QDialog):
    """Asks who uses it and what it may ask."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Make a token"))
        self.setMinimumWidth(SMALLEST_WIDTH)
        self.name = QLineEdit(self)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText(tr("such as: sign at the entrance"))
        self.name.setAccessibleName(tr("Who uses it"))
        self.scopes = {scope: QCheckBox(name_scope(scope), self) for scope in Scope}
        self.scopes[Scope.NOW].setChecked(True)
        form = QFormLayout(self)
        form.addRow(tr("Who uses it"), self.name)
        for number, box in enumerate(self.scopes.values()):
            box.setAccessibleName(box.text())
            box.toggled.connect(self._check)
            form.addRow(tr("May ask") if number == 0 else "", box)
        buttons = make_save_buttons(self)
        self._save = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._save.setText(tr("Make it"))
        self._save.setAccessibleName(tr("Make it"))
        form.addRow(buttons)
        self.name.textChanged.connect(self._check)
        self._check()

    @property
    def scopes_chosen(self) -> frozenset[Scope]:
        """What it is to be allowed."""
        return frozenset(scope for scope, box in self.scopes.items() if box.isChecked())

    def _check(self) -> None:
        self._save.setEnabled(bool(self.name.text().strip() and self.scopes_chosen))


class TokenShownDialog(QDialog):
    """The secret is in no file and cannot be shown again."""

    def __init__(self, name: str, secret: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("The token of {name}", name=name))
        self.setMinimumWidth(SMALLEST_WIDTH)
        note = QLabel(
            tr("Copy it now: it is shown this once and kept nowhere. Whoever has it may ask in its name."),
            self,
        )
        note.setWordWrap(True)
        self.secret = QLineEdit(secret, self)
        self.secret.setReadOnly(True)
        self.secret.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.secret.setAccessibleName(tr("Token"))
        self.secret.setCursorPosition(0)
        self.copy = QPushButton(tr("Copy"), self)
        self.copy.setAccessibleName(tr("Copy the token"))
        self.copy.clicked.connect(self._copy)
        self.done_button = QPushButton(tr("Close"), self)
        self.done_button.setAccessibleName(tr("Close"))
        self.done_button.clicked.connect(self.accept)
        row, below = QHBoxLayout(), QHBoxLayout()
        row.addWidget(self.secret, 1)
        row.addWidget(self.copy)
        below.addStretch(1)
        below.addWidget(self.done_button)
        layout = QVBoxLayout(self)
        layout.addWidget(note)
        layout.addLayout(row)
        layout.addLayout(below)
        self.copy.setFocus()

    def forget(self) -> None:
        """Let the secret stand in no widget any more."""
        self.secret.clear()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.secret.text())
        self.copy.setText(tr("Copied"))
