"""Measurement of a detector's pictures per second."""

from __future__ import annotations

from collections import deque

import numpy as np

from analytics.domain.clock import Clock
from vision.detection.detector import Detector, PendingDetections


def measure_throughput(
    detector: Detector, *, duration_s: float, clock: Clock, picture_wh: tuple[int, int] = (1280, 720)
) -> float:
    """Return pictures per second with several in flight, letterboxing and decoding included.

    The picture is noise on grey: the network's work does not depend on what it shows.
    """
    picture = np.random.default_rng(0).integers(80, 150, (picture_wh[1], picture_wh[0], 3), np.uint8)
    detector.submit([picture]).wait()  # the first run allocates memory
    under_way: deque[PendingDetections] = deque()
    finished = 0
    start_s = clock.monotonic_s()
    while finished == 0 or clock.monotonic_s() - start_s < duration_s:
        under_way.append(detector.submit([picture]))
        if len(under_way) >= 3:
            finished += len(under_way.popleft().wait())
    while under_way:
        finished += len(under_way.popleft().wait())
    return finished / (clock.monotonic_s() - start_s)
