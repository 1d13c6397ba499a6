"""Reads track points from files and journal rows, filtered and ordered, by DuckDB in memory.

There is never a DuckDB file: an open one locks every other process out. It loads no extensions and asks
nobody for any.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from analytics.domain.errors import StoreError
from analytics.domain.identifiers import CameraId

_SELECT = """
    SELECT time_us / 1e6 AS time_s, camera, tracklet, CAST(NULL AS BIGINT) AS visitor,
           CAST(x_mm / 1e3 AS FLOAT) AS x_m, CAST(y_mm / 1e3 AS FLOAT) AS y_m,
           CAST(sigma_mm / 1e3 AS FLOAT) AS sigma_m, CAST(height_mm / 1e3 AS FLOAT) AS height_m, state
    FROM ({source}) WHERE {condition} ORDER BY time_us, camera, tracklet
"""
_COLUMNS = "time_us, camera, tracklet, x_mm, y_mm, sigma_mm, height_mm, state"
_JOURNAL = f"SELECT {_COLUMNS} FROM journal"  # noqa: S608 -- a constant
_FILES = f" UNION ALL SELECT {_COLUMNS} FROM read_parquet(?, hive_partitioning = false)"  # noqa: S608 -- a constant


class TrackFileGoneError(Exception):
    """A listed file is not there: it was merged into another since the list was read, or it was lost."""


class TrackScanner:
    """One in-memory DuckDB, begun with the first scan: most of who open a history read no track point.

    Args:
        folder: what file names are relative to.
        threads: how many cores a scan may use.
        memory_mb: how much memory a scan may use before it spills to the system's temporary folder.
    """

    def __init__(self, folder: Path, *, threads: int = 2, memory_mb: int = 1024) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._opened: Any = None
        self._config: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": tempfile.gettempdir(),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }

    @property
    def _connection(self) -> Any:
        """Whoever asks holds the lock."""
        if self._opened is None:
            self._opened = duckdb.connect(":memory:", config=self._config)
        return self._opened

    def scan(
        self,
        names: Sequence[str],
        journal: pa.Table,
        *,
        start_us: int | None,
        end_us: int | None,
        cameras: Collection[CameraId] | None,
    ) -> pa.Table:
        """The points of files and journal in [start_us, end_us), with the columns of a track table.

        Raises:
            TrackFileGoneError: a file is not there.
            StoreError: a file is damaged.
        """
        paths = [str(self._folder / name) for name in names]
        if not all(Path(path).exists() for path in paths):
            raise TrackFileGoneError
        source = _JOURNAL
        parameters: list[object] = []
        if paths:
            source += _FILES
            parameters.append(paths)
        conditions = ["true"]
        for condition, bound in (("time_us >= ?", start_us), ("time_us < ?", end_us)):
            if bound is not None:
                conditions.append(condition)
                parameters.append(bound)
        if cameras is not None:
            conditions.append(f"camera IN ({', '.join('?' * len(cameras)) or 'NULL'})")
            parameters.extend(sorted(cameras))
        query = _SELECT.format(source=source, condition=" AND ".join(conditions))
        with self._lock:
            self._connection.register("journal", journal)
            try:
                found: pa.Table = self._connection.sql(query, params=parameters).to_arrow_table()
            except duckdb.Error as error:
                if not all(Path(path).exists() for path in paths):
                    raise TrackFileGoneError from error
                raise self._describe(names, error) from error
            finally:
                self._connection.unregister("journal")
        return found

    def close(self) -> None:
        """Let go of its memory."""
        if self._opened is not None:
            self._opened.close()

    def _describe(self, names: Sequence[str], error: duckdb.Error) -> StoreError:
        if isinstance(error, duckdb.OutOfMemoryException):
            return StoreError(
                "There is not enough memory to read these track points at once.",
                "Ask for a shorter period.",
            )
        damaged = [name for name in names if self._is_damaged(name)]
        return StoreError(
            "The track file {name} in {folder} cannot be read.",
            "Put a copy from a backup in its place, or move it out of the folder and record again.",
            name=", ".join(damaged) or ", ".join(names),
            folder=self._folder,
        )

    def _is_damaged(self, name: str) -> bool:
        try:
            self._connection.execute(
                "SELECT count(time_us + tracklet + x_mm + y_mm) FROM read_parquet(?)",
                [str(self._folder / name)],
            ).fetchall()
        except duckdb.Error:
            return True
        return False
