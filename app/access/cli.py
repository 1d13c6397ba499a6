"""Define the commands ``user`` and ``audit``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.console.console import print_json, print_message, print_table
from app.console.language import tr, translate

audit_app = typer.Typer(help="Read and export a venue's audit log.", no_args_is_help=True)
_Venue = Annotated[Path, typer.Option("--venue", help="The venue's folder.")]
_From = Annotated[
    str | None, typer.Option("--from", help="Start: a day such as 2026-11-25, or a time in UTC.")
]
_To = Annotated[str | None, typer.Option("--to", help="End: a day (inclusive), or a time in UTC.")]
_Of = Annotated[str | None, typer.Option("--of", help="Only actions of this user.")]
_Refused = Annotated[bool, typer.Option("--refused", help="Only refused actions.")]
_Json = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


@audit_app.command("show")
def show(
    venue: _Venue,
    start: _From = None,
    end: _To = None,
    of: _Of = None,
    refused: _Refused = False,
    text: Annotated[str, typer.Option(help="Only entries that contain this text.")] = "",
    last: Annotated[int, typer.Option(help="Maximum number of entries, newest first.", min=1)] = 50,
    as_json: _Json = False,
) -> None:
    """Show the newest entries, in UTC."""
    from app.access.audit_entries import AuditFilter, describe_entry, list_entries
    from app.access.audit_log import Outcome

    entry_filter = AuditFilter(
        *_parse_period(venue, start, end),
        of,
        Outcome.REFUSED if refused else None,
        text,
        max_count=last,
    )
    entries = list_entries(venue, entry_filter)
    if as_json:
        print_json([describe_entry(entry) for entry in entries])
        return
    rows = []
    for entry in entries:
        described = describe_entry(entry)
        what = tr("; ").join(
            tr("{key}: {name}", key=translate(key), name=name) for key, name in entry.what.items()
        )
        rows.append(
            (
                entry.number,
                described["time_utc"],
                entry.user or translate(entry.role),
                translate(entry.action),
                translate(entry.outcome.value),
                what,
            )
        )
    print_table((tr("No."), tr("Time (UTC)"), tr("User"), tr("Action"), tr("Outcome"), tr("What")), rows)


@audit_app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="CSV file, or JSON lines if it ends in .jsonl.")],
    venue: _Venue,
    start: _From = None,
    end: _To = None,
) -> None:
    """Export the log to a file."""
    from app.access.audit_entries import AuditFilter, export_entries

    count = export_entries(venue, file, AuditFilter(*_parse_period(venue, start, end)))
    print_message(tr("{count} entries written to {path}.", count=count, path=file))


def _parse_period(venue: Path, start: str | None, end: str | None) -> tuple[float | None, float | None]:
    if start is None and end is None:
        return None, None
    from app.core.file_format import read_venue
    from app.core.periods import parse_limits

    return parse_limits(read_venue(venue).exhibition, start, end)


user_app = typer.Typer(
    help="Manage the users of a venue and their roles. Roles protect against mistakes and casual misuse, "
    "not against users with write access to the venue's folder.",
    no_args_is_help=True,
)
_Name = Annotated[str, typer.Argument(help="Name of the user.")]
_Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


class PersonRole(StrEnum):
    """A role of a person."""

    STAFF = "staff"
    MANAGER = "manager"
    INSTALLER = "installer"
    ADMINISTRATOR = "administrator"


@user_app.command("add")
def add(
    name: _Name,
    venue: _Venue,
    role: Annotated[PersonRole, typer.Option(help="Role of the user; see 'user roles'.")],
    password_stdin: _Stdin = False,
) -> None:
    """Add a user with a PIN of at least 6 digits or a password of at least 8 characters."""
    from app.access.roles import Role
    from app.access.users import add_user

    add_user(venue, name=name, role=Role(role.value), secret=_read_secret(name, password_stdin))
    print_message(tr("'{name}' may use the venue as {role}.", name=name, role=translate(role.value)))


@user_app.command("list")
def list_users(
    venue: _Venue,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the users of the venue."""
    from analytics.domain.clock import format_utc
    from app.access.access_file import read_access
    from app.access.guard import require
    from app.access.roles import Permission

    require(venue, Permission.ADMINISTER_USERS, action="users listed")
    users = read_access(venue).users
    if as_json:
        print_json(
            [
                {"name": u.name, "role": u.role.value, "created_utc": format_utc(u.created_utc.timestamp())}
                for u in users
            ]
        )
        return
    if not users:
        print_message(tr("The venue has no users: it is open to everybody with access to its folder."))
        return
    print_table((tr("User"), tr("Role")), [(user.name, translate(user.role.value)) for user in users])


@user_app.command("remove")
def remove(name: _Name, venue: _Venue) -> None:
    """Remove a user."""
    from app.access.users import remove_user

    after = remove_user(venue, name)
    print_message(tr("'{name}' may no longer use the venue.", name=name))
    if after.is_open:
        print_message(tr("The venue has no users: it is open to everybody with access to its folder."))


@user_app.command("role")
def role(
    name: _Name,
    new_role: Annotated[PersonRole, typer.Argument(help="New role.")],
    venue: _Venue,
) -> None:
    """Change the role of a user."""
    from app.access.roles import Role
    from app.access.users import change_role

    change_role(venue, name, Role(new_role.value))
    print_message(tr("'{name}' may use the venue as {role}.", name=name, role=translate(new_role.value)))


@user_app.command("password")
def password(name: _Name, venue: _Venue, password_stdin: _Stdin = False) -> None:
    """Set a new PIN or password for a user."""
    from app.access.users import change_secret

    change_secret(venue, name, _read_secret(name, password_stdin))
    print_message(tr("The password of '{name}' was changed.", name=name))


@user_app.command("locking")
def locking(
    venue: _Venue,
    minutes: Annotated[
        int | None, typer.Option(help="Minutes without input until the window locks; 0 for never.")
    ] = None,
    wall: Annotated[
        bool | None, typer.Option("--wall/--no-wall", help="Whether a wall screen starts without signing in.")
    ] = None,
) -> None:
    """Show or change when the window locks automatically."""
    from app.access.users import set_locking

    access = set_locking(venue, lock_after_min=minutes, wall_needs_no_sign_in=wall)
    if access.lock_after_min:
        print_message(tr("The window locks after {minutes} minutes.", minutes=access.lock_after_min))
    else:
        print_message(tr("The window does not lock automatically."))


@user_app.command("roles")
def roles() -> None:
    """Show what each role may do."""
    from app.access.roles import ROLES_OF_PEOPLE, Permission, may

    print_table(
        (tr("May"), *(translate(known.value) for known in ROLES_OF_PEOPLE)),
        [
            (
                translate(permission.value),
                *("x" if may(known, permission) else "" for known in ROLES_OF_PEOPLE),
            )
            for permission in Permission
        ],
    )


def _read_secret(name: str, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(
        typer.prompt(
            tr("New password of {user}", user=name), hide_input=True, confirmation_prompt=True, err=True
        )
    )
