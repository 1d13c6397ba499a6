"""Small TOML files of a venue's folder, each with a format number, read and written as a whole."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import tomli_w
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, PlainSerializer, ValidationError
from pydantic_core import PydanticKnownError

from analytics.domain.errors import Phrase, VenueError
from app.error_reporting import ErrorTemplates, convert_error
from app.settings.field_faults import describe_faults
from resources.atomic_file import write_text_atomically
from resources.bounded_file import read_bounded

T = TypeVar("T")
Other = TypeVar("Other")
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


@dataclass(frozen=True)  # no slots: Python 3.11 cannot combine them with frozen in a generic class
class TomlFile(Generic[T]):
    """A small file of a venue's folder, and how it is read.

    Attributes:
        unpack: such as `TypeAdapter.validate_python`; may raise KeyError, TypeError and ValueError.
        unreadable: problem and remedy of an invalid file; ``{file}`` and ``{cause}`` are filled in.
    """

    name: str
    unpack: Callable[[dict[str, Any]], T]
    unreadable: ErrorTemplates
    format: int = 1

    def read(self, folder: Path) -> T | None:
        """Return the record of a venue's file; None if it does not exist.

        Raises:
            VenueError: the file cannot be read or understood.
        """
        return self.read_as(folder, self.unpack)

    def read_as(self, folder: Path, unpack: Callable[[dict[str, Any]], Other]) -> Other | None:
        """Return a part of a venue's file; see `read`."""
        file = folder / self.name
        try:
            document = tomllib.loads(read_bounded(file).decode("utf-8"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise convert_error(VenueError, error, file=file) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self.make_error(file, str(error)) from error
        try:
            if document["format"] != self.format:
                raise self.make_error(file, f"format {document['format']}")
            return unpack(document)
        except ValidationError as error:
            raise self.make_error(file, describe_faults(error, document)) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self.make_error(file, str(error)) from error

    def write(self, folder: Path, fields: Mapping[str, object]) -> None:
        """Replace a venue's file atomically.

        Raises:
            VenueError: the file cannot be written.
        """
        write_toml_file(folder / self.name, {"format": self.format, **fields})

    def make_error(self, file: Path, cause: str | Phrase) -> VenueError:
        """Return the error of a file that cannot be understood."""
        words = self.unreadable
        return VenueError(words.problem_template, words.remedy_template, file=file, cause=cause)


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
