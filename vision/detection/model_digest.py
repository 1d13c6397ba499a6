"""Digest and size of a model, be it a file or a folder."""

from __future__ import annotations

import hashlib
from pathlib import Path


def digest_model(path: Path) -> str:
    """Return the SHA-256 in hex: of a file's bytes, or of a folder's names and digests in order."""
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    total = hashlib.sha256()
    for file in model_files(path):
        total.update(file.relative_to(path).as_posix().encode() + b"\0" + bytes.fromhex(digest_model(file)))
    return total.hexdigest()


def measure_model(path: Path) -> int:
    """Return the size in bytes."""
    return sum(file.stat().st_size for file in model_files(path))


def model_files(path: Path) -> list[Path]:
    """Return the file itself, or all files of the folder ordered by name as Linux does."""
    if path.is_file():
        return [path]
    # paths of Windows compare without regard to case
    return sorted((file for file in path.rglob("*") if file.is_file()), key=lambda file: file.parts)
