"""Remember the end of an audit log outside the venue's folder.

A chain of hashes reveals every change but one: a truncated log is a valid, shorter log. Each account of each
machine therefore remembers the last entry that it wrote. This does not reveal truncated entries that only
another machine or account wrote, nor changes in both places.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from app.settings.paths import data_folder
from resources.atomic_file import write_text_atomically

FOLDER_NAME = "audit-heads"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The last entry written by this account.

    Attributes:
        first_hash: identifies the log.
    """

    first_hash: str
    number: int
    chain_hash: str


def remember_head(folder: Path, *, first_hash: str, number: int, chain_hash: str) -> None:
    """Store the end of a venue's log; a failure is only logged."""
    file = _find_file(folder)
    content = {"venue": str(folder.resolve()), **asdict(AuditHead(first_hash, number, chain_hash))}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text_atomically(file, json.dumps(content) + "\n", mode=0o600)
    except OSError as error:
        _LOG.warning("Where the audit log ends could not be kept in %s: %s", file, error.strerror)


def recall_head(folder: Path) -> AuditHead | None:
    """Return the remembered end of a venue's log; None without one, or if it cannot be read."""
    try:
        content = json.loads(_find_file(folder).read_text(encoding="utf-8"))
        return AuditHead(str(content["first_hash"]), int(content["number"]), str(content["chain_hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_head(folder: Path) -> None:
    """Remove the remembered end of a venue's log."""
    _find_file(folder).unlink(missing_ok=True)


def _find_file(folder: Path) -> Path:
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:24]
    return data_folder() / FOLDER_NAME / f"{name}.json"
