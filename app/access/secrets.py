"""Check, hash and verify PINs and passwords of users."""

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
    """Reject a PIN or password that is easy to guess.

    Raises:
        CredentialError: describes the weakness without repeating the secret.
    """
    if secret.isdigit():
        if len(secret) < MIN_PIN:
            raise CredentialError("The PIN is too short.", "Use at least {digits} digits.", digits=MIN_PIN)
        if len(set(secret)) == 1 or any(secret in row for row in _ROWS):
            raise CredentialError(
                "The PIN is too easy to guess.",
                "Do not use sequences such as 123456 or 000000.",
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
            "The password is too easy to guess.",
            "Do not use the user's name or a single repeated character.",
        )


def hash_secret(secret: str) -> str:
    """Return the argon2id hash with the parameters of RFC 9106 for little memory, as text that names them."""
    return _hasher().hash(secret)


def is_secret(secret: str, secret_hash: str | None) -> bool:
    """Return whether a secret matches a hash; takes the same time without a hash (unknown user)."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(secret_hash or _placeholder_hash(), secret) and secret_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _placeholder_hash() -> str:
    return hash_secret("nobody has this password")
