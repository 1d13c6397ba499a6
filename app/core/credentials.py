"""Camera passwords, stored in the system's keyring or an encrypted file; per camera or shared."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import queue
import secrets
import stat
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from analytics.domain.errors import CredentialError
from app.error_reporting import convert_error
from app.logging_setup import mask_in_logs
from app.settings.paths import settings_folder
from resources.atomic_file import write_text_atomically
from vision.sources.frame_source import SourceAddress, SourceKind


@dataclass(frozen=True, slots=True, repr=False)
class Credential:
    """A user name and a password; its repr hides the password.

    Attributes:
        shared_name: name of the shared credential to use instead of this one; user and
            password are empty then.
    """

    user: str
    password: str
    shared_name: str = ""

    def __post_init__(self) -> None:
        mask_in_logs(self.password)

    def __repr__(self) -> str:
        return "Credential(***)"


class CredentialStore(Protocol):
    """Storage of credentials by key."""

    def find(self, key: str) -> Credential | None:
        """Return the credential of a key, or None.

        Raises:
            CredentialError: the store cannot be asked (locked, silent, damaged).
        """

    def store(self, key: str, credential: Credential) -> None:
        """Store a credential, replacing an earlier one of its key.

        Raises:
            CredentialError: the store cannot keep it.
        """

    def forget(self, key: str) -> None:
        """Delete the credential of a key, if there is one.

        Raises:
            CredentialError: the store cannot be changed.
        """


class MemoryCredentialStore:
    """Credentials in memory, for tests and for passwords typed for one run."""

    def __init__(self) -> None:
        self._credentials: dict[str, Credential] = {}

    def find(self, key: str) -> Credential | None:
        """Return the credential of a key, or None."""
        return self._credentials.get(key)

    def store(self, key: str, credential: Credential) -> None:
        """Store a credential, replacing an earlier one of its key."""
        self._credentials[key] = credential

    def forget(self, key: str) -> None:
        """Delete the credential of a key, if there is one."""
        self._credentials.pop(key, None)


def pack_credential(credential: Credential) -> dict[str, str]:
    """Serialise a credential as a JSON object."""
    packed = {"user": credential.user, "password": credential.password}
    return {**packed, "shared": credential.shared_name} if credential.shared_name else packed


def unpack_credential(packed: Mapping[str, Any]) -> Credential:
    """Parse a credential serialised by `pack_credential`.

    Raises:
        KeyError, TypeError, AttributeError: it is none.
    """
    return Credential(str(packed["user"]), str(packed["password"]), str(packed.get("shared", "")))


def make_shared_key(name: str) -> str:
    """Return the key of a shared credential; it cannot equal a camera's key."""
    return f"shared:{name}"


def find_credential(key: str, *, store: CredentialStore) -> Credential | None:
    """Return a camera's own credential or the shared one that it refers to, if any.

    Raises:
        CredentialError: the store cannot be asked.
    """
    found = store.find(key)
    if found is None or not found.shared_name:
        return found
    return store.find(make_shared_key(found.shared_name))


def make_credential_key(address: SourceAddress, *, camera: str) -> str:
    """Return the key of a camera, ``host/name``; it survives moving or copying the venue's folder."""
    try:
        host = urlsplit(address.location).hostname
    except ValueError:
        host = None
    return f"{host or address.kind.value}/{camera}"


def add_credential(address: SourceAddress, *, camera: str, store: CredentialStore) -> SourceAddress:
    """Return the address with the camera's stored user and password, its own or shared.

    Raises:
        CredentialError: the store cannot be asked.
    """
    if address.kind not in (SourceKind.RTSP, SourceKind.HTTP):
        return address
    found = find_credential(make_credential_key(address, camera=camera), store=store)
    if found is None:
        return address
    return dataclasses.replace(address, user=found.user or address.user, password=found.password)


FILE_NAME = "credentials.json"
KEY_FILE_NAME = "credentials.key"
FILE_FORMAT = 1
OWNER_ONLY = 0o600
SCRYPT_COST = 2**15
"""32 MiB and 0.1 s for each guess at the passphrase."""
MAX_SCRYPT_COST = 2**20
SALT_BYTES = 16


class EncryptedFileCredentialStore:
    """Credentials in one file, encrypted by Fernet with a key that scrypt derives from a passphrase.

    Without a passphrase, a random one is kept in a key file beside it that only its owner may read: this
    protects copies of the credential file, but not the folder as a whole.
    """

    def __init__(self, folder: Path, *, passphrase: str | None, scrypt_cost: int = SCRYPT_COST) -> None:
        self._file = folder / FILE_NAME
        self._key_file = folder / KEY_FILE_NAME
        self._passphrase = passphrase
        self._scrypt_cost = scrypt_cost
        self._known: tuple[tuple[int, int], dict[str, Credential]] | None = None

    def find(self, key: str) -> Credential | None:
        """Return the credential of a key, or None.

        Raises:
            CredentialError: the file cannot be read, or not decrypted with this passphrase.
        """
        return self._read().get(key)

    def store(self, key: str, credential: Credential) -> None:
        """Store a credential, replacing an earlier one of its key.

        Raises:
            CredentialError: the file cannot be written, or what is in it not decrypted.
        """
        self._write({**self._read(), key: credential})

    def forget(self, key: str) -> None:
        """Delete the credential of a key, if there is one.

        Raises:
            CredentialError: the file cannot be written, or what is in it not decrypted.
        """
        credentials = self._read()
        if credentials.pop(key, None) is not None:
            self._write(credentials)

    def _read(self) -> dict[str, Credential]:
        from cryptography.fernet import InvalidToken

        try:
            if not self._file.exists():
                return {}
            _require_owner_only(self._file)
            status = self._file.stat()
            version = (status.st_mtime_ns, status.st_ino)
            # deriving the key takes 0.1 s
            if self._known is not None and self._known[0] == version:
                return dict(self._known[1])
            envelope = json.loads(self._file.read_text(encoding="utf-8"))
            salt, cost = base64.b64decode(envelope["salt"]), int(envelope["scrypt_cost"])
            if envelope["format"] != FILE_FORMAT or not 2 <= cost <= MAX_SCRYPT_COST:
                raise ValueError("unknown format")
            key = _derive_key(self._find_passphrase(), salt=salt, cost=cost)
            content = json.loads(_decrypt(envelope["content"], key=key))
            credentials = {name: unpack_credential(entry) for name, entry in content.items()}
            self._known = version, credentials
            return dict(credentials)
        except OSError as error:
            raise _explain(error, self._file) from error
        except (InvalidToken, ValueError, KeyError, TypeError, AttributeError):
            raise CredentialError(
                "The camera passwords in {file} cannot be decrypted.",
                "Set EXPOFLOW_CREDENTIAL_KEY to the passphrase they were stored with, or put {key_file} back "
                "beside them; or delete both files and enter the passwords again.",
                file=str(self._file),
                key_file=KEY_FILE_NAME,
            ) from None

    def _write(self, credentials: dict[str, Credential]) -> None:
        content = {name: pack_credential(credential) for name, credential in credentials.items()}
        salt = secrets.token_bytes(SALT_BYTES)
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._passphrase is None and not self._key_file.exists() and not self._file.exists():
                write_text_atomically(self._key_file, secrets.token_urlsafe(32) + "\n", mode=OWNER_ONLY)
            key = _derive_key(self._find_passphrase(), salt=salt, cost=self._scrypt_cost)
            envelope = {
                "format": FILE_FORMAT,
                "scrypt_cost": self._scrypt_cost,
                "salt": base64.b64encode(salt).decode("ascii"),
                "content": _encrypt(json.dumps(content), key=key),
            }
            write_text_atomically(self._file, json.dumps(envelope, indent=1) + "\n", mode=OWNER_ONLY)
        except OSError as error:
            raise _explain(error, self._file) from error

    def _find_passphrase(self) -> str:
        if self._passphrase is not None:
            return self._passphrase
        if not self._key_file.exists():
            raise ValueError("no key file")
        _require_owner_only(self._key_file)
        return self._key_file.read_text(encoding="utf-8").strip()


def _derive_key(passphrase: str, *, salt: bytes, cost: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    derived = Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase.encode("utf-8"))
    return base64.urlsafe_b64encode(derived)


def _encrypt(text: str, *, key: bytes) -> str:
    from cryptography.fernet import Fernet

    return Fernet(key).encrypt(text.encode("utf-8")).decode("ascii")


def _decrypt(token: str, *, key: bytes) -> str:
    from cryptography.fernet import Fernet

    return Fernet(key).decrypt(token.encode("ascii")).decode("utf-8")


def _require_owner_only(file: Path) -> None:
    """Restrict a file to its owner; Windows already protects the user's folders."""
    if os.name == "nt":
        return
    status = file.stat()
    # root may read the files of a service's account
    if status.st_uid != os.geteuid() and os.geteuid() != 0:
        raise CredentialError(
            "{file} belongs to another account.",
            "Run this as the account that it belongs to, or enter the passwords again for this account.",
            file=str(file),
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise CredentialError(
            "Users other than its owner can access {file}.",
            "Run: chmod 600 '{file}'. If others could read it, change the cameras' passwords.",
            file=str(file),
        )


def _explain(error: OSError, file: Path) -> CredentialError:
    return convert_error(CredentialError, error, file=file)


def store_shared(name: str, credential: Credential, *, store: CredentialStore) -> None:
    """Store a credential under a name, replacing an earlier one for every camera that uses it.

    Raises:
        CredentialError: the name is empty, or the store cannot keep it.
    """
    if not name.strip():
        raise CredentialError(
            "A password that several cameras share needs a name.", "Enter a name such as 'hall 3'."
        )
    store.store(make_shared_key(name), Credential(credential.user, credential.password))


def use_shared(key: str, name: str, *, store: CredentialStore) -> None:
    """Make a camera use a shared credential instead of its own.

    Args:
        key: of the camera, by `make_credential_key`.

    Raises:
        CredentialError: there is none of that name, or the store cannot be changed.
    """
    if store.find(make_shared_key(name)) is None:
        raise CredentialError(
            "There is no shared password named '{name}'.",
            "Save it first: python -m app cameras share '{name}' --user USER",
            name=name,
        )
    store.store(key, Credential("", "", shared_name=name))


def list_shared(keys: Iterable[str], *, store: CredentialStore) -> dict[str, tuple[str, ...]]:
    """Return the shared credentials in use, by name, each with the keys of its cameras.

    A keyring cannot list its entries, so unused shared credentials are not found.

    Args:
        keys: of the cameras to ask for.

    Raises:
        CredentialError: the store cannot be asked.
    """
    users: dict[str, tuple[str, ...]] = {}
    for key in keys:
        found = store.find(key)
        if found is not None and found.shared_name:
            users[found.shared_name] = (*users.get(found.shared_name, ()), key)
    return users


SERVICE = "ExpoFlow camera"
TIME_LIMIT_S = 8.0
"""Time limit for a keyring: a locked one waits for its user, a hung one for ever."""
ENCRYPTED_BACKENDS = (
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)
"""Accepted keyring backends; others store plain text (keyrings.alt) or do not store (``null``, ``fail``)."""
Answer = TypeVar("Answer")


class KeyringBackend(Protocol):
    """The methods of a keyring backend that are used here."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the secret, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Delete a secret."""


class KeyringCredentialStore:
    """Credentials in the system's keyring, each one a JSON secret with user and password."""

    def __init__(self, backend: KeyringBackend, *, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._backend = backend
        self._time_limit_s = time_limit_s

    def find(self, key: str) -> Credential | None:
        """Return the credential of a key, or None.

        Raises:
            CredentialError: the keyring is locked, silent or broken.
        """
        secret = self._call(lambda: self._backend.get_password(SERVICE, key))
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
        """Store a credential, replacing an earlier one of its key.

        Raises:
            CredentialError: the keyring is locked, silent or broken.
        """
        secret = json.dumps(pack_credential(credential))
        self._call(lambda: self._backend.set_password(SERVICE, key, secret))

    def forget(self, key: str) -> None:
        """Delete the credential of a key, if there is one.

        Raises:
            CredentialError: the keyring is locked, silent or broken.
        """
        if self._call(lambda: self._backend.get_password(SERVICE, key)) is not None:
            self._call(lambda: self._backend.delete_password(SERVICE, key))

    def _call(self, request: Callable[[], Answer]) -> Answer:
        return call_with_timeout(request, time_limit_s=self._time_limit_s)


def find_encrypted_backend() -> KeyringBackend | None:
    """Return the system's keyring if it encrypts and responds, else None.

    Raises:
        CredentialError: it does not answer in time, or is locked.
    """
    backend = call_with_timeout(_load_backend, time_limit_s=TIME_LIMIT_S)
    if backend is not None:
        KeyringCredentialStore(backend, time_limit_s=TIME_LIMIT_S).find("is anybody there")
    return backend


def call_with_timeout(request: Callable[[], Answer], *, time_limit_s: float) -> Answer:
    """Return the result of a keyring call, which may show a dialog or hang.

    Raises:
        CredentialError: no answer in time, or an error; never with the secret in it.
    """
    answers: queue.SimpleQueue[tuple[Answer, None] | tuple[None, Exception]] = queue.SimpleQueue()

    def answer() -> None:
        try:
            answers.put((request(), None))
        except Exception as error:  # backends raise errors of any type
            answers.put((None, error))

    # a daemon thread, so that a hung keyring does not block the program's exit
    threading.Thread(target=answer, name="keyring", daemon=True).start()
    try:
        given, error = answers.get(timeout=time_limit_s)
    except queue.Empty:
        raise CredentialError(
            "The system's keyring did not respond within {limit:g} seconds.",
            "Unlock it and try again, or set EXPOFLOW_CREDENTIAL_KEY to keep passwords in an encrypted file.",
            limit=time_limit_s,
        ) from None
    if error is not None:
        raise CredentialError(
            "The system's keyring refused access ({kind}).",
            "Unlock it and try again, or set EXPOFLOW_CREDENTIAL_KEY to keep passwords in an encrypted file.",
            kind=type(error).__name__,
        ) from None
    return given  # type: ignore[return-value] # an answer comes without an error


def is_encrypted(backend: object) -> bool:
    """Return whether a backend is known to encrypt its secrets."""
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


def open_credential_store(folder: Path | None = None) -> CredentialStore:
    """Return the system's keyring, or an encrypted file in a folder; None: that of the settings.

    The file is used if ``EXPOFLOW_CREDENTIAL_KEY`` holds a passphrase for it, and if there is no
    keyring that encrypts. A keyring that does not respond is an error: the file would seem to
    have lost the passwords that are in the keyring.

    Raises:
        CredentialError: the keyring is locked, silent or broken.
    """
    passphrase = os.environ.get(PASSPHRASE_VARIABLE) or None
    backend = find_encrypted_backend() if passphrase is None else None
    if backend is None:
        return EncryptedFileCredentialStore(folder or settings_folder(), passphrase=passphrase)
    return KeyringCredentialStore(backend)
