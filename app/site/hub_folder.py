"""Open a hall's folder at the hub as a venue: its settings from the site, its history from the server."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, select

from analytics.domain.errors import StoreError
from analytics.store.history_folder import SERVER_NAME
from app.access.access_file import write_access
from app.core.credentials import open_credential_store
from app.core.file_format import read_venue, write_venue
from app.settings.paths import settings_folder
from app.site.hub_reader import HubEventReader, open_hub_reader
from app.site.hub_writer import name_hall_folder
from app.site.schema import hall
from app.site.settings_sync import join_settings, read_parts
from app.site.site_document import Membership, open_site, require_membership
from resources.atomic_file import write_text_atomically

_SITES_NAME = "sites.json"


@dataclass(frozen=True, slots=True)
class ServerHistory:
    """The content of the file that marks a folder whose history is on a site's server."""

    site_id: str
    hall_id: int


def remember_site(folder: Path, membership: Membership) -> None:
    """Note on this machine which of its venues is in a site, so that the site's halls can be opened.

    Raises:
        OSError: the settings cannot be written.
    """
    file = settings_folder() / _SITES_NAME
    sites = _read_sites() | {membership.site_id: str(folder.absolute())}
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text_atomically(file, json.dumps(sites, indent=1))


def write_hall_folders(connection: Connection, hub_folder: Path, site_id: str) -> list[Path]:
    """Bring the folders of all halls up to date with the site's settings, and return them.

    Raises:
        ExpoFlowError: a folder cannot be written.
    """
    folders = []
    for number in connection.scalars(select(hall.c.id).order_by(hall.c.id)):
        folder = name_hall_folder(hub_folder, number)
        parts, _version = read_parts(connection, number)
        if parts is None:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        mark = json.dumps({"site_id": site_id, "hall_id": number})
        write_text_atomically(folder / SERVER_NAME, mark)
        is_new = not (folder / "venue.toml").exists()
        venue, access = join_settings(parts, folder / "new" if is_new else folder)
        venue = replace(venue, folder=folder.absolute())
        if is_new or read_venue(folder) != venue:
            write_venue(venue)
            write_access(folder, access)
        folders.append(folder)
    return folders


def open_server_history(folder: Path) -> HubEventReader:
    """Open the history of a hall's folder at the hub.

    Raises:
        StoreError: the server cannot be read.
        SiteError: this machine is not in the site.
    """
    try:
        history = ServerHistory(**json.loads((folder / SERVER_NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(
            "{file}, which names the server of a history, cannot be read.",
            "Restore it from a backup, or open the hall on the machine that writes its history.",
            file=folder / SERVER_NAME,
        ) from error
    own = _read_sites().get(history.site_id)
    if own is None:
        raise StoreError(
            "The history in {folder} belongs to a site that this computer is not in.",
            "Join the site on this computer first: python -m app site --help",
            folder=folder,
        )
    membership = require_membership(Path(own))
    server = open_site(membership, store=open_credential_store(settings_folder()))
    return open_hub_reader(server, history.hall_id, folder)


def _read_sites() -> dict[str, str]:
    try:
        return {str(k): str(v) for k, v in json.loads((settings_folder() / _SITES_NAME).read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}
