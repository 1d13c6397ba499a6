"""How soon the program answers: ``python -m benchmarks.start_times``.

Seconds by the clock from the start of the process: ``version`` to its end, the window to its first paint and
until all of its pages are made. Without ``--display``, the window is painted offscreen.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
TARGETS_S = {"version": 0.15, "first paint": 1.0}
_WINDOW = """
import os, sys, time
began_s = float(sys.argv.pop())
import app.cli.program
import app.gui.window.startup as startup
make_pages = startup.add_pages
def add_pages(*parts):
    painted_s = time.time() - began_s
    make_pages(*parts)
    print(painted_s, time.time() - began_s, flush=True)
    os._exit(0)
startup.add_pages = add_pages
app.cli.program.main(["gui"])
"""


def time_version() -> float:
    """Return the seconds that ``version`` takes."""
    began_s = time.time()
    subprocess.run(
        [sys.executable, "-m", "app", "version"], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL
    )
    return time.time() - began_s


def time_window() -> tuple[float, float]:
    """Return the seconds to the window's first paint, and until its pages are made."""
    result = subprocess.run(
        [sys.executable, "-c", _WINDOW, str(time.time())],
        cwd=PROJECT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    painted_s, made_s = map(float, result.stdout.split())
    return painted_s, made_s


def main() -> int:
    """Measure, print medians, and say by the exit status whether the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--display", action="store_true", help="use the display there is")
    options = parser.parse_args()
    if not options.display:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    seconds: dict[str, list[float]] = {"version": [], "first paint": [], "pages made": []}
    with tempfile.TemporaryDirectory() as home:
        os.environ["EXPOFLOW_HOME"] = home
        for _ in range(options.repeat):
            painted_s, made_s = time_window()
            for name, value in zip(seconds, (time_version(), painted_s, made_s), strict=True):
                seconds[name].append(value)
    for name, values in seconds.items():
        wanted = f"   wanted {TARGETS_S[name]:.2f}" if name in TARGETS_S else ""
        print(f"{name:14}{statistics.median(values):7.3f} s   {min(values):.3f} to {max(values):.3f}{wanted}")
    return 0 if all(statistics.median(seconds[name]) <= wanted for name, wanted in TARGETS_S.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
