"""Name the cameras that this machine records, where a site's machines share a venue's cameras."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection
from pathlib import Path

from resources.atomic_file import write_text_atomically

HELD_NAME = "recorder.cameras.json"
LAST_HELD_NAME = "site.cameras.json"
"""Cameras that the site gave this machine last, kept for a start while its server is away."""
_MAX_BYTES = 1 << 20


def read_held_cameras(folder: Path, file_name: str = HELD_NAME) -> frozenset[str] | None:
    """Return the names of the cameras to record; None for all, as without a site."""
    try:
        with (folder / file_name).open("rb") as file:
            return frozenset(str(name) for name in json.loads(file.read(_MAX_BYTES)))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def write_held_cameras(folder: Path, names: Collection[str], file_name: str = HELD_NAME) -> None:
    """Write the names; a recorder that runs follows.

    Raises:
        OSError: the folder cannot be written to.
    """
    write_text_atomically(folder / file_name, json.dumps(sorted(names), ensure_ascii=False))


def forget_held_cameras(folder: Path, file_name: str = HELD_NAME) -> None:
    """Let the next recorder record every camera, or the next start without the server none."""
    with contextlib.suppress(OSError):
        (folder / file_name).unlink(missing_ok=True)
