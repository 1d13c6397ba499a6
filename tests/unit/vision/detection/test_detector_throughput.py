"""Throughput follows from the clock and the number of pictures."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from vision.detection.detector_throughput import measure_throughput
from vision.pixel_types import Detections, Picture


class TickingClock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def now_utc_s(self) -> float:
        return self.now_s

    def monotonic_s(self) -> float:
        return self.now_s


class SlowDetector:
    """Takes 0.1 s for a batch, in waiting."""

    def __init__(self, clock: TickingClock) -> None:
        self.clock = clock
        self.under_way = self.max_under_way = 0
        self.seen_wh: set[tuple[int, int]] = set()

    @property
    def input_wh(self) -> tuple[int, int]:
        return 320, 192

    def submit(self, pictures: Sequence[Picture]) -> SlowBatch:
        self.seen_wh |= {(picture.shape[1], picture.shape[0]) for picture in pictures}
        self.under_way += 1
        self.max_under_way = max(self.max_under_way, self.under_way)
        return SlowBatch(self, len(pictures))

    def close(self) -> None:
        pass


class SlowBatch:
    def __init__(self, detector: SlowDetector, size: int) -> None:
        self.detector = detector
        self.size = size

    def wait(self) -> list[Detections]:
        self.detector.under_way -= 1
        self.detector.clock.now_s += 0.1
        return [Detections.empty()] * self.size


def test_each_picture_counts_once_with_three_in_flight() -> None:
    clock = TickingClock()
    detector = SlowDetector(clock)
    rate = measure_throughput(detector, duration_s=4, clock=clock, picture_wh=(64, 48))
    assert rate == pytest.approx(10)
    assert detector.seen_wh == {(64, 48)}
    assert detector.max_under_way == 3
    assert detector.under_way == 0


def test_a_moment_is_enough_for_one_picture() -> None:
    clock = TickingClock()
    rate = measure_throughput(SlowDetector(clock), duration_s=0, clock=clock, picture_wh=(64, 48))
    assert rate == pytest.approx(10)
