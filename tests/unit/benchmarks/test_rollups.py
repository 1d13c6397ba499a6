"""Pages read the days that the benchmark of rollups makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.exhibition.exhibition_analysis import analyse_exhibition
from app.flows.flow_analysis import analyse_flows
from benchmarks.rollups import DAY_S, START_S, make_month


@pytest.mark.slow
def test_pages_read_the_ways_of_made_days(tmp_path: Path) -> None:
    days = 2
    venue = make_month(tmp_path / "Month.expoflow", days=days, visitors=30.0)
    period_s = START_S, START_S + days * DAY_S
    flows = analyse_flows(venue=venue, period=period_s).figures
    assert flows is not None
    assert flows.routes
    assert analyse_exhibition(venue=venue, period_s=period_s) is not None
