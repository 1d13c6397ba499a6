"""Who asks, whether they may, and whether they ask too often."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from analytics.domain.clock import Clock
from analytics.domain.errors import AccessError, ExpoFlowError
from app.integrations.integrations_file import FILE_NAME
from app.integrations.rest.access_tokens import AccessToken, Scope, find_token, read_tokens

MAX_ASKERS = 1000
"""So many are counted one by one; whoever asked longest ago is forgotten first."""


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """What was asked so far.

    Attributes:
        refused: requests without a token that may, and those too many.
        last_utc_s: when somebody who may last asked; None: nobody has.
        tokens_utc_s: the same of each token, by its identifier.
    """

    admitted: int = 0
    refused: int = 0
    last_utc_s: float | None = None
    tokens_utc_s: dict[str, float] = field(default_factory=dict)


class TooManyRequestsError(ExpoFlowError):
    """Somebody asks more often than was agreed.

    Attributes:
        after_s: when they may ask again, seconds from now.
    """

    after_s: float = 1.0


class NoTokenError(AccessError):
    """Nobody is known by what was sent."""


@dataclass(slots=True)
class _Bucket:
    left: float
    filled_s: float


class RequestLimit:
    """So many requests a minute of each asker: a bucket of that size that fills up steadily."""

    def __init__(self, requests_per_min: int, clock: Clock) -> None:
        self._size, self._clock = float(requests_per_min), clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def count(self, asker: str) -> None:
        """Count a request.

        Raises:
            TooManyRequestsError: it is one too many.
        """
        now_s = self._clock.monotonic_s()
        with self._lock:
            bucket = self._buckets.setdefault(asker, _Bucket(self._size, now_s))
            self._buckets.move_to_end(asker)
            if len(self._buckets) > MAX_ASKERS:
                self._buckets.popitem(last=False)
            gained = (now_s - bucket.filled_s) * self._size / 60.0
            bucket.left, bucket.filled_s = min(self._size, bucket.left + gained), now_s
            if bucket.left >= 1.0:
                bucket.left -= 1.0
                return
            error = TooManyRequestsError(
                "There were more than {most} requests in a minute.",
                "Ask less often, or listen to /v1/events.",
                most=round(self._size),
            )
            error.after_s = (1.0 - bucket.left) * 60.0 / self._size
        raise error


class TokenCheck:
    """Knows the tokens of a venue, and those that come and go while it runs."""

    def __init__(self, folder: Path, *, limit: RequestLimit, clock: Clock) -> None:
        self._folder, self._limit, self._clock = folder, limit, clock
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._tokens: tuple[AccessToken, ...] = ()
        self._tokens_utc_s: dict[str, float] = {}
        self._admitted = self._refused = 0

    @property
    def counts(self) -> RequestCounts:
        """What was asked so far."""
        with self._lock:
            last_utc_s = max(self._tokens_utc_s.values(), default=None)
            return RequestCounts(self._admitted, self._refused, last_utc_s, dict(self._tokens_utc_s))

    def admit(self, secret: str | None, scope: Scope | None) -> AccessToken:
        """Whose request it is, counted.

        Args:
            secret: what was sent; None where nothing was.
            scope: what is asked for; None for what every token may ask.

        Raises:
            NoTokenError: nobody is known by it.
            AccessError: they may not ask this.
            TooManyRequestsError: they ask too often.
            VenueError: the tokens cannot be read.
        """
        try:
            token = self._admit(secret, scope)
        except ExpoFlowError:
            with self._lock:
                self._refused += 1
            raise
        with self._lock:
            self._admitted += 1
            self._tokens_utc_s[token.token_id] = self._clock.now_utc_s()
        return token

    def _admit(self, secret: str | None, scope: Scope | None) -> AccessToken:
        token = None if secret is None else find_token(self._read(), secret)
        # strangers are counted together, so that guessing costs this machine nothing
        self._limit.count("" if token is None else token.token_id)
        if token is None:
            raise NoTokenError(
                "The request has no token that is known here.",
                "Send one as 'Authorization: Bearer …'; make one with: python -m app token add.",
            )
        if scope is not None and scope not in token.scopes:
            raise AccessError(
                "The token '{name}' may not ask this: it has no scope '{scope}'.",
                "Make one that may, with: python -m app token add --scope {scope}.",
                name=token.name,
                scope=scope.value,
            )
        return token

    def is_valid(self, token: AccessToken) -> bool:
        """Whether it still opens anything; for answers that take hours."""
        return any(one.token_id == token.token_id and one.revoked_utc is None for one in self._read())

    def _read(self) -> tuple[AccessToken, ...]:
        try:
            found = (self._folder / FILE_NAME).stat()
            stamp = found.st_mtime_ns, found.st_size, found.st_ino
        except FileNotFoundError:
            return ()
        with self._lock:
            if stamp != self._stamp:
                self._tokens = read_tokens(self._folder)
                self._stamp = stamp
            return self._tokens
