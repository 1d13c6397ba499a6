"""Fast orders and numbers against numpy's plain functions."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.metrics.row_order import number_in_order, order_by_number


@pytest.mark.parametrize("count", [1, 5, 65_536, 65_537, 200_000])
def test_an_order_by_number_is_stable(count: int) -> None:
    number = np.random.default_rng(count).integers(0, count, 5000)
    number[:2] = 0, count - 1
    assert order_by_number(number, count=count).tolist() == np.argsort(number, kind="stable").tolist()


@pytest.mark.parametrize("apart", [1, 3, 10**12])
def test_values_are_numbered_in_their_order(apart: int) -> None:
    values = np.random.default_rng(1).integers(-300, 300, 1000) * apart
    distinct, place = np.unique(values, return_inverse=True)
    found, known = number_in_order(values)
    assert found.tolist() == place.tolist()
    assert known.tolist() == distinct.tolist()
