"""The settings page as a person uses it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.gui.session.app_state import AppState
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.settings.model import SettingsViewModel
from app.gui.settings.page import Section, SettingsView
from app.gui.window.welcome import CreateVenueDialog
from app.settings.file import read_settings
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


def list_entries(page: SettingsView) -> list[str]:
    (entries,) = page.findChildren(QListWidget)
    return [entries.item(row).text() for row in range(entries.count())]


def test_only_one_section_is_shown(page: SettingsView) -> None:
    assert list_entries(page) == [str(section) for section in Section]
    for section, title in ((Section.COMPUTER, "Folders"), (Section.MODELS, "Models")):
        page.show_section(section)
        shown = {label.text() for label in page.findChildren(QLabel) if label.isVisible()}
        assert title in shown
        assert "Language, colours and units" not in shown


def test_a_search_leads_to_the_setting(qtbot: QtBot, page: SettingsView) -> None:
    (search,) = [
        field for field in page.findChildren(QLineEdit) if field.accessibleName() == "Search settings"
    ]
    qtbot.keyClicks(search, "dark")
    assert list_entries(page) == ["Colours\nAppearance"]
    search.clear()
    qtbot.keyClicks(search, "log level json")
    assert list_entries(page) == []
    assert "No setting contains “log level json”." in {label.text() for label in page.findChildren(QLabel)}
    search.clear()
    qtbot.keyClicks(search, "json log")
    with qtbot.waitActive(page):
        page.activateWindow()
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert page.section is Section.COMPUTER
    focused = page.focusWidget()
    assert isinstance(focused, QCheckBox)
    assert "JSON" in focused.text()
    page.show_section(Section.APPEARANCE)
    assert list_entries(page)[0] == "Appearance"


def test_changes_of_fields_are_undone_one_after_the_other(qtbot: QtBot, page: SettingsView) -> None:
    with qtbot.waitActive(page):
        page.activateWindow()
    fields = {field.accessibleName(): field for field in page.findChildren(QWidget)}
    colours, json, wait = (
        fields["Colours"],
        fields["Write the log as JSON lines for log collectors (from the next start on)"],
        fields["Time limit for a camera's response"],
    )
    assert isinstance(colours, QComboBox)
    assert isinstance(wait, QDoubleSpinBox)
    (undo,) = [button for button in page.findChildren(QPushButton) if button.text() == "Undo"]
    assert not undo.isEnabled()
    colours.setFocus()
    qtbot.keyClick(colours, Qt.Key.Key_Down)
    page.show_section(Section.COMPUTER)
    json.setFocus()
    qtbot.keyClick(json, Qt.Key.Key_Space)
    wait.setFocus()
    wait.selectAll()
    qtbot.keyClicks(wait, "9")
    qtbot.keyClick(wait, Qt.Key.Key_Return)
    settings = read_settings().settings
    assert (settings.theme, settings.log_format, settings.connect_timeout_s) == ("light", "json", 9.0)
    assert undo.accessibleName() == "Undo: Time limit for a camera's response"
    qtbot.keySequence(page, "Ctrl+Z")
    assert read_settings().settings.connect_timeout_s == 5.0
    undo.click()
    undo.click()
    settings = read_settings().settings
    assert (settings.theme, settings.log_format) == ("system", "text")
    assert not undo.isEnabled()
    (redo,) = [button for button in page.findChildren(QPushButton) if button.text() == "Redo"]
    assert redo.accessibleName() == "Redo: Colours"
    qtbot.keySequence(page, "Ctrl+Shift+Z")
    redo.click()
    settings = read_settings().settings
    assert (settings.theme, settings.log_format, settings.connect_timeout_s) == ("light", "json", 5.0)
    # what was undone is gone once something else is changed
    wait.setFocus()
    wait.selectAll()
    qtbot.keyClicks(wait, "7")
    qtbot.keyClick(wait, Qt.Key.Key_Return)
    assert not redo.isEnabled()
    undo.click()
    assert read_settings().settings.connect_timeout_s == 5.0


def test_a_number_can_be_read_in_its_field(page: SettingsView) -> None:
    page.show_section(Section.COMPUTER)
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
