"""One user and password for several cameras: changed in one place, and known to all of them."""

from __future__ import annotations

from collections.abc import Iterable

from analytics.domain.errors import CredentialError
from app.core.credential_store import Credential, CredentialStore, make_shared_key


def store_shared(name: str, credential: Credential, *, store: CredentialStore) -> None:
    """Keep a credential under a name, in place of an earlier one: every camera that uses it has it at once.

    Raises:
        CredentialError: the name is empty, or the store cannot keep it.
    """
    if not name.strip():
        raise CredentialError(
            "A password that several cameras share needs a name.", "Give it one, such as 'hall 3'."
        )
    store.store(make_shared_key(name), Credential(credential.user, credential.password))


def use_shared(key: str, name: str, *, store: CredentialStore) -> None:
    """Let a camera use a shared credential from now on, in place of its own.

    Args:
        key: of the camera, by `make_credential_key`.

    Raises:
        CredentialError: there is none of that name, or the store cannot be changed.
    """
    if store.find(make_shared_key(name)) is None:
        raise CredentialError(
            "There is no shared password named '{name}'.",
            "Store it first: python -m app cameras share '{name}' --user USER",
            name=name,
        )
    store.store(key, Credential("", "", shared_name=name))


def list_shared(keys: Iterable[str], *, store: CredentialStore) -> dict[str, tuple[str, ...]]:
    """The shared credentials that cameras use, by name, each with the keys of its cameras.

    A keyring cannot be asked what it holds, so those that no camera uses are not found.

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
