"""What is said below the floor plan of a period's figures."""

from __future__ import annotations

from dataclasses import replace

from analytics.domain.floor_plan import FloorGeometry
from app.floor_plan.compute_views import HeatmapView
from app.gui.floor_plan.text import describe_note


def test_a_period_without_a_whole_minute_has_a_mean_alone() -> None:
    view = HeatmapView((0.0, 40.0), (0.0, 40.0), FloorGeometry(), mean_people=5.64)
    assert describe_note(view, time_zone="UTC") == "5.6 people on average"
    busy = replace(view, peak_people=9.0)
    assert describe_note(busy, time_zone="UTC") == "5.6 people on average, 9.0 at most"
