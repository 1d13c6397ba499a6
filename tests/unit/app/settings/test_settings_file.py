from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

import pytest

from analytics.domain.errors import OutputError
from app.settings.file import read_settings, write_settings
from app.settings.schema import Settings


def read_text(folder: Path, text: str) -> tuple[Settings, str]:
    (folder / "settings.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    loaded = read_settings(folder)
    return loaded.settings, loaded.error.problem if loaded.error else ""


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    settings = Settings(
        language="zh_CN",
        theme="dark",
        recent_venues=(tmp_path / "fair.expoflow",),
        device="GPU",
        models_folder=tmp_path / "m",
        allow_downloads=False,
        connect_timeout_s=3.5,
    )
    write_settings(settings, tmp_path / "new" / "folder")
    loaded = read_settings(tmp_path / "new" / "folder")
    assert (loaded.settings, loaded.error) == (settings, None)


def test_without_a_folder_they_lie_in_the_machines_own(home: Path) -> None:
    assert read_settings().settings == Settings()
    write_settings(Settings(language="en"))
    assert (home / "settings" / "settings.toml").is_file()
    assert read_settings().settings.language == "en"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format = 1\nlanguage = 'en'\nlog_level = 'loud'", "log_level: 'loud' is not one of 'debug'"),
        (
            "format = 1\nlanguage = 'en'\nconnect_timeout_s = 0",
            "connect_timeout_s: must be at least 1 (it is 0)",
        ),
        ("format = 1\nlanguage = 'en'\nallow_downloads = 'yes'", "allow_downloads: must be true or false"),
        ("format = 1\nlanguage = 'en'\nmodels_folder = 5", "models_folder: "),
        (
            "format = 1\nlanguage = 'en'\nlangauge = 'en'",
            "langauge: is not a field of this section; did you mean 'language'?",
        ),
        (
            "format = 1\nlanguage = 'en'\npassword = 'geheim'",
            "password: passwords are never kept in this file",
        ),
    ],
)
def test_a_bad_field_is_named_and_costs_only_itself(tmp_path: Path, text: str, words: str) -> None:
    settings, problem = read_text(tmp_path, text)
    assert settings == Settings(language="en")
    assert problem.startswith("settings.toml: ")
    assert words in problem
    assert "geheim" not in problem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "format: must be the number 1"),
        ("format = '1'", "format: must be the number 1"),
        ("format = 7\nlanguage = 'xx'", "written by a newer ExpoFlow"),
        ("format = ", "damaged or incomplete"),
        ("\ud800", "damaged or incomplete"),
        ("a = " + "[" * 100_000, "damaged or incomplete"),
    ],
)
def test_a_file_that_cannot_be_understood_gives_the_defaults(tmp_path: Path, text: str, words: str) -> None:
    settings, problem = read_text(tmp_path, text)
    assert settings == Settings()
    assert words in problem


def test_a_file_that_cannot_be_opened_gives_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()
    loaded = read_settings(tmp_path)
    assert loaded.settings == Settings()
    assert loaded.error is not None
    assert str(tmp_path / "settings.toml") in loaded.error.remedy


def test_a_faulty_file_is_kept_when_it_is_replaced(tmp_path: Path) -> None:
    read_text(tmp_path, "format = 1\nlanguage = 'klingon'")
    write_settings(Settings(), tmp_path)
    assert (tmp_path / "settings.toml.damaged").read_text() == "format = 1\nlanguage = 'klingon'"
    assert read_settings(tmp_path).error is None


@pytest.mark.skipif(os.name == "nt", reason="file modes are those of POSIX")
def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    write_settings(Settings(), tmp_path)
    assert stat.S_IMODE((tmp_path / "settings.toml").stat().st_mode) == 0o600


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_settings(Settings(language="en"), tmp_path)

    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkstemp", fail)
    with pytest.raises(OutputError, match=r"disk is full; '.*settings\.toml'"):
        write_settings(Settings(), tmp_path)
    assert read_settings(tmp_path).settings.language == "en"
