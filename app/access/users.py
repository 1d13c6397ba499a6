"""Setting up who may use a venue; without any user it is open."""

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
    """Let one more person in; the first one closes the venue for everybody else, and is an administrator.

    Raises:
        AccessError: the name or role cannot be.
        CredentialError: the secret is too easy to guess.
    """
    name = " ".join(name.split())
    with changing(folder, Permission.ADMINISTER_USERS, "user added", {"user": name, "role": role.value}):
        access = read_access(folder)
        _check_name(name, access)
        if role not in ROLES_OF_PEOPLE:
            raise AccessError(
                "'{role}' is no role of a person.",
                "Choose one of: {names}.",
                role=role.value,
                names=", ".join(known.value for known in ROLES_OF_PEOPLE),
            )
        if access.is_open and role is not Role.ADMINISTRATOR:
            raise AccessError(
                "The first user must be an administrator.",
                "Add an administrator first, who can add the others.",
            )
        check_secret(secret, name=name)
        created_utc = datetime.fromtimestamp(int((clock or SystemClock()).now_utc_s()), UTC)
        user = User(name, role, hash_secret(secret), created_utc)
        after = replace(access, users=(*access.users, user))
        write_access(folder, after)
    return after


@locks_venue
def remove_user(folder: Path, name: str) -> VenueAccess:
    """Let somebody in no longer; without the last administrator nobody is left, and the venue is open again.

    Raises:
        AccessError: there is no such user, or others would be left without an administrator.
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
    """Give a user another role, which holds at once.

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
    """Give a user another PIN or password, as an administrator does for who forgot theirs.

    Raises:
        AccessError: there is no such user.
        CredentialError: the secret is too easy to guess.
    """
    with changing(folder, Permission.ADMINISTER_USERS, "password set", {"user": name}):
        access = read_access(folder)
        return _write_secret(folder, access, _require_user(access, name), secret)


@locks_venue
def change_own_secret(folder: Path, *, present: str, wanted: str) -> VenueAccess:
    """Let whoever has signed in change their own PIN or password.

    Raises:
        AccessError: nobody has signed in, or the present one is wrong.
        CredentialError: the wanted one is too easy to guess.
    """
    actor = find_actor(folder)
    access = read_access(folder)
    user = access.find_user(actor.name) if actor is not None and actor.name else None
    if user is None:
        raise AccessError("Nobody has signed in to '{venue}'.", "Sign in first.", venue=folder.stem)
    is_right = is_secret(present, user.secret_hash)
    if is_right:
        after = _write_secret(folder, access, user, wanted)
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
            "The present password is wrong.", "Try again, or ask an administrator for a new one."
        )
    return after


@locks_venue
def set_locking(
    folder: Path, *, lock_after_min: int | None = None, wall_needs_no_sign_in: bool | None = None
) -> VenueAccess:
    """Say after how many minutes the window locks (0: never), and whether a wall screen starts by itself.

    Raises:
        AccessError: the minutes are none that make sense.
    """
    with changing(folder, Permission.ADMINISTER_USERS, "locking changed") as work:
        access = read_access(folder)
        if lock_after_min is not None:
            if not 0 <= lock_after_min <= MAX_LOCK_AFTER_MIN:
                raise AccessError(
                    "The window cannot lock after {minutes} minutes.",
                    "Choose 1 to {most} minutes, or 0 for never.",
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


def _replace_user(access: VenueAccess, user: User, becomes: User) -> VenueAccess:
    return replace(access, users=tuple(becomes if one is user else one for one in access.users))


def _check_name(name: str, access: VenueAccess) -> None:
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise AccessError(
            "'{name}' cannot be the name of a user.",
            "Use 1 to {most} letters, digits, blanks, dots and hyphens, a letter or digit first.",
            name=name,
            most=MAX_NAME,
        )
    if access.find_user(name) is not None:
        raise AccessError("There is a user '{name}' already.", "Choose another name.", name=name)


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
            "Nobody would be left who can administer the users.",
            "Make somebody else an administrator first, or remove all others first.",
        )
