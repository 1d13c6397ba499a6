"""Time as it passes for a process that may be held up."""

from __future__ import annotations

from vision.pipeline.supervisor import PauseTolerantClock


class SteppedClock:
    now_s = 100.0

    def now_utc_s(self) -> float:
        return self.now_s + 1000.0

    def monotonic_s(self) -> float:
        return self.now_s


def test_a_pause_of_the_asker_is_left_out_and_nothing_else() -> None:
    behind = SteppedClock()
    clock = PauseTolerantClock(behind)
    shown = []
    for step_s in (0.0, 0.5, 0.9, 60.0, 0.1):
        behind.now_s += step_s
        shown.append(round(clock.monotonic_s(), 3))
    assert shown == [100.0, 100.5, 101.4, 102.4, 102.5]
    assert clock.now_utc_s() == behind.now_s + 1000.0
