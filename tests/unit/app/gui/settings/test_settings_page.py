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
from app.settings.file import read_settings
from app.settings.paths import settings_folder
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.shown_window import choose, find_button, list_words


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


def test_every_setting_can_be_chosen(page: SettingsView) -> None:
    choose(page, "Units", "imperial")
    choose(page, "Log file", "info")
    find_button(page, "Official models may be fetched from the internet").click()
    (wait,) = page.findChildren(QDoubleSpinBox)
    wait.setValue(20)
    written = read_settings().settings
    assert (written.units, written.allow_downloads, written.connect_timeout_s) == ("imperial", False, 20.0)
    assert "Fetch" not in list_words(page)


def test_a_number_can_be_read_in_its_field(page: SettingsView) -> None:
    (wait,) = page.findChildren(QDoubleSpinBox)
    assert wait.text() == "5 s"
    assert wait.lineEdit().width() > wait.fontMetrics().horizontalAdvance(wait.text())


def test_the_models_folder_is_the_only_one_to_be_changed(page: SettingsView) -> None:
    assert find_button(page, "Choose a folder for the models").isEnabled()
    assert not find_button(page, "Use ExpoFlow's own folder for the models").isEnabled()
    assert str(settings_folder()) in list_words(page)


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
