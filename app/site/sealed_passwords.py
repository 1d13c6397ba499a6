"""Share the cameras' passwords between the machines of a site, sealed for each of them.

A password is encrypted for one machine's public key (X25519, HKDF-SHA256, ChaCha20-Poly1305 with a key for
this one message), so that the database and its copies reveal none, and bound to its camera and machine, so
that it cannot be moved to another row. A machine that knows a camera's password seals it for those that lack
it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from analytics.domain.errors import CredentialError
from app.core.credentials import (
    Credential,
    CredentialStore,
    find_credential,
    make_credential_key,
    pack_credential,
    unpack_credential,
)
from app.core.file_schema import SourceSection
from app.site.schema import camera, machine, sealed_password
from app.site.site_document import make_private_key_key
from vision.sources.frame_source import SourceKind

_KEY_BYTES = 32
_NONCE = bytes(12)
"""The key is used for one message only."""


def make_key_pair() -> tuple[str, bytes]:
    """Return a new private key in base 64, and its public key."""
    key = X25519PrivateKey.generate()
    return base64.b64encode(key.private_bytes_raw()).decode("ascii"), key.public_key().public_bytes_raw()


def seal(secret: bytes, *, public_key: bytes, about: str) -> bytes:
    """Encrypt a secret so that only the owner of a key can read it.

    Args:
        about: what it belongs to; needed to open it.
    """
    sender = X25519PrivateKey.generate()
    shown = sender.public_key().public_bytes_raw()
    shared = sender.exchange(X25519PublicKey.from_public_bytes(public_key))
    key = _derive_key(shared, shown, public_key)
    return shown + ChaCha20Poly1305(key).encrypt(_NONCE, secret, about.encode())


def unseal(sealed: bytes, *, private_key: str, about: str) -> bytes:
    """Decrypt what `seal` encrypted.

    Raises:
        CredentialError: it was sealed for another machine or about something else, or is damaged.
    """
    own = X25519PrivateKey.from_private_bytes(base64.b64decode(private_key))
    shown, body = sealed[:_KEY_BYTES], sealed[_KEY_BYTES:]
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(shown))
        key = _derive_key(shared, shown, own.public_key().public_bytes_raw())
        return ChaCha20Poly1305(key).decrypt(_NONCE, body, about.encode())
    except (InvalidTag, ValueError):
        raise CredentialError(
            "A password from the site cannot be opened with this machine's key.",
            "Enter the camera's password again on this machine.",
        ) from None


def _derive_key(shared: bytes, shown: bytes, public_key: bytes) -> bytes:
    return HKDF(
        algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=b"expoflow camera" + shown + public_key
    ).derive(shared)


@dataclass(frozen=True, slots=True)
class SharedPasswords:
    """Result of `share_passwords`: cameras whose password was sent, and received."""

    sent: tuple[str, ...] = ()
    received: tuple[str, ...] = ()


def share_passwords(
    connection: Connection, *, hall_id: int, machine_id: str, store: CredentialStore
) -> SharedPasswords:
    """Send this machine's passwords of a hall's cameras to the machines of the site, and receive theirs.

    The password that was exchanged last is remembered, so that a change here and a change elsewhere can be
    told apart; a change here wins if both happened. Nothing is written where nothing changed. The encrypted
    file of passwords takes 0.1 s for each camera.

    Raises:
        CredentialError: the credential store cannot be asked or changed.
    """
    private_key = store.find(make_private_key_key(machine_id))
    if private_key is None:
        raise CredentialError(
            "This machine's key for the site is missing.", "Leave the site and join it again with a new code."
        )
    keys = {
        row.id: row.public_key
        for row in connection.execute(
            select(machine.c.id, machine.c.public_key).where(machine.c.removed_utc.is_(None))
        )
    }
    sent, received = [], []
    for row in connection.execute(select(camera).filter_by(hall=hall_id).order_by(camera.c.id)).all():
        key = _find_key(row.name, row.settings)
        if key is None:
            continue
        holders: dict[str, bytes] = {
            one.machine: one.sealed
            for one in connection.execute(select(sealed_password).filter_by(camera=row.id))
        }
        here, last = find_credential(key, store=store), store.find(_make_last_key(machine_id, row.id))
        here = None if here is None else Credential(here.user, here.password)
        # what a hall had before this machine joined it is taken from there
        if here is None or here == last or (last is None and holders):
            there = _open(holders.get(machine_id), row.id, machine_id, private_key.password)
            if there is not None and there != here:
                store.store(key, there)
                store.store(_make_last_key(machine_id, row.id), there)
                received.append(row.name)
                here = last = there
        if here is None or (last is None and holders):
            continue
        missing = keys if here != last else {one: keys[one] for one in keys if one not in holders}
        if missing:
            _send(connection, here, camera_id=row.id, keys=missing)
            store.store(_make_last_key(machine_id, row.id), here)
            sent.append(row.name)
    return SharedPasswords(tuple(sent), tuple(received))


def _send(
    connection: Connection, credential: Credential, *, camera_id: int, keys: Mapping[str, bytes]
) -> None:
    secret = json.dumps(pack_credential(credential)).encode()
    rows = [
        {
            "camera": camera_id,
            "machine": one,
            "sealed": seal(secret, public_key=public_key, about=_describe(camera_id, one)),
        }
        for one, public_key in keys.items()
    ]
    statement = insert(sealed_password)
    update = {"sealed": statement.excluded.sealed}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["camera", "machine"], set_=update), rows
    )


def _open(sealed: bytes | None, camera_id: int, machine_id: str, private_key: str) -> Credential | None:
    if sealed is None:
        return None
    secret = unseal(bytes(sealed), private_key=private_key, about=_describe(camera_id, machine_id))
    return unpack_credential(json.loads(secret))


def _describe(camera_id: int, machine_id: str) -> str:
    return f"camera {camera_id} for machine {machine_id}"


def _make_last_key(machine_id: str, camera_id: int) -> str:
    return f"site:{machine_id}:camera {camera_id}"


def _find_key(name: str, settings: Mapping[str, object]) -> str | None:
    """Return the key of a network camera's password in the credential store; None for other cameras."""
    source = settings.get("source")
    if source is None:
        return None
    address = SourceSection.model_validate_json(json.dumps(source)).make()
    is_network = address.kind in (SourceKind.RTSP, SourceKind.HTTP)
    return make_credential_key(address, camera=name) if is_network else None
