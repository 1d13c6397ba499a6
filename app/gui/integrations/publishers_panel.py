"""Panel of the MQTT broker and the webhooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

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

from app.access.roles import Permission
from app.core.web_address import is_loopback, is_web_address
from app.error_reporting import ErrorReport, describe_error
from app.gui.integrations.publishers_model import PublishersViewModel
from app.gui.session.cell_text import format_number
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import LANGUAGE_NAMES, current_language, join_sentences, tr, trn
from app.gui.widgets.forms import (
    clear_grid,
    make_body,
    make_grid,
    make_save_buttons,
    name_control,
    set_style_property,
)
from app.gui.widgets.layouts import fill, make_label, make_row
from app.gui.widgets.settings_card import SettingsPart
from app.integrations.mqtt.mqtt_settings import PORT, TLS_PORT, MqttSettings, suggest_mqtt
from app.integrations.webhooks.webhook_queue import WebhookState
from app.integrations.webhooks.webhook_settings import MAX_EVERY_MIN, MAX_NAME, EventKind, Webhook

BROKER_WIDTH = 600
DISCOVERY_TOPIC = "homeassistant"

TryBroker = Callable[[MqttSettings, str, Callable[[ErrorReport | None], None]], None]
"""Takes settings, a password, and a callback for the error or None."""


class BrokerDialog(QDialog):
    """A form for the broker; ``settings_entered`` and ``password`` return the fields."""

    def __init__(
        self, shown: MqttSettings, *, is_new: bool, try_broker: TryBroker, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._shown, self._try_broker = shown, try_broker
        self._is_closed = False
        self.setWindowTitle(tr("MQTT broker"))
        self.setMinimumWidth(BROKER_WIDTH)
        self.host, self.port = QLineEdit(shown.host, self), QSpinBox(self)
        self.port.setRange(1, 65_535)
        self.port.setGroupSeparatorShown(False)
        self.port.setValue(shown.port)
        self.port.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        self.tls = QCheckBox(tr("Encrypted (TLS), with certificate check"), self)
        self.tls.setChecked(shown.uses_tls)
        self.ca_file = QLineEdit(shown.ca_file, self)
        self.ca_file.setPlaceholderText(tr("PEM file; empty for authorities this computer trusts"))
        self.user, self.password = QLineEdit(shown.user, self), QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        if not is_new and shown.user:
            self.password.setPlaceholderText(tr("leave unchanged"))
        self.topic, self.every_s = QLineEdit(shown.topic, self), QSpinBox(self)
        self.every_s.setRange(1, 3600)
        self.every_s.setValue(round(shown.every_s))
        self.every_s.setSuffix(tr(" s"))
        self.every_s.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        self.home_assistant = QCheckBox(tr("Add sensors to Home Assistant automatically"), self)
        self.home_assistant.setChecked(bool(shown.discovery_topic))
        self.language = QComboBox(self)
        for code, name in LANGUAGE_NAMES.items():
            self.language.addItem(name, code)
        self.language.setCurrentIndex(self.language.findData(shown.language))
        self.language.setEnabled(self.home_assistant.isChecked())
        self.trial, self.outcome = QPushButton(tr("Test"), self), QLabel(self)
        self.outcome.setWordWrap(True)
        self._build()

    @property
    def settings_entered(self) -> MqttSettings:
        """Return the settings in the fields, without the password."""
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
            (tr("CA certificate"), self.ca_file),
            (tr("User"), self.user),
            (tr("Password"), self.password),
            (tr("Topic"), self.topic),
            (tr("Minimum interval per topic"), self.every_s),
            ("", self.home_assistant),
            (tr("Language of sensor names"), self.language),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label or (field.text() if isinstance(field, QCheckBox) else ""))
        note = QLabel(
            tr(
                "Only counts of people are sent, never the paths of visitors. The password is stored "
                "in this computer's keyring, not in the venue."
            )
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        form.addRow(note)
        self.trial.setAccessibleName(tr("Test the broker"))
        self.trial.setToolTip(
            tr("Connects and sends one message that the broker does not retain. The settings are not saved.")
        )
        row = fill(QHBoxLayout(), self.trial, (self.outcome, 1))
        form.addRow(row)
        buttons = make_save_buttons(self)
        self._save = buttons.button(QDialogButtonBox.StandardButton.Ok)
        form.addRow(buttons)
        self.host.editingFinished.connect(self._propose_tls)
        self.tls.toggled.connect(self._propose_port)
        self.home_assistant.toggled.connect(self.language.setEnabled)
        self.trial.clicked.connect(self._try)
        self.finished.connect(self._on_finished)
        for text in (self.host, self.topic):
            text.textChanged.connect(self._check)
        self._check()

    def _propose_tls(self) -> None:
        """Switch TLS off for this machine alone, until it is switched by hand."""
        if self.host.text().strip() and self.host.isModified():
            self.tls.setChecked(not is_loopback(self.host.text().strip()))
            self.host.setModified(False)

    def _propose_port(self) -> None:
        default_ports = (PORT, TLS_PORT)
        if self.port.value() in default_ports:
            self.port.setValue(default_ports[self.tls.isChecked()])

    def _check(self) -> None:
        is_whole = bool(self.host.text().strip() and self.topic.text().strip())
        self._save.setEnabled(is_whole)
        self.trial.setEnabled(is_whole)

    def _try(self) -> None:
        self.trial.setEnabled(False)
        self._show_message(tr("Testing…"), "muted")
        self._try_broker(self.settings_entered, self.password.text(), self._on_tried)

    def _on_tried(self, report: ErrorReport | None) -> None:
        if self._is_closed:
            return
        self._check()
        if report is None:
            self._show_message(
                tr("The broker {host} accepted a message.", host=self.host.text().strip()), "good"
            )
        else:
            rendered = report.render(tr)
            self._show_message(join_sentences((rendered.problem, rendered.remedy)), "bad")

    def _on_finished(self) -> None:
        """Drop the callback of a test that is still running."""
        self._is_closed = True

    def _show_message(self, text: str, role: str) -> None:
        self.outcome.setText(text)
        set_style_property(self.outcome, "role", role)


def describe_broker(settings: MqttSettings | None) -> str:
    if settings is None:
        return tr("No broker is set up.")
    return tr(
        "{host}, port {port}, {tls}, topic {topic}: {state}",
        host=settings.host,
        port=settings.port,
        tls=tr("with TLS") if settings.uses_tls else tr("without TLS"),
        topic=settings.topic,
        state=tr("switched on") if settings.is_enabled else tr("switched off"),
    )


def name_event(kind: EventKind) -> str:
    return {
        EventKind.ALARM_RAISED: tr("an alarm is raised"),
        EventKind.ALARM_CLEARED: tr("an alarm ends"),
        EventKind.OVER_CAPACITY: tr("a zone exceeds its capacity"),
        EventKind.CAPACITY_OK: tr("a zone is back within its capacity"),
        EventKind.CAMERA_DOWN: tr("a camera goes down"),
        EventKind.CAMERA_UP: tr("a camera comes back"),
    }[kind]


def describe_subject(webhook: Webhook) -> str:
    describe = []
    if webhook.events == frozenset(EventKind):
        describe.append(tr("all events"))
    elif webhook.events:
        describe.append(trn("{n} kind of event", "{n} kinds of events", len(webhook.events)))
    if webhook.every_min:
        describe.append(trn("live data every minute", "live data every {n} minutes", webhook.every_min))
    if not webhook.is_enabled:
        describe.append(tr("switched off"))
    return tr(", ").join(describe)


def describe_messages(state: WebhookState) -> str:
    describe = [tr("{count} sent", count=format_number(state.sent))]
    if state.waiting:
        describe.append(tr("{count} waiting", count=format_number(len(state.waiting))))
    if state.dropped:
        describe.append(tr("{count} dropped", count=format_number(state.dropped)))
    return tr(", ").join(describe)


def name_host(webhook: Webhook) -> str:
    """Return the host of a webhook's address; the rest may be longer than any window."""
    return urlsplit(webhook.url).netloc


MIN_WIDTH = 560


class WebhookDialog(QDialog):
    """A form for a webhook; ``webhook_entered`` and ``secret`` return the fields."""

    def __init__(self, shown: Webhook | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Webhook"))
        self.setMinimumWidth(MIN_WIDTH)
        self.name, self.url = QLineEdit(self), QLineEdit(self)
        self.name.setMaxLength(MAX_NAME)
        self.name.setPlaceholderText(tr("such as: security desk"))
        self.url.setPlaceholderText("https://")
        self.secret = QLineEdit(self)
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.events = {kind: QCheckBox(name_event(kind), self) for kind in EventKind}
        self.every_min = QSpinBox(self)
        self.every_min.setRange(0, MAX_EVERY_MIN)
        self.every_min.setSpecialValueText(tr("never"))
        self.every_min.setSuffix(tr(" min"))
        self.every_min.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        self.is_on = QCheckBox(tr("Switched on"), self)
        if shown is not None:
            self.name.setText(shown.name)
            self.url.setText(shown.url)
            self.every_min.setValue(shown.every_min)
            self.secret.setPlaceholderText(tr("leave unchanged"))
        self.is_on.setChecked(shown is None or shown.is_enabled)
        for kind, box in self.events.items():
            box.setChecked(shown is None or kind in shown.events)
        self._build()

    @property
    def webhook_entered(self) -> Webhook:
        """Return the webhook in the fields, without the secret."""
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
        rows += [(tr("Event types") if not row else "", box) for row, box in enumerate(self.events.values())]
        rows += [(tr("Live data every"), self.every_min), ("", self.is_on)]
        for label, field in rows:
            form.addRow(label, field)
            field.setAccessibleName(field.text() if isinstance(field, QCheckBox) else label)
        note = QLabel(
            tr(
                "Messages are signed with the secret, which is stored in this computer's keyring. "
                "Failed messages are retried for a day."
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
        sends_anything = bool(entered.events or entered.every_min)
        self._save.setEnabled(bool(entered.name and is_web_address(entered.url) and sends_anything))
        self.url.setToolTip(
            tr("Enter one that begins with https:// and contains no user name or password.")
            if entered.url and not is_web_address(entered.url)
            else ""
        )


class PublishersPanel(SettingsPart):
    """The view of a `PublishersState`; every change goes to the view-model."""

    def __init__(self, viewmodel: PublishersViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._shown_webhooks: object = None
        self._broker_title, self._webhooks_title = QLabel(self), QLabel(self)
        self._broker, self._webhooks_text = (
            make_label(role="muted", wraps=True, parent=self) for _ in range(2)
        )
        self.change_broker, self.switch_broker, self.add = (QPushButton(self) for _ in range(3))
        for button in (self.change_broker, self.switch_broker, self.add):
            require_permission(button, Permission.INTEGRATE)
        self._rows = make_grid(stretched=3, vertical_px=8)
        broker = fill(QHBoxLayout(), self.change_broker, self.switch_broker, (self._broker, 1))
        layout = make_body(self, spacing_px=12)
        layout.addWidget(self._broker_title)
        layout.addLayout(broker)
        layout.addWidget(self._webhooks_title)
        layout.addWidget(self._webhooks_text)
        layout.addLayout(self._rows)
        layout.addLayout(fill(make_row(), self.add, 1))
        layout.addWidget(self.notice)
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.failed.connect(self.show_failure)
        viewmodel.succeeded.connect(self._show_message)
        self.change_broker.clicked.connect(self._open_broker_dialog)
        self.switch_broker.clicked.connect(self._switch_broker)
        self.add.clicked.connect(lambda: self._open_webhook_dialog(None))
        self.retranslate()

    def retranslate(self) -> None:
        self._broker_title.setText(tr("MQTT and Home Assistant"))
        self._webhooks_title.setText(tr("Webhooks"))
        name_control(self.add, tr("Add a webhook…"))
        self._shown_webhooks = None
        self._show_state()

    def watch(self, is_seen: bool) -> None:
        self._viewmodel.set_active(is_seen)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        for button in (self.change_broker, self.add):
            button.setEnabled(state.folder is not None and state.failure is None)
        self.change_broker.setText(tr("Add a broker…") if state.mqtt is None else tr("Change…"))
        self.change_broker.setAccessibleName(
            tr("Add a broker…") if state.mqtt is None else tr("Change the MQTT broker")
        )
        is_on = state.mqtt is not None and state.mqtt.is_enabled
        self.switch_broker.setVisible(state.mqtt is not None)
        self.switch_broker.setText(tr("Switch off") if is_on else tr("Switch on"))
        self.switch_broker.setAccessibleName(
            tr("Switch off publishing to the MQTT broker")
            if is_on
            else tr("Switch on publishing to the MQTT broker")
        )
        self._broker.setText(describe_broker(state.mqtt))
        if state.failure is not None:
            self.show_failure(state.failure)
        self._show_webhooks(state.webhooks)

    def _show_webhooks(self, webhooks: tuple[tuple[Webhook, WebhookState], ...]) -> None:
        if webhooks == self._shown_webhooks:
            return
        self._shown_webhooks = webhooks
        clear_grid(self._rows)
        self._webhooks_text.setText(
            tr("Web addresses that receive a signed message when something happens.")
            if webhooks
            else tr(
                "There are no webhooks. Add one to be notified of alarms, full zones and camera failures."
            )
        )
        for number, (webhook, state) in enumerate(webhooks):
            self._add_row(2 * number, webhook, state)

    def _add_row(self, row: int, webhook: Webhook, state: WebhookState) -> None:
        for column, (text, role) in enumerate(
            (
                (webhook.name, ""),
                (name_host(webhook), "muted"),
                (describe_subject(webhook), "muted"),
                (describe_messages(state), "warning" if state.dropped else "muted"),
            )
        ):
            self._add_label(text, role, row, column)
        for column, (text, spoken, action) in enumerate(
            (
                (tr("Test"), tr("Test the webhook {name}", name=webhook.name), self._try_webhook),
                (
                    tr("Change…"),
                    tr("Change the webhook {name}", name=webhook.name),
                    self._open_webhook_dialog,
                ),
                (tr("Remove"), tr("Remove the webhook {name}", name=webhook.name), self._remove_webhook),
            ),
            4,
        ):
            button = QPushButton(text, self)
            button.setAccessibleName(spoken)
            require_permission(button, Permission.INTEGRATE)
            button.clicked.connect(partial(_call, action, webhook))
            self._rows.addWidget(button, row, column)
            button.show()
        if state.error is not None:
            report = describe_error(state.error, translate=tr)
            self._add_label(join_sentences((report.problem, report.remedy)), "bad", row + 1, 0, columns=7)

    def _add_label(self, text: str, role: str, row: int, column: int, *, columns: int = 1) -> None:
        label = make_label(text=text, parent=self)
        label.setProperty("role", role)
        label.setWordWrap(columns > 1)
        self._rows.addWidget(label, row, column, 1, columns)
        label.show()

    def _open_broker_dialog(self) -> None:
        state = self._viewmodel.state
        if state.folder is None:
            return
        proposed = suggest_mqtt(state.folder, "", uses_tls=True)
        shown = state.mqtt or replace(proposed, language=current_language())
        dialog = BrokerDialog(
            shown,
            is_new=state.mqtt is None,
            try_broker=lambda settings, password, on_done: self._viewmodel.try_mqtt(
                settings, password=password, on_done=on_done
            ),
            parent=self,
        )
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.notice.hide()
            self._viewmodel.save_mqtt(dialog.settings_entered, password=dialog.password.text())
        dialog.password.clear()
        dialog.deleteLater()

    def _switch_broker(self) -> None:
        mqtt = self._viewmodel.state.mqtt
        if mqtt is not None:
            self.notice.hide()
            self._viewmodel.switch_mqtt(is_enabled=not mqtt.is_enabled)

    def _open_webhook_dialog(self, former: Webhook | None) -> None:
        dialog = WebhookDialog(former, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.notice.hide()
            self._viewmodel.save_webhook(dialog.webhook_entered, former=former, secret=dialog.secret.text())
        dialog.secret.clear()
        dialog.deleteLater()

    def _try_webhook(self, webhook: Webhook) -> None:
        self.notice.hide()
        self._viewmodel.try_webhook(webhook)

    def _remove_webhook(self, webhook: Webhook) -> None:
        self.notice.hide()
        self._viewmodel.remove_webhook(webhook.name)

    def _show_message(self, describe: Callable[[], str]) -> None:
        self.notice.show_message(describe, tone="good")


def _call(action: Callable[[Webhook], None], webhook: Webhook) -> None:
    """Adapt a function to a click, without the signal's arguments."""
    action(webhook)
