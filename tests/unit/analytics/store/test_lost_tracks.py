"""Track files that are removed, cut or overwritten: their time is a gap, and all other time is as it was."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from analytics.domain.event_sink import Gap, ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.store.recovery.folder_backup import make_backup
from analytics.store.recovery.lost_tracks import LOST_TRACKS, QUARANTINE_SUFFIX, LostTracks
from analytics.store.recovery.track_check import find_track_faults
from analytics.store.retention import RetentionPolicy
from analytics.store.sql_event_store import open_reader, open_store
from tests.conftest import LogGuard
from tests.unit.analytics.store.store_contents import (
    NINE_S,
    FakeClock,
    list_track_files,
    make_points,
    read_numbers,
)

CAM = CameraId("cam")
HOUR_S = 3600.0
STEP_S = 60.0
"""Between two points, each a tracklet of its own: 60 an hour."""


def remove(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def overwrite(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))


def flip_one_bit_of_the_content(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)


DAMAGES = (remove, cut, empty, overwrite, flip_one_bit_of_the_content)


def fill(folder: Path, *, hours: int = 3) -> None:
    """Hours of one span, of one file each, and minutes of the last one apart."""
    writer = open_store(folder, clock=FakeClock())
    last = hours * 60 - 3
    writer.write_points(make_points(range(last), step_s=STEP_S))
    writer.write_span(ObservedSpan(CAM, NINE_S, NINE_S + hours * HOUR_S, hours * 3600))
    writer.write_gap(Gap(CAM, NINE_S + hours * HOUR_S, NINE_S + hours * HOUR_S + 9.0, "stall"))
    writer.flush()
    writer.archive_now()
    for number in range(last, hours * 60):
        writer.write_points(make_points([number], step_s=STEP_S))
        writer.flush()
        writer._archive.move_journal()
    writer.close()


def read(folder: Path) -> tuple[list[int], list[tuple[float, ...]], list[tuple[Any, ...]]]:
    """Numbers of points, spans (start, end, frames), and gaps (start, end, cause), from nine on."""
    reader = open_reader(folder)
    try:
        numbers = sorted(reader.read_tracks()["tracklet"].tolist())
        spans, gaps = reader.read_spans(), reader.read_gaps()
    finally:
        reader.close()
    return (
        numbers,
        [(row.start_s - NINE_S, row.end_s - NINE_S, row.frames) for row in spans.itertuples()],
        [(row.start_s - NINE_S, row.end_s - NINE_S, row.cause) for row in gaps.itertuples()],
    )


def round_all(rows: Iterable[Sequence[float]]) -> list[tuple[float, ...]]:
    """To less than the microsecond by which a gap is longer than from its first to its last moment."""
    return [tuple(round(value, 4) for value in row) for row in rows]


def list_files(folder: Path) -> list[Path]:
    return sorted((folder / "tracks").rglob("*.parquet"))


def find_numbers(path: Path) -> list[int]:
    return sorted(pq.read_table(path)["tracklet"].to_pylist())


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_the_time_of_every_track_file_becomes_a_gap_and_no_other_time(
    tmp_path: Path, log_guard: LogGuard, damage: Callable[[Path], None]
) -> None:
    log_guard.expect("track files were missing or damaged")
    whole = tmp_path / "whole"
    fill(whole)
    before = read(whole)
    assert len(list_files(whole)) == 6
    for number, original in enumerate(list_files(whole)):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        path = folder / original.relative_to(whole)
        gone = find_numbers(original)
        damage(path)
        first_s, last_s = gone[0] * STEP_S, gone[-1] * STEP_S + 1e-6
        checked = find_track_faults(folder)
        assert checked[0] == 6
        assert [fault.fields["file"] for fault in checked[1]] == [
            path.relative_to(folder / "tracks").as_posix()
        ]
        for is_repaired in (False, True):
            numbers, spans, gaps = read(folder)
            assert numbers == [known for known in before[0] if known not in gone]
            pieces = [(0.0, first_s), (last_s, 3 * HOUR_S)]
            pieces = [piece for piece in pieces if piece[1] > piece[0]]
            assert round_all(span[:2] for span in spans) == round_all(pieces)
            assert sum(span[2] for span in spans) == pytest.approx(3 * 3600 - (last_s - first_s), abs=2)
            assert [gap[2] for gap in gaps] == [LOST_TRACKS, "stall"]
            assert round_all(gap[:2] for gap in gaps) == round_all([(first_s, last_s), before[2][0][:2]])
            if not is_repaired:
                told: list[LostTracks] = []
                open_store(folder, clock=FakeClock(), is_thorough=True, on_repair=told.append).close()  # type: ignore[arg-type]
                assert [(lost.files, lost.points) for lost in told] == [
                    ((path.relative_to(folder / "tracks").as_posix(),), len(gone))
                ]
                assert NINE_S + first_s == told[0].start_s
                assert find_track_faults(folder) == (5, []), "sound again"
                assert len(told[0].quarantined) == (damage is not remove)
                assert all((folder / "tracks" / name).exists() for name in told[0].quarantined)


def test_a_file_that_was_put_aside_and_is_put_back_makes_its_time_observed(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("track files were missing or damaged")
    log_guard.expect("were not listed")
    fill(tmp_path)
    before = read(tmp_path)
    path = list_files(tmp_path)[1]
    copy = path.read_bytes()
    overwrite(path)
    open_store(tmp_path, clock=FakeClock()).close()
    assert read(tmp_path) != before
    path.write_bytes(copy)
    open_store(tmp_path, clock=FakeClock()).close()
    assert read(tmp_path) == before
    remove(path)
    open_store(tmp_path, clock=FakeClock()).close()
    assert read(tmp_path) != before
    path.write_bytes(copy)
    open_store(tmp_path, clock=FakeClock()).close()
    assert read(tmp_path) == before
    assert list_track_files(tmp_path)[1:3] == [
        f"date=2026-11-25/{path.name}",
        f"date=2026-11-25/{path.name}{QUARANTINE_SUFFIX}",
    ]


@pytest.mark.parametrize("damage", [remove, overwrite])
def test_what_was_lost_is_known_after_the_database_is_lost_too(
    tmp_path: Path, log_guard: LogGuard, damage: Callable[[Path], None]
) -> None:
    log_guard.expect("track files were missing or damaged")
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    fill(tmp_path)
    make_backup(tmp_path, now_s=NINE_S)
    damage(next(path for path in list_files(tmp_path) if "minute=57" in path.name))
    damage(list_files(tmp_path)[1])
    open_store(tmp_path, clock=FakeClock()).close()
    writer = open_store(tmp_path, clock=FakeClock())
    writer.archive_now()
    writer.close()
    before = read(tmp_path)
    assert [gap[2] for gap in before[2]] == [LOST_TRACKS, LOST_TRACKS, "stall"]
    (tmp_path / "events.sqlite").write_bytes(b"")
    open_store(tmp_path, clock=FakeClock()).close()
    assert read(tmp_path) == before


def test_a_damaged_minute_keeps_no_hour_from_being_merged(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("1 track files were missing or damaged")
    fill(tmp_path)
    clock = FakeClock(NINE_S + 4 * HOUR_S)
    writer = open_store(tmp_path, clock=clock)
    minute = next(path for path in list_files(tmp_path) if "minute=58" in path.name)
    flip_one_bit_of_the_content(minute)
    for _ in range(4):
        clock.now_s += 61.0
        writer.flush()
        if writer._archive._merge is not None:
            writer._archive._merge[1].exception()
    # a recorder goes on to tell the same span, which must not bring the lost minute back
    writer.write_span(ObservedSpan(CAM, NINE_S, NINE_S + 5 * HOUR_S, 5 * 3600))
    writer.close()
    names = list_track_files(tmp_path)
    merged, quarantined = [name for name in names if "hour=11" in name]
    assert merged == "date=2026-11-25/hour=11-000000000179.parquet"
    assert minute.name in quarantined
    assert quarantined.endswith(QUARANTINE_SUFFIX)
    numbers, spans, gaps = read(tmp_path)
    assert numbers == [number for number in range(180) if number != 178]
    assert round_all(span[:2] for span in spans) == [(0.0, 178 * STEP_S), (178 * STEP_S, 5 * HOUR_S)]
    assert (178 * STEP_S, LOST_TRACKS) in [(gap[0], gap[2]) for gap in gaps]


def test_merging_at_the_end_of_an_import_goes_on_without_a_damaged_file(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("track files were missing or damaged")
    fill(tmp_path)
    writer = open_store(tmp_path, clock=FakeClock(NINE_S + 50 * 86_400.0))
    remove(next(path for path in list_files(tmp_path) if "minute=57" in path.name))
    writer.archive_now()
    assert read_numbers(tmp_path) == [number for number in range(180) if number != 177]
    writer.apply_retention(RetentionPolicy(keep_days=1.0))
    writer.close()
    assert list_track_files(tmp_path) == [], "what was put aside is as old as the rest"


def test_erasing_deletes_what_was_put_aside_too(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("track files were missing or damaged")
    fill(tmp_path)
    flip_one_bit_of_the_content(list_files(tmp_path)[1])
    reader = open_reader(tmp_path)
    part = reader.find_part(NINE_S + 1.5 * HOUR_S, NINE_S + 2.5 * HOUR_S, camera="cam")
    reader.close()
    assert part.points == 30, "of the damaged file nobody can say"
    writer = open_store(tmp_path, clock=FakeClock(NINE_S + 9 * HOUR_S))
    writer.erase(start_s=NINE_S + 1.5 * HOUR_S, end_s=NINE_S + 2.5 * HOUR_S)
    writer.close()
    assert not [name for name in list_track_files(tmp_path) if "hour=10" in name]
    assert read_numbers(tmp_path) == [*range(60), *range(150, 180)]


def test_a_period_is_checked_before_its_spans_are_read(tmp_path: Path) -> None:
    fill(tmp_path)
    flip_one_bit_of_the_content(list_files(tmp_path)[1])
    reader = open_reader(tmp_path)
    assert len(reader.read_spans()) == 1, "a look at its ends does not tell"
    reader.check_tracks(NINE_S, NINE_S + HOUR_S - 60.0)
    assert len(reader.read_spans()) == 1, "another hour"
    reader.check_tracks(NINE_S, NINE_S + 2 * HOUR_S)
    assert len(reader.read_spans()) == 2
    lost = reader.find_lost_tracks()
    reader.close()
    assert lost is not None
    assert lost.points == 60
