"""No module imports itself by way of others, also not within a function or for types alone."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Container, Mapping
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGES = ("app", "vision", "analytics", "resources")


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """The modules that each of ours imports."""
    files = {}
    for file in (file for package in PACKAGES for file in (PROJECT / package).rglob("*.py")):
        name = ".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
        files[name] = file
    return {name: list_imports(file.read_text("utf-8"), files) - {name} for name, file in files.items()}


def list_imports(source: str, modules: Container[str]) -> set[str]:
    """Return those of our modules that a source imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in modules else node.module)
    return {name for name in found if name in modules}


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


def test_no_module_is_in_a_circle(imports: dict[str, set[str]]) -> None:
    assert find_circles(imports) == set()


@pytest.mark.parametrize(
    "source",
    [
        "from app.settings import paths",
        "def late():\n    from app.settings.paths import logs_folder",
        "if TYPE_CHECKING:\n    import app.settings.paths",
    ],
)
def test_a_planted_circle_is_found(imports: dict[str, set[str]], source: str) -> None:
    one, other = "app.settings.paths", "app.logging_setup"
    assert other not in imports[one]
    assert list_imports(source, imports) == {one}
    circles = find_circles(imports | {one: imports[one] | {other}, other: imports[other] | {one}})
    assert any({one, other} <= circle for circle in circles)
