"""Users and passwords of cameras: what a store of them can do, apart from any venue file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from app.logging_setup import keep_out_of_logs
from vision.sources.frame_source import SourceAddress, SourceKind


@dataclass(frozen=True, slots=True, repr=False)
class Credential:
    """A user and a password, which it never shows.

    Attributes:
        shared_name: of the credential that several cameras share, and that stands for this one; user and
            password are empty then.
    """

    user: str
    password: str
    shared_name: str = ""

    def __post_init__(self) -> None:
        keep_out_of_logs(self.password)

    def __repr__(self) -> str:
        return "Credential(***)"


class CredentialStore(Protocol):
    """Keeps credentials by key."""

    def find(self, key: str) -> Credential | None:
        """What was stored under a key, or None.

        Raises:
            CredentialError: the store cannot be asked (locked, silent, damaged).
        """

    def store(self, key: str, credential: Credential) -> None:
        """Keep a credential, in place of an earlier one of its key.

        Raises:
            CredentialError: the store cannot keep it.
        """

    def forget(self, key: str) -> None:
        """Delete what is stored under a key, if there is anything.

        Raises:
            CredentialError: the store cannot be changed.
        """


class MemoryCredentialStore:
    """Keeps credentials until the program ends: for tests, and for passwords typed for one run."""

    def __init__(self) -> None:
        self._credentials: dict[str, Credential] = {}

    def find(self, key: str) -> Credential | None:
        """What was stored under a key, or None."""
        return self._credentials.get(key)

    def store(self, key: str, credential: Credential) -> None:
        """Keep a credential, in place of an earlier one of its key."""
        self._credentials[key] = credential

    def forget(self, key: str) -> None:
        """Delete what is stored under a key, if there is anything."""
        self._credentials.pop(key, None)


def pack_credential(credential: Credential) -> dict[str, str]:
    """The credential as a JSON object, for a store to encrypt."""
    packed = {"user": credential.user, "password": credential.password}
    return {**packed, "shared": credential.shared_name} if credential.shared_name else packed


def unpack_credential(packed: Mapping[str, Any]) -> Credential:
    """The credential that was packed.

    Raises:
        KeyError, TypeError, AttributeError: it is none.
    """
    return Credential(str(packed["user"]), str(packed["password"]), str(packed.get("shared", "")))


def make_shared_key(name: str) -> str:
    """The key of a credential that several cameras share; no key of a camera looks like it."""
    return f"shared:{name}"


def find_credential(key: str, *, store: CredentialStore) -> Credential | None:
    """What a camera's key stands for: its own credential, or the shared one that it refers to, if any.

    Raises:
        CredentialError: the store cannot be asked.
    """
    found = store.find(key)
    if found is None or not found.shared_name:
        return found
    return store.find(make_shared_key(found.shared_name))


def make_credential_key(address: SourceAddress, *, camera: str) -> str:
    """The key of a camera, ``host/name``: it stays the same when a venue's folder is moved or copied."""
    try:
        host = urlsplit(address.location).hostname
    except ValueError:
        host = None
    return f"{host or address.kind.value}/{camera}"


def add_credential(address: SourceAddress, *, camera: str, store: CredentialStore) -> SourceAddress:
    """The address with the user and password that the store keeps for the camera, its own or shared.

    Raises:
        CredentialError: the store cannot be asked.
    """
    if address.kind not in (SourceKind.RTSP, SourceKind.HTTP):
        return address
    found = find_credential(make_credential_key(address, camera=camera), store=store)
    if found is None:
        return address
    return dataclasses.replace(address, user=found.user or address.user, password=found.password)
