"""Small TOML files of a venue's folder, each of one format: read as a whole, written as a whole."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from analytics.domain.errors import VenueError
from app.core.toml_text import format_toml
from app.error_reporting import explain_error
from resources.atomic_file import write_text_atomically
from resources.bounded_file import read_bounded

T = TypeVar("T")


def read_toml_file(
    file: Path,
    unpack: Callable[[dict[str, Any]], T],
    *,
    format_known: int,
    make_unreadable: Callable[[Path, str], VenueError],
) -> T | None:
    """What a file holds; None where there is no file.

    Args:
        unpack: may raise what wrong keys and types raise.
        make_unreadable: says with a remedy that the file cannot be understood, and why.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    try:
        document = tomllib.loads(read_bounded(file).decode("utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise explain_error(VenueError, error, file=file) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise make_unreadable(file, str(error)) from error
    try:
        if document["format"] != format_known:
            raise make_unreadable(file, f"format {document['format']}")
        return unpack(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise make_unreadable(file, str(error)) from error


def write_toml_file(file: Path, document: dict[str, object]) -> None:
    """Replace a file, whole or not at all.

    Raises:
        VenueError: the file cannot be written.
    """
    try:
        write_text_atomically(file, format_toml(document))
    except OSError as error:
        raise explain_error(VenueError, error, file=file) from error
