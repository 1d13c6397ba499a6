"""The rooms of the source tree, and what importing a module loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for package in ("app", "vision", "analytics", "resources")
    for path in (PROJECT / package).rglob("*.py")
)
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
)


MAX_MODULES_IN_A_FOLDER = 25
ROOMS_OF_THE_WINDOW_ALONE = {"window", "session", "widgets", "tables", "charts", "canvas"}
"""Shared by the window's subjects, or what composes them."""


def list_full_folders(files: Iterable[Path]) -> dict[str, int]:
    """Return the folders that hold more modules than a person takes in at a glance, with their numbers."""
    counted = Counter(path.parent for path in files if path.name != "__init__.py")
    return {str(folder): n for folder, n in counted.items() if n > MAX_MODULES_IN_A_FOLDER}


def test_no_folder_is_too_full() -> None:
    tests = sorted((PROJECT / "tests").rglob("*.py"))
    assert list_full_folders([*SOURCES, *tests]) == {}


def test_a_full_folder_is_noticed() -> None:
    files = [Path("app", "dwell", f"module_{number}.py") for number in range(26)]
    assert list_full_folders(files) == {str(Path("app", "dwell")): 26}
    assert list_full_folders(files[1:]) == {}


def list_unusable_generics(source: str) -> list[str]:
    """Return frozen generic records with slots: Python 3.11 fails to make one whose type is stated."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).startswith("Generic[") for base in node.bases)
        and any(
            "frozen=True" in (way := ast.unparse(one)) and "slots=True" in way for one in node.decorator_list
        )
    ]


def test_every_generic_record_can_be_made_by_the_oldest_python() -> None:
    found = {path.name: list_unusable_generics(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert {name: classes for name, classes in found.items() if classes} == {}


def test_a_generic_record_that_python_3_11_cannot_make_is_noticed() -> None:
    body = "class A(Generic[T]):\n    x: T\n"
    assert list_unusable_generics(f"@dataclass(frozen=True, slots=True)\n{body}") == ["A"]
    assert list_unusable_generics(f"@dataclass(frozen=True)\n{body}") == []


def list_subjects(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def test_every_subject_of_the_window_has_its_room_without_qt() -> None:
    shown = list_subjects(PROJECT / "app" / "gui") - ROOMS_OF_THE_WINDOW_ALONE
    assert shown - list_subjects(PROJECT / "app") == set()
    assert {"dwell", "plan", "calibration"} <= shown


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
    assert not loaded & {"cv2", "av", "openvino", "torch", "ultralytics", "nncf"}


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
