"""``rest`` and ``token``: whether other systems may ask, where, and who of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.console.console import print_json, print_table, say
from app.console.language import tr
from app.integrations.rest.access_tokens import AccessToken, Scope
from app.integrations.rest.rest_settings import DEFAULT_PORT

app = typer.Typer(help="Whether and where other systems may ask what is now.")
token_app = typer.Typer(help="Who of other systems may ask.")
_VenueOption = Annotated[Path, typer.Option("--venue", help="The venue's folder.")]


@app.command("on")
def switch_on(
    venue: _VenueOption,
    host: Annotated[
        str, typer.Option(help="127.0.0.1 for this machine alone, or one of its addresses.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Where is listened.")] = DEFAULT_PORT,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="PEM file; needed unless only this machine may ask.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file of its key.")] = None,
    requests_per_min: Annotated[int, typer.Option(help="So many answers a minute each token gets.")] = 240,
) -> None:
    """Let other systems ask, once ``serve`` runs."""
    from app.integrations.rest.rest_settings import RestSettings, save_rest

    certificate, key = (
        "" if file is None else str(file.expanduser().resolve()) for file in (tls_certificate, tls_key)
    )
    settings = save_rest(venue, RestSettings(True, host, port, certificate, key, requests_per_min))
    say(
        tr(
            "Other systems may ask at {url}, once this runs: python -m app serve --venue {folder}",
            url=settings.url,
            folder=venue,
        )
    )


@app.command("off")
def switch_off(venue: _VenueOption) -> None:
    """Let nobody ask."""
    import dataclasses

    from app.integrations.rest.rest_settings import read_rest, save_rest

    save_rest(venue, dataclasses.replace(read_rest(venue), is_enabled=False))
    say(tr("Nobody may ask any more, as soon as 'serve' is started again."))


@app.command("show")
def show(
    venue: _VenueOption,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Say whether and where other systems may ask."""
    from dataclasses import asdict

    from app.integrations.rest.rest_settings import read_rest

    settings = read_rest(venue)
    if as_json:
        print_json({**asdict(settings), "url": settings.url})
    elif settings.is_enabled:
        say(tr("Other systems may ask at {url}.", url=settings.url))
    else:
        say(tr("Nobody may ask."))


@token_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Who uses it.")],
    venue: _VenueOption,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may ask, once for each; now if left out.")
    ] = None,
) -> None:
    """Make a token. It is shown once, on standard output, and kept nowhere."""
    from app.integrations.rest.rest_settings import add_token

    token, secret = add_token(venue, name, scope or [Scope.NOW])
    say(tr("Token {id} of '{name}' is shown this once; keep it:", id=token.token_id, name=token.name))
    typer.echo(secret)


@token_app.command("list")
def list_tokens(
    venue: _VenueOption,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Show every token, without its secret."""
    from app.integrations.rest.access_tokens import read_tokens

    tokens = read_tokens(venue)
    if as_json:
        print_json([_describe(token) for token in tokens])
        return
    print_table(
        [tr("Token"), tr("Name"), tr("May ask"), tr("Made"), tr("Revoked")],
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
    token: Annotated[str, typer.Argument(help="As 'token list' names it.")], venue: _VenueOption
) -> None:
    """Let a token open nothing any more, at once."""
    from app.integrations.rest.rest_settings import revoke_token

    revoked = revoke_token(venue, token)
    say(tr("The token of '{name}' opens nothing any more.", name=revoked.name))


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
