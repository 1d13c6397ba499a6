"""How long track points are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.store.retention import DAY_S, RetentionPolicy, plan_retention
from analytics.store.sql_event_store import open_reader, open_store
from analytics.store.track_files import TrackFile
from tests.unit.analytics.store.store_contents import (
    NINE_S,
    FakeClock,
    list_track_files,
    make_points,
    read_numbers,
)

NOON_S = NINE_S + 3 * 3600


def make_file(hours: int) -> TrackFile:
    hour_us = round((NINE_S + hours * 3600) * 1e6)
    return TrackFile(f"{hours}", hour_us, 0, 9, hour_us, hour_us + 5, 10, 100)


def test_a_policy_without_limits_asks_for_nothing() -> None:
    plan = plan_retention(files=[make_file(0)], now_s=NINE_S + 1e9, policy=RetentionPolicy())
    assert (plan.delete_before_us, plan.to_delete) == (None, ())


def test_whole_hours_go_and_the_hour_of_the_limit_stays() -> None:
    files = [make_file(hour) for hour in range(4)]
    now_s = NINE_S + 2.5 * 3600 + 7 * DAY_S
    plan = plan_retention(files=files, now_s=now_s, policy=RetentionPolicy(keep_days=7))
    assert plan.to_delete == tuple(files[:2])
    assert plan.delete_before_us == files[2].hour_us


def test_a_policy_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        RetentionPolicy(keep_days=-1)


def test_old_points_are_deleted_from_files_and_journal(tmp_path: Path) -> None:
    clock = FakeClock(NOON_S + 2 * DAY_S)
    writer = open_store(tmp_path, clock=clock)
    writer.write_points(make_points(range(0, 300), step_s=60.0))
    writer.flush()
    writer.archive_now()
    writer.write_points(make_points(range(300, 310), step_s=-600.0))
    writer.flush()
    report = writer.apply_retention(RetentionPolicy(keep_days=2))
    assert (report.deleted_files, report.deleted_points) == (3, 190)
    assert report.deleted_before_s == NOON_S
    assert read_numbers(tmp_path) == list(range(180, 300))
    assert len(list_track_files(tmp_path)) == 2
    assert writer.apply_retention(RetentionPolicy(keep_days=2)).deleted_points == 0
    writer.close()


def test_a_history_tells_what_was_deleted_for_its_age_and_how_much_there_is(tmp_path: Path) -> None:
    clock = FakeClock(NOON_S + DAY_S)
    writer = open_store(tmp_path, clock=clock)
    writer.write_points(make_points(range(0, 300), step_s=60.0))
    writer.flush()
    writer.apply_retention(RetentionPolicy(keep_days=2))
    reader = open_reader(tmp_path)
    assert reader.points_since() is None
    assert reader.count_points(NINE_S, NINE_S + 3600) == 60
    writer.archive_now()
    assert reader.count_points(NINE_S, NINE_S + 5 * 3600) == 300
    assert reader.count_points(NINE_S + 1800, NINE_S + 3600) == pytest.approx(30, abs=2)
    clock.now_s += DAY_S
    writer.apply_retention(RetentionPolicy(keep_days=2))
    assert reader.points_since() == NOON_S
    assert reader.count_points(NINE_S, NOON_S) == 0
    reader.close()
    writer.close()
