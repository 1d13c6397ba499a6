"""Which systems the open venue tells what is now: a broker and webhooks; every change is written at once."""

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
from app.settings.paths import settings_folder

LOOK_EVERY_MS = 5000


@dataclass(frozen=True, slots=True)
class PublishersState:
    """What is shown.

    Attributes:
        webhooks: each with what became of its messages.
        failure: why the settings cannot be read; nobody is told then.
    """

    folder: Path | None = None
    mqtt: MqttSettings | None = None
    webhooks: tuple[tuple[Webhook, WebhookState], ...] = ()
    failure: ErrorReport | None = None


class PublishersViewModel(VenueViewModel[PublishersState]):
    """Reads again every few seconds while somebody looks: what is told is told by another program."""

    settings_changed = Signal()
    """Whoever tells has to start again to know."""
    failed = Signal(object)
    """An `ErrorReport`."""
    told = Signal(object)
    """A function that says what went well in the window's language."""

    def __init__(
        self, *, open_credentials: Callable[[], CredentialStore] | None = None, **parts: Unpack[VenueParts]
    ) -> None:
        super().__init__(PublishersState(), **parts)
        self._open_credentials = open_credentials or (lambda: open_credential_store(settings_folder()))
        self._watch = WatchTimer(self.refresh, every_ms=LOOK_EVERY_MS, parent=self)
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._on_venue_opened()

    def set_active(self, is_active: bool) -> None:
        """Say whether anybody looks."""
        self._watch.set_active(is_active)

    def refresh(self) -> None:
        """Read again what is set up, and what became of it."""
        folder = self._state.folder
        if folder is None:
            return

        def work(_context: JobContext) -> PublishersState:
            states = read_states(folder)
            webhooks = tuple((one, states.get(one.name, WebhookState())) for one in read_webhooks(folder))
            return PublishersState(folder, read_mqtt(folder), webhooks)

        self._job_runner.run_latest(
            "told systems",
            lambda: tr("Looking at other systems"),
            work,
            on_done=self._take,
            on_failed=lambda report: self._take(dataclasses.replace(self._state, failure=report)),
        )

    def save_mqtt(self, settings: MqttSettings, *, password: str = "") -> None:
        """Tell a broker; an empty password leaves the one that is kept."""

        def work(folder: Path) -> None:
            from app.integrations.mqtt.mqtt_connection import make_mqtt_key

            check_mqtt(settings)
            require(folder, Permission.INTEGRATE, action="MQTT settings changed")
            if settings.user and password:
                self._open_credentials().store(make_mqtt_key(settings), Credential(settings.user, password))
            save_mqtt(folder, settings)

        self._edit(work)

    def switch_mqtt(self, *, is_enabled: bool) -> None:
        """Tell the broker, or nothing any more; what is entered stays."""
        self._edit(lambda folder: switch_mqtt(folder, is_enabled=is_enabled))

    def try_mqtt(
        self,
        settings: MqttSettings,
        *,
        password: str,
        on_done: Callable[[ErrorReport | None], None],
    ) -> None:
        """Connect and send one message, without keeping anything; an empty password is the one that is kept.

        Args:
            on_done: told why it failed, or None.
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
            lambda: tr("Trying the broker"), work, on_done=lambda _: on_done(None), on_failed=on_done
        )

    def save_webhook(self, webhook: Webhook, *, former: Webhook | None, secret: str = "") -> None:
        """Add a webhook or change one; an empty secret leaves the one that is kept."""

        def work(folder: Path) -> None:
            check_webhook(webhook)
            require(folder, Permission.INTEGRATE, action="webhook saved", what={"webhook": webhook.name})
            if secret:
                self._open_credentials().store(make_webhook_key(webhook.url), Credential("", secret))
            save_webhook(folder, webhook)
            if former is not None and former.name != webhook.name:
                remove_webhook(folder, former.name)

        self._edit(work)

    def remove_webhook(self, name: str) -> None:
        """Tell a webhook nothing any more; what waits for it is forgotten."""
        self._edit(lambda folder: remove_webhook(folder, name))

    def try_webhook(self, webhook: Webhook) -> None:
        """Post one message of the kind ``trial``; says what came of it."""
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
            self.told.emit(
                lambda: (
                    tr("The webhook '{name}' took a signed message.", name=webhook.name)
                    if is_signed
                    else tr("The webhook '{name}' took a message, which was not signed.", name=webhook.name)
                )
            )

        self._job_runner.run(
            lambda: tr("Trying the webhook"), work, on_done=on_done, on_failed=self.failed.emit
        )

    def _edit(self, work: Callable[[Path], object]) -> None:
        folder = self._state.folder
        if folder is None:
            return

        def finish(_result: object) -> None:
            self.settings_changed.emit()
            self.refresh()

        self._job_runner.run(
            lambda: tr("Changing what other systems are told"),
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
            self._watch.look_if_active()

    def _take(self, state: PublishersState) -> None:
        if state.folder == self._state.folder and state != self._state:
            self._state = state
            self.state_changed.emit()
