from __future__ import annotations

import numpy as np
import pytest

from analytics.dwell.visit_lengths import add_lengths, count_lengths, find_quantile_s


def count(*seconds: float) -> np.ndarray:
    return count_lengths(np.array(seconds, np.float64))


def test_a_frames_rounding_does_not_move_a_visit_into_the_cell_below() -> None:
    assert count(2.9999999, 3.0, 3.9).tolist() == [0.0, 0.0, 0.0, 3.0]
    assert not len(count())


@pytest.mark.parametrize(
    ("seconds", "expected_s"),
    [
        ((4.5, 8.5, 20.5), 8.5),
        ((4.5, 8.5, 20.5, 40.5), 15.0),
        ((13.7, 22.1, 19.8, 12.2, 27.7, 12.4), 16.5),
        ((8.5, 8.5), 8.5),
    ],
)
def test_the_median_is_that_of_the_list_to_half_a_second(
    seconds: tuple[float, ...], expected_s: float
) -> None:
    found = find_quantile_s(count(*seconds), 0.5)
    assert found == pytest.approx(np.median(seconds), abs=0.51)
    assert found == pytest.approx(expected_s, abs=0.51)


def test_quantiles_agree_with_numpys_within_a_cell() -> None:
    seconds = np.random.default_rng(4).exponential(60.0, 4000)
    for share in (0.1, 0.5, 0.9, 0.99):
        assert find_quantile_s(count_lengths(seconds), share) == pytest.approx(
            np.quantile(seconds, share), abs=2.0
        )
    assert find_quantile_s(np.zeros(5), 0.5) is None


def test_lengths_of_zones_add_up() -> None:
    assert add_lengths([np.ones(3), np.ones(5)]).tolist() == [2, 2, 2, 1, 1]
    assert not len(add_lengths([]))
