from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.file_format import read_venue, write_venue
from app.gui.plan.page import PlanEditorView
from app.gui.plan.panel_models import make_plan_editor_view_models
from app.gui.session.app_state import AppState
from app.gui.session.theme import LIGHT, deferred_style, install_theme
from app.gui.session.translation import install_language
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.shown_plan_editor import Shown


@pytest.fixture
def shown(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Shown]:
    install_theme(qapp, LIGHT)
    venue = make_hall(tmp_path)
    walk_through(venue, start_s=NOW_UTC_S - 120, duration_s=120, people=6)
    write_venue(venue)
    app_state, runner = AppState(), InlineJobRunner()
    parts = make_plan_editor_view_models(
        app_state=app_state, job_runner=runner, templates_folder=tmp_path / "templates", clock=SetClock()
    )
    with deferred_style():
        view = PlanEditorView(parts)
    qtbot.addWidget(view)
    view.resize(1190, 658)
    app_state.show_venue(read_venue(venue.folder))
    with qtbot.waitActive(view):
        view.show()
        view.activateWindow()
    yield Shown(view, parts, app_state, venue.folder)
    install_language(qapp, "en")
    install_theme(qapp, LIGHT)
