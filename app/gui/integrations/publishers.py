"""The MQTT broker, the webhooks and the public pages of the open venue: view-model, forms and panel."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Unpack
from urllib.parse import urlsplit

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget
from shiboken6 import isValid

from analytics.domain.errors import VenueError
from app.access.guard import require
from app.access.roles import Permission
from app.core.credentials import Credential, CredentialStore, open_credential_store
from app.core.job import JobContext
from app.core.signed_post import make_webhook_key
from app.core.web_address import is_loopback
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.cell_text import format_number
from app.gui.session.job_runner import JobHandle
from app.gui.session.permissions import require_permission
from app.gui.session.translation import (
    LANGUAGE_NAMES,
    current_language,
    join_sentences,
    tr,
    translate_report,
    trn,
)
from app.gui.session.view_model import VenueParts, VenueViewModel, WatchTimer
from app.gui.widgets.form_dialog import (
    CheckBoxes,
    FormDialog,
    Submit,
    make_check_box,
    make_choice,
    make_number_field,
    make_text_field,
)
from app.gui.widgets.forms import clear_grid, make_body, make_grid, name_control, set_style_property
from app.gui.widgets.layouts import fill, make_button, make_label, make_row, open_dialog
from app.gui.widgets.settings_card import SettingsPart
from app.integrations.mqtt.mqtt_settings import (
    PORT,
    TLS_PORT,
    MqttSettings,
    check_mqtt,
    read_mqtt,
    save_mqtt,
    suggest_mqtt,
    switch_mqtt,
)
from app.integrations.public.public_settings import PublicSettings, read_public, save_public
from app.integrations.webhooks.webhook_queue import WebhookState, read_states
from app.integrations.webhooks.webhook_settings import (
    MAX_EVERY_MIN,
    MAX_NAME,
    EventKind,
    Webhook,
    check_webhook,
    read_webhooks,
    remove_webhook,
    save_webhook,
)

POLL_INTERVAL_MS = 5000


@dataclass(frozen=True, slots=True)
class PublishersState:
    """The state of the broker, the webhooks and the public pages.

    Attributes:
        webhooks: each with the state of its messages.
        failure: why the settings cannot be read; nothing is published then.
    """

    folder: Path | None = None
    mqtt: MqttSettings | None = None
    public: PublicSettings = field(default_factory=PublicSettings)
    webhooks: tuple[tuple[Webhook, WebhookState], ...] = ()
    failure: ErrorReport | None = None


class PublishersViewModel(VenueViewModel[PublishersState]):
    """A view-model that polls the state while visible, as another program does the publishing."""

    settings_changed = Signal()
    """Emitted when the server process must restart to apply changed settings."""
    failed = Signal(object)
    """Emitted with an `ErrorReport`."""
    succeeded = Signal(object)
    """Emitted with a function that describes a success in the window's language."""

    def __init__(
        self, *, open_credentials: Callable[[], CredentialStore] | None = None, **parts: Unpack[VenueParts]
    ) -> None:
        super().__init__(PublishersState(), **parts)
        self._open_credentials = open_credentials or open_credential_store
        self._watch = WatchTimer(self.refresh, every_ms=POLL_INTERVAL_MS, parent=self)
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._on_venue_opened()

    def set_active(self, is_active: bool) -> None:
        self._watch.set_active(is_active)

    def refresh(self) -> None:
        folder = self._state.folder
        if folder is None:
            return

        def work(_context: JobContext) -> PublishersState:
            states = read_states(folder)
            webhooks = tuple((one, states.get(one.name, WebhookState())) for one in read_webhooks(folder))
            return PublishersState(folder, read_mqtt(folder), read_public(folder), webhooks)

        self._job_runner.run_latest(
            "publishers",
            lambda: tr("Reading the settings of other systems"),
            work,
            on_done=self._take,
            on_failed=lambda report: self._take(dataclasses.replace(self._state, failure=report)),
        )

    def save_mqtt(self, settings: MqttSettings, *, password: str = "") -> JobHandle | None:
        """Set the broker; an empty password leaves the stored one."""

        def work(folder: Path) -> None:
            from app.integrations.mqtt.mqtt_connection import make_mqtt_key

            check_mqtt(settings)
            require(folder, Permission.INTEGRATE, action="MQTT settings changed")
            if settings.user and password:
                self._open_credentials().store(make_mqtt_key(settings), Credential(settings.user, password))
            save_mqtt(folder, settings)

        return self._edit(work)

    def switch_mqtt(self, *, is_enabled: bool) -> None:
        """Switch publishing to the broker on or off; its settings are kept."""
        self._edit(lambda folder: switch_mqtt(folder, is_enabled=is_enabled))

    def try_mqtt(
        self,
        settings: MqttSettings,
        *,
        password: str,
        on_done: Callable[[ErrorReport | None], None],
    ) -> None:
        """Connect and send one message, without saving; an empty password stands for the stored one.

        Args:
            on_done: called with the error, or None.
        """

        def work(_context: JobContext) -> None:
            from app.integrations.mqtt.mqtt_connection import find_login, try_broker

            check_mqtt(settings)
            login = (
                Credential(settings.user, password)
                if settings.user and password
                else find_login(settings, self._open_credentials())
            )
            try_broker(settings, login)

        self._job_runner.run(
            lambda: tr("Testing the broker"), work, on_done=lambda _: on_done(None), on_failed=on_done
        )

    def save_public(self, settings: PublicSettings) -> JobHandle | None:
        """Set what is published for everybody."""
        return self._edit(lambda folder: save_public(folder, settings))

    def list_zones(self) -> tuple[str, ...]:
        """Return the names of the plan's zones."""
        venue = self._app_state.venue
        return () if venue is None else tuple(str(zone.name) for zone in venue.geometry_at(None).zones)

    def save_webhook(self, webhook: Webhook, *, former: Webhook | None, secret: str = "") -> JobHandle | None:
        """Add or change a webhook; an empty secret leaves the stored one."""

        def work(folder: Path) -> None:
            check_webhook(webhook)
            require(folder, Permission.INTEGRATE, action="webhook saved", what={"webhook": webhook.name})
            if secret:
                self._open_credentials().store(make_webhook_key(webhook.url), Credential("", secret))
            save_webhook(folder, webhook)
            if former is not None and former.name != webhook.name:
                remove_webhook(folder, former.name)

        return self._edit(work)

    def remove_webhook(self, name: str) -> None:
        self._edit(lambda folder: remove_webhook(folder, name))

    def try_webhook(self, webhook: Webhook) -> None:
        """Post one message of the kind ``trial`` and report the result."""
        folder = self._state.folder
        if folder is None:
            return

        def work(_context: JobContext) -> bool:
            from app.integrations.webhooks.webhook_publisher import make_trial, post_event

            found = self._open_credentials().find(make_webhook_key(webhook.url))
            now_utc_s = self._clock.now_utc_s()
            post_event(
                webhook,
                make_trial(folder.stem, now_utc_s=now_utc_s),
                secret=None if found is None else found.password,
                now_utc_s=now_utc_s,
            )
            return found is not None

        def on_done(is_signed: bool) -> None:
            self.succeeded.emit(
                lambda: (
                    tr("The webhook '{name}' accepted a signed message.", name=webhook.name)
                    if is_signed
                    else tr("The webhook '{name}' accepted an unsigned message.", name=webhook.name)
                )
            )

        self._job_runner.run(
            lambda: tr("Testing the webhook"), work, on_done=on_done, on_failed=self.failed.emit
        )

    def _edit(self, work: Callable[[Path], object]) -> JobHandle | None:
        folder = self._state.folder
        if folder is None:
            return None

        def finish(_result: object) -> None:
            self.settings_changed.emit()
            self.refresh()

        return self._job_runner.run(
            lambda: tr("Changing what is sent to other systems"),
            lambda _context: work(folder),
            on_done=finish,
            on_failed=self.failed.emit,
        )

    def _on_venue_opened(self) -> None:
        venue = self._app_state.venue
        folder = None if venue is None else venue.folder
        if folder != self._state.folder:
            self._state = PublishersState(folder)
            self.state_changed.emit()
            self._watch.run_if_active()

    def _take(self, state: PublishersState) -> None:
        if state.folder == self._state.folder and state != self._state:
            self._state = state
            self.state_changed.emit()


BROKER_WIDTH = 600
DISCOVERY_TOPIC = "homeassistant"

TryBroker = Callable[[MqttSettings, str, Callable[[ErrorReport | None], None]], None]
"""Takes settings, a password, and a callback for the error or None."""


class BrokerDialog(FormDialog):
    """A form for the broker; ``settings_entered`` and ``password`` return the fields."""

    def __init__(
        self,
        shown: MqttSettings,
        *,
        is_new: bool,
        try_broker: TryBroker,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("MQTT broker"), width_px=BROKER_WIDTH, submit=submit, parent=parent)
        self._shown, self._try_broker = shown, try_broker
        self.host = self.add("host", tr("Broker"), make_text_field(shown.host), is_needed=True)
        tls = make_check_box(tr("Encrypted (TLS), with certificate check"), is_checked=shown.uses_tls)
        self.tls = self.add("uses_tls", "", tls)
        self.port = self.add("port", tr("Port"), make_number_field(shown.port, minimum=1, maximum=65_535))
        self.add(
            "ca_file",
            tr("CA certificate"),
            make_text_field(shown.ca_file, hint=tr("PEM file; empty for authorities this computer trusts")),
        )
        self.user = self.add("user", tr("User"), make_text_field(shown.user))
        kept = tr("leave unchanged") if not is_new and shown.user else ""
        self.password = self.add("password", tr("Password"), make_text_field(hint=kept, is_secret=True))
        self.topic = self.add("topic", tr("Topic"), make_text_field(shown.topic), is_needed=True)
        every = make_number_field(shown.every_s, minimum=1, maximum=3600, unit=tr(" s").strip())
        self.every_s = self.add("every_s", tr("Minimum interval per topic"), every)
        self.home_assistant = self.add(
            "has_discovery",
            "",
            make_check_box(
                tr("Add sensors to Home Assistant automatically"), is_checked=bool(shown.discovery_topic)
            ),
        )
        languages = make_choice(LANGUAGE_NAMES.items(), shown.language)
        self.language = self.add("language", tr("Language of sensor names"), languages)
        self.language.setEnabled(self.home_assistant.isChecked())
        self.add_note(
            tr(
                "Only counts of people are sent, never the paths of visitors. The password is stored "
                "in this computer's keyring, not in the venue."
            )
        )
        self.trial, self.outcome = make_button(tr("Test"), self), make_label(wraps=True, parent=self)
        self.trial.setAccessibleName(tr("Test the broker"))
        self.trial.setToolTip(
            tr("Connects and sends one message that the broker does not retain. The settings are not saved.")
        )
        self.add_part(fill(make_row(), self.trial, (self.outcome, 1)))
        self.host.editingFinished.connect(self._propose_tls)
        self.tls.toggled.connect(self._propose_port)
        self.home_assistant.toggled.connect(self.language.setEnabled)
        self.trial.clicked.connect(self._try)

    @property
    def settings_entered(self) -> MqttSettings:
        """Return the settings in the fields, without the password."""
        values = self.values
        del values["password"]
        topic = (self._shown.discovery_topic or DISCOVERY_TOPIC) if values.pop("has_discovery") else ""
        return replace(self._shown, **values, discovery_topic=topic)

    def check(self) -> None:
        check_mqtt(self.settings_entered)

    def _propose_tls(self) -> None:
        """Switch TLS off for this machine alone, until it is switched by hand."""
        if self.host.text().strip() and self.host.isModified():
            self.tls.setChecked(not is_loopback(self.host.text().strip()))
            self.host.setModified(False)

    def _propose_port(self) -> None:
        default_ports = (PORT, TLS_PORT)
        if self.port.value() in default_ports:
            self.port.setValue(default_ports[self.tls.isChecked()])

    def _try(self) -> None:
        if self.is_right():
            self.trial.setEnabled(False)
            self._show_message(tr("Testing…"), "muted")
            self._try_broker(self.settings_entered, self.password.text(), self._on_tried)

    def _on_tried(self, report: ErrorReport | None) -> None:
        if not isValid(self):
            return
        self.trial.setEnabled(True)
        if report is None:
            self._show_message(
                tr("The broker {host} accepted a message.", host=self.host.text().strip()), "good"
            )
        else:
            self._show_message(translate_report(report), "bad")

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


class WebhookDialog(FormDialog):
    """A form for a webhook; ``webhook_entered`` and ``secret`` return the fields."""

    def __init__(
        self, shown: Webhook | None, *, submit: Submit | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Webhook"), width_px=MIN_WIDTH, submit=submit, parent=parent)
        known = shown or Webhook("", "")
        name = make_text_field(known.name, hint=tr("such as: security desk"))
        name.setMaxLength(MAX_NAME)
        self.name = self.add("name", tr("Name"), name, is_needed=True)
        self.url = self.add("url", tr("Address"), make_text_field(known.url, hint="https://"), is_needed=True)
        kept = "" if shown is None else tr("leave unchanged")
        self.secret = self.add("secret", tr("Secret"), make_text_field(hint=kept, is_secret=True))
        boxes = CheckBoxes(((kind, name_event(kind)) for kind in EventKind), known.events)
        self.events = self.add("events", tr("Event types"), boxes).boxes
        every = make_number_field(
            known.every_min, minimum=0, maximum=MAX_EVERY_MIN, unit=tr(" min").strip(), zero=tr("never")
        )
        self.every_min = self.add("every_min", tr("Live data every"), every)
        self.add("is_enabled", "", make_check_box(tr("Switched on"), is_checked=known.is_enabled))
        self.add_note(
            tr(
                "Messages are signed with the secret, which is stored in this computer's keyring. "
                "Failed messages are retried for a day."
            )
        )

    @property
    def webhook_entered(self) -> Webhook:
        """Return the webhook in the fields, without the secret."""
        values = self.values
        del values["secret"]
        return Webhook(**values)

    def check(self) -> None:
        entered = check_webhook(self.webhook_entered)
        if not entered.events and not entered.every_min:
            raise VenueError("Nothing would be sent.", "Select an event, or an interval of live data.")


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
        self.notice.hide()
        proposed = suggest_mqtt(state.folder, "", uses_tls=True)
        shown = state.mqtt or replace(proposed, language=current_language())
        open_dialog(
            BrokerDialog(
                shown,
                is_new=state.mqtt is None,
                try_broker=lambda settings, password, on_done: self._viewmodel.try_mqtt(
                    settings, password=password, on_done=on_done
                ),
                submit=lambda form: self._viewmodel.save_mqtt(
                    form.settings_entered, password=form.password.text()
                ),
                parent=self,
            )
        )

    def _switch_broker(self) -> None:
        mqtt = self._viewmodel.state.mqtt
        if mqtt is not None:
            self.notice.hide()
            self._viewmodel.switch_mqtt(is_enabled=not mqtt.is_enabled)

    def _open_webhook_dialog(self, former: Webhook | None) -> None:
        self.notice.hide()
        open_dialog(
            WebhookDialog(
                former,
                submit=lambda form: self._viewmodel.save_webhook(
                    form.webhook_entered, former=former, secret=form.secret.text()
                ),
                parent=self,
            )
        )

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
