"""Moves from the journal to files: what they leave when they are interrupted at any step."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from analytics.store import track_archive, track_catalogue
from analytics.store.sql_event_store import open_store
from analytics.store.sql_event_writer import SqlEventWriter, WriterLimits
from tests.conftest import LogGuard
from tests.unit.analytics.store.store_contents import (
    FakeClock,
    list_track_files,
    make_points,
    read_numbers,
)


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


def die_before(function: Callable[..., Any]) -> Callable[..., Any]:
    def die(*_: object, **__: object) -> None:
        raise Killed

    return die


def die_after(function: Callable[..., Any]) -> Callable[..., Any]:
    def die(*arguments: object, **options: object) -> None:
        function(*arguments, **options)
        raise Killed

    return die


def abandon(writer: SqlEventWriter) -> None:
    """What a kill leaves: no flush, no end of the session; the system takes back the lock."""
    writer._archive.close()
    writer._engine.dispose()
    writer._lease.release()


STEPS = [
    (track_archive, "write_minute_file"),
    (track_catalogue, "move_from_journal"),
    (track_archive, "merge_files"),
    (track_catalogue, "replace_files"),
    (track_catalogue, "delete_removed_files"),
]


@pytest.mark.parametrize("die", [die_before, die_after])
@pytest.mark.parametrize(("module", "name"), STEPS, ids=[name for _, name in STEPS])
def test_an_end_at_any_step_neither_loses_nor_doubles_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, die: Callable[..., Any]
) -> None:
    writer = open_store(tmp_path)
    for first in range(0, 300, 100):
        writer.write_points(make_points(range(first, first + 100), step_s=20.0))
        writer.flush()
        writer._archive.move_journal()
    writer.write_points(make_points(range(300, 400), step_s=20.0))
    writer.flush()
    with monkeypatch.context() as patch:
        patch.setattr(module, name, die(getattr(module, name)))
        with pytest.raises(Killed):
            writer.archive_now()
    abandon(writer)
    assert read_numbers(tmp_path) == list(range(400)), "a reader sees every point at once"

    writer = open_store(tmp_path)
    assert read_numbers(tmp_path) == list(range(400))
    writer.archive_now()
    assert read_numbers(tmp_path) == list(range(400))
    writer.close()
    hours = [name.split(".")[0].split("-0")[0] for name in list_track_files(tmp_path)]
    assert hours == [f"date=2026-11-25/hour={hour}" for hour in ("09", "10", "11")], "one file an hour"


def test_a_file_that_was_not_finished_is_removed(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    folder = tmp_path / "tracks" / "date=2026-11-25"
    folder.mkdir()
    (folder / ".hour=09.parquet.unfinished").write_bytes(b"PAR1")
    open_store(tmp_path).close()
    assert list_track_files(tmp_path) == []


def test_points_that_come_late_join_an_hour_that_was_merged(tmp_path: Path) -> None:
    writer = open_store(tmp_path)
    writer.write_points(make_points(range(0, 10), step_s=500.0))
    writer.flush()
    writer.archive_now()
    writer.write_points(make_points(range(3, 4), step_s=1.0))
    writer.flush()
    writer.archive_now()
    writer.close()
    assert read_numbers(tmp_path) == sorted([*range(10), 3])
    assert len(list_track_files(tmp_path)) == 2


def test_hours_are_merged_in_the_background_once_they_are_over(tmp_path: Path) -> None:
    clock = FakeClock()
    writer = open_store(tmp_path, clock=clock)
    for first in range(0, 80, 10):
        writer.write_points(make_points(range(first, first + 10), step_s=60.0))
        clock.now_s += 61.0
        writer.flush()
    for _ in range(3):
        if writer._archive._merge is not None:
            writer._archive._merge[1].result(timeout=10)
        writer.flush()
    names = list_track_files(tmp_path)
    assert [name for name in names if name.startswith("date=2026-11-25/hour=09-")]
    assert not [name for name in names if name.startswith("date=2026-11-25/hour=09.minute")]
    assert [name for name in names if name.startswith("date=2026-11-25/hour=10.minute")]
    writer.close()
    assert read_numbers(tmp_path) == list(range(80))


def test_the_journal_moves_by_number_of_points_and_by_time(tmp_path: Path) -> None:
    clock = FakeClock()
    limits = WriterLimits(archive_at_points=20, archive_every_s=60.0)
    writer = open_store(tmp_path, clock=clock, limits=limits)
    writer.write_points(make_points(range(19)))
    writer.flush()
    assert list_track_files(tmp_path) == []
    writer.write_points(make_points(range(19, 20)))
    writer.flush()
    assert len(list_track_files(tmp_path)) == 1
    writer.write_points(make_points(range(20, 21)))
    clock.now_s += 59.0
    writer.flush()
    assert len(list_track_files(tmp_path)) == 1
    clock.now_s += 2.0
    writer.flush()
    assert len(list_track_files(tmp_path)) == 2
    writer.close()


def test_a_failed_move_leaves_the_points_in_the_journal_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_guard: LogGuard
) -> None:
    log_guard.expect("stay in the journal")
    clock = FakeClock()
    writer = open_store(tmp_path, clock=clock)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    writer.write_points(make_points(range(10)))
    clock.now_s += 61.0
    with monkeypatch.context() as patch:
        patch.setattr(track_archive, "write_minute_file", refuse)
        writer.flush()
    assert log_guard.expected
    assert read_numbers(tmp_path) == list(range(10))
    assert list_track_files(tmp_path) == []
    clock.now_s += 61.0
    writer.flush()
    assert len(list_track_files(tmp_path)) == 1
    writer.close()
    assert read_numbers(tmp_path) == list(range(10))


def fill(folder: Path) -> list[int]:
    writer = open_store(folder)
    writer.reserve_tracklets(400)
    for first in range(0, 400, 100):
        writer.write_points(make_points(range(first, first + 100), step_s=20.0))
        writer.flush()
        writer._archive.move_journal()
        if first == 100:
            writer.archive_now()
    writer.close()
    return list(range(400))


def test_an_older_copy_of_the_database_takes_the_newer_files_in(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("were not listed")
    numbers = fill(tmp_path)
    shutil.copy(tmp_path / "events.sqlite", tmp_path / "copy")
    writer = open_store(tmp_path)
    writer.write_points(make_points(range(400, 500)))
    writer.flush()
    writer.archive_now()
    writer.close()
    (tmp_path / "copy").replace(tmp_path / "events.sqlite")
    open_store(tmp_path).close()
    assert read_numbers(tmp_path) == [*numbers, *range(400, 500)]


def test_a_strange_file_among_the_tracks_is_put_aside(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("put aside")
    open_store(tmp_path).close()
    folder = tmp_path / "tracks" / "date=2026-11-25"
    folder.mkdir()
    (folder / "hour=09.parquet").write_bytes(b"nonsense")
    open_store(tmp_path).close()
    assert list_track_files(tmp_path) == ["date=2026-11-25/hour=09.parquet.unreadable"]
    assert read_numbers(tmp_path) == []


def test_files_are_packed_as_differences(tmp_path: Path) -> None:
    writer = open_store(tmp_path)
    writer.write_points(make_points(range(1000)))
    writer.flush()
    writer.archive_now()
    writer.close()
    (path,) = (tmp_path / "tracks").rglob("*.parquet")
    group = pq.read_metadata(path).row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert all("DELTA_BINARY_PACKED" in columns[name].encodings for name in ("time_us", "x_mm", "y_mm"))
    assert {column.compression for column in columns.values()} == {"ZSTD"}
