"""``access.toml`` in a venue's folder: its users, their roles, and hashes of their passwords."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics.domain.errors import VenueError
from app.access.roles import ROLES_OF_PEOPLE, Role
from app.core.toml_file import read_toml_file, write_toml_file

FILE_NAME = "access.toml"
FORMAT = 1
DEFAULT_LOCK_AFTER_MIN = 10
LONGEST_LOCK_AFTER_MIN = 480


@dataclass(frozen=True, slots=True)
class User:
    """One person.

    Attributes:
        secret_hash: argon2id, of a PIN or a password.
    """

    name: str
    role: Role
    secret_hash: str
    created_utc: datetime


@dataclass(frozen=True, slots=True)
class VenueAccess:
    """Who may use a venue.

    Attributes:
        users: none: the venue is open to everybody.
        lock_after_min: minutes without a key or click until the window locks; 0: never.
        wall_needs_no_sign_in: a wall screen may start by itself, and shows figures to whoever is there.
    """

    users: tuple[User, ...] = ()
    lock_after_min: int = DEFAULT_LOCK_AFTER_MIN
    wall_needs_no_sign_in: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nobody has to say who they are."""
        return not self.users

    def find_user(self, name: str) -> User | None:
        """The user of a name; capital letters make no difference."""
        wanted = name.strip().casefold()
        return next((user for user in self.users if user.name.casefold() == wanted), None)


OPEN = VenueAccess()


def read_access(folder: Path) -> VenueAccess:
    """Who may use a venue; open where there is no file.

    Raises:
        VenueError: the file cannot be read or understood; nobody gets in by a broken file.
    """
    known = read_toml_file(folder / FILE_NAME, _unpack, format_known=FORMAT, make_unreadable=_make_unreadable)
    return OPEN if known is None else known


def write_access(folder: Path, access: VenueAccess) -> None:
    """Replace who may use a venue.

    Raises:
        VenueError: the file cannot be written.
    """
    document: dict[str, object] = {
        "format": FORMAT,
        "lock_after_min": access.lock_after_min,
        "wall_needs_no_sign_in": access.wall_needs_no_sign_in,
        "users": [
            {
                "name": user.name,
                "role": user.role.value,
                "secret_hash": user.secret_hash,
                "created_utc": user.created_utc,
            }
            for user in access.users
        ],
    }
    write_toml_file(folder / FILE_NAME, document)


def _unpack(document: dict[str, Any]) -> VenueAccess:
    lock_after_min = document["lock_after_min"]
    if type(lock_after_min) is not int or not 0 <= lock_after_min <= LONGEST_LOCK_AFTER_MIN:
        raise ValueError(f"lock_after_min = {lock_after_min}")
    return VenueAccess(
        tuple(_unpack_user(entry) for entry in document.get("users", ())),
        lock_after_min,
        bool(document["wall_needs_no_sign_in"]),
    )


def _unpack_user(entry: dict[str, Any]) -> User:
    role = Role(entry["role"])
    if role not in ROLES_OF_PEOPLE:
        raise ValueError(f"role = {role.value}")
    return User(
        name=str(entry["name"]),
        role=role,
        secret_hash=str(entry["secret_hash"]),
        created_utc=entry["created_utc"].astimezone(UTC),
    )


def _make_unreadable(file: Path, cause: str) -> VenueError:
    return VenueError(
        "{file} does not say in a way that this version understands who may use the venue: {cause}.",
        "Put back a copy that was all right. Without the file the venue is open to everybody, until users "
        "are set up again.",
        file=file,
        cause=cause,
    )
