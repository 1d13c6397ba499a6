"""Opening a history, and what goes wrong with it, in words."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from analytics.domain.errors import StoreError
from analytics.domain.event_sink import CameraEvent, CameraEventKind, ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.store import sql_event_writer, writer_lease
from analytics.store.database_url import describe, open_sqlite, open_url
from analytics.store.sql_event_store import open_reader, open_store
from analytics.store.sql_event_writer import SqlEventWriter, WriterLimits
from analytics.store.store_failures import converting_store_errors
from tests.conftest import LogGuard
from tests.unit.analytics.store.store_contents import NINE_S, FakeClock, make_points, read_numbers

CAM = CameraId("cam")


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[SqlEventWriter]:
    writer = open_store(tmp_path, limits=WriterLimits(max_pending_points=100, flush_at_points=1000))
    yield writer
    writer.close()


def cap_pages(writer: SqlEventWriter, pages: int) -> None:
    """Let the database be full: SQLite itself refuses to grow."""

    def cap(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    with writer._engine.connect() as connection:
        cap(connection)


def test_a_folder_without_a_history_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no history") as caught:
        open_reader(tmp_path)
    assert "recording" in caught.value.remedy


def test_a_second_writer_is_refused_with_the_first_ones_name(tmp_path: Path) -> None:
    first = open_store(tmp_path, clock=FakeClock())
    with pytest.raises(StoreError, match=f"process {os.getpid()} .*since 2026-11-25T09:00:00") as caught:
        open_store(tmp_path)
    assert "Stop that recording" in caught.value.remedy
    first.write_points(make_points(range(2)))
    first.close()
    open_store(tmp_path).close()
    assert read_numbers(tmp_path) == [0, 1]


def test_words_left_by_a_dead_writer_keep_nobody_out(tmp_path: Path) -> None:
    (tmp_path / writer_lease.LOCK_NAME).write_text('{"process": 1, "machine": "here", "since": "yesterday"}')
    open_store(tmp_path).close()
    assert read_numbers(tmp_path) == []


def test_every_connection_is_set_up(tmp_path: Path) -> None:
    engine = open_sqlite(tmp_path / "events.sqlite")
    with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            values = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
            assert values == {
                "journal_mode": "wal",
                "synchronous": 2,
                "foreign_keys": 1,
                "busy_timeout": 5000,
            }
            connection.rollback()
    engine.dispose()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    engine = open_sqlite(tmp_path / "events.sqlite", is_read_only=True)
    with engine.connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(text("DELETE FROM counters"))
    engine.dispose()


def test_a_full_database_keeps_points_and_writes_them_when_there_is_room(writer: SqlEventWriter) -> None:
    folder = Path(writer._place).parent
    writer.write_points(make_points(range(50)))
    writer.flush()
    cap_pages(writer, 1)
    event = CameraEvent(NINE_S, CAM, CameraEventKind.LOST, "x" * 100_000)
    writer.write_event(event)
    writer.write_span(ObservedSpan(CAM, NINE_S, NINE_S + 1, 5))
    writer.write_points(make_points(range(50, 90)))
    for _ in range(2):
        with pytest.raises(StoreError, match="disk is full"):
            writer.flush()
    assert writer.pending_points == 40
    writer.write_span(ObservedSpan(CAM, NINE_S, NINE_S + 2, 10))
    writer.write_points(make_points(range(90, 200)))
    assert writer.pending_points == 100
    assert writer.dropped_points == 50
    with pytest.raises(StoreError, match="disk is full"):
        writer.flush()
    cap_pages(writer, 1_000_000)
    writer.flush()
    assert read_numbers(folder) == list(range(150))
    reader = open_reader(folder)
    events = reader.read_events()
    assert events["kind"].tolist() == ["lost", "dropped"]
    assert events["count"].tolist() == [1, 50]
    assert reader.read_gaps()[["start_s", "end_s", "cause"]].values.tolist() == [
        [NINE_S + 150, NINE_S + 199, "store"]
    ]
    assert reader.read_spans()["frames"].tolist() == [10]
    reader.close()


def test_a_commit_that_took_effect_although_it_failed_is_not_repeated(
    writer: SqlEventWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(writer._place).parent
    writer.write_points(make_points(range(10)))
    failures = iter([True])

    @event.listens_for(writer._engine, "commit")
    def fail_after_commit(connection: Connection) -> None:
        if next(failures, False):
            connection.exec_driver_sql("COMMIT")
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("connection lost"))

    with pytest.raises(StoreError):
        writer.flush()
    writer.write_points(make_points(range(10, 15)))
    writer.flush()
    assert read_numbers(folder) == list(range(15))


def test_many_points_are_written_before_the_flush(tmp_path: Path) -> None:
    writer = open_store(tmp_path, limits=WriterLimits(flush_at_points=10))
    writer.write_points(make_points(range(9)))
    assert read_numbers(tmp_path) == []
    writer.write_points(make_points(range(9, 11)))
    assert read_numbers(tmp_path) == list(range(11))
    writer.close()


def test_a_failure_between_flushes_is_logged_and_told_by_the_next_flush(
    tmp_path: Path, log_guard: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_guard.expect("disk is full")
    writer = open_store(tmp_path, limits=WriterLimits(flush_at_points=10))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sql_event_writer, "save_points", refuse)
        writer.write_points(make_points(range(20)))
        with pytest.raises(StoreError, match="disk is full"):
            writer.flush()
    writer.close()
    assert read_numbers(tmp_path) == list(range(20))


def test_closing_lets_go_of_the_lease_although_the_last_flush_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = open_store(tmp_path)
    writer.write_points(make_points(range(3)))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(sql_event_writer, "save_points", refuse)
        with pytest.raises(StoreError, match="Input/output error"):
            writer.close()
    open_store(tmp_path).close()
    assert read_numbers(tmp_path) == []


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StoreError, match=r"hall\.expoflow cannot be written"):
        open_store(tmp_path / "hall.expoflow")


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "hall.expoflow").write_text("a file")
    with pytest.raises(StoreError, match=r"hall\.expoflow"):
        open_store(tmp_path / "hall.expoflow")


def test_a_history_in_a_folder_with_strange_letters_is_read(tmp_path: Path) -> None:
    folder = tmp_path / ("展厅 #1 50%.expoflow" if os.name == "nt" else "展厅 #1 50%?.expoflow")
    writer = open_store(folder)
    writer.write_points(make_points(range(3)))
    writer.flush()
    writer.archive_now()
    writer.close()
    assert read_numbers(folder) == [0, 1, 2]
    moved = tmp_path / "moved"
    shutil.move(folder, moved)
    assert read_numbers(moved) == [0, 1, 2]


@pytest.mark.parametrize(
    "url", ["mysql://root:secret@host/name", "nonsense secret", "postgresql+none://x:secret@y/z"]
)
def test_an_address_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_url(url)
    assert "secret" not in str(caught.value)


def test_a_server_is_called_by_its_name_without_user_and_password() -> None:
    engine = SimpleNamespace(url=make_url("postgresql://user:secret@server/hall"))
    assert describe(cast("Engine", engine)) == "the database 'hall' on server"


def test_a_drivers_words_are_not_repeated() -> None:
    class DriverError(Exception):
        pass

    with pytest.raises(StoreError) as caught, converting_store_errors("the database"):
        raise OperationalError("SELECT 1", {}, DriverError("connection to user:secret@host failed"))
    assert "secret" not in str(caught.value)
    assert "DriverError" in str(caught.value)
