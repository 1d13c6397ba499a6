"""Signed HTTP posts to web addresses, without following redirects."""

from __future__ import annotations

import hashlib
import hmac
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from urllib.parse import urlsplit

from app.core.outgoing_connection import open_web_address

SIGNATURE_HEADER = "X-ExpoFlow-Signature"


def make_webhook_key(url: str) -> str:
    """Return the key of an address's secret in the credential store."""
    return f"webhook:{urlsplit(url).netloc}{urlsplit(url).path}"


def sign(content: bytes, secret: str) -> str:
    """Return the value of ``X-ExpoFlow-Signature``: the HMAC-SHA256 of the body, in hexadecimal."""
    return f"sha256={hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()}"


def post_signed(
    url: str, content: bytes, *, headers: Mapping[str, str], secret: str | None, timeout_s: float
) -> None:
    """Post a body; any status other than 2xx, redirects included, is an error.

    Args:
        secret: None: it is not signed.

    Raises:
        OutputError: the address is none that anything is sent to.
        OSError: it was not taken; of `urllib.error.HTTPError` the ``code`` says how.
    """
    signed = dict(headers)
    if secret is not None:
        signed[SIGNATURE_HEADER] = sign(content, secret)
    request = urllib.request.Request(url, data=content, headers=signed, method="POST")  # noqa: S310 - checked
    try:
        with open_web_address(request, timeout_s=timeout_s):
            return
    except urllib.error.HTTPError as error:
        error.close()
        raise
    except HTTPException as error:
        raise OSError(f"no answer in HTTP: {type(error).__name__}") from error
