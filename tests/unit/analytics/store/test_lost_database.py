"""A history's database that is emptied, removed or cut: never a new venue, and never overwritten."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.domain.errors import DamagedStoreError, StoreError
from analytics.domain.event_sink import Gap, ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.store.history_folder import has_history, has_traces
from analytics.store.recovery.database_copy import find_damage
from analytics.store.recovery.database_repair import RepairReport
from analytics.store.recovery.folder_backup import list_backups, make_backup
from analytics.store.recovery.lost_tracks import LOST_TRACKS
from analytics.store.sql_event_store import find_history_damage, open_reader, open_store
from tests.conftest import LogGuard
from tests.unit.analytics.store.store_contents import NINE_S, FakeClock, make_points, read_numbers

CAM = CameraId("cam")
BACKED_UP_S, END_S = 1000.0, 1500.0
"""The backup was made when so much was observed; nobody was seen for some time before the end."""
CUTS = 20


def write(folder: Path, first: int, last: int, *, until_s: float) -> None:
    writer = open_store(folder, clock=FakeClock())
    writer.write_points(make_points(range(first, last)))
    writer.write_span(ObservedSpan(CAM, NINE_S + first, NINE_S + until_s, round(until_s - first)))
    writer.write_gap(Gap(CAM, NINE_S + until_s, NINE_S + until_s + 9.0, "stall"))
    writer.flush()
    writer.archive_now()
    writer.close()


def fill(folder: Path, *, is_backed_up: bool = True) -> None:
    """Somebody is seen each second for 800 s, nobody for 200; then a backup; then the same of 500 s."""
    write(folder, 0, 800, until_s=BACKED_UP_S)
    if is_backed_up:
        make_backup(folder, now_s=NINE_S + BACKED_UP_S)
    write(folder, 1010, 1400, until_s=END_S)


def read_seen(folder: Path) -> list[tuple[float, float]]:
    reader = open_reader(folder)
    try:
        spans = reader.read_spans()
        return [(row.start_s - NINE_S, row.end_s - NINE_S) for row in spans.itertuples()]
    finally:
        reader.close()


def damage(path: Path, kind: str) -> None:
    if kind == "gone":
        path.unlink()
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "blank":
        path.unlink()
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.close()


@pytest.mark.parametrize("kind", ["gone", "empty", "blank"])
@pytest.mark.parametrize("is_backed_up", [True, False])
def test_a_database_that_is_gone_or_empty_is_damage_and_made_again(
    tmp_path: Path, log_guard: LogGuard, kind: str, is_backed_up: bool
) -> None:
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    fill(tmp_path, is_backed_up=is_backed_up)
    path = tmp_path / "events.sqlite"
    damage(path, kind)
    left = path.read_bytes() if path.exists() else None
    assert find_history_damage(tmp_path) is not None
    with pytest.raises(DamagedStoreError, match="venue repair"):
        open_reader(tmp_path)
    told: list[RepairReport] = []
    open_store(tmp_path, clock=FakeClock(NINE_S + 2000.0), on_repair=told.append).close()  # type: ignore[arg-type]
    assert read_numbers(tmp_path) == [*range(800), *range(1010, 1400)]
    first = [(0.0, BACKED_UP_S)] if is_backed_up else [(0.0, 799.0)]
    assert read_seen(tmp_path) == [*first, (1010.0, 1399.0)]
    renamed_to = list(tmp_path.glob("events.damaged-*.sqlite"))
    assert [file.read_bytes() for file in renamed_to] == ([] if left is None else [left])
    assert [report.renamed_to for report in told] == [renamed_to[0].name if renamed_to else None]
    words = str(told[0].describe())
    since = "From 2026-11-25 09:16 UTC to" if is_backed_up else "Until"
    assert f"{since} 2026-11-25 09:23 UTC" in words
    assert ("based on the backup of 2026-11-25T091640Z" in words) == is_backed_up
    assert find_history_damage(tmp_path, is_thorough=True) is None


@pytest.mark.slow
def test_cutting_it_anywhere_costs_what_lay_there_and_nothing_else(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    whole = tmp_path / "whole"
    fill(whole)
    content = (whole / "events.sqlite").read_bytes()
    chance = random.Random(12)
    salvaged = 0
    for number in range(CUTS):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        left = content[: chance.randrange(1, len(content))]
        (folder / "events.sqlite").write_bytes(left)
        assert find_history_damage(folder) is not None, len(left)
        with pytest.raises(DamagedStoreError):
            open_reader(folder)
        told: list[RepairReport] = []
        open_store(folder, clock=FakeClock(NINE_S + 2000.0), on_repair=told.append).close()  # type: ignore[arg-type]
        assert read_numbers(folder) == [*range(800), *range(1010, 1400)]
        seen = [(start, round(end, 3)) for start, end in read_seen(folder)]
        assert seen[0] == (0.0, BACKED_UP_S)
        assert seen[1] in {(1010.0, END_S), (1010.0, 1399.0)}
        is_told = told[0].unsure_from_s == NINE_S + BACKED_UP_S or told[0].lost_to_s == NINE_S + END_S
        assert seen[1][1] == END_S or is_told, "what is lost is told"
        salvaged += told[0].salvaged_rows
        assert told[0].renamed_to is not None
        assert (folder / told[0].renamed_to).read_bytes() == left
        assert find_damage(folder / "events.sqlite", is_thorough=True) == []
        assert not list(folder.glob(".events.*"))
    assert salvaged > CUTS, "what is before the cut is read"


def test_files_that_a_cut_list_still_names_and_that_are_gone_are_a_gap(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    log_guard.expect("track files were missing or damaged")
    fill(tmp_path)
    path = tmp_path / "events.sqlite"
    path.write_bytes(path.read_bytes()[:-4096])
    gone = sorted((tmp_path / "tracks").rglob("*.parquet"))[0]
    gone.unlink()
    open_store(tmp_path, clock=FakeClock()).close()
    reader = open_reader(tmp_path)
    gaps = reader.read_gaps()
    reader.close()
    assert (gaps["cause"] == LOST_TRACKS).sum() == 2, "one of each span"
    assert read_seen(tmp_path)[0][0] > 0


def test_a_track_file_that_cannot_be_read_either_is_no_empty_hour(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    log_guard.expect("was put aside")
    write(tmp_path, 0, 800, until_s=BACKED_UP_S)
    make_backup(tmp_path, now_s=NINE_S + BACKED_UP_S)
    write(tmp_path, 3600, 3700, until_s=3800.0)
    (tmp_path / "events.sqlite").write_bytes(b"")
    first, second = sorted((tmp_path / "tracks").rglob("*.parquet"))
    first.write_bytes(b"no track file")
    open_store(tmp_path, clock=FakeClock()).close()
    assert second.exists()
    assert read_seen(tmp_path) == [(3600.0, 3699.0)], "of that hour nothing is known"


def test_a_damaged_file_is_kept_whatever_has_its_name_already(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    fill(tmp_path)
    contents = [b"first" * 1000, b"second" * 1000]
    for content in contents:
        (tmp_path / "events.sqlite").write_bytes(content)
        open_store(tmp_path, clock=FakeClock()).close()
    assert sorted(file.read_bytes() for file in tmp_path.glob("events.damaged-*.sqlite")) == contents


def test_the_log_of_an_empty_file_is_kept(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    fill(tmp_path)
    (tmp_path / "events.sqlite").write_bytes(b"")
    (tmp_path / "events.sqlite-wal").write_bytes(b"pages" * 1000)
    with pytest.raises(DamagedStoreError):
        open_reader(tmp_path)
    open_store(tmp_path, clock=FakeClock()).close()
    (log,) = tmp_path.glob("events.damaged-*.sqlite-wal")
    assert log.read_bytes() == b"pages" * 1000


def test_a_new_venue_is_new(tmp_path: Path) -> None:
    assert not has_history(tmp_path)
    with pytest.raises(StoreError, match="no history"):
        open_reader(tmp_path)
    (tmp_path / "venue.toml").write_text("of a venue that was never recorded")
    make_backup(tmp_path, now_s=NINE_S)
    (tmp_path / "audit.sqlite").write_bytes(b"")
    # of a first start that was cut short
    (tmp_path / "events.sqlite").write_bytes(b"")
    assert not has_traces(tmp_path)
    assert find_history_damage(tmp_path) is None
    told: list[object] = []
    open_store(tmp_path, clock=FakeClock(), on_repair=told.append).close()
    assert told == []
    assert has_traces(tmp_path)
    assert not list(tmp_path.glob("*damaged*"))


def test_a_history_that_is_known_of_elsewhere_is_told_to_be_lost(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("has been rebuilt")
    told: list[RepairReport] = []
    open_store(tmp_path, clock=FakeClock(), is_expected=True, on_repair=told.append).close()  # type: ignore[arg-type]
    assert "There was no backup. 0 track files" in str(told[0].describe())


@pytest.mark.parametrize("is_empty", [True, False])
def test_the_last_minute_that_was_in_no_file_is_a_gap_and_no_zero(
    tmp_path: Path, log_guard: LogGuard, is_empty: bool
) -> None:
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    write(tmp_path, 0, 800, until_s=800.0)
    writer = open_store(tmp_path, clock=FakeClock())
    writer.write_points(make_points(range(800, 860)))
    writer.write_span(ObservedSpan(CAM, NINE_S, NINE_S + 860.0, 860))
    writer.close()
    # with the points of the last minute in the journal, which no backup has
    make_backup(tmp_path, now_s=NINE_S + 860.0)
    path = tmp_path / "events.sqlite"
    if is_empty:
        path.write_bytes(b"")
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM track_journal WHERE sequence >= 830")
        connection.close()
        content = path.read_bytes()
        path.write_bytes(content[: len(content) - 4096])
    told: list[RepairReport] = []
    open_store(tmp_path, clock=FakeClock(), on_repair=told.append).close()  # type: ignore[arg-type]
    known = 800 if is_empty else 830
    assert read_numbers(tmp_path) == list(range(known))
    assert [(start, round(end, 3)) for start, end in read_seen(tmp_path)] == [(0.0, known - 1.0)]
    assert told[0].lost_from_s == pytest.approx(NINE_S + known - 1)
    assert told[0].lost_to_s == NINE_S + 860.0
    assert "had not been saved to a track file and are lost" in str(told[0].describe())


@pytest.mark.parametrize("kind", ["gone", "empty", "blank"])
def test_a_lost_database_is_not_backed_up_and_an_empty_backup_is_not_begun_with(
    tmp_path: Path, log_guard: LogGuard, kind: str
) -> None:
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    fill(tmp_path)
    damage(tmp_path / "events.sqlite", kind)
    with pytest.raises(StoreError, match="other files show that there was a history"):
        make_backup(tmp_path, now_s=NINE_S + 3000.0)
    (backup,) = list_backups(tmp_path)
    newer = backup.folder.with_name("2026-11-26T000000Z")
    shutil.copytree(backup.folder, newer)
    (newer / "backup.json").write_text('{"made_s": 1795700000.0, "files": 1, "size_bytes": 0}')
    (newer / "events.sqlite").write_bytes(b"")
    told: list[RepairReport] = []
    open_store(tmp_path, clock=FakeClock(), on_repair=told.append).close()  # type: ignore[arg-type]
    assert told[0].backup == backup.name


def test_looking_at_a_database_takes_no_lock_from_who_writes_it_in_the_same_process(tmp_path: Path) -> None:
    look = "import sys; from pathlib import Path; from analytics.store.sql_event_store import open_reader\n"
    look += "reader = open_reader(Path(sys.argv[1])); print(len(reader.read_tracks())); reader.close()"

    def look_from_another_process() -> int:
        command = [sys.executable, "-c", look, str(tmp_path)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    writer = open_store(tmp_path)
    try:
        writer.write_points(make_points(range(5)))
        writer.flush()
        open_reader(tmp_path).close()
        # who reads and closes last must not take the log from a writer
        assert look_from_another_process() == 5
        writer.write_points(make_points(range(5, 9)))
        writer.flush()
        assert look_from_another_process() == 9
    finally:
        writer.close()
