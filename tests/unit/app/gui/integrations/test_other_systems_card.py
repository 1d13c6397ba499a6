"""The card of other systems: settings, tokens and the state of the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.core.file_format import write_venue
from app.gui.integrations.model import OtherSystemsViewModel, PublisherReport, Serving, ServingReport
from app.gui.integrations.page import NewTokenDialog, OtherSystemsCard, TokenDialog
from app.gui.session.app_state import AppState
from app.integrations.rest.access_tokens import Scope, find_token, read_tokens
from app.integrations.rest.rest_settings import RestSettings, add_token, read_rest
from app.integrations.serving import acquire_serving_lock
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.shown_window import list_words


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    return venue.folder


@pytest.fixture
def card(qtbot: QtBot, folder: Path) -> Iterator[OtherSystemsCard]:
    state = AppState()
    viewmodel = OtherSystemsViewModel(app_state=state, job_runner=InlineJobRunner(state), parent=state)
    shown = OtherSystemsCard(viewmodel)
    qtbot.addWidget(shown)
    shown.show()
    state.show_venue(make_hall(folder.parent))
    yield shown
    viewmodel.close()
    shown.close()
    state.deleteLater()


def press(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_applied_settings_are_saved_and_invalid_ones_rejected(
    qtbot: QtBot, card: OtherSystemsCard, folder: Path
) -> None:
    assert not card.apply.isEnabled()
    card.enabled.setChecked(True)
    card.port.setValue(9123)
    assert not card.serve.isEnabled()
    press(qtbot, card.apply)
    assert read_rest(folder) == RestSettings(True, port=9123)
    assert "Enabled, but the server is not running." in list_words(card)
    assert card.serve.isEnabled()
    card.host.setText("0.0.0.0")
    press(qtbot, card.apply)
    assert read_rest(folder) == RestSettings(True, port=9123)
    assert any("Without TLS" in words for words in list_words(card))
    # the entry stays, to be corrected
    assert card.host.text() == "0.0.0.0"


def test_a_token_is_created_shown_once_copied_and_revoked(
    qtbot: QtBot, card: OtherSystemsCard, folder: Path
) -> None:
    assert "There are no tokens yet. A system needs one to read data." in list_words(card)
    press(qtbot, card.add)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, TokenDialog)
    dialog.name.setText("sign at the entrance")
    dialog.scopes[Scope.METRICS].setChecked(True)
    dialog.accept()
    assert not dialog.isVisible()
    shown = QApplication.activeModalWidget()
    assert isinstance(shown, NewTokenDialog)
    secret = shown.secret.text()
    shown.copy.click()
    shown.accept()
    assert QApplication.clipboard().text() == secret
    (token,) = read_tokens(folder)
    assert find_token([token], secret) == token
    assert token.scopes == {Scope.NOW, Scope.METRICS}
    assert {"sign at the entrance", "live data, metrics for Prometheus"} <= list_words(card)
    (revoke,) = [b for b in card.findChildren(QPushButton) if b.accessibleName().startswith("Revoke the")]
    press(qtbot, revoke)
    assert find_token(read_tokens(folder), secret) is None
    assert any(words.startswith("revoked 20") for words in list_words(card))


def test_the_servers_report_is_shown(card: OtherSystemsCard, folder: Path) -> None:
    token, _ = add_token(folder, "city", [Scope.NOW])
    viewmodel = card._viewmodel
    report = ServingReport((PublisherReport("MQTT", 0, 3, "No broker."),), 7, 2, NOW_UTC_S,
                           {token.token_id: NOW_UTC_S})  # fmt: skip
    viewmodel._change_state(report=report, serving=Serving.HERE, tokens=(token,))
    words = list_words(card)
    assert "7 requests answered; 2 refused; last request 12:00:00; MQTT: No broker." in words
    assert "last request 12:00:00" in words


def test_a_server_of_another_program_is_detected(card: OtherSystemsCard, folder: Path) -> None:
    lock = acquire_serving_lock(folder)
    card._viewmodel.refresh()
    assert card._viewmodel.state.serving is Serving.ELSEWHERE
    assert not card.serve.isEnabled()
    lock.release()
    card._viewmodel.refresh()
    assert card._viewmodel.state.serving is Serving.OFF


def test_unreadable_settings_are_reported(card: OtherSystemsCard, folder: Path) -> None:
    (folder / "integrations.toml").write_text("format = 7\n", encoding="utf-8")
    card._viewmodel.refresh()
    assert any("format 7" in words for words in list_words(card))
