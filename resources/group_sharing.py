"""Group permissions for shared folders: files created by one member are writable for the others."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

_GROUP_MAY_WRITE = stat.S_IRGRP | stat.S_IWGRP


def share_with_group(folder: Path) -> None:
    """Grant the group write permission to this account's files directly in a setgid folder.

    Databases are created without that permission, regardless of the umask. Other folders, and Windows, are
    left unchanged.
    """
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        mode = folder.stat().st_mode
        if not (mode & stat.S_ISGID and mode & stat.S_IWGRP):
            return
        for entry in os.scandir(folder):
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                is_ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
                if is_ours and status.st_mode & _GROUP_MAY_WRITE != _GROUP_MAY_WRITE:
                    Path(entry.path).chmod(stat.S_IMODE(status.st_mode) | _GROUP_MAY_WRITE)
