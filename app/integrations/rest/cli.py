"""The ``rest`` and ``token`` commands."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.console.console import print_json, print_message, print_table
from app.console.language import tr
from app.integrations.rest.access_tokens import AccessToken, Scope
from app.integrations.rest.rest_settings import DEFAULT_PORT

app = typer.Typer(help="Configure the REST server for other systems.")
token_app = typer.Typer(help="Manage the access tokens of other systems.")
_VenueOption = Annotated[Path, typer.Option("--venue", help="The venue's folder.")]


@app.command("on")
def switch_on(
    venue: _VenueOption,
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
def switch_off(venue: _VenueOption) -> None:
    """Disable the REST server."""
    import dataclasses

    from app.integrations.rest.rest_settings import read_rest, save_rest

    save_rest(venue, dataclasses.replace(read_rest(venue), is_enabled=False))
    print_message(tr("The REST server is disabled; restart 'serve' to apply this."))


@app.command("show")
def show(
    venue: _VenueOption,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show the settings of the REST server."""
    from dataclasses import asdict

    from app.integrations.rest.rest_settings import read_rest

    settings = read_rest(venue)
    if as_json:
        print_json({**asdict(settings), "url": settings.url})
    elif settings.is_enabled:
        print_message(tr("The REST server is enabled at {url}.", url=settings.url))
    else:
        print_message(tr("The REST server is disabled."))


@token_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Name of the system that uses it.")],
    venue: _VenueOption,
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


@token_app.command("list")
def list_tokens(
    venue: _VenueOption,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List all tokens, without their secrets."""
    from app.integrations.rest.access_tokens import read_tokens

    tokens = read_tokens(venue)
    if as_json:
        print_json([_describe(token) for token in tokens])
        return
    print_table(
        [tr("Token"), tr("Name"), tr("Access to"), tr("Created"), tr("Revoked")],
        [
            [
                token.token_id,
                token.name,
                ", ".join(sorted(scope.value for scope in token.scopes)),
                _format(token.created_utc),
                _format(token.revoked_utc),
            ]
            for token in tokens
        ],
    )


@token_app.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(help="Identifier of the token, as shown by 'token list'.")],
    venue: _VenueOption,
) -> None:
    """Revoke a token, with immediate effect."""
    from app.integrations.rest.rest_settings import revoke_token

    revoked = revoke_token(venue, token)
    print_message(tr("The token of '{name}' was revoked.", name=revoked.name))


def _describe(token: AccessToken) -> dict[str, object]:
    return {
        "id": token.token_id,
        "name": token.name,
        "scopes": sorted(scope.value for scope in token.scopes),
        "created_utc": _format(token.created_utc),
        "revoked_utc": _format(token.revoked_utc) or None,
    }


def _format(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
