"""Put a whole venue into one file, with a checksum of every part, also while it is recorded."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock, format_utc
from analytics.domain.errors import OutputError, StoreError
from app.access.guard import doing
from app.access.roles import Permission
from app.core.document import FOLDER_SUFFIX
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.core.versions import collect_versions
from app.error_reporting import convert_error
from resources.atomic_file import replace_file

ARCHIVE_SUFFIX = f"{FOLDER_SUFFIX}.zip"
ARCHIVE_FORMAT = 1
MANIFEST_NAME = "expoflow-archive.json"
LEFT_OUT = frozenset(
    {
        # PINs are short enough to be tried out against their hashes, by whoever gets hold of the file
        "access.toml",
        # what belongs to this place: locks, who records, reports that wait to be sent, copies, health
        "writer.lock",
        "recorder.json",
        "recorder.stop",
        "outbox",
        "backups",
        "health",
    }
)
"""Names at the top of a venue's folder; hidden files, SQLite's side files and links are left out, too."""
OWNER_ONLY = 0o600
"""An archive holds tracks, which are personal data."""
BLOCK_BYTES = 1 << 20
_DATABASE_SUFFIX = ".sqlite"
_SIDE_SUFFIXES = ("-wal", "-shm", "-journal")
_PACKED_SUFFIXES = {".parquet", ".png", ".jpg", ".jpeg", ".pdf", ".zip", ".xlsx", ".pptx"}
_TRIES = 5
"""While it is recorded, minutes of tracks become hours: a file that is listed may be gone when it is read."""


@dataclass(frozen=True, slots=True)
class ArchivedVenue:
    """What is in an archive.

    Attributes:
        size_bytes: of the archive itself.
        content_bytes: of what is in it.
    """

    file: Path
    files: int
    content_bytes: int
    size_bytes: int


def archive_venue(
    folder: Path, file: Path, context: JobContext | None = None, *, clock: Clock | None = None
) -> ArchivedVenue:
    """Write a venue into one file; nothing is left under its name if that fails or is cancelled.

    It holds no password (they are not in a venue's folder), and no users and PINs.

    Raises:
        VenueError: there is no such venue.
        OutputError: the file exists, or cannot be written.
        StoreError: a database cannot be copied.
        AccessError: who is at work may not export what single persons did.
        JobCancelled: the context says so.
    """
    context = context or JobContext()
    venue = read_venue(folder)
    if file.exists():
        raise OutputError("There is a file {file} already.", "Choose another name.", file=str(file))
    made_utc = format_utc((clock or SystemClock()).now_utc_s())
    with doing(venue.folder, Permission.EXPORT_PERSONS, "venue archived", {"file": file.name}):
        for attempt in range(_TRIES):
            try:
                return _write(venue.folder, file, context, name=venue.name, made_utc=made_utc)
            except _Vanished as gone:
                if attempt == _TRIES - 1:
                    raise StoreError(
                        "{part} changed while it was being read, or is gone.",
                        "Stop the recording for the moment that it takes; or, if it is gone, repair the "
                        "venue first: python -m app venue repair {folder}",
                        part=str(gone),
                        folder=str(venue.folder),
                    ) from gone
            except OSError as error:
                raise convert_error(OutputError, error, file=file) from error
    raise AssertionError("each try returns or raises")


class _Vanished(Exception):  # noqa: N818 - the reason for another try
    """A file that was listed is no more."""


def list_parts(folder: Path) -> list[Path]:
    """The files of a venue that belong into an archive, relative to its folder, in order."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder, followlinks=False):
        here = Path(place)
        is_top = here == folder
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not (is_top and name in LEFT_OUT)
        )
        for name in sorted(names):
            if name.startswith(".") or name.endswith(_SIDE_SUFFIXES) or (is_top and name in LEFT_OUT):
                continue
            with contextlib.suppress(FileNotFoundError):
                if stat.S_ISREG((here / name).lstat().st_mode):
                    found.append((here / name).relative_to(folder))
    return found


def _write(folder: Path, file: Path, context: JobContext, *, name: str, made_utc: str) -> ArchivedVenue:
    with _copy_databases(folder) as copies:
        # listed after the databases were copied: every file of tracks that a copy names is there then,
        # or has become part of a later one
        parts = [part for part in list_parts(folder) if part.suffix != _DATABASE_SUFFIX or part in copies]
        sources = {part: copies.get(part, folder / part) for part in parts}
        named = _read_named_tracks(copies.get(Path("events.sqlite")))
        missing = named - {part.as_posix() for part in parts}
        if missing:
            raise _Vanished(min(missing))
        total = sum(_measure(source) for source in sources.values())
        entries, done = [], 0
        with replace_file(file, mode=OWNER_ONLY) as temporary:
            with zipfile.ZipFile(temporary, "w", allowZip64=True) as archive:
                for part, source in sources.items():
                    digest, size = hashlib.sha256(), 0
                    packing = zipfile.ZIP_STORED if part.suffix in _PACKED_SUFFIXES else zipfile.ZIP_DEFLATED
                    info = zipfile.ZipInfo(part.as_posix())
                    info.compress_type = packing
                    info.external_attr = (stat.S_IFREG | 0o644) << 16
                    try:
                        reading = source.open("rb")
                    except FileNotFoundError:
                        raise _Vanished(part.as_posix()) from None
                    with reading, archive.open(info, "w", force_zip64=True) as writing:
                        while block := reading.read(BLOCK_BYTES):
                            writing.write(block)
                            digest.update(block)
                            size += len(block)
                            context.checkpoint(done + size, max(total, done + size))
                    done += size
                    entries.append({"path": part.as_posix(), "bytes": size, "sha256": digest.hexdigest()})
                manifest = {
                    "format": ARCHIVE_FORMAT,
                    "venue": name,
                    "made_utc": made_utc,
                    "versions": collect_versions(),
                    "files": entries,
                }
                archive.writestr(MANIFEST_NAME, json.dumps(manifest, ensure_ascii=False, indent=1))
            context.checkpoint(done, max(total, done))
        return ArchivedVenue(file, len(entries), done, file.stat().st_size)


@contextlib.contextmanager
def _copy_databases(folder: Path) -> Iterator[dict[Path, Path]]:
    """Copies of the databases as they are at one moment each, by their names in the venue's folder."""
    # what shows the window loads this module, and SQLAlchemy is slow to load
    from analytics.store.recovery.database_copy import copy_database

    with tempfile.TemporaryDirectory(prefix=".archive-", dir=folder) as place:
        copies = {}
        for database in sorted(folder.glob(f"*{_DATABASE_SUFFIX}")):
            copy = Path(place) / database.name
            try:
                copy_database(database, copy)
            except sqlite3.Error as error:
                raise StoreError(
                    "The database {file} cannot be copied: {cause}.",
                    "Look at it with: python -m app venue repair {folder}",
                    file=str(database),
                    cause=str(error),
                    folder=str(folder),
                ) from error
            copies[Path(database.name)] = copy
        yield copies


def _read_named_tracks(history: Path | None) -> set[str]:
    if history is None:
        return set()
    with contextlib.closing(sqlite3.connect(history)) as connection:
        try:
            return {f"tracks/{name}" for (name,) in connection.execute("SELECT name FROM archive_files")}
        except sqlite3.OperationalError:
            # a history that has just been made has no tables yet
            return set()


def _measure(source: Path) -> int:
    try:
        return source.stat().st_size
    except FileNotFoundError:
        return 0
