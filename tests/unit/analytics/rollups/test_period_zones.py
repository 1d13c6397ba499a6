"""Sums of days by the lengths of their visits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.dwell.visit_lengths import find_quantile_s
from analytics.rollups.zone_days import pack_lengths, sum_day_lengths


def make_days(*days: dict[int, int]) -> pd.DataFrame:
    """Make days of so many visits of each length."""
    rows = []
    for day in days:
        count = np.zeros(max(day, default=-1) + 1)
        count[list(day)] = list(day.values())
        cells_s, counts = pack_lengths(count)
        visits = sum(day.values())
        shares = tuple(one / visits for one in counts)
        rows.append({"visits": float(visits), "part_cells_s": cells_s, "part_shares": shares})
    return pd.DataFrame(rows)


def test_the_median_of_days_is_that_of_all_their_visits() -> None:
    mostly_short = sum_day_lengths(make_days({10: 3}, {100: 1}))
    assert mostly_short.sum() == pytest.approx(4)
    assert find_quantile_s(mostly_short, 0.5) == pytest.approx(10 + 2 / 3)
    assert find_quantile_s(sum_day_lengths(make_days({10: 1}, {100: 3})), 0.5) == pytest.approx(100 + 1 / 3)


def test_days_without_visits_add_nothing() -> None:
    assert sum_day_lengths(make_days({}, {5: 2})).tolist() == pytest.approx([0, 0, 0, 0, 0, 2])
    assert sum_day_lengths(make_days({})).sum() == 0
    assert sum_day_lengths(make_days({5: 2}).iloc[:0]).sum() == 0
