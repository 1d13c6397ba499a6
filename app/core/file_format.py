"""Reading and writing of ``venue.toml``: versioned, validated, atomic, without secrets."""

from __future__ import annotations

import contextlib
import os
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from analytics.domain.errors import ExpoFlowError, Phrase, VenueError
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from app.core.document import DEFAULT_GEOMETRY, FOLDER_SUFFIX, Venue, VenueCamera, VenueSettings
from app.core.file_schema import (
    CURRENT_FORMAT,
    ENTRY_NAMES,
    RawDocument,
    VenueFile,
    make_document,
    make_venue,
)
from app.core.toml_file import format_toml
from app.core.venue_lock import LOCK_NAME, lock_venue
from app.error_reporting import convert_error
from app.settings.field_faults import describe_faults
from resources.atomic_file import write_bytes_atomically
from resources.bounded_file import read_bounded
from resources.file_names import is_portable_name, make_portable_name


class VenueFileError(VenueError):
    """The file is damaged, or of another format."""


class OlderFormatError(VenueFileError):
    """The file was written before the first release."""


class NewerFormatError(VenueFileError):
    """The file was written by a later version of ExpoFlow."""


FILE_NAME = "venue.toml"
BACKUP_NAME = "venue.toml.bak"
"""The previous valid file."""
DAMAGED_NAME = "venue.toml.damaged"
"""An unreadable file that was replaced; it may hold edits made by hand."""
HEADER = """\
# A venue of ExpoFlow: exhibition, floor plan, cameras, and the zones and lines of every period.
#
# You may edit this file while ExpoFlow is not running. ExpoFlow rewrites it when you change the venue there,
# and then keeps no comments of yours. Lengths are in metres from the plan's lower left corner (x right,
# y up), pixels from the picture's upper left corner (u right, v down), times of validity in UTC.
# No password belongs in here: ExpoFlow keeps those in the system's keyring.

"""


def read_venue(folder: Path) -> Venue:
    """Read a venue's folder.

    Raises:
        VenueError: no such venue, or its file is damaged, of another format, or says something that cannot
            be; names the field and what is wrong with it.
    """
    folder = Path(os.path.abspath(folder))
    file = _find_file(folder)
    return _parse(_read_bytes(file), folder=folder)


def write_venue(venue: Venue) -> None:
    """Write a venue into its folder atomically; the previous file is kept as a backup.

    A good one as ``venue.toml.bak``, one of an earlier format as ``venue.toml.formatN.bak``, one that
    cannot be read as ``venue.toml.damaged``.

    Raises:
        VenueError: the folder cannot be written to, the disk is full, the file there is of a newer format,
            others keep the venue locked, or it holds something that could not be read back.
    """
    _check_folder_name(venue.folder)
    content = (HEADER + format_toml(make_document(venue))).encode("utf-8")
    _check_values(content, folder=venue.folder)
    file = venue.folder / FILE_NAME
    with lock_venue(venue.folder):
        with _explain_os_errors(file):
            before = file.read_bytes() if file.exists() else None
        if before == content:
            return
        if before is not None:
            _back_up_previous_file(before, folder=venue.folder)
        with _explain_os_errors(file):
            write_bytes_atomically(file, content)


def create_venue(
    folder: Path,
    exhibition: Exhibition,
    plan: FloorPlan,
    *,
    cameras: tuple[VenueCamera, ...] = (),
    geometry: FloorGeometry = DEFAULT_GEOMETRY,
    settings: VenueSettings | None = None,
) -> Venue:
    """Create the folder ``NAME.expoflow`` of a new venue with its file; on failure nothing remains.

    Raises:
        VenueError: the name has another ending, something is there already, or it cannot be written.
    """
    folder = Path(os.path.abspath(folder))
    _check_folder_name(folder)
    require_free_place(folder)
    venue = Venue(
        folder=folder,
        exhibition=exhibition,
        plan=plan,
        cameras=cameras,
        geometry_versions=(geometry,),
        settings=settings or VenueSettings(),
    )
    with _explain_os_errors(folder):
        folder.mkdir()
    try:
        write_venue(venue)
    except BaseException:
        with contextlib.suppress(OSError):
            (folder / LOCK_NAME).unlink(missing_ok=True)
            folder.rmdir()
        raise
    return venue


def require_free_place(folder: Path) -> None:
    """Raise ``VenueError`` unless a venue's folder can be made here, with a name that every system takes."""
    if not is_portable_name(folder.name):
        raise _refuse_name(folder, folder.stem)
    if folder.exists():
        raise VenueError("{folder} already exists.", "Choose another name.", folder=str(folder))
    if not folder.parent.is_dir():
        raise VenueError(
            "The folder {parent} for the venue does not exist.",
            "Create that folder first, or choose another location.",
            parent=str(folder.parent),
        )


def _check_folder_name(folder: Path) -> None:
    if folder.suffix != FOLDER_SUFFIX or not folder.stem:
        raise _refuse_name(folder, folder.stem)


def _refuse_name(folder: Path, example: str) -> VenueError:
    return VenueError(
        "'{name}' is not a valid name for a venue's folder.",
        "Use a name such as {example}.",
        name=folder.name,
        example=f"{make_portable_name(example.strip('.')) or 'hall'}{FOLDER_SUFFIX}",
    )


def _find_file(folder: Path) -> Path:
    if folder.name == FILE_NAME or not folder.exists():
        raise VenueError(
            "There is no venue {folder}.",
            "Choose a venue's folder; its name ends with {suffix}.",
            folder=str(folder),
            suffix=FOLDER_SUFFIX,
        )
    _check_folder_name(folder)
    check_venue_file(folder)
    return folder / FILE_NAME


def check_venue_file(folder: Path) -> None:
    """Check that a folder has a venue's file.

    Raises:
        VenueError: it has none.
    """
    if not (folder / FILE_NAME).is_file():
        raise VenueError(
            "{folder} is not a venue: it has no file {name}.",
            "Choose another folder, or restore {name} from a backup.",
            folder=str(folder),
            name=FILE_NAME,
        )


def _read_bytes(file: Path) -> bytes:
    with _explain_os_errors(file):
        return read_bounded(file)


def _parse(content: bytes, *, folder: Path) -> Venue:
    try:
        return _load(content, folder)
    except ValidationError as error:
        faults = _describe_faults(error, content)
    except VenueFileError:
        raise
    except ExpoFlowError as error:
        raise _make_error(
            "{file}: {fault} {advice}",
            folder=folder,
            fault=Phrase(error.problem_template, error.details),
            advice=Phrase(error.remedy_template, error.details),
        ) from error
    raise _make_error("{file}: {faults}.", folder=folder, faults=faults)


@lru_cache(maxsize=4)
def _load(content: bytes, folder: Path) -> Venue:
    """Return the venue of a file; kept, as whoever changes a venue reads what was just read or written."""
    raw = _parse_toml(content, folder=folder)
    number = _read_format(raw, folder=folder)
    if number < CURRENT_FORMAT:
        raise OlderFormatError(
            "{file} is in format {number}, from before the first release; "
            "this ExpoFlow reads format {current}.",
            "Create the venue again.",
            file=FILE_NAME,
            number=number,
            current=CURRENT_FORMAT,
        )
    return make_venue(VenueFile.model_validate(raw), folder=folder)


def _check_values(content: bytes, *, folder: Path) -> None:
    """Reject values that could not be read back, naming the field; the existing file is not considered."""
    try:
        _load(content, folder)
    except ValidationError as error:
        faults = _describe_faults(error, content)
        raise VenueError("{faults}.", "Enter another value; nothing was changed.", faults=faults) from None
    except ExpoFlowError as error:
        raise VenueError(error.problem_template, error.remedy_template, **error.details) from error


def _describe_faults(error: ValidationError, content: bytes) -> Phrase:
    raw = tomllib.loads(content.decode("utf-8-sig"))
    return describe_faults(error, raw, model=VenueFile, singulars=ENTRY_NAMES)


def _parse_toml(content: bytes, *, folder: Path) -> RawDocument:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        reason: str | Phrase = Phrase("it is not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
    except RecursionError:
        reason = Phrase("its brackets are nested too deeply")
    raise _make_error("{file} is damaged or incomplete: {reason}.", folder=folder, reason=reason)


def _read_format(raw: RawDocument, *, folder: Path) -> int:
    number = raw.get("format")
    if type(number) is not int or number < 0:
        raise _make_error(
            "{file}: format: must be a whole number, such as {current}.",
            folder=folder,
            current=CURRENT_FORMAT,
        )
    if number > CURRENT_FORMAT:
        raise NewerFormatError(
            "{file} was written by a newer ExpoFlow (format {number}; this one supports up to {current}).",
            "Update ExpoFlow on this machine.",
            file=FILE_NAME,
            number=number,
            current=CURRENT_FORMAT,
        )
    return number


def _make_error(problem: str, *, folder: Path, **details: object) -> VenueFileError:
    return VenueFileError(
        problem,
        "Correct {path} with a text editor, or replace it with a valid copy, such as {backup} in "
        "the same folder.",
        file=FILE_NAME,
        path=str(folder / FILE_NAME),
        backup=BACKUP_NAME,
        **details,
    )


def _back_up_previous_file(content: bytes, *, folder: Path) -> None:
    name = BACKUP_NAME
    try:
        _parse(content, folder=folder)
    except NewerFormatError:
        raise
    except OlderFormatError as error:
        name = f"{FILE_NAME}.format{error.details['number']}.bak"
    except VenueError:
        name = DAMAGED_NAME
    with _explain_os_errors(folder / name):
        write_bytes_atomically(folder / name, content)


@contextlib.contextmanager
def _explain_os_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # the temporary file's name would confuse the user
        raise convert_error(VenueError, error, file=path) from error
