"""A recording writes through a full disk, backs its history up, and deletes what is too old."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from analytics.domain.errors import DamagedStoreError
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.history_condition import HistoryMode
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.recovery.folder_backup import list_backups
from analytics.store.retention import DAY_S
from analytics.store.space_saving import DiskLimits
from analytics.store.sql_event_store import open_reader, open_store
from app.core.file_format import write_venue
from app.core.job import JobContext
from app.facts import prepared_facts
from app.plan.edit_venue import create_hall
from app.recording import history_upkeep
from app.recording.recorded_history import RecordedHistory
from tests.conftest import LogGuard
from tests.support.waiting import wait_until
from tests.unit.analytics.store.store_contents import (
    NINE_S,
    FakeClock,
    list_track_files,
    make_points,
    read_numbers,
)

CAM = CameraId("cam")


def open_history(folder: Path, clock: FakeClock, free: list[int]) -> RecordedHistory:
    return RecordedHistory(
        open_store(folder, clock=clock),
        folder,
        limits=DiskLimits(thin_below=1000, pause_below=100),
        clock=clock,
        measure_free_bytes=lambda _folder: free[-1],
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NINE_S)


@pytest.fixture
def history(tmp_path: Path, clock: FakeClock) -> Iterator[RecordedHistory]:
    history = open_history(tmp_path, clock, [10_000])
    yield history
    history.close()


def cap_pages(engine: Engine, pages: int) -> None:
    """Let the database not grow: what a full disk does to it."""

    @event.listens_for(engine, "begin")
    def cap(connection: object) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]


def make_big_points(first: int) -> list[TrackPoint]:
    return [point._replace(camera=CameraId("x" * 400)) for point in make_points(range(first, first + 300))]


def test_a_recording_goes_on_while_nothing_can_be_written_and_loses_nothing(
    tmp_path: Path, history: RecordedHistory, log_guard: LogGuard
) -> None:
    log_guard.expect("disk is full")
    log_guard.expect("can be written again")
    first = history.reserve_tracklets(1000)
    engine = history._writer._engine
    cap_pages(engine, 1)
    history.write_points(make_big_points(0))
    history.flush()
    condition = history.condition()
    assert condition.waiting_points == 300
    assert "disk is full" in str(condition.describe())
    assert "Free some space" in str(condition.describe())
    cap_pages(engine, 100_000)
    history.flush()
    assert history.condition().describe() is None
    assert read_numbers(tmp_path) == list(range(300))
    assert history.reserve_tracklets(10) == first + 1000


def test_numbers_that_could_not_be_put_on_record_are_before_their_points(
    tmp_path: Path, history: RecordedHistory, monkeypatch: pytest.MonkeyPatch, log_guard: LogGuard
) -> None:
    log_guard.expect("can be written again")
    log_guard.expect("disk is full")
    writer = history._writer
    first = history.reserve_tracklets(1000)
    reserve, flush = writer.reserve_tracklets, writer.flush
    fails = [True]

    def fail_or(work: object) -> object:
        def call(*arguments: object) -> object:
            if fails[0]:
                from analytics.store.store_failures import converting_store_errors

                with converting_store_errors("here"):
                    raise OSError(28, "No space left on device")
            return work(*arguments)  # type: ignore[operator]

        return call

    monkeypatch.setattr(writer, "reserve_tracklets", fail_or(reserve))
    monkeypatch.setattr(writer, "flush", fail_or(flush))
    assert history.reserve_tracklets(1000) == first + 1000
    assert history.reserve_tracklets(1000) == first + 2000
    history.flush()
    fails[0] = False
    history.flush()
    assert history.reserve_tracklets(1000) == first + 3000


def test_a_damaged_history_is_not_written_to_any_more(
    history: RecordedHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise DamagedStoreError("It is damaged.", "Open it again.")

    with monkeypatch.context() as patch:
        patch.setattr(history._writer, "flush", fail)
        with pytest.raises(DamagedStoreError):
            history.flush()


def test_a_disk_that_fills_is_told_and_less_is_written_until_there_is_room(
    tmp_path: Path, clock: FakeClock, log_guard: LogGuard
) -> None:
    log_guard.expect("nearly full")
    log_guard.expect("disk is full")
    log_guard.expect("room again")
    free = [10_000]
    history = open_history(tmp_path, clock, free)
    modes = []
    for step, room in enumerate((10_000, 500, 50, 5_000)):
        free.append(room)
        clock.now_s = NINE_S + 10 * step
        history.flush()
        modes.append(history.condition().mode)
        history.write_points(
            [
                TrackPoint(
                    clock.now_s + frame * 0.2, CAM, TrackletId(step), 1, 2, 0.1, None, TrackState.CONFIRMED
                )
                for frame in range(10)
            ]
        )
        history.write_span(ObservedSpan(CAM, NINE_S, clock.now_s + 2, 10 * (step + 1)))
        if step == 2:
            history.write_span(ObservedSpan(CAM, NINE_S, clock.now_s + 6, 10 * (step + 1)))
    history.close()
    assert modes == [HistoryMode.FULL, HistoryMode.THINNED, HistoryMode.PAUSED, HistoryMode.FULL]
    reader = open_reader(tmp_path)
    assert reader.read_tracks()["tracklet"].value_counts().to_dict() == {0: 10, 1: 2, 3: 10}
    assert reader.read_gaps()[["start_s", "end_s", "cause"]].values.tolist() == [
        [NINE_S + 12, NINE_S + 26, "disk full"]
    ]
    spans = reader.read_spans()[["start_s", "end_s"]] - NINE_S
    assert spans.values.tolist() == [[0, 12], [26, 32]]
    assert reader.read_events()["kind"].tolist() == ["saving_room"] * 3
    reader.close()


def test_a_recording_backs_up_and_deletes_old_tracks_once_their_days_are_prepared(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue = create_hall(tmp_path / "hall.expoflow", name="Hall", time_zone="Asia/Shanghai", size_m=(10, 10))
    write_venue(replace(venue, settings=replace(venue.settings, tracks_kept_days=2)))
    writer = open_store(venue.folder, clock=clock)
    writer.write_points(make_points(range(100)))
    writer.flush()
    writer.archive_now()
    writer.write_points(make_points(range(200, 210), step_s=86_400 * 3 / 200))
    writer.close()
    monkeypatch.setattr(history_upkeep, "_POLL_INTERVAL_S", 0.01)
    prepared = threading.Event()

    def prepare(folder: Path, _context: JobContext) -> None:
        assert folder == venue.folder
        assert len(list_track_files(folder)) == 1
        prepared.set()

    monkeypatch.setattr(prepared_facts, "prepare_facts_in_child", prepare)
    clock.now_s = NINE_S + 3 * DAY_S
    history = open_history(venue.folder, clock, [10_000])
    time.sleep(0.1)  # long enough for a backup that comes too early
    assert list_backups(venue.folder) == []
    clock.now_s += history_upkeep.FIRST_RETENTION_AFTER_S
    assert prepared.wait(10)
    wait_until(lambda: read_numbers(venue.folder) == list(range(200, 210)), 10)
    history.close()
    (backup,) = list_backups(venue.folder)
    assert (backup.folder / "venue.toml").read_bytes() == (venue.folder / "venue.toml").read_bytes()
    reader = open_reader(venue.folder)
    assert reader.points_since() is not None
    reader.close()


def test_an_upkeep_that_fails_says_so_and_lets_the_recording_go_on(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, log_guard: LogGuard
) -> None:
    log_guard.expect("The backup of")
    monkeypatch.setattr(history_upkeep, "_POLL_INTERVAL_S", 0.01)
    (tmp_path / "backups").write_text("a file in the way")
    history = open_history(tmp_path, clock, [10_000])
    clock.now_s += history_upkeep.FIRST_BACKUP_AFTER_S
    wait_until(lambda: history._maintenance._backup_due_s >= clock.now_s, 10)
    history.write_points(make_points(range(3)))
    history.close()
    assert read_numbers(tmp_path) == [0, 1, 2]
