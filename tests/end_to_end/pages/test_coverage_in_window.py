"""Cameras planned in the real window, from the plan to the wizard that adds them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.file_format import read_venue, write_venue
from app.gui.cameras.camera_wizard_page import CameraWizard
from app.gui.coverage.page import CoveragePlannerView
from app.gui.live.page import LiveWallView
from app.gui.window.pages import Page
from tests.support.halls.planned_hall import box, install, make_planned_venue, plan_camera, zone
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, click, show_window


def test_a_camera_is_planned_seen_to_help_and_installed(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue = make_planned_venue(
        zones=[zone("B4", box(15.0, 8.0, 18.0, 11.0))],
        cameras=[install(plan_camera(tilt_deg=45.0))],
        folder=tmp_path / "hall.expoflow",
    )
    venue.folder.mkdir()
    write_venue(venue)
    with show_window(qtbot, Page.LIVE, Page.COVERAGE) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(venue.folder)
        window.show_page(Page.COVERAGE)
        (page,) = window.findChildren(CoveragePlannerView)
        advice = page.advice.advice
        qtbot.waitUntil(lambda: advice.count() > 0, timeout=ANSWERS_WITHIN_MS)
        assert advice.item(0).text() == "No camera sees B4: 9.0 m²."
        click(qtbot, window, "Add a camera that is not installed yet (A)")
        viewport = page.canvas.viewport()
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=page.canvas.mapFromScene(19.0, 4.0))
        qtbot.waitUntil(lambda: page.cameras.name.text() == "Camera 1", timeout=ANSWERS_WITHIN_MS)
        page.cameras.heading.setValue(110.0)
        qtbot.waitUntil(
            lambda: (
                all("No camera sees B4" not in advice.item(n).text() for n in range(advice.count()))
                and not parts.job_runner.handles
                and bool(read_venue(venue.folder).planned_cameras)
            ),
            timeout=ANSWERS_WITHIN_MS,
        )
        assert read_venue(venue.folder).planned_cameras[0].heading_deg == 110.0
        click(qtbot, window, "Add the installed camera under this name")
        (wall,) = window.findChildren(LiveWallView)
        (wizard,) = window.findChildren(CameraWizard)
        assert wall.isHidden(), "it opens over the planner"
        assert wizard.isVisible()
        assert wizard._viewmodel.state.draft.name == "Camera 1"
        wizard.close()
