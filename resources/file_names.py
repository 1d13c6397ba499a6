"""Names of files that Linux, macOS and Windows all take: venues move between them."""

from __future__ import annotations

import re
from pathlib import Path

_RESERVED = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_DEVICE = re.compile(r"(?i)\A(con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?= *(?:\.|$))")


def is_portable_name(name: str) -> bool:
    """Return whether every system takes a name: Windows refuses ``CON`` and ``a?``, and shortens ``a.``."""
    return bool(name) and name == make_portable_name(name)


def make_portable_name(text: str) -> str:
    """Return the nearest name that every system takes; empty if nothing of it can stay."""
    return _DEVICE.sub(r"\1_", _RESERVED.sub(" ", text).rstrip(". "), count=1) if text else ""


def find_same_name(path: Path) -> Path:
    """Return the file beside ``path`` that has its name in another case, as on Windows; else ``path``."""
    if path.exists() or not path.parent.is_dir():
        return path
    wanted = path.name.casefold()
    return next((file for file in sorted(path.parent.iterdir()) if file.name.casefold() == wanted), path)
