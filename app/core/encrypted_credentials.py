"""Credentials in an encrypted file, for machines without a keyring: servers, containers, services."""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
from pathlib import Path

from analytics.domain.errors import CredentialError
from app.core.credential_store import Credential, pack_credential, unpack_credential
from app.error_reporting import explain_error
from resources.atomic_file import write_text_atomically

FILE_NAME = "credentials.json"
KEY_FILE_NAME = "credentials.key"
FILE_FORMAT = 1
OWNER_ONLY = 0o600
SCRYPT_COST = 2**15
"""32 MiB and a tenth of a second for each guess at the passphrase."""
LARGEST_SCRYPT_COST = 2**20
SALT_BYTES = 16


class EncryptedFileCredentialStore:
    """Keeps credentials in one file, encrypted by Fernet with a key that scrypt derives from a passphrase.

    Without a passphrase, a random one is kept in a key file beside it that only its owner may read: this
    protects copies of the credential file, and not against somebody who reads the whole folder.
    """

    def __init__(self, folder: Path, *, passphrase: str | None, scrypt_cost: int = SCRYPT_COST) -> None:
        self._file = folder / FILE_NAME
        self._key_file = folder / KEY_FILE_NAME
        self._passphrase = passphrase
        self._scrypt_cost = scrypt_cost

    def find(self, key: str) -> Credential | None:
        """What was stored under a key, or None.

        Raises:
            CredentialError: the file cannot be read, or not decrypted with this passphrase.
        """
        return self._read().get(key)

    def store(self, key: str, credential: Credential) -> None:
        """Keep a credential, in place of an earlier one of its key.

        Raises:
            CredentialError: the file cannot be written, or what is in it not decrypted.
        """
        self._write({**self._read(), key: credential})

    def forget(self, key: str) -> None:
        """Delete what is stored under a key, if there is anything.

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
            envelope = json.loads(self._file.read_text(encoding="utf-8"))
            salt, cost = base64.b64decode(envelope["salt"]), int(envelope["scrypt_cost"])
            if envelope["format"] != FILE_FORMAT or not 2 <= cost <= LARGEST_SCRYPT_COST:
                raise ValueError("unknown format")
            key = _derive_key(self._find_passphrase(), salt=salt, cost=cost)
            content = json.loads(_decrypt(envelope["content"], key=key))
            return {name: unpack_credential(entry) for name, entry in content.items()}
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
    """Windows keeps the user's own folders from others by itself."""
    if os.name == "nt":
        return
    status = file.stat()
    # root may read what belongs to a service's account
    if status.st_uid != os.geteuid() and os.geteuid() != 0:
        raise CredentialError(
            "{file} belongs to another account.",
            "Run this as the account that it belongs to, or enter the passwords again for this account.",
            file=str(file),
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise CredentialError(
            "Others than its owner may use {file}.",
            "Run: chmod 600 '{file}'. If others could read it, change the cameras' passwords.",
            file=str(file),
        )


def _explain(error: OSError, file: Path) -> CredentialError:
    return explain_error(CredentialError, error, file=file)
