"""The ``site`` commands."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json, print_message, print_table
from app.console.language import tr, translate_phrase
from app.console.options import AsJson, VenueOption

if TYPE_CHECKING:
    from app.core.credentials import CredentialStore
    from app.site.join import JoinPreview
    from app.site.site_document import DatabaseAddress

app = typer.Typer(
    help="Run several machines and halls as one site on a PostgreSQL server.", no_args_is_help=True
)
ADDRESS_VARIABLE = "EXPOFLOW_SITE_DATABASE"
_AddressFile = Annotated[
    Path | None,
    typer.Option(
        "--address-file",
        help="File with the database's address; otherwise EXPOFLOW_SITE_DATABASE, or you are asked.",
    ),
]
_Machine = Annotated[str, typer.Option("--machine", help="Name of this machine; by default its host name.")]
_MachineName = Annotated[str, typer.Argument(metavar="MACHINE", help="Name of the machine.")]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Name of the site.")],
    venue: VenueOption,
    hall: Annotated[
        str, typer.Option(help="Name of the venue as a hall of the site; by default its folder's.")
    ] = "",
    machine: _Machine = "",
    address_file: _AddressFile = None,
) -> None:
    """Create a site in an empty database, with this venue as its first hall."""
    from app.site.join import create_site, synchronise

    address = _read_address(address_file, with_login=True)
    store = _open_credentials()
    made = create_site(
        venue, address=address, name=name, hall=hall, machine=machine or socket.gethostname(), store=store
    )
    synchronise(venue, store=store)
    print_message(
        tr(
            "The site '{site}' was created, with the hall '{hall}' and this machine, '{machine}'.",
            site=made.site,
            hall=made.hall,
            machine=made.machine,
        )
    )
    print_message(tr("To add another machine, make a join code: python -m app site code"))


@app.command("code")
def make_code(
    venue: VenueOption,
    hall: Annotated[
        str, typer.Option(help="Hall that the new machine will help with; without it, it brings a new hall.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Make a code with which one machine can join, within an hour."""
    from app.site.join import describe_address, make_join_code

    made, where = make_join_code(venue, hall=hall or None, store=_open_credentials()), describe_address(venue)
    if as_json:
        print_json({"code": made.code, "expires_utc": made.expires_utc.isoformat(), "address": where})
        return
    typer.echo(made.code)
    print_message(
        tr(
            "On the other machine, until {time} UTC: python -m app site join {code} --venue FOLDER",
            time=f"{made.expires_utc:%H:%M}",
            code=made.code,
        )
    )
    print_message(tr("It will ask for the database's address: {address}", address=where))


@app.command("join")
def join(
    code: Annotated[str, typer.Argument(help="Code made on a machine of the site.")],
    venue: Annotated[
        Path, typer.Option("--venue", help="The venue's folder; to help with a hall, it may be a new one.")
    ],
    hall: Annotated[str, typer.Option(help="Name of the venue as a new hall; by default its folder's.")] = "",
    machine: _Machine = "",
    address_file: _AddressFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before joining.")] = False,
) -> None:
    """Join a site, after showing what will change; history, users and cameras come along."""
    from app.site.join import join_site, preview_join, synchronise

    address = _read_address(address_file, with_login=False)
    machine = machine or socket.gethostname()
    preview = preview_join(venue, address=address, code=code, hall=hall, machine=machine)
    _print_preview(preview)
    if not yes and not typer.confirm(tr("Join the site?"), err=True):
        raise typer.Abort
    store = _open_credentials()
    made = join_site(venue, address=address, code=code, hall=hall, machine=machine, store=store)
    synchronise(venue, store=store)
    print_message(
        tr(
            "This machine, '{machine}', is in the hall '{hall}' of the site '{site}'.",
            machine=made.machine,
            hall=made.hall,
            site=made.site,
        )
    )


@app.command("status")
def status(venue: VenueOption, as_json: AsJson = False) -> None:
    """Show halls, machines, and which machine reads which camera."""
    import dataclasses

    from app.site.site_status import read_status

    found = read_status(venue, store=_open_credentials())
    if as_json:
        print_json(dataclasses.asdict(found))
        return
    print_table(
        (tr("Name"), tr("Hall"), tr("State"), tr("Cameras"), tr("Load"), tr("Clock"), tr("Free disk")),
        [
            (
                tr("{machine} (this one)", machine=one.name) if one.is_this else one.name,
                one.hall,
                _describe_state(one.is_alive, one.is_draining, one.heartbeat_age_s),
                len(one.cameras),
                "–" if one.busy_share is None else f"{one.busy_share:.0%}",
                "–" if one.clock_offset_s is None else f"{one.clock_offset_s * 1000.0:+.0f} ms",
                "–" if one.disk_free_gb is None else f"{one.disk_free_gb:.0f} GB",
            )
            for one in found.machines
        ],
        title=found.site,
    )
    print_table(
        (tr("Camera"), tr("Hall"), tr("Read by"), tr("Chosen machine")),
        [(one.name, one.hall, one.machine or "–", one.wanted_machine or "–") for one in found.cameras],
    )
    if found.jobs:
        print_table(
            (tr("No."), tr("Job"), tr("Hall"), tr("State")),
            [
                (one.number, translate_phrase(one.title), one.hall, translate_phrase(one.state))
                for one in found.jobs
            ],
        )


@app.command("upgrade")
def upgrade(address_file: _AddressFile = None) -> None:
    """Bring the site's database to this version; once, after every machine has it."""
    from app.site.join import upgrade_site

    before, after = upgrade_site(address=_read_address(address_file, with_login=True))
    print_message(
        tr("The site's database has version {version}, as this program needs.", version=after)
        if before == after
        else tr(
            "The site's database was brought from version {before} to {after}.", before=before, after=after
        )
    )


@app.command("run")
def run(
    venue: VenueOption,
    hub: Annotated[
        Path | None,
        typer.Option("--hub", help="Folder for the history of every hall, if this machine may write it."),
    ] = None,
) -> None:
    """Record the cameras that fall to this machine and send its data, until stopped (Ctrl+C)."""
    import signal
    import threading

    from app.site.run_machine import run_machine
    from vision.pipeline.child_link import END_SIGNALS

    stop = threading.Event()
    for number in (signal.SIGINT, *END_SIGNALS):
        signal.signal(number, lambda *_details: stop.set())
    run_machine(venue, store=_open_credentials(), stop_event=stop, hub_folder=hub)


@app.command("remove")
def remove(machine: _MachineName, venue: VenueOption) -> None:
    """Remove another machine from the site, such as a broken or stolen one."""
    from app.site.join import remove_machine

    remove_machine(venue, machine, store=_open_credentials())
    print_message(tr("'{machine}' can no longer use the site.", machine=machine))


@app.command("leave")
def leave(
    venue: VenueOption,
    offline: Annotated[
        bool, typer.Option("--offline", help="Forget the site here only, if its server is gone for good.")
    ] = False,
) -> None:
    """Leave the site; history, users, cameras and settings stay here."""
    from app.site.join import leave_site

    left = leave_site(venue, store=_open_credentials(), offline=offline)
    print_message(
        tr("This machine has left the site '{site}'. Everything recorded here stays.", site=left.site)
    )


def _describe_state(is_alive: bool, is_draining: bool, age_s: float | None) -> str:
    if is_draining:
        return tr("handing over")
    if is_alive:
        return tr("running")
    return (
        tr("not started yet") if age_s is None else tr("silent for {minutes} min", minutes=int(age_s // 60))
    )


def _print_preview(preview: JoinPreview) -> None:
    if preview.is_new_hall:
        print_message(
            tr(
                "This venue becomes the hall '{hall}' of the site '{site}'.",
                hall=preview.hall,
                site=preview.site,
            )
        )
        return
    print_message(
        tr(
            "This machine will help with the hall '{hall}' of the site '{site}'.",
            hall=preview.hall,
            site=preview.site,
        )
    )
    rows = [(part, tr("added to the hall")) for part in preview.added]
    rows += [(part, tr("becomes as in the hall")) for part in preview.replaced]
    if rows:
        print_table((tr("Setting"), tr("What happens")), rows)


def _read_address(file: Path | None, *, with_login: bool) -> DatabaseAddress:
    """Return the database's address from a file, the environment or a prompt, never from an argument."""
    from app.error_reporting import convert_error
    from app.site.schema import SiteError
    from app.site.site_document import parse_address
    from resources.bounded_file import read_bounded

    if file is not None:
        try:
            text = read_bounded(file).decode("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise convert_error(SiteError, error, file=file) from error
    else:
        text = os.environ.get(ADDRESS_VARIABLE, "").strip()
    address = parse_address(text or typer.prompt(tr("Database address (HOST:PORT/DATABASE)"), err=True))
    if not with_login or (address.user and address.password):
        return address
    user = address.user or typer.prompt(tr("Database user who may create users"), err=True)
    return address.with_login(
        user, address.password or typer.prompt(tr("Password of {user}", user=user), hide_input=True, err=True)
    )


def _open_credentials() -> CredentialStore:
    from app.core.credentials import open_credential_store

    return open_credential_store()
