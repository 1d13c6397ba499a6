"""The import contracts hold, and each of them can fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGES = ("app", "vision", "analytics", "resources")

PLANTED = {
    "qt": ("app/dwell/planted.py", "import app.gui.session.theme\n"),
    "database-servers": ("app/dwell/planted.py", "def f():\n    import psycopg\n"),
    "servers": ("app/dwell/planted.py", "def f():\n    import fastapi\n"),
    "arrows": ("analytics/domain/planted.py", "import vision.pixel_types\n"),
    "developers": ("vision/tracking/planted.py", "def f():\n    import tools.scenes.scenes\n"),
    "vocabulary": ("vision/tracking/planted.py", "def f():\n    import pandas\n"),
    "frames": ("analytics/metrics/planted.py", "import cv2\n"),
    "supervision": ("vision/pipeline/messages.py", "\nimport av\n"),
    "analytics-layers": ("analytics/metrics/planted.py", "import analytics.store\n"),
    "comparison": ("analytics/comparison/planted.py", "import analytics.store\n"),
    "vision-layers": ("vision/unplaced/__init__.py", ""),
    "app-layers": ("app/dwell/planted.py", "import app.flows.flow_analysis\n"),
    "print": ("app/print/planted.py", "def f():\n    import pandas\n"),
    "window-process": ("app/gui/dwell/planted.py", "def f():\n    import cv2\n"),
    "gui-layers": ("app/gui/dwell/planted.py", "import app.gui.flows.page\n"),
}


def lint_imports(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = (
        "import sys; sys.path.insert(0, '.'); "
        "from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def copy_of_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for package in PACKAGES:
        shutil.copytree(
            PROJECT / package, folder / package, ignore=lambda d, names: [n for n in names if keep_out(n)]
        )
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return folder


def keep_out(name: str) -> bool:
    return name == "__pycache__" or ("." in name and not name.endswith(".py"))


def test_contracts_hold(copy_of_project: Path) -> None:
    result = lint_imports(copy_of_project)
    assert result.returncode == 0, result.stdout
    assert f"{len(PLANTED)} kept, 0 broken" in result.stdout


@pytest.mark.parametrize("contract", sorted(PLANTED))
def test_a_planted_violation_breaks_the_contract(copy_of_project: Path, contract: str) -> None:
    path, text = PLANTED[contract]
    planted = copy_of_project / path
    before = planted.read_text(encoding="utf-8") if planted.exists() else None
    planted.parent.mkdir(exist_ok=True)
    planted.write_text((before or "") + text, encoding="utf-8")
    try:
        result = lint_imports(copy_of_project, "--contract", contract)
    finally:
        if before is None:
            planted.unlink()
            if planted.name == "__init__.py":
                planted.parent.rmdir()
        else:
            planted.write_text(before, encoding="utf-8")
    assert result.returncode != 0
    assert "BROKEN" in result.stdout or "exhaustive" in (result.stdout + result.stderr).lower(), (
        result.stdout + result.stderr
    )
