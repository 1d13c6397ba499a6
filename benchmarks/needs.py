"""What a benchmark cannot do without, checked before it begins."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path

EXTRAS = {
    "torch": "torch", "ultralytics": "torch", "nncf": "torch", "lap": "torch",
    "pedpy": "test", "jupedsim": "test", "PySide6": "gui",
}  # fmt: skip
"""The extra of the package that brings a module."""


def find_missing(modules: Iterable[str]) -> list[str]:
    """Return the modules that are not installed, each with the extra that brings it."""
    return [
        f"{module} (pip install '.[{EXTRAS[module]}]')"
        for module in modules
        if importlib.util.find_spec(module) is None
    ]


def require(*, modules: Iterable[str] = (), files: Iterable[Path] = ()) -> None:
    """End the program with a list of what is missing.

    Args:
        files: files and folders; real footage is where EXPOFLOW_FOOTAGE says.

    Raises:
        SystemExit: something is missing.
    """
    missing = [*find_missing(modules), *(str(file) for file in files if not file.exists())]
    if missing:
        raise SystemExit("This benchmark also needs: " + ", ".join(missing))
