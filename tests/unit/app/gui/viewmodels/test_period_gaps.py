from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from app.gui.translation import install_language
from app.gui.viewmodels.period_gaps import describe_gaps
from app.operations.period_gaps import PeriodGaps

DAY = PeriodGaps(28_800.0, True, 5400.0, (("north", 9000.0),), expired_days=1)


def test_one_line_says_what_is_missing_and_the_rest_who(qapp: QApplication) -> None:
    install_language(qapp, "en")
    text = describe_gaps(DAY)
    assert text.line == (
        "Not observed: 1.5 h of 8.0 opening hours. 1 camera was missing for longer. "
        "The tracks of 1 day were deleted for their age: what sums do not tell lacks it."
    )
    assert "north: 2.5 h missing" in text.more
    assert "never counted as empty" in text.more


@pytest.mark.parametrize("gaps", [None, PeriodGaps(28_800.0, True, 40.0)])
def test_where_nothing_is_missing_there_is_no_line(qapp: QApplication, gaps: PeriodGaps | None) -> None:
    assert describe_gaps(gaps).line == ""
    assert describe_gaps(gaps).more == ""


def test_without_opening_hours_it_says_of_what(qapp: QApplication) -> None:
    install_language(qapp, "en")
    line = describe_gaps(PeriodGaps(7200.0, False, 1800.0)).line
    assert line == "Not observed: 0.5 h of the 2.0 h from the first to the last observation."
