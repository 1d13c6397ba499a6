"""A venue on disk with one user of every role."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from app.access.access_file import User, VenueAccess, write_access
from app.access.guard import Actor, act_as
from app.access.roles import ROLES_OF_PEOPLE, Role
from app.access.secrets import hash_secret
from app.core.document import Venue
from tests.support.windows.wizard_venue import make_venue_on_disk

SECRETS = {role: f"the {role.value}'s words" for role in ROLES_OF_PEOPLE}


def make_guarded_venue(folder: Path, cameras: int = 1) -> Venue:
    """Users are named as their roles are; nobody has signed in."""
    venue = make_venue_on_disk(folder, cameras)
    created = datetime(2026, 11, 1, tzinfo=UTC)
    users = tuple(User(role.value, role, hash_secret(SECRETS[role]), created) for role in ROLES_OF_PEOPLE)
    write_access(venue.folder, VenueAccess(users))
    return venue


def work_as(folder: Path, role: Role) -> None:
    """Let the user of a role be at work, without a password; or a role that is no person's."""
    act_as(folder, Actor(role.value if role in ROLES_OF_PEOPLE else "", role))


def read_contents(folder: Path) -> dict[str, bytes]:
    """Every file of a venue but the audit log and the lock, to see that nothing has changed."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.startswith(("audit.", ".venue.lock"))
    }
