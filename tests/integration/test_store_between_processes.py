"""A history that is read while another process writes it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.domain.errors import StoreError
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.sql_event_store import open_reader, open_store

PROJECT = Path(__file__).parents[2]
NINE_S = 1_795_597_200.0
POINTS = 3000

WRITER = """
import sys
from pathlib import Path
from analytics.store.sql_event_store import open_store
from analytics.store.sql_event_writer import WriterLimits
from tests.integration.test_store_between_processes import POINTS, make_points
writer = open_store(Path(sys.argv[1]), limits=WriterLimits(archive_at_points=60, archive_every_s=3600.0))
print("open", flush=True)
for first in range(0, POINTS, 30):
    writer.write_points(make_points(range(first, first + 30)))
    writer.flush()
    if first % 300 == 270:
        writer.archive_now()
sys.stdin.readline()
writer.close()
"""


def make_points(numbers: range) -> list[TrackPoint]:
    return [
        TrackPoint(
            NINE_S + number * 5.0,
            CameraId("cam"),
            TrackletId(number),
            1.0,
            2.0,
            0.2,
            None,
            TrackState.CONFIRMED,
        )
        for number in numbers
    ]


@pytest.fixture
def writing_process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "hall.expoflow")],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.communicate("\n", timeout=30)
    assert process.returncode == 0


def test_a_reader_sees_every_point_once_while_files_move_under_it(
    writing_process: subprocess.Popen[str], tmp_path: Path
) -> None:
    reader = open_reader(tmp_path / "hall.expoflow")
    seen = 0
    reads = 0
    while seen < POINTS:
        found = reader.read_tracks()["tracklet"].tolist()
        assert found == list(range(len(found)))
        assert len(found) >= seen
        seen = len(found)
        reads += 1
        assert writing_process.poll() is None
    reader.close()
    assert reads > 3


def test_a_writer_in_another_process_is_named(writing_process: subprocess.Popen[str], tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"process {writing_process.pid} "):
        open_store(tmp_path / "hall.expoflow")


def test_a_reader_serves_several_threads(tmp_path: Path) -> None:
    writer = open_store(tmp_path)
    writer.write_points(make_points(range(500)))
    writer.flush()
    writer.archive_now()
    writer.close()
    reader = open_reader(tmp_path)
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.extend(len(reader.read_tracks()) for _ in range(5)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    reader.close()
    assert counts == [500] * 20
