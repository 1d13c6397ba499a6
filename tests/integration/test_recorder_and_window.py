"""A service records a venue; a window looks on, lets it go on, and may ask it to stop."""

from __future__ import annotations

import signal
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from analytics.domain.errors import StoreError
from app.core.file_format import read_venue, write_venue
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.recording.announcement import find_recorder
from app.recording.health_sample import measure_write_lag_s
from app.recording.record_venue import record
from app.recording.stop_request import EXIT_STOP_REQUESTED, REQUEST_NAME, request_stop
from tests.integration.test_pipeline_record import live_camera, make_venue
from tests.support.scripted_pipeline import PEOPLE
from tests.support.servers.other_recorder import run_recorder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and sockets of POSIX")
WITHIN_MS = 30_000
LOWER_HALF = ((0.0, 18.0), (64.0, 18.0), (64.0, 36.0), (0.0, 36.0))


def test_a_window_looks_on_while_a_service_records(qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_venue(tmp_path, live_camera()).folder
    monitor = PipelineMonitor()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))
        manager.settimeout(5.0)
        with run_recorder(folder, NOTIFY_SOCKET=str(tmp_path / "n"), WATCHDOG_USEC="3000000") as service:
            qtbot.waitUntil(lambda: find_recorder(folder) is not None, timeout=WITHIN_MS)
            recorder = find_recorder(folder)
            assert recorder is not None
            monitor.attach(folder, recorder)
            assert monitor.recorder == recorder

            def people() -> int:
                return sum(camera.people for camera in monitor.status.cameras) if monitor.status else 0

            qtbot.waitUntil(lambda: people() == PEOPLE, timeout=WITHIN_MS)
            heard: list[str] = []
            while "READY=1" not in heard or "WATCHDOG=1" not in heard:
                heard.append(manager.recv(4096).decode().split("\n")[0])
            preview = monitor.preview("door")
            assert preview is not None
            copied = preview.copy_newest()
            assert copied is not None
            assert copied[0][18:].any()
            with pytest.raises(StoreError, match="already being recorded by a service"):
                record(folder, duration_s=1.0)
            assert find_recorder(folder) == recorder
            # a mask that the window draws holds in the service at once
            venue = read_venue(folder)
            masked = replace(venue.cameras[0].camera, privacy_mask=(LOWER_HALF,))
            write_venue(replace(venue, cameras=(replace(venue.cameras[0], camera=masked),)))

            def is_hidden() -> bool:
                newest = preview.copy_newest()
                return newest is not None and newest[0][:15].any() and not newest[0][18:].any()

            qtbot.waitUntil(is_hidden, timeout=WITHIN_MS)

            def is_written() -> bool:
                # none while the recorder holds the database, as it may for long on a busy machine
                lag_s = measure_write_lag_s(folder, now_utc_s=time.time())
                return lag_s is not None and lag_s < 3.0

            qtbot.waitUntil(is_written, timeout=WITHIN_MS)
            monitor.stop()
            assert monitor.recorder is None
            assert not monitor.is_active
            assert service.poll() is None
            assert find_recorder(folder) == recorder
            monitor.attach(folder, recorder)
            with qtbot.waitSignal(monitor.stopped, timeout=WITHIN_MS):
                request_stop(folder, recorder)
            assert service.wait(20) == EXIT_STOP_REQUESTED
            assert find_recorder(folder) is None
            assert not (folder / REQUEST_NAME).exists()
    monitor.deleteLater()


def test_a_service_that_is_killed_is_noticed(qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_venue(tmp_path, live_camera()).folder
    monitor = PipelineMonitor()
    with run_recorder(folder) as service:
        qtbot.waitUntil(lambda: find_recorder(folder) is not None, timeout=WITHIN_MS)
        recorder = find_recorder(folder)
        assert recorder is not None
        monitor.attach(folder, recorder)
        with qtbot.waitSignal(monitor.stopped, timeout=WITHIN_MS):
            service.send_signal(signal.SIGKILL)
            service.wait(20)
        assert find_recorder(folder) is None
    monitor.deleteLater()
