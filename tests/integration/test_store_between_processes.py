"""A history that is read while another process writes it, and one whose disk is full."""

from __future__ import annotations

import os
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
from analytics.store.sql_event_writer import WriterLimits
from tests.conftest import LogGuard

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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte; needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("no right to mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill_disk(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096) == 4096:
                pass
        except OSError:
            os.fsync(file.fileno())


def test_a_full_disk_is_told_and_nothing_is_lost_once_there_is_room(
    small_disk: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("stay in the journal")
    writer = open_store(small_disk, limits=WriterLimits(archive_at_points=500, flush_at_points=100_000))
    writer.write_points(make_points(range(400)))
    writer.flush()
    fill_disk(small_disk / "ballast")
    failures: list[str] = []
    for first in range(400, 3000, 400):
        writer.write_points(make_points(range(first, first + 400)))
        try:
            writer.flush()
        except StoreError as error:
            failures.append(error.problem)
    assert failures
    assert all("no room left on the disk" in failure for failure in failures)
    reader = open_reader(small_disk)
    assert len(reader.read_tracks()) >= 400
    (small_disk / "ballast").unlink()
    writer.flush()
    writer.archive_now()
    writer.close()
    assert reader.read_tracks()["tracklet"].tolist() == list(range(3200))
    reader.close()
    open_store(small_disk).close()


def test_a_disk_that_cannot_be_written_can_be_read(small_disk: Path) -> None:
    writer = open_store(small_disk)
    writer.write_points(make_points(range(10)))
    writer.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreError, match="cannot be written"):
        open_store(small_disk)
    reader = open_reader(small_disk)
    assert len(reader.read_tracks()) == 10
    reader.close()
