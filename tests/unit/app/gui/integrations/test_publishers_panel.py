"""The panel of the broker and the webhooks: editing, testing and delivery state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from pytestqt.qtbot import QtBot

from analytics.domain.errors import OutputError
from app.core.credentials import MemoryCredentialStore
from app.core.file_format import write_venue
from app.gui.integrations.publishers import (
    BrokerDialog,
    PublishersPanel,
    PublishersViewModel,
    WebhookDialog,
)
from app.gui.session.app_state import AppState
from app.gui.widgets.form_dialog import FormDialog
from app.integrations.mqtt.mqtt_settings import MqttSettings, read_mqtt
from app.integrations.webhooks.webhook_queue import WebhookQueue
from app.integrations.webhooks.webhook_settings import EventKind, Webhook, read_webhooks, save_webhook
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall
from tests.support.servers.web_receiver import receive
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.shown_window import list_words


@pytest.fixture
def store() -> MemoryCredentialStore:
    return MemoryCredentialStore()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    return venue.folder


@pytest.fixture
def panel(qtbot: QtBot, folder: Path, store: MemoryCredentialStore) -> Iterator[PublishersPanel]:
    state = AppState()
    viewmodel = PublishersViewModel(
        app_state=state,
        job_runner=InlineJobRunner(state),
        open_credentials=lambda: store,
        clock=SetClock(),
        parent=state,
    )
    shown = PublishersPanel(viewmodel)
    qtbot.addWidget(shown)
    shown.show()
    state.show_venue(make_hall(folder.parent))
    yield shown
    shown.close()
    state.deleteLater()


def fill(button: QPushButton, kind: type[QDialog], do: Callable[[QDialog], None]) -> None:
    """Press a button, and fill the dialog that it opens."""
    button.click()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, kind)
    do(dialog)
    assert not dialog.isVisible()


def press_save(dialog: QDialog) -> None:
    assert isinstance(dialog, FormDialog)
    dialog.accepting.click()


def find_button(panel: PublishersPanel, name: str) -> QPushButton:
    (found,) = [b for b in panel.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible()]
    return found


def test_a_broker_is_tested_and_saved_with_its_password_in_the_keyring(
    panel: PublishersPanel, folder: Path, store: MemoryCredentialStore
) -> None:
    assert "No broker is set up." in list_words(panel)

    def enter(dialog: QDialog) -> None:
        assert isinstance(dialog, BrokerDialog)
        dialog.trial.click()
        assert dialog.faults == ["Fill this in."]
        dialog.host.setText("127.0.0.1")
        dialog.tls.setChecked(False)
        assert dialog.port.value() == 1883
        dialog.port.setValue(1)
        dialog.trial.click()
        assert "127.0.0.1 does not answer on port 1" in dialog.outcome.text()
        assert dialog.trial.isEnabled()
        dialog.user.setText("hall")
        dialog.password.setText("wide-open")
        press_save(dialog)

    fill(panel.change_broker, BrokerDialog, enter)
    assert read_mqtt(folder) == MqttSettings("127.0.0.1", 1, False, "expoflow/hall", user="hall")
    found = store.find("mqtt:hall@127.0.0.1")
    assert found is not None
    assert found.password == "wide-open"
    assert "wide-open" not in (folder / "integrations.toml").read_text()
    assert "127.0.0.1, port 1, without TLS, topic expoflow/hall: switched on" in list_words(panel)
    panel.switch_broker.click()
    saved = read_mqtt(folder)
    assert saved is not None
    assert not saved.is_enabled
    assert panel.switch_broker.text() == "Switch on"


def test_a_webhook_is_added_tested_changed_and_removed(
    panel: PublishersPanel, folder: Path, qtbot: QtBot
) -> None:
    def enter(dialog: QDialog) -> None:
        assert isinstance(dialog, WebhookDialog)
        dialog.name.setText("ops")
        dialog.url.setText("http://example.com/")
        press_save(dialog)
        assert dialog.isVisible()
        (fault,) = dialog.faults
        assert "begins with https://" in fault
        assert dialog.url.accessibleDescription() == fault
        dialog.url.setText(receiver.url)
        dialog.secret.setText("hush")
        dialog.events[EventKind.CAMERA_UP].setChecked(False)
        dialog.every_min.setValue(5)
        press_save(dialog)

    with receive() as receiver:
        fill(panel.add, WebhookDialog, enter)
        saved = Webhook("ops", receiver.url, frozenset(EventKind) - {EventKind.CAMERA_UP}, 5)
        assert read_webhooks(folder) == (saved,)
        assert "5 kinds of events, live data every 5 minutes" in list_words(panel)
        qtbot.mouseClick(find_button(panel, "Test the webhook ops"), Qt.MouseButton.LeftButton)
        ((_, headers),) = receiver.taken
        assert headers["X-Expoflow-Event"] == "trial"
        assert panel.notice.problem == "The webhook 'ops' accepted a signed message."
    panel.notice.hide()

    def rename(dialog: QDialog) -> None:
        assert isinstance(dialog, WebhookDialog)
        dialog.name.setText("desk")
        press_save(dialog)

    fill(find_button(panel, "Change the webhook ops"), WebhookDialog, rename)
    assert [one.name for one in read_webhooks(folder)] == ["desk"]
    find_button(panel, "Remove the webhook desk").click()
    assert read_webhooks(folder) == ()
    assert any("There are no webhooks" in words for words in list_words(panel))


def test_the_delivery_state_of_messages_is_shown(panel: PublishersPanel, folder: Path) -> None:
    save_webhook(folder, Webhook("ops", "https://example.com/hall"))
    queue = WebhookQueue(folder)
    queue.add([("ops", "alarm_raised", {}), ("ops", "alarm_cleared", {})], holding={}, now_utc_s=NOW_UTC_S)
    error = OutputError("The hook is closed.", "Open it.")
    queue.record_result("ops", queue.find("ops").waiting[0], error, is_refusal=False, now_utc_s=NOW_UTC_S)
    panel._viewmodel.refresh()
    words = list_words(panel)
    assert "0 sent, 2 waiting" in words
    assert "The hook is closed. Open it." in words
