"""Write files that exist completely or not at all, even after a power failure."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from resources.atomic_file import rename_over

UNFINISHED_SUFFIX = ".unfinished"


def write_durably(path: Path, write: Callable[[BinaryIO], None]) -> int:
    """Write a file under a temporary name, sync it to disk, and rename it.

    Args:
        path: target; its folder is created if missing, and an existing file is replaced.

    Returns:
        The size in bytes.

    Raises:
        OSError: the target is unchanged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}{UNFINISHED_SUFFIX}")
    try:
        with unfinished.open("wb") as file:
            write(file)
            file.flush()
            size = file.tell()
            os.fsync(file.fileno())
        rename_over(unfinished, path)
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
