"""Reading of small files as a whole, with a size limit that protects the memory."""

from __future__ import annotations

import errno
import os
from pathlib import Path

MAX_TEXT_BYTES = 32 * 2**20
"""Size limit in bytes; a venue with thousands of zones takes a few megabytes."""


def read_bounded(file: Path, *, most_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """Return the content of a file.

    Files of unknown size, such as a device or a pipe, are read up to the limit only.

    Raises:
        OSError: the file is unreadable; ``errno.EFBIG`` if it is larger than the limit.
    """
    with file.open("rb") as stream:
        content = stream.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
    return content
