"""One web address that is told what happens; its secret goes to the keyring."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.told_systems_words import name_event
from app.gui.widgets.save_buttons import make_save_buttons
from app.venue.web_address import is_web_address
from app.venue.webhook_settings import LONGEST_EVERY_MIN, LONGEST_NAME, EventKind, Webhook

SMALLEST_WIDTH = 560


class WebhookDialog(QDialog):
    """Its ``webhook_entered`` and ``secret`` are what stands in the fields."""

    def __init__(self, shown: Webhook | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Webhook"))
        self.setMinimumWidth(SMALLEST_WIDTH)
        self.name, self.url = QLineEdit(self), QLineEdit(self)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText(tr("such as: security desk"))
        self.url.setPlaceholderText("https://")
        self.secret = QLineEdit(self)
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.events = {kind: QCheckBox(name_event(kind), self) for kind in EventKind}
        self.every_min = QSpinBox(self)
        self.every_min.setRange(0, LONGEST_EVERY_MIN)
        self.every_min.setSpecialValueText(tr("never"))
        self.every_min.setSuffix(tr(" min"))
        self.every_min.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        self.is_on = QCheckBox(tr("Switched on"), self)
        if shown is not None:
            self.name.setText(shown.name)
            self.url.setText(shown.url)
            self.every_min.setValue(shown.every_min)
            self.secret.setPlaceholderText(tr("as it is kept"))
        self.is_on.setChecked(shown is None or shown.is_enabled)
        for kind, box in self.events.items():
            box.setChecked(shown is None or kind in shown.events)
        self._build()

    @property
    def webhook_entered(self) -> Webhook:
        """What stands in the fields, without the secret."""
        return Webhook(
            self.name.text().strip(),
            self.url.text().strip(),
            frozenset(kind for kind, box in self.events.items() if box.isChecked()),
            self.every_min.value(),
            self.is_on.isChecked(),
        )

    def _build(self) -> None:
        form = QFormLayout(self)
        rows: list[tuple[str, QWidget]] = [
            (tr("Name"), self.name),
            (tr("Address"), self.url),
            (tr("Secret"), self.secret),
        ]
        rows += [(tr("Told when") if not row else "", box) for row, box in enumerate(self.events.values())]
        rows += [(tr("What is now, every"), self.every_min), ("", self.is_on)]
        for label, field in rows:
            form.addRow(label, field)
            field.setAccessibleName(field.text() if isinstance(field, QCheckBox) else label)
        note = QLabel(
            tr(
                "Messages are signed with the secret, which both sides know and which is kept in this "
                "computer's keyring. What cannot be told waits, and is tried again for a day."
            )
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        form.addRow(note)
        buttons = make_save_buttons(self)
        self._save = buttons.button(QDialogButtonBox.StandardButton.Ok)
        form.addRow(buttons)
        for text in (self.name, self.url):
            text.textChanged.connect(self._check)
        for box in self.events.values():
            box.toggled.connect(self._check)
        self.every_min.valueChanged.connect(self._check)
        self._check()

    def _check(self) -> None:
        entered = self.webhook_entered
        is_told = bool(entered.events or entered.every_min)
        self._save.setEnabled(bool(entered.name and is_web_address(entered.url) and is_told))
        self.url.setToolTip(
            tr("Give one that begins with https://, without a user and a password in it.")
            if entered.url and not is_web_address(entered.url)
            else ""
        )
