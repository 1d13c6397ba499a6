"""Where this machine keeps the passwords of cameras."""

from __future__ import annotations

import os
from pathlib import Path

from app.venue.credential_store import (
    Credential,
    CredentialStore,
    MemoryCredentialStore,
    add_credential,
    find_credential,
    make_credential_key,
)
from app.venue.encrypted_credentials import EncryptedFileCredentialStore
from app.venue.keyring_credentials import KeyringCredentialStore, find_encrypted_backend

__all__ = [
    "Credential",
    "CredentialStore",
    "EncryptedFileCredentialStore",
    "KeyringCredentialStore",
    "MemoryCredentialStore",
    "add_credential",
    "find_credential",
    "make_credential_key",
    "open_credential_store",
]

PASSPHRASE_VARIABLE = "EXPOFLOW_CREDENTIAL_KEY"  # noqa: S105 the name of a variable, not a password


def open_credential_store(settings_folder: Path) -> CredentialStore:
    """The system's keyring, or an encrypted file in the folder of settings.

    The file is used where ``EXPOFLOW_CREDENTIAL_KEY`` holds a passphrase for it, and where there is no
    keyring that encrypts. A keyring that is there and does not answer is an error: the file would seem to
    have lost the passwords that are in the keyring.

    Raises:
        CredentialError: the keyring is locked, silent or broken.
    """
    passphrase = os.environ.get(PASSPHRASE_VARIABLE) or None
    backend = find_encrypted_backend() if passphrase is None else None
    if backend is None:
        return EncryptedFileCredentialStore(settings_folder, passphrase=passphrase)
    return KeyringCredentialStore(backend)
