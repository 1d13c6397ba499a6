"""Formatting of changes on the comparison page."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtWidgets import QApplication

from analytics.comparison.matched_hours import MatchedHours
from analytics.comparison.period_comparison import PeriodComparison, Unit
from app.comparison.period_comparison import describe_comparison
from app.gui.comparison.page import format_change_interval, translate_change
from app.gui.session.cell_text import format_change, format_period
from app.gui.session.translation import install_language, translate_names
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


def test_notes_list_zones_and_days_in_the_language(
    qapp: QApplication, request: pytest.FixtureRequest
) -> None:
    names = ("Stage", "Registration, north")
    days = (date(2026, 3, 2), date(2026, 3, 3))
    notes = describe_comparison(
        PeriodComparison(Unit.HALF_DAYS, controls=names, changes=()),
        hours=MatchedHours(36_000.0, 64_800.0, days, days),
        days=(days, days),
        unobserved=days,
        redrawn=names,
        counts_footfall=True,
    )
    assert "Stage, Registration, north." in str(notes[0])
    install_language(qapp, "zh_CN")
    request.addfinalizer(lambda: translate_names(False))
    translate_names(True)
    shown = [translate_change(note) for note in notes]
    assert shown == [ReportText("zh_CN", "UTC", is_demonstration=True).translate(note) for note in notes]
    assert "舞台、Registration, north" in shown[0]
    assert "2026-03-02、2026-03-03" in shown[1]
    assert "舞台、Registration, north" in shown[2]
