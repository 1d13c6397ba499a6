"""Open a hall's folder at the hub as a venue: its settings from the site, its history from the server."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sqlalchemy import select

from analytics.domain.errors import ExpoFlowError, StoreError
from analytics.store.history_folder import SERVER_NAME, read_server_mark
from app.core.credentials import CredentialStore, open_credential_store
from app.core.document import FOLDER_SUFFIX
from app.core.file_format import FILE_NAME, write_venue
from app.settings.paths import settings_folder
from app.site.hub_reader import HubEventReader, open_hub_reader
from app.site.hub_writer import name_hall_folder
from app.site.join import synchronise
from app.site.schema import hall
from app.site.settings_sync import Parts, join_settings, prepare_first_exchange, read_parts
from app.site.site_document import (
    open_site,
    read_membership,
    remember_site,
    require_membership,
    using_site,
)
from resources.atomic_file import write_text_atomically

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HallFolder:
    """A hall of a site, and its folder at the hub."""

    hall_id: int
    name: str
    folder: Path


def write_hall_folders(folder: Path, hub_folder: Path, *, store: CredentialStore) -> tuple[HallFolder, ...]:
    """Exchange the settings of every hall's folder with the site, as a machine of that hall does.

    Halls without settings so far have no folder.

    Args:
        folder: venue of this machine, which is in the site.

    Raises:
        ExpoFlowError: the server cannot be used, or a folder not be written.
        OSError: the settings of this machine cannot be written.
    """
    membership = require_membership(folder, is_own=True)
    remember_site(folder, membership, hub_folder=hub_folder)
    found = []
    with using_site(membership, store=store) as server:
        with server.connect() as connection:
            halls = list(connection.execute(select(hall.c.id, hall.c.name).order_by(hall.c.id)))
        for number, name in halls:
            place = name_hall_folder(hub_folder, number)
            if not (place / FILE_NAME).exists():
                with server.connect() as connection:
                    parts, _version = read_parts(connection, number)
                if parts is None:
                    continue
                _create_venue(place, parts)
            mark = {"site_id": membership.site_id, "hall_id": number, "hall": name}
            if read_server_mark(place) != mark:
                write_text_atomically(place / SERVER_NAME, json.dumps(mark, ensure_ascii=False))
            found.append(HallFolder(number, name, place))
    for one in found:
        try:
            synchronise(one.folder, store=store)
        except ExpoFlowError as error:
            # what a person broke in one hall does not keep the others from theirs
            _LOG.warning("The settings of %s wait: %s", one.name, error)
    return tuple(found)


def list_hall_folders(hub_folder: Path) -> tuple[HallFolder, ...]:
    """Return the halls whose settings are in the hub's storage, in the order of the site."""
    found = []
    for folder in hub_folder.glob(f"*{FOLDER_SUFFIX}"):
        mark = read_server_mark(folder)
        if {"hall_id", "hall"} <= mark.keys() and (folder / FILE_NAME).exists():
            found.append(HallFolder(int(mark["hall_id"]), str(mark["hall"]), folder))
    return tuple(sorted(found, key=lambda one: one.hall_id))


def _create_venue(folder: Path, parts: Parts) -> None:
    """Make a hall's folder, which may hold tracks already, a venue; the first exchange brings the rest."""
    folder.mkdir(parents=True, exist_ok=True)
    venue, _access = join_settings(parts, folder / "new")
    write_venue(replace(venue, folder=folder.absolute(), plan=replace(venue.plan, picture=None)))
    prepare_first_exchange(folder, parts)


@cache
def _open_store(folder: Path) -> CredentialStore:
    return open_credential_store(folder)


def open_server_history(folder: Path) -> HubEventReader:
    """Open the history of a hall's folder at the hub.

    Raises:
        StoreError: the server cannot be read, or this computer is not in the site.
    """
    membership = read_membership(folder)
    if not read_server_mark(folder):
        raise StoreError(
            "{file}, which names the server of a history, cannot be read.",
            "Restore it from a backup, or open the hall on the machine that writes its history.",
            file=folder / SERVER_NAME,
        )
    if membership is None:
        raise StoreError(
            "The history in {folder} belongs to a site that this computer is not in.",
            "Join the site on this computer first: python -m app site --help",
            folder=folder,
        )
    server = open_site(membership, store=_open_store(settings_folder()))
    return open_hub_reader(server, membership.hall_id, folder)
