"""Manage the users of a venue."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import AccessError, Phrase
from app.access.access_file import (
    MAX_LOCK_AFTER_MIN,
    User,
    VenueAccess,
    read_access,
    write_access,
)
from app.access.audit_log import Outcome, record_audit
from app.access.guard import changing, find_actor
from app.access.roles import ROLES_OF_PEOPLE, Permission, Role
from app.access.secrets import check_secret, hash_secret, is_secret
from app.core.venue_lock import locks_venue

MAX_NAME = 40
_NAME = re.compile(r"[\w][\w\-. ]*")


@locks_venue
def add_user(folder: Path, *, name: str, role: Role, secret: str, clock: Clock | None = None) -> VenueAccess:
    """Add a user; the first one must be an administrator and closes the venue to others.

    Raises:
        AccessError: the name or role is not valid.
        CredentialError: the secret is too easy to guess.
    """
    name = " ".join(name.split())
    with changing(folder, Permission.ADMINISTER_USERS, "user added", {"user": name, "role": role.value}):
        access = read_access(folder)
        _check_name(name, access)
        if role not in ROLES_OF_PEOPLE:
            raise AccessError(
                "'{role}' is not a role for users.",
                "Choose one of: {names}.",
                role=role.value,
                names=", ".join(known.value for known in ROLES_OF_PEOPLE),
            )
        if access.is_open and role is not Role.ADMINISTRATOR:
            raise AccessError(
                "The first user must be an administrator.",
                "Add an administrator first, who can then add other users.",
            )
        check_secret(secret, name=name)
        created_utc = datetime.fromtimestamp(int((clock or SystemClock()).now_utc_s()), UTC)
        user = User(name, role, hash_secret(secret), created_utc)
        after = replace(access, users=(*access.users, user))
        write_access(folder, after)
    return after


@locks_venue
def remove_user(folder: Path, name: str) -> VenueAccess:
    """Remove a user; removing the last one opens the venue again.

    Raises:
        AccessError: there is no such user, or the other users would be left without an administrator.
    """
    with changing(folder, Permission.ADMINISTER_USERS, "user removed", {"user": name}):
        access = read_access(folder)
        user = _require_user(access, name)
        after = replace(access, users=tuple(one for one in access.users if one is not user))
        _require_administrator(after)
        write_access(folder, after)
    return after


@locks_venue
def change_role(folder: Path, name: str, role: Role) -> VenueAccess:
    """Change a user's role, effective immediately.

    Raises:
        AccessError: there is no such user, or no administrator would be left.
    """
    with changing(folder, Permission.ADMINISTER_USERS, "role changed", {"user": name, "role": role.value}):
        access = read_access(folder)
        user = _require_user(access, name)
        after = _replace_user(access, user, replace(user, role=role))
        _require_administrator(after)
        write_access(folder, after)
    return after


@locks_venue
def change_secret(folder: Path, name: str, secret: str) -> VenueAccess:
    """Set the PIN or password of a user as an administrator.

    Raises:
        AccessError: there is no such user.
        CredentialError: the secret is too easy to guess.
    """
    with changing(folder, Permission.ADMINISTER_USERS, "password set", {"user": name}):
        access = read_access(folder)
        return _write_secret(folder, access, _require_user(access, name), secret)


@locks_venue
def change_own_secret(folder: Path, *, current: str, new: str) -> VenueAccess:
    """Change the PIN or password of the signed-in user.

    Raises:
        AccessError: no user is signed in, or the present secret is wrong.
        CredentialError: the new secret is too easy to guess.
    """
    actor = find_actor(folder)
    access = read_access(folder)
    user = access.find_user(actor.name) if actor is not None and actor.name else None
    if user is None:
        raise AccessError("No user is signed in to '{venue}'.", "Sign in first.", venue=folder.stem)
    is_right = is_secret(current, user.secret_hash)
    if is_right:
        after = _write_secret(folder, access, user, new)
    record_audit(
        folder,
        "password changed",
        {"user": user.name},
        user=user.name,
        role=user.role.value,
        outcome=Outcome.DONE if is_right else Outcome.REFUSED,
    )
    if not is_right:
        raise AccessError(
            "The current password is wrong.", "Try again, or ask an administrator for a new one."
        )
    return after


@locks_venue
def set_locking(
    folder: Path, *, lock_after_min: int | None = None, wall_needs_no_sign_in: bool | None = None
) -> VenueAccess:
    """Set the minutes until the window locks (0 for never) and whether a wall screen starts without sign-in.

    Raises:
        AccessError: the minutes are out of range.
    """
    with changing(folder, Permission.ADMINISTER_USERS, "locking changed") as work:
        access = read_access(folder)
        if lock_after_min is not None:
            if not 0 <= lock_after_min <= MAX_LOCK_AFTER_MIN:
                raise AccessError(
                    "{minutes} minutes is not a valid lock time.",
                    "Choose 1 to {most} minutes, or 0 to never lock.",
                    minutes=lock_after_min,
                    most=MAX_LOCK_AFTER_MIN,
                )
            work.what["lock_after_min"] = lock_after_min
            access = replace(access, lock_after_min=lock_after_min)
        if wall_needs_no_sign_in is not None:
            work.what["wall_needs_no_sign_in"] = wall_needs_no_sign_in
            access = replace(access, wall_needs_no_sign_in=wall_needs_no_sign_in)
        write_access(folder, access)
    return access


def _write_secret(folder: Path, access: VenueAccess, user: User, secret: str) -> VenueAccess:
    check_secret(secret, name=user.name)
    after = _replace_user(access, user, replace(user, secret_hash=hash_secret(secret)))
    write_access(folder, after)
    return after


def _replace_user(access: VenueAccess, user: User, replacement: User) -> VenueAccess:
    return replace(access, users=tuple(replacement if one is user else one for one in access.users))


def _check_name(name: str, access: VenueAccess) -> None:
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise AccessError(
            "'{name}' is not a valid user name.",
            "Use 1 to {most} letters, digits, spaces, dots and hyphens, beginning with a letter or digit.",
            name=name,
            most=MAX_NAME,
        )
    if access.find_user(name) is not None:
        raise AccessError("A user named '{name}' already exists.", "Choose another name.", name=name)


def _require_user(access: VenueAccess, name: str) -> User:
    user = access.find_user(name)
    if user is None:
        raise AccessError(
            "There is no user '{name}'.",
            "The users are: {names}.",
            name=name,
            names=", ".join(known.name for known in access.users) or Phrase("none yet"),
        )
    return user


def _require_administrator(access: VenueAccess) -> None:
    if access.users and not any(user.role is Role.ADMINISTRATOR for user in access.users):
        raise AccessError(
            "At least one administrator must remain.",
            "Make another user an administrator first, or remove all other users first.",
        )
