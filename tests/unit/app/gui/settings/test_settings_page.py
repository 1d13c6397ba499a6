"""The settings page as a person uses it."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox
from pytestqt.qtbot import QtBot

from app.gui.session.app_state import AppState
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.settings.model import SettingsViewModel
from app.gui.settings.page import SettingsView
from app.gui.window.welcome_page import CreateVenueDialog
from app.settings.paths import settings_folder
from tests.support.windows.inline_job_runner import InlineJobRunner


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> SettingsView:
    viewmodel = SettingsViewModel(
        app_state=AppState(), job_runner=InlineJobRunner(), monitor=PipelineMonitor()
    )
    view = SettingsView(viewmodel)
    qtbot.addWidget(view)
    view.resize(1200, 1200)
    view.show()
    return view


def test_a_number_can_be_read_in_its_field(page: SettingsView) -> None:
    (wait,) = page.findChildren(QDoubleSpinBox)
    assert wait.text() == "5 s"
    assert wait.lineEdit().width() > wait.fontMetrics().horizontalAdvance(wait.text())


def test_a_hall_is_measured_in_the_units_that_are_shown(qtbot: QtBot, qapp: QApplication) -> None:
    from app.gui.session.units import install_units

    install_units(qapp, "imperial")
    dialog = CreateVenueDialog(settings_folder())
    qtbot.addWidget(dialog)
    width, depth = dialog.findChildren(QDoubleSpinBox)
    assert width.text() == "131.2 ft"
    width.setValue(100.0)
    depth.setValue(50.0)
    assert dialog.new_venue.size_m == pytest.approx((30.48, 15.24))
