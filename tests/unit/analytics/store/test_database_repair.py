"""Backups that can be put back, and damaged histories that are made again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analytics.domain.errors import StoreError
from analytics.domain.event_sink import CameraEvent, CameraEventKind, Gap, ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.store.recovery.database_copy import find_damage
from analytics.store.recovery.database_repair import salvage_rows
from analytics.store.recovery.folder_backup import (
    choose_superfluous,
    find_backup,
    list_backups,
    make_backup,
    restore_files,
)
from analytics.store.sql_event_store import open_reader, open_store
from tests.conftest import LogGuard
from tests.unit.analytics.store.store_contents import NINE_S, FakeClock, make_points, read_numbers

CAM = CameraId("cam")
PAGE = 4096


def fill(folder: Path, numbers: range, *, spans: int = 1, in_files: bool = True) -> None:
    """A second of observation for each point, a span each; the last spans with a gap between."""
    writer = open_store(folder, clock=FakeClock())
    writer.write_points(make_points(numbers))
    length_s = len(numbers) / spans
    for index in range(spans):
        start_s = NINE_S + numbers.start + index * length_s
        writer.write_span(ObservedSpan(CAM, start_s, start_s + length_s - 0.5, 5))
    writer.write_gap(Gap(CAM, NINE_S + numbers.stop, NINE_S + numbers.stop + 5, "restarted"))
    writer.write_event(CameraEvent(NINE_S, CAM, CameraEventKind.LOST, f"from {numbers.start}"))
    writer.flush()
    if in_files:
        writer.archive_now()
    writer.close()


def read_spans(folder: Path) -> list[tuple[float, float]]:
    reader = open_reader(folder)
    try:
        spans = reader.read_spans()
        return list(zip(spans["start_s"] - NINE_S, spans["end_s"] - NINE_S, strict=True))
    finally:
        reader.close()


def read_log(folder: Path) -> list[str]:
    reader = open_reader(folder)
    try:
        return reader.read_events()["kind"].tolist()
    finally:
        reader.close()


def overwrite(path: Path, start: int, stop: int) -> bytes:
    content = bytearray(path.read_bytes())
    content[start:stop] = os.urandom(min(stop, len(content)) - start)
    path.write_bytes(content)
    return bytes(content)


def find_table_leaves(path: Path) -> list[int]:
    """Pages that hold rows of tables: they begin with 13, by the file format of SQLite."""
    content = path.read_bytes()
    return [page for page in range(1, len(content) // PAGE) if content[page * PAGE] == 13]


def test_backups_of_some_hours_and_of_each_day_are_kept() -> None:
    hour_s = 3600.0
    made_s = [NINE_S - hours * hour_s for hours in range(24 * 10)]
    kept = sorted(set(range(len(made_s))) - choose_superfluous(made_s))
    # the last three; and the newest of each day before, at 23:00 UTC
    assert kept == [0, 1, 2, *(10 + 24 * day for day in range(6))]
    assert choose_superfluous(made_s[:3]) == set()


def test_a_backup_holds_small_files_and_databases_and_can_be_put_back(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("were not listed")
    folder = tmp_path / "hall.expoflow"
    fill(folder, range(100))
    (folder / "venue.toml").write_text("first")
    (folder / "views").mkdir()
    (folder / "views" / "door.npz").write_bytes(b"points")
    writer = open_store(folder, clock=FakeClock())
    writer.write_points(make_points(range(100, 120)))
    writer.flush()
    backup = make_backup(folder, now_s=NINE_S)  # while it is written, with points in the journal
    writer.archive_now()
    writer.close()
    assert backup.name == "2026-11-25T090000Z"
    names = {
        path.relative_to(backup.folder).as_posix() for path in backup.folder.rglob("*") if path.is_file()
    }
    assert names == {"venue.toml", "views/door.npz", "events.sqlite", "backup.json"}
    (folder / "venue.toml").write_text("second")
    fill(folder, range(120, 150))
    restore_files(find_backup(folder, None), folder, replaced_mark="now")
    assert (folder / "venue.toml").read_text() == "first"
    assert (folder / "venue.replaced-now.toml").read_text() == "second"
    open_store(folder, clock=FakeClock()).close()
    assert read_numbers(folder) == list(range(150)), "nothing is there twice"
    assert read_spans(folder) == [(0.0, 99.5)]


def test_a_backup_that_is_damaged_is_not_put_back_and_no_backup_is_told(tmp_path: Path) -> None:
    fill(tmp_path, range(10))
    with pytest.raises(StoreError, match="no backup in"):
        find_backup(tmp_path, None)
    backup = make_backup(tmp_path, now_s=NINE_S)
    with pytest.raises(StoreError, match="no backup 'x'"):
        find_backup(tmp_path, "x")
    overwrite(backup.folder / "events.sqlite", 0, 3 * PAGE)
    before = (tmp_path / "events.sqlite").read_bytes()
    with pytest.raises(StoreError, match="is damaged"):
        restore_files(backup, tmp_path, replaced_mark="now")
    assert (tmp_path / "events.sqlite").read_bytes() == before


def test_a_damaged_database_does_not_push_sound_backups_out(tmp_path: Path) -> None:
    fill(tmp_path, range(2000), spans=2000)
    make_backup(tmp_path, now_s=NINE_S)
    overwrite(tmp_path / "events.sqlite", 15 * PAGE, 20 * PAGE)
    with pytest.raises(StoreError, match="repair"):
        make_backup(tmp_path, now_s=NINE_S + 3600)
    assert [backup.made_s for backup in list_backups(tmp_path)] == [NINE_S]
    assert not list((tmp_path / "backups").glob(".*"))


@pytest.mark.slow
def test_damage_in_the_middle_costs_what_lay_there_and_nothing_else(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    fill(tmp_path, range(1000), spans=1000)
    make_backup(tmp_path, now_s=NINE_S + 1000)
    fill(tmp_path, range(1000, 4000), spans=3000)
    fill(tmp_path, range(4000, 4010), in_files=False)
    path = tmp_path / "events.sqlite"
    leaves = find_table_leaves(path)
    for page in leaves[len(leaves) // 2 : len(leaves) // 2 + 4]:
        damaged = overwrite(path, page * PAGE, (page + 1) * PAGE)
    assert "observed_spans" in salvage_rows(path).damaged
    open_store(tmp_path, clock=FakeClock()).close()
    assert find_damage(path, is_thorough=True) == []
    assert (tmp_path / "events.damaged-20261125T090000Z.sqlite").read_bytes() == damaged
    assert read_numbers(tmp_path) == list(range(4010))
    spans = read_spans(tmp_path)
    assert spans[:1000] == [(second, second + 0.5) for second in range(1000)], "the backup had these"
    assert (4000.0, 4009.5) in spans, "what was written last could be read"
    starts = [start for start, _ in spans]
    assert starts == sorted(set(starts))
    longest_s, start_s, end_s = max((end - start, start, end) for start, end in spans[:-1])
    assert 100 < longest_s < 1000, "where the record is lost, positions prove that somebody looked"
    outside = {second for second in range(4000) if not start_s <= second <= end_s}
    assert outside <= {int(start) for start in starts}
    assert read_log(tmp_path).count("lost") == 3
    assert "repaired" in read_log(tmp_path)
