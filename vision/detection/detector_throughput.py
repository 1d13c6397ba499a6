"""Measurement of a detector's pictures per second and latency."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from analytics.domain.clock import Clock
from vision.detection.detector import Detector, PendingDetections
from vision.pixel_types import Picture


@dataclass(frozen=True, slots=True)
class DetectorThroughput:
    """A measurement.

    Attributes:
        pictures_per_s: with several batches in flight, letterboxing and decoding included.
        latency_p50_ms, latency_p99_ms: time from submitting a batch to its boxes, one batch at a time.
        input_wh: size of the network's input.
        picture_wh: size of the source pictures.
    """

    pictures_per_s: float
    latency_p50_ms: float
    latency_p99_ms: float
    batch: int
    input_wh: tuple[int, int]
    picture_wh: tuple[int, int]


def measure_throughput(
    detector: Detector,
    *,
    duration_s: float,
    clock: Clock,
    batch: int = 1,
    picture_wh: tuple[int, int] = (1280, 720),
) -> DetectorThroughput:
    """Run for ``duration_s`` seconds, half for the latency and half for the throughput.

    The pictures are noise on grey: the network's work does not depend on what they show.
    """
    noise = np.random.default_rng(0).integers(80, 150, (4, picture_wh[1], picture_wh[0], 3), np.uint8)
    pictures: list[Picture] = [noise[index % len(noise)] for index in range(batch)]
    detector.submit(pictures).wait()  # the first run allocates memory
    latencies_s: list[float] = []
    start_s = clock.monotonic_s()
    while not latencies_s or clock.monotonic_s() - start_s < duration_s / 2:
        before_s = clock.monotonic_s()
        detector.submit(pictures).wait()
        latencies_s.append(clock.monotonic_s() - before_s)
    under_way: deque[PendingDetections] = deque()
    finished = 0
    start_s = clock.monotonic_s()
    while finished == 0 or clock.monotonic_s() - start_s < duration_s / 2:
        under_way.append(detector.submit(pictures))
        if len(under_way) >= 3:
            finished += len(under_way.popleft().wait())
    while under_way:
        finished += len(under_way.popleft().wait())
    elapsed_s = clock.monotonic_s() - start_s
    p50_ms, p99_ms = np.percentile(np.array(latencies_s) * 1000, [50, 99])
    return DetectorThroughput(
        finished / elapsed_s, float(p50_ms), float(p99_ms), batch, detector.input_wh, picture_wh
    )
