"""The one place where it is asked whether somebody may do something, and where it is written down.

Who is at work is known to the process, by venue: a person who signed in, a service, the wall, or everybody
in a venue that has no users. Operations ask here, so that a window, a command and whatever comes later obey.
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from analytics.domain.errors import AccessError, ExpoFlowError, OutputError, Phrase, StoreError
from analytics.reports.cell_text import disarm
from app.access.access_file import VenueAccess, read_access
from app.access.audit_log import Outcome, open_entry, record_audit
from app.access.roles import Permission, Role, may, roles_with
from app.core.document import Venue
from app.core.file_format import read_venue
from app.core.venue_lock import lock_venue
from resources.atomic_file import write_bytes_atomically


def read_if_there(folder: Path) -> Venue | None:
    """The venue of a folder; None where it cannot be read, which is for the operation to say."""
    try:
        return read_venue(folder)
    except ExpoFlowError:
        return None


def describe_difference(before: Venue | None, after: Venue | None) -> dict[str, str]:
    """Names of what was added, changed and removed, by part and kind of change, such as ``cameras added``."""
    if before is None or after is None or before == after:
        return {}
    said: dict[str, str] = {}
    for part, find in _NAMED_PARTS.items():
        said |= _compare(part, find(before), find(after))
    for part in ("exhibition", "plan", "corrections"):
        if getattr(before, part) != getattr(after, part):
            said[f"{part} changed"] = before.exhibition.name if part == "exhibition" else part
    said |= _compare_settings(before, after)
    if not said:
        said["versions of the zones"] = f"{len(before.geometry_versions)} -> {len(after.geometry_versions)}"
    return said


def _list_cameras(venue: Venue) -> Mapping[str, object]:
    return {str(entry.name): entry for entry in venue.cameras}


def _list_zones(venue: Venue) -> Mapping[str, object]:
    return {str(zone.name): zone for zone in venue.geometry_at(None).zones}


def _list_lines(venue: Venue) -> Mapping[str, object]:
    return {str(line.name): line for line in venue.geometry_at(None).lines}


def _list_planned(venue: Venue) -> Mapping[str, object]:
    return {str(camera.name): camera for camera in venue.planned_cameras}


def _list_targets(venue: Venue) -> Mapping[str, object]:
    return {str(targets.zone) or "*": targets for targets in venue.targets}


_NAMED_PARTS = {
    "cameras": _list_cameras,
    "zones": _list_zones,
    "lines": _list_lines,
    "planned cameras": _list_planned,
    "targets": _list_targets,
}


def _compare(part: str, before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, str]:
    names = {
        "added": [name for name in after if name not in before],
        "changed": [name for name in after if name in before and after[name] != before[name]],
        "removed": [name for name in before if name not in after],
    }
    return {f"{part} {how}": ", ".join(found) for how, found in names.items() if found}


def _compare_settings(before: Venue, after: Venue) -> dict[str, str]:
    return {
        f"setting {one.name}": f"{was} -> {now}"
        for one in dataclasses.fields(before.settings)
        if (was := getattr(before.settings, one.name)) != (now := getattr(after.settings, one.name))
    }


_LOG = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is at work in a venue; the name is empty for roles that are no person's."""

    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        """Whether they hold a permission."""
        return may(self.role, permission)


EVERYBODY = Actor("", Role.EVERYBODY)
SERVICE = Actor("", Role.SERVICE)
WALL = Actor("", Role.WALL)

_ACTING: dict[Path, Actor] = {}
_ASKERS: list[Callable[[Path], Actor]] = []
_WITHIN = threading.local()


def act_as(folder: Path, actor: Actor | None) -> None:
    """Say who is at work in a venue from now on in this process; None: nobody. Signing in is `sign_in`."""
    if actor is None:
        _ACTING.pop(folder.resolve(), None)
    else:
        _ACTING[folder.resolve()] = actor


def forget_everybody() -> None:
    """Nobody is at work in any venue of this process, as when it began."""
    _ACTING.clear()


def ask_by(asker: Callable[[Path], Actor] | None) -> None:
    """Let somebody be asked who they are where nobody has signed in, as a command line does."""
    _ASKERS[:] = [] if asker is None else [asker]


def find_actor(folder: Path) -> Actor | None:
    """Who is at work in a venue; None: it has users, and nobody has signed in.

    A user who was taken away meanwhile is nobody, and one whose role changed has the new one.

    Raises:
        VenueError: ``access.toml`` cannot be understood.
    """
    return match_actor(folder, read_access(folder))


def match_actor(folder: Path, access: VenueAccess) -> Actor | None:
    """The same, by what ``access.toml`` was read to say."""
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
    """Who is at work, if they may do it; a refusal is in the audit log before it is raised.

    Args:
        action: what would be done, for the audit log.

    Raises:
        AccessError: nobody has signed in, or their role may not do it.
        VenueError: ``access.toml`` cannot be understood.
    """
    actor = find_actor(folder)
    if actor is None and _ASKERS:
        actor = _ASKERS[0](folder)
    if actor is None:
        raise AccessError(
            "Nobody has signed in to '{venue}'.",
            "Sign in first; in a command write: python -m app --user NAME …",
            venue=folder.stem,
        )
    if actor.may(permission):
        return actor
    record_audit(folder, action, what, user=actor.name, role=actor.role.value, outcome=Outcome.REFUSED)
    raise refuse(actor, permission)


def refuse(actor: Actor, permission: Permission) -> AccessError:
    """The error that tells somebody what their role may not do, and who may."""
    return AccessError(
        "The role '{role}' may not do this: {permission}.",
        "Ask somebody whose role may: {roles}.",
        role=Phrase(actor.role.value),
        permission=Phrase(permission.value),
        roles=list_roles(permission),
    )


def list_roles(permission: Permission) -> Phrase:
    """The roles of people that hold a permission, as one phrase."""
    phrases = [Phrase(role.value) for role in roles_with(permission)]
    whole = phrases[0]
    for phrase in phrases[1:]:
        whole = Phrase("{roles}, {role}", {"roles": whole, "role": phrase})
    return whole


@dataclass(slots=True)
class RecordedWork:
    """What is being done; names that are known only afterwards are put into ``what``."""

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
    """Do what may take long, such as an export: asked before, recorded when it ends or fails.

    Args:
        must_be_recorded: False for what matters more than its entry, as a recording does: it goes on, and
            the log file says loudly what is missing. So it is where the venue has no users: a venue on a
            read-only disk can be exported.

    Raises:
        AccessError: as `require`; nothing was done.
        StoreError: it must be recorded, and the audit log cannot be written; nothing was done.
    """
    actor = require(folder, permission, action=action, what=what)
    work = RecordedWork(actor, dict(what or {}))
    if _is_within(folder) or not folder.is_dir():
        yield work
        return
    is_strict = must_be_recorded and actor is not EVERYBODY
    if is_strict:
        with open_entry(folder):
            pass
    outcome = Outcome.FAILED
    try:
        with _within(folder):
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
    """Change a venue: asked before, and recorded with what of ``venue.toml`` differs afterwards.

    The place in the log is held meanwhile, so that a change that could not be recorded is not begun. A change
    within another one is part of its entry.

    Raises:
        AccessError: as `require`; nothing was done.
        StoreError: the audit log cannot be written; nothing was done.
    """
    actor = require(folder, permission, action=action, what=what)
    work = RecordedWork(actor, dict(what or {}))
    if _is_within(folder) or not folder.is_dir():
        yield work
        return
    # what reads a venue is loaded for commands alone that change one

    with lock_venue(folder), _within(folder):
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
    """Let an operation, whose first argument is a venue's folder, be asked for and recorded by `changing`.

    It holds the venue's lock while it runs.

    Args:
        naming: takes the other arguments; gives names for the log, beyond what differs in ``venue.toml``.
    """

    def decorate(change: Callable[Concatenate[Path, P], R]) -> Callable[Concatenate[Path, P], R]:
        @functools.wraps(change)
        def change_guarded(folder: Path, /, *args: P.args, **kwargs: P.kwargs) -> R:
            what = naming(*args, **kwargs) if naming is not None else None
            with changing(folder, permission, action, what):
                return change(folder, *args, **kwargs)

        return change_guarded

    return decorate


def _is_within(folder: Path) -> bool:
    return folder.resolve() in getattr(_WITHIN, "folders", ())


@contextmanager
def _within(folder: Path) -> Iterator[None]:
    before = getattr(_WITHIN, "folders", ())
    _WITHIN.folders = (*before, folder.resolve())
    try:
        yield
    finally:
        _WITHIN.folders = before


def write_csv_file(*, path: Path, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table whole or not at all, as UTF-8 with the mark that spreadsheets know it by.

    Raises:
        OutputError: it cannot be written; what stood there before is still there.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([disarm(title) for title in titles])
    writer.writerows([disarm(cell) for cell in row] for row in rows)
    try:
        write_bytes_atomically(path, text.getvalue().encode("utf-8-sig"))
    except OSError as error:
        raise OutputError(
            "{path} cannot be written: {reason}.",
            "Choose another folder, or close the program that has the file open.",
            path=path,
            reason=error.strerror or type(error).__name__,
        ) from error


def export_csv_file(
    folder: Path, *, path: Path, titles: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """The same for figures of a venue: asked for, and recorded.

    Raises:
        AccessError: who is at work may not export.
        OutputError: as `write_csv_file`.
    """
    with doing(folder, Permission.EXPORT_REPORTS, "table exported", {"file": path.name}):
        write_csv_file(path=path, titles=titles, rows=rows)


def format_tsv(*, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lines of cells with tabs in between, as spreadsheets take them from the clipboard."""
    lines = [titles, *rows]
    return "\n".join("\t".join(disarm(" ".join(cell.split())) for cell in line) for line in lines)
