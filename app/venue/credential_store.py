"""Users and passwords of cameras: what a store of them can do, apart from any venue file."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from vision.sources.frame_source import SourceAddress, SourceKind


@dataclass(frozen=True, slots=True, repr=False)
class Credential:
    """A user and a password, which it never shows."""

    user: str
    password: str

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


def make_credential_key(address: SourceAddress, *, camera: str) -> str:
    """The key of a camera, ``host/name``: it stays the same when a venue's folder is moved or copied."""
    try:
        host = urlsplit(address.location).hostname
    except ValueError:
        host = None
    return f"{host or address.kind.value}/{camera}"


def add_credential(address: SourceAddress, *, camera: str, store: CredentialStore) -> SourceAddress:
    """The address with the user and password that the store keeps for the camera, if it keeps any.

    Raises:
        CredentialError: the store cannot be asked.
    """
    if address.kind not in (SourceKind.RTSP, SourceKind.HTTP):
        return address
    found = store.find(make_credential_key(address, camera=camera))
    if found is None:
        return address
    return dataclasses.replace(address, user=found.user or address.user, password=found.password)
