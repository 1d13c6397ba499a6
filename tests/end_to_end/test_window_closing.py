"""A window that is closed while it records ends the whole program, and what was recorded is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from analytics.store.sql_event_store import open_reader
from tests.support.colour_hall import make_colour_hall
from tests.support.command_line import PROJECT, run_app

CLOSES_WHILE_RECORDING = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
import app.gui.startup as startup

add_pages = startup.add_pages

def add_pages_then_record(window, parts):
    add_pages(window, parts)
    parts.monitor.updated.connect(
        lambda status: window.close() if any(camera.analysed > 5 for camera in status.cameras) else None
    )
    parts.app_state.venue_opened.connect(lambda: QTimer.singleShot(0, window, parts.shell.start_recording))

startup.add_pages = add_pages_then_record
sys.exit(startup.run_gui(Path(sys.argv[1]), False, None))
"""


def test_closing_while_recording_ends_the_program(tmp_path: Path) -> None:
    hall, venue = make_colour_hall(tmp_path / "hall"), tmp_path / "v.expoflow"
    run_app("models", "import", hall.model, "--name", "colours")
    run_app("venue", "create", venue, "--name", "V", "--time-zone", "UTC", "--size", "1.28x0.96")
    run_app("venue", "add-camera", venue, "cam", hall.video, "--frame-size", "128x96", "--analysed-fps", 10)
    run_app("venue", "import", venue, "--zones", hall.zones, "--calibration", hall.calibration)
    text = (venue / "venue.toml").read_text()
    (venue / "venue.toml").write_text(text.replace('"yolo26n"', '"colours"'))
    ended = subprocess.run(
        [sys.executable, "-c", CLOSES_WHILE_RECORDING, str(venue)],
        cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    reader = open_reader(venue)
    try:
        assert reader.read_spans()["frames"].sum() > 5
    finally:
        reader.close()
