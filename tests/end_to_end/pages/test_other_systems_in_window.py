"""Other systems are switched on in the window, ask its child, and the child ends with the window."""

from __future__ import annotations

import json
import socket
import urllib.request
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.file_format import write_venue
from app.gui.integrations.model import Serving
from app.gui.integrations.page import OtherSystemsCard
from app.gui.settings.page import Section
from app.integrations.rest.access_tokens import Scope
from app.integrations.rest.rest_settings import add_token
from app.integrations.serving import is_served
from tests.support.halls.walked_hall import make_hall
from tests.support.windows.shown_window import show_window

ANSWERS_WITHIN_MS = 60_000


@pytest.mark.slow
@pytest.mark.gui
def test_the_window_starts_and_stops_the_server(qtbot: QtBot, tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    _, secret = add_token(venue.folder, "city", [Scope.NOW])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    with show_window(qtbot) as (window, parts):
        parts.app_state.show_venue(venue)
        window.show_settings(Section.OTHER_SYSTEMS)
        card = window.findChild(OtherSystemsCard)
        assert card is not None
        card.enabled.setChecked(True)
        card.port.setValue(port)
        qtbot.mouseClick(card.apply, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(card.serve.isEnabled, timeout=ANSWERS_WITHIN_MS)
        qtbot.mouseClick(card.serve, Qt.MouseButton.LeftButton)
        model = card._viewmodel
        qtbot.waitUntil(
            lambda: model.state.report is not None and model.state.report.publishers[0].published > 0,
            timeout=ANSWERS_WITHIN_MS,
        )
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/now", headers={"Authorization": f"Bearer {secret}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert json.loads(answer.read())["people"] is None
        qtbot.waitUntil(
            lambda: model.state.report is not None and model.state.report.answered == 1,
            timeout=ANSWERS_WITHIN_MS,
        )
        assert model.state.serving is Serving.HERE
        qtbot.mouseClick(card.serve, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: model.state.serving is Serving.OFF, timeout=ANSWERS_WITHIN_MS)
        qtbot.mouseClick(card.serve, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: model.state.serving is Serving.HERE, timeout=ANSWERS_WITHIN_MS)
        assert is_served(venue.folder)
    assert not is_served(venue.folder)
