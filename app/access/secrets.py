"""PINs and passwords of users: what is refused, and how one is kept and compared."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from analytics.domain.errors import CredentialError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_PIN = 6
MIN_PASSWORD = 8
MAX_SECRET = 128
_ROWS = ("01234567890123456789", "98765432109876543210")


def check_secret(secret: str, *, name: str) -> None:
    """Refuse a PIN or password that others guess at once.

    Raises:
        CredentialError: says what is wrong with it, without repeating it.
    """
    if secret.isdigit():
        if len(secret) < MIN_PIN:
            raise CredentialError("The PIN is too short.", "Use at least {digits} digits.", digits=MIN_PIN)
        if len(set(secret)) == 1 or any(secret in row for row in _ROWS):
            raise CredentialError(
                "The PIN is a row of digits that everybody tries first.",
                "Use other digits than 123456 or 000000.",
            )
        return
    if len(secret) < MIN_PASSWORD:
        raise CredentialError(
            "The password is too short.",
            "Use at least {characters} characters, or a PIN of at least {digits} digits.",
            characters=MIN_PASSWORD,
            digits=MIN_PIN,
        )
    if len(secret) > MAX_SECRET:
        raise CredentialError(
            "The password is too long.", "Use at most {characters} characters.", characters=MAX_SECRET
        )
    if secret.casefold() == name.casefold() or len(set(secret)) == 1:
        raise CredentialError(
            "The password is one that everybody tries first.",
            "Use other words than the user's name, and more than one letter.",
        )


def hash_secret(secret: str) -> str:
    """argon2id with the parameters of RFC 9106 for little memory, as text that names them."""
    return _hasher().hash(secret)


def is_secret(secret: str, secret_hash: str | None) -> bool:
    """Whether a secret is the one of a hash; takes as long where there is no such user (None)."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(secret_hash or _hash_of_nobody(), secret) and secret_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _hash_of_nobody() -> str:
    return hash_secret("nobody has this password")
