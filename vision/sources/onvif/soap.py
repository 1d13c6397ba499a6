"""SOAP messages for ONVIF: written by hand, and parsed with dangerous XML features refused."""

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


class UnreadableResponse(Exception):  # noqa: N818 - it is what came, not what went wrong here
    """Error for a response that is not XML, or is XML with declarations, which no camera needs."""


def build_envelope(body: str, *, header: str = "") -> bytes:
    """Build a SOAP 1.2 message; prefixes are those of the ONVIF specifications.

    Args:
        body, header: XML with escaped texts.
    """
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {_DECLARED}>'
        f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def build_username_token(user: str, password: str, *, created_utc_s: float, nonce: bytes) -> str:
    """Build the header that proves a password without transmitting it.

    The digest is base64(sha1(nonce + created + password)), by OASIS Web Services Security, UsernameToken
    Profile 1.0, section 3.1.

    Args:
        created_utc_s: present time by the camera's clock, as cameras refuse old and future times.
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
    """Return the root element, with all names stripped of their namespaces.

    Raises:
        UnreadableResponse: it is not XML, or declares a document type or entities.
    """
    try:
        root: Element = defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        # LookupError: an encoding that Python does not know
        raise UnreadableResponse from None
    for element in root.iter():
        element.tag = local_name(element.tag)
    return root


def local_name(name: str) -> str:
    """Return a name without its namespace or prefix."""
    return name.rpartition("}")[2].rpartition(":")[2]


def read_text(parent: Element | None, path: str) -> str:
    """Return the text at a path, cleaned as by `clean_text`; empty if absent."""
    found = None if parent is None else parent.find(path)
    return clean_text(found.text or "") if found is not None else ""


def clean_text(text: str) -> str:
    """Return untrusted text made fit for display: one line of printable characters, cut off at 200."""
    words = "".join(character if character.isprintable() else " " for character in text).split()
    return " ".join(words)[:MAX_TEXT]


def read_whole_number(parent: Element | None, path: str) -> int | None:
    """Return the whole number at a path, fractions rounded; None if there is none."""
    try:
        value = round(float(read_text(parent, path)))
    except (ValueError, OverflowError):
        return None
    return value if value >= 0 else None


def _encode(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
