"""Name the parts of a history in a venue's folder and detect a history, without imports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

DATABASE_NAME = "events.sqlite"
ARCHIVE_NAME = "tracks"
BACKUPS_NAME = "backups"
SERVER_NAME = "history.server.json"
"""Marks a folder whose tables are on a server; `open_on_server` opens them."""

open_on_server: list[Callable[[Path], Any]] = []
"""Function, if any, that opens such a history for reading; the program sets it, because it knows servers."""


def read_server_mark(folder: Path) -> dict[str, Any]:
    """Return what the mark of a history on a server says; empty where the tables are in the folder itself."""
    try:
        found = json.loads((folder / SERVER_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def list_sibling_folders(folder: Path) -> list[Path]:
    """Return the folders of all halls of a site, beside that of one of them at the hub; else none."""
    site = read_server_mark(folder).get("site_id")
    halls = [] if site is None else list_halls_inside(folder.parent)
    return [place for place in halls if read_server_mark(place).get("site_id") == site]


def list_halls_inside(hub_folder: Path) -> list[Path]:
    """Return the folders of a site's halls in the hub's folder, in the site's order; none in any other."""
    marks = [(read_server_mark(file.parent), file.parent) for file in hub_folder.glob(f"*/{SERVER_NAME}")]
    return [place for _number, place in sorted((mark["hall_id"], place) for mark, place in marks if mark)]


def has_traces(folder: Path) -> bool:
    """Return whether files beside the database prove that there was a history.

    The tracks folder is created after the database, so that an interrupted first start leaves no traces.
    """
    return (folder / ARCHIVE_NAME).is_dir() or any((folder / BACKUPS_NAME).glob(f"*/{DATABASE_NAME}"))


def has_history(folder: Path) -> bool:
    """Return whether a venue has a history, even if its database is lost, which readers report."""
    return (folder / DATABASE_NAME).exists() or has_traces(folder)
