"""Counts through restarts, and rates."""

from __future__ import annotations

import pytest

from vision.pipeline.pipeline_status import Tally


def test_a_count_goes_on_after_its_process_was_started_again() -> None:
    tally = Tally()
    tally.update(40, 1.0)
    tally.restart()
    tally.update(2, 2.0)
    assert tally.total == 42


def test_the_rate_is_of_the_last_seconds() -> None:
    tally = Tally()
    for second in range(20):
        tally.update(10 * second if second < 10 else 90, float(second))
    assert tally.rate(19.0) == pytest.approx(0.0)
    for second in range(20, 30):
        tally.update(90 + 25 * (second - 19), float(second))
    assert tally.rate(29.0) == pytest.approx(25.0)


def test_nothing_counted_is_no_rate() -> None:
    assert Tally().rate(5.0) == 0.0
