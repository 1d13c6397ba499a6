"""SOAP messages as ONVIF uses them: written by hand, read with every trick of XML refused."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "d": "http://schemas.xmlsoap.org/ws/2005/04/discovery",
    "dn": "http://www.onvif.org/ver10/network/wsdl",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tr2": "http://www.onvif.org/ver20/media/wsdl",
    "tt": "http://www.onvif.org/ver10/schema",
}
_DECLARED = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in _NAMESPACES.items())
MAX_TEXT = 200


class UnreadableAnswer(Exception):  # noqa: N818 - it is what came, not what went wrong here
    """What was received is no XML, or XML with declarations, which no camera needs."""


def build_envelope(body: str, *, header: str = "") -> bytes:
    """A SOAP 1.2 message; prefixes are those of the ONVIF specifications.

    Args:
        body, header: XML; texts in it are escaped already.
    """
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {_DECLARED}>'
        f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def build_username_token(user: str, password: str, *, created_utc_s: float, nonce: bytes) -> str:
    """The header that proves a password without telling it.

    The digest is base64(sha1(nonce + created + password)), by OASIS Web Services Security, UsernameToken
    Profile 1.0, section 3.1.

    Args:
        created_utc_s: now by the clock of the camera, which refuses what seems old or of the future.
    """
    created = datetime.fromtimestamp(created_utc_s, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hashlib.sha1(  # noqa: S324 - the profile knows no other
        nonce + created.encode() + password.encode("utf-8")
    ).digest()
    return (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{_SECURITY}wssecurity-secext-1.0.xsd" '
        f'xmlns:u="{_SECURITY}wssecurity-utility-1.0.xsd"><w:UsernameToken>'
        f"<w:Username>{escape(user)}</w:Username>"
        f'<w:Password Type="{_SECURITY}username-token-profile-1.0#PasswordDigest">'
        f"{_encode(digest)}</w:Password>"
        f'<w:Nonce EncodingType="{_SECURITY}soap-message-security-1.0#Base64Binary">'
        f"{_encode(nonce)}</w:Nonce>"
        f"<u:Created>{created}</u:Created></w:UsernameToken></w:Security>"
    )


def parse_message(content: bytes) -> Element:
    """The root element, its own and all inner names without their namespaces.

    Raises:
        UnreadableAnswer: it is not XML, or declares a document type or entities.
    """
    try:
        root: Element = defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        # LookupError: an encoding that Python does not know
        raise UnreadableAnswer from None
    for element in root.iter():
        element.tag = local_name(element.tag)
    return root


def local_name(name: str) -> str:
    """A name without its namespace or prefix."""
    return name.rpartition("}")[2].rpartition(":")[2]


def read_text(parent: Element | None, path: str) -> str:
    """The text at a path, on one line, without control characters, and not endless; empty if absent."""
    found = None if parent is None else parent.find(path)
    return clean_text(found.text or "") if found is not None else ""


def clean_text(text: str) -> str:
    """A text of a stranger made fit to be shown: one line of printable characters, cut off at 200."""
    words = "".join(character if character.isprintable() else " " for character in text).split()
    return " ".join(words)[:MAX_TEXT]


def read_whole_number(parent: Element | None, path: str) -> int | None:
    """The whole number at a path, rounded if it is written as a fraction; None if there is none."""
    try:
        value = round(float(read_text(parent, path)))
    except (ValueError, OverflowError):
        return None
    return value if value >= 0 else None


def _encode(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
