"""Small TOML files of a venue's folder, each with a format number, read and written as a whole."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import tomli_w
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, PlainSerializer, ValidationError
from pydantic_core import PydanticKnownError

from analytics.domain.errors import Phrase, VenueError
from app.error_reporting import convert_error
from app.settings.field_faults import describe_faults
from resources.atomic_file import write_text_atomically
from resources.bounded_file import read_bounded

T = TypeVar("T")
Sorted = PlainSerializer(sorted)
"""A set, written as a sorted list because TOML has no sets."""
UtcTime = Annotated[AwareDatetime, AfterValidator(lambda time: time.astimezone(UTC))]


def _to_epoch(time: object) -> float:
    if not isinstance(time, datetime):
        raise PydanticKnownError("datetime_type")
    return time.timestamp()


EpochTime = Annotated[
    float,
    BeforeValidator(_to_epoch),
    PlainSerializer(lambda time_utc_s: datetime.fromtimestamp(time_utc_s, UTC)),
]
"""Seconds since the epoch, written as a time in UTC."""
_NUMBER = r"-?[0-9][0-9_.e+-]*"
_LIST_OF_NUMBERS = re.compile(rf"\[\s*\n\s*{_NUMBER}(?:,\s*\n\s*{_NUMBER})*,?\s*\n\s*\]")
_UTC_TIME = re.compile(r"^(\w+ = \d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)\+00:00$", re.MULTILINE)


def read_toml_file(
    file: Path,
    unpack: Callable[[dict[str, Any]], T],
    *,
    format_known: int,
    make_unreadable: Callable[[Path, str | Phrase], VenueError],
) -> T | None:
    """Read a file; None if it does not exist.

    Args:
        unpack: such as `TypeAdapter.validate_python`; may raise KeyError, TypeError and ValueError.
        make_unreadable: makes the error for an invalid file from its cause.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    try:
        document = tomllib.loads(read_bounded(file).decode("utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise convert_error(VenueError, error, file=file) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise make_unreadable(file, str(error)) from error
    try:
        if document["format"] != format_known:
            raise make_unreadable(file, f"format {document['format']}")
        return unpack(document)
    except ValidationError as error:
        raise make_unreadable(file, describe_faults(error, document)) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise make_unreadable(file, str(error)) from error


def write_toml_file(file: Path, document: dict[str, object]) -> None:
    """Replace a file atomically.

    Raises:
        VenueError: the file cannot be written.
    """
    try:
        write_text_atomically(file, format_toml(document))
    except OSError as error:
        raise convert_error(VenueError, error, file=file) from error


def format_toml(document: Mapping[str, object]) -> str:
    """Format the document as TOML, in the order of its keys.

    Strings are written on one line with escapes, so that the layout of numbers can be changed in the text
    without touching any.
    """
    text = tomli_w.dumps(document, multiline_strings=False)
    text = _LIST_OF_NUMBERS.sub(lambda match: _on_one_line(match[0]), text)
    return _UTC_TIME.sub(r"\1T\2Z", text)


def _on_one_line(numbers: str) -> str:
    return f"[{', '.join(re.findall(_NUMBER, numbers))}]"
