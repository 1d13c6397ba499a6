from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest

from vision.sources.frame_sampler import FrameSampler


def due_indices(times_s: list[float], analysed_fps: float | None) -> list[int]:
    sampler = FrameSampler(analysed_fps=analysed_fps)
    return [index for index, time_s in enumerate(times_s) if sampler.is_due(time_s)]


@pytest.mark.parametrize("start_s", [0.0, 1_795_000_000.123])
@pytest.mark.parametrize(
    ("camera_fps", "analysed_fps", "every"),
    [(25, 5, 5), (10, 5, 2), (5, 5, 1), (60, 5, 12), (30, 10, 3), (50, 25, 2)],
)
def test_a_rate_that_divides_evenly_gives_every_nth_frame_for_an_hour(
    start_s: float, camera_fps: int, analysed_fps: float, every: int
) -> None:
    times_s = [start_s + index / camera_fps for index in range(camera_fps * 3600)]
    assert due_indices(times_s, analysed_fps) == list(range(0, len(times_s), every))


def test_24_at_10_gives_ten_in_every_second_without_drift() -> None:
    due = due_indices([index / 24 for index in range(24 * 600)], 10.0)
    assert len(due) == 6000
    assert {right - left for left, right in pairwise(due)} == {2, 3}


def test_a_camera_that_is_slower_than_the_limit_loses_nothing() -> None:
    assert due_indices([index / 3 for index in range(300)], 5.0) == list(range(300))


def test_no_limit_takes_every_frame() -> None:
    assert due_indices([0.0, 0.001, 0.0005], None) == [0, 1, 2]


def test_jitter_at_the_very_rate_of_the_limit_loses_almost_nothing() -> None:
    source = random.Random(1)
    times_s = [index / 5 + source.uniform(-0.02, 0.02) for index in range(1000)]
    assert len(due_indices(times_s, 5.0)) >= 995


def test_a_gap_is_not_made_up_for() -> None:
    times_s = [index / 25 for index in range(25)] + [10 + index / 25 for index in range(25)]
    due = due_indices(times_s, 5.0)
    assert due == [0, 5, 10, 15, 20, 25, 30, 35, 40, 45]


def test_time_that_goes_back_starts_anew() -> None:
    times_s = [100 + index / 25 for index in range(10)] + [50 + index / 25 for index in range(10)]
    assert due_indices(times_s, 5.0) == [0, 5, 10, 15]


def test_a_frame_that_repeats_its_time_is_not_due_twice() -> None:
    assert due_indices([0.0, 0.0, 0.2, 0.2], 5.0) == [0, 2]


def test_a_reset_makes_the_next_frame_due() -> None:
    sampler = FrameSampler(analysed_fps=1.0)
    assert sampler.is_due(0.0)
    assert not sampler.is_due(0.1)
    sampler.reset()
    assert sampler.is_due(0.2)


@pytest.mark.parametrize("analysed_fps", [0.0, -1.0, math.nan, math.inf])
def test_an_impossible_rate_is_refused(analysed_fps: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        FrameSampler(analysed_fps=analysed_fps)
