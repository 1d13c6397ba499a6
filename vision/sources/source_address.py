"""Parsing of the address that a user enters for a camera or a recording."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from analytics.domain.errors import SourceError
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.redaction import redact_url

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})
_MAX_SHOWN = 200
_SCHEME = re.compile(r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)$")
_DEVICE = re.compile(r"^(?:usb:(?P<name>.+)|(?P<path>/dev/video\d+))$", re.IGNORECASE)
_CLIP = re.compile(r"^clip:(?P<file>.+)$", re.IGNORECASE)
_PLAIN_HOST = re.compile(r"^(\[[0-9A-Fa-f:.%]+\]|[^@:\[\]]+)(:\d*)?$")
_CERTAIN_HOST = re.compile(
    r"^(\[[0-9A-Fa-f:.%]+\](:\d+)?|localhost(:\d+)?|[\w.-]+:\d+|[\w-]+(\.[\w-]+)+)$", re.IGNORECASE
)
_KIND_BY_SCHEME = {
    "rtsp": SourceKind.RTSP,
    "rtsps": SourceKind.RTSP,
    "http": SourceKind.HTTP,
    "https": SourceKind.HTTP,
}
_EXAMPLES = (
    "Enter rtsp://user:password@host/path, http://host/path, usb:0, a video file or a folder of pictures."
)


def parse_source(text: str) -> SourceAddress:
    """Return the address that a text names, with user and password removed from the location.

    A user and password may be percent-encoded or literal. Network and USB addresses are not tested; files and
    folders must exist.

    Raises:
        SourceError: the text is empty, of an unknown kind, names no host, or no such file or folder.
    """
    stripped = text.strip().strip('"')
    if not stripped:
        raise SourceError("No camera address was given.", _EXAMPLES)
    device = _DEVICE.match(stripped)
    if device is not None:
        return SourceAddress(SourceKind.DEVICE, device["path"] or f"usb:{device['name']}")
    clip = _CLIP.match(stripped)
    if clip is not None:
        return SourceAddress(SourceKind.CLIP, clip["file"])
    url = _SCHEME.match(stripped)
    if url is None:
        return _parse_path(Path(stripped).expanduser())
    scheme = url["scheme"].lower()
    if scheme == "file":
        # loads ssl and http, which no camera needs
        from urllib.request import url2pathname

        return _parse_path(Path(url2pathname(urlsplit(stripped).path)))
    kind = _KIND_BY_SCHEME.get(scheme)
    if kind is None:
        raise SourceError(
            "Addresses that begin with {scheme}:// are not supported.", _EXAMPLES, scheme=scheme
        )
    return _parse_url(kind, scheme, url["rest"])


def insert_credentials(address: SourceAddress) -> str:
    """Return the URL with user and password, percent-encoded. Never show or store it.

    Raises:
        ValueError: the location is not a URL.
    """
    parts = urlsplit(address.location)
    if not parts.scheme or not parts.netloc:
        raise ValueError("only a URL takes credentials")
    if address.user is None and address.password is None:
        return address.location
    user = quote(address.user or "", safe="")
    password = "" if address.password is None else f":{quote(address.password, safe='')}"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}{password}@{host}"))


def _parse_url(kind: SourceKind, scheme: str, rest: str) -> SourceAddress:
    user_info, host_and_path = _split_user_info(rest)
    location = f"{scheme}://{host_and_path}"
    try:
        parts = urlsplit(location)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SourceError(
            "The host or port in {location} is not valid.",
            "Enter the port as a number up to 65535 after the host, such as rtsp://192.168.1.20:554/stream.",
            location=redact_url(location),
        ) from None
    if not host:
        raise SourceError(
            "The address {location} has no host name.", _EXAMPLES, location=redact_url(location)
        )
    address = SourceAddress(kind, location)
    if user_info is None:
        return address
    user, colon, password = user_info.partition(":")
    return replace(address, user=unquote(user), password=unquote(password) if colon else None)


def _split_user_info(rest: str) -> tuple[str | None, str]:
    """Return user and password as written, and the rest after them.

    A literal password may contain ``@``, ``/``, ``?`` or ``#``. So the text is split as the standard says if
    that leaves a plausible host, and otherwise at the last ``@`` that does.
    """
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user_info, at, host = authority.rpartition("@")
    if _PLAIN_HOST.match(host) and (_CERTAIN_HOST.match(host) or "@" not in rest[len(authority) :]):
        return (user_info if at else None), rest[len(authority) - len(host) :]
    positions = [match.start() for match in re.finditer("@", rest)]
    if not positions:
        return None, rest
    hosts = {position: re.split(r"[/?#]", rest[position + 1 :], maxsplit=1)[0] for position in positions}
    certain = [position for position in positions if _CERTAIN_HOST.match(hosts[position])]
    split_at = certain[-1] if certain else positions[-1]
    return rest[:split_at], rest[split_at + 1 :]


def _parse_path(path: Path) -> SourceAddress:
    try:
        return _find_recording(path)
    except OSError as error:
        # a name that is too long, a loop of links, or a folder without read permission
        raise SourceError(
            "{path} cannot be inspected ({reason}).",
            _EXAMPLES,
            path=redact_url(str(path)[:_MAX_SHOWN]),
            reason=error.strerror or type(error).__name__,
        ) from error


def _find_recording(path: Path) -> SourceAddress:
    if path.is_dir():
        if not any(entry.suffix.lower() in PICTURE_SUFFIXES for entry in path.iterdir()):
            raise SourceError(
                "The folder {path} contains no pictures.",
                "Choose a folder with JPEG or PNG files, or a video file in it.",
                path=str(path),
            )
        return SourceAddress(SourceKind.IMAGES, str(path))
    if not path.exists():
        raise SourceError("There is no file or folder {path}.", _EXAMPLES, path=redact_url(str(path)))
    if path.suffix.lower() in PICTURE_SUFFIXES:
        raise SourceError(
            "{path} is a single picture.",
            "Choose the folder that contains the sequence of pictures, or a video file.",
            path=str(path),
        )
    return SourceAddress(SourceKind.VIDEO, str(path))
