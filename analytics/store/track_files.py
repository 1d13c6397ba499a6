"""Write, merge, cut and check track points in Parquet files.

A file contains points of one hour of UTC. Lengths are integer millimetres, times integer microseconds,
delta-encoded and compressed by zstd. Points are ordered by camera, tracklet and time within a row group,
because consecutive positions of a person differ little.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics.store.durable_files import write_durably
from analytics.store.microseconds import hour_of, to_s

_FIELDS: list[tuple[str, Any]] = [
    ("time_us", pa.int64()),
    ("camera", pa.string()),
    ("tracklet", pa.int64()),
    ("x_mm", pa.int32()),
    ("y_mm", pa.int32()),
    ("sigma_mm", pa.int32()),
    ("height_mm", pa.int32()),
    ("state", pa.string()),
]
POINT_SCHEMA = pa.schema(_FIELDS)
_PACKED = ("time_us", "tracklet", "x_mm", "y_mm", "sigma_mm", "height_mm")
_FOOTER_KEY = b"expoflow"
_CHECKSUM_KEY = b"expoflow.crc32"
_NO_CHECKSUM = b"0" * 10
"""Placeholder for the checksum while it is computed over the whole file."""
_MAGIC = b"PAR1"
_TAIL_BYTES = 8
"""Size of the end of a Parquet file: the length of its footer, four bytes, and the magic word."""
_BLOCK_BYTES = 1 << 20
ROW_GROUP_POINTS = 60_000
"""About a minute of a large hall: small enough to skip by time, large enough to compress well."""


@dataclass(frozen=True, slots=True)
class TrackFile:
    """An entry of the list of track files.

    Attributes:
        name: name within the archive's folder, with slashes.
        hour_us: start of its hour.
        first_sequence, last_sequence: range of its points' numbers, which may overlap those of other
            files.
    """

    name: str
    hour_us: int
    first_sequence: int
    last_sequence: int
    first_us: int
    last_us: int
    points: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Footer:
    """The description of a file in its footer, from which it can be listed again if the database is lost.

    Attributes:
        sources: files from which it was merged.
        replaced: these files and their own sources.
        last_tracklet: largest tracklet number.
    """

    file: TrackFile
    sources: tuple[str, ...]
    replaced: frozenset[str]
    last_tracklet: int


class MergeCancelled(Exception):  # noqa: N818 -- no error
    """A merge that was cancelled without leaving a file."""


def write_minute_file(
    folder: Path,
    points: pa.Table,
    *,
    hour_us: int,
    first_sequence: int,
    last_sequence: int,
    tag: str = "",
) -> TrackFile:
    """Write a batch's points of one hour as ``date=…/hour=HH.minute=MM-SEQUENCE.parquet``.

    Args:
        tag: added to the name, to tell batches of the same minute and number apart.

    Raises:
        OSError: no file of the name remains.
    """
    bounds: Any = pc.min_max(points["time_us"]).as_py()
    minute = (bounds["min"] - hour_us) // 60_000_000
    name = f"{_hour_stem(hour_us)}.minute={minute:02d}-{first_sequence:012d}{tag}.parquet"
    return _write(
        folder,
        name,
        lambda: iter([points]),
        hour_us=hour_us,
        sequences=(first_sequence, last_sequence),
    )


def merge_files(
    folder: Path,
    sources: Sequence[TrackFile],
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> TrackFile:
    """Merge files of one hour to ``date=…/hour=HH-SEQUENCE.parquet``.

    Args:
        is_cancelled: called between row groups.

    Raises:
        MergeCancelled: the merge was cancelled.
        OSError: the new file cannot be written.
        ValueError: a source is missing or damaged.
    """
    ordered = sorted(sources, key=lambda source: source.first_sequence)
    first = ordered[0]
    last_sequence = max(source.last_sequence for source in ordered)
    paths = [folder / source.name for source in ordered]
    require_intact(folder, ordered)
    earlier = {name for path in paths for name in read_footer(folder, path).replaced}

    def read_chunks() -> Iterator[pa.Table]:
        for chunk in _read_row_groups(paths):
            if is_cancelled():
                raise MergeCancelled
            yield chunk

    merged = _write(
        folder,
        _find_free_name(folder, f"{_hour_stem(first.hour_us)}-{last_sequence:012d}"),
        read_chunks,
        hour_us=first.hour_us,
        sequences=(first.first_sequence, last_sequence),
        sources=tuple(source.name for source in ordered),
        earlier=tuple(sorted(earlier)),
    )
    # Arrow would keep the memory of these columns until the next hour
    pa.default_memory_pool().release_unused()
    return merged


def is_intact(folder: Path, file: TrackFile, *, is_thorough: bool = False) -> bool:
    """Return whether a listed file exists and has its original content.

    Files are never rewritten, so this process checks a file again only if its size or modification time
    changed.

    Args:
        is_thorough: read it completely and compare its checksum; otherwise only its size and both ends.

    Raises:
        OSError: it cannot be read for another reason.
    """
    path = os.path.join(folder, file.name)
    try:
        stat = os.stat(path)
        stamp = stat.st_size, stat.st_mtime_ns, stat.st_ino
        known = _CHECKED.get(path)
        if known is None or known[0] != stamp or (known[2] and is_thorough and not known[1]):
            is_sound = stat.st_size == file.bytes and _has_both_ends(path)
            if is_sound and is_thorough:
                is_sound = _has_valid_content(folder / file.name)
            known = _CHECKED[path] = stamp, is_thorough or not is_sound, is_sound
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EIO}:
            return False
        raise
    return known[2]


_CHECKED: dict[str, tuple[tuple[int, int, int], bool, bool]] = {}
"""Size, modification time and inode of a file; whether it was read completely; whether it is sound."""


def _has_both_ends(path: str) -> bool:
    with open(path, "rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return False
        size = file.seek(-_TAIL_BYTES, 2) + _TAIL_BYTES
        tail = file.read(_TAIL_BYTES)
    return tail[4:] == _MAGIC and int.from_bytes(tail[:4], "little") < size - _TAIL_BYTES


def _has_valid_content(path: Path) -> bool:
    checksum = 0
    with path.open("rb") as content:
        size = content.seek(-_TAIL_BYTES, 2) + _TAIL_BYTES
        left = size - _TAIL_BYTES - int.from_bytes(content.read(4), "little")
        content.seek(0)
        while left > 0 and (block := content.read(min(left, _BLOCK_BYTES))):
            checksum = zlib.crc32(block, checksum)
            left -= len(block)
        footer = content.read()
    start = _find_checksum(footer)
    if start is None:
        return False
    end = start + len(_NO_CHECKSUM)
    checksum = zlib.crc32(footer[:start] + _NO_CHECKSUM + footer[end:], checksum)
    return footer[start:end] == _write_checksum(checksum)


def _find_checksum(footer: bytes) -> int | None:
    """Return the position of the checksum's digits in a footer; None without a checksum."""
    key = footer.find(_CHECKSUM_KEY)
    # the type of the field and the length of its value precede the value
    start = key + len(_CHECKSUM_KEY) + 2
    return start if key >= 0 and start + len(_NO_CHECKSUM) <= len(footer) else None


def _write_checksum(checksum: int) -> bytes:
    return f"{checksum:0{len(_NO_CHECKSUM)}d}".encode()


def require_intact(folder: Path, sources: Sequence[TrackFile]) -> None:
    """Check that files are sound before rewriting them, so that damage does not get a valid checksum.

    Raises:
        OSError, ValueError: a file is missing or damaged; the message names it.
    """
    for source in sources:
        if not is_intact(folder, source, is_thorough=True):
            raise ValueError(f"{source.name} is gone or damaged")


def count_points(folder: Path, source: TrackFile, *, within_us: tuple[int, int], camera: str) -> int:
    """Return the number of a camera's points in a file in [start, end), microseconds.

    Raises:
        OSError, ValueError: the file is missing or damaged.
    """
    with pq.ParquetFile(folder / source.name) as file:
        columns = file.read(columns=["time_us", "camera"])
    return int(np.count_nonzero(_is_seen_within(columns, within_us, camera)))


def read_points(path: Path, start_us: int | None, end_us: int | None) -> pa.Table:
    """Return the row groups of a file that overlap [start_us, end_us); None is without a bound.

    Raises:
        OSError, ValueError: the file is missing or damaged.
    """
    with pq.ParquetFile(path) as file:
        column = POINT_SCHEMA.get_field_index("time_us")
        times = [
            file.metadata.row_group(group).column(column).statistics for group in range(file.num_row_groups)
        ]
        groups = [
            group
            for group, time_us in enumerate(times)
            if (start_us is None or time_us.max >= start_us) and (end_us is None or time_us.min < end_us)
        ]
        return file.read_row_groups(groups, columns=POINT_SCHEMA.names)


def cut_file(
    folder: Path, source: TrackFile, *, without_us: tuple[int, int], camera: str | None = None
) -> TrackFile:
    """Write the points of a file outside of [start, end), microseconds, to another file.

    Args:
        camera: limit the removal to this camera, which must not be the only one.

    Raises:
        OSError: the new file cannot be written.
        ValueError: no points remain; or the source is missing or damaged.
    """
    start_us, end_us = without_us
    require_intact(folder, [source])
    path = folder / source.name

    def read_chunks() -> Iterator[pa.Table]:
        for chunk in _read_row_groups([path]):
            rest = chunk.filter(pa.array(~_is_seen_within(chunk, without_us, camera)))
            if len(rest):
                yield rest

    if camera is None and start_us <= source.first_us and source.last_us < end_us:
        raise ValueError("all of the file lies in the period")
    return _write(
        folder,
        _find_free_name(folder, f"{_hour_stem(source.hour_us)}-{source.last_sequence:012d}"),
        read_chunks,
        hour_us=source.hour_us,
        sequences=(source.first_sequence, source.last_sequence),
        sources=(source.name,),
        earlier=tuple(sorted(read_footer(folder, path).replaced)),
    )


def _is_seen_within(points: pa.Table, within_us: tuple[int, int], camera: str | None) -> Any:
    """Return a bool array of the points in [start, end), of one camera or all."""
    times = points["time_us"].to_numpy()
    is_within = (times >= within_us[0]) & (times < within_us[1])
    return is_within if camera is None else is_within & pc.equal(points["camera"], camera).to_numpy()


def read_footer(folder: Path, path: Path) -> Footer:
    """Return the description in a file's footer.

    Raises:
        ValueError: it is no complete Parquet file, or not one of ours.
        OSError: it is missing.
    """
    try:
        metadata: Any = pq.read_metadata(path)  # pyarrow's ArrowInvalid is a ValueError
    except OSError as error:
        if error.errno in {None, errno.EIO}:
            raise ValueError(str(error)) from error
        raise
    metadata_fields = json.loads((metadata.metadata or {}).get(_FOOTER_KEY, b"null"))
    if metadata_fields is None:
        raise ValueError("not written by ExpoFlow")
    times, tracklets = (
        _read_bounds(metadata, POINT_SCHEMA.get_field_index(name)) for name in ("time_us", "tracklet")
    )
    file = TrackFile(
        name=path.relative_to(folder).as_posix(),
        hour_us=hour_of(times[0]),
        first_sequence=metadata_fields["first_sequence"],
        last_sequence=metadata_fields["last_sequence"],
        first_us=times[0],
        last_us=times[1],
        points=metadata.num_rows,
        bytes=path.stat().st_size,
    )
    sources = tuple(metadata_fields["sources"])
    return Footer(file, sources, frozenset(sources) | set(metadata_fields["earlier"]), tracklets[1])


def _read_bounds(metadata: Any, column: int) -> tuple[int, int]:
    statistics = [
        metadata.row_group(group).column(column).statistics for group in range(metadata.num_row_groups)
    ]
    return min(s.min for s in statistics), max(s.max for s in statistics)


def _find_free_name(folder: Path, stem: str) -> str:
    # a source keeps its name until the list has changed
    names = (
        f"{stem}{again}.parquet" for again in itertools.chain([""], map(".{}".format, itertools.count(2)))
    )
    return next(name for name in names if not (folder / name).exists())


def _hour_stem(hour_us: int) -> str:
    hour = datetime.fromtimestamp(to_s(hour_us), tz=UTC)
    return f"date={hour:%Y-%m-%d}/hour={hour:%H}"


def _read_row_groups(paths: Sequence[Path]) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    for path in paths:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                # without threads: a merge is not urgent and leaves the cores to the analysis
                waiting.append(file.read_row_group(group, use_threads=False))
                if sum(map(len, waiting)) >= ROW_GROUP_POINTS:
                    yield pa.concat_tables(waiting)
                    waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _sort(points: pa.Table) -> pa.Table:
    return points.sort_by([("camera", "ascending"), ("tracklet", "ascending"), ("time_us", "ascending")])


class _ChecksummedFile:
    """A file written sequentially that finally gets a checksum of its whole content."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._checksum = 0
        self._footer: bytearray | None = None
        self.closed = False

    def write(self, block: Any) -> int:
        """Write a block and return its size in bytes."""
        self._checksum = zlib.crc32(block, self._checksum)
        if self._footer is not None:
            self._footer += bytes(block)
        return self._file.write(block)

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self._file.tell()

    def flush(self) -> None:
        """Flush the underlying file."""
        self._file.flush()

    def begin_footer(self) -> None:
        """Begin to record the footer."""
        self._footer = bytearray()

    def seal(self) -> None:
        """Write the checksum into its place in the footer."""
        assert self._footer is not None
        end = self._file.tell()
        start = _find_checksum(bytes(self._footer))
        assert start is not None
        self._file.seek(end - len(self._footer) + start)
        self._file.write(_write_checksum(self._checksum))
        self._file.seek(end)


def _write(
    folder: Path,
    name: str,
    read_chunks: Callable[[], Iterator[pa.Table]],
    *,
    hour_us: int,
    sequences: tuple[int, int],
    sources: tuple[str, ...] = (),
    earlier: tuple[str, ...] = (),
) -> TrackFile:
    metadata_fields = {
        "first_sequence": sequences[0],
        "last_sequence": sequences[1],
        "sources": sources,
        "earlier": earlier,
    }
    schema = POINT_SCHEMA.with_metadata({_FOOTER_KEY: json.dumps(metadata_fields).encode()})
    count, first_us, last_us = 0, hour_us, hour_us

    def write(file: BinaryIO) -> None:
        nonlocal count, first_us, last_us
        options: dict[str, Any] = {
            "compression": "zstd",
            "use_dictionary": ["camera", "state"],
            "column_encoding": dict.fromkeys(_PACKED, "DELTA_BINARY_PACKED"),
        }
        content = _ChecksummedFile(file)
        with pq.ParquetWriter(content, schema, **options) as writer:
            for chunk in read_chunks():
                bounds: Any = pc.min_max(chunk["time_us"]).as_py()
                first_us = min(bounds["min"], first_us) if count else bounds["min"]
                last_us = max(bounds["max"], last_us)
                count += len(chunk)
                writer.write_table(_sort(chunk).cast(POINT_SCHEMA), row_group_size=len(chunk))
            writer.add_key_value_metadata({_CHECKSUM_KEY: _NO_CHECKSUM})
            content.begin_footer()
        content.seal()

    size = write_durably(folder / name, write)
    return TrackFile(
        name=name,
        hour_us=hour_us,
        first_sequence=sequences[0],
        last_sequence=sequences[1],
        first_us=first_us,
        last_us=last_us,
        points=count,
        bytes=size,
    )
