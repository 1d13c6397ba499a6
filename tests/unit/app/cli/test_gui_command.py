"""Without a command the window opens; without its libraries the commands are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import gui
from app.cli.program import main
from app.core.versions import find_expoflow_version


def test_without_a_command_the_window_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def open_window() -> int:
        opened.append("window")
        return 3

    monkeypatch.setattr(gui, "is_window_possible", lambda: True)
    monkeypatch.setattr(gui, "open_window", open_window)
    assert main([]) == 3
    assert opened == ["window"]


def test_without_its_libraries_the_commands_are_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gui, "is_window_possible", lambda: False)
    assert main([]) == 0
    assert "analyse" in capsys.readouterr().out


def test_the_version_is_one_line_and_opens_no_window(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gui, "open_window", None)
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"expoflow {find_expoflow_version()}\n"


def test_the_window_asked_for_without_its_libraries_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gui, "is_window_possible", lambda: False)
    assert main(["gui"]) == 1
    assert "PySide6" in capsys.readouterr().err


def test_the_options_reach_the_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: dict[str, object] = {}

    def open_window(**options: object) -> int:
        asked.update(options)
        return 0

    monkeypatch.setattr(gui, "open_window", open_window)
    assert main(["gui", "--venue", str(tmp_path), "--demo", "--screenshots", str(tmp_path / "s")]) == 0
    assert asked == {
        "venue": tmp_path,
        "demo": True,
        "screenshots": tmp_path / "s",
        "wall_pages": None,
    }


def test_a_wall_shows_the_pages_that_are_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[object] = []

    def open_window(**options: object) -> int:
        asked.append(options["wall_pages"])
        return 0

    monkeypatch.setattr(gui, "open_window", open_window)
    assert main(["gui", "--kiosk"]) == 0
    assert main(["gui", "--kiosk", "--kiosk-pages", "now,live"]) == 0
    assert asked == [[], ["now", "live"]]
