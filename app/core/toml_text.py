"""A TOML document as text that a person likes to read: coordinates and their like on one line."""

from __future__ import annotations

import re
from collections.abc import Mapping

import tomli_w

_NUMBER = r"-?[0-9][0-9_.e+-]*"
_LIST_OF_NUMBERS = re.compile(rf"\[\s*\n\s*{_NUMBER}(?:,\s*\n\s*{_NUMBER})*,?\s*\n\s*\]")
_UTC_TIME = re.compile(r"^(\w+ = \d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)\+00:00$", re.MULTILINE)


def format_toml(document: Mapping[str, object]) -> str:
    """The document in TOML, in the order of its keys.

    Strings are written on one line with escapes, so that the layout of numbers can be changed in the text
    without touching any.
    """
    text = tomli_w.dumps(document, multiline_strings=False)
    text = _LIST_OF_NUMBERS.sub(lambda match: _on_one_line(match[0]), text)
    return _UTC_TIME.sub(r"\1T\2Z", text)


def _on_one_line(numbers: str) -> str:
    return f"[{', '.join(re.findall(_NUMBER, numbers))}]"
