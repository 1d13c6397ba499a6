"""No module imports itself by way of others, also not within a function or for types alone."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Mapping
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGES = ("app", "vision", "analytics", "resources")


def read_sources() -> dict[str, str]:
    sources = {}
    for file in (file for package in PACKAGES for file in (PROJECT / package).rglob("*.py")):
        name = ".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
        sources[name] = file.read_text(encoding="utf-8")
    return sources


def map_imports(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the modules that each module imports, wherever in it."""
    found: dict[str, set[str]] = {name: set() for name in sources}
    for name, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                found[name] |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    found[name].add(inner if inner in sources else node.module)
        found[name] = {other for other in found[name] if other in sources and other != name}
    return found


def find_circles(imports: Mapping[str, set[str]]) -> set[frozenset[str]]:
    """Return the groups of modules each of which leads to every other one."""
    left = {name: set(others) for name, others in imports.items()}
    circles = set()
    while True:
        try:
            graphlib.TopologicalSorter(left).prepare()
        except graphlib.CycleError as error:
            start = error.args[1][0]
            circle = frozenset(_reach(left, start) & {one for one in left if start in _reach(left, one)})
            circles.add(circle)
            left = {name: others - circle if name in circle else others for name, others in left.items()}
        else:
            return circles


def _reach(imports: Mapping[str, set[str]], start: str) -> set[str]:
    seen, waiting = set(), [start]
    while waiting:
        for other in imports[waiting.pop()] - seen:
            seen.add(other)
            waiting.append(other)
    return seen


def test_no_module_is_in_a_circle() -> None:
    assert find_circles(map_imports(read_sources())) == set()


@pytest.mark.parametrize(
    "source",
    [
        "from app.settings import paths",
        "def late():\n    from app.settings.paths import logs_folder",
        "if TYPE_CHECKING:\n    import app.settings.paths",
    ],
)
def test_a_planted_circle_is_found(source: str) -> None:
    sources = read_sources()
    assert "app.logging_setup" not in map_imports(sources)["app.settings.paths"]
    sources["app.settings.paths"] += "\nimport app.logging_setup\n"
    sources["app.logging_setup"] += f"\n{source}\n"
    circles = find_circles(map_imports(sources))
    assert any({"app.settings.paths", "app.logging_setup"} <= circle for circle in circles)
