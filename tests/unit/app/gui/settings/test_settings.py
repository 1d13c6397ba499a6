"""Every setting is written at once, and models are fetched elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.file_format import read_venue
from app.core.job import JobContext
from app.gui.session.app_state import AppState
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.settings import model as settings_module
from app.gui.settings.model import SettingsViewModel
from app.logging_setup import set_log_level
from app.plan.edit_venue import create_hall
from app.settings.file import models_folder, read_settings
from app.settings.paths import models_folder as own_models_folder
from app.settings.paths import settings_folder
from app.settings.schema import MAX_RECENT_VENUES
from tests.support.windows.inline_job_runner import InlineJobRunner


@pytest.fixture
def made(qtbot: QtBot) -> Iterator[SettingsViewModel]:
    app_state, runner, monitor = AppState(), InlineJobRunner(), PipelineMonitor()
    yield SettingsViewModel(app_state=app_state, job_runner=runner, monitor=monitor)
    runner.shutdown()


def test_a_choice_is_announced_and_written(qtbot: QtBot, made: SettingsViewModel) -> None:
    with qtbot.waitSignal(made.language_chosen, timeout=0) as language:
        made.choose_language("zh_CN")
    with qtbot.waitSignal(made.theme_chosen, timeout=0) as theme:
        made.choose_theme("dark")
    assert (language.args, theme.args) == (["zh_CN"], ["dark"])
    written = read_settings().settings
    assert (written.language, written.theme) == ("zh_CN", "dark")
    assert (made.state.language, made.state.theme) == ("zh_CN", "dark")


def test_recent_venues_are_few_unique_and_the_latest_first(made: SettingsViewModel, tmp_path: Path) -> None:
    folders = [tmp_path / f"{number}.expoflow" for number in range(MAX_RECENT_VENUES + 2)]
    for folder in (*folders, folders[3]):
        made.remember_venue(folder)
    assert made.state.recent_venues[:2] == (folders[3], folders[-1])
    assert len(made.state.recent_venues) == MAX_RECENT_VENUES
    assert read_settings().settings.recent_venues == made.state.recent_venues


def test_models_are_listed_with_their_state(made: SettingsViewModel) -> None:
    assert not made.state.are_models_known
    made.list_models()
    by_name = {model.name: model for model in made.state.models}
    assert by_name["yolo26n"].can_fetch
    assert not by_name["expoflow-demo"].can_fetch
    assert by_name["expoflow-demo"].state == "ready"


def test_a_model_is_fetched_by_a_command_in_its_own_process(
    made: SettingsViewModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands: list[tuple[str, ...]] = []

    def run(arguments: tuple[str, ...], _context: JobContext) -> str:
        commands.append(arguments)
        return ""

    monkeypatch.setattr(settings_module, "run_child_command", run)
    made.fetch_model("yolo26n")
    made.import_model(tmp_path / "own.pt")
    assert commands == [
        ("models", "get", "yolo26n"),
        ("models", "import", str(tmp_path / "own.pt"), "--replace"),
    ]
    assert made.state.are_models_known


def test_units_downloads_and_patience_are_written(made: SettingsViewModel) -> None:
    made.choose_units("imperial")
    made.list_models()
    made.allow_downloads(False)
    made.choose_connect_timeout(12.0)
    written = read_settings().settings
    assert (written.units, written.allow_downloads, written.connect_timeout_s) == ("imperial", False, 12.0)
    assert (made.state.units, made.state.allows_downloads, made.state.connect_timeout_s) == (
        "imperial",
        False,
        12.0,
    )
    assert not any(model.can_fetch for model in made.state.models)


def test_the_log_says_more_at_once(made: SettingsViewModel) -> None:
    ours = logging.getLogger("app")
    before = ours.level
    try:
        made.choose_log_level("debug")
        assert ours.level == logging.DEBUG
    finally:
        set_log_level(before)
    assert read_settings().settings.log_level == "debug"
    made.write_json_log(True)
    assert made.state.is_log_json
    assert read_settings().settings.log_format == "json"


def test_models_are_looked_for_in_the_folder_that_was_chosen(made: SettingsViewModel, tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    made.choose_models_folder(folder)
    assert models_folder() == folder
    assert ("Models", folder) in made.state.folders
    assert not made.state.has_own_models_folder
    made.choose_models_folder(None)
    assert models_folder() == own_models_folder()
    assert made.state.has_own_models_folder


def test_a_folder_that_cannot_be_written_is_not_taken(
    qtbot: QtBot, made: SettingsViewModel, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with qtbot.waitSignal(made.failed, timeout=0) as failed:
        made.choose_models_folder(tmp_path / "file" / "weights")
    assert str(tmp_path / "file" / "weights") in failed.args[0].problem
    assert "another folder" in failed.args[0].remedy
    assert models_folder() == own_models_folder()


def test_a_venue_takes_another_model(qtbot: QtBot, tmp_path: Path) -> None:
    app_state, runner, monitor = AppState(), InlineJobRunner(), PipelineMonitor()
    made = SettingsViewModel(app_state=app_state, job_runner=runner, monitor=monitor)
    venue = create_hall(tmp_path / "a.expoflow", name="A", time_zone="UTC", size_m=(9, 9))
    app_state.show_venue(venue)
    with qtbot.waitSignal(made.model_chosen, timeout=0):
        made.use_model("expoflow-demo")
    assert made.state.model_in_use == "expoflow-demo"
    assert app_state.venue is not None
    assert app_state.venue.settings.model_name == "expoflow-demo"
    assert read_venue(venue.folder).settings.model_name == "expoflow-demo"


def test_settings_that_cannot_be_written_are_told(qtbot: QtBot, made: SettingsViewModel, home: Path) -> None:
    home.mkdir(parents=True)
    settings_folder().write_text("in the way", encoding="utf-8")
    with qtbot.waitSignal(made.failed, timeout=0) as failed:
        made.choose_theme("dark")
    assert failed.args[0].remedy
    assert made.state.theme == "dark"


def test_a_faulty_file_is_complained_of(qtbot: QtBot, home: Path) -> None:
    settings_folder().mkdir(parents=True)
    (settings_folder() / "settings.toml").write_text("format = 1\ntheme = 'pink'\n", encoding="utf-8")
    runner = InlineJobRunner()
    made = SettingsViewModel(app_state=AppState(), job_runner=runner, monitor=PipelineMonitor())
    assert made.load_error is not None
    assert "theme" in made.load_error.problem
    assert made.state.theme == "system"
