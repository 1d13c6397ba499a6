"""Every constant that the page about identities names exists and has the value that it states."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest

import analytics.visitors
import vision.tracking

PAGE = Path(__file__).parents[2] / "docs" / "identity.md"
NAMED = re.compile(r"`(\w+)\.(\w+)`\s+=\s+([\d.]+\d|\d)")


def list_modules() -> list[ModuleType]:
    """Return all modules of the engine."""
    return [
        importlib.import_module(found.name)
        for package in (vision.tracking, analytics.visitors)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]


@pytest.mark.parametrize(("owner", "name", "value"), NAMED.findall(PAGE.read_text(encoding="utf-8")))
def test_named_constant_has_the_stated_value(owner: str, name: str, value: str) -> None:
    owners = {module.__name__.rpartition(".")[2]: module for module in list_modules()}
    owners |= {
        key: item
        for module in owners.values()
        for key, item in vars(module).items()
        if isinstance(item, type)
    }
    holder = owners[owner]
    found = getattr(holder() if isinstance(holder, type) else holder, name)

    assert found == float(value)


def test_page_is_short_and_names_constants() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 150
    assert len(NAMED.findall(text)) >= 20
