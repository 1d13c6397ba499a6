"""Check permissions and record actions in the audit log.

Each process has an actor per venue: a signed-in user, a service, a wall screen, or everybody in a venue
without users. Operations check permissions here, so that window, commands and other callers follow the same
rules.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from analytics.domain.errors import AccessError, ExpoFlowError, Phrase, StoreError
from analytics.store.history_folder import list_halls_inside
from app.access.access_file import VenueAccess, read_access
from app.access.audit_log import Outcome, open_entry, record_audit
from app.access.roles import Permission, Role, list_roles_with, may
from app.core.change_set import describe_difference
from app.core.document import Venue
from app.core.table_file import write_csv_file, write_file


def read_if_there(folder: Path) -> Venue | None:
    """Return the venue of a folder; None if it cannot be read, which the operation itself reports."""
    from app.core.file_format import read_venue

    try:
        return read_venue(folder)
    except ExpoFlowError:
        return None


_LOG = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Actor:
    """A user or program working in a venue; the name is empty for roles that belong to no person."""

    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        """Return whether the actor holds a permission."""
        return may(self.role, permission)


EVERYBODY = Actor("", Role.EVERYBODY)
SERVICE = Actor("", Role.SERVICE)
WALL = Actor("", Role.WALL)

_ACTING: dict[Path, Actor] = {}
_SIGN_IN_PROMPTS: list[Callable[[Path], Actor]] = []
_NESTED = threading.local()


def act_as(folder: Path, actor: Actor | None) -> None:
    """Set the actor of a venue in this process; None for nobody. See `sign_in` for users."""
    if actor is None:
        _ACTING.pop(folder.resolve(), None)
    else:
        _ACTING[folder.resolve()] = actor


def clear_actors() -> None:
    """Remove the actors of all venues of this process."""
    _ACTING.clear()


def set_sign_in_prompt(prompt: Callable[[Path], Actor] | None) -> None:
    """Register a function that asks for a sign-in, as the command line does; None removes it."""
    _SIGN_IN_PROMPTS[:] = [] if prompt is None else [prompt]


def find_actor(folder: Path) -> Actor | None:
    """Return the actor of a venue; None if it has users and none is signed in.

    A removed user counts as not signed in, and a changed role applies at once.

    Raises:
        VenueError: ``access.toml`` cannot be understood.
    """
    return match_actor(folder, read_access(folder))


def act_in_another(folder: Path, other: Path) -> None:
    """Let the current user of a venue be at work in another whose user has the same name and secret.

    Raises:
        VenueError: ``access.toml`` of one of them cannot be understood.
    """
    actor = find_actor(folder)
    if actor is None or not actor.name or find_actor(other) is not None:
        return
    if find_same_user(folder, actor.name, other) is not None:
        act_as(other, actor)


def find_same_user(folder: Path, name: str, other: Path) -> Actor | None:
    """Return the user of another venue who has the same name and secret; everybody where it has no users.

    Raises:
        VenueError: ``access.toml`` of one of them cannot be understood.
    """
    access = read_access(other)
    if access.is_open:
        return EVERYBODY
    own, there = read_access(folder).find_user(name), access.find_user(name)
    is_same = own is not None and there is not None and own.secret_hash == there.secret_hash
    return Actor(there.name, there.role) if there is not None and is_same else None


def match_actor(folder: Path, access: VenueAccess) -> Actor | None:
    """Return the actor of a venue with access settings that were already read."""
    actor = _ACTING.get(folder.resolve())
    if actor is not None and not actor.name:
        return actor
    if access.is_open:
        return EVERYBODY
    user = access.find_user(actor.name) if actor is not None else None
    return None if user is None else Actor(user.name, user.role)


def require(
    folder: Path, permission: Permission, *, action: str, what: Mapping[str, object] | None = None
) -> Actor:
    """Return the actor if the permission is granted; a refusal is recorded before it is raised.

    What is done to the folder of a site's halls needs the permission in every hall.

    Args:
        action: intended action, for the audit log.

    Raises:
        AccessError: no user is signed in, or the role lacks the permission.
        VenueError: ``access.toml`` cannot be understood.
    """
    halls = list_halls_inside(folder)
    for hall in halls:
        act_in_another(halls[0], hall)
    if halls:
        actors = [require(hall, permission, action=action, what=what) for hall in halls]
        return actors[0]
    actor = find_actor(folder)
    if actor is None and _SIGN_IN_PROMPTS:
        actor = _SIGN_IN_PROMPTS[0](folder)
    if actor is None:
        raise AccessError(
            "No user is signed in to '{venue}'.",
            "Sign in first; on the command line: python -m app --user NAME …",
            venue=folder.stem,
        )
    if actor.may(permission):
        return actor
    record_audit(folder, action, what, user=actor.name, role=actor.role.value, outcome=Outcome.REFUSED)
    raise refuse(actor, permission)


def refuse(actor: Actor, permission: Permission) -> AccessError:
    """Return the error that names the missing permission and the roles that have it."""
    return AccessError(
        "The role '{role}' does not permit this: {permission}.",
        "Ask a user with one of these roles: {roles}.",
        role=Phrase(actor.role.value),
        permission=Phrase(permission.value),
        roles=describe_roles(permission),
    )


def describe_roles(permission: Permission) -> Phrase:
    """Return the roles of people that hold a permission as one phrase."""
    phrases = [Phrase(role.value) for role in list_roles_with(permission)]
    joined = phrases[0]
    for phrase in phrases[1:]:
        joined = Phrase("{roles}, {role}", {"roles": joined, "role": phrase})
    return joined


@dataclass(slots=True)
class RecordedWork:
    """An action in progress; names known only afterwards are added to ``what``."""

    actor: Actor
    what: dict[str, object] = field(default_factory=dict)


@contextmanager
def doing(
    folder: Path,
    permission: Permission,
    action: str,
    what: Mapping[str, object] | None = None,
    *,
    must_be_recorded: bool = True,
) -> Iterator[RecordedWork]:
    """Check permission for a long action such as an export, and record its end or failure.

    Args:
        must_be_recorded: False if the action matters more than its entry, as a recording does: it
            continues, and the log file reports what is missing. The same holds in a venue without users, so
            that a venue on a read-only disk can be exported.

    Raises:
        AccessError: as `require`; nothing was done.
        StoreError: the entry is required, and the audit log cannot be written; nothing was done.
    """
    actor = require(folder, permission, action=action, what=what)
    work = RecordedWork(actor, dict(what or {}))
    if _is_nested(folder) or not folder.is_dir():
        yield work
        return
    is_strict = must_be_recorded and actor is not EVERYBODY
    if is_strict:
        with open_entry(folder):
            pass
    outcome = Outcome.FAILED
    try:
        with _nested(folder):
            yield work
        outcome = Outcome.DONE
    finally:
        _record_end(folder, action, work, outcome, is_strict=is_strict)


def _record_end(folder: Path, action: str, work: RecordedWork, outcome: Outcome, *, is_strict: bool) -> None:
    actor = work.actor
    try:
        record_audit(folder, action, work.what, user=actor.name, role=actor.role.value, outcome=outcome)
    except StoreError as error:
        if is_strict:
            raise
        _LOG.error("'%s' could not be recorded in the audit log: %s", action, error)


@contextmanager
def changing(
    folder: Path, permission: Permission, action: str, what: Mapping[str, object] | None = None
) -> Iterator[RecordedWork]:
    """Check permission for a change of a venue, and record it with the differences in ``venue.toml``.

    The log is locked meanwhile, so that a change that could not be recorded is not begun. A change within
    another one is part of its entry.

    Raises:
        AccessError: as `require`; nothing was done.
        StoreError: the audit log cannot be written; nothing was done.
    """
    actor = require(folder, permission, action=action, what=what)
    work = RecordedWork(actor, dict(what or {}))
    if _is_nested(folder) or not folder.is_dir():
        yield work
        return
    # only commands that change a venue load what reads it

    from app.core.venue_lock import lock_venue

    with lock_venue(folder), _nested(folder):
        before = read_if_there(folder)
        with open_entry(folder) as pending:
            try:
                yield work
            except BaseException:
                pending.append(
                    action, work.what, user=actor.name, role=actor.role.value, outcome=Outcome.FAILED
                )
                raise
            named = {**work.what, **describe_difference(before, read_if_there(folder))}
            pending.append(action, named, user=actor.name, role=actor.role.value)


def changes_venue(
    permission: Permission, action: str, naming: Callable[..., Mapping[str, object]] | None = None
) -> Callable[[Callable[Concatenate[Path, P], R]], Callable[Concatenate[Path, P], R]]:
    """Wrap an operation, whose first argument is a venue's folder, in `changing` and the venue's lock.

    Args:
        naming: returns names for the log from the other arguments, beyond the differences in
            ``venue.toml``.
    """

    def decorate(change: Callable[Concatenate[Path, P], R]) -> Callable[Concatenate[Path, P], R]:
        @functools.wraps(change)
        def change_guarded(folder: Path, /, *args: P.args, **kwargs: P.kwargs) -> R:
            what = naming(*args, **kwargs) if naming is not None else None
            with changing(folder, permission, action, what):
                return change(folder, *args, **kwargs)

        return change_guarded

    return decorate


def _is_nested(folder: Path) -> bool:
    return folder.resolve() in getattr(_NESTED, "folders", ())


@contextmanager
def _nested(folder: Path) -> Iterator[None]:
    before = getattr(_NESTED, "folders", ())
    _NESTED.folders = (*before, folder.resolve())
    try:
        yield
    finally:
        _NESTED.folders = before


def export_csv_file(
    folder: Path, *, path: Path, titles: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """Export a venue's figures with `write_csv_file`, with permission check and audit entry.

    Raises:
        AccessError: the current user may not export.
        OutputError: as `write_csv_file`.
    """
    with doing(folder, Permission.EXPORT_REPORTS, "table exported", {"file": path.name}):
        write_csv_file(path=path, titles=titles, rows=rows)


def export_file(folder: Path, *, path: Path, content: bytes) -> None:
    """Export a picture or the figures of a chart, with permission check and audit entry.

    Raises:
        AccessError: the current user may not export.
        OutputError: as `write_file`.
    """
    with doing(folder, Permission.EXPORT_REPORTS, "picture exported", {"file": path.name}):
        write_file(path, content)
