"""Where the files that ship with the application lie."""

from __future__ import annotations

from pathlib import Path


def resource_path(*parts: str) -> Path:
    """Path of a bundled file or folder, such as ``resource_path("models", "catalogue.json")``.

    It need not exist: some resources are optional.
    """
    return Path(__file__).resolve().parent.joinpath(*parts)
