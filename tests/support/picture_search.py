"""Finds pictures in what a program says: beginnings of files, and text that stands for bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

FILES = re.compile(
    rb"\xff\xd8\xff[\xc0-\xfe]|\x89PNG\r\n|GIF8[79]a|RIFF....WEBP|BM....\0\0\0\0|ftyp(isom|mp42|avc1|iso5)|"
    rb"\x1aE\xdf\xa3",
    re.DOTALL,
)
"""How files of pictures and films begin: JPEG, PNG, GIF, WebP, BMP, MP4, Matroska."""
_ESCAPED = re.compile(r"(\\+x[0-9a-fA-F]{2}.{0,3}){8}")
"""Bytes as Python writes them; letters stand between the escapes."""
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{1000}")
"""Base64 or hexadecimal digits, without a space."""
_MAX_NUMBERS = 1000


def find_pictures(text: str) -> list[str]:
    """Return the reasons why a text may hold a picture; none for lines of JSON and sentences."""
    found = [f"bytes: {match[0][:60]}" for match in _ESCAPED.finditer(text)]
    found += [f"encoded: {match[0][:60]}" for match in _ENCODED.finditer(text)]
    found += [f"file: {match[0]!r}" for match in FILES.finditer(text.encode("utf-8", "surrogateescape"))]
    for document in (text, *text.splitlines()):
        try:
            parsed = json.loads(document)
        except ValueError:
            continue
        found += [f"{len(numbers)} pixels" for numbers in _list_pixels(parsed)]
    return found


def _list_pixels(value: object) -> Iterator[list[object]]:
    """Yield every long list of whole numbers from 0 to 255."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _list_pixels(inner)
    elif isinstance(value, list):
        if len(value) > _MAX_NUMBERS and all(isinstance(one, int) and 0 <= one <= 255 for one in value):
            yield value
        for inner in value:
            yield from _list_pixels(inner)
