"""The stored rollups of a venue, so that each stretch of time is computed once.

``VENUE.expoflow/rollups/`` has a folder for each stretch, ``START-END-KEY``: start and end in microseconds
since the epoch, and the first half of the digest of everything that the tables depend on (``rollup_key``). It
contains

* ``TABLE.parquet`` for each table of ``TABLES``, compressed with zstd, times counted from the start, *
``manifest.json``: format, key, start and end, the zones and lines counted by, and for each table its version,
  rows, bytes and CRC-32; with a CRC-32 of its own content.

A folder is written beside its place and renamed, so that it is complete or absent. A folder that does not
match its manifest, has another version or cannot be read counts as absent and is computed again.

Beside them, ``period-KEY.json`` has results of a whole period that take long to compute.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import uuid
import zlib
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from analytics.domain.clock import format_utc
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import RULE_NAMES, CountingLine, Zone, ZoneKind, describe_rule
from analytics.rollups.period_facts import StretchFacts
from analytics.rollups.rollup_key import FORMAT
from analytics.rollups.table_codec import decode_table, encode_table, to_arrow
from analytics.rollups.tables import TABLES
from resources.atomic_file import write_bytes_atomically


def describe_geometry(geometry: FloorGeometry) -> dict[str, object]:
    """Return the geometry that counts depend on; colours, labels and validity are left out."""
    return {
        "zones": [
            {
                "name": str(zone.name),
                "kind": zone.kind.value,
                "outline": [list(point) for point in zone.outline.points],
                **describe_rule(zone),
            }
            for zone in geometry.zones
        ],
        "lines": [
            {
                "name": str(line.name),
                "kind": line.kind.value,
                "path": [list(point) for point in line.path.points],
                "band_m": line.band_m,
            }
            for line in geometry.lines
        ],
    }


def read_geometry(values: Any) -> FloorGeometry:
    """Return the zones and lines of a described geometry.

    Raises:
        KeyError, TypeError, ValueError: the values describe no geometry.
    """
    return FloorGeometry(
        zones=tuple(_read_zone(zone) for zone in values["zones"]),
        lines=tuple(
            CountingLine(
                LineId(str(line["name"])),
                ZoneKind(line["kind"]),
                Polyline(_read_points(line["path"])),
                band_m=float(line["band_m"]),
            )
            for line in values["lines"]
        ),
    )


def _read_zone(values: Mapping[str, Any]) -> Zone:
    """Return a zone; one that an older version wrote has the defaults of what is missing."""
    rule: dict[str, Any] = {name: float(values[name]) for name in RULE_NAMES if name in values}
    outline = Polygon(_read_points(values["outline"]))
    return Zone(ZoneId(str(values["name"])), ZoneKind(values["kind"]), outline, **rule)


def _read_points(values: Any) -> tuple[tuple[float, float], ...]:
    return tuple((float(x_m), float(y_m)) for x_m, y_m in values)


ROLLUPS_NAME = "rollups"
"""Name of the folder within a venue's folder."""
MANIFEST_NAME = "manifest.json"
_UNFINISHED = ".unfinished-"
_NAME = re.compile(r"(-?\d+)-(-?\d+)-([0-9a-f]{32})")
_ABANDONED_S = 600.0
"""Writing a rollup takes a second or two; an unfinished folder this much older was abandoned."""
_PERIOD_FILES = "period-*.json"
MAX_PERIODS = 64
"""Maximum number of periods whose results are kept."""
_READERS = 2
"""Threads that decode tables: Parquet is read outside of Python's lock."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table's entry in the manifest."""

    version: int
    rows: int
    size_bytes: int
    crc32: int


@dataclass(frozen=True, slots=True)
class StoredRollup:
    """The rollup of one stretch on disk, as described by its manifest.

    Attributes:
        start_utc_s, end_utc_s: of the stretch, seconds since the epoch.
        tables: by name, including those whose files retention has deleted.
    """

    folder: Path
    start_utc_s: float
    end_utc_s: float
    key: str
    geometry: FloorGeometry
    tables: Mapping[str, StoredTable]

    def has(self, names: Collection[str], *, is_expired: bool = False) -> bool:
        """Return whether it has tables of these names in current versions, without reading their files.

        Args:
            is_expired: there are no tracks to compute it again, so that older versions are accepted.
        """
        return all(
            name in self.tables
            and (
                self.tables[name].version <= TABLES[name].version
                if is_expired
                else self.tables[name].version == TABLES[name].version
            )
            for name in names
        )


class RollupFolder:
    """The rollups of one venue; several processes may read and write them at the same time.

    Args:
        venue_folder: ``NAME.expoflow``.
    """

    def __init__(self, venue_folder: Path) -> None:
        self.path = venue_folder / ROLLUPS_NAME

    def find(self, *, period_s: tuple[float, float], key: str) -> StoredRollup | None:
        """Return the rollup of a stretch and key; None if there is none that can be read."""
        return _read_manifest(self.path / _name_folder(period_s, key))

    def find_all(self) -> tuple[StoredRollup, ...]:
        """Return every readable rollup in time order, the longest of one start first."""
        found = [_read_manifest(folder) for folder in self._list_folders()]
        readable = [rollup for rollup in found if rollup is not None]
        return tuple(sorted(readable, key=lambda rollup: (rollup.start_utc_s, -rollup.end_utc_s)))

    def is_sound(self, rollup: StoredRollup) -> bool:
        """Return whether all files of a rollup exist and match its manifest; they are not decoded."""
        return all(_read_content(rollup, name) is not None for name in rollup.tables)

    def read_many(
        self,
        rollups: Collection[StoredRollup],
        columns_of: Mapping[str, Collection[str]],
        *,
        is_expired: bool = False,
    ) -> Iterator[StretchFacts | None]:
        """Yield tables of rollups in order; None for one that is missing, damaged or of another version.

        Args:
            columns_of: columns of each table (see ``select_columns``), by its name.
            is_expired: see ``StoredRollup.has``.
        """
        jobs = [(rollup, name, columns) for rollup in rollups for name, columns in columns_of.items()]
        with ThreadPoolExecutor(_READERS, thread_name_prefix="rollups") as threads:
            tables = iter(threads.map(lambda job: _read_table(*job, is_expired=is_expired), jobs))
            for rollup in rollups:
                own = {name: next(tables) for name in columns_of}
                known = {name: table for name, table in own.items() if table is not None}
                yield (
                    StretchFacts(rollup.start_utc_s, rollup.end_utc_s, rollup.geometry, known)
                    if len(known) == len(own)
                    else None
                )

    def write(self, facts: StretchFacts, *, key: str) -> None:
        """Write the tables of a stretch, replacing what is stored for it under any key.

        Raises:
            OSError: it cannot be written; the previous content is still there.
        """
        period_s = facts.start_utc_s, facts.end_utc_s
        self.path.mkdir(exist_ok=True)
        unfinished = self.path / f"{_UNFINISHED}{uuid.uuid4().hex}"
        try:
            unfinished.mkdir()
            tables = {}
            for name, table in facts.tables.items():
                arrow = to_arrow(table) if isinstance(table, pd.DataFrame) else table
                content = encode_table(arrow)
                write_bytes_atomically(unfinished / f"{name}.parquet", content)
                tables[name] = {
                    "version": TABLES[name].version,
                    "rows": len(table),
                    "bytes": len(content),
                    "crc32": zlib.crc32(content),
                }
            content = _make_manifest(facts, key, tables)
            write_bytes_atomically(unfinished / MANIFEST_NAME, content)
            target = self.path / _name_folder(period_s, key)
            if target.exists():
                # damaged, or without a table that there is now
                _remove(target)
            unfinished.rename(target)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        prefix = _name_stretch(period_s)
        for folder in self._list_folders():
            if folder.name.startswith(prefix) and folder != target:
                _remove(folder)

    def read_period(self, key: str) -> bytes | None:
        """Return what was kept of a period; None if there is nothing that can be read."""
        try:
            return (self.path / f"period-{key}.json").read_bytes()
        except OSError:
            return None

    def write_period(self, key: str, content: bytes) -> None:
        """Keep results of a period, and of the others those written last.

        Raises:
            OSError: it cannot be written.
        """
        write_bytes_atomically(self.path / f"period-{key}.json", content)
        written = sorted(self.path.glob(_PERIOD_FILES), key=lambda file: file.stat().st_mtime)
        for file in written[:-MAX_PERIODS]:
            file.unlink(missing_ok=True)

    def add_copy(self, rollup: StoredRollup, *, period_s: tuple[float, float], key: str) -> None:
        """Copy another venue's rollup of a stretch that lies differently in time.

        Raises:
            OSError: it cannot be written.
        """
        tables = {
            name: {"version": of.version, "rows": of.rows, "bytes": of.size_bytes, "crc32": of.crc32}
            for name, of in rollup.tables.items()
        }
        self.path.mkdir(exist_ok=True)
        target = self.path / _name_folder(period_s, key)
        shutil.copytree(rollup.folder, target, dirs_exist_ok=True)
        facts = StretchFacts(*period_s, rollup.geometry, {})
        write_bytes_atomically(target / MANIFEST_NAME, _make_manifest(facts, key, tables))

    def sweep(self, in_use: Collection[Path], *, tracks_since_s: float | None) -> None:
        """Delete other folders than these, and unfinished ones.

        Args:
            in_use: folders to keep.
            tracks_since_s: rollups that begin earlier are kept as well, for they cannot be computed again,
                but lose their tables of visitors.
        """
        for folder in self._list_folders():
            if tracks_since_s is not None and _read_start(folder) < tracks_since_s:
                _delete_visitor_tables(folder)
            elif folder not in in_use:
                _remove(folder)
        for folder in self._list_unfinished():
            shutil.rmtree(folder, ignore_errors=True)

    def delete_visitor_tables(self, *, before_s: float) -> None:
        """Delete the tables of single visitors of stretches that begin before a moment."""
        for folder in self._list_folders():
            if _read_start(folder) < before_s:
                _delete_visitor_tables(folder)

    def find_between(self, start_s: float, end_s: float) -> tuple[Path, ...]:
        """Return the folders of stretches that touch a period, including unreadable ones."""
        return tuple(
            folder
            for folder in self._list_folders()
            if _overlaps(folder, round(start_s * 1e6), round(end_s * 1e6))
        )

    def erase_between(self, start_s: float, end_s: float) -> int:
        """Delete everything stored for stretches that touch a period, sums as well; return how many.

        Raises:
            OSError: one of them could not be deleted.
        """
        found = self.find_between(start_s, end_s)
        for folder in found:
            shutil.rmtree(folder)
        for file in self.path.glob(_PERIOD_FILES):
            file.unlink(missing_ok=True)
        for folder in self.path.glob(f"{_UNFINISHED}*"):
            # the leftover of a killed process may be of any period
            shutil.rmtree(folder, ignore_errors=True)
        return len(found)

    def measure_bytes(self) -> int:
        """Return the disk space of the rollups in bytes."""
        return sum(
            file.stat().st_size
            for folder in self._list_folders()
            for file in folder.glob("*")
            if file.is_file()
        )

    def _list_unfinished(self) -> list[Path]:
        """Return unfinished folders of processes that were killed long ago."""
        try:
            found = [folder for folder in self.path.iterdir() if folder.name.startswith(_UNFINISHED)]
            if not found:
                return []
            # the disk's own clock, which may belong to another machine
            now_s = max(folder.stat().st_mtime for folder in (self.path, *found))
            return [folder for folder in found if now_s - folder.stat().st_mtime > _ABANDONED_S]
        except OSError:
            return []

    def _list_folders(self) -> list[Path]:
        try:
            return sorted(folder for folder in self.path.iterdir() if _NAME.fullmatch(folder.name))
        except OSError:
            return []


def _name_stretch(period_s: tuple[float, float]) -> str:
    return "-".join(str(round(moment_s * 1e6)) for moment_s in period_s) + "-"


def _name_folder(period_s: tuple[float, float], key: str) -> str:
    return _name_stretch(period_s) + key[:32]


def _read_start(folder: Path) -> float:
    return int(folder.name[: folder.name.index("-", 1)]) / 1e6


def _overlaps(folder: Path, start_us: int, end_us: int) -> bool:
    match = _NAME.fullmatch(folder.name)
    return match is not None and int(match[1]) < end_us and int(match[2]) > start_us


def _make_manifest(facts: StretchFacts, key: str, tables: Mapping[str, object]) -> bytes:
    content = {
        "format": FORMAT,
        "key": key,
        "start_utc_s": facts.start_utc_s,
        "end_utc_s": facts.end_utc_s,
        "start_utc": format_utc(facts.start_utc_s),
        "geometry": describe_geometry(facts.geometry),
        "tables": tables,
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return json.dumps({"crc32": zlib.crc32(text.encode()), "content": text}, ensure_ascii=False).encode()


def _read_manifest(folder: Path) -> StoredRollup | None:
    try:
        written = (folder / MANIFEST_NAME).read_bytes()
        return _parse_manifest(folder, written)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


@lru_cache(maxsize=512)
def _parse_manifest(folder: Path, written: bytes) -> StoredRollup | None:
    outer = json.loads(written)
    text = str(outer["content"])
    content: Any = json.loads(text)
    if zlib.crc32(text.encode()) != outer["crc32"] or content["format"] != FORMAT:
        return None
    rollup = StoredRollup(
        folder=folder,
        start_utc_s=float(content["start_utc_s"]),
        end_utc_s=float(content["end_utc_s"]),
        key=str(content["key"]),
        geometry=read_geometry(content["geometry"]),
        tables={
            str(name): StoredTable(int(of["version"]), int(of["rows"]), int(of["bytes"]), int(of["crc32"]))
            for name, of in content["tables"].items()
        },
    )
    own_name = _name_folder((rollup.start_utc_s, rollup.end_utc_s), rollup.key)
    return rollup if folder.name == own_name else None


def _read_table(
    rollup: StoredRollup, name: str, columns: Collection[str], *, is_expired: bool
) -> pa.Table | None:
    content = _read_content(rollup, name) if rollup.has([name], is_expired=is_expired) else None
    if content is None:
        return None
    try:
        table = decode_table(content, columns)
    except (OSError, ValueError):
        # pyarrow's errors are of these kinds
        return None
    return table if len(table) == rollup.tables[name].rows else None


def _read_content(rollup: StoredRollup, name: str) -> bytes | None:
    entry = rollup.tables[name]
    try:
        content = (rollup.folder / f"{name}.parquet").read_bytes()
    except OSError:
        return None
    return content if len(content) == entry.size_bytes and zlib.crc32(content) == entry.crc32 else None


def _delete_visitor_tables(folder: Path) -> None:
    sums = {f"{name}.parquet" for name, table in TABLES.items() if table.is_sum}
    for file in folder.glob("*.parquet"):
        if file.name not in sums:
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    """Move a folder out of the way and delete it; if it cannot be moved, leave it unchanged."""
    moved = folder.with_name(f"{_UNFINISHED}{uuid.uuid4().hex}")
    with contextlib.suppress(OSError):
        folder.rename(moved)
        shutil.rmtree(moved, ignore_errors=True)
