"""Formatting of changes on the comparison page."""

from __future__ import annotations

import pytest

from app.gui.comparison.text import format_change_interval
from app.gui.session.cell_text import format_change, format_period
from app.reports.report_text import ReportText


@pytest.mark.parametrize(
    ("ratio", "sentence"),
    [
        (1.256, "+26 %"),
        (0.744, "−26 %"),
        (1.004, "+0.4 %"),
        (0.9957, "−0.4 %"),
        (0.9999, "0 %"),
        (1.0, "0 %"),
    ],
)
def test_changes_are_formatted_with_sign_and_decimals(ratio: float, sentence: str) -> None:
    assert format_change(ratio) == sentence


def test_small_intervals_have_no_signed_zeros() -> None:
    assert format_change_interval((0.997, 1.003)) == "−0.3 % to +0.3 %"


@pytest.mark.parametrize("late_s", [-0.3, 0.0, 0.3])
def test_a_period_ends_at_the_full_hour(late_s: float) -> None:
    start_s = 1_772_000_000.0 - 1_772_000_000.0 % 86_400.0
    shown = format_period(start_s + 9 * 3600.0, start_s + 13 * 3600.0 + late_s, time_zone="UTC")
    assert shown.endswith("09:00–13:00")


def test_a_report_has_no_sign_on_rounded_zeros() -> None:
    text = ReportText("en", "UTC", is_demonstration=False)
    assert text.change(0.998, 1.0).startswith("0 %")
    assert text.change(0.9, 1.0).startswith("−10 %")
    assert text.change(1.1, 1.0).startswith("+10 %")
