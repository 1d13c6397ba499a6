"""What a writer stores, once more for a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.event_sink import CameraEvent, CameraEventKind, Gap, ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.store.database_url import open_sqlite
from analytics.store.history_folder import DATABASE_NAME
from analytics.store.outbox import (
    EventRow,
    GapRow,
    SpanRow,
    StoredBatch,
    create_outbox,
    decode_batch,
    encode_batch,
    read_outbox,
    remove_from_outbox,
    stop_outbox,
)
from analytics.store.sql_event_store import open_store
from analytics.store.track_files import POINT_SCHEMA
from tests.unit.analytics.store.store_contents import NINE_S, FakeClock, make_points

NORTH = CameraId("north")


def prepare(folder: Path) -> Path:
    open_store(folder).close()
    engine = open_sqlite(folder / DATABASE_NAME)
    create_outbox(engine, site="fair")
    engine.dispose()
    return folder


def read_batches(folder: Path) -> list[tuple[int, int, StoredBatch]]:
    engine = open_sqlite(folder / DATABASE_NAME, is_read_only=True)
    with engine.begin() as connection:
        found = read_outbox(connection, after=(0, 0), max_count=100)
    engine.dispose()
    return [(epoch, number, decode_batch(body)) for epoch, number, body in found]


def test_each_flush_is_one_batch_with_everything_that_it_stored(tmp_path: Path) -> None:
    writer = open_store(prepare(tmp_path))
    points = make_points(range(5))
    writer.write_points(points)
    writer.write_span(ObservedSpan(NORTH, 10.0, 12.0, 10))
    writer.write_gap(Gap(NORTH, 5.0, 10.0, "stall"))
    writer.write_event(CameraEvent(11.0, NORTH, CameraEventKind.LOST, "no packet", 3))
    writer.flush()
    writer.write_span(ObservedSpan(NORTH, 10.0, 13.0, 15))
    writer.flush()
    writer.flush()
    writer.close()
    (epoch, first, batch), (same_epoch, second, later) = read_batches(tmp_path)
    assert epoch == same_epoch
    assert first < second
    assert len(batch.points) == len(points)
    assert batch.points["time_us"].to_pylist() == [round(point.time_s * 1e6) for point in points]
    assert batch.spans == (SpanRow("north", 10_000_000, 12_000_000, 10),)
    assert batch.gaps == (GapRow("north", 5_000_000, 10_000_000, "stall"),)
    assert batch.events == (EventRow(11_000_000, "north", "lost", "no packet", 3),)
    assert later.spans == (SpanRow("north", 10_000_000, 13_000_000, 15),)
    assert len(later.points) == 0


def test_a_history_without_a_site_has_no_outbox(tmp_path: Path) -> None:
    writer = open_store(tmp_path)
    writer.write_points(make_points(range(5)))
    writer.close()
    engine = open_sqlite(tmp_path / DATABASE_NAME)
    with engine.connect() as connection:
        tables = {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_schema")}
    engine.dispose()
    assert "outbox" not in tables


def test_the_next_writer_has_a_later_epoch_even_if_the_clock_was_set_back(tmp_path: Path) -> None:
    prepare(tmp_path)
    for clock in (FakeClock(NINE_S), FakeClock(NINE_S - 3600), FakeClock(NINE_S - 3600)):
        writer = open_store(tmp_path, clock=clock)
        writer.write_points(make_points(range(2)))
        writer.close()
    batches = read_batches(tmp_path)
    assert [batch[:2] for batch in batches] == sorted(batch[:2] for batch in batches)
    engine = open_sqlite(tmp_path / DATABASE_NAME)
    with engine.begin() as connection:
        assert remove_from_outbox(connection, up_to=batches[1][:2], kept=1) == 1
        assert remove_from_outbox(connection, up_to=batches[1][:2]) == 1
    engine.dispose()
    assert [batch[:2] for batch in read_batches(tmp_path)] == [batches[2][:2]]


def test_erased_points_do_not_wait_to_be_forwarded(tmp_path: Path) -> None:
    writer = open_store(prepare(tmp_path))
    points = make_points(range(10))
    writer.write_points(points)
    writer.flush()
    middle_s = points[5].time_s
    writer.erase(start_s=middle_s, end_s=points[-1].time_s + 1)
    writer.close()
    kept, erasure = (batch for _, _, batch in read_batches(tmp_path))
    assert kept.points["time_us"].to_pylist() == [
        round(p.time_s * 1e6) for p in points if p.time_s < middle_s
    ]
    assert [one.start_us for one in erasure.erasures] == [round(middle_s * 1e6)]


def test_damage_is_no_batch() -> None:
    body = encode_batch(StoredBatch(POINT_SCHEMA.empty_table()))
    with pytest.raises(ValueError, match="not a batch"):
        decode_batch(body[:20])


def test_after_leaving_the_next_writer_removes_the_outbox(tmp_path: Path) -> None:
    writer = open_store(prepare(tmp_path))
    engine = open_sqlite(tmp_path / DATABASE_NAME)
    stop_outbox(engine)
    # a writer that runs goes on as it began
    writer.write_points(make_points(range(2)))
    writer.close()
    writer = open_store(tmp_path)
    writer.write_points(make_points(range(2, 4)))
    writer.close()
    with engine.connect() as connection:
        tables = {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_schema")}
    engine.dispose()
    assert "outbox" not in tables
