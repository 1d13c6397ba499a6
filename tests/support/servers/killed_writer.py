"""A process that forks writers of a history, each to be killed by the test that started it.

Reads lines ``folder first seed`` from its input and forks a writer for each, which numbers its points from
``first`` on. Prints ``pid N``, then for each flush ``flushing N T`` and ``durable N`` (all points below N),
and ``gone`` when the writer is dead. Forking spares each writer a second of imports.
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.sql_event_store import open_store
from analytics.store.sql_event_writer import WriterLimits

POINTS_PER_S = 200
SECONDS_PER_POINT = 10.0
"""Recorded time runs fast, so that hours end and are merged while the test runs."""


def time_of(number: int) -> float:
    """Every seventh point is credited two hours late."""
    return 1_795_597_200.0 + number * SECONDS_PER_POINT - (7200.0 if number % 7 == 0 else 0.0)


def write_until_killed(folder: Path, first: int, seed: int) -> None:
    chance = random.Random(seed)
    limits = WriterLimits(archive_at_points=chance.choice([40, 90, 200]), archive_every_s=0.4)
    writer = open_store(folder, limits=limits)
    number = first
    started_s = time.monotonic()
    next_flush_s = started_s + chance.uniform(0.2, 0.4)
    while True:
        due = first + int((time.monotonic() - started_s) * POINTS_PER_S)
        points = [
            TrackPoint(
                time_of(n), CameraId("cam"), TrackletId(n), n / 1000, 1.0, 0.2, None, TrackState.CONFIRMED
            )
            for n in range(number, due)
        ]
        writer.write_points(points)
        number = max(number, due)
        if time.monotonic() >= next_flush_s:
            next_flush_s = time.monotonic() + chance.uniform(0.1, 0.4)
            say(f"flushing {number} {time.monotonic()}")
            writer.flush()
            say(f"durable {number}")
        time.sleep(0.01)


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    for line in sys.stdin:
        folder, first, seed = line.split()
        child = os.fork()
        if child == 0:
            write_until_killed(Path(folder), int(first), int(seed))
        say(f"pid {child}")
        os.waitpid(child, 0)
        say("gone")
