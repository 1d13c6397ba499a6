"""Make a venue's folder again of an archive: nothing of it is believed before it was checked."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from analytics.domain.errors import OutputError, Phrase, ResultFileError, VenueError
from app.access.audit_log import RESTORED, record_audit
from app.access.audit_witness import forget_head
from app.error_reporting import explain_error
from app.jobs.job import JobContext
from app.operations.archive_venue import ARCHIVE_FORMAT, BLOCK_BYTES, LEFT_OUT, MANIFEST_NAME
from app.venue.document import FOLDER_SUFFIX, Venue
from app.venue.file_format import FILE_NAME, NewerFormatError, read_venue

LARGEST_MANIFEST_BYTES = 64_000_000
MOST_FILES = 200_000
LARGEST_VENUE_BYTES = 500_000_000_000
LONGEST_PATH = 400
SPARE_BYTES = 200_000_000
"""Of the disk, that stay free."""
_DRIVE = re.compile(r"^[A-Za-z]:")
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\]')
"""Characters that a name cannot have on every system."""


@dataclass(frozen=True, slots=True)
class _Entry:
    path: PurePosixPath
    size_bytes: int
    sha256: str


def unarchive_venue(
    file: Path, folder: Path, context: JobContext | None = None, *, largest_bytes: int = LARGEST_VENUE_BYTES
) -> Venue:
    """Restore a venue from an archive into a new folder; it appears whole under its name, or not at all.

    Raises:
        ResultFileError: the file is no archive, is damaged, would write outside of the folder, or holds more
            than it says.
        VenueError: there is something at the folder, its name is none of a venue, or the venue in the archive
            is of a newer ExpoFlow or faulty.
        OutputError, StoreError: the disk is full or cannot be written to.
        JobCancelled: the context says so.
    """
    context = context or JobContext()
    folder = Path(os.path.abspath(folder))
    _check_place(folder)
    # hidden, and beside its place, so that the last step is one rename; a venue's name lets it be read
    unfinished = folder.with_name(f".restoring-{secrets.token_hex(4)}{FOLDER_SUFFIX}")
    try:
        with zipfile.ZipFile(file) as archive:
            entries = _read_entries(archive, file=file, largest_bytes=largest_bytes)
            _require_room(entries, folder.parent)
            unfinished.mkdir(mode=0o700)
            _unpack(archive, entries, unfinished, file=file, context=context)
        read_venue(unfinished)
        record_audit(unfinished, RESTORED, {"file": file.name})
        forget_head(unfinished)
        unfinished.chmod(0o755)
        unfinished.rename(folder)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise _refuse(file, "it is damaged or no archive of ExpoFlow") from error
    except NewerFormatError:
        raise
    except VenueError as error:
        raise VenueError(error.problem_template, "Take another archive.", **error.details) from error
    except OSError as error:
        raise explain_error(OutputError, error, file=file if not file.exists() else folder) from error
    finally:
        if unfinished.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
    return read_venue(folder)


def _check_place(folder: Path) -> None:
    if folder.suffix != FOLDER_SUFFIX or not folder.stem or folder.name.startswith("."):
        raise VenueError(
            "'{name}' is not the name of a venue's folder.",
            "Name it like {example}.",
            name=folder.name,
            example=f"{folder.stem.strip('.') or 'hall'}{FOLDER_SUFFIX}",
        )
    if folder.exists():
        raise VenueError(
            "There is something at {folder} already.", "Choose another name.", folder=str(folder)
        )
    if not folder.parent.is_dir():
        raise VenueError(
            "There is no folder {parent} to put the venue into.",
            "Make that folder first, or choose another place.",
            parent=str(folder.parent),
        )


def _read_entries(archive: zipfile.ZipFile, *, file: Path, largest_bytes: int) -> list[_Entry]:
    """What the list in the archive says, if the archive holds that and nothing else."""
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise _refuse(file, "it holds more files than a venue has")
    by_name = {info.filename: info for info in infos}
    manifest = by_name.pop(MANIFEST_NAME, None)
    if manifest is None or manifest.file_size > LARGEST_MANIFEST_BYTES:
        raise _refuse(file, "it is damaged or no archive of ExpoFlow")
    with archive.open(manifest) as reading:
        content = reading.read(LARGEST_MANIFEST_BYTES + 1)
    try:
        raw: dict[str, Any] = json.loads(content)
        number = raw["format"]
        entries = [_read_entry(entry) for entry in raw["files"]] if number == ARCHIVE_FORMAT else []
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refuse(file, "its list of files cannot be read") from error
    if number != ARCHIVE_FORMAT:
        raise ResultFileError(
            "{file} is an archive of format {number}; this ExpoFlow knows format {current}.",
            "Update ExpoFlow on this machine.",
            file=str(file),
            number=number,
            current=ARCHIVE_FORMAT,
        )
    names = [entry.path.as_posix() for entry in entries]
    if len(by_name) != len(infos) - 1 or sorted(names) != sorted(by_name):
        raise _refuse(file, "it holds other files than its list says")
    for entry in entries:
        if not _is_safe(entry.path) or not _is_plain(by_name[entry.path.as_posix()]):
            raise ResultFileError(
                "{file} would write to '{path}', which is outside of the venue or no plain file.",
                "Do not trust where it comes from.",
                file=str(file),
                path=entry.path.as_posix(),
            )
    if len({name.casefold() for name in names}) != len(names):
        raise _refuse(file, "two of its files have the same name")
    if sum(entry.size_bytes for entry in entries) > largest_bytes:
        raise ResultFileError(
            "{file} holds more than {gigabytes:.0f} GB.",
            "No venue is that large; do not trust where it comes from.",
            file=str(file),
            gigabytes=largest_bytes / 1e9,
        )
    if PurePosixPath(FILE_NAME) not in {entry.path for entry in entries}:
        raise _refuse(file, "there is no venue in it")
    return entries


def _read_entry(raw: dict[str, Any]) -> _Entry:
    path, size, digest = raw["path"], raw["bytes"], raw["sha256"]
    if not isinstance(path, str) or type(size) is not int or size < 0 or not isinstance(digest, str):
        raise ValueError("no entry of a list of files")
    return _Entry(PurePosixPath(path), size, digest)


def _is_safe(path: PurePosixPath) -> bool:
    text = path.as_posix()
    return (
        not path.is_absolute()
        and bool(path.parts)
        and len(text) <= LONGEST_PATH
        and _DRIVE.match(text) is None
        and _UNSAFE.search(text) is None
        and path.parts[0] not in LEFT_OUT
        # hidden files, and '.' and '..', are never in an archive of ours
        and not any(part.startswith(".") or part.endswith((".", " ")) for part in path.parts)
    )


def _is_plain(info: zipfile.ZipInfo) -> bool:
    mode = info.external_attr >> 16
    is_encrypted = bool(info.flag_bits & 0x1)
    return not info.is_dir() and not is_encrypted and (mode == 0 or stat.S_ISREG(mode))


def _require_room(entries: Sequence[_Entry], parent: Path) -> None:
    needed, free = sum(entry.size_bytes for entry in entries), shutil.disk_usage(parent).free
    if needed + SPARE_BYTES > free:
        raise OutputError(
            "The venue needs {needed:.1f} GB, and only {free:.1f} GB are free in {folder}.",
            "Make room, or choose another disk.",
            needed=(needed + SPARE_BYTES) / 1e9,
            free=free / 1e9,
            folder=str(parent),
        )


def _unpack(
    archive: zipfile.ZipFile, entries: Sequence[_Entry], folder: Path, *, file: Path, context: JobContext
) -> None:
    total, done = sum(entry.size_bytes for entry in entries), 0
    for entry in entries:
        target = folder / Path(*entry.path.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with archive.open(entry.path.as_posix()) as reading, target.open("xb") as writing:
            # never more than was promised, whatever the archive's own headers say
            while block := reading.read(min(BLOCK_BYTES, entry.size_bytes - size + 1)):
                size += len(block)
                if size > entry.size_bytes:
                    raise _refuse(file, "it holds more than its list says")
                writing.write(block)
                digest.update(block)
                context.checkpoint(done + size, total)
            writing.flush()
            os.fsync(writing.fileno())
        if size != entry.size_bytes or digest.hexdigest() != entry.sha256:
            raise ResultFileError(
                "'{path}' in {file} is damaged: its checksum is another one.",
                "Take another copy of the archive.",
                path=entry.path.as_posix(),
                file=str(file),
            )
        done += size
    context.checkpoint(done, total)


def _refuse(file: Path, reason: str) -> ResultFileError:
    return ResultFileError(
        "{file} cannot be restored: {reason}.",
        "Choose another file.",
        file=str(file),
        reason=Phrase(reason),
    )
