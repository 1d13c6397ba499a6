"""Backups of a venue's folder: its databases and small files, each backup a folder of its own, rotated.

Track files are not copied. They are never written twice, each says what it holds, and there are gigabytes of
them; what a backup adds to them is the rest: when somebody looked, the log, the venue and its plan.
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
    choose_aside,
    copy_database,
    find_damage,
    find_loss,
    swap_database,
)
from analytics.store.sql_schema import archive_files, track_journal
from analytics.store.store_failures import failures_in_words

MANIFEST_NAME = "backup.json"
MAX_FILE_BYTES = 64 * 2**20
"""Larger files are not small ones, and are left to whoever copies the whole folder."""
KEPT_RECENT, KEPT_DAYS = 3, 7

_NAME_FORMAT = "%Y-%m-%dT%H%M%SZ"
_LEFT_OUT_FOLDERS = frozenset({"tracks", "rollups", "outbox", "health", BACKUPS_NAME})
_LEFT_OUT_FILES = frozenset({"recorder.json", "recorder.stop"})
"""They say how things are at this moment, and would be wrong at any other."""
_LEFT_OUT_ENDINGS = ("-wal", "-shm", "-journal", ".lock", ".unfinished")
_LEFT_OUT_MARKS = (".damaged", ".replaced-")
_DATABASE_ENDING = ".sqlite"
_UNFINISHED_PREFIX = "."


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup.

    Attributes:
        made_s: when, seconds since the epoch.
        files: how many it holds.
        size_bytes: of all of them.
    """

    folder: Path
    made_s: float
    files: int
    size_bytes: int

    @property
    def name(self) -> str:
        """The moment in UTC, such as ``2026-11-26T090000Z``."""
        return self.folder.name


def make_backup(folder: Path, *, now_s: float) -> Backup:
    """Copy a venue's databases and small files, check the copies, and delete backups that are not kept.

    Others may write the venue meanwhile: each file is copied as it is at one moment.

    Raises:
        StoreError: the venue cannot be read, the backup not be written, or a database is damaged, which is
            then not backed up: an older, sound backup is worth more.
    """
    backups = folder / BACKUPS_NAME
    name = datetime.fromtimestamp(now_s, tz=UTC).strftime(_NAME_FORMAT)
    unfinished = backups / f"{_UNFINISHED_PREFIX}{name}-{os.getpid()}"
    with failures_in_words(str(backups)):
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
            unfinished.replace(target)
            sync_folder(backups)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        _rotate(list_backups(folder))
    return Backup(target, now_s, files, size_bytes)


def _require_history(folder: Path) -> None:
    """Check that there is no history to back up that is lost: nothing must not push sound backups out."""
    loss = find_loss(folder)
    if loss is not None:
        raise StoreError(
            loss.template,
            "Fix it with: python -m app venue repair {folder}",
            **{**loss.fields, "folder": folder},
        )


def list_backups(folder: Path) -> list[Backup]:
    """The finished backups of a venue, the newest first."""
    found = []
    for manifest in (folder / BACKUPS_NAME).glob(f"*/{MANIFEST_NAME}"):
        if manifest.parent.name.startswith(_UNFINISHED_PREFIX):
            continue
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            words = json.loads(manifest.read_text(encoding="utf-8"))
            found.append(
                Backup(manifest.parent, float(words["made_s"]), int(words["files"]), int(words["size_bytes"]))
            )
    return sorted(found, key=lambda backup: (backup.made_s, backup.name), reverse=True)


def find_backup(folder: Path, name: str | None) -> Backup:
    """The backup of a name, or the newest.

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
            "A recording makes one every hour; make one now with: python -m app venue backup {folder}",
            folder=folder,
        )
    raise StoreError(
        "There is no backup '{name}' in {folder}.",
        "There are: {known}.",
        name=name,
        folder=folder,
        known=", ".join(backup.name for backup in known),
    )


def choose_superfluous(made_s: Sequence[float]) -> set[int]:
    """Which of some backups are not kept, by their place in the list.

    Kept are the newest three, and the newest of each of the last seven days (of UTC) that have one.
    """
    order = sorted(range(len(made_s)), key=lambda index: made_s[index], reverse=True)
    kept = set(order[:KEPT_RECENT])
    days: dict[int, int] = {}
    for index in order:
        days.setdefault(int(made_s[index] // 86_400), index)
    kept.update([days[day] for day in sorted(days, reverse=True)[:KEPT_DAYS]])
    return set(order) - kept


def put_back(
    backup: Backup, folder: Path, *, keep_aside: str, left_alone: Collection[str] = ()
) -> tuple[str, ...]:
    """Put a backup's files in the place of the venue's; what stood there gets another name and stays.

    For whoever holds the venue's locks.

    Args:
        keep_aside: added to the names of the files that are replaced, before their ending.
        left_alone: names of files that are not put back.

    Returns:
        The names of the files that were put back, below the venue's folder.

    Raises:
        StoreError: the backup is damaged, and nothing was changed; or a file cannot be written, and running
            it again finishes it.
    """
    names = sorted(
        path.relative_to(backup.folder).as_posix()
        for path in backup.folder.rglob("*")
        if path.is_file() and path.name != MANIFEST_NAME and path.name not in left_alone
    )
    with failures_in_words(str(backup.folder)):
        for name in names:
            if name.endswith(_DATABASE_ENDING) and find_damage(backup.folder / name, is_thorough=True):
                raise StoreError("The backup {name} is damaged itself.", "Use another one.", name=backup.name)
    with failures_in_words(str(folder)):
        for name in names:
            _put_back_file(backup.folder / name, folder / name, keep_aside=keep_aside)
    return tuple(names)


def _put_back_file(source: Path, target: Path, *, keep_aside: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.unfinished")
    shutil.copy(source, fresh)  # and who may read it
    _sync(fresh)
    aside = target.with_name(f"{target.stem}.replaced-{keep_aside}{target.suffix}")
    if target.name.endswith(_DATABASE_ENDING):
        swap_database(fresh, target, aside=choose_aside(aside))
        return
    if target.exists():
        shutil.copy(target, aside)
    fresh.replace(target)
    sync_folder(target.parent)


def _find_files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        at_top = Path(parent) == folder
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and not (at_top and name in _LEFT_OUT_FOLDERS)
        ]
        for name in sorted(names):
            path = Path(parent) / name
            if name.startswith(".") or name.endswith(_LEFT_OUT_ENDINGS) or name in _LEFT_OUT_FILES:
                continue
            if any(mark in name for mark in _LEFT_OUT_MARKS) or path.is_symlink():
                continue
            if name.endswith(_DATABASE_ENDING) or path.stat().st_size <= MAX_FILE_BYTES:
                yield path


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not source.name.endswith(_DATABASE_ENDING):
        shutil.copy(source, target)
        return
    copy_database(source, target)
    shutil.copymode(source, target)
    with contextlib.closing(sqlite3.connect(target)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
        with connection:
            # points of the last minute are in a file by the time that anybody puts this back, and the list of
            # files is made again from the files
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
        # a folder without its manifest is no backup: half a deletion leaves none that looks whole
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
