"""A single picture of a camera that somebody saves on purpose: the one way by which one becomes a file."""

from __future__ import annotations

from pathlib import Path

from app.access.guard import doing
from app.access.roles import Permission
from resources.atomic_file import write_bytes_atomically

OWNER_ONLY = 0o600


def save_camera_picture(folder: Path, camera: str, file: Path, content: bytes) -> None:
    """Write a picture, for its owner alone; asked for, and recorded.

    Raises:
        AccessError: who is at work may not export what shows single persons.
        OSError: the file cannot be written.
    """
    what = {"camera": camera, "file": file.name}
    with doing(folder, Permission.EXPORT_PERSONS, "picture of a camera saved", what):
        write_bytes_atomically(file, content, mode=OWNER_ONLY)
