from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.clock import parse_utc
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.store.event_store import Recording
from analytics.store.past_hours import POINT_TYPE, PastCamera, add_past_hours
from analytics.store.sql_event_store import open_reader, open_store
from tests.support.halls.walked_hall import SetClock

TEN = parse_utc("2026-11-24T10:00:00Z")
CLOCK = SetClock(parse_utc("2026-11-25T12:00:00Z"))


def make_camera(name: str, *, tracklets: int, hours: int = 2) -> PastCamera:
    """Every tracklet once a minute through the hours."""
    rows = [
        (TEN + 60.0 * minute, tracklet, 1.0 + tracklet, 2.5, 0.1, 0)
        for minute in range(60 * hours)
        for tracklet in range(1, tracklets + 1)
    ]
    end_s = TEN + 3600.0 * hours - 60
    return PastCamera(
        np.array(rows, POINT_TYPE),
        ObservedSpan(CameraId(name), TEN, end_s, 60 * hours),
        Recording(f"day of {name}", f"mark of {name}", CameraId(name), TEN, CLOCK.now_utc_s()),
    )


def test_points_spans_and_marks_are_there_together_and_only_once(tmp_path: Path) -> None:
    cameras = [make_camera("north", tracklets=2), make_camera("south", tracklets=3)]

    add_past_hours(tmp_path, cameras=cameras, clock=CLOCK)
    add_past_hours(tmp_path, cameras=cameras, clock=CLOCK)

    reader = open_reader(tmp_path)
    try:
        tracks, spans = reader.read_tracks(), reader.read_spans()
        marked = reader.find_recording("mark of south")
    finally:
        reader.close()
    assert len(tracks) == 120 * 5
    assert tracks.groupby("tracklet")["camera"].nunique().tolist() == [1] * 5
    assert sorted(tracks["x_m"].unique().tolist()) == [2.0, 3.0, 4.0]
    assert spans["frames"].tolist() == [120, 120]
    assert marked is not None
    assert marked.start_s == TEN


def test_files_that_a_kill_left_unlisted_are_not_counted_twice(tmp_path: Path) -> None:
    cameras = [make_camera("north", tracklets=2)]
    add_past_hours(tmp_path, cameras=cameras, clock=CLOCK)
    # as if it had been killed before its transaction, and a writer had found the files
    store = open_store(tmp_path, clock=CLOCK)
    store.close()
    with closing(sqlite3.connect(tmp_path / "events.sqlite")) as database:
        database.execute("DELETE FROM recordings")
        database.commit()

    add_past_hours(tmp_path, cameras=cameras, clock=CLOCK)

    reader = open_reader(tmp_path)
    try:
        tracks = reader.read_tracks()
    finally:
        reader.close()
    assert len(tracks) == 240
    assert not tracks.duplicated(["time_s", "tracklet"]).any()


def test_other_recordings_of_the_same_minutes_are_added(tmp_path: Path) -> None:
    add_past_hours(tmp_path, cameras=[make_camera("north", tracklets=2)], clock=CLOCK)

    cameras = [make_camera("north", tracklets=2), make_camera("south", tracklets=1)]
    assert add_past_hours(tmp_path, cameras=cameras, clock=CLOCK) == 1

    with closing(open_reader(tmp_path)) as reader:
        assert reader.read_tracks().groupby("camera").size().to_dict() == {"north": 240, "south": 120}


def test_a_camera_that_saw_nobody_has_its_span(tmp_path: Path) -> None:
    camera = make_camera("north", tracklets=0)

    add_past_hours(tmp_path, cameras=[camera], clock=CLOCK)

    reader = open_reader(tmp_path)
    try:
        assert len(reader.read_tracks()) == 0
        assert reader.read_spans()["frames"].tolist() == [120]
    finally:
        reader.close()


def test_the_present_hour_is_left_to_its_writer(tmp_path: Path) -> None:
    now = SetClock(TEN + 3600.0 + 600.0)

    with pytest.raises(ValueError, match="over"):
        add_past_hours(tmp_path, cameras=[make_camera("north", tracklets=1)], clock=now)

    assert not (tmp_path / "events.sqlite").exists()
