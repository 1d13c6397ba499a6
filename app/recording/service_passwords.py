"""Store camera passwords in the encrypted file of the service's account, which has no keyring."""

from __future__ import annotations

from pathlib import Path

from analytics.domain.errors import CredentialError
from app.access.guard import doing
from app.access.roles import Permission
from app.core.credentials import (
    SCRYPT_COST,
    Credential,
    EncryptedFileCredentialStore,
    find_credential,
    make_credential_key,
)
from app.core.file_format import read_venue
from app.recording.record_service import ServiceSystem, find_state_folder, give_to_account
from vision.sources.frame_source import SourceKind

_WITH_PASSWORDS = (SourceKind.RTSP, SourceKind.HTTP)


def list_cameras_without_password(venue_folder: Path, system: ServiceSystem) -> list[str]:
    """Return network cameras of a venue without a password in the service's store; some may need none.

    Raises:
        VenueError: there is no such venue.
        CredentialError: the service's store cannot be read.
    """
    store = _open(system)
    missing = []
    for entry in read_venue(venue_folder).cameras:
        address = entry.address
        if address is not None and address.kind in _WITH_PASSWORDS:
            key = make_credential_key(address, camera=entry.name)
            if find_credential(key, store=store) is None:
                missing.append(str(entry.name))
    return missing


def store_for_service(
    venue_folder: Path,
    *,
    camera: str,
    credential: Credential,
    system: ServiceSystem,
    scrypt_cost: int = SCRYPT_COST,
) -> None:
    """Store a camera's user and password for the service.

    Raises:
        VenueError: there is no such venue.
        CredentialError: the venue has no such network camera, or the store cannot be written.
        ServiceError: the file cannot be given to the service's account.
    """
    venue = read_venue(venue_folder)
    address = venue.address_of(camera) if camera in venue.camera_names else None
    if address is None or address.kind not in _WITH_PASSWORDS:
        raise CredentialError(
            "'{camera}' is not a network camera of {venue}.",
            "Its cameras are: {cameras}.",
            camera=camera,
            venue=venue.name,
            cameras=", ".join(map(str, venue.camera_names)),
        )
    with doing(venue.folder, Permission.EDIT_CAMERAS, "password kept for the service", {"camera": camera}):
        _open(system, scrypt_cost).store(make_credential_key(address, camera=camera), credential)
    give_to_account(find_state_folder(system), system)


def _open(system: ServiceSystem, scrypt_cost: int = SCRYPT_COST) -> EncryptedFileCredentialStore:
    return EncryptedFileCredentialStore(
        find_state_folder(system) / "settings", passphrase=None, scrypt_cost=scrypt_cost
    )
