"""Changes to how other systems may ask about a venue."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import VenueError
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.integrations.rest.access_tokens import AccessToken, Scope, make_token, read_tokens, write_tokens
from app.integrations.rest.rest_settings import RestSettings, write_rest


@changes_venue(
    Permission.INTEGRATE,
    "REST settings changed",
    lambda settings: {"enabled": settings.is_enabled, "host": settings.host, "port": settings.port},
)
def save_rest(folder: Path, settings: RestSettings) -> RestSettings:
    """Say whether and where other systems may ask.

    Raises:
        VenueError: something of it cannot be; nothing was changed.
    """
    write_rest(folder, settings)
    return settings


@changes_venue(
    Permission.INTEGRATE,
    "token added",
    lambda name, scopes, **_: {"token": name, "scopes": ", ".join(sorted(scopes))},
)
def add_token(
    folder: Path, name: str, scopes: Collection[Scope], *, clock: Clock | None = None
) -> tuple[AccessToken, str]:
    """Let another system ask: the token as it is kept, and its secret, which cannot be shown again.

    Raises:
        VenueError: it has no name or may ask nothing; nothing was changed.
    """
    now_utc_s = (clock or SystemClock()).now_utc_s()
    token, secret = make_token(name, frozenset(scopes), now_utc_s=now_utc_s)
    write_tokens(folder, (*read_tokens(folder), token))
    return token, secret


@changes_venue(Permission.INTEGRATE, "token revoked", lambda token_id, **_: {"token": token_id})
def revoke_token(folder: Path, token_id: str, *, clock: Clock | None = None) -> AccessToken:
    """Let a token open nothing from now on, also in a server that runs.

    Raises:
        VenueError: there is none of this identifier.
    """
    tokens = read_tokens(folder)
    found = next((token for token in tokens if token.token_id == token_id), None)
    if found is None:
        raise VenueError(
            "There is no token '{token}'.",
            "List them with: python -m app token list --venue {folder}",
            token=token_id,
            folder=str(folder),
        )
    if found.revoked_utc is not None:
        return found
    revoked_utc = datetime.fromtimestamp(int((clock or SystemClock()).now_utc_s()), UTC)
    revoked = dataclasses.replace(found, revoked_utc=revoked_utc)
    write_tokens(folder, [revoked if token is found else token for token in tokens])
    return revoked
