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

from analytics.store.history_folder import list_halls_inside
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.file_format import check_venue_file
from app.core.toml_file import TomlFile
from app.error_reporting import ErrorTemplates
from app.settings.field_faults import describe_faults

FILE_NAME = "integrations.toml"
_FILE = TomlFile[dict[str, Any]](
    FILE_NAME,
    dict,
    ErrorTemplates(
        "The settings of other systems in {file} cannot be read: {cause}.",
        "Remove the file or restore a backup of it; until then nothing is sent to other systems.",
    ),
)

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

    def unpack_table(document: dict[str, Any]) -> T | None:
        try:
            return unpack(document[name]) if name in document else None
        except ValidationError as error:
            faults = describe_faults(error, document, inside=name)
            raise _FILE.make_error(folder / FILE_NAME, faults) from error

    return _FILE.read_as(folder, unpack_table)


def replace_table(folder: Path, name: str, table: object) -> None:
    """Replace a table of a venue's file; the caller holds the venue's lock.

    Raises:
        VenueError: the file cannot be read, understood or written; it is unchanged.
    """
    _FILE.write(folder, {**(_FILE.read(folder) or {}), name: table})
