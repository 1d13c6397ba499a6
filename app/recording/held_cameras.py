"""Name the cameras that this machine records, where a site's machines share a venue's cameras."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection
from pathlib import Path

from resources.atomic_file import write_text_atomically

HELD_NAME = "recorder.cameras.json"
_MAX_BYTES = 1 << 20


def read_held_cameras(folder: Path) -> frozenset[str] | None:
    """Return the names of the cameras to record; None for all, as without a site."""
    try:
        with (folder / HELD_NAME).open("rb") as file:
            return frozenset(str(name) for name in json.loads(file.read(_MAX_BYTES)))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def write_held_cameras(folder: Path, names: Collection[str]) -> None:
    """Write the names; a recorder that runs follows.

    Raises:
        OSError: the folder cannot be written to.
    """
    write_text_atomically(folder / HELD_NAME, json.dumps(sorted(names), ensure_ascii=False))


def forget_held_cameras(folder: Path) -> None:
    """Let the next recorder record every camera."""
    with contextlib.suppress(OSError):
        (folder / HELD_NAME).unlink(missing_ok=True)
