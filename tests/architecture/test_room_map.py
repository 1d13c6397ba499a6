"""The map of rooms in ARCHITECTURE.md is made from the contracts, and a room cannot be missing from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools.room_map import CONTAINERS, PAGE, PROJECT, list_layers, make_map, replace_map


def test_the_map_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == replace_map(page, make_map()), "run `make room-map`"


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_package_has_a_place(container: str) -> None:
    folder = PROJECT / container.replace(".", "/")
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    assert {name for layer in list_layers(PROJECT, container) for name in layer} == packages


def test_a_moved_room_changes_the_map(tmp_path: Path) -> None:
    for name in ("app", "vision", "analytics"):
        for package in (PROJECT / name).rglob("__init__.py"):
            copy = tmp_path / package.relative_to(PROJECT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(package, copy)
    contracts = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(contracts.replace('    "facts",\n', ""), encoding="utf-8")
    assert "`app/facts`" in make_map()
    assert "`app/facts`" not in make_map(tmp_path)
    (tmp_path / "app" / "access" / "__init__.py").write_text("", encoding="utf-8")
    with pytest.raises(LookupError, match="access"):
        make_map(tmp_path)
