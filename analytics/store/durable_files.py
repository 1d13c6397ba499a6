"""Files that are either whole under their name or not there, also after the power fails."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

UNFINISHED_SUFFIX = ".unfinished"


def write_durably(path: Path, write: Callable[[BinaryIO], None]) -> int:
    """Write a file beside its place, bring it to the disk, then give it its name.

    Args:
        path: its folder is made where it is missing; a file of that name is replaced.
        write: gets the open file.

    Returns:
        The size in bytes.

    Raises:
        OSError: nothing is left under the name, or what was there before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}{UNFINISHED_SUFFIX}")
    try:
        with unfinished.open("wb") as file:
            write(file)
            file.flush()
            size = file.tell()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    sync_folder(path.parent.parent)
    return size


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; does nothing where folders cannot be opened (Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
