"""The window shows soon: little is loaded before it does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[3]
SHOWS_WITHIN_CPU_S = 2.0
"""Processor time, which other programs on the machine disturb less than the clock."""

_PROBE = """
import json, sys, time
from app.gui.window.startup import make_application, make_window
application = make_application()
window, parts = make_window(application)
window.show()
window.grab()
print(json.dumps({"cpu_s": time.process_time(), "loaded": sorted({m.split(".")[0] for m in sys.modules})}))
window.close()
"""


def test_the_window_shows_soon_and_before_anything_heavy() -> None:
    result = subprocess.run(
        [sys.executable, "-c", _PROBE], cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)
    assert seen["cpu_s"] < SHOWS_WITHIN_CPU_S
    assert not set(seen["loaded"]) & {"pandas", "scipy", "sqlalchemy", "pyqtgraph", "cv2", "av", "openvino"}
