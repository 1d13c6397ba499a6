"""Commands and the window start soon: little is loaded before they do their work."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.gui.window.startup import FirstPaint

PROJECT = Path(__file__).parents[3]
SHOWS_WITHIN_CPU_S = 1.5
"""Processor time, which other programs on the machine disturb less than the clock."""

_WINDOW = """
import time
from app.gui.window.startup import make_application, make_window
application = make_application()
window, parts = make_window(application)
window.show()
window.grab()
loaded = find_loaded()
cpu_s = time.process_time()
window.close()
"""
_VERSION = """
from app.__main__ import main
sys.argv[1:] = ["version"]
sys.stdout, written = io.StringIO(), sys.stdout
main()
sys.stdout, loaded = written, find_loaded()
"""
_ANALYSE = """
import app.analysis.analyse_recording as analysis
from app.cli.program import main

class Started(BaseException):
    pass

def start(*_arguments, **_options):
    raise Started

analysis.Supervisor = start
folder = sys.argv[1]
try:
    main(["analyse", f"{folder}/clip.mp4", "--out", f"{folder}/out", "--model", f"{folder}/model",
          "--zones", f"{folder}/zones.geojson", "--calibration", f"{folder}/pairs.csv"])
except Started:
    loaded = find_loaded()
"""
_BEFORE = """
import io, json, sys
def find_loaded():
    return sorted(set(sys.modules) | {name.split(".")[0] for name in sys.modules})
cpu_s = 0.0
"""
_AFTER = """
print(json.dumps({"cpu_s": cpu_s, "loaded": loaded}))
"""

CALCULATION = {"pandas", "scipy", "sqlalchemy", "pyarrow", "jupedsim"}
PICTURES = {"cv2", "av", "openvino", "torch", "ultralytics"}
WINDOW = {"PySide6.QtWidgets"}


def watch(program: str, *arguments: str) -> tuple[float, set[str]]:
    """Return processor seconds and the modules that a program has loaded when it begins its work."""
    result = subprocess.run(
        [sys.executable, "-c", _BEFORE + program + _AFTER, *arguments],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)
    return seen["cpu_s"], set(seen["loaded"])


def test_the_window_shows_soon_and_before_anything_heavy() -> None:
    cpu_s, loaded = watch(_WINDOW)
    assert cpu_s < SHOWS_WITHIN_CPU_S
    unwanted = {"pyqtgraph", "tools.simulation.crowd.crowd_simulation", "app.gui.window.screenshot_tour"}
    assert not loaded & (CALCULATION | PICTURES | unwanted)
    assert not {name for name in loaded if name.startswith("app.gui.") and name.endswith(".page")} - {
        "app.gui.settings.page"
    }


def test_the_version_is_told_without_the_libraries_of_the_command_line() -> None:
    _, loaded = watch(_VERSION)
    assert not loaded & (CALCULATION | PICTURES | WINDOW | {"typer", "rich", "pydantic", "filelock", "numpy"})


def test_an_analysis_starts_its_processes_before_anything_heavy(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").touch()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.xml").touch()
    (tmp_path / "model" / "model.bin").touch()
    (tmp_path / "pairs.csv").write_text(PAIRS, encoding="utf-8")
    (tmp_path / "zones.geojson").write_text(json.dumps(ZONES), encoding="utf-8")
    _, loaded = watch(_ANALYSE, str(tmp_path))
    assert not loaded & (CALCULATION | PICTURES | WINDOW | {"rich.markdown"})


PAIRS = """camera,u_px,v_px,x_m,y_m
one,100,700,0,0
one,1100,700,10,0
one,900,300,10,10
one,300,300,0,10
"""
ZONES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": "hall", "kind": "booth"},
            "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]]},
        }
    ],
}


def test_pages_are_made_after_the_first_paint(qtbot: QtBot) -> None:
    seen: list[str] = []

    class Painted(QWidget):
        def paintEvent(self, _event: object) -> None:
            seen.append("painted")

    window = Painted()
    qtbot.addWidget(window)
    FirstPaint(window).over.connect(lambda: seen.append("over"))
    window.show()
    qtbot.waitUntil(lambda: "over" in seen)
    assert seen.index("painted") < seen.index("over")
    assert seen.count("over") == 1


def test_a_window_that_is_not_painted_gets_its_pages(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.gui.window.startup.PAINTED_WITHIN_MS", 20)
    window = QWidget()
    qtbot.addWidget(window)
    with qtbot.waitSignal(FirstPaint(window).over):
        QTimer.singleShot(0, window, lambda: None)
