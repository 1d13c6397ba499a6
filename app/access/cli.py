"""Define the commands ``user`` and ``audit``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.console.console import print_message
from app.console.language import tr, translate
from app.console.options import PasswordFromInput, VenueOption

audit_app = typer.Typer(help="Export a venue's audit log.", no_args_is_help=True)
_From = Annotated[
    str | None, typer.Option("--from", help="Start: a day such as 2026-11-25, or a time in UTC.")
]
_To = Annotated[str | None, typer.Option("--to", help="End: a day (inclusive), or a time in UTC.")]


@audit_app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="CSV file, or JSON lines if it ends in .jsonl.")],
    venue: VenueOption,
    start: _From = None,
    end: _To = None,
) -> None:
    """Export the log to a file."""
    from app.access.audit_entries import export_entries

    from_utc_s, to_utc_s = _parse_period(venue, start, end)
    count = export_entries(venue, file, from_utc_s=from_utc_s, to_utc_s=to_utc_s)
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


class PersonRole(StrEnum):
    """A role of a person."""

    STAFF = "staff"
    MANAGER = "manager"
    INSTALLER = "installer"
    ADMINISTRATOR = "administrator"


@user_app.command("add")
def add(
    name: _Name,
    venue: VenueOption,
    role: Annotated[PersonRole, typer.Option(help="Role of the user.")],
    password_stdin: PasswordFromInput = False,
) -> None:
    """Add a user with a PIN of at least 6 digits or a password of at least 8 characters."""
    from app.access.roles import Role
    from app.access.users import add_user

    add_user(venue, name=name, role=Role(role.value), secret=_read_secret(name, password_stdin))
    print_message(tr("'{name}' may use the venue as {role}.", name=name, role=translate(role.value)))


@user_app.command("remove")
def remove(name: _Name, venue: VenueOption) -> None:
    """Remove a user."""
    from app.access.users import remove_user

    after = remove_user(venue, name)
    print_message(tr("'{name}' may no longer use the venue.", name=name))
    if after.is_open:
        print_message(tr("The venue has no users: it is open to everybody with access to its folder."))


@user_app.command("password")
def password(name: _Name, venue: VenueOption, password_stdin: PasswordFromInput = False) -> None:
    """Set a new PIN or password for a user."""
    from app.access.users import change_secret

    change_secret(venue, name, _read_secret(name, password_stdin))
    print_message(tr("The password of '{name}' was changed.", name=name))


def _read_secret(name: str, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(
        typer.prompt(
            tr("New password of {user}", user=name), hide_input=True, confirmation_prompt=True, err=True
        )
    )
