"""Atomic file writing: written beside the final name, made durable, then renamed."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

DEFAULT_MODE = 0o644
"""Readable by all users of this machine, writable by the owner."""
_IN_USE_FOR_S = 2.0
_TRY_AGAIN_S = 0.02


@contextlib.contextmanager
def replace_file(path: Path, *, mode: int = DEFAULT_MODE) -> Iterator[Path]:
    """Write a file under a temporary name in the same folder, then replace ``path`` with it.

    The body of the ``with`` writes to the yielded path. When it succeeds, the file is made
    durable, gets its ``mode`` and its final name, and the folder's entry is made durable. When it raises,
    the temporary file is removed and an existing ``path`` stays untouched. The temporary name
    keeps the suffix of ``path``, for writers that choose their format by it.

    Raises:
        OSError: the folder is missing or may not be written to, the disk is full, or the file is in use.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(mode)
        _flush_to_disk(temporary)
        rename_over(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def rename_over(source: Path, target: Path) -> None:
    """Rename a file, replacing the target; on Windows waits up to two seconds for readers to close it.

    Raises:
        OSError: the target is in use for longer, or see `replace_file`.
    """
    give_up_s = time.monotonic() + (_IN_USE_FOR_S if os.name == "nt" else 0.0)
    while True:
        try:
            source.replace(target)
        except PermissionError:
            if time.monotonic() >= give_up_s:
                raise
            time.sleep(_TRY_AGAIN_S)
        else:
            return


def write_bytes_atomically(path: Path, content: bytes, *, mode: int = DEFAULT_MODE) -> None:
    """Replace a file by this content, completely or not at all.

    Raises:
        OSError: see `replace_file`.
    """
    with replace_file(path, mode=mode) as temporary:
        temporary.write_bytes(content)


def write_text_atomically(path: Path, text: str, *, mode: int = DEFAULT_MODE) -> None:
    """Replace a file by text in UTF-8 with the text's own line ends, completely or not at all.

    Raises:
        OSError: see `replace_file`.
    """
    write_bytes_atomically(path, text.encode("utf-8"), mode=mode)


def _flush_to_disk(path: Path) -> None:
    # Windows refuses to flush a file that was opened for reading
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush_folder(folder: Path) -> None:
    """Make a rename durable; the file is already in place, so a system without support is no failure."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
