"""Where an audit log ended when this machine last wrote it: kept outside of the venue's folder.

A chain of hashes shows every change but one: a log whose end was cut off is a whole, shorter log. So each
account of each machine remembers the last entry that it wrote itself. What this cannot show: entries that
were cut off and that only another machine or account wrote, and somebody who changes both places.
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
    """The last entry that was written from here.

    Attributes:
        first_hash: names the log.
    """

    first_hash: str
    number: int
    chain_hash: str


def remember_head(folder: Path, *, first_hash: str, number: int, chain_hash: str) -> None:
    """Keep where a venue's log ends; a place that cannot be written is logged, and no failure."""
    file = _find_file(folder)
    content = {"venue": str(folder.resolve()), **asdict(AuditHead(first_hash, number, chain_hash))}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text_atomically(file, json.dumps(content) + "\n", mode=0o600)
    except OSError as error:
        _LOG.warning("Where the audit log ends could not be kept in %s: %s", file, error.strerror)


def recall_head(folder: Path) -> AuditHead | None:
    """What is remembered of a venue's log; None where nothing is, or it cannot be read."""
    try:
        content = json.loads(_find_file(folder).read_text(encoding="utf-8"))
        return AuditHead(str(content["first_hash"]), int(content["number"]), str(content["chain_hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_head(folder: Path) -> None:
    """Remember nothing of a venue's log any more."""
    _find_file(folder).unlink(missing_ok=True)


def _find_file(folder: Path) -> Path:
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:24]
    return data_folder() / FOLDER_NAME / f"{name}.json"
