"""The broker that is told what is now, tried before it is kept; the password goes to the keyring."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.error_reporting import ErrorReport
from app.gui.session.theme import current_theme
from app.gui.session.translation import LANGUAGE_NAMES, tr
from app.gui.widgets.save_buttons import make_save_buttons
from app.integrations.mqtt.mqtt_settings import PORT, TLS_PORT, MqttSettings
from app.integrations.rest.rest_settings import is_loopback

SMALLEST_WIDTH = 600
DISCOVERY_TOPIC = "homeassistant"

TryBroker = Callable[[MqttSettings, str, Callable[[ErrorReport | None], None]], None]
"""Takes settings, password, and what is told why it failed, or None."""


class BrokerDialog(QDialog):
    """Its ``settings_entered`` and ``password`` are what stands in the fields."""

    def __init__(
        self, shown: MqttSettings, *, is_new: bool, try_broker: TryBroker, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._shown, self._try_broker = shown, try_broker
        self._is_over = False
        self.setWindowTitle(tr("MQTT broker"))
        self.setMinimumWidth(SMALLEST_WIDTH)
        self.host, self.port = QLineEdit(shown.host, self), QSpinBox(self)
        self.port.setRange(1, 65_535)
        self.port.setGroupSeparatorShown(False)
        self.port.setValue(shown.port)
        self.port.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        self.tls = QCheckBox(tr("Encrypted (TLS); the broker's certificate is checked"), self)
        self.tls.setChecked(shown.uses_tls)
        self.ca_file = QLineEdit(shown.ca_file, self)
        self.ca_file.setPlaceholderText(tr("PEM file; empty: those that this computer trusts"))
        self.user, self.password = QLineEdit(shown.user, self), QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        if not is_new and shown.user:
            self.password.setPlaceholderText(tr("as it is kept"))
        self.topic, self.every_s = QLineEdit(shown.topic, self), QSpinBox(self)
        self.every_s.setRange(1, 3600)
        self.every_s.setValue(round(shown.every_s))
        self.every_s.setSuffix(tr(" s"))
        self.every_s.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        self.home_assistant = QCheckBox(tr("Let figures appear in Home Assistant"), self)
        self.home_assistant.setChecked(bool(shown.discovery_topic))
        self.language = QComboBox(self)
        for code, name in LANGUAGE_NAMES.items():
            self.language.addItem(name, code)
        self.language.setCurrentIndex(self.language.findData(shown.language))
        self.language.setEnabled(self.home_assistant.isChecked())
        self.trial, self.outcome = QPushButton(tr("Try it"), self), QLabel(self)
        self.outcome.setWordWrap(True)
        self._build()

    @property
    def settings_entered(self) -> MqttSettings:
        """What stands in the fields, without the password."""
        return MqttSettings(
            host=self.host.text().strip(),
            port=self.port.value(),
            uses_tls=self.tls.isChecked(),
            topic=self.topic.text().strip(),
            user=self.user.text().strip(),
            ca_file=self.ca_file.text().strip(),
            discovery_topic=(self._shown.discovery_topic or DISCOVERY_TOPIC)
            if self.home_assistant.isChecked()
            else "",
            language=str(self.language.currentData()),
            every_s=float(self.every_s.value()),
            is_enabled=self._shown.is_enabled,
        )

    def _build(self) -> None:
        form = QFormLayout(self)
        for label, field in (
            (tr("Broker"), self.host),
            ("", self.tls),
            (tr("Port"), self.port),
            (tr("Certificate of its authority"), self.ca_file),
            (tr("User"), self.user),
            (tr("Password"), self.password),
            (tr("Topic"), self.topic),
            (tr("At most one message of a topic in"), self.every_s),
            ("", self.home_assistant),
            (tr("Language of names there"), self.language),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label or (field.text() if isinstance(field, QCheckBox) else ""))
        note = QLabel(
            tr(
                "Counts of people alone are told, never where somebody went. The password is kept in this "
                "computer's keyring, not in the venue."
            )
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        form.addRow(note)
        self.trial.setAccessibleName(tr("Try the broker"))
        self.trial.setToolTip(tr("Connects and sends one message that nobody keeps; nothing is saved."))
        row = QHBoxLayout()
        row.addWidget(self.trial)
        row.addWidget(self.outcome, 1)
        form.addRow(row)
        buttons = make_save_buttons(self)
        self._save = buttons.button(QDialogButtonBox.StandardButton.Ok)
        form.addRow(buttons)
        self.host.editingFinished.connect(self._propose_tls)
        self.tls.toggled.connect(self._propose_port)
        self.home_assistant.toggled.connect(self.language.setEnabled)
        self.trial.clicked.connect(self._try)
        self.finished.connect(self._end)
        for text in (self.host, self.topic):
            text.textChanged.connect(self._check)
        self._check()

    def _propose_tls(self) -> None:
        """Unencrypted within this machine alone, as long as nobody has said otherwise."""
        if self.host.text().strip() and self.host.isModified():
            self.tls.setChecked(not is_loopback(self.host.text().strip()))
            self.host.setModified(False)

    def _propose_port(self) -> None:
        usual = (PORT, TLS_PORT)
        if self.port.value() in usual:
            self.port.setValue(usual[self.tls.isChecked()])

    def _check(self) -> None:
        is_whole = bool(self.host.text().strip() and self.topic.text().strip())
        self._save.setEnabled(is_whole)
        self.trial.setEnabled(is_whole)

    def _try(self) -> None:
        self.trial.setEnabled(False)
        self._tell(tr("Trying…"), "muted")
        self._try_broker(self.settings_entered, self.password.text(), self._on_tried)

    def _on_tried(self, report: ErrorReport | None) -> None:
        if self._is_over:
            return
        self._check()
        if report is None:
            self._tell(tr("The broker {host} took a message.", host=self.host.text().strip()), "good")
        else:
            told = report.tell_again(tr)
            self._tell(f"{told.problem} {told.remedy}", "bad")

    def _end(self) -> None:
        """A trial that goes on has nobody to tell any more."""
        self._is_over = True

    def _tell(self, text: str, role: str) -> None:
        self.outcome.setText(text)
        self.outcome.setProperty("role", role)
        self.outcome.style().polish(self.outcome)
