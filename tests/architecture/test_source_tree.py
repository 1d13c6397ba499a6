"""Habits that a linter cannot check: sizes, names, and what importing a module loads."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for package in ("app", "vision", "analytics", "resources")
    for path in (PROJECT / package).rglob("*.py")
)
BANNED_WORDS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "misc",
    "common",
    "base",
    "manager",
    "handler",
    "processor",
}
LONGEST_MODULE_LINES = 400
HEAVY = (
    "PySide6",
    "shiboken6",
    "pyqtgraph",
    "torch",
    "ultralytics",
    "nncf",
    "cv2",
    "av",
    "openvino",
    "matplotlib",
)


def find_banned_words(name: str) -> set[str]:
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return BANNED_WORDS & {word.lower() for word in words}


def test_no_module_is_longer_than_a_reader_keeps_in_mind() -> None:
    too_long = {
        str(path.relative_to(PROJECT)): lines
        for path in SOURCES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE_LINES
    }
    assert not too_long


def test_names_say_what_a_module_or_class_is() -> None:
    vague = [str(p.relative_to(PROJECT)) for p in SOURCES if find_banned_words(p.stem)]
    for path in SOURCES:
        names = re.findall(r"^class (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        vague += [f"{path.relative_to(PROJECT)}: {name}" for name in names if find_banned_words(name)]
    assert not vague


def test_a_vague_name_is_noticed() -> None:
    assert find_banned_words("CameraManager") == {"manager"}
    assert find_banned_words("string_utils") == {"utils"}
    assert not find_banned_words("database_url")


def modules_loaded_by(statement: str) -> set[str]:
    probe = f"{statement}\nimport sys\nprint(' '.join(sorted({{m.split('.')[0] for m in sys.modules}})))"
    result = subprocess.run(
        [sys.executable, "-c", probe], cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


def module_name(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def list_modules(*, of_window: bool) -> list[str]:
    """Those with Qt, which the window's process loads, or all others."""
    names = [module_name(path) for path in SOURCES if path.stem != "__main__"]
    return [name for name in names if name.startswith(("app.gui", "app.print")) == of_window]


def test_no_module_but_the_window_loads_qt_or_torch_when_imported() -> None:
    names = list_modules(of_window=False)
    loaded = modules_loaded_by("\n".join(f"import {name}" for name in names))
    assert not loaded & {"PySide6", "shiboken6", "pyqtgraph", "torch", "ultralytics", "nncf"}


def test_the_window_loads_no_decoder_and_no_network_when_imported() -> None:
    names = list_modules(of_window=True)
    loaded = modules_loaded_by("\n".join(f"import {name}" for name in names))
    assert "PySide6" in loaded
    assert not loaded & {"cv2", "av", "openvino", "torch", "ultralytics", "nncf", "matplotlib"}


def test_printing_needs_no_widgets() -> None:
    names = [name for name in list_modules(of_window=True) if name.startswith("app.print")]
    listed = "import sys; sys.modules |= {'widgets' if 'PySide6.QtWidgets' in sys.modules else 'none': sys}"
    loaded = modules_loaded_by("\n".join([*(f"import {name}" for name in names), listed]))
    assert "none" in loaded
    assert "widgets" in modules_loaded_by(f"import PySide6.QtWidgets\n{listed}")


def test_the_probe_sees_an_import_by_name() -> None:
    assert "sqlite3" in modules_loaded_by("import importlib; importlib.import_module('sqlite3')")


@pytest.mark.parametrize("module", ["app.cli.program", "vision.pipeline.supervisor"])
def test_the_command_line_starts_light(module: str) -> None:
    assert not modules_loaded_by(f"import {module}") & set(HEAVY)
