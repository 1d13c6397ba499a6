"""``integrations.toml`` in a venue's folder: which other systems are told of it; one table for each kind.

The file holds no password and no token. Each kind of system has a module of its own that knows its table;
whoever writes one leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from analytics.domain.errors import Phrase, VenueError
from app.core.toml_file import read_toml_file, write_toml_file
from app.settings.field_faults import describe_faults

FILE_NAME = "integrations.toml"
FORMAT = 1

T = TypeVar("T")


def read_table(folder: Path, name: str, unpack: Callable[[Any], T]) -> T | None:
    """One table of a venue's file, or list of tables; None where there is none.

    Args:
        unpack: may raise what wrong keys and types raise, and errors of its own.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    file = folder / FILE_NAME

    def unpack_table(document: dict[str, Any]) -> T | None:
        try:
            return unpack(document[name]) if name in document else None
        except ValidationError as error:
            raise _make_unreadable(file, describe_faults(error, document, inside=name)) from error

    return read_toml_file(file, unpack_table, format_known=FORMAT, make_unreadable=_make_unreadable)


def replace_table(folder: Path, name: str, table: object) -> None:
    """Put a table in the place of what was there of its name; hold the venue's lock meanwhile.

    Raises:
        VenueError: the file cannot be read, understood or written; it stays as it was.
    """
    file = folder / FILE_NAME
    before = read_toml_file(file, dict, format_known=FORMAT, make_unreadable=_make_unreadable)
    write_toml_file(file, {"format": FORMAT, **(before or {}), name: table})


def _make_unreadable(file: Path, cause: str | Phrase) -> VenueError:
    return VenueError(
        "{file} does not say in a way that this version understands which other systems are told: {cause}.",
        "Take it away, or put back a copy that was all right; nobody else is told until then.",
        file=file,
        cause=cause,
    )
