"""Settings of other systems in a venue's ``integrations.toml``, one table for each kind.

The file holds no password and no token. Each kind of system has a module for its table; writing one leaves
the others unchanged.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from pydantic import ValidationError

from analytics.domain.errors import Phrase, VenueError
from analytics.store.history_folder import list_halls_inside
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.file_format import check_venue_file
from app.core.toml_file import read_toml_file, write_toml_file
from app.settings.field_faults import describe_faults

FILE_NAME = "integrations.toml"
FORMAT = 1

P = ParamSpec("P")
T = TypeVar("T")


def changes_systems(
    action: str, naming: Callable[..., Mapping[str, object]]
) -> Callable[[Callable[Concatenate[Path, P], T]], Callable[Concatenate[Path, P], T]]:
    """Wrap a change of other systems in `changes_venue`.

    Nothing is written, no entry of the audit log either, into a folder that is neither a venue nor that of a
    site's halls: the function raises VenueError.
    """

    def decorate(change: Callable[Concatenate[Path, P], T]) -> Callable[Concatenate[Path, P], T]:
        guarded = changes_venue(Permission.INTEGRATE, action, naming)(change)

        @functools.wraps(change)
        def checked(folder: Path, /, *args: P.args, **kwargs: P.kwargs) -> T:
            if not list_halls_inside(folder):
                check_venue_file(folder)
            return guarded(folder, *args, **kwargs)

        return checked

    return decorate


def read_table(folder: Path, name: str, unpack: Callable[[Any], T]) -> T | None:
    """Return a table or list of tables of a venue's file; None if it has none of the name.

    Args:
        unpack: may raise validation errors and errors of its own.

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
    """Replace a table of a venue's file; the caller holds the venue's lock.

    Raises:
        VenueError: the file cannot be read, understood or written; it is unchanged.
    """
    file = folder / FILE_NAME
    before = read_toml_file(file, dict, format_known=FORMAT, make_unreadable=_make_unreadable)
    write_toml_file(file, {"format": FORMAT, **(before or {}), name: table})


def _make_unreadable(file: Path, cause: str | Phrase) -> VenueError:
    return VenueError(
        "The settings of other systems in {file} cannot be read: {cause}.",
        "Remove the file or restore a backup of it; until then nothing is sent to other systems.",
        file=file,
        cause=cause,
    )
