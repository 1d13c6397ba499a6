"""Who sends mail for a venue; the password goes to the keyring."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QComboBox,
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
from app.gui.widgets.save_buttons import make_save_buttons
from app.venue.schedule_file import MailServer

PORT_OF_TLS_AT_ONCE, PORT_OF_STARTTLS = 465, 587


class MailServerDialog(QDialog):
    """Its ``server_entered`` is what stands in the fields."""

    def __init__(self, server: MailServer | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Mail server"))
        self.setMinimumWidth(460)
        shown = server or MailServer("", PORT_OF_STARTTLS, "", "")
        self.host, self.mail_from, self.user = (
            QLineEdit(shown.host),
            QLineEdit(shown.sender),
            QLineEdit(shown.user),
        )
        self.password, self.port, self.security = QLineEdit(), QSpinBox(), QComboBox()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        if server is not None and server.user:
            self.password.setPlaceholderText(tr("as it is kept"))
        self.port.setRange(1, 65_535)
        self.port.setValue(shown.port)
        self.port.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        self.security.addItem("STARTTLS", False)
        self.security.addItem(tr("TLS at once"), True)
        self.security.setCurrentIndex(int(shown.uses_tls_at_once))
        self.security.activated.connect(self._propose_port)
        form = QFormLayout(self)
        for label, field in (
            (tr("Server"), self.host),
            (tr("Security"), self.security),
            (tr("Port"), self.port),
            (tr("Mail comes from"), self.mail_from),
            (tr("User"), self.user),
            (tr("Password"), self.password),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        note = QLabel(tr("The password is kept in this computer's keyring, not in the venue."))
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        form.addRow(note)
        buttons = make_save_buttons(self)
        self._save = buttons.button(QDialogButtonBox.StandardButton.Ok)
        form.addRow(buttons)
        for text in (self.host, self.mail_from):
            text.textChanged.connect(self._check)
        self._check()

    @property
    def server_entered(self) -> MailServer:
        """What stands in the fields, without the password."""
        return MailServer(
            self.host.text().strip(),
            self.port.value(),
            self.user.text().strip(),
            self.mail_from.text().strip(),
            bool(self.security.currentData()),
        )

    def _propose_port(self) -> None:
        usual = (PORT_OF_STARTTLS, PORT_OF_TLS_AT_ONCE)
        if self.port.value() in usual:
            self.port.setValue(usual[self.security.currentIndex()])

    def _check(self) -> None:
        self._save.setEnabled(bool(self.host.text().strip()) and "@" in self.mail_from.text())
