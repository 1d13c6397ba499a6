"""Archive a whole venue in one file with checksums, also while it is recorded."""

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
        # PINs are short enough to be guessed from their hashes
        "access.toml",
        # of one machine, which another joins a site without; the settings hold hashes of PINs
        "site.toml",
        "site-settings.json",
        "site.cameras.json",
        "recorder.cameras.json",
        # local state: locks, recorder, unsent reports, copies, health
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
"""File mode: an archive holds tracks, which are personal data."""
BLOCK_BYTES = 1 << 20
_DATABASE_SUFFIX = ".sqlite"
_SIDE_SUFFIXES = ("-wal", "-shm", "-journal")
_PACKED_SUFFIXES = {".parquet", ".png", ".jpg", ".jpeg", ".pdf", ".zip", ".xlsx", ".pptx"}
_TRIES = 5
"""Attempts, because a recording merges minutes of tracks into hours, so that listed files may disappear."""


@dataclass(frozen=True, slots=True)
class ArchivedVenue:
    """The result of archiving a venue.

    Attributes:
        size_bytes: size of the archive.
        content_bytes: total size of its files.
    """

    file: Path
    files: int
    content_bytes: int
    size_bytes: int


def archive_venue(
    folder: Path, file: Path, context: JobContext | None = None, *, clock: Clock | None = None
) -> ArchivedVenue:
    """Write a venue into one file; no file remains after failure or cancellation.

    The archive holds no passwords (they are not in a venue's folder), users or PINs.

    Raises:
        VenueError: there is no such venue.
        OutputError: the file exists, or cannot be written.
        StoreError: a database cannot be copied.
        AccessError: the current user may not export data of individual visitors.
        JobCancelled: the job was cancelled.
    """
    context = context or JobContext()
    venue = read_venue(folder)
    if file.exists():
        raise OutputError("The file {file} already exists.", "Choose another name.", file=str(file))
    made_utc = format_utc((clock or SystemClock()).now_utc_s())
    with doing(venue.folder, Permission.EXPORT_PERSONS, "venue archived", {"file": file.name}):
        for attempt in range(_TRIES):
            try:
                return _write(venue.folder, file, context, name=venue.name, made_utc=made_utc)
            except _FileVanished as gone:
                if attempt == _TRIES - 1:
                    raise StoreError(
                        "{part} changed while it was being read, or is missing.",
                        "Stop the recording meanwhile. If the file is missing, repair the venue first: "
                        "python -m app venue repair {folder}",
                        part=str(gone),
                        folder=str(venue.folder),
                    ) from gone
            except OSError as error:
                raise convert_error(OutputError, error, file=file) from error
    raise AssertionError("each try returns or raises")


class _FileVanished(Exception):  # noqa: N818 - causes a retry
    """A listed file that has disappeared."""


def list_parts(folder: Path) -> list[Path]:
    """Return the files of a venue to archive, relative to its folder, in order."""
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
        # listed after copying the databases: every track file that a copy names exists then, or was merged
        # into a later one
        parts = [part for part in list_parts(folder) if part.suffix != _DATABASE_SUFFIX or part in copies]
        sources = {part: copies.get(part, folder / part) for part in parts}
        named = _read_named_tracks(copies.get(Path("events.sqlite")))
        missing = named - {part.as_posix() for part in parts}
        if missing:
            raise _FileVanished(min(missing))
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
                        raise _FileVanished(part.as_posix()) from None
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
    """Copy each database as of one point in time and yield the copies by file name."""
    # the window loads this module, and SQLAlchemy is slow to load
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
                    "Repair it with: python -m app venue repair {folder}",
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
            # a new history has no tables yet
            return set()


def _measure(source: Path) -> int:
    try:
        return source.stat().st_size
    except FileNotFoundError:
        return 0
