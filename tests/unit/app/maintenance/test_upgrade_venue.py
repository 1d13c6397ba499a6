"""A venue of an older ExpoFlow is brought up to date; one of a newer is refused in words."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from analytics.domain.errors import DamagedStoreError, StoreError, VenueError
from analytics.store import migrations, sql_event_store
from analytics.store.migrations import MIGRATIONS, Migration, migrate, read_version
from analytics.store.sql_event_store import open_reader, open_store
from app.maintenance.upgrade_venue import upgrade_venue
from app.plan.edit_venue import create_hall
from tests.support.servers.other_recorder import announce_living_process


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = create_hall(tmp_path / "Hall.expoflow", name="Hall", time_zone="UTC", size_m=(10, 8)).folder
    open_store(made).close()
    return made


def add_note(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE note (words TEXT) STRICT"))


def test_an_older_history_is_brought_up_to_date(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not upgrade_venue(folder)
    newer = (*MIGRATIONS, Migration(99, add_note))
    for function in (migrate, sql_event_store.upgrade_database):
        monkeypatch.setitem(function.__kwdefaults__, "migrations", newer)
    monkeypatch.setitem(read_version.__kwdefaults__, "newest", 99)
    monkeypatch.setattr(migrations, "MIGRATIONS", newer)
    with pytest.raises(StoreError, match="older version of ExpoFlow"):
        open_reader(folder)
    announced = announce_living_process(folder)
    assert not upgrade_venue(folder), f"process {announced.pid} records it"
    (folder / "recorder.json").unlink()
    assert upgrade_venue(folder)
    open_reader(folder).close()
    assert not upgrade_venue(folder)
    assert (folder / "backups" / f"events.version{MIGRATIONS[-1].version}.sqlite").exists()


def test_what_a_newer_expoflow_wrote_is_refused_and_left_alone(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "events.sqlite")) as connection:
        connection.execute("INSERT INTO schema_version VALUES (1000, 0)")
        connection.commit()
    with pytest.raises(StoreError, match="newer version of ExpoFlow"):
        upgrade_venue(folder)
    file = folder / "venue.toml"
    content = file.read_text().replace("format = 3", "format = 1000")
    file.write_text(content)
    with pytest.raises(VenueError, match="newer ExpoFlow"):
        upgrade_venue(folder)
    assert file.read_text() == content


def test_a_history_that_is_damaged_is_told_and_left_as_it_is(folder: Path) -> None:
    content = b"no database at all, but long enough to be looked at" * 30
    (folder / "events.sqlite").write_bytes(content)
    with pytest.raises(DamagedStoreError, match="venue repair"):
        upgrade_venue(folder)
    assert (folder / "events.sqlite").read_bytes() == content
