"""Changes in percent, as the comparison page tells them."""

from __future__ import annotations

import pytest

from app.gui.comparison.change_words import format_change_interval
from app.gui.session.cell_text import format_change, format_period
from app.reports.report_text import ReportText


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.256, "+26 %"),
        (0.744, "−26 %"),
        (1.004, "+0.4 %"),
        (0.9957, "−0.4 %"),
        (0.9999, "0 %"),
        (1.0, "0 %"),
    ],
)
def test_a_small_change_is_told_with_a_decimal_and_none_without_a_sign(ratio: float, words: str) -> None:
    assert format_change(ratio) == words


def test_an_interval_of_small_changes_is_no_pair_of_signed_zeros() -> None:
    assert format_change_interval((0.997, 1.003)) == "−0.3 % to +0.3 %"


@pytest.mark.parametrize("late_s", [-0.3, 0.0, 0.3])
def test_a_period_ends_with_its_hour_and_not_a_minute_before(late_s: float) -> None:
    start_s = 1_772_000_000.0 - 1_772_000_000.0 % 86_400.0
    shown = format_period(start_s + 9 * 3600.0, start_s + 13 * 3600.0 + late_s, time_zone="UTC")
    assert shown.endswith("09:00–13:00")


def test_a_report_tells_no_sign_of_what_is_rounded_to_nothing() -> None:
    text = ReportText("en", "UTC", is_demonstration=False)
    assert text.change(0.998, 1.0).startswith("0 %")
    assert text.change(0.9, 1.0).startswith("−10 %")
    assert text.change(1.1, 1.0).startswith("+10 %")
