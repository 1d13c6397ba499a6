"""``service``: record a venue by a service of the system, which starts with the machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import EXIT_FAILED, print_json, print_table, say
from app.cli.language import tr, translate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analytics.domain.errors import Phrase

app = typer.Typer(
    help="Record a venue by a service that starts with the machine (systemd).",
    no_args_is_help=True,
)

Venue = Annotated[Path, typer.Option(help="The venue's folder, where its account can reach it: /srv.")]


@app.command("install")
def install(
    venue: Venue,
    user: Annotated[
        str, typer.Option(help="Who opens the window: may look on and edit. Left out: who called sudo.")
    ] = "",
) -> None:
    """Make the account, give it the venue, write the unit and start it. Needs root; says what it did."""
    from app.operations.record_service import ServiceSystem, install_service
    from app.operations.service_passwords import list_cameras_without_password

    system = ServiceSystem()
    _say_all(install_service(venue, system, user=user or os.environ.get("SUDO_USER", "")))
    missing = list_cameras_without_password(venue, system)
    if missing:
        say(tr("The service has no password for: {cameras}.", cameras=", ".join(missing)))
        say(tr("Where a camera needs one: {command}", command=f"service password --venue {venue} CAMERA"))
    say(tr("Watch it: {command}", command=f"service status --venue {venue}"))


@app.command("remove")
def remove(venue: Venue) -> None:
    """Stop the service and let it start no more; the venue and what was recorded stay. Needs root."""
    from app.operations.record_service import remove_service

    _say_all(remove_service(venue))


@app.command("status")
def status(
    venue: Venue,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Say whether the service is installed and runs, and who records the venue; status 1: nobody does."""
    from analytics.domain.clock import format_utc
    from app.operations.record_service import find_service
    from app.recorder.announcement import find_recorder

    state, recorder = find_service(venue), find_recorder(venue)
    if as_json:
        print_json(
            {
                "unit": state.unit,
                "installed": state.is_installed,
                "enabled": state.enabled,
                "active": state.active,
                "detail": state.detail,
                "recorder": None
                if recorder is None
                else {
                    "kind": recorder.kind.value,
                    "process": recorder.pid,
                    "account": recorder.account,
                    "since_utc": format_utc(recorder.since_utc_s),
                },
            }
        )
    else:
        yes_no = {True: tr("yes"), False: tr("no")}
        nobody = tr("nobody on this machine")
        who = nobody if recorder is None else f"{recorder.kind.value}, {recorder.account}, {recorder.pid}"
        print_table(
            ("", ""),
            [
                (tr("unit"), state.unit),
                (tr("installed"), yes_no[state.is_installed]),
                (tr("starts with the machine"), yes_no[state.enabled]),
                (tr("state"), " ".join(part for part in (state.active, state.detail, state.status) if part)),
                (tr("the venue is recorded by"), who),
            ],
        )
    if recorder is None:
        raise typer.Exit(EXIT_FAILED)


@app.command("password")
def password(
    venue: Venue,
    camera: Annotated[str, typer.Argument(help="The camera's name.")],
    user: Annotated[str, typer.Option(help="The user's name at the camera.")],
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
) -> None:
    """Keep a camera's password for the service. Needs root.

    A service has no keyring. Its passwords lie in an encrypted file in /var/lib/expoflow/settings, the key
    beside it; its account and root alone may read both. That protects a copy of the file, not against root.
    """
    from app.operations.record_service import ServiceSystem
    from app.operations.service_passwords import store_for_service
    from app.venue.credential_store import Credential

    system = ServiceSystem()
    system.require()
    words = tr("Password of {user} at {camera}", user=user, camera=camera)
    secret = sys.stdin.readline().rstrip("\r\n") if password_stdin else typer.prompt(words, hide_input=True)
    store_for_service(venue, camera=camera, credential=Credential(user, secret), system=system)
    say(tr("The service has the password of {camera} from its next start on.", camera=camera))


@app.command("unit")
def unit() -> None:
    """Show the unit that would be written, for another place or another manager."""
    from app.operations.record_service import find_program, find_working_folder
    from app.operations.service_unit import write_unit

    sys.stdout.write(write_unit(find_program(), working_folder=find_working_folder()))


def _say_all(done: Sequence[Phrase]) -> None:
    from analytics.domain.errors import fill_template

    for phrase in done:
        say(fill_template(phrase.template, phrase.fields, translate))
