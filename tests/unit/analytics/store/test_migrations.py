"""From one version of the tables to the next."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from analytics.domain.errors import StoreError
from analytics.store import migrations
from analytics.store.database_url import open_sqlite
from analytics.store.history_folder import DATABASE_NAME
from analytics.store.migrations import MIGRATIONS, Migration, migrate, read_version
from analytics.store.sql_event_store import open_reader, open_store, upgrade_database
from analytics.store.sql_schema import metadata
from tests.unit.analytics.store.store_contents import make_points, read_numbers


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_sqlite(tmp_path / "events.sqlite")
    yield engine
    engine.dispose()


def add_note(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE note (words TEXT) STRICT"))


def fail_half_way(connection: Connection) -> None:
    add_note(connection)
    raise RuntimeError


def test_every_table_is_strict(engine: Engine) -> None:
    migrate(engine, now_us=1, place="db")
    with engine.connect() as connection:
        lax = connection.execute(
            text("SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict")
        )
        assert {name for (name,) in lax} <= {"sqlite_schema"}


def test_the_tables_can_be_made_in_postgresql() -> None:
    for table in metadata.sorted_tables:
        statement = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert "STRICT" not in statement
        assert "INTEGER" not in statement, "64 bits are called BIGINT there"


def test_a_database_of_version_one_is_brought_up_to_version_two(engine: Engine) -> None:
    assert migrate(engine, now_us=1, place="db", migrations=MIGRATIONS[:1]) == [1]
    two = (*MIGRATIONS[:1], Migration(2, add_note))
    assert migrate(engine, now_us=2, place="db", migrations=two) == [2]
    assert "note" in inspect(engine).get_table_names()
    assert migrate(engine, now_us=3, place="db", migrations=two) == []
    with engine.connect() as connection:
        assert read_version(connection, place="db", newest=2) == 2


def test_a_migration_that_fails_changes_nothing(engine: Engine) -> None:
    migrate(engine, now_us=1, place="db")
    with pytest.raises(RuntimeError):
        migrate(engine, now_us=2, place="db", migrations=(*MIGRATIONS, Migration(99, fail_half_way)))
    assert "note" not in inspect(engine).get_table_names()
    with engine.connect() as connection:
        assert read_version(connection, place="db") == MIGRATIONS[-1].version


def forget_the_journal(connection: Connection) -> None:
    connection.execute(text("DELETE FROM track_journal"))


def test_an_older_history_is_copied_first_and_put_back_where_a_step_fails(tmp_path: Path) -> None:
    writer = open_store(tmp_path)
    writer.write_points(make_points(range(3)))
    writer.close()
    path = tmp_path / DATABASE_NAME
    with contextlib.closing(sqlite3.connect(path)) as connection:
        before = list(connection.iterdump())
    steps = (*MIGRATIONS, Migration(98, forget_the_journal), Migration(99, fail_half_way))
    engine = open_sqlite(path)
    with pytest.raises(StoreError, match="It was not changed"):
        upgrade_database(engine, path, now_us=1, place="db", migrations=steps)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert list(connection.iterdump()) == before
    assert read_numbers(tmp_path) == [0, 1, 2]
    sound = (*MIGRATIONS, Migration(99, add_note))
    copy = upgrade_database(engine, path, now_us=1, place="db", migrations=sound)
    assert copy == tmp_path / "backups" / f"events.version{MIGRATIONS[-1].version}.sqlite"
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        assert list(connection.iterdump()) == before
    assert "note" in inspect(engine).get_table_names()
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    writer = open_store(tmp_path)
    writer.write_points(make_points(range(3)))
    writer.close()
    engine = open_sqlite(tmp_path / "events.sqlite")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO schema_version VALUES (1000, 0)"))
    for opening in (open_store, open_reader):
        with pytest.raises(StoreError, match="newer version of ExpoFlow"):
            opening(tmp_path)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM schema_version WHERE version = 1000"))
    engine.dispose()
    assert read_numbers(tmp_path) == [0, 1, 2]


def test_an_older_database_is_refused_by_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(tmp_path).close()
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, Migration(99, add_note)))
    monkeypatch.setattr(read_version, "__kwdefaults__", {"newest": 99})
    with pytest.raises(StoreError, match="older version of ExpoFlow"):
        open_reader(tmp_path)


def test_a_database_of_another_program_is_refused(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        add_note(connection)
    with pytest.raises(StoreError, match="another program"):
        open_store(tmp_path)
    assert inspect(engine).get_table_names() == ["note"]


def test_a_database_that_is_just_being_made_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / DATABASE_NAME
    file.touch()
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(open_reader, tmp_path)
        with pytest.raises(TimeoutError):
            opening.result(timeout=0.2)
        open_store(tmp_path).close()
        reader = opening.result(timeout=10)
    assert reader.read_spans().empty
    reader.close()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i FROM n) SELECT i FROM n",
        "CREATE TRIGGER harm AFTER INSERT ON gaps BEGIN DELETE FROM camera_events; END",
    ],
)
def test_a_history_with_a_program_in_it_is_neither_read_nor_written(tmp_path: Path, statement: str) -> None:
    open_store(tmp_path).close()
    with sqlite3.connect(tmp_path / "events.sqlite") as database:
        database.execute(statement)
    database.close()
    for open_history in (open_store, open_reader):
        with pytest.raises(StoreError, match="view or trigger"):
            open_history(tmp_path)
