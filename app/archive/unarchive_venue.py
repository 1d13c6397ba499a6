"""Restore a venue from an archive, after validating everything in it."""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from analytics.domain.clock import SystemClock
from analytics.domain.errors import OutputError, Phrase, ResultFileError, VenueError
from app.access.audit_log import RESTORED, record_audit
from app.archive.archive_venue import ARCHIVE_FORMAT, BLOCK_BYTES, LEFT_OUT, MANIFEST_NAME
from app.core.document import FOLDER_SUFFIX, Venue
from app.core.file_format import FILE_NAME, NewerFormatError, read_venue, require_free_place
from app.core.job import JobContext
from app.core.number_words import join_list
from app.error_reporting import convert_error
from app.integrations.integrations_file import FILE_NAME as SYSTEMS_FILE
from app.integrations.integrations_file import read_table, replace_table
from app.integrations.mqtt.mqtt_settings import read_mqtt, write_mqtt
from app.integrations.public import public_settings
from app.integrations.rest import rest_settings
from app.integrations.rest.access_tokens import read_tokens, write_tokens
from app.integrations.webhooks.webhook_settings import read_webhooks, write_webhooks
from app.reports.schedule_file import FILE_NAME as SCHEDULES_FILE
from app.reports.schedule_file import read_schedules, write_schedules
from app.timeline.counts_file import MAX_FILE_BYTES as MAX_COUNTS_BYTES
from resources.bounded_file import MAX_TEXT_BYTES
from resources.file_names import is_portable_name

MAX_MANIFEST_BYTES = 64_000_000
MAX_FILES = 200_000
MAX_VENUE_BYTES = 500_000_000_000
MAX_UNCONFIRMED_BYTES = 2_000_000_000
MIN_RATIO_CHECK_BYTES = 100_000_000
MAX_UNCONFIRMED_RATIO = 20
"""Maximum unpacked size relative to the archive without confirmation; databases of real venues: 3 to 6."""
MAX_PATH = 400
SPARE_BYTES = 200_000_000
"""Disk space that must stay free."""
_MAX_PART_BYTES: tuple[tuple[str, int | None], ...] = (
    ("counts/*", MAX_COUNTS_BYTES),
    ("views/*", 8 * 2**20),
    ("plan.*", 256 * 2**20),
    ("tracks/*", 2 * 2**30),
    ("rollups/*", 2**30),
    ("validation/*", 8 * 2**30),
    # files that are read as a whole
    ("*.toml", MAX_TEXT_BYTES),
    ("*.bak", MAX_TEXT_BYTES),
    ("*.json", MAX_TEXT_BYTES),
    # databases grow for years: the total size needs confirmation
    ("*.sqlite", None),
)
"""Maximum size by path pattern; the first match applies."""
MAX_OTHER_PART_BYTES = 256 * 2**20
_DENSE_FROM_BYTES = 16 * 2**20
_MAX_PART_RATIO = 100
"""Maximum compression ratio of larger parts; databases may contain empty space and are exempt."""
_DRIVE = re.compile(r"^[A-Za-z]:")
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\]')
"""Characters that are not allowed in file names on every system."""


@dataclass(frozen=True, slots=True)
class _Entry:
    path: PurePosixPath
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ArchiveContents:
    """The declared content of an archive that was not unpacked yet.

    Attributes:
        content_bytes: size of the unpacked venue.
    """

    files: int
    size_bytes: int
    content_bytes: int

    @property
    def is_large(self) -> bool:
        """Return whether restoring needs confirmation, because of absolute size or compression ratio."""
        return self.content_bytes > MAX_UNCONFIRMED_BYTES or (
            self.content_bytes > MIN_RATIO_CHECK_BYTES
            and self.content_bytes > MAX_UNCONFIRMED_RATIO * self.size_bytes
        )


@dataclass(frozen=True, slots=True)
class RestoredVenue:
    """A venue restored from an archive.

    Attributes:
        switched_off: connections to other systems that were switched off.
    """

    venue: Venue
    switched_off: tuple[Phrase, ...] = ()

    def describe_switched_off(self) -> Phrase | None:
        """Return the sentence about what was switched off; None if nothing was."""
        if not self.switched_off:
            return None
        return Phrase(
            "The following was switched off because it came with the archive: {systems}.",
            {"systems": join_list(self.switched_off)},
        )


def inspect_archive(file: Path) -> ArchiveContents:
    """Return the declared content of an archive without unpacking it.

    Raises:
        ResultFileError: it is no archive, is damaged, or declares more than a venue can have.
        OutputError: it cannot be read.
    """
    with _converting_archive_errors(file, file), zipfile.ZipFile(file) as archive:
        return _measure(file, _read_entries(archive, file=file, max_bytes=MAX_VENUE_BYTES))


def unarchive_venue(
    file: Path, folder: Path, context: JobContext | None = None, *, is_agreed: bool = False
) -> RestoredVenue:
    """Restore a venue from an archive into a new folder, completely or not at all.

    Connections to other systems are switched off: the archive may come from another party, or its venue may
    still be running where it was made.

    Args:
        is_agreed: whether a user has confirmed the size; `ArchiveContents.is_large` tells when this is
            needed.

    Raises:
        ResultFileError: the file is no archive, is damaged, would write outside of the folder, holds more
            than it declares, or is large without confirmation.
        VenueError: the folder exists, its name is not valid for a venue, or the archived venue is of a
            newer ExpoFlow or faulty.
        OutputError, StoreError: the disk is full or cannot be written to.
        JobCancelled: the job was cancelled.
    """
    context = context or JobContext()
    folder = Path(os.path.abspath(folder))
    _check_place(folder)
    # hidden, and in the same folder, so that the last step is one rename; the suffix lets it be read as a
    # venue
    unfinished = folder.with_name(f".restoring-{secrets.token_hex(4)}{FOLDER_SUFFIX}")
    try:
        with _converting_archive_errors(file, folder):
            with zipfile.ZipFile(file) as archive:
                entries = _read_entries(archive, file=file, max_bytes=MAX_VENUE_BYTES)
                contents = _measure(file, entries)
                _require_disk_space(entries, folder.parent)
                if contents.is_large and not is_agreed:
                    raise _make_confirmation_error(file, contents)
                unfinished.mkdir(mode=0o700)
                _unpack(archive, entries, unfinished, file=file, context=context)
            read_venue(unfinished)
            switched_off = _switch_off(unfinished)
            noted = {"switched off": ", ".join(map(str, switched_off))} if switched_off else {}
            record_audit(unfinished, RESTORED, {"file": file.name, **noted})
            unfinished.chmod(0o755)
            unfinished.rename(folder)
    finally:
        if unfinished.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
    return RestoredVenue(read_venue(folder), switched_off)


@contextlib.contextmanager
def _converting_archive_errors(file: Path, folder: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise _refuse(file, "it is damaged or not an ExpoFlow archive") from error
    except NewerFormatError:
        raise
    except VenueError as error:
        raise VenueError(error.problem_template, "Use another archive.", **error.details) from error
    except OSError as error:
        raise convert_error(OutputError, error, file=file if not file.exists() else folder) from error


def _measure(file: Path, entries: Sequence[_Entry]) -> ArchiveContents:
    return ArchiveContents(len(entries), file.stat().st_size, sum(entry.size_bytes for entry in entries))


def _make_confirmation_error(file: Path, contents: ArchiveContents) -> ResultFileError:
    return ResultFileError(
        "{file} has {size:.1f} MB and expands to {content:.1f} MB.",
        "If you trust its source, restore it with --yes.",
        file=str(file),
        size=contents.size_bytes / 1e6,
        content=contents.content_bytes / 1e6,
    )


def _switch_off(folder: Path) -> tuple[Phrase, ...]:
    """Switch off all connections of a venue to other systems and return what was switched off."""
    return (*_switch_off_systems(folder), *_switch_off_schedules(folder))


def _switch_off_systems(folder: Path) -> list[Phrase]:
    found = []
    try:
        # not read as settings: its certificate may not be on this machine
        rest = read_table(folder, rest_settings.TABLE, dict)
        if rest is not None and rest.get("enabled"):
            found.append(Phrase("REST interface for other systems"))
            replace_table(folder, rest_settings.TABLE, {**rest, "enabled": False})
        public = read_table(folder, public_settings.TABLE, dict)
        if public is not None and public.get("enabled"):
            found.append(Phrase("pages for visitors"))
            replace_table(folder, public_settings.TABLE, {**public, "enabled": False})
        tokens = read_tokens(folder)
        valid = [token for token in tokens if token.revoked_utc is None]
        if valid:
            found.append(Phrase("tokens: {count}", {"count": len(valid)}))
            now_utc = datetime.fromtimestamp(int(SystemClock().now_utc_s()), UTC)
            write_tokens(
                folder, [replace(token, revoked_utc=token.revoked_utc or now_utc) for token in tokens]
            )
        broker = read_mqtt(folder)
        if broker is not None and broker.is_enabled:
            found.append(Phrase("MQTT broker: {host}", {"host": broker.host}))
            write_mqtt(folder, replace(broker, is_enabled=False))
        webhooks = read_webhooks(folder)
        enabled = [webhook for webhook in webhooks if webhook.is_enabled]
        if enabled:
            found.append(Phrase("webhooks: {count}", {"count": len(enabled)}))
            write_webhooks(folder, [replace(webhook, is_enabled=False) for webhook in webhooks])
    except (VenueError, TypeError, ValueError):
        # a later version might be able to read and use the file
        (folder / SYSTEMS_FILE).unlink(missing_ok=True)
        found.append(Phrase("other systems (unreadable, not restored)"))
    return found


def _switch_off_schedules(folder: Path) -> list[Phrase]:
    try:
        known = read_schedules(folder)
        sent = [schedule for schedule in known.schedules if schedule.is_enabled]
        if not sent:
            return []
        off = tuple(replace(schedule, is_enabled=False) for schedule in known.schedules)
        write_schedules(folder, replace(known, schedules=off))
    except (VenueError, TypeError, ValueError):
        (folder / SCHEDULES_FILE).unlink(missing_ok=True)
        return [Phrase("scheduled reports (unreadable, not restored)")]
    return [Phrase("scheduled reports: {count}", {"count": len(sent)})]


def _check_place(folder: Path) -> None:
    if folder.suffix != FOLDER_SUFFIX or not folder.stem or folder.name.startswith("."):
        raise VenueError(
            "'{name}' is not a valid name for a venue's folder.",
            "Use a name such as {example}.",
            name=folder.name,
            example=f"{folder.stem.strip('.') or 'hall'}{FOLDER_SUFFIX}",
        )
    require_free_place(folder)


def _read_entries(archive: zipfile.ZipFile, *, file: Path, max_bytes: int) -> list[_Entry]:
    """Return the entries of the archive's manifest, if it matches the content."""
    infos = archive.infolist()
    if len(infos) > MAX_FILES:
        raise _refuse(file, "it contains too many files")
    by_name = {info.filename: info for info in infos}
    manifest = by_name.pop(MANIFEST_NAME, None)
    if manifest is None or manifest.file_size > MAX_MANIFEST_BYTES:
        raise _refuse(file, "it is damaged or not an ExpoFlow archive")
    with archive.open(manifest) as reading:
        content = reading.read(MAX_MANIFEST_BYTES + 1)
    try:
        raw: dict[str, Any] = json.loads(content)
        number = raw["format"]
        entries = [_read_entry(entry) for entry in raw["files"]] if number == ARCHIVE_FORMAT else []
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refuse(file, "its manifest cannot be read") from error
    if number != ARCHIVE_FORMAT:
        raise ResultFileError(
            "{file} is an archive of format {number}; this version of ExpoFlow supports format {current}.",
            "Update ExpoFlow on this machine.",
            file=str(file),
            number=number,
            current=ARCHIVE_FORMAT,
        )
    names = [entry.path.as_posix() for entry in entries]
    if len(by_name) != len(infos) - 1 or sorted(names) != sorted(by_name):
        raise _refuse(file, "its files do not match its manifest")
    for entry in entries:
        if not _is_safe(entry.path) or not _is_plain(by_name[entry.path.as_posix()]):
            raise ResultFileError(
                "{file} would write to '{path}', which is outside of the venue or not a regular file.",
                "Do not trust its source.",
                file=str(file),
                path=entry.path.as_posix(),
            )
    if len({name.casefold() for name in names}) != len(names):
        raise _refuse(file, "two of its files have the same name")
    if sum(entry.size_bytes for entry in entries) > max_bytes:
        raise ResultFileError(
            "{file} contains more than {gigabytes:.0f} GB.",
            "No venue is that large; do not trust its source.",
            file=str(file),
            gigabytes=max_bytes / 1e9,
        )
    for entry in entries:
        _check_size(entry, by_name[entry.path.as_posix()], file=file)
    if PurePosixPath(FILE_NAME) not in {entry.path for entry in entries}:
        raise _refuse(file, "it does not contain a venue")
    return entries


def _check_size(entry: _Entry, info: zipfile.ZipInfo, *, file: Path) -> None:
    path = entry.path.as_posix()
    limits = (limit for pattern, limit in _MAX_PART_BYTES if fnmatch.fnmatchcase(path, pattern))
    limit = next(limits, MAX_OTHER_PART_BYTES)
    is_too_large = limit is not None and entry.size_bytes > limit
    is_too_dense = entry.size_bytes > _DENSE_FROM_BYTES and (
        limit is not None and entry.size_bytes > _MAX_PART_RATIO * info.compress_size
    )
    if is_too_large or is_too_dense:
        raise ResultFileError(
            "'{path}' in {file} expands from {packed:.1f} MB to {megabytes:.0f} MB, far more "
            "than any file of a venue.",
            "Do not trust its source.",
            path=path,
            file=str(file),
            megabytes=entry.size_bytes / 1e6,
            packed=info.compress_size / 1e6,
        )


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
        and len(text) <= MAX_PATH
        and _DRIVE.match(text) is None
        and _UNSAFE.search(text) is None
        and path.parts[0] not in LEFT_OUT
        # our archives never contain hidden files, '.' or '..'
        and not any(part.startswith(".") or not is_portable_name(part) for part in path.parts)
    )


def _is_plain(info: zipfile.ZipInfo) -> bool:
    mode = info.external_attr >> 16
    is_encrypted = bool(info.flag_bits & 0x1)
    return not info.is_dir() and not is_encrypted and (mode == 0 or stat.S_ISREG(mode))


def _require_disk_space(entries: Sequence[_Entry], parent: Path) -> None:
    needed, free = sum(entry.size_bytes for entry in entries), shutil.disk_usage(parent).free
    if needed + SPARE_BYTES > free:
        raise OutputError(
            "The venue needs {needed:.1f} GB, but only {free:.1f} GB are free in {folder}.",
            "Free some space, or choose another disk.",
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
            # never more than declared, regardless of the archive's own headers
            while block := reading.read(min(BLOCK_BYTES, entry.size_bytes - size + 1)):
                size += len(block)
                if size > entry.size_bytes:
                    raise _refuse(file, "it contains more than its manifest lists")
                writing.write(block)
                digest.update(block)
                context.checkpoint(done + size, total)
            writing.flush()
            os.fsync(writing.fileno())
        if size != entry.size_bytes or digest.hexdigest() != entry.sha256:
            raise ResultFileError(
                "'{path}' in {file} is damaged: its checksum does not match.",
                "Use another copy of the archive.",
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
