"""Wait for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(
    is_so: Callable[[], object], within_s: float = 30.0, *, what: object = "", every_s: float = 0.02
) -> float:
    """Return how long it took, seconds, until ``is_so`` was true; fail after ``within_s``.

    Args:
        what: what was waited for; a function is called for its words only when it failed.
    """
    began_s = time.monotonic()
    while not is_so():
        waited_s = time.monotonic() - began_s
        assert waited_s < within_s, f"not within {within_s} s: {what() if callable(what) else what}"
        time.sleep(every_s)  # between two looks
    return time.monotonic() - began_s
