"""View-model of the MQTT broker and webhooks of the open venue; every change is saved at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from PySide6.QtCore import Signal

from app.access.guard import require
from app.access.roles import Permission
from app.core.credentials import Credential, CredentialStore, open_credential_store
from app.core.job import JobContext
from app.core.signed_post import make_webhook_key
from app.error_reporting import ErrorReport
from app.gui.session.job_runner import JobHandle
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel, WatchTimer
from app.integrations.mqtt.mqtt_settings import MqttSettings, check_mqtt, read_mqtt, save_mqtt, switch_mqtt
from app.integrations.webhooks.webhook_queue import WebhookState, read_states
from app.integrations.webhooks.webhook_settings import (
    Webhook,
    check_webhook,
    read_webhooks,
    remove_webhook,
    save_webhook,
)

POLL_INTERVAL_MS = 5000


@dataclass(frozen=True, slots=True)
class PublishersState:
    """The state of the broker and the webhooks.

    Attributes:
        webhooks: each with the state of its messages.
        failure: why the settings cannot be read; nothing is published then.
    """

    folder: Path | None = None
    mqtt: MqttSettings | None = None
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
            return PublishersState(folder, read_mqtt(folder), webhooks)

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
