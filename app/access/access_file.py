"""Store users, roles and password hashes of a venue in ``access.toml`` in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter

from app.access.roles import ROLES_OF_PEOPLE, Role
from app.core.toml_file import TomlFile, UtcTime
from app.error_reporting import ErrorTemplates

FILE_NAME = "access.toml"
DEFAULT_LOCK_AFTER_MIN = 10
MAX_LOCK_AFTER_MIN = 480


def _require_person(role: Role) -> Role:
    if role not in ROLES_OF_PEOPLE:
        raise ValueError(f"{role.value} is no role of a person")
    return role


@dataclass(frozen=True, slots=True)
class User:
    """A user of a venue.

    Attributes:
        secret_hash: argon2id hash of a PIN or password.
    """

    name: str
    role: Annotated[Role, AfterValidator(_require_person)]
    secret_hash: str
    created_utc: UtcTime


@dataclass(frozen=True, slots=True)
class VenueAccess:
    """The access settings of a venue.

    Attributes:
        users: users; without any, the venue is open to everybody.
        lock_after_min: minutes without input after which the window locks; 0 for never.
        wall_needs_no_sign_in: whether a wall screen may start without signing in and show figures to
            anyone.
    """

    users: tuple[User, ...] = ()
    lock_after_min: Annotated[int, Field(strict=True, ge=0, le=MAX_LOCK_AFTER_MIN)] = DEFAULT_LOCK_AFTER_MIN
    wall_needs_no_sign_in: bool = False

    @property
    def is_open(self) -> bool:
        """Return whether the venue has no users."""
        return not self.users

    def find_user(self, name: str) -> User | None:
        """Return the user of a name, ignoring case; None if unknown."""
        folded = name.strip().casefold()
        return next((user for user in self.users if user.name.casefold() == folded), None)


OPEN = VenueAccess()
_RECORD = TypeAdapter(VenueAccess)
_REQUIRED = {"lock_after_min": None, "wall_needs_no_sign_in": None}
_FILE = TomlFile(
    FILE_NAME,
    lambda document: _RECORD.validate_python(_REQUIRED | document),
    ErrorTemplates(
        "{file}, which lists the venue's users, cannot be read by this version: {cause}.",
        "Restore a valid copy of the file. Without it the venue is open to everybody until users are set "
        "up again.",
    ),
)


def read_access(folder: Path) -> VenueAccess:
    """Return the access settings of a venue; open without a file.

    Raises:
        VenueError: the file cannot be read or understood, so that a broken file gives no access.
    """
    return _FILE.read(folder) or OPEN


def write_access(folder: Path, access: VenueAccess) -> None:
    """Write the access settings of a venue.

    Raises:
        VenueError: the file cannot be written.
    """
    packed = _RECORD.dump_python(access)
    users = packed.pop("users")
    _FILE.write(folder, {**packed, "users": users})
