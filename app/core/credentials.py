"""Where this machine keeps the passwords of cameras."""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from analytics.domain.errors import CredentialError
from app.core.credential_store import (
    Credential,
    CredentialStore,
    MemoryCredentialStore,
    add_credential,
    find_credential,
    make_credential_key,
    pack_credential,
    unpack_credential,
)
from app.core.encrypted_credentials import EncryptedFileCredentialStore

SERVICE = "ExpoFlow camera"
TIME_LIMIT_S = 8.0
"""A locked keyring waits for a person; a wedged one waits for ever."""
ENCRYPTED_BACKENDS = (
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)
"""Everything else is refused: those of keyrings.alt write plain text, ``null`` forgets, ``fail`` fails."""
Answer = TypeVar("Answer")


class KeyringBackend(Protocol):
    """What we use of a backend of the package keyring."""

    def get_password(self, service: str, username: str) -> str | None:
        """The secret, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Delete a secret."""


class KeyringCredentialStore:
    """Keeps each credential as one secret, JSON with user and password, under its key."""

    def __init__(self, backend: KeyringBackend, *, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._backend = backend
        self._time_limit_s = time_limit_s

    def find(self, key: str) -> Credential | None:
        """What was stored under a key, or None.

        Raises:
            CredentialError: the keyring is locked, silent or broken.
        """
        secret = self._ask(lambda: self._backend.get_password(SERVICE, key))
        if secret is None:
            return None
        try:
            return unpack_credential(json.loads(secret))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise CredentialError(
                "The keyring's entry '{key}' was not written by ExpoFlow.",
                "Delete it in the keyring and enter the camera's password again.",
                key=key,
            ) from None

    def store(self, key: str, credential: Credential) -> None:
        """Keep a credential, in place of an earlier one of its key.

        Raises:
            CredentialError: the keyring is locked, silent or broken.
        """
        secret = json.dumps(pack_credential(credential))
        self._ask(lambda: self._backend.set_password(SERVICE, key, secret))

    def forget(self, key: str) -> None:
        """Delete what is stored under a key, if there is anything.

        Raises:
            CredentialError: the keyring is locked, silent or broken.
        """
        if self._ask(lambda: self._backend.get_password(SERVICE, key)) is not None:
            self._ask(lambda: self._backend.delete_password(SERVICE, key))

    def _ask(self, question: Callable[[], Answer]) -> Answer:
        return ask_with_time_limit(question, time_limit_s=self._time_limit_s)


def find_encrypted_backend(*, time_limit_s: float = TIME_LIMIT_S) -> KeyringBackend | None:
    """The system's keyring if it has one that encrypts, and answers.

    Raises:
        CredentialError: it does not answer in time, or is locked.
    """
    backend = ask_with_time_limit(_load_backend, time_limit_s=time_limit_s)
    if backend is not None:
        KeyringCredentialStore(backend, time_limit_s=time_limit_s).find("is anybody there")
    return backend


def ask_with_time_limit(question: Callable[[], Answer], *, time_limit_s: float) -> Answer:
    """The answer of a keyring, which may show a dialogue or hang.

    Raises:
        CredentialError: no answer in time, or an error; never with the secret in it.
    """
    answers: queue.SimpleQueue[tuple[Answer, None] | tuple[None, Exception]] = queue.SimpleQueue()

    def answer() -> None:
        try:
            answers.put((question(), None))
        except Exception as error:  # backends raise what their system raises
            answers.put((None, error))

    # a daemon, so that a keyring that hangs does not keep the program from ending
    threading.Thread(target=answer, name="keyring", daemon=True).start()
    try:
        given, error = answers.get(timeout=time_limit_s)
    except queue.Empty:
        raise CredentialError(
            "The system's keyring has not answered for {limit:g} seconds.",
            "Unlock it and try again, or set EXPOFLOW_CREDENTIAL_KEY to keep passwords in an encrypted file.",
            limit=time_limit_s,
        ) from None
    if error is not None:
        raise CredentialError(
            "The system's keyring refused ({kind}).",
            "Unlock it and try again, or set EXPOFLOW_CREDENTIAL_KEY to keep passwords in an encrypted file.",
            kind=type(error).__name__,
        ) from None
    return given  # type: ignore[return-value] # an answer comes without an error


def is_encrypted(backend: object) -> bool:
    """Whether a backend is one of those that are known to encrypt what they keep."""
    return type(backend).__module__.startswith(ENCRYPTED_BACKENDS)


def _load_backend() -> KeyringBackend | None:
    import keyring

    chosen = keyring.get_keyring()
    candidates = [chosen, *getattr(chosen, "backends", ())]
    return next((backend for backend in candidates if is_encrypted(backend)), None)


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
