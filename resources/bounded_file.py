"""Reading small files as a whole: one that is far too large is refused before it fills the memory."""

from __future__ import annotations

import errno
import os
from pathlib import Path

MAX_TEXT_BYTES = 32 * 2**20
"""A venue with thousands of zones takes a few megabytes."""


def read_bounded(file: Path, *, most_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """The content of a file.

    Also of what says nothing of its size, such as a device or a pipe, no more is read.

    Raises:
        OSError: it cannot be read; ``errno.EFBIG`` where it is larger.
    """
    with file.open("rb") as stream:
        content = stream.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
    return content
