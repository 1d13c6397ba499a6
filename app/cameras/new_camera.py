"""New cameras: logins, streams and names, and saving them to a venue."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from analytics.domain.camera import Camera
from analytics.domain.errors import CredentialError, SourceError, VenueError
from app.access.guard import changes_venue, doing
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.credentials import (
    Credential,
    CredentialStore,
    list_shared,
    make_credential_key,
    make_shared_key,
    store_shared,
)
from app.core.document import Venue
from app.core.file_format import read_venue
from app.plan.edit_venue import add_camera
from resources.atomic_file import write_bytes_atomically
from vision.sources.frame_source import SourceAddress
from vision.sources.onvif.device import OnvifReport
from vision.sources.onvif.media_profiles import MediaProfile, StreamRole
from vision.sources.vendor_paths import VendorTemplate, build_stream_url

OWNER_ONLY = 0o600


def save_camera_picture(folder: Path, camera: str, file: Path, content: bytes) -> None:
    """Save a picture, readable by its owner only; checks permission and writes an audit entry.

    Raises:
        AccessError: the signed-in user may not export personal data.
        OSError: the file cannot be written.
    """
    what = {"camera": camera, "file": file.name}
    with doing(folder, Permission.EXPORT_PERSONS, "picture of a camera saved", what):
        write_bytes_atomically(file, content, mode=OWNER_ONLY)


def find_masked_camera(venue: Venue, address: SourceAddress) -> Camera | None:
    """Return the venue's camera with a privacy mask that has this address or is the same device.

    Another stream of a device mostly shows what the first shows. Where it does not, as behind a recorder
    with several cameras, too much is blackened in a preview, and never too little.
    """
    host = _find_host(address.location)
    of_device = None
    for entry in venue.cameras:
        known = venue.address_of(entry.name)
        if known is None or not entry.camera.privacy_mask:
            continue
        if known.location == address.location:
            return entry.camera
        if of_device is None and host is not None and _find_host(known.location) == host:
            of_device = entry.camera
    return of_device


def _find_host(location: str) -> str | None:
    try:
        return urlsplit(location).hostname
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class CameraLogin:
    """A user and password of one camera, or the name of a shared login.

    Attributes:
        shared_name: empty for a camera's own login.
        is_new: save ``user`` and ``password`` as a new shared login.
    """

    user: str = ""
    password: str = field(default="", repr=False)
    shared_name: str = ""
    is_new: bool = False


def list_shared_logins(venue: Venue, *, store: CredentialStore) -> tuple[str, ...]:
    """Return the names of the shared logins of a venue, in alphabetical order.

    Raises:
        CredentialError: the store cannot be asked.
    """
    keys = [
        make_credential_key(entry.address, camera=entry.name)
        for entry in venue.cameras
        if entry.address is not None
    ]
    return tuple(sorted(list_shared(keys, store=store)))


def complete_login(login: CameraLogin, *, store: CredentialStore) -> CameraLogin:
    """Return the login with the user and password of its shared name.

    Raises:
        CredentialError: there is none of that name, or the store cannot be asked.
    """
    if not login.shared_name or login.is_new:
        return login
    found = store.find(make_shared_key(login.shared_name))
    if found is None:
        raise CredentialError(
            "The shared password '{name}' no longer exists.",
            "Enter user and password, and share them again.",
            name=login.shared_name,
        )
    return dataclasses.replace(login, user=found.user, password=found.password)


def apply_login(address: SourceAddress, login: CameraLogin) -> SourceAddress:
    """Return the address with a login; unchanged if the login has no user."""
    if not login.user:
        return address
    return dataclasses.replace(address, user=login.user, password=login.password)


def list_template_streams(
    template: VendorTemplate, host: str, *, port: int, channel: int
) -> tuple[MediaProfile, ...]:
    """Return the usual streams of a camera make; the sub-stream is recommended if there is one.

    Raises:
        SourceError: the host, port or channel cannot be.
    """
    streams = []
    for role in (StreamRole.MAIN, StreamRole.SUB):
        is_sub = role is StreamRole.SUB
        if is_sub and template.sub_path is None:
            continue
        try:
            location = build_stream_url(
                template, host, is_sub=is_sub, port=port, channel=channel if template.has_channels else None
            )
        except ValueError:
            raise SourceError(
                "'{host}' cannot be the address of a camera.",
                "Enter only its host name or IP address, such as 192.0.2.10; the path is added "
                "automatically.",
                host=host,
            ) from None
        streams.append(
            MediaProfile(
                token=role.value,
                name="",
                source="",
                codec="",
                size_wh=None,
                fps=None,
                bitrate_kbit_s=None,
                location=location,
                role=role,
                is_recommended=is_sub or template.sub_path is None,
            )
        )
    return tuple(streams)


def choose_stream(report: OnvifReport) -> str:
    """Return the location of the best stream, the first recommended one."""
    recommended = [profile for profile in report.profiles if profile.is_recommended]
    return (recommended or list(report.profiles))[0].location


def suggest_name(base: str, used: Collection[str]) -> str:
    """Return an unused camera name, with a number from 2 appended if needed."""
    name, number = base, 2
    while name in used:
        name, number = f"{base} {number}", number + 1
    return name


@changes_venue(Permission.EDIT_CAMERAS, "camera saved", lambda *, name, **_: {"camera": name})
def save_camera(
    folder: Path,
    *,
    name: str,
    address: SourceAddress,
    login: CameraLogin,
    frame_size_wh: tuple[int, int] | None,
    store: CredentialStore,
    is_change: bool = False,
) -> tuple[Venue, ChangeSet]:
    """Add a camera, or change its address; the password is stored only in the credential store.

    A known camera keeps its calibration, in the size of picture in which it was made.

    Args:
        is_change: the camera of that name is to be changed; otherwise there must be none.
        address: without user and password.
        frame_size_wh: of its pictures, if they were seen.

    Raises:
        VenueError: there is, or is not, a camera of that name, or the folder cannot be read or written.
        CredentialError: the login cannot be kept, or its new shared name is in use.
    """
    venue = read_venue(folder)
    if is_change and venue.camera(name).camera.pairs:
        frame_size_wh = None
    if not is_change and name in venue.camera_names:
        raise VenueError(
            "There is already a camera named '{camera}'.", "Choose another name for the new one.", camera=name
        )
    is_own = not login.shared_name
    if login.is_new:
        if store.find(make_shared_key(login.shared_name)) is not None:
            raise CredentialError(
                "There is already a shared password named '{name}'.",
                "Go back and choose it from the list, or choose another name for the new one.",
                name=login.shared_name,
            )
        store_shared(login.shared_name, Credential(login.user, login.password), store=store)
    try:
        changed = add_camera(
            folder,
            name=name,
            address=address.location,
            user=(login.user or None) if is_own else None,
            password=(login.password or None) if is_own and login.user else None,
            frame_size_wh=frame_size_wh,
            analysed_fps=None,
            credentials=store,
            shared_credential=login.shared_name or None,
            transport=address.transport,
        )
    except Exception:
        if login.is_new:
            store.forget(make_shared_key(login.shared_name))
        raise
    if is_change and is_own and not login.user:
        # otherwise the password that it had would still be sent
        store.forget(make_credential_key(address, camera=name))
    return changed, ChangeSet(cameras=True)
