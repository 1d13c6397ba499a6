"""Versions of the software that made a result; every summary and report names them."""

from __future__ import annotations

import platform
from importlib import metadata

LIBRARIES = (
    "numpy",
    "pandas",
    "scipy",
    "shapely",
    "av",
    "opencv-python-headless",
    "openvino",
    "duckdb",
    "sqlalchemy",
)
NOT_INSTALLED = "not installed"


def collect_versions() -> dict[str, str]:
    """Return names and versions of ExpoFlow, Python and the libraries that affect results."""
    versions = {"expoflow": find_expoflow_version(), "python": platform.python_version()}
    versions |= {name: _find_version(name) for name in LIBRARIES}
    return versions


def find_expoflow_version() -> str:
    """Return ExpoFlow's version."""
    return _find_version("expoflow")


def _find_version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED
