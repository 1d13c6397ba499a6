"""Read the licences of all packages in use from their metadata."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata

PROGRAM = "expoflow"
BUNDLED_EXTRAS = frozenset({"gui"})
"""Extras that `make bundle` ships; every licence in it must be known."""
_TEST_EXTRAS = frozenset({"test", "docs"})
# components inside a package, or whose package metadata states no licence
WITHIN = (
    ("YOLO11n (Ultralytics, trained on COCO)", "AGPL-3.0"),
    ("Qt", "LGPL-3.0-only"),
    ("FFmpeg", "LGPL-2.1-or-later, GPL-2.0-or-later"),
    ("resvg", "MPL-2.0"),
    ("Noto Sans CJK SC (ExpoFlow Sans SC)", "OFL-1.1"),
)
_STATED_BY_PROJECT = {"resvg-py": "MIT"}
_MAX_NAME = 60
"""Maximum length of a licence's name; a longer text is the licence itself."""


@dataclass(frozen=True, slots=True)
class PackageLicence:
    """A package and its licence, empty if neither its metadata nor its project states one."""

    name: str
    version: str
    licence: str


def read_licences(extras: Collection[str] | None = None) -> Iterator[PackageLicence]:
    """Yield every installed package that ExpoFlow needs, taking one to two milliseconds each.

    Args:
        extras: extras of ExpoFlow to include; None for all except tests and documentation.
    """
    seen: set[str] = set()
    waiting = [PROGRAM]
    while waiting:
        name = _normalise(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        waiting.extend(_list_requirements(name, distribution, extras))
        yield PackageLicence(distribution.name, distribution.version, _find_licence(name, distribution))


def sort_licences(packages: Iterable[PackageLicence]) -> tuple[PackageLicence, ...]:
    """Sort packages by name, ExpoFlow first."""
    return tuple(sorted(packages, key=lambda each: (each.name != PROGRAM, each.name.lower())))


def _list_requirements(
    name: str, distribution: metadata.Distribution, extras: Collection[str] | None
) -> Iterator[str]:
    for requirement in distribution.requires or ():
        package = re.match(r"[A-Za-z0-9._-]+", requirement)
        # our extras count, those of other packages do not
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", requirement)
        if package is None:
            continue
        if extra is None or (name == PROGRAM and _is_included(extra[1], extras)):
            yield package[0]


def _is_included(extra: str, extras: Collection[str] | None) -> bool:
    return extra not in _TEST_EXTRAS if extras is None else extra in extras


def _find_licence(name: str, distribution: metadata.Distribution) -> str:
    about = distribution.metadata
    expression = _read(about, "License-Expression")
    if expression:
        return expression
    text = _read(about, "License")
    if text and len(text) <= _MAX_NAME and "\n" not in text:
        return text
    classifiers = about.get_all("Classifier") or []
    named = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    return ", ".join(named) or _STATED_BY_PROJECT.get(name, "")


def _read(about: metadata.PackageMetadata, field: str) -> str:
    return about[field].strip() if field in about else ""


def _normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
