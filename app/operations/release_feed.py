"""A release feed: asked which version is the newest, within limits, and told nothing in return.

It answers with JSON: a release in GitHub's form (``tag_name``, ``html_url``), a list of them, or
``{"version": …, "url": …}``. What it says is a stranger's: it is bounded in size and time, compared as a
version, and never fetched or run.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from packaging.version import InvalidVersion, Version

from analytics.domain.errors import ExpoFlowError
from app.operations.no_redirection import NoRedirection
from app.settings.update_file import LONGEST_ADDRESS, LONGEST_VERSION

LIMIT_S = 10.0
LARGEST_BYTES = 1 << 20
MOST_RELEASES = 100
_ABOUT_THE_ADDRESS = "Check the address of the release feed; it is asked again tomorrow."
_LATER = "It is asked again tomorrow. Check the network if it goes on."


class UpdateError(ExpoFlowError):
    """A release feed that cannot be asked, or says nothing that can be used."""


@dataclass(frozen=True, slots=True)
class Release:
    """A version that is out, and the https address of the page about it; empty: it names none."""

    version: str
    page: str


def ask_feed(address: str, *, tls: ssl.SSLContext | None = None, limit_s: float = LIMIT_S) -> Release | None:
    """The newest release that a feed names, pre-releases left out; None: it names none.

    Args:
        address: https, or of this machine (see ``app.venue.web_address``).
        tls: for tests; None: the system's authorities.
        limit_s: for all of it.

    Raises:
        UpdateError: no answer in time, or none that can be used, in words.
    """
    answers: list[bytes | Exception] = []

    def fetch() -> None:
        try:
            answers.append(_fetch(address, tls=tls, limit_s=limit_s))
        except Exception as error:  # told by who waits
            answers.append(error)

    # a server that sends a byte now and then would hold its reader for ever, and nobody else
    reader = threading.Thread(target=fetch, name="release feed", daemon=True)
    reader.start()
    reader.join(limit_s)
    answer = answers[0] if answers else TimeoutError()
    if isinstance(answer, Exception):
        raise _explain(answer, address) from answer
    return parse_feed(answer)


def parse_feed(content: bytes) -> Release | None:
    """The newest release of an answer, by its version; None: there are pre-releases and drafts alone.

    Raises:
        UpdateError: it is no JSON, or names no version.
    """
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UpdateError("The release feed did not answer with JSON.", _ABOUT_THE_ADDRESS) from error
    entries = told[:MOST_RELEASES] if isinstance(told, list) else [told]
    known = [entry for entry in entries if isinstance(entry, dict) and _read_version(entry) is not None]
    if not known:
        raise UpdateError("The release feed names no version.", _ABOUT_THE_ADDRESS)
    released = sorted(_list_released(known), key=lambda release: Version(release.version))
    return released[-1] if released else None


def is_newer(version: str, than: str) -> bool:
    """Whether a version is a later one; what is no version is not."""
    try:
        return Version(version) > Version(than)
    except InvalidVersion:
        return False


def _list_released(entries: list[dict[str, Any]]) -> Iterator[Release]:
    for entry in entries:
        version = _read_version(entry)
        is_kept_back = entry.get("prerelease") is True or entry.get("draft") is True
        if version is not None and not version.is_prerelease and not is_kept_back:
            yield Release(str(version), _read_page(entry))


def _read_version(entry: dict[str, Any]) -> Version | None:
    said = entry.get("tag_name", entry.get("version"))
    if not isinstance(said, str) or len(said) > LONGEST_VERSION:
        return None
    try:
        return Version(said)
    except InvalidVersion:
        return None


def _read_page(entry: dict[str, Any]) -> str:
    said = entry.get("html_url", entry.get("url"))
    if (
        not isinstance(said, str)
        or len(said) > LONGEST_ADDRESS
        or not said.isascii()
        or not said.isprintable()
    ):
        return ""
    try:
        parts = urlsplit(said)
    except ValueError:
        return ""
    return said if parts.scheme == "https" and parts.hostname and " " not in said else ""


def _fetch(address: str, *, tls: ssl.SSLContext | None, limit_s: float) -> bytes:
    request = urllib.request.Request(  # noqa: S310 - https or this machine, looked at when it was chosen
        address, headers={"Accept": "application/json", "User-Agent": "ExpoFlow"}
    )
    opener = urllib.request.build_opener(
        NoRedirection, urllib.request.HTTPSHandler(context=tls or ssl.create_default_context())
    )
    with opener.open(request, timeout=limit_s) as answer:
        content: bytes = answer.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise UpdateError("The release feed's answer is too long.", _ABOUT_THE_ADDRESS)
    return content


def _explain(error: Exception, address: str) -> ExpoFlowError:
    if isinstance(error, UpdateError):
        return error
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    host = urlsplit(address).netloc
    match cause:
        case _ if isinstance(error, urllib.error.HTTPError):
            error.close()
            return UpdateError(
                "The release feed at {host} has moved."
                if 300 <= error.code < 400
                else "The release feed at {host} answered with the status {code}.",
                _ABOUT_THE_ADDRESS,
                host=host,
                code=error.code,
            )
        case TimeoutError():
            problem, remedy = "The release feed at {host} did not answer in time.", _LATER
        case ssl.SSLCertVerificationError():
            problem, remedy = (
                "The certificate of the release feed at {host} is not to be trusted: nothing was asked.",
                "Check its address, and the date of this machine.",
            )
        case socket.gaierror():
            problem, remedy = "The name {host} of the release feed is not known.", _LATER
        case OSError() | HTTPException():
            problem, remedy = "The release feed at {host} cannot be reached.", _LATER
        case _:
            problem, remedy = "The release feed at {host} cannot be asked.", _LATER
    return UpdateError(problem, remedy, host=host)
