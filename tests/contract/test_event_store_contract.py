"""Contract of every event store: memory, SQLite and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import create_engine

from analytics.columns import (
    EVENT_COLUMNS,
    GAP_COLUMNS,
    SPAN_COLUMNS,
    TRACK_COLUMNS,
    Column,
)
from analytics.domain.errors import StoreError
from analytics.domain.event_sink import CameraEvent, CameraEventKind, Gap, ObservedSpan
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.event_store import EventReader, EventWriter, Recording
from analytics.store.sql_event_store import open_reader, open_store
from analytics.store.sql_schema import metadata
from tests.support.servers.postgres_server import PostgresServer
from tools.memory_event_store import MemoryEventStore

NINE_S = 1_795_597_200.0  # 2026-11-25T09:00:00Z
NORTH, SOUTH = CameraId("north"), CameraId("south")


@dataclass(frozen=True)
class Store:
    writer: EventWriter
    reader: EventReader
    archive: Callable[[], object]


def open_memory(_: Path) -> Iterator[Store]:
    store = MemoryEventStore()
    yield Store(store, store, lambda: None)


def open_sql(folder: Path, database_url: str | None = None) -> Iterator[Store]:
    writer = open_store(folder, database_url=database_url)
    reader = open_reader(folder, database_url=database_url)
    yield Store(writer, reader, lambda: None)
    reader.close()
    writer.close()


def open_archiving(folder: Path) -> Iterator[Store]:
    writer = open_store(folder)
    reader = open_reader(folder)
    yield Store(writer, reader, writer.archive_now)
    reader.close()
    writer.close()


@pytest.fixture(scope="module")
def server_url(postgres_server: PostgresServer) -> str:
    """An empty database."""
    return postgres_server.make_database().replace("postgresql:", "postgresql+psycopg:")


@pytest.fixture
def postgres_url(server_url: str) -> str:
    engine = create_engine(server_url)
    metadata.drop_all(engine)
    engine.dispose()
    return server_url


def open_postgres(folder: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    yield from open_sql(folder, request.getfixturevalue("postgres_url"))


@pytest.fixture(params=[open_memory, open_sql, open_archiving, open_postgres], ids=lambda p: p.__name__)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    folder = tmp_path / "hall.expoflow"
    is_server = request.param is open_postgres
    yield from request.param(folder, request) if is_server else request.param(folder)


def make_point(
    time_s: float, camera: CameraId = NORTH, tracklet: int = 1, x_m: float = 1.0, **changes: object
) -> TrackPoint:
    values: dict[str, object] = {
        "y_m": 2.0,
        "sigma_m": 0.25,
        "height_m": None,
        "state": TrackState.CONFIRMED,
    } | changes
    return TrackPoint(time_s, camera, TrackletId(tracklet), x_m, **values)  # type: ignore[arg-type]


def assert_has_columns(table: pd.DataFrame, columns: tuple[Column, ...]) -> None:
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {c.name: c.dtype for c in columns}
    assert list(table.columns) == [column.name for column in columns]


def test_an_empty_history_has_every_column_and_no_rows(store: Store) -> None:
    for table, columns in (
        (store.reader.read_tracks(), TRACK_COLUMNS),
        (store.reader.read_spans(), SPAN_COLUMNS),
        (store.reader.read_gaps(), GAP_COLUMNS),
        (store.reader.read_events(), EVENT_COLUMNS),
    ):
        assert_has_columns(table, columns)
        assert table.empty
    assert list(store.reader.iterate_tracks()) == []
    assert store.reader.time_range() is None
    assert store.reader.last_observed_end(NORTH) is None
    assert store.reader.find_recording("00") is None


def test_points_are_stored_to_the_millimetre_and_microsecond(store: Store) -> None:
    time_s = NINE_S + 0.123457
    store.writer.write_points(
        [
            make_point(time_s, x_m=-12.3456, y_m=40.0004, sigma_m=0.3333, height_m=1.755),
            make_point(time_s, SOUTH, 2, state=TrackState.COASTED),
        ]
    )
    store.writer.flush()
    store.archive()
    tracks = store.reader.read_tracks()
    assert_has_columns(tracks, TRACK_COLUMNS)
    assert tracks["time_s"].tolist() == pytest.approx([time_s, time_s], abs=5e-7)
    assert tracks["x_m"].tolist() == pytest.approx([-12.346, 1.0], abs=1e-5)
    assert tracks["y_m"].tolist() == pytest.approx([40.0, 2.0], abs=1e-5)
    assert tracks["sigma_m"].tolist() == pytest.approx([0.333, 0.25], abs=1e-6)
    assert tracks["height_m"].iloc[0] == pytest.approx(1.755, abs=1e-6)
    assert np.isnan(tracks["height_m"].iloc[1])
    assert tracks["camera"].tolist() == ["north", "south"]
    assert tracks["tracklet"].tolist() == [1, 2]
    assert tracks["state"].tolist() == ["confirmed", "coasted"]
    assert tracks["visitor"].isna().all()


def test_points_are_ordered_by_time(store: Store) -> None:
    moments = [NINE_S + 5, NINE_S + 3600, NINE_S - 0.5, NINE_S + 1, NINE_S + 3599.9]
    for moment in moments:
        store.writer.write_points([make_point(moment)])
        store.writer.flush()
        store.archive()
    assert store.reader.read_tracks()["time_s"].tolist() == sorted(moments)


def test_reading_by_hour_gives_the_same_points(store: Store) -> None:
    store.writer.write_points([make_point(NINE_S + step * 1234.5, tracklet=step) for step in range(10)])
    store.writer.flush()
    store.archive()
    hours = list(store.reader.iterate_tracks(NINE_S + 1000, NINE_S + 10_000))
    assert len(hours) == 3
    joined = pd.concat(hours, ignore_index=True)
    pd.testing.assert_frame_equal(joined, store.reader.read_tracks(NINE_S + 1000, NINE_S + 10_000))


def test_a_period_includes_its_start_but_not_its_end(store: Store) -> None:
    store.writer.write_points([make_point(NINE_S + second) for second in range(4)])
    store.writer.flush()
    store.archive()
    tracks = store.reader.read_tracks(NINE_S + 1, NINE_S + 3)
    assert tracks["time_s"].tolist() == [NINE_S + 1, NINE_S + 2]
    assert len(store.reader.read_tracks(NINE_S + 1)) == 3
    assert len(store.reader.read_tracks(None, NINE_S + 1)) == 1


def test_points_are_filtered_by_camera(store: Store) -> None:
    store.writer.write_points([make_point(NINE_S, NORTH), make_point(NINE_S, SOUTH, 2)])
    store.writer.flush()
    store.archive()
    assert store.reader.read_tracks(cameras=[SOUTH])["tracklet"].tolist() == [2]
    assert len(store.reader.read_tracks(cameras=[NORTH, SOUTH])) == 2
    assert store.reader.read_tracks(cameras=[]).empty
    assert_has_columns(store.reader.read_tracks(cameras=[]), TRACK_COLUMNS)


def test_a_recording_without_a_start_begins_at_zero(store: Store) -> None:
    store.writer.write_points([make_point(0.0), make_point(0.2)])
    store.writer.flush()
    store.archive()
    assert store.reader.read_tracks(0.0)["time_s"].tolist() == [0.0, 0.2]


def test_invalid_points_are_rejected_and_counted(store: Store) -> None:
    nan, far = float("nan"), 3e9
    store.writer.write_points(
        [
            make_point(NINE_S, x_m=nan),
            make_point(nan),
            make_point(NINE_S, sigma_m=float("inf")),
            make_point(NINE_S, y_m=far),
            make_point(NINE_S, height_m=nan),
        ]
    )
    store.writer.flush()
    assert store.writer.refused_points == 4
    assert len(store.reader.read_tracks()) == 1


def test_the_time_range_covers_points_and_spans(store: Store) -> None:
    store.writer.write_points([make_point(NINE_S + 10), make_point(NINE_S + 20)])
    store.writer.flush()
    store.archive()
    period = store.reader.time_range()
    assert period is not None
    assert len(store.reader.read_tracks(period.start_s, period.end_s)) == 2
    store.writer.write_span(ObservedSpan(NORTH, NINE_S, NINE_S + 15, 75))
    store.writer.flush()
    period = store.reader.time_range()
    assert period is not None
    assert (period.start_s, period.end_s) == (NINE_S, pytest.approx(NINE_S + 20))


def test_an_extended_span_replaces_its_start(store: Store) -> None:
    store.writer.write_span(ObservedSpan(NORTH, NINE_S, NINE_S + 1, 5))
    store.writer.flush()
    store.writer.write_span(ObservedSpan(NORTH, NINE_S, NINE_S + 2, 10))
    store.writer.write_span(ObservedSpan(NORTH, NINE_S, NINE_S + 3, 15))
    store.writer.write_span(ObservedSpan(SOUTH, NINE_S, NINE_S + 1, 4))
    store.writer.flush()
    spans = store.reader.read_spans()
    assert_has_columns(spans, SPAN_COLUMNS)
    assert list(spans.itertuples(index=False, name=None)) == [
        ("north", NINE_S, NINE_S + 3, 15),
        ("south", NINE_S, NINE_S + 1, 4),
    ]
    assert store.reader.last_observed_end(NORTH) == NINE_S + 3
    assert store.reader.last_observed_end(CameraId("west")) is None


def test_spans_and_gaps_are_not_cut_to_the_period(store: Store) -> None:
    for start, end in ((0, 10), (20, 30), (40, 50)):
        store.writer.write_span(ObservedSpan(NORTH, NINE_S + start, NINE_S + end, 50))
        store.writer.write_gap(Gap(NORTH, NINE_S + end, NINE_S + end + 10, "stalled"))
    store.writer.flush()
    assert store.reader.read_spans(NINE_S + 25, NINE_S + 40)["start_s"].tolist() == [NINE_S + 20]
    gaps = store.reader.read_gaps(NINE_S + 35, NINE_S + 51)
    assert_has_columns(gaps, GAP_COLUMNS)
    assert gaps["end_s"].tolist() == [NINE_S + 40, NINE_S + 60]
    assert gaps["cause"].tolist() == ["stalled", "stalled"]
    assert store.reader.read_spans(cameras=[SOUTH]).empty
    assert store.reader.read_gaps(cameras=[SOUTH]).empty


def test_events_are_ordered_by_time(store: Store) -> None:
    store.writer.write_event(CameraEvent(NINE_S + 2, NORTH, CameraEventKind.LOST, "no packet for 5 s"))
    store.writer.write_event(CameraEvent(NINE_S + 1, SOUTH, CameraEventKind.DROPPED, "late", 12))
    store.writer.flush()
    events = store.reader.read_events()
    assert_has_columns(events, EVENT_COLUMNS)
    assert events["kind"].tolist() == ["dropped", "lost"]
    assert events["count"].tolist() == [12, 1]
    assert store.reader.read_events(cameras=[NORTH])["detail"].tolist() == ["no packet for 5 s"]
    assert store.reader.read_events(NINE_S + 1, NINE_S + 2)["camera"].tolist() == ["south"]


def test_tracklet_numbers_are_unique(store: Store) -> None:
    first, second = store.writer.reserve_tracklets(100), store.writer.reserve_tracklets(1)
    third = store.writer.reserve_tracklets(5)
    assert second >= first + 100
    assert third >= second + 1


def test_a_recording_is_found_by_its_checksum(store: Store) -> None:
    recording = Recording("hall.mp4", "ab" * 32, NORTH, None, NINE_S)
    store.writer.write_recording(recording)
    assert store.reader.find_recording("ab" * 32) == recording
    assert store.reader.find_recording("cd" * 32) is None
    again = Recording("copy.mp4", "ab" * 32, SOUTH, NINE_S, NINE_S + 1)
    store.writer.write_recording(again)
    assert store.reader.find_recording("ab" * 32) == again


def test_closing_twice_is_harmless(store: Store) -> None:
    store.writer.write_points([make_point(NINE_S)])
    store.writer.close()
    store.writer.close()
    assert len(store.reader.read_tracks()) == 1


def test_a_second_writer_is_rejected(postgres_url: str, tmp_path: Path) -> None:
    writer = open_store(tmp_path / "one", database_url=postgres_url)
    with pytest.raises(StoreError, match="Another process is writing"):
        open_store(tmp_path / "two", database_url=postgres_url)
    writer.close()
    open_store(tmp_path / "two", database_url=postgres_url).close()


def test_an_unreachable_server_is_reported_without_the_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="the driver of PostgreSQL is not installed")
    url = "postgresql+psycopg://somebody:secret@127.0.0.1:1/hall"
    with pytest.raises(StoreError, match=r"'hall' on 127\.0\.0\.1") as caught:
        open_store(tmp_path, database_url=url)
    assert "secret" not in str(caught.value)
