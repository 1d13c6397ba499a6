"""The sentences that say how right forecasts were, and how fast a hall empties."""

from __future__ import annotations

import pytest

from analytics.forecast.clear_out import ClearOut
from analytics.forecast.hindcast import Hindcast
from app.forecast.clear_out import describe_clear_out
from app.forecast.hindcast import describe_hindcast


@pytest.mark.parametrize(
    ("skill", "whole_share", "is_explained"),
    [(0.1, 0.4, True), (None, 0.4, True), (0.1, 0.9, False), (0.5, 0.4, False)],
)
def test_broken_tracks_explain_a_hindcast_that_is_hardly_better_than_no_change(
    skill: float | None, whole_share: float, is_explained: bool
) -> None:
    found = Hindcast(
        rows=(),
        pairs=1,
        weighted_error=0.35,
        no_change_error=0.36,
        skill=skill,
        noise_floor=0.05,
        slope=1.2,
        held_share=0.8,
        signs_share=None,
        error=(0.1, 0.2),
        whole_share=whole_share,
    )
    compared, *others = map(str, describe_hindcast(found))
    assert "wrong by 35.0 % of the visits, the forecast of no change by 36.0 %" in compared
    explained = (
        "Broken tracks explain it in part: only 40 % of the arrivals and departures of visitors were seen "
        "(a forecast needs 30 %), so few whole routes were there to learn from."
    )
    assert others == [
        *([explained] if is_explained else []),
        "80 % of the intervals hold.",
        "Real changes were 1.2 times as large as forecast.",
    ]


def test_a_clear_out_is_compared_with_todays_and_names_who_is_shut_in() -> None:
    today, found = ClearOut(120, 61.0, 74.0, 2.31, 0), ClearOut(120, 55.0, 66.0, 2.84, 3)
    said = (
        "If all 120 people seen at the busiest moment left at once: 55–66 s (today 61–74 s), at most 2.8 per "
        "m² (today 2.3), in five simulations by JuPedSim."
    )
    assert [*map(str, describe_clear_out(found, today))] == [said, "People who do not get out: 3."]
    assert len(describe_clear_out(today, today)) == 1
