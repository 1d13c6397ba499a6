"""A writer that is killed at any instant loses nothing that it called durable, and doubles nothing."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.store.sql_event_store import open_reader, open_store
from tests.support.servers.killed_writer import time_of

PROJECT = Path(__file__).parents[2]
KILLS = 15
MAX_LOST_S = 1.0

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked")


@pytest.fixture
def forker() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.servers.killed_writer"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=20) == 0


def run_and_kill(
    forker: subprocess.Popen[str], folder: Path, *, first: int, seed: int, flushes: int, wait_s: float
) -> tuple[list[str], float]:
    """Let a writer make some flushes, kill it a moment later; its lines and the moment of the kill."""
    assert forker.stdin is not None
    assert forker.stdout is not None
    forker.stdin.write(f"{folder} {first} {seed}\n")
    forker.stdin.flush()
    lines: list[str] = []
    pid = None
    while pid is None or sum(line.startswith("durable") for line in lines) < flushes:
        line = forker.stdout.readline().strip()
        assert line not in ("", "gone"), f"the writer ended by itself after {lines}"
        if line.startswith("pid "):
            pid = int(line.split()[1])
        else:
            lines.append(line)
    time.sleep(wait_s)  # the instant of the kill is the point of the test
    os.kill(pid, signal.SIGKILL)
    killed_s = time.monotonic()
    while (line := forker.stdout.readline().strip()) != "gone":
        assert line
        lines.append(line)
    return lines, killed_s


def test_kills_at_any_instant_lose_nothing_durable_and_double_nothing(
    forker: subprocess.Popen[str], tmp_path: Path
) -> None:
    folder = tmp_path / "hall.expoflow"
    expected: set[int] = set()
    first = 0
    merged = 0
    losses_s: list[float] = []
    for seed in range(KILLS):
        chance = random.Random(seed)
        flushes = chance.choice([0, 1, 1, 2])
        lines, killed_s = run_and_kill(
            forker, folder, first=first, seed=seed, flushes=flushes, wait_s=chance.uniform(0.0, 0.35)
        )
        durable = max((int(line.split()[1]) for line in lines if line.startswith("durable")), default=first)
        expected |= set(range(first, durable))

        open_store(folder).close()  # checks the database and finishes what was interrupted
        reader = open_reader(folder)
        tracks = reader.read_tracks()
        reader.close()
        found = tracks["tracklet"].tolist()
        assert len(found) == len(set(found)), f"kill {seed}: points doubled"
        assert expected <= set(found), f"kill {seed}: {len(expected - set(found))} durable points lost"
        assert tracks["time_s"].tolist() == [time_of(n) for n in sorted(found, key=time_of)]
        if (saved_s := last_saved_s(lines)) is not None:
            losses_s.append(killed_s - saved_s)
        expected = set(found)
        first = max(expected, default=-1) + 1
        listed = {path.name for path in (folder / "tracks").rglob("*")}
        merged += sum("minute" not in name and name.endswith(".parquet") for name in listed)
        assert not [name for name in listed if name.endswith((".unfinished", ".unreadable"))]
    assert len(expected) > 300
    # not every one, because a busy machine may take its time over a flush
    assert sorted(losses_s)[len(losses_s) // 2] <= MAX_LOST_S
    assert merged > 0, "no hour was merged, so this test shows less than it says"


def last_saved_s(lines: list[str]) -> float | None:
    """When the last flush that came back began; all points made before that moment are durable."""
    pairs = itertools.pairwise(lines)
    began = [float(first.split()[2]) for first, second in pairs if second.startswith("durable")]
    return max(began, default=None)


def test_a_killed_writers_place_is_free_at_once(forker: subprocess.Popen[str], tmp_path: Path) -> None:
    run_and_kill(forker, tmp_path / "hall.expoflow", first=0, seed=1, flushes=1, wait_s=0.0)
    started_s = time.monotonic()
    writer = open_store(tmp_path / "hall.expoflow")
    assert time.monotonic() - started_s < 5
    first = writer.reserve_tracklets(1)
    writer.close()
    assert first >= 0
