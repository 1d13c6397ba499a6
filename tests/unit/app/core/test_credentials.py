from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import keyring
import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.errors import KeyringLocked, NoKeyringError

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
    open_credential_store,
    store_shared,
    use_shared,
)
from vision.sources.frame_source import SourceAddress, SourceKind

GUARD = Credential("guard", "p@ss/wort: ü")
on_posix = pytest.mark.skipif(os.name == "nt", reason="file modes are those of POSIX")


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


def file_store(folder: Path, passphrase: str | None = "long passphrase") -> EncryptedFileCredentialStore:
    return EncryptedFileCredentialStore(folder, passphrase=passphrase, scrypt_cost=2**4)


STORES: dict[str, Callable[[Path], CredentialStore]] = {
    "memory": lambda _folder: MemoryCredentialStore(),
    "keyring": lambda _folder: KeyringCredentialStore(DictBackend()),
    "file with a passphrase": file_store,
    "file with a key file": lambda folder: file_store(folder, None),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> CredentialStore:
    return STORES[request.param](tmp_path / "settings")


def test_every_store_keeps_replaces_and_forgets(store: CredentialStore) -> None:
    assert store.find("h/north") is None
    store.forget("h/north")

    store.store("h/north", Credential("old", "old"))
    store.store("h/south", Credential("", "only a password"))
    store.store("h/north", GUARD)
    assert store.find("h/north") == GUARD

    store.forget("h/north")
    assert store.find("h/north") is None
    assert store.find("h/south") == Credential("", "only a password")


def test_a_credential_never_shows_itself() -> None:
    assert "p@ss" not in repr(GUARD) + str(GUARD) + f"{GUARD!r}"
    assert "guard" not in repr(GUARD)


def test_another_object_finds_what_the_file_keeps_and_nobody_reads_it_there(tmp_path: Path) -> None:
    for passphrase in ("long passphrase", None):
        folder = tmp_path / str(passphrase)
        file_store(folder, passphrase).store("h/north", GUARD)
        assert file_store(folder, passphrase).find("h/north") == GUARD
        text = "".join(file.read_text() for file in folder.iterdir())
        assert not any(word in text for word in ("guard", "wort", "north"))


@on_posix
def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    store = file_store(tmp_path / "settings", None)
    store.store("h/north", GUARD)
    files = list((tmp_path / "settings").iterdir())
    assert sorted(f.name for f in files) == ["credentials.json", "credentials.key"]
    assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}
    for file in files:
        file.chmod(0o640)
        with pytest.raises(CredentialError, match=f"Users other than its owner.*{file.name}.*chmod 600"):
            store.find("h/north")
        file.chmod(0o600)


def test_a_wrong_passphrase_a_lost_key_and_a_damaged_file_say_so_and_change_nothing(tmp_path: Path) -> None:
    file_store(tmp_path, None).store("h/north", GUARD)
    (tmp_path / "credentials.key").unlink()
    before = (tmp_path / "credentials.json").read_bytes()
    for store in (file_store(tmp_path, "another"), file_store(tmp_path, None)):
        for attempt in (lambda s=store: s.find("h/north"), lambda s=store: s.store("h/south", GUARD)):
            with pytest.raises(CredentialError, match="cannot be decrypted"):
                attempt()
    assert (tmp_path / "credentials.json").read_bytes() == before
    assert not (tmp_path / "credentials.key").exists()

    for damaged in (
        b"",
        b"{}",
        b"[]",
        b'{"format": 2, "salt": "", "scrypt_cost": 16}',
        before[:-20],
        b"\xff",
    ):
        (tmp_path / "credentials.json").write_bytes(damaged)
        with pytest.raises(CredentialError, match="cannot be decrypted"):
            file_store(tmp_path).find("h/north")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(CredentialError, match=r"credentials\.json"):
        file_store(tmp_path / "taken").store("h/north", GUARD)


def test_a_keyring_that_hangs_is_given_up() -> None:
    released = threading.Event()

    class Hanging(DictBackend):
        def get_password(self, service: str, username: str) -> str | None:
            released.wait(30)
            return None

    try:
        with pytest.raises(CredentialError, match="did not respond"):
            KeyringCredentialStore(Hanging(), time_limit_s=0.05).find("h/north")
    finally:
        released.set()


def test_a_keyring_that_refuses_is_an_error_without_the_secret() -> None:
    class Locked(DictBackend):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise KeyringLocked(f"cannot store {password}")

    with pytest.raises(CredentialError, match="KeyringLocked") as caught:
        KeyringCredentialStore(Locked()).store("h/north", GUARD)
    assert "wort" not in str(caught.value) + repr(caught.value.__cause__)
    assert caught.value.__suppress_context__


def test_an_entry_of_another_program_is_not_taken_for_ours() -> None:
    for secret in ("just text", "[]", '{"user": "x"}', "5"):
        backend = DictBackend()
        backend.secrets["ExpoFlow camera", "h/north"] = secret
        with pytest.raises(CredentialError, match="'h/north' was not written by ExpoFlow"):
            KeyringCredentialStore(backend).find("h/north")


class PlainText(DictBackend):
    pass


PlainText.__module__ = "keyrings.alt.file"


class Encrypted(DictBackend):
    pass


Encrypted.__module__ = "keyring.backends.SecretService"


class Chain(DictBackend):
    def __init__(self, *backends: object) -> None:
        super().__init__()
        self.backends = backends


Chain.__module__ = "keyring.backends.chainer"


@pytest.fixture(autouse=True)
def _no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXPOFLOW_CREDENTIAL_KEY", raising=False)


@pytest.mark.parametrize(
    ("backend", "kind"),
    [
        (Encrypted(), KeyringCredentialStore),
        (Chain(PlainText(), Encrypted()), KeyringCredentialStore),
        (Chain(PlainText()), EncryptedFileCredentialStore),
        (PlainText(), EncryptedFileCredentialStore),
        (keyring.backends.fail.Keyring(), EncryptedFileCredentialStore),
        (keyring.backends.null.Keyring(), EncryptedFileCredentialStore),
    ],
    ids=["encrypted", "chain with one", "chain without", "plain text", "fail", "null"],
)
def test_only_a_keyring_that_encrypts_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: object, kind: type[object]
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    store = open_credential_store(tmp_path)
    assert type(store) is kind
    assert not list(tmp_path.glob("credentials*"))


def test_a_passphrase_in_the_environment_asks_for_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never() -> object:
        raise AssertionError("the keyring was asked")

    monkeypatch.setattr(keyring, "get_keyring", never)
    monkeypatch.setenv("EXPOFLOW_CREDENTIAL_KEY", "long passphrase")
    open_credential_store(tmp_path).store("h/north", GUARD)
    assert file_store(tmp_path).find("h/north") == GUARD
    assert not (tmp_path / "credentials.key").exists()


def test_a_keyring_that_is_there_and_locked_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Locked(Encrypted):
        def get_password(self, service: str, username: str) -> str | None:
            raise NoKeyringError("locked")

    Locked.__module__ = Encrypted.__module__
    monkeypatch.setattr(keyring, "get_keyring", Locked)
    with pytest.raises(CredentialError, match="Unlock it"):
        open_credential_store(tmp_path)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (SourceAddress(SourceKind.RTSP, "rtsp://10.0.0.7:554/live"), "10.0.0.7/north"),
        (SourceAddress(SourceKind.HTTP, "http://[fe80::1]/a"), "fe80::1/north"),
        (SourceAddress(SourceKind.RTSP, "rtsp://[bad/a"), "rtsp/north"),
        (SourceAddress(SourceKind.DEVICE, "usb:0"), "device/north"),
    ],
)
def test_the_key_names_host_and_camera(address: SourceAddress, key: str) -> None:
    assert make_credential_key(address, camera="north") == key


def test_a_credential_is_put_into_the_address_of_its_camera() -> None:
    store = MemoryCredentialStore()
    store.store("10.0.0.7/north", GUARD)
    address = SourceAddress(SourceKind.RTSP, "rtsp://10.0.0.7/live", user="viewer")
    filled = add_credential(address, camera="north", store=store)
    assert (filled.user, filled.password) == ("guard", GUARD.password)
    assert add_credential(address, camera="south", store=store) == address
    file = SourceAddress(SourceKind.VIDEO, "rtsp://10.0.0.7/live")
    assert add_credential(file, camera="north", store=store) == file


NORTH, SOUTH = "192.0.2.1/north", "192.0.2.2/south"


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
