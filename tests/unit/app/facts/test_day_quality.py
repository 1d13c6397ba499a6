"""The quality of a period in words: every cause says who is missed and what helps, in both languages."""

from __future__ import annotations

import pytest

from analytics.results.day_quality import Cause, DayQuality, Grade, Loss
from app.core.view_link import LinkTarget
from app.facts.day_quality import describe_grade, describe_loss, describe_remedy, find_remedy
from app.reports.report_text import ReportText

LOSSES = [Loss(cause, 0.24, ("North", "West")) for cause in Cause]


@pytest.mark.parametrize("loss", [*LOSSES, Loss(Cause.BREAKS, 0.24, ())])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_loss_says_how_many_and_what_helps(loss: Loss, language: str) -> None:
    text = ReportText(language, "UTC", is_demonstration=False)
    told = describe_loss(loss, text)
    assert text.share(0.24) in told
    assert "{" not in told
    assert ("North" in told) == (loss.cause is not Cause.BREAKS)
    assert describe_remedy(loss, text) not in {"", told}


def test_doors_that_are_not_drawn_are_drawn_on_the_plan() -> None:
    assert {find_remedy(loss) for loss in LOSSES} == {LinkTarget.COVERAGE}
    assert find_remedy(Loss(Cause.BREAKS, 0.6, ())) is LinkTarget.EDIT_PLAN


def test_every_grade_has_words() -> None:
    text = ReportText("en", "UTC", is_demonstration=False)
    poor = DayQuality((Loss(Cause.SEATS, 0.5, ("a",)),))
    limited = DayQuality((Loss(Cause.SEATS, 0.2, ("a",)),))
    told = {of.grade: describe_grade(of, text) for of in (DayQuality(), limited, poor)}
    assert told == {grade: f"Data quality: {grade.value}." for grade in Grade}
