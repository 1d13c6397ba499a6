"""Another process that records a venue, with scripted cameras; its one argument is the folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from app.core.credentials import MemoryCredentialStore
from app.recording import record_venue
from app.recording.announcement import Announcement, RecorderKind, announce, make_announcement
from app.recording.pipeline_process import make_parts
from app.recording.stop_request import EXIT_STOP_REQUESTED
from tests.support.scripted_pipeline import LoadScripted, OpenScripted, make_order_tracker, make_pixel_floor
from vision.pipeline.pipeline_parts import PipelineParts

PROJECT = Path(__file__).parents[3]
NO_BOARD = "expoflow-1-000000000000"


@contextmanager
def run_recorder(folder: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process while the test uses it; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.servers.other_recorder", str(folder)],
        cwd=PROJECT,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def announce_living_process(folder: Path, kind: RecorderKind = RecorderKind.SERVICE) -> Announcement:
    """Say that the parent of this process records the venue: it lives, and is another one."""
    own = make_announcement(kind, board=NO_BOARD, slots=())
    parent = psutil.Process(os.getppid())
    told = Announcement(
        kind, parent.pid, parent.create_time(), own.machine, "expoflow", own.since_utc_s, NO_BOARD
    )
    announce(folder, told)
    return told


def main(folder: Path) -> int:
    record_venue.open_credential_store = MemoryCredentialStore  # type: ignore[assignment]
    parts = PipelineParts(
        make_parts(folder).open_sink,
        OpenScripted(fps=10.0),
        LoadScripted(),
        make_order_tracker,
        make_pixel_floor,
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        record_venue.record(folder, duration_s=60.0, parts=parts, stop_event=stop, kind=RecorderKind.SERVICE)
    except record_venue.StopRequested:
        return EXIT_STOP_REQUESTED
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
