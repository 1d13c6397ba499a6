"""Access tokens of other systems, in the tables ``tokens`` of ``integrations.toml``.

A token has 256 random bits, of which only the SHA-256 is stored. A slow hash is not needed, as 2^256 tokens
cannot be tried.
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
"""Prefix by which secret scanners recognise a token."""
MAX_NAME = 60
_SECRET_BYTES = 32


class Scope(StrEnum):
    """A permission of a token."""

    NOW = "now"
    """Live state: zones, lines, cameras, alarms, events."""
    HISTORY = "history"
    """Stored results of hours and days."""
    METRICS = "metrics"
    """Metrics for Prometheus."""


def _require_digest(sha256: str) -> str:
    if len(bytes.fromhex(sha256)) != hashlib.sha256().digest_size:
        raise ValueError("not a SHA-256")
    return sha256.lower()


@dataclass(frozen=True, slots=True)
class AccessToken:
    """One token; times are UTC.

    Attributes:
        token_id: identifies it in lists and logs; unrelated to the secret.
        name: the system that uses it.
        sha256: of the whole token as sent, in hexadecimal.
        revoked_utc: time of revocation; None while valid.
    """

    token_id: Annotated[str, Field(alias="id")]
    name: str
    scopes: Annotated[frozenset[Scope], Sorted]
    sha256: Annotated[str, AfterValidator(_require_digest)] = field(repr=False)
    created_utc: UtcTime
    revoked_utc: UtcTime | None = None


_TABLES = TypeAdapter(tuple[AccessToken, ...])


def make_token(name: str, scopes: frozenset[Scope], *, now_utc_s: float) -> tuple[AccessToken, str]:
    """Return a new token and its secret, which is not stored.

    Raises:
        VenueError: the name is invalid, or there is no scope.
    """
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise VenueError(
            "'{name}' is not a valid token name.",
            "Enter up to {most} characters that identify the system using it.",
            name=name,
            most=MAX_NAME,
        )
    if not scopes:
        raise VenueError(
            "The token has no access to anything.",
            "Choose at least one of: {scopes}.",
            scopes=", ".join(scope.value for scope in Scope),
        )
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    created = datetime.fromtimestamp(int(now_utc_s), UTC)
    return AccessToken(secrets.token_hex(4), name.strip(), scopes, hash_secret(secret), created), secret


def hash_secret(secret: str) -> str:
    """Return the digest that is stored in place of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_token(tokens: Sequence[AccessToken], secret: str) -> AccessToken | None:
    """Return the token of a secret in constant time; None if it is unknown or revoked."""
    digest = hash_secret(secret)
    found = None
    for token in tokens:
        if hmac.compare_digest(token.sha256, digest):
            found = token
    return None if found is None or found.revoked_utc is not None else found


def read_tokens(folder: Path) -> tuple[AccessToken, ...]:
    """Return all tokens of a venue, oldest first, revoked ones included.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    return read_table(folder, TABLE, _TABLES.validate_python) or ()


def write_tokens(folder: Path, tokens: Sequence[AccessToken]) -> None:
    """Replace all tokens of a venue.

    Raises:
        VenueError: the file cannot be written; it is unchanged.
    """
    replace_table(folder, TABLE, _TABLES.dump_python(tuple(tokens), by_alias=True, exclude_none=True))
