from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.results.day_quality import Cause, DayQuality, Loss
from app.core.document import Venue
from app.dwell.dwell_figures import DwellAnalysis
from app.facts.period_export import export_period
from app.gui.dwell.dwell_tiles import describe_tiles
from app.gui.dwell.model import DwellDashboardViewModel
from app.gui.dwell.page import DURATIONS, HOURS, DwellDashboardView
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import ABSENT, format_duration, format_number
from tests.support.halls.known_history import FIRST, SECOND


def test_tiles_match_the_exported_summary(
    second: DwellDashboardView, state: AppState, venue: Venue, tmp_path: Path
) -> None:
    state.select_zone("stand")
    exported = export_period(venue=venue, start_utc_s=SECOND[0], end_utc_s=SECOND[1], out_folder=tmp_path)
    summary = exported.summary["zones"]["stand"]  # type: ignore[index]
    low, high = summary["mean_dwell_interval_s"]
    visits, people, mean, median, person_seconds = [tile.value for tile in second.durations.tiles]
    assert visits == format_number(summary["visits"])
    assert mean == format_duration(summary["mean_dwell_s"])
    assert median == format_duration(summary["median_dwell_s"])
    assert person_seconds == format_number(summary["person_seconds"])
    assert 0 < float(people) < 10
    assert format_duration(low) in second.durations.tiles[2].detail
    assert format_duration(high) in second.durations.tiles[2].detail


def test_changes_are_relative_to_the_previous_period(
    second: DwellDashboardView, expected: DwellAnalysis
) -> None:
    now, then = expected.zones[None].figures.visits.value, expected.previous[None].visits.value
    assert now is not None
    assert then is not None
    share = 100 * (now / then - 1)
    assert second.durations.tiles[0].change == f"▲ {share:.1f} % more"
    assert "2026-03-14 17:00–17:30" in second.durations.tiles[0].toolTip()


def test_the_first_period_has_no_change(second: DwellDashboardView, state: AppState) -> None:
    state.set_period(FIRST)
    assert [tile.change for tile in second.durations.tiles] == [""] * 5
    assert second.durations.tiles[0].value != ABSENT
    assert "not observed" in second.durations.tiles[0].toolTip()


def test_choosing_a_zone_applies_to_the_window(second: DwellDashboardView, state: AppState) -> None:
    all_visits = second.durations.tiles[0].value
    second.zone_choice.setCurrentIndex(second.zone_choice.findData("front row"))
    second.zone_choice.activated.emit(second.zone_choice.currentIndex())
    assert state.zone_selected == "front row"
    assert int(second.durations.tiles[0].value) < int(all_visits)
    assert second.hours.occupancy.series == (), "what nobody looks at is not drawn"
    second.tabs.choose_tab(HOURS)
    assert [series.zone for series in second.hours.occupancy.series] == ["front row"]
    second.tabs.choose_tab(DURATIONS)
    state.select_zone(None)
    assert second.zone_choice.currentText() == "All zones"
    assert second.durations.tiles[0].value == all_visits


def test_a_zone_of_another_layout_is_reported_missing(second: DwellDashboardView, state: AppState) -> None:
    state.select_zone("moon base")
    assert "moon base" in second.empty_text.text()
    assert second.zone_choice.currentText() == "moon base"


def test_a_camera_that_counts_too_few_marks_the_people_and_nothing_else(
    second: DwellDashboardView,
    viewmodel: DwellDashboardViewModel,
    analyses: dict[object, DwellAnalysis],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = [tile.value for tile in second.durations.tiles]
    quality = DayQuality((Loss(Cause.SEATS, 0.25, ("north",)),))
    monkeypatch.setitem(analyses, SECOND, replace(analyses[SECOND], quality=quality))
    viewmodel.compute()
    marked = [tile for tile, value in zip(second.durations.tiles, before, strict=True) if tile.value != value]
    assert [tile.value for tile in marked] == [f"≈ {before[1]}", f"≈ {before[4]}"]
    told = "25 % of the people in view of north were not counted"
    assert all(told in text.definition for text in describe_tiles(viewmodel.state) if "≈" in text.value)


def test_a_short_period_has_its_own_interval(second: DwellDashboardView, state: AppState) -> None:
    assert "likely" in second.durations.tiles[2].detail
    state.set_period((SECOND[0], SECOND[0] + 600.0))
    assert second.durations.tiles[2].value != ABSENT
    assert "likely" in second.durations.tiles[2].detail
