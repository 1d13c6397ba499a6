"""A period that was erased is gone for ever, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.errors import StoreError
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.store.erasure import ERASED
from analytics.store.event_store import Recording
from analytics.store.sql_event_store import open_reader, open_store
from tests.unit.analytics.store.store_contents import (
    NINE_S,
    FakeClock,
    list_track_files,
    make_points,
    read_numbers,
)

PERIOD_S = (NINE_S + 1000, NINE_S + 8000)
VISITED = "a file whose name must not be found again"


def fill(folder: Path) -> None:
    """Three hours of one point a minute, the last ten minutes in the journal; a span, a recording."""
    writer = open_store(folder, clock=FakeClock())
    minutes = range(0, 10_800, 60)
    writer.write_points([p for p in make_points(minutes) if p.time_s < NINE_S + 10_200])
    writer.write_span(ObservedSpan(CameraId("cam"), NINE_S, NINE_S + 10_800, 54_000))
    writer.flush()
    writer.archive_now()
    writer.write_points([p for p in make_points(minutes) if p.time_s >= NINE_S + 10_200])
    writer.write_recording(Recording(VISITED, "ab" * 32, CameraId("cam"), NINE_S + 1500, NINE_S + 20_000))
    writer.close()


def read_all_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def test_a_period_goes_from_files_journal_and_recordings_and_leaves_a_gap(tmp_path: Path) -> None:
    fill(tmp_path)
    assert VISITED.encode() in read_all_bytes(tmp_path)
    writer = open_store(tmp_path, clock=FakeClock())
    part = writer.erase(start_s=PERIOD_S[0], end_s=PERIOD_S[1])
    writer.close()

    kept = [second for second in range(0, 10_800, 60) if not 1000 <= second < 8000]
    assert read_numbers(tmp_path) == kept
    assert part.points == 180 - len(kept)
    assert (part.deleted_files, part.rewritten_files) == (1, 2)
    assert (part.observed_s, part.cameras) == (7000.0, ("cam",))
    reader = open_reader(tmp_path)
    gaps = reader.read_gaps()
    assert gaps[["start_s", "end_s", "cause"]].values.tolist() == [[*PERIOD_S, ERASED]]
    spans = reader.read_spans()
    assert spans[["start_s", "end_s", "frames"]].values.tolist() == [
        [NINE_S, PERIOD_S[0], 5_000],
        [PERIOD_S[1], NINE_S + 10_800, 14_000],
    ]
    reader.close()
    assert VISITED.encode() not in read_all_bytes(tmp_path)
    assert len(list_track_files(tmp_path)) == 2


def test_points_of_the_journal_go_too_and_looking_beforehand_changes_nothing(tmp_path: Path) -> None:
    fill(tmp_path)
    reader = open_reader(tmp_path)
    part = reader.find_part(NINE_S + 10_000, NINE_S + 20_000)
    reader.close()
    assert (part.deleted_files, part.rewritten_files, part.observed_s) == (0, 1, 800.0)
    assert len(read_numbers(tmp_path)) == 180
    writer = open_store(tmp_path, clock=FakeClock())
    writer.erase(start_s=NINE_S + 10_000, end_s=NINE_S + 20_000)
    writer.close()
    assert max(read_numbers(tmp_path)) == 9_960


def test_to_erase_again_changes_nothing(tmp_path: Path) -> None:
    fill(tmp_path)
    parts = []
    for _ in range(2):
        writer = open_store(tmp_path, clock=FakeClock())
        parts.append(writer.erase(start_s=PERIOD_S[0], end_s=PERIOD_S[1]))
        writer.close()
    assert parts[0]
    assert not parts[1]
    reader = open_reader(tmp_path)
    assert len(reader.read_gaps()) == 1
    reader.close()


def test_a_failure_before_the_transaction_leaves_all_that_there_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    before = read_numbers(tmp_path)
    writer = open_store(tmp_path, clock=FakeClock())
    monkeypatch.setattr(
        "analytics.store.erasure._cut_observation", lambda *_: (_ for _ in ()).throw(OSError(28, "full"))
    )
    with pytest.raises(StoreError, match="disk is full"):
        writer.erase(start_s=PERIOD_S[0], end_s=PERIOD_S[1])
    writer.close()
    monkeypatch.undo()
    assert read_numbers(tmp_path) == before
    # what was written for nothing is removed by the next writer, and counts nowhere
    open_store(tmp_path, clock=FakeClock()).close()
    assert read_numbers(tmp_path) == before
    assert len(list_track_files(tmp_path)) == 3


def test_while_somebody_records_nothing_is_erased(tmp_path: Path) -> None:
    fill(tmp_path)
    recorder = open_store(tmp_path, clock=FakeClock())
    with pytest.raises(StoreError, match="in use by process"):
        open_store(tmp_path, clock=FakeClock())
    recorder.close()


def test_what_one_camera_saw_goes_and_what_others_saw_of_the_same_time_stays(tmp_path: Path) -> None:
    fill(tmp_path)
    other = CameraId("other")
    writer = open_store(tmp_path, clock=FakeClock())
    writer.write_points([point._replace(camera=other) for point in make_points(range(1200, 9000, 60))])
    writer.write_span(ObservedSpan(other, NINE_S + 1200, NINE_S + 9000, 100))
    writer.close()
    # the file of the hour in which only the other camera saw anybody is not touched
    reader = open_reader(tmp_path)
    planned = reader.find_part(*PERIOD_S, camera=other)
    reader.close()
    assert (planned.points, planned.observed_s, planned.cameras) == (114, 6800.0, (other,))

    writer = open_store(tmp_path, clock=FakeClock())
    part = writer.erase(start_s=PERIOD_S[0], end_s=PERIOD_S[1], camera=other)
    writer.close()

    assert (part.points, part.observed_s) == (planned.points, planned.observed_s)
    reader = open_reader(tmp_path)
    tracks = reader.read_tracks()
    times_s = tracks["time_s"] - NINE_S
    assert times_s[tracks["camera"] == "cam"].tolist() == list(range(0, 10_800, 60))
    assert times_s[tracks["camera"] == other].tolist() == list(range(8040, 9000, 60))
    assert reader.read_gaps()[["camera", "start_s", "end_s", "cause"]].to_numpy().tolist() == [
        [other, NINE_S + 1200, PERIOD_S[1], ERASED]
    ]
    assert set(reader.read_spans()["camera"]) == {"cam", other}
    reader.close()
