"""Limits in seconds, on a machine that may be busy with other things than the test."""

from __future__ import annotations

import sys
import time

import psutil

MAX_WAIT_S = 90.0
"""What is waited for at most, however slow the machine is."""
_PROBE = "import numpy, pandas, scipy.optimize"
"""Much of what a process that is started again has to load."""


def require_within(took_s: float, limit_s: float, *, what: str) -> None:
    """Fail if something took longer than its limit, by more than the machine withheld the processor.

    A process that others keep from running cannot be held to a wall clock: where the limit is passed, it is
    measured by how much a process is slowed down at this moment.
    """
    if took_s <= limit_s:
        return
    slowdown = measure_slowdown()
    assert took_s <= limit_s * slowdown, (
        f"{what} took {took_s:.1f} s of {limit_s} s, and the machine is slowed down {slowdown:.1f} times"
    )


def measure_slowdown() -> float:
    """How many seconds pass while a process gets one second of a processor; about 1 on a free machine."""
    began_s = time.monotonic()
    with psutil.Popen([sys.executable, "-c", _PROBE]) as probe:
        used_s = 0.0
        while probe.poll() is None:
            try:
                times = probe.cpu_times()
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                break
            used_s = times.user + times.system
            time.sleep(0.01)
        probe.wait(60)
    return max(1.0, (time.monotonic() - began_s) / max(used_s, 0.1))
