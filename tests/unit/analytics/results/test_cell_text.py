"""Numbers of a report as they are read."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.results.cell_text import format_rounded


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (640.5, 0, "641"),
        (641.5, 0, "642"),
        (-0.25, 1, "-0.3"),
        (2.675, 2, "2.68"),
        (1_234_567.49, 0, "1,234,567"),
        (np.float64(3.5), 0, "4"),
        (12, 2, "12.00"),
    ],
)
def test_halves_round_away_from_zero(value: float, decimals: int, written: str) -> None:
    assert format_rounded(value, decimals) == written
