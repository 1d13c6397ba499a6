"""The ``rest`` and ``token`` commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.console.console import print_message
from app.console.language import tr
from app.console.options import VenueOption
from app.integrations.rest.access_tokens import Scope
from app.integrations.rest.rest_settings import DEFAULT_PORT

app = typer.Typer(help="Configure the REST server for other systems.")
token_app = typer.Typer(help="Manage the access tokens of other systems.")


@app.command("on")
def switch_on(
    venue: VenueOption,
    host: Annotated[
        str, typer.Option(help="127.0.0.1 for this computer only, or one of its network addresses.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = DEFAULT_PORT,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="PEM file of the certificate; required unless the host is 127.0.0.1.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file of the private key.")] = None,
    requests_per_min: Annotated[int, typer.Option(help="Requests per minute allowed for each token.")] = 240,
) -> None:
    """Enable the REST server, which runs within ``serve``."""
    from app.integrations.rest.rest_settings import RestSettings, save_rest

    certificate, key = (
        "" if file is None else str(file.expanduser().resolve()) for file in (tls_certificate, tls_key)
    )
    settings = save_rest(venue, RestSettings(True, host, port, certificate, key, requests_per_min))
    print_message(
        tr(
            "The REST server will be at {url} while this runs: python -m app serve --venue {folder}",
            url=settings.url,
            folder=venue,
        )
    )


@app.command("off")
def switch_off(venue: VenueOption) -> None:
    """Disable the REST server."""
    import dataclasses

    from app.integrations.rest.rest_settings import read_rest, save_rest

    save_rest(venue, dataclasses.replace(read_rest(venue), is_enabled=False))
    print_message(tr("The REST server is disabled; restart 'serve' to apply this."))


@token_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Name of the system that uses it.")],
    venue: VenueOption,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="A scope of the token; may be repeated; 'now' by default.")
    ] = None,
) -> None:
    """Create a token, which is printed once and not stored."""
    from app.integrations.rest.rest_settings import add_token

    token, secret = add_token(venue, name, scope or [Scope.NOW])
    print_message(
        tr(
            "The token {id} of '{name}' is shown only once; store it safely:",
            id=token.token_id,
            name=token.name,
        )
    )
    typer.echo(secret)


@token_app.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(help="Identifier of the token, as shown in the settings.")],
    venue: VenueOption,
) -> None:
    """Revoke a token, with immediate effect."""
    from app.integrations.rest.rest_settings import revoke_token

    revoked = revoke_token(venue, token)
    print_message(tr("The token of '{name}' was revoked.", name=revoked.name))
