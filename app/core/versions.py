"""Versions of the software that made a result; every summary and report names them."""

from __future__ import annotations

import json
import platform
import sys
from importlib import metadata

LIBRARIES = (
    "numpy",
    "pandas",
    "scipy",
    "shapely",
    "av",
    "opencv-python-headless",
    "openvino",
    "pyarrow",
    "sqlalchemy",
)
NOT_INSTALLED = "not installed"


def collect_versions() -> dict[str, str]:
    """Return names and versions of ExpoFlow, Python and the libraries that affect results."""
    versions = {"expoflow": find_expoflow_version(), "python": platform.python_version()}
    versions |= {name: _find_version(name) for name in LIBRARIES}
    return versions


def print_versions(*, as_json: bool) -> None:
    """Write them to standard output, one a line or as a JSON object."""
    versions = collect_versions()
    if as_json:
        sys.stdout.write(json.dumps(versions, indent=2) + "\n")
        return
    width = max(map(len, versions))
    sys.stdout.writelines(f"{name:{width}}  {number}\n" for name, number in versions.items())


def find_expoflow_version() -> str:
    """Return ExpoFlow's version."""
    return _find_version("expoflow")


def _find_version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED
