"""Fixtures of the floor plan page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.document import Venue
from app.gui.floor_plan.model import FloorPlanViewModel
from app.gui.floor_plan.page import FloorPlanView
from app.gui.session.app_state import AppState
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.theme import LIGHT, deferred_style, install_theme
from app.gui.session.translation import install_language
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner

YESTERDAY = (NOW_UTC_S - 86_400, NOW_UTC_S - 86_200)


@dataclass
class Shown:
    view: FloorPlanView
    model: FloorPlanViewModel
    app_state: AppState
    monitor: PipelineMonitor


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(tmp_path_factory.mktemp("walked"))
    walk_through(venue, start_s=NOW_UTC_S - 86_400, duration_s=200, people=10, seed=2)
    walk_through(venue, start_s=NOW_UTC_S - 400, duration_s=400)
    return venue


@pytest.fixture
def shown(qapp: QApplication, qtbot: QtBot, walked: Venue) -> Iterator[Shown]:
    install_theme(qapp, LIGHT)
    app_state, monitor, runner = AppState(), PipelineMonitor(), InlineJobRunner()
    model = FloorPlanViewModel(app_state=app_state, job_runner=runner, monitor=monitor, clock=SetClock())
    with deferred_style():
        view = FloorPlanView(model)
    qtbot.addWidget(view)
    view.resize(1180, 640)
    app_state.show_venue(walked)
    with qtbot.waitExposed(view):
        view.show()
    yield Shown(view, model, app_state, monitor)
    install_language(qapp, "en")
    install_theme(qapp, LIGHT)


def place_of(shown: Shown, x_m: float, y_m: float) -> QPoint:
    return shown.view.canvas.mapFromScene(x_m, y_m)


def color_at(shown: Shown, x_m: float, y_m: float) -> QColor:
    at = place_of(shown, x_m, y_m)
    return QColor(shown.view.canvas.viewport().grab().toImage().pixel(at))
