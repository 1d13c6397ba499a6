"""``access.toml`` in a venue's folder: its users, their roles, and hashes of their passwords."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter

from analytics.domain.errors import Phrase, VenueError
from app.access.roles import ROLES_OF_PEOPLE, Role
from app.core.toml_file import UtcTime, read_toml_file, write_toml_file

FILE_NAME = "access.toml"
FORMAT = 1
DEFAULT_LOCK_AFTER_MIN = 10
MAX_LOCK_AFTER_MIN = 480


def _require_person(role: Role) -> Role:
    if role not in ROLES_OF_PEOPLE:
        raise ValueError(f"{role.value} is no role of a person")
    return role


@dataclass(frozen=True, slots=True)
class User:
    """One person.

    Attributes:
        secret_hash: argon2id, of a PIN or a password.
    """

    name: str
    role: Annotated[Role, AfterValidator(_require_person)]
    secret_hash: str
    created_utc: UtcTime


@dataclass(frozen=True, slots=True)
class VenueAccess:
    """Who may use a venue.

    Attributes:
        users: none: the venue is open to everybody.
        lock_after_min: minutes without a key or click until the window locks; 0: never.
        wall_needs_no_sign_in: a wall screen may start by itself, and shows figures to whoever is there.
    """

    users: tuple[User, ...] = ()
    lock_after_min: Annotated[int, Field(strict=True, ge=0, le=MAX_LOCK_AFTER_MIN)] = DEFAULT_LOCK_AFTER_MIN
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
_FILE = TypeAdapter(VenueAccess)
_REQUIRED = {"lock_after_min": None, "wall_needs_no_sign_in": None}


def read_access(folder: Path) -> VenueAccess:
    """Who may use a venue; open where there is no file.

    Raises:
        VenueError: the file cannot be read or understood; nobody gets in by a broken file.
    """
    known = read_toml_file(
        folder / FILE_NAME,
        lambda document: _FILE.validate_python(_REQUIRED | document),
        format_known=FORMAT,
        make_unreadable=_make_unreadable,
    )
    return OPEN if known is None else known


def write_access(folder: Path, access: VenueAccess) -> None:
    """Replace who may use a venue.

    Raises:
        VenueError: the file cannot be written.
    """
    packed = _FILE.dump_python(access)
    users = packed.pop("users")
    write_toml_file(folder / FILE_NAME, {"format": FORMAT, **packed, "users": users})


def _make_unreadable(file: Path, cause: str | Phrase) -> VenueError:
    return VenueError(
        "{file} does not say in a way that this version understands who may use the venue: {cause}.",
        "Put back a copy that was all right. Without the file the venue is open to everybody, until users "
        "are set up again.",
        file=file,
        cause=cause,
    )
