"""The ``public`` commands."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import typer

from app.console.console import print_message
from app.console.language import tr
from app.console.options import VenueOption

app = typer.Typer(help="Publish how busy the hall is, for visitors' phones and signs at doors.")


@app.command("on")
def switch_on(
    venue: VenueOption,
    zone: Annotated[
        list[str] | None, typer.Option(help="A zone to publish; may be repeated; replaces the former ones.")
    ] = None,
    hall: Annotated[bool | None, typer.Option("--hall/--no-hall", help="Publish the whole hall.")] = None,
    host: Annotated[
        str | None,
        typer.Option(help="127.0.0.1 for this computer only, one of its network addresses, or 0.0.0.0."),
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    address: Annotated[
        str | None, typer.Option(help="Address for visitors, such as https://expo.example.org.")
    ] = None,
    data: Annotated[
        bool | None,
        typer.Option("--data/--no-data", help="Publish the zones' visits by hour of closed days."),
    ] = None,
    licence: Annotated[str | None, typer.Option(help="Web address of the licence of the data.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Name of the publisher of the data.")] = None,
) -> None:
    """Enable the public pages, which ``serve`` answers; what is not given stays as it is."""
    from app.core.file_format import read_venue
    from app.integrations.public.public_settings import check_zones, read_public, save_public

    given: dict[str, Any] = {
        "zones": None if zone is None else tuple(zone),
        "shows_hall": hall,
        "host": host,
        "port": port,
        "address": address,
        "has_data": data,
        "licence": licence,
        "publisher": publisher,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    settings = dataclasses.replace(read_public(venue), is_enabled=True, **changed)
    check_zones(settings, read_venue(venue))
    save_public(venue, settings)
    print_message(
        tr(
            "Visitors find {url} while this runs: python -m app serve --venue {folder}",
            url=settings.visitors_url,
            folder=venue,
        )
    )


@app.command("off")
def switch_off(venue: VenueOption) -> None:
    """Disable the public pages."""
    from app.integrations.public.public_settings import read_public, save_public

    save_public(venue, dataclasses.replace(read_public(venue), is_enabled=False))
    print_message(tr("The public pages are disabled; restart 'serve' to apply this."))


@app.command("show")
def show(venue: VenueOption) -> None:
    """Print what is published, with the address of every page."""
    from app.integrations.public.public_settings import read_public

    settings = read_public(venue)
    state = tr("switched on") if settings.is_enabled else tr("switched off")
    print_message(tr("{name}: {value}", name=tr("Public pages"), value=state))
    typer.echo(settings.visitors_url)
    for name in (*([""] if settings.shows_hall else []), *settings.zones):
        typer.echo(settings.make_sign_url(name))
    if settings.has_data:
        typer.echo(settings.catalogue_url)
