"""Detection connects to nobody: neither OpenVINO, nor NNCF, nor Ultralytics reports, asks or downloads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.halls.tiny_networks import write_colour_detector

PROJECT = Path(__file__).parents[3]

GUARD = """
import json, socket, sys
tried = []

def refuse(name):
    def record(*arguments, **options):
        tried.append(f"{name} {arguments[-1] if name.startswith('connect') else arguments[0]}")
        raise OSError("no connection in this test")
    return record

class GuardedSocket(socket.socket):
    connect = refuse("connect")
    connect_ex = refuse("connect_ex")
    sendto = refuse("sendto")

socket.socket = GuardedSocket
for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "create_connection"):
    setattr(socket, name, refuse(name))

import atexit
atexit.register(lambda: print(json.dumps(tried)))
"""

DETECT = """
import numpy as np
from pathlib import Path
from vision.detection.detector_choice import DetectorChoice
from vision.detection.detector_loading import load_detector
detector = load_detector(DetectorChoice(Path(sys.argv[1]), adapter=sys.argv[2]))
detector.submit([np.zeros((96, 128, 3), np.uint8)]).wait()
detector.close()
"""

IMPORT_ALL = """
from vision.detection.ultralytics_runtime import import_ultralytics
import_ultralytics()
import nncf
import openvino
from openvino.tools import ovc
from ultralytics import YOLO
from ultralytics.utils.events import events
assert not events.enabled
"""

REPORT = """
import urllib.request
try:
    urllib.request.urlopen("http://example.com", timeout=1)
except OSError:
    pass
"""


def run_guarded(code: str, home: Path, *arguments: str) -> list[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("YOLO", "PYTEST"))
    }
    # telemetry keeps its consent in the home folder: an empty one has none, and counts as consent
    home.mkdir(exist_ok=True)
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "PYTHONPATH": str(PROJECT)}
    environment.pop("EXPOFLOW_HOME", None)
    environment.pop("CI", None)
    result = subprocess.run(
        [sys.executable, "-c", GUARD + code, *arguments],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    tried: list[str] = json.loads(result.stdout.strip().splitlines()[-1])
    return tried


def files_in(home: Path) -> set[str]:
    return {
        file.relative_to(home).as_posix()
        for file in home.rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }


def test_the_guard_notices_a_connection(tmp_path: Path) -> None:
    assert any("example.com" in attempt for attempt in run_guarded(REPORT, tmp_path / "home"))


def test_detection_with_openvino_connects_to_nobody(tmp_path: Path) -> None:
    model = write_colour_detector(tmp_path / "colours")
    assert run_guarded(DETECT, tmp_path / "home", str(model), "openvino") == []
    assert files_in(tmp_path / "home") == set()


@pytest.mark.torch
def test_detection_with_ultralytics_connects_to_nobody(tmp_path: Path) -> None:
    model = write_colour_detector(tmp_path / "colours_openvino_model")
    assert run_guarded(DETECT, tmp_path / "home", str(model), "ultralytics") == []


@pytest.mark.torch
def test_importing_everything_connects_to_nobody_and_writes_only_our_own_settings(tmp_path: Path) -> None:
    assert run_guarded(IMPORT_ALL, tmp_path / "home") == []
    written = files_in(tmp_path / "home")
    assert all(name.startswith("cache/expoflow/ultralytics/") for name in written), written


@pytest.mark.torch
def test_pillow_stays_as_it_was() -> None:
    probe = (
        "from PIL import Image; before = Image.open\n"
        "from vision.detection.ultralytics_runtime import import_ultralytics\n"
        "import_ultralytics(); assert Image.open is before, Image.open\n"
    )
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
