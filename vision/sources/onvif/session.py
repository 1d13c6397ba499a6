"""Requests to one camera by ONVIF, signed by the camera's own clock."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit
from xml.etree.ElementTree import Element

from analytics.domain.clock import Clock
from analytics.domain.errors import Phrase, SourceError
from vision.sources.onvif.http_exchange import ANSWER_LIMIT_S, ExchangeFailed, HttpResponse, post
from vision.sources.onvif.onvif_faults import make_missing_credential_error, make_onvif_error
from vision.sources.onvif.soap import (
    UnreadableResponse,
    build_envelope,
    build_username_token,
    clean_text,
    parse_message,
)
from vision.sources.source_faults import SourceFault

_FIELD = re.compile(r'(?P<name>[A-Za-z0-9_-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s",]+))')


def _md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()  # noqa: S324 - most cameras know no other


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


_HASHES: dict[str, Callable[[bytes], str]] = {"SHA-256": _sha256, "MD5": _md5}
"""In order of preference, the strongest first."""


@dataclass(frozen=True, slots=True)
class DigestChallenge:
    """An HTTP digest challenge of a server."""

    realm: str
    nonce: str
    opaque: str | None
    algorithm: str
    has_quality: bool


def choose_challenge(headers: Sequence[str]) -> DigestChallenge | None:
    """Return the strongest supported challenge of ``WWW-Authenticate`` headers; None if there is none.

    Basic authentication is not supported, as it reveals the password to eavesdroppers.
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
    """Return the value of the ``Authorization`` header.

    Args:
        path: path of the request, with its query.
        cnonce: our random value.
        count: number of answers to this challenge including this one; servers refuse repetitions.
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


_REDIRECTS = (301, 302, 307, 308)
_REFUSALS = ("notauthorized", "failedauthentication", "failedcheck", "invalidsecurity")
"""Fault codes of the ONVIF Core Specification and Web Services Security, lower case without spaces."""


class ActionRefused(Exception):  # noqa: N818 - many cameras lack an action, and its caller goes on without
    """A fault from the camera that is not about the password."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class CredentialRefused(Exception):  # noqa: N818 - the first question is asked without one on purpose
    """A refusal by the camera because of a missing or wrong user or password.

    Attributes:
        date_utc_s: time of the camera's clock, seconds since the epoch; None if not reported.
    """

    def __init__(self, date_utc_s: float | None) -> None:
        self.date_utc_s = date_utc_s
        super().__init__("the credential was refused")


@dataclass(frozen=True, slots=True, repr=False)
class OnvifLogin:
    """User and password for a camera; its repr hides both."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "OnvifLogin(***)"


class OnvifSession:
    """A session with one camera that remembers the authentication which the camera accepts.

    A wrong password is sent at most twice: many cameras lock an account after a few attempts.

    Attributes:
        clock_skew_s: seconds by which the camera's clock is ahead of ours; set it as soon as it is known.
    """

    def __init__(
        self,
        device_url: str,
        login: OnvifLogin | None,
        *,
        clock: Clock,
        on_wait: Callable[[], None],
        limit_s: float = ANSWER_LIMIT_S,
    ) -> None:
        """Args: look: called ten times a second while waiting for an answer; raise to end the wait."""
        self.device_url = device_url
        self.clock_skew_s = 0.0
        self._login = login
        self._clock = clock
        self._on_wait = on_wait
        self._limit_s = limit_s
        self._challenge: DigestChallenge | None = None
        self._answered = 0

    @property
    def host(self) -> str:
        """The camera's host, and port where given, for display."""
        return urlsplit(self.device_url).netloc

    def reach(self, url: str) -> str:
        """Return an address reported by the camera, moved to the host that the user named.

        A camera behind a router reports its internal address, a forged one could lead anywhere, and a camera
        reached by HTTPS may report an address of HTTP.
        """
        own = urlsplit(self.device_url)
        try:
            reported = urlsplit(url)
            is_own, _ = (reported.scheme, reported.hostname) == (own.scheme, own.hostname), reported.port
        except ValueError:
            return self.device_url
        if reported.scheme not in ("http", "https") or not reported.path:
            return self.device_url
        if is_own:
            return url.partition("#")[0]
        return urlunsplit((own.scheme, own.netloc, reported.path, reported.query, ""))

    def request_without_user(self, url: str, action: str, body: str) -> Element:
        """Return the ``Body`` of the answer to a request that needs no user by the standard.

        Raises:
            CredentialRefused: this camera requires a user all the same.
            ActionRefused: the camera refuses for another reason.
            SourceError: there is no usable answer.
        """
        answer = self._post(url, action, build_envelope(body), authorization=None)
        return self._read(answer)

    def ask(self, url: str, action: str, body: str) -> Element:
        """Return the answer to a request signed by the user, or unsigned where none was given.

        Raises:
            ActionRefused: the camera refuses for another reason.
            SourceError: there is no usable answer, or the user is refused.
        """
        try:
            if self._login is None:
                return self.request_without_user(url, action, body)
            return self._request_as_user(url, action, body, self._login)
        except CredentialRefused:
            if self._login is None:
                raise make_missing_credential_error(host=self.host) from None
            raise make_onvif_error(SourceFault.WRONG_PASSWORD, host=self.host) from None

    def make_error(self, fault: SourceFault, **details: object) -> SourceError:
        """Return the error of a cause, with the name of this camera."""
        return make_onvif_error(fault, host=self.host, **details)

    def _request_as_user(self, url: str, action: str, body: str, login: OnvifLogin) -> Element:
        if self._challenge is None:
            token = build_username_token(
                login.user,
                login.password,
                created_utc_s=self._clock.now_utc_s() + self.clock_skew_s,
                nonce=os.urandom(16),
            )
            answer = self._post(url, action, build_envelope(body, header=token), authorization=None)
            challenge = choose_challenge(answer.challenges) if answer.status == 401 else None
            if challenge is None:
                return self._read(answer)
            self._challenge, self._answered = challenge, 0
        answer = self._answer_challenge(url, action, body, login, self._challenge)
        if answer.status == 401:
            # nonces expire after a while
            renewed = choose_challenge(answer.challenges)
            if renewed is not None and renewed.nonce != self._challenge.nonce and _is_stale(answer):
                self._challenge, self._answered = renewed, 0
                answer = self._answer_challenge(url, action, body, login, renewed)
        return self._read(answer)

    def _answer_challenge(
        self, url: str, action: str, body: str, login: OnvifLogin, challenge: DigestChallenge
    ) -> HttpResponse:
        parts = urlsplit(url)
        self._answered += 1
        authorization = answer_challenge(
            challenge,
            user=login.user,
            password=login.password,
            method="POST",
            path=parts.path + (f"?{parts.query}" if parts.query else ""),
            cnonce=os.urandom(8).hex(),
            count=self._answered,
        )
        return self._post(url, action, build_envelope(body), authorization=authorization)

    def _post(self, url: str, action: str, content: bytes, *, authorization: str | None) -> HttpResponse:
        """Return the answer; redirects are followed only to HTTPS at the same host."""
        answer = self._post_once(url, action, content, authorization=authorization)
        if answer.status in _REDIRECTS and self._is_own_https(answer.location):
            if url == self.device_url:
                self.device_url = answer.location
            return self._post_once(answer.location, action, content, authorization=authorization)
        return answer

    def _is_own_https(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            return (
                parts.scheme == "https"
                and parts.hostname == urlsplit(self.device_url).hostname
                and parts.port != 0
                and url.isprintable()
            )
        except ValueError:
            return False

    def _post_once(self, url: str, action: str, content: bytes, *, authorization: str | None) -> HttpResponse:
        try:
            return post(
                url,
                content,
                content_type=f'application/soap+xml; charset=utf-8; action="{action}"',
                authorization=authorization,
                clock=self._clock,
                on_wait=self._on_wait,
                limit_s=self._limit_s,
            )
        except ExchangeFailed as failed:
            fault = failed.fault
        raise self.make_error(
            fault, limit_s=self._limit_s, reason=Phrase("the response is too long, or not from a web server")
        )

    def _read(self, answer: HttpResponse) -> Element:
        if answer.status in (401, 403):
            raise CredentialRefused(answer.date_utc_s)
        try:
            body = parse_message(answer.body).find("Body")
        except UnreadableResponse:
            if answer.status != 200:
                raise self.make_error(SourceFault.NOT_FOUND, status=answer.status) from None
            raise self.make_error(
                SourceFault.UNKNOWN, reason=Phrase("the response is not XML, or is unsafe to parse")
            ) from None
        if body is None:
            raise self.make_error(SourceFault.NOT_FOUND, status=answer.status)
        fault = body.find("Fault")
        if fault is None:
            return body
        reported = clean_text(" ".join(fault.itertext()))
        if any(word in reported.replace(" ", "").lower() for word in _REFUSALS):
            raise CredentialRefused(answer.date_utc_s)
        raise ActionRefused(reported)


def _is_stale(answer: HttpResponse) -> bool:
    return any("stale=true" in re.sub(r'[\s"]', "", header.lower()) for header in answer.challenges)
