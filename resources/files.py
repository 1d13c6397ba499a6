"""Locations of the files that ship with the application."""

from __future__ import annotations

from pathlib import Path


def resource_path(*parts: str) -> Path:
    """Return the path of a bundled file or folder, such as ``resource_path("models", "catalogue.json")``.

    The path need not exist: some resources are optional.
    """
    return Path(__file__).resolve().parent.joinpath(*parts)
