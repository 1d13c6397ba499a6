"""Proving a password to a web server without telling it: HTTP Digest, RFC 7616."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_FIELD = re.compile(r'(?P<name>[A-Za-z0-9_-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s",]+))')


def _md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()  # noqa: S324 - most cameras know no other


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


_HASHES: dict[str, Callable[[bytes], str]] = {"SHA-256": _sha256, "MD5": _md5}
"""The stronger one first."""


@dataclass(frozen=True, slots=True)
class DigestChallenge:
    """What a server wants to be answered to."""

    realm: str
    nonce: str
    opaque: str | None
    algorithm: str
    has_quality: bool


def choose_challenge(headers: Sequence[str]) -> DigestChallenge | None:
    """The strongest of the challenges in ``WWW-Authenticate`` headers that we can answer; None if none.

    Basic is not answered: it tells the password to whoever listens.
    """
    challenges = [challenge for header in headers if (challenge := _parse(header)) is not None]
    ranks = list(_HASHES)
    challenges.sort(key=lambda challenge: ranks.index(_hash_name(challenge.algorithm)))
    return challenges[0] if challenges else None


def answer_challenge(
    challenge: DigestChallenge,
    *,
    user: str,
    password: str,
    method: str,
    path: str,
    cnonce: str,
    count: int = 1,
) -> str:
    """The value of the ``Authorization`` header.

    Args:
        path: of the request, with its query.
        cnonce: random, of our own.
        count: how many times this challenge was answered, this time included; servers refuse a repetition.
    """
    digest = _HASHES[_hash_name(challenge.algorithm)]

    def combine(*parts: str) -> str:
        return digest(":".join(parts).encode("utf-8"))

    secret = combine(user, challenge.realm, password)
    if challenge.algorithm.upper().endswith("-SESS"):
        secret = combine(secret, challenge.nonce, cnonce)
    request = combine(method, path)
    counted = f"{count:08x}"
    if challenge.has_quality:
        response = combine(secret, challenge.nonce, counted, cnonce, "auth", request)
    else:
        response = combine(secret, challenge.nonce, request)
    fields = [
        f'username="{_quote(user)}"',
        f'realm="{_quote(challenge.realm)}"',
        f'nonce="{_quote(challenge.nonce)}"',
        f'uri="{_quote(path)}"',
        f'response="{response}"',
        f"algorithm={challenge.algorithm}",
    ]
    if challenge.has_quality:
        fields += ["qop=auth", f"nc={counted}", f'cnonce="{cnonce}"']
    if challenge.opaque is not None:
        fields.append(f'opaque="{_quote(challenge.opaque)}"')
    return "Digest " + ", ".join(fields)


def _parse(header: str) -> DigestChallenge | None:
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() != "digest":
        return None
    fields = {
        match["name"].lower(): match["plain"]
        if match["quoted"] is None
        else re.sub(r"\\(.)", r"\1", match["quoted"])
        for match in _FIELD.finditer(rest)
    }
    algorithm = fields.get("algorithm", "MD5")
    qualities = {part.strip().lower() for part in fields.get("qop", "").split(",") if part.strip()}
    if (
        _hash_name(algorithm) not in _HASHES
        or "nonce" not in fields
        or (qualities and "auth" not in qualities)
    ):
        return None
    return DigestChallenge(
        fields.get("realm", ""), fields["nonce"], fields.get("opaque"), algorithm, bool(qualities)
    )


def _hash_name(algorithm: str) -> str:
    return algorithm.upper().removesuffix("-SESS")


def _quote(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
