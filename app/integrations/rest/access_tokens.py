"""The tables ``tokens`` of ``integrations.toml``: by what other systems are known, and what each may ask.

A token is 256 random bits that are shown once; kept is its SHA-256 alone. There is no need of a slow hash:
nobody can try 2 to the power of 256 tokens.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter

from analytics.domain.errors import VenueError
from app.core.toml_file import Sorted, UtcTime
from app.integrations.integrations_file import read_table, replace_table

TABLE = "tokens"
PREFIX = "expoflow_"
"""By which programs that look for secrets in files know one of ours."""
MAX_NAME = 60
_SECRET_BYTES = 32


class Scope(StrEnum):
    """What a token may ask."""

    NOW = "now"
    """What is now: zones, lines, cameras, alarms, events."""
    HISTORY = "history"
    """What was kept of hours and days."""
    METRICS = "metrics"
    """Figures for Prometheus."""


def _require_digest(sha256: str) -> str:
    if len(bytes.fromhex(sha256)) != hashlib.sha256().digest_size:
        raise ValueError("not a SHA-256")
    return sha256.lower()


@dataclass(frozen=True, slots=True)
class AccessToken:
    """One token; times are UTC.

    Attributes:
        token_id: names it in lists and logs; tells nothing of the secret.
        name: who uses it.
        sha256: of the whole token as it is sent, in hexadecimal.
        revoked_utc: since when it opens nothing; None while it does.
    """

    token_id: Annotated[str, Field(alias="id")]
    name: str
    scopes: Annotated[frozenset[Scope], Sorted]
    sha256: Annotated[str, AfterValidator(_require_digest)] = field(repr=False)
    created_utc: UtcTime
    revoked_utc: UtcTime | None = None


_TABLES = TypeAdapter(tuple[AccessToken, ...])


def make_token(name: str, scopes: frozenset[Scope], *, now_utc_s: float) -> tuple[AccessToken, str]:
    """A new token, and the secret that is shown once and kept nowhere.

    Raises:
        VenueError: it has no name, or may ask nothing.
    """
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise VenueError(
            "'{name}' is no name for a token.",
            "Give it one of up to {most} characters that says who uses it.",
            name=name,
            most=MAX_NAME,
        )
    if not scopes:
        raise VenueError(
            "A token that may ask nothing is of no use.",
            "Choose at least one of: {scopes}.",
            scopes=", ".join(scope.value for scope in Scope),
        )
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    created = datetime.fromtimestamp(int(now_utc_s), UTC)
    return AccessToken(secrets.token_hex(4), name.strip(), scopes, hash_secret(secret), created), secret


def hash_secret(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_token(tokens: Sequence[AccessToken], secret: str) -> AccessToken | None:
    """Whose token it is; None where it is nobody's, or was revoked. Takes as long whatever was sent."""
    digest = hash_secret(secret)
    found = None
    for token in tokens:
        if hmac.compare_digest(token.sha256, digest):
            found = token
    return None if found is None or found.revoked_utc is not None else found


def read_tokens(folder: Path) -> tuple[AccessToken, ...]:
    """All tokens of a venue, revoked ones too, the oldest first.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    return read_table(folder, TABLE, _TABLES.validate_python) or ()


def write_tokens(folder: Path, tokens: Sequence[AccessToken]) -> None:
    """Replace all tokens of a venue.

    Raises:
        VenueError: the file cannot be written; it stays as it was.
    """
    replace_table(folder, TABLE, _TABLES.dump_python(tuple(tokens), by_alias=True, exclude_none=True))
