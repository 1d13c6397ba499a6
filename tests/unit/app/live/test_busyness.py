"""One rule for how busy a place is."""

from __future__ import annotations

import pytest

from app.live.busyness import Busyness, judge_busyness


@pytest.mark.parametrize(
    ("people", "capacity", "has_alarm", "expected"),
    [
        (0, 100, False, Busyness.FREE),
        (89, 100, False, Busyness.FREE),
        (90, 100, False, Busyness.BUSY),
        (99, 100, False, Busyness.BUSY),
        (100, 100, False, Busyness.FULL),
        (250, 100, False, Busyness.FULL),
        (12, 100, True, Busyness.FULL),
        (12, None, True, Busyness.FULL),
        (12, None, False, None),
        (None, 100, False, None),
        (None, 100, True, None),
    ],
)
def test_a_place_is_judged(
    people: int | None, capacity: int | None, has_alarm: bool, expected: Busyness | None
) -> None:
    assert judge_busyness(people, capacity, has_alarm=has_alarm) is expected
