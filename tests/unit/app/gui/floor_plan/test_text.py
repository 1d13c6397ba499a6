"""Notes on a period's figures below the floor plan."""

from __future__ import annotations

from dataclasses import replace

from analytics.domain.floor_plan import FloorGeometry
from app.floor_plan.floor_map import FloorResults
from app.gui.floor_plan.text import describe_note


def test_a_note_without_a_peak_gives_the_mean_only() -> None:
    results = FloorResults((0.0, 40.0), (0.0, 40.0), FloorGeometry(), mean_people=5.64)
    assert describe_note(results) == "5.6 people on average"
    short = replace(results, peak_people=5.0)
    assert describe_note(short) == "5.6 people on average", "no peak is below the mean"
    busy = replace(results, peak_people=9.0)
    assert describe_note(busy) == "5.6 people on average, 9 at most"
