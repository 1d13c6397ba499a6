from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from app.settings.paths import data_folder, logs_folder, models_folder, settings_folder

FOLDERS = [settings_folder, data_folder, models_folder, logs_folder]


@pytest.mark.parametrize("find", FOLDERS)
def test_one_variable_moves_everything(home: Path, find: Callable[[], Path]) -> None:
    assert find().parent == home
    assert not find().exists()


def test_every_folder_is_another() -> None:
    assert len({find() for find in FOLDERS}) == len(FOLDERS)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_without_the_variable_they_are_where_the_system_puts_them(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv("EXPOFLOW_HOME")
    else:
        monkeypatch.setenv("EXPOFLOW_HOME", value)
    assert settings_folder() == platformdirs.user_config_path("expoflow", appauthor=False)
    assert models_folder() == data_folder() / "models"
    assert all(find().is_absolute() for find in FOLDERS)
