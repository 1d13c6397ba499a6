from __future__ import annotations

import pytest

from analytics.domain.errors import ExpoFlowError
from app.comparison.period_comparison import parse_side
from app.core.document import Venue
from tests.support.reports.compared_days import find_opening_s, make_compared_venue, record_day

DAY_S = 86400.0
MIDNIGHT_S = find_opening_s(0) - 10 * 3600.0


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_compared_venue(tmp_path_factory.mktemp("compared"), days=2)
    for day in range(2):
        record_day(venue, day, stays_s={"A": 20.0}, visits=2)
    return venue


def test_days_are_taken_whole_and_times_as_they_are(venue: Venue) -> None:
    assert parse_side(venue, "2026-03-02/2026-03-02") == (MIDNIGHT_S, MIDNIGHT_S + DAY_S)
    assert parse_side(venue, "2026-03-02T10:00:00Z/2026-03-03") == (find_opening_s(0), MIDNIGHT_S + 2 * DAY_S)
    start_s, end_s = parse_side(venue, "1")
    assert start_s == find_opening_s(0)
    assert end_s == pytest.approx(find_opening_s(1) + 3600.0)
    with pytest.raises(ExpoFlowError, match="is neither a day nor a time"):
        parse_side(venue, "yesterday/2026-03-02")
