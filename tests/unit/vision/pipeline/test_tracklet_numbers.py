"""Numbers of tracklets."""

from __future__ import annotations

from vision.pipeline.tracklet_numbers import BLOCK, TrackletNumbers


def test_numbers_follow_each_other_and_are_reserved_in_blocks() -> None:
    firsts = iter([1, 5001])
    asked: list[int] = []

    def reserve(count: int) -> int:
        asked.append(count)
        return next(firsts)

    numbers = TrackletNumbers(reserve)
    drawn = [numbers() for _ in range(BLOCK + 2)]
    assert drawn == [*range(1, BLOCK + 1), 5001, 5002]
    assert asked == [BLOCK, BLOCK]
