"""Times of a report where it is of a day and where it is of several."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.domain.errors import Phrase
from app.core.number_words import join_list
from app.reports.report_text import ReportText

MIDNIGHT_S = datetime(2026, 11, 23, 16, 0, tzinfo=UTC).timestamp()
"""Of the 24th in Shanghai."""
DAY_S = 86_400.0


@pytest.mark.parametrize(
    ("end_s", "shown"), [(MIDNIGHT_S + DAY_S, "14:30"), (MIDNIGHT_S + 2 * DAY_S, "2026-11-24 14:30")]
)
def test_times_include_the_day_in_longer_periods(end_s: float, shown: str) -> None:
    text = ReportText("en", "Asia/Shanghai", is_demonstration=False)
    assert text.moment(MIDNIGHT_S + 14.5 * 3600, (MIDNIGHT_S, end_s)) == shown


def test_lists_use_the_languages_separator() -> None:
    named = Phrase(
        "{rule}: not assessed for {places}, {reason}.",
        {"rule": "R", "places": join_list(["A1", "B2", "C3"]), "reason": "r"},
    )
    assert str(named) == "R: not assessed for A1, B2, C3, r."
    assert "A1、B2、C3" in ReportText("zh_CN", "UTC", is_demonstration=False).translate(named)
    assert (join_list([]), join_list(["A1"])) == ("", "A1")
