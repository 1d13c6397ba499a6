"""One password for several cameras."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics.domain.errors import CredentialError
from app.core.credentials import (
    Credential,
    CredentialStore,
    EncryptedFileCredentialStore,
    KeyringCredentialStore,
    MemoryCredentialStore,
    add_credential,
    find_credential,
    list_shared,
    make_credential_key,
    store_shared,
    use_shared,
)
from vision.sources.frame_source import SourceAddress, SourceKind


class DictBackend:
    """A keyring in a dictionary."""

    def __init__(self) -> None:
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.secrets[service, username]


STORES: dict[str, Callable[[Path], CredentialStore]] = {
    "memory": lambda _folder: MemoryCredentialStore(),
    "keyring": lambda _folder: KeyringCredentialStore(DictBackend()),
    "file": lambda folder: EncryptedFileCredentialStore(
        folder, passphrase="long passphrase", scrypt_cost=2**4
    ),
}
NORTH, SOUTH = "192.0.2.1/north", "192.0.2.2/south"


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> CredentialStore:
    return STORES[request.param](tmp_path / "settings")


def test_cameras_that_share_a_password_follow_its_change(store: CredentialStore) -> None:
    store_shared("hall 3", Credential("viewer", "old"), store=store)
    for key in (NORTH, SOUTH):
        use_shared(key, "hall 3", store=store)
    store_shared("hall 3", Credential("viewer", "new"), store=store)
    assert [find_credential(key, store=store) for key in (NORTH, SOUTH)] == [Credential("viewer", "new")] * 2
    address = SourceAddress(SourceKind.RTSP, "rtsp://192.0.2.1/live")
    assert make_credential_key(address, camera="north") == NORTH
    opened = add_credential(address, camera="north", store=store)
    assert (opened.user, opened.password) == ("viewer", "new")


def test_a_camera_may_have_its_own_again(store: CredentialStore) -> None:
    store_shared("hall 3", Credential("viewer", "shared"), store=store)
    use_shared(NORTH, "hall 3", store=store)
    store.store(NORTH, Credential("admin", "own"))
    assert find_credential(NORTH, store=store) == Credential("admin", "own")
    assert list_shared([NORTH, SOUTH], store=store) == {}


def test_those_in_use_are_listed(store: CredentialStore) -> None:
    for name in ("a", "b"):
        store_shared(name, Credential(name, "p"), store=store)
    use_shared(NORTH, "a", store=store)
    use_shared(SOUTH, "a", store=store)
    assert list_shared([NORTH, SOUTH, "192.0.2.3/none"], store=store) == {"a": (NORTH, SOUTH)}
    with pytest.raises(CredentialError, match="no shared password named 'c'"):
        use_shared(NORTH, "c", store=store)
    assert find_credential(NORTH, store=store) == Credential("a", "p")


def test_a_shared_one_that_is_gone_is_no_password(store: CredentialStore) -> None:
    store_shared("a", Credential("u", "p"), store=store)
    use_shared(NORTH, "a", store=store)
    store.forget("shared:a")
    assert find_credential(NORTH, store=store) is None


def test_a_name_is_needed(store: CredentialStore) -> None:
    with pytest.raises(CredentialError, match="needs a name"):
        store_shared(" ", Credential("u", "p"), store=store)


def test_what_was_kept_before_passwords_were_shared_is_still_read() -> None:
    backend = DictBackend()
    backend.secrets["ExpoFlow camera", NORTH] = json.dumps({"user": "u", "password": "p"})
    assert find_credential(NORTH, store=KeyringCredentialStore(backend)) == Credential("u", "p")
