"""Small disks of their own, to be filled and made read-only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, *, size_mib: int) -> Iterator[Path]:
    """A tmpfs of this size at a folder; the test is skipped where it cannot be mounted."""
    folder.mkdir()
    if os.name == "nt" or run("mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", str(folder)):
        pytest.skip("mounting a tmpfs needs root")
    try:
        yield folder
    finally:
        run("umount", "-l", str(folder))


def remount(folder: Path, mode: str) -> None:
    """``ro`` or ``rw``."""
    assert run("mount", "-o", f"remount,{mode}", str(folder)) == 0


def fill(folder: Path, *, leave_bytes: int = 0) -> Path:
    """Write a file until there is no room left, or so much."""
    path = folder / "somebody-elses-file"
    with path.open("wb", buffering=0) as file:
        try:
            while (room := free_bytes(folder) - leave_bytes) > 0:
                file.write(b"\0" * min(room, 65_536))
        except OSError:
            pass
    return path


def free_bytes(folder: Path) -> int:
    return os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize


def run(*command: str) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode
