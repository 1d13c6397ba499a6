"""Write the map of rooms in ARCHITECTURE.md from the import contracts and the packages: ``make room-map``."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "ARCHITECTURE.md"
BEGIN = "<!-- Made by `make room-map` from the contracts in pyproject.toml and the packages' docstrings. -->"
END = "<!-- End of what `make room-map` made. -->"
CONTAINERS = {
    "app": "the program",
    "app.gui": "the window",
    "vision": "from cameras to track points",
    "analytics": "from track points to numbers",
}

MAX_ROWS = 10
"""A layer of more rooms has one row for all."""


def list_layers(project: Path, container: str) -> list[list[str]]:
    """Return the layers of the container's contract, top first, each with its packages as a sorted list.

    Modules that are no package, such as ``app.__main__``, are left out.

    Raises:
        LookupError: no contract orders the container.
    """
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    for contract in contracts:
        if contract["type"] == "layers" and contract.get("containers") == [container]:
            layers = [sorted(name.strip() for name in layer.split("|")) for layer in contract["layers"]]
            folder = project / container.replace(".", "/")
            packages = [[name for name in layer if (folder / name).is_dir()] for layer in layers]
            return [layer for layer in packages if layer]
    raise LookupError(f"no contract orders the rooms of {container}")


def read_subject(package: Path) -> str:
    """Return the first line of the package's docstring, which says what the room is about.

    Raises:
        LookupError: the package has no docstring.
    """
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8")))
    if not docstring:
        raise LookupError(f"{package} does not say in its __init__.py what it is about")
    return docstring.splitlines()[0].removesuffix(".")


def make_map(project: Path = PROJECT) -> str:
    """Return the map as Markdown: a table for each container, in the order of the contracts."""
    return "\n".join(_write_tables(project))


def _write_tables(project: Path) -> Iterator[str]:
    for container, title in CONTAINERS.items():
        folder = container.replace(".", "/")
        yield f"\n### `{folder}`: {title}\n"
        yield "| Layer | Room | Subject |\n|---|---|---|"
        for number, layer in enumerate(list_layers(project, container), start=1):
            if len(layer) > MAX_ROWS:
                names = ", ".join(f"`{name}`" for name in layer)
                yield f"| {number} | {names} | Pages and dialogs of the subject of that name |"
                continue
            for name in layer:
                yield f"| {number} | `{folder}/{name}` | {read_subject(project / folder / name)} |"
    yield ""


def replace_map(page: str, made: str) -> str:
    """Return the page with the map between the two marks.

    Raises:
        LookupError: the page lacks a mark.
    """
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise LookupError(f"{PAGE.name} lacks the marks between which the map stands")
    return f"{head}{begin}\n{made}\n{end}{tail}"


def main() -> int:
    """Write the map into ARCHITECTURE.md."""
    PAGE.write_text(replace_map(PAGE.read_text(encoding="utf-8"), make_map()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
