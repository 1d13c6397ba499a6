"""The broker and the webhooks that are told what is now, for the card about other systems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.access.roles import Permission
from app.error_reporting import ErrorReport, describe_error
from app.gui.permissions import needs
from app.gui.translation import current_language, tr
from app.gui.viewmodels.told_systems import ToldSystemsViewModel
from app.gui.viewmodels.told_systems_words import (
    describe_broker,
    describe_messages,
    describe_subject,
    name_host,
)
from app.gui.views.broker_dialog import BrokerDialog
from app.gui.views.models_card import clear_grid
from app.gui.views.webhook_dialog import WebhookDialog
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.settings_card import SettingsCard
from app.integrations.webhook_queue import WebhookState
from app.operations.edit_mqtt import suggest_mqtt
from app.venue.webhook_settings import Webhook


class ToldSystemsPart(SettingsCard):
    """Shows a `ToldSystemsState`; every change goes to the view-model."""

    def __init__(self, viewmodel: ToldSystemsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._shown_webhooks: object = None
        self.notice = NotificationBanner(self)
        self.notice.hide()
        self._broker_title, self._webhooks_title = QLabel(self), QLabel(self)
        self._broker, self._webhooks_text = QLabel(self), QLabel(self)
        for label in (self._broker, self._webhooks_text):
            label.setProperty("role", "muted")
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.change_broker, self.switch_broker, self.add = (QPushButton(self) for _ in range(3))
        for button in (self.change_broker, self.switch_broker, self.add):
            needs(button, Permission.INTEGRATE)
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(24)
        self._rows.setVerticalSpacing(8)
        self._rows.setColumnStretch(3, 1)
        broker, adding = QHBoxLayout(), QHBoxLayout()
        broker.addWidget(self.change_broker)
        broker.addWidget(self.switch_broker)
        broker.addWidget(self._broker, 1)
        adding.addWidget(self.add)
        adding.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._broker_title)
        layout.addLayout(broker)
        layout.addWidget(self._webhooks_title)
        layout.addWidget(self._webhooks_text)
        layout.addLayout(self._rows)
        layout.addLayout(adding)
        layout.addWidget(self.notice)
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.failed.connect(self._show_fault)
        viewmodel.told.connect(self._tell)
        self.change_broker.clicked.connect(self._ask_for_broker)
        self.switch_broker.clicked.connect(self._switch_broker)
        self.add.clicked.connect(lambda: self._ask_for_webhook(None))
        self.retranslate()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._broker_title.setText(tr("MQTT and Home Assistant"))
        self._webhooks_title.setText(tr("Webhooks"))
        self.add.setText(tr("Add a webhook…"))
        self.add.setAccessibleName(self.add.text())
        self._shown_webhooks = None
        self._show_state()

    def watch(self, is_seen: bool) -> None:
        """Have the folder looked at while somebody sees the card."""
        self._viewmodel.set_active(is_seen)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        for button in (self.change_broker, self.add):
            button.setEnabled(state.folder is not None and state.failure is None)
        self.change_broker.setText(tr("Enter a broker…") if state.mqtt is None else tr("Change…"))
        self.change_broker.setAccessibleName(
            tr("Enter a broker…") if state.mqtt is None else tr("Change the MQTT broker")
        )
        is_on = state.mqtt is not None and state.mqtt.is_enabled
        self.switch_broker.setVisible(state.mqtt is not None)
        self.switch_broker.setText(tr("Switch off") if is_on else tr("Switch on"))
        self.switch_broker.setAccessibleName(
            tr("Tell the MQTT broker nothing any more") if is_on else tr("Tell the MQTT broker again")
        )
        self._broker.setText(describe_broker(state.mqtt))
        if state.failure is not None:
            self._show_fault(state.failure)
        self._show_webhooks(state.webhooks)

    def _show_webhooks(self, webhooks: tuple[tuple[Webhook, WebhookState], ...]) -> None:
        if webhooks == self._shown_webhooks:
            return
        self._shown_webhooks = webhooks
        clear_grid(self._rows)
        self._webhooks_text.setText(
            tr("Web addresses that are told when something happens, signed.")
            if webhooks
            else tr("No web address is told when an alarm is raised, a place is full or a camera is down.")
        )
        for number, (webhook, became) in enumerate(webhooks):
            self._add_row(2 * number, webhook, became)

    def _add_row(self, row: int, webhook: Webhook, became: WebhookState) -> None:
        for column, (text, role) in enumerate(
            (
                (webhook.name, ""),
                (name_host(webhook), "muted"),
                (describe_subject(webhook), "muted"),
                (describe_messages(became), "warning" if became.dropped else "muted"),
            )
        ):
            self._add_label(text, role, row, column)
        for column, (text, spoken, action) in enumerate(
            (
                (tr("Try it"), tr("Try the webhook {name}", name=webhook.name), self._try_webhook),
                (tr("Change…"), tr("Change the webhook {name}", name=webhook.name), self._ask_for_webhook),
                (tr("Remove"), tr("Remove the webhook {name}", name=webhook.name), self._remove_webhook),
            ),
            4,
        ):
            button = QPushButton(text, self)
            button.setAccessibleName(spoken)
            needs(button, Permission.INTEGRATE)
            button.clicked.connect(partial(_call, action, webhook))
            self._rows.addWidget(button, row, column)
            button.show()
        if became.error is not None:
            told = describe_error(became.error, translate=tr)
            self._add_label(f"{told.problem} {told.remedy}", "bad", row + 1, 0, columns=7)

    def _add_label(self, text: str, role: str, row: int, column: int, *, columns: int = 1) -> None:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("role", role)
        label.setWordWrap(columns > 1)
        self._rows.addWidget(label, row, column, 1, columns)
        label.show()

    def _ask_for_broker(self) -> None:
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

    def _ask_for_webhook(self, former: Webhook | None) -> None:
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

    def _show_fault(self, fault: ErrorReport) -> None:
        self.notice.show_message(lambda: fault.tell_again(tr).problem, lambda: fault.tell_again(tr).remedy)

    def _tell(self, words: Callable[[], str]) -> None:
        self.notice.show_message(words, tone="good")


def _call(action: Callable[[Webhook], None], webhook: Webhook) -> None:
    """Without what a click tells besides."""
    action(webhook)
