"""Back up the databases and small files of a venue's folder, with rotation.

Track files are not copied: they are never rewritten, describe their own content, and take gigabytes. A backup
adds the rest: the record of observation, the log, the venue and its plan.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from analytics.domain.errors import StoreError
from analytics.store.durable_files import sync_folder
from analytics.store.history_folder import BACKUPS_NAME
from analytics.store.recovery.database_copy import (
    choose_free_name,
    copy_database,
    find_damage,
    find_loss,
    swap_database,
)
from analytics.store.sql_schema import archive_files, track_journal
from analytics.store.store_failures import converting_store_errors
from resources.atomic_file import rename_over

MANIFEST_NAME = "backup.json"
MAX_FILE_BYTES = 64 * 2**20
"""Maximum size of a file in a backup; larger files are left to backups of the whole folder."""
RECENT_BACKUPS, RETENTION_DAYS = 3, 7

_NAME_FORMAT = "%Y-%m-%dT%H%M%SZ"
_EXCLUDED_FOLDERS = frozenset({"tracks", "rollups", "outbox", "health", BACKUPS_NAME})
_EXCLUDED_FILES = frozenset({"recorder.json", "recorder.stop", "recorder.cameras.json", "site.cameras.json"})
"""Files that describe the current state, which would be wrong at any other time."""
_EXCLUDED_SUFFIXES = ("-wal", "-shm", "-journal", ".lock", ".unfinished")
_EXCLUDED_MARKS = (".damaged", ".replaced-")
_DATABASE_SUFFIX = ".sqlite"
_UNFINISHED_PREFIX = "."


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup of a venue.

    Attributes:
        made_s: time of the backup, seconds since the epoch.
        size_bytes: total size.
    """

    folder: Path
    made_s: float
    files: int
    size_bytes: int

    @property
    def name(self) -> str:
        """Return the time in UTC as a name, such as ``2026-11-26T090000Z``."""
        return self.folder.name


def make_backup(folder: Path, *, now_s: float) -> Backup:
    """Copy a venue's databases and small files, check the copies, and delete expired backups.

    The venue may be written meanwhile: each file is copied as of one point in time.

    Raises:
        StoreError: the venue cannot be read, the backup cannot be written, or a database is damaged,
            which is then not backed up, because an older, sound backup is worth more.
    """
    backups = folder / BACKUPS_NAME
    name = datetime.fromtimestamp(now_s, tz=UTC).strftime(_NAME_FORMAT)
    unfinished = backups / f"{_UNFINISHED_PREFIX}{name}-{os.getpid()}"
    with converting_store_errors(str(backups)):
        _require_history(folder)
        backups.mkdir(exist_ok=True)
        for left in backups.glob(f"{_UNFINISHED_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        unfinished.mkdir()
        try:
            files = 0
            for source in _find_files(folder):
                _copy(source, unfinished / source.relative_to(folder))
                files += 1
            size_bytes = sum(path.stat().st_size for path in unfinished.rglob("*") if path.is_file())
            manifest = {"format": 1, "made_s": now_s, "files": files, "size_bytes": size_bytes}
            (unfinished / MANIFEST_NAME).write_text(json.dumps(manifest), encoding="utf-8")
            for path in unfinished.rglob("*"):
                _sync(path)
            target = backups / name
            if target.exists():
                shutil.rmtree(target)
            rename_over(unfinished, target)
            sync_folder(backups)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        _rotate(list_backups(folder))
    return Backup(target, now_s, files, size_bytes)


def _require_history(folder: Path) -> None:
    """Check that the history is not lost, so that empty backups do not replace sound ones."""
    loss = find_loss(folder)
    if loss is not None:
        raise StoreError(
            loss.template,
            "Fix it with: python -m app venue repair {folder}",
            **{**loss.fields, "folder": folder},
        )


def list_backups(folder: Path) -> list[Backup]:
    """Return the finished backups of a venue, newest first."""
    found = []
    for manifest in (folder / BACKUPS_NAME).glob(f"*/{MANIFEST_NAME}"):
        if manifest.parent.name.startswith(_UNFINISHED_PREFIX):
            continue
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            manifest_content = json.loads(manifest.read_text(encoding="utf-8"))
            found.append(
                Backup(
                    manifest.parent,
                    float(manifest_content["made_s"]),
                    int(manifest_content["files"]),
                    int(manifest_content["size_bytes"]),
                )
            )
    return sorted(found, key=lambda backup: (backup.made_s, backup.name), reverse=True)


def find_backup(folder: Path, name: str | None) -> Backup:
    """Return the backup of a name, or the newest.

    Raises:
        StoreError: there is none.
    """
    known = list_backups(folder)
    for backup in known:
        if name in (None, backup.name):
            return backup
    if not known:
        raise StoreError(
            "There is no backup in {folder}.",
            "A recording makes a backup every hour. Make one now with: python -m app venue backup {folder}",
            folder=folder,
        )
    raise StoreError(
        "There is no backup '{name}' in {folder}.",
        "Available backups: {known}.",
        name=name,
        folder=folder,
        known=", ".join(backup.name for backup in known),
    )


def choose_superfluous(made_s: Sequence[float]) -> set[int]:
    """Return the indices of expired backups.

    Kept are the newest three, and the newest of each of the last seven days (UTC) with backups.
    """
    order = sorted(range(len(made_s)), key=lambda index: made_s[index], reverse=True)
    retained = set(order[:RECENT_BACKUPS])
    days: dict[int, int] = {}
    for index in order:
        days.setdefault(int(made_s[index] // 86_400), index)
    retained.update([days[day] for day in sorted(days, reverse=True)[:RETENTION_DAYS]])
    return set(order) - retained


def restore_files(
    backup: Backup, folder: Path, *, replaced_mark: str, excluded: Collection[str] = ()
) -> tuple[str, ...]:
    """Restore the files of a backup; replaced files get another name. Only for the holder of the venue's
    locks.

    Args:
        replaced_mark: text added to the names of replaced files, before the suffix.

    Returns:
        Names of the restored files within the venue's folder.

    Raises:
        StoreError: the backup is damaged, and nothing was changed; or a file cannot be written, and the
            operation can be repeated.
    """
    names = sorted(
        path.relative_to(backup.folder).as_posix()
        for path in backup.folder.rglob("*")
        if path.is_file() and path.name != MANIFEST_NAME and path.name not in excluded
    )
    with converting_store_errors(str(backup.folder)):
        for name in names:
            if name.endswith(_DATABASE_SUFFIX) and find_damage(backup.folder / name, is_thorough=True):
                raise StoreError("The backup {name} is damaged.", "Use another backup.", name=backup.name)
    with converting_store_errors(str(folder)):
        for name in names:
            _restore_file(backup.folder / name, folder / name, replaced_mark=replaced_mark)
    return tuple(names)


def _restore_file(source: Path, target: Path, *, replaced_mark: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.unfinished")
    shutil.copy(source, fresh)  # with its permissions
    _sync(fresh)
    renamed_to = target.with_name(f"{target.stem}.replaced-{replaced_mark}{target.suffix}")
    if target.name.endswith(_DATABASE_SUFFIX):
        swap_database(fresh, target, renamed_to=choose_free_name(renamed_to))
        return
    if target.exists():
        shutil.copy(target, renamed_to)
    rename_over(fresh, target)
    sync_folder(target.parent)


def _find_files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        at_top = Path(parent) == folder
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and not (at_top and name in _EXCLUDED_FOLDERS)
        ]
        for name in sorted(names):
            path = Path(parent) / name
            if name.startswith(".") or name.endswith(_EXCLUDED_SUFFIXES) or name in _EXCLUDED_FILES:
                continue
            if any(mark in name for mark in _EXCLUDED_MARKS) or path.is_symlink():
                continue
            if name.endswith(_DATABASE_SUFFIX) or path.stat().st_size <= MAX_FILE_BYTES:
                yield path


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not source.name.endswith(_DATABASE_SUFFIX):
        shutil.copy(source, target)
        return
    copy_database(source, target)
    shutil.copymode(source, target)
    with contextlib.closing(sqlite3.connect(target)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
        with connection:
            # points of the last minute will be in a file by the time of a restore, and the list of files is
            # rebuilt from the files
            for name in tables & {track_journal.name, archive_files.name}:
                connection.execute(f'DELETE FROM "{name}"')  # noqa: S608 -- our own names
        connection.execute("VACUUM")
    damage = find_damage(target, is_thorough=True)
    if damage:
        raise StoreError(
            "{file} is damaged ({damage}); it was not backed up.",
            "Fix it with: python -m app venue repair {folder}",
            file=source,
            damage=damage[0],
            folder=source.parent,
        )


def _rotate(backups: Sequence[Backup]) -> None:
    for index in choose_superfluous([backup.made_s for backup in backups]):
        # a folder without manifest is no backup, so a partial deletion leaves none that looks complete
        with contextlib.suppress(OSError):
            (backups[index].folder / MANIFEST_NAME).unlink()
            shutil.rmtree(backups[index].folder)


def _sync(path: Path) -> None:
    if os.name == "nt" or not path.is_file():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
