"""Authentication of requests and their rate limit."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analytics.domain.clock import Clock
from analytics.domain.errors import AccessError, ExpoFlowError
from app.integrations.integrations_file import FILE_NAME
from app.integrations.rest.access_tokens import AccessToken, Scope, find_token, read_tokens

MAX_CLIENTS = 1000
"""Maximum clients that are counted individually; the least recent is dropped first."""


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """Counts of the requests so far.

    Attributes:
        refused: unauthorised requests and those beyond the rate limit.
        last_utc_s: time of the last authorised request; None if there was none.
        tokens_utc_s: time of each token's last request, by token identifier.
    """

    admitted: int = 0
    refused: int = 0
    last_utc_s: float | None = None
    tokens_utc_s: dict[str, float] = field(default_factory=dict)


class TooManyRequestsError(ExpoFlowError):
    """An error for a client that exceeds its rate limit.

    Attributes:
        after_s: seconds until the next request is allowed.
    """

    after_s: float = 1.0


class NoTokenError(AccessError):
    """An error for a missing or unknown token."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_s: float


class RequestLimit:
    """A limit of requests per minute and client: a token bucket of that size."""

    def __init__(self, requests_per_min: int, clock: Clock) -> None:
        self._size, self._clock = float(requests_per_min), clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def count(self, client: str) -> None:
        """Count a request.

        Raises:
            TooManyRequestsError: the limit is exceeded.
        """
        now_s = self._clock.monotonic_s()
        with self._lock:
            bucket = self._buckets.setdefault(client, _Bucket(self._size, now_s))
            self._buckets.move_to_end(client)
            if len(self._buckets) > MAX_CLIENTS:
                self._buckets.popitem(last=False)
            gained = (now_s - bucket.filled_s) * self._size / 60.0
            bucket.tokens, bucket.filled_s = min(self._size, bucket.tokens + gained), now_s
            if bucket.tokens >= 1.0:
                bucket.tokens -= 1.0
                return
            error = TooManyRequestsError(
                "More than {most} requests were sent within a minute.",
                "Send fewer requests, or use /v1/events.",
                most=round(self._size),
            )
            error.after_s = (1.0 - bucket.tokens) * 60.0 / self._size
        raise error


class TokenCheck:
    """A check of requests against a venue's tokens, including changes while the server runs.

    With a site's folder, its tokens are valid for every hall, and those in a hall's folder for that hall.
    """

    def __init__(self, folder: Path, *, limit: RequestLimit, clock: Clock) -> None:
        self._folder, self._limit, self._clock = folder, limit, clock
        self._lock = threading.Lock()
        self._read: dict[Path, tuple[tuple[int, int, int], tuple[AccessToken, ...]]] = {}
        self._tokens_utc_s: dict[str, float] = {}
        self._admitted = self._refused = 0

    @property
    def counts(self) -> RequestCounts:
        """Counts of the requests so far."""
        with self._lock:
            last_utc_s = max(self._tokens_utc_s.values(), default=None)
            return RequestCounts(self._admitted, self._refused, last_utc_s, dict(self._tokens_utc_s))

    def admit(self, secret: str | None, scope: Scope | None, halls: Sequence[Path] = ()) -> AccessToken:
        """Return the token of a request after counting it.

        Args:
            secret: the token as sent; None if there was none.
            scope: the required scope; None if any token suffices.
            halls: folders of the halls of the site whose tokens are valid as well.

        Raises:
            NoTokenError: the token is missing or unknown.
            AccessError: the token lacks the scope.
            TooManyRequestsError: the rate limit is exceeded.
            VenueError: the tokens cannot be read.
        """
        try:
            token = self._admit(secret, scope, halls)
        except ExpoFlowError:
            with self._lock:
                self._refused += 1
            raise
        with self._lock:
            self._admitted += 1
            self._tokens_utc_s[token.token_id] = self._clock.now_utc_s()
        return token

    def _admit(self, secret: str | None, scope: Scope | None, halls: Sequence[Path]) -> AccessToken:
        token = None if secret is None else find_token(self._list_tokens(halls), secret)
        # invalid tokens share one limit, so that guessing is cheap to refuse
        self._limit.count("" if token is None else token.token_id)
        if token is None:
            raise NoTokenError(
                "The request has no valid token.",
                "Send one as 'Authorization: Bearer …'; create one with: python -m app token add.",
            )
        if scope is not None and scope not in token.scopes:
            raise AccessError(
                "The token '{name}' does not have the required scope '{scope}'.",
                "Create one that has it with: python -m app token add --scope {scope}.",
                name=token.name,
                scope=scope.value,
            )
        return token

    def is_valid(self, token: AccessToken, halls: Sequence[Path] = ()) -> bool:
        """Return whether a token is still valid, for responses that last hours."""
        return any(
            one.token_id == token.token_id and one.sha256 == token.sha256 and one.revoked_utc is None
            for one in self._list_tokens(halls)
        )

    def _list_tokens(self, halls: Sequence[Path]) -> list[AccessToken]:
        return [token for folder in (self._folder, *halls) for token in self._read_tokens(folder)]

    def _read_tokens(self, folder: Path) -> tuple[AccessToken, ...]:
        try:
            found = (folder / FILE_NAME).stat()
            stamp = found.st_mtime_ns, found.st_size, found.st_ino
        except FileNotFoundError:
            return ()
        with self._lock:
            if folder not in self._read or self._read[folder][0] != stamp:
                self._read[folder] = stamp, read_tokens(folder)
            return self._read[folder][1]
